//! `automaster compare A B`: two files side by side.

use super::args::CompareArgs;
use super::failure::Failure;
use super::guard;
use super::session::Session;
use automaster::job;
use automaster::report::{Comparison, Source, text};

/// Runs the command.
pub(super) fn run(args: &CompareArgs, session: &Session) -> Result<(), Failure> {
    guard::inputs([args.a.as_path(), args.b.as_path()])?;
    let measure = |file| session.work(|progress| job::load_reference(file, progress)).map(|song| Source::from(&song));
    let comparison = Comparison::new(measure(&args.a)?, measure(&args.b)?);
    session.show(&comparison, |look| text::comparison(&comparison, look))
}
