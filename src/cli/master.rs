//! `automaster MIX`: listen, aim, propose, render, report.

use super::args::MasterArgs;
use super::failure::Failure;
use super::session::Session;
use super::suggest::{order, propose};
use super::{guard, reports};
use automaster::audio::format::Container;
use automaster::job::{self, Progress, Song};
use automaster::plan::Plan;
use automaster::report::text;
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &MasterArgs, session: &Session) -> Result<(), Failure> {
    let Some(mix) = args.mix.as_deref() else {
        return Err(Failure::usage("no mix is given", "automaster MIX, or automaster MIX --ref REFERENCE; --help tells more"));
    };
    let order = order(&args.order)?;
    let aims = order.aims()?;
    let destination = args.output.destination(mix, Container::Wav)?;
    let wishes = order.wishes(destination.container)?;
    if !args.dry_run {
        let read: Vec<&Path> = std::iter::once(mix).chain(order.files()).collect();
        guard::outputs(&destination.files(), &read, args.output.overwrite)?;
    }
    let instructions = order.instructions()?;
    let mut proposal = propose(mix, &aims, wishes, instructions.as_deref(), session)?;
    if args.dry_run {
        let report = proposal.report(None);
        session.show(&report, |look| text::summary(&report, look))?;
        return session.say(|| "\nnothing was written (--dry-run)\n".to_owned());
    }
    let overwrite = args.output.overwrite;
    let render = |progress: &Progress, mix: &Song, plan: &Plan| job::render(mix, plan, &destination.master, overwrite, progress);
    let master = session.work(|progress| proposal.render(|mix, plan| render(progress, mix, plan)))?;
    session.warn_master(&master);
    let report = proposal.report(Some(&master));
    reports::write(&report, &destination.reports, args.output.overwrite)?;
    session.show(&report, |look| text::summary(&report, look))?;
    session.say(|| reports::places(&destination.reports))
}
