//! `automaster review MIX --ref …`: the page, until it is closed.

use super::args::ReviewArgs;
use super::failure::Failure;
use super::output::{self, check_words};
use super::render::read_plan;
use super::session::Session;
use super::suggest::order;
use super::{guard, reports, terminal};
use automaster::audio::format::Container;
use automaster::error::exit;
use automaster::order::Order;
use automaster::review::{Review, ReviewError, serve};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the command.
pub(super) fn run(args: &ReviewArgs, session: &Session) -> Result<(), Failure> {
    let plan = args.plan.as_deref().map(read_plan).transpose()?;
    let order = order(&args.order)?;
    if let Some(option) = plan.as_ref().and_then(|_| said_beside_a_plan(&order)) {
        let what = format!("{option}: --plan says already what is done");
        return Err(Failure::usage(what, "change it on the page, or leave --plan out"));
    }
    let aims = order.aims()?;
    let references = aims.files();
    let destination = args.output.destination(&args.mix, plan.as_ref().map_or(Container::Wav, |p| p.delivery.container))?;
    let wishes = order.wishes(destination.container)?;
    check_words(&destination, plan.as_ref().map(|p| p.delivery.sample_format).or(wishes.sample_format))?;
    let plan_file = args.save_plan.clone().unwrap_or_else(|| output::reviewed_plan_path(&args.mix));
    let read: Vec<&Path> = std::iter::once(args.mix.as_path()).chain(order.files()).chain(args.plan.as_deref()).collect();
    let mut files = destination.files();
    files.push(&plan_file);
    guard::outputs(&files, &read, args.output.overwrite)?;
    guard::inputs(std::iter::once(args.mix.as_path()).chain(references.iter().map(PathBuf::as_path)))?;
    let instructions = order.instructions()?;
    let report_files = destination.reports.clone();
    let container = destination.container;
    let overwrite = args.output.overwrite;
    let quiet = session.is_quiet();
    // What this session has written itself it may replace.
    let (plan_is_ours, reports_are_ours) = (AtomicBool::new(false), AtomicBool::new(false));
    let review = Review {
        mix: args.mix.clone(),
        aims,
        wishes,
        instructions,
        plan: plan.map(|mut plan| {
            plan.delivery.container = container;
            plan
        }),
        output: destination.master,
        plan_file,
        overwrite: args.output.overwrite,
        threads: session.threads(),
        warn: Box::new(move |text| {
            if !quiet {
                terminal::complain("warning", text);
            }
        }),
        write: Box::new(move |path, text| {
            let written = reports::write_text(path, text, overwrite || plan_is_ours.load(Ordering::Relaxed));
            written.map(|()| plan_is_ours.store(true, Ordering::Relaxed)).map_err(|failure| failure.words())
        }),
        write_reports: Box::new(move |report| {
            let written = reports::write(report, &report_files, overwrite || reports_are_ours.load(Ordering::Relaxed));
            written.map(|()| reports_are_ours.store(true, Ordering::Relaxed)).map_err(|failure| failure.words())
        }),
    };
    let opened = |address: &str| {
        // The address is the result of this command: it is printed even where the program is to be quiet.
        let _ = terminal::print(&format!("review at {address}\nclose the page or press Ctrl-C to end\n"));
        if !args.no_open && open::that_detached(address).is_err() {
            session.warn("no browser could be opened: open the address by hand");
        }
    };
    serve(review, session.stop(), opened).map_err(|error| match error {
        ReviewError::Job(error) => Failure::Job(error),
        other => Failure::Told { code: exit::UNEXPECTED, what: other.to_string(), hint: None },
    })
}

/// The first option that says what to do or what to deliver: where a plan is given, that says it. What the plan is compared with
/// may be said all the same.
fn said_beside_a_plan(order: &Order) -> Option<&'static str> {
    let nothing = Order::default();
    let said = [
        ("--for", order.place.is_some()),
        ("--loudness", order.loudness_lufs.is_some()),
        ("--ceiling", order.ceiling_dbtp.is_some()),
        ("--bits", order.sample_format.is_some()),
        ("--dither", order.dither.is_some()),
        ("--rate", order.sample_rate_hz.is_some()),
        ("--set", !order.fixed.is_empty()),
        ("--force-loudness", order.force_loudness),
        ("--engine", order.engine != nothing.engine),
        ("--instructions", order.instructions.is_some()),
    ];
    said.into_iter().find(|(_, is_said)| *is_said).map(|(option, _)| option)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_plan_says_already_is_not_said_twice() {
        let order = |fields: serde_json::Value| {
            let mut order = Order::default();
            for (name, value) in fields.as_object().unwrap() {
                assert!(order.take(name, value, &|path| path.into()).unwrap(), "{name}");
            }
            order
        };
        let compared = json!({ "ref": "a.flac", "match": "tone,width", "amount": 50, "tone_amount": 20 });
        assert_eq!(said_beside_a_plan(&order(compared)), None);
        assert_eq!(said_beside_a_plan(&order(json!({ "genre": "rock" }))), None);
        for (name, value) in [
            ("for", json!("spotify")),
            ("loudness", json!(-9)),
            ("ceiling", json!(-2)),
            ("bits", json!("16")),
            ("dither", json!("none")),
            ("rate", json!(48_000)),
            ("set", json!("limiter.release_ms=80")),
            ("force-loudness", json!(true)),
            ("engine", json!("learned")),
            ("instructions", json!("words.txt")),
        ] {
            assert_eq!(said_beside_a_plan(&order(json!({ name: value }))), Some(&*format!("--{name}")), "{name}");
        }
    }
}
