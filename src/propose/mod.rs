//! Judgment: rules or the inverse chain model propose, refinement corrects.
//!
//! `mix, target ─▶ traits ─ wishes, restraint ─▶ aim ─ rules, model ─▶ first proposal ─ audition, measure, correct (a few rounds) ─▶ plan`
//! `first proposal with feature groups set on target ─▶ what each group contributes, and what would be without it`
//!
//! Everything here works on figures; audio is touched only through [`Audition`], which is handed in.

mod aim;
mod decisions;
mod excerpts;
mod explain;
mod first;
pub mod inverse;
mod lesson;
mod reach;
mod refine;
mod restraint;
mod ride;
mod rules;
mod slope;
mod traits;
mod wishes;

pub(crate) use aim::LARGEST_SPREAD_DB;
pub use excerpts::excerpt_rows;
pub use explain::{FeatureGroup, groups};
pub use lesson::{Lesson, lesson};
pub use wishes::{Engine, Wishes};

use crate::analysis::Timeline;
use crate::chain::{ChainSettings, Stage};
use crate::inference::ModelError;
use crate::plan::{Concession, Decision};
use crate::render::Audition;
use crate::target::Target;
use aim::Aim;
use first::Proposer;
use refine::Refinement;
use ride::Ride;

/// What was proposed.
pub struct Proposal {
    /// Settings of the whole chain.
    pub chain: ChainSettings,
    /// The loudness to promise.
    pub loudness_lufs: f64,
    /// Why.
    pub decisions: Vec<Decision>,
    /// What was aimed for and left on purpose.
    pub concessions: Vec<Concession>,
}

/// Proposes settings that bring the mix close to the target, as far as the wishes ask for and mastering should go.
///
/// `mix` is the timeline of the whole mix, `audition` renders its excerpts (the rows of [`excerpt_rows`]).
/// Errors: the engine is to be the learned one, and its model is missing, damaged, of another version, or failed.
pub fn propose(mix: &Timeline, target: &Target, wishes: &Wishes, audition: &dyn Audition) -> Result<Proposal, ModelError> {
    let analysis = mix.analysis();
    let aim = Aim::new(&analysis, target, wishes);
    let mut proposer = Proposer::new(wishes.engine)?;
    let ride = Ride::new(mix, analysis.loudness.integrated_lufs);
    let first = proposer.first(&analysis, &ride, (&aim, wishes))?;
    let refined = Refinement::new((&aim, wishes), &ride, audition).run(first.chain.clone());
    let mut decisions = decisions::of(&analysis, target, &aim, (&first, &refined), wishes);
    let case = explain::Case { analysis: &analysis, ride: &ride, target, wishes };
    explain::explain(&mut decisions, &mut proposer, &first, &refined, &case)?;
    let (loudness_lufs, concessions) = (refined.loudness_lufs, refined.concessions);
    Ok(Proposal { loudness_lufs, decisions, concessions, chain: refined.chain })
}

/// Puts the settings that a person fixed into the chain.
fn apply_fixed(chain: &mut ChainSettings, wishes: &Wishes) {
    for (id, value) in &wishes.fixed {
        // Checked when the wishes were made; an unknown id changes nothing.
        let _ = chain.set(id, *value);
    }
}

/// Whether a person fixed any setting of this stage.
fn fixed_by_person(wishes: &Wishes, stage: Stage) -> bool {
    wishes.fixed.iter().any(|(id, _)| id.split('.').next() == Some(stage.name()))
}
