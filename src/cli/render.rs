//! `automaster render MIX --plan PLAN`: a plan as it is, rendered and measured.

use super::args::RenderArgs;
use super::failure::Failure;
use super::output::check_words;
use super::session::Session;
use super::{guard, reports};
use automaster::error::Error;
use automaster::job;
use automaster::plan::Plan;
use automaster::report::text;
use automaster::report::{Outcome, Report, Source, wording};
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &RenderArgs, session: &Session) -> Result<(), Failure> {
    let mut plan = read_plan(&args.plan)?;
    let destination = args.output.destination(&args.mix, plan.delivery.container)?;
    plan.delivery.container = destination.container;
    check_words(&destination, Some(plan.delivery.sample_format))?;
    guard::outputs(&destination.files(), &[&args.mix, &args.plan], args.output.overwrite)?;
    guard::inputs([args.mix.as_path()])?;
    let mix = session.work(|progress| job::load_mix(&args.mix, progress))?;
    let source = Source::from(&mix);
    session.warn_of([&source]);
    if let Some(difference) = plan.mix.difference(&mix.identity()) {
        session.warn(&format!("{} was made for another mix: {difference}", args.plan.display()));
    }
    let plan = plan.taken_over(mix.identity());
    session.warn_idle(&args.mix, mix.info.channels, &plan.chain);
    let master = session.work(|progress| job::render(&mix, &plan, &destination.master, args.output.overwrite, progress))?;
    session.warn_master(&master);
    wording::overruled(&plan, &master).iter().for_each(|line| session.warn(line));
    let report = Report::new(Outcome {
        mix: source,
        references: Vec::new(),
        target: None,
        wishes: None,
        plan: &plan,
        master: Some(&master),
    });
    reports::write(&report, &destination.reports, args.output.overwrite)?;
    session.show(&report, |look| text::summary(&report, look))?;
    session.say(|| reports::places(&destination.reports))
}

pub(super) fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::input(path, format!("the plan cannot be read: {error}")))?;
    Plan::from_toml(&text).map_err(|source| Error::Plan { path: path.to_owned(), source }.into())
}
