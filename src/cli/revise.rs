//! `automaster revise PLAN "WORDS"` and `automaster words`: feedback in words, as changes of a plan.

use super::args::{ReviseArgs, TableArgs};
use super::failure::Failure;
use super::render::read_plan;
use super::session::Session;
use super::{guard, reports, terminal};
use automaster::report::words;
use automaster::words::revise;

/// Runs `revise`.
pub(super) fn run(args: &ReviseArgs, session: &Session) -> Result<(), Failure> {
    let output = args.output.clone().unwrap_or_else(|| args.plan.with_extension("revised.toml"));
    if !args.dry_run {
        guard::outputs(&[&output], &[&args.plan], args.overwrite)?;
    }
    let plan = read_plan(&args.plan)?;
    let hint = "`automaster words` lists the vocabulary";
    let revision = revise(&plan, &args.words.join(" ")).map_err(|error| Failure::usage(error.to_string(), hint))?;
    if !args.dry_run {
        let dated = revision.plan.clone().dated_from(plan.history.len(), args.when.as_deref());
        let text = dated.to_toml().map_err(|error| Failure::unexpected(&output, error))?;
        reports::write_text(&output, &text, args.overwrite)?;
    }
    session.show(&revision.effects, |_| words::revision(&revision))?;
    session.say(|| match args.dry_run {
        true => "\nnothing was written (--dry-run)\n".to_owned(),
        false => format!("\nplan   {}\n", output.display()),
    })
}

/// Runs `words`.
pub(super) fn words(args: &TableArgs, session: &Session) -> Result<(), Failure> {
    terminal::print(&match (session.json, args.markdown) {
        (true, _) => words::vocabulary_json()?,
        (_, true) => words::vocabulary_markdown(),
        _ => words::vocabulary_text(),
    })
}
