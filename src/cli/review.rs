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
use automaster::review::{Review, ReviewError, serve};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the command.
pub(super) fn run(args: &ReviewArgs, session: &Session) -> Result<(), Failure> {
    let plan = args.plan.as_deref().map(read_plan).transpose()?;
    let order = order(&args.order)?;
    let aims = order.aims()?;
    let references = aims.files();
    let destination = args.output.destination(&args.mix, plan.as_ref().map_or(Container::Wav, |p| p.delivery.container))?;
    let wishes = order.wishes(destination.container)?;
    check_words(&destination, plan.as_ref().map(|p| p.delivery.sample_format).or(wishes.sample_format))?;
    let plan_file = args.save_plan.clone().unwrap_or_else(|| output::reviewed_plan_path(&args.mix));
    let read: Vec<&Path> =
        std::iter::once(args.mix.as_path()).chain(references.iter().map(PathBuf::as_path)).chain(args.plan.as_deref()).collect();
    let mut files = destination.files();
    files.push(&plan_file);
    guard::outputs(&files, &read, args.output.overwrite)?;
    guard::inputs(std::iter::once(args.mix.as_path()).chain(references.iter().map(PathBuf::as_path)))?;
    let instructions = order.instructions()?;
    let report_files = destination.reports.clone();
    let container = destination.container;
    let overwrite = args.output.overwrite;
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
