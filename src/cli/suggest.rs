//! `automaster suggest`: listen, aim, propose; the plan to a file.

use super::args::{OrderArgs, SuggestArgs};
use super::failure::Failure;
use super::session::Session;
use super::{guard, output, reports};
use automaster::audio::format::Container;
use automaster::job::{Aims, Wishes};
use automaster::order::{Order, Proposal};
use automaster::report::text;
use std::path::{Path, PathBuf};

/// The order that a command line is.
pub(super) fn order(args: &OrderArgs) -> Result<Order, Failure> {
    let mut order = Order::default();
    args.aims.apply(&mut order);
    args.sound.apply(&mut order)?;
    args.delivery.apply(&mut order)?;
    Ok(order)
}

/// Listens and proposes. Errors: a file cannot be read; a model cannot be used; interrupted.
pub(super) fn propose(
    mix: &Path,
    aims: &Aims,
    wishes: Wishes,
    instructions: Option<&str>,
    session: &Session,
) -> Result<Proposal, Failure> {
    let files = aims.files();
    guard::inputs(std::iter::once(mix).chain(files.iter().map(PathBuf::as_path)))?;
    let proposal = session.work(|progress| Proposal::listen(mix, aims, wishes, instructions, progress))?;
    session.warn_of(std::iter::once(&proposal.heard).chain(&proposal.references));
    session.warn_idle(mix, proposal.heard.analysis.channels, &proposal.plan.chain);
    Ok(proposal)
}

/// Runs the command.
pub(super) fn run(args: &SuggestArgs, session: &Session) -> Result<(), Failure> {
    let order = order(&args.order)?;
    let (aims, wishes) = (order.aims()?, order.wishes(Container::Wav)?);
    let path = output::plan_path(args.output.as_deref(), &args.mix);
    if !args.dry_run {
        let read: Vec<&Path> = std::iter::once(args.mix.as_path()).chain(order.files()).collect();
        guard::outputs(&[&path], &read, args.overwrite)?;
    }
    let instructions = order.instructions()?;
    let mut proposal = propose(&args.mix, &aims, wishes, instructions.as_deref(), session)?;
    proposal.plan = proposal.plan.dated_from(0, args.when.as_deref());
    if !args.dry_run {
        let text = proposal.plan.to_toml().map_err(|error| Failure::unexpected(&path, error))?;
        reports::write_text(&path, &text, args.overwrite)?;
    }
    let report = proposal.report(None);
    session.show(&report, |look| text::summary(&report, look))?;
    if args.dry_run {
        return session.say(|| "\nnothing was written (--dry-run)\n".to_owned());
    }
    session.say(|| format!("\nplan   {}\n", path.display()))
}
