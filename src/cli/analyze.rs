//! `automaster analyze FILE…`: what files measure.

use super::args::AnalyzeArgs;
use super::failure::Failure;
use super::guard;
use super::session::Session;
use automaster::job;
use automaster::report::{Source, text};
use std::path::PathBuf;

/// Runs the command.
pub(super) fn run(args: &AnalyzeArgs, session: &Session) -> Result<(), Failure> {
    guard::inputs(args.files.iter().map(PathBuf::as_path))?;
    let mut sources = Vec::new();
    for file in &args.files {
        sources.push(Source::from(&session.work(|progress| job::load_reference(file, progress))?));
    }
    let text = |look| sources.iter().map(|s| text::source(s, look)).collect::<Vec<_>>().join("\n");
    session.show(&sources, text)
}
