//! `automaster suggest`: listen, aim, propose; the plan to a file.

use super::args::SuggestArgs;
use super::failure::Failure;
use super::references::{ReferenceArg, required};
use super::session::Session;
use super::{guard, output, reports};
use automaster::audio::format::Container;
use automaster::error::Error;
use automaster::job::{self, Song, Wishes};
use automaster::plan::Plan;
use automaster::render::Master;
use automaster::report::text;
use automaster::report::{Outcome, Report, Source};
use automaster::target::Target;
use std::path::{Path, PathBuf};

/// A mix that was heard, with what is proposed for it.
pub(super) struct Proposal {
    /// The mix.
    pub(super) mix: Song,
    /// The plan.
    pub(super) plan: Plan,
    references: Vec<Source>,
    target: Target,
    wishes: Wishes,
}

impl Proposal {
    /// Listens to mix and references and proposes. Errors: a file cannot be read; interrupted.
    pub(super) fn new(mix: &Path, references: &[ReferenceArg], wishes: Wishes, session: &Session) -> Result<Self, Failure> {
        let paths: Vec<PathBuf> = references.iter().map(|r| r.path.clone()).collect();
        guard::inputs(std::iter::once(mix).chain(paths.iter().map(PathBuf::as_path)))?;
        session
            .work(|progress| {
                let (mix, songs) = job::listen(mix, &paths, progress)?;
                let sources = songs.iter().map(Source::from).collect();
                let weighted: Vec<(Song, f64)> = songs.into_iter().zip(references).map(|(song, r)| (song, r.weight)).collect();
                let target = job::aim(&weighted);
                let plan = target.as_ref().map(|target| job::suggest(&mix, target, &wishes, progress)).transpose()?;
                Ok::<_, Error>(target.zip(plan).map(|(target, plan)| Self { mix, plan, references: sources, target, wishes }))
            })?
            .ok_or_else(|| Failure::usage("no reference is given", "add --ref FILE"))
    }

    /// The report, with a master where there is one.
    pub(super) fn report(&self, master: Option<&Master>) -> Report {
        Report::new(Outcome {
            mix: Source::from(&self.mix),
            references: self.references.clone(),
            target: Some(&self.target),
            wishes: Some(&self.wishes),
            plan: &self.plan,
            master,
        })
    }
}

/// Runs the command.
pub(super) fn run(args: &SuggestArgs, session: &Session) -> Result<(), Failure> {
    let references = required(&args.references.references)?;
    let mut wishes = Wishes { container: Container::Wav, ..Wishes::default() };
    args.sound.apply(&mut wishes)?;
    args.delivery.apply(&mut wishes)?;
    let path = output::plan_path(args.output.as_deref(), &args.mix);
    if !args.dry_run {
        let read: Vec<&Path> = std::iter::once(args.mix.as_path()).chain(references.iter().map(|r| r.path.as_path())).collect();
        guard::outputs(&[&path], &read, args.overwrite)?;
    }
    let proposal = Proposal::new(&args.mix, references, wishes, session)?;
    if !args.dry_run {
        let text = proposal.plan.to_toml().map_err(|error| Failure::unexpected(&path, error))?;
        reports::write_text(&path, &text)?;
    }
    let report = proposal.report(None);
    session.show(&report, |look| text::summary(&report, look))?;
    if args.dry_run {
        return session.say(|| "\nnothing was written (--dry-run)\n".to_owned());
    }
    session.say(|| format!("\nplan   {}\n", path.display()))
}
