//! automaster as a library: masters without a reference, and parts of the engine alone, for comparison.

use anyhow::{Context, Result};
use automaster::analysis::Analysis;
use automaster::genre::{Genre, GenreWeights};
use automaster::job::{self, Engine, Progress, Wishes};
use automaster::target::Target;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What a master is aimed at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal<'a> {
    /// A record.
    Record(&'a Path),
    /// What is expected of a genre given the mix.
    Genre(Genre),
    /// The mean of all masters learned from, whatever genre and mix.
    Corpus,
}

impl Goal<'_> {
    fn target(self, mix: &Analysis, progress: &Progress) -> Result<Target> {
        Ok(match self {
            Self::Record(path) => {
                job::aim([(&job::load_reference(path, progress)?, 1.0)].into_iter()).context("a reference gives a target")?
            }
            Self::Genre(genre) => Target::of_genre(mix, &GenreWeights::only(genre)),
            Self::Corpus => Target::of_corpus(mix),
        })
    }
}

/// An engine that hears its excerpts so many times.
pub(crate) fn rounds(engine: Engine, rounds: usize) -> Wishes {
    Wishes { engine, rounds: Some(rounds), ..Wishes::default() }
}

/// Masters `mix` to `out`, which must not exist, on one thread.
pub(crate) fn master(mix: &Path, goal: Goal, wishes: &Wishes, out: &Path) -> Result<()> {
    let (tell, stop) = (|_, _| {}, AtomicBool::new(false));
    let progress = Progress { tell: &tell, stop: &stop, threads: 1 };
    let mix = job::load_mix(mix, &progress)?;
    let target = goal.target(&mix.analysis, &progress)?;
    let mut plan = job::suggest(&mix, &target, wishes, &progress)?;
    if wishes.rounds == Some(0) {
        // Nothing was tried out, so nothing can be promised of the loudness.
        plan.delivery.loudness_lufs = None;
    }
    job::render(&mix, &plan, out, false, &progress)?;
    Ok(())
}
