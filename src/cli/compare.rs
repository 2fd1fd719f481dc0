//! `automaster compare A B`: two files of music, two plans or two reports side by side.

use super::args::CompareArgs;
use super::failure::Failure;
use super::guard;
use super::render::read_plan;
use super::session::Session;
use automaster::audio::format::Container;
use automaster::job::{self, Song};
use automaster::plan::Plan;
use automaster::report::plans::{PlanComparison, plans};
use automaster::report::{Comparison, REPORT_VERSION, Report, Source, text};
use std::path::Path;

/// Runs the command.
pub(super) fn run(args: &CompareArgs, session: &Session) -> Result<(), Failure> {
    match (Kind::of(&args.a), Kind::of(&args.b)) {
        (Kind::Plan, Kind::Plan) => of_plans(args, session),
        (a, b) if a != b => Err(Failure::usage(
            "only two of a kind can be compared",
            "give two plans (.toml), two reports (.json), or two files of music",
        )),
        _ if args.mix.is_some() => Err(Failure::usage("--mix is for two plans", "give two plans, or leave --mix out")),
        (Kind::Report, _) => of_reports(args, session),
        _ => of_music(args, session),
    }
}

/// What a file holds, by its name.
#[derive(PartialEq)]
enum Kind {
    Plan,
    Report,
    Music,
}

impl Kind {
    fn of(file: &Path) -> Self {
        let is = |name: &str| file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(name));
        match () {
            () if is("toml") => Self::Plan,
            () if is("json") => Self::Report,
            () => Self::Music,
        }
    }
}

/// Two jobs: their plans, and what they measured when they were reported.
fn of_reports(args: &CompareArgs, session: &Session) -> Result<(), Failure> {
    let (a, b) = (read_report(&args.a)?, read_report(&args.b)?);
    let name = |file: &Path| file.display().to_string();
    let measured = Comparison::new(a.result(), b.result());
    let (a_plan, b_plan) = (a.plan.plan(), b.plan.plan());
    let comparison = PlanComparison::new((&name(&args.a), &a_plan), (&name(&args.b), &b_plan), Some(measured));
    session.show(&comparison, |look| plans(&comparison, look))
}

fn read_report(path: &Path) -> Result<Report, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::input(path, format!("the report cannot be read: {error}")))?;
    let report: Report =
        serde_json::from_str(&text).map_err(|error| Failure::input(path, format!("this is no report of automaster: {error}")))?;
    match report.schema_version {
        REPORT_VERSION => Ok(report),
        other => {
            Err(Failure::input(path, format!("the report has version {other}; this program reads version {REPORT_VERSION}")))
        }
    }
}

fn of_music(args: &CompareArgs, session: &Session) -> Result<(), Failure> {
    guard::measured([args.a.as_path(), args.b.as_path()], args.keep_truncated)?;
    let load = if args.keep_truncated { job::measure } else { job::load_reference };
    let measure = |file| session.work(|progress| load(file, progress)).map(|song| Source::from(&song));
    let comparison = Comparison::new(measure(&args.a)?, measure(&args.b)?);
    session.warn_of([&comparison.a, &comparison.b]);
    session.show(&comparison, |look| text::comparison(&comparison, look))
}

fn of_plans(args: &CompareArgs, session: &Session) -> Result<(), Failure> {
    let (a, b) = (read_plan(&args.a)?, read_plan(&args.b)?);
    let name = |file: &Path| file.display().to_string();
    let (a_name, b_name) = (name(&args.a), name(&args.b));
    let measured = match &args.mix {
        None => None,
        Some(mix) => {
            guard::inputs([mix.as_path()])?;
            let mix = session.work(|progress| job::load_mix(mix, progress))?;
            Some(Comparison::new(master(&mix, &a, a_name.clone(), session)?, master(&mix, &b, b_name.clone(), session)?))
        }
    };
    let comparison = PlanComparison::new((&a_name, &a), (&b_name, &b), measured);
    session.show(&comparison, |look| plans(&comparison, look))
}

/// What a plan's master measures; it is rendered where nobody sees it.
fn master(mix: &Song, plan: &Plan, name: String, session: &Session) -> Result<Source, Failure> {
    let unexpected = |error| Failure::unexpected(&std::env::temp_dir(), error);
    let folder = tempfile::Builder::new().prefix("automaster-").tempdir().map_err(unexpected)?;
    let file = folder.path().join(match plan.delivery.container {
        Container::Wav => "master.wav",
        Container::Flac => "master.flac",
    });
    let song = session.work(|progress| {
        job::render(mix, plan, &file, false, progress)?;
        job::load_reference(&file, progress)
    })?;
    Ok(Source { file: name, ..Source::from(&song) })
}
