//! `automaster MIX`: listen, aim, propose, render, report.

use super::args::MasterArgs;
use super::failure::Failure;
use super::output::Destination;
use super::session::Session;
use super::suggest::Proposal;
use super::{aims, guard, reports};
use automaster::audio::format::Container;
use automaster::job::{self, Wishes};
use automaster::report::text;
use std::path::{Path, PathBuf};

/// Runs the command.
pub(super) fn run(args: &MasterArgs, session: &Session) -> Result<(), Failure> {
    let Some(mix) = args.mix.as_deref() else {
        return Err(Failure::usage("no mix is given", "automaster MIX, or automaster MIX --ref REFERENCE; --help tells more"));
    };
    let aims = aims::of(&args.aims)?;
    let destination = Destination::new(&args.output, mix, Container::Wav)?;
    let mut wishes = Wishes { container: destination.container, ..Wishes::default() };
    args.sound.apply(&mut wishes)?;
    args.delivery.apply(&mut wishes)?;
    destination.check_words(wishes.sample_format)?;
    if !args.dry_run {
        let references = aims.files();
        let read: Vec<&Path> = std::iter::once(mix).chain(references.iter().map(PathBuf::as_path)).collect();
        guard::outputs(&destination.files(), &read, args.output.overwrite)?;
    }
    let instructions = args.sound.instructions()?;
    let proposal = Proposal::new(mix, &aims, wishes, instructions.as_deref(), session)?;
    if args.dry_run {
        let report = proposal.report(None);
        session.show(&report, |look| text::summary(&report, look))?;
        return session.say(|| "\nnothing was written (--dry-run)\n".to_owned());
    }
    let master = session
        .work(|progress| job::render(&proposal.mix, &proposal.plan, &destination.master, args.output.overwrite, progress))?;
    let report = proposal.report(Some(&master));
    reports::write(&report, &destination.reports, args.output.overwrite)?;
    session.show(&report, |look| text::summary(&report, look))?;
    session.say(|| reports::places(&destination.reports))
}
