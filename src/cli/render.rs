//! `automaster render MIX --plan PLAN`: a plan as it is, rendered and measured.

use super::args::RenderArgs;
use super::failure::Failure;
use super::output::check_words;
use super::session::Session;
use super::{guard, reports};
use automaster::error::Error;
use automaster::job::{self, Song};
use automaster::plan::Plan;
use automaster::report::text;
use automaster::report::{Outcome, Report, Source};
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
    if let Some(difference) = other_mix(&plan, &mix) {
        session.warn(&format!("{} was made for another mix: {difference}", args.plan.display()));
    }
    session.warn_idle(&args.mix, mix.info.channels, &plan.chain);
    let master = session.work(|progress| job::render(&mix, &plan, &destination.master, args.output.overwrite, progress))?;
    session.warn_master(&master);
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

/// In what the mix differs from the one that the plan was made for; a plan may serve an alternative version on purpose.
fn other_mix(plan: &Plan, mix: &Song) -> Option<String> {
    let made_for = &plan.mix;
    let compare = |what: &str, plan: u64, now: u64| (plan != now).then(|| format!("{what} {plan} there, {now} here"));
    compare("sample rate in Hz", made_for.sample_rate_hz.into(), mix.info.sample_rate_hz.into())
        .or_else(|| compare("channels", made_for.channels as u64, mix.info.channels as u64))
        .or_else(|| compare("length in frames", made_for.frames, mix.analysis.frames))
}
