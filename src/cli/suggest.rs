//! `automaster suggest`: listen, aim, propose; the plan to a file.

use super::args::SuggestArgs;
use super::failure::Failure;
use super::session::Session;
use super::{aims, guard, output, reports};
use automaster::audio::format::Container;
use automaster::genre::GenreWeights;
use automaster::job::{self, Aims, Song, Wishes};
use automaster::plan::Plan;
use automaster::render::Master;
use automaster::report::text;
use automaster::report::{Outcome, Report, Source};
use automaster::target::Target;
use automaster::words::instruct;
use std::path::{Path, PathBuf};

/// A mix that was heard, with what is proposed for it.
pub(super) struct Proposal {
    /// The mix.
    pub(super) mix: Song,
    /// The plan.
    pub(super) plan: Plan,
    recognised: Option<GenreWeights>,
    references: Vec<Source>,
    target: Target,
    wishes: Wishes,
}

impl Proposal {
    /// Listens to mix and references, proposes, and follows instructions. Errors: a file cannot be read; a model cannot be used;
    /// interrupted.
    pub(super) fn new(
        mix: &Path,
        aims: &Aims,
        wishes: Wishes,
        instructions: Option<&str>,
        session: &Session,
    ) -> Result<Self, Failure> {
        let files = aims.files();
        guard::inputs(std::iter::once(mix).chain(files.iter().map(PathBuf::as_path)))?;
        let mut proposal = session.work(|progress| {
            let (mix, songs) = job::listen(mix, &files, progress)?;
            let (target, recognised) = aims.target(&mix, &songs, progress)?;
            let references = songs.iter().map(Source::from).collect();
            let plan = job::suggest(&mix, &target, &wishes, progress)?;
            Ok(Self { mix, recognised, plan, references, target, wishes })
        })?;
        session.warn_of(std::iter::once(&Source::from(&proposal.mix)).chain(&proposal.references));
        if let Some(text) = instructions {
            let revision = instruct(&proposal.plan, text);
            proposal.plan = revision.map_err(|error| Failure::usage(error.to_string(), "see `automaster words`"))?.plan;
        }
        Ok(proposal)
    }

    /// The report, with a master where there is one.
    pub(super) fn report(&self, master: Option<&Master>) -> Report {
        let mix = Source::from(&self.mix);
        Report::new(Outcome {
            mix: match &self.recognised {
                Some(genres) => mix.recognised(genres),
                None => mix,
            },
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
    let aims = aims::of(&args.aims)?;
    let mut wishes = Wishes { container: Container::Wav, ..Wishes::default() };
    args.sound.apply(&mut wishes)?;
    args.delivery.apply(&mut wishes)?;
    let path = output::plan_path(args.output.as_deref(), &args.mix);
    if !args.dry_run {
        let references = aims.files();
        let read: Vec<&Path> = std::iter::once(args.mix.as_path()).chain(references.iter().map(PathBuf::as_path)).collect();
        guard::outputs(&[&path], &read, args.overwrite)?;
    }
    let instructions = args.sound.instructions()?;
    let mut proposal = Proposal::new(&args.mix, &aims, wishes, instructions.as_deref(), session)?;
    proposal.plan = proposal.plan.dated(args.when.as_deref());
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
