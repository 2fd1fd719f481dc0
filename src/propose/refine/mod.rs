//! Refinement: render the excerpts with the real chain, measure, correct, a bounded number of times.
//!
//! What the whole master will measure is predicted as `mix + (excerpts after − excerpts before)`, figure by figure; each
//! correction works on the difference between that prediction and the aim, and is silent inside the tolerance.

pub(super) mod dynamics;
mod hearing;
mod level;
mod tone;

use super::aim::Aim;
use super::inverse;
use super::{Wishes, apply_fixed};
use crate::analysis::Analysis;
use crate::chain::ChainSettings;
use crate::plan::Concession;
use crate::render::Audition;
use hearing::{Hearing, Prediction};

/// Most rounds of rendering and correcting, from rules and from the model.
const ROUNDS: usize = 4;
const ROUNDS_LEARNED: usize = 2;

/// What came out.
pub(super) struct Refined {
    /// The settings.
    pub(super) chain: ChainSettings,
    /// The settings before refinement.
    pub(super) start: ChainSettings,
    /// Whether the model had a say in them.
    pub(super) learned: bool,
    /// Loudness to promise.
    pub(super) loudness_lufs: f64,
    /// What was left on purpose.
    pub(super) concessions: Vec<Concession>,
}

/// One refinement.
pub(super) struct Refinement<'a> {
    analysis: &'a Analysis,
    aim: &'a Aim,
    wishes: &'a Wishes,
    audition: &'a dyn Audition,
    hearing: Hearing,
}

impl<'a> Refinement<'a> {
    /// Prepares to refine.
    pub(super) fn new(analysis: &'a Analysis, aim: &'a Aim, wishes: &'a Wishes, audition: &'a dyn Audition) -> Self {
        Self { analysis, aim, wishes, audition, hearing: Hearing::new(audition.original(), &aim.mix) }
    }

    /// Refines `start`, from what the model proposes where there is a model.
    pub(super) fn run(&self, mut start: ChainSettings, proposed: Option<&inverse::Proposal>) -> Refined {
        let mut chain = start.clone();
        let mut loudness = level::Level::new(self.aim, self.wishes);
        let untouched = Prediction::untouched(&self.aim.mix);
        // The first correction needs no audition: without processing, the prediction is the mix.
        self.correct(&mut chain, &untouched);
        if let Some(proposed) = proposed {
            proposed.apply(self.analysis, self.aim, self.wishes, &mut chain);
            apply_fixed(&mut chain, self.wishes);
            start = chain.clone();
        }
        let rounds = self.wishes.rounds.unwrap_or(if proposed.is_some() { ROUNDS_LEARNED } else { ROUNDS });
        for round in 1..=rounds {
            let predicted = self.hearing.predict(&self.audition.render(&chain));
            loudness.correct(&mut chain, &predicted, self.aim);
            let silent = round == rounds || !self.correct(&mut chain, &predicted);
            apply_fixed(&mut chain, self.wishes);
            if silent && loudness.settled(&predicted) {
                break;
            }
        }
        let concessions = loudness.concessions(self.aim);
        Refined { chain, start, learned: proposed.is_some(), loudness_lufs: loudness.goal_lufs, concessions }
    }

    /// One correction of everything; whether anything was corrected.
    fn correct(&self, chain: &mut ChainSettings, predicted: &Prediction) -> bool {
        let mut moved = tone::correct(chain, predicted, self.aim);
        moved |= dynamics::correct_range(&mut chain.leveler, predicted, self.aim);
        moved |= dynamics::correct_bands(chain, predicted, self.aim, self.analysis);
        apply_fixed(chain, self.wishes);
        moved
    }
}
