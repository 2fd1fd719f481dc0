//! Refinement: render the excerpts with the real chain, measure, correct, a bounded number of times.
//!
//! What the whole master will measure is predicted as `mix + (excerpts after − excerpts before)`, figure by figure; each
//! correction works on the difference between that prediction and the aim, and is silent inside the tolerance.

pub(super) mod bands;
mod hearing;
pub(super) mod level;
pub(super) mod range;
mod still;
pub(super) mod tone;

use super::aim::Aim;
use super::{Engine, Wishes, apply_fixed};
use crate::analysis::Analysis;
use crate::chain::ChainSettings;
use crate::plan::Concession;
use crate::render::Audition;
use hearing::{Hearing, Prediction};
use range::RangeHeard;

/// Most rounds of rendering and correcting, from rules and from the model.
const ROUNDS: usize = 2;
const ROUNDS_LEARNED: usize = 1;
/// Further rounds for the level alone, where it is far off: a loudness that is promised has to be reached.
const ROUNDS_FOR_LEVEL: usize = 2;

/// What came out.
pub(super) struct Refined {
    /// The settings.
    pub(super) chain: ChainSettings,
    /// The settings before refinement: the first proposal.
    pub(super) start: ChainSettings,
    /// Loudness to promise.
    pub(super) loudness_lufs: f64,
    /// What was left on purpose.
    pub(super) concessions: Vec<Concession>,
}

/// One refinement.
pub(super) struct Refinement<'a> {
    aim: &'a Aim,
    wishes: &'a Wishes,
    audition: &'a dyn Audition,
}

impl<'a> Refinement<'a> {
    /// Prepares to refine.
    pub(super) fn new(aim: &'a Aim, wishes: &'a Wishes, audition: &'a dyn Audition) -> Self {
        Self { aim, wishes, audition }
    }

    /// Refines a first proposal.
    pub(super) fn run(&self, start: ChainSettings) -> Refined {
        let mut chain = start.clone();
        let mut loudness = level::Level::new(self.aim, self.wishes);
        let rounds = self.wishes.rounds.unwrap_or(match self.wishes.engine {
            Engine::Rules => ROUNDS,
            Engine::Learned => ROUNDS_LEARNED,
        });
        let most = if rounds == 0 { 0 } else { rounds + ROUNDS_FOR_LEVEL };
        // Whether nothing but the level was changed since the audition before.
        let mut level_alone = false;
        let mut hearing = None;
        let mut range = Some(RangeHeard { kept_ratio: 1.0, lra_lu: self.aim.mix.lra_lu });
        for round in 1..=most {
            let rendered = self.audition.render(&chain);
            let hearing = hearing.get_or_insert_with(|| Hearing::new(self.audition.original(), &self.aim.mix));
            let predicted = hearing.predict(&rendered);
            let heard = chain.clone();
            loudness.correct(&mut chain, &predicted, self.aim, level_alone);
            let silent = round > rounds || !correct(&mut chain, &mut range, &predicted, (self.aim, self.wishes));
            if !silent {
                keep_loudness(&mut chain, &heard, self.aim);
            }
            apply_fixed(&mut chain, self.wishes);
            if round == most && loudness.concede(&predicted) {
                chain = heard;
            }
            if (silent && loudness.settled(&predicted)) || (round >= rounds && loudness.near(&predicted)) {
                break;
            }
            level_alone = silent;
        }
        let concessions = loudness.concessions(self.aim);
        Refined { chain, start, loudness_lufs: loudness.goal_lufs, concessions }
    }
}

/// Takes back by drive what new tone and width do to the loudness that was heard.
fn keep_loudness(chain: &mut ChainSettings, heard: &ChainSettings, aim: &Aim) {
    let louder_lu = still::louder_lu(&aim.mix, chain) - still::louder_lu(&aim.mix, heard);
    chain.limiter.drive_db = (chain.limiter.drive_db - louder_lu).clamp(-40.0, 40.0);
}

/// The correction that needs no audition: the bands' curves follow from the mix, what the equaliser does to it is known, and what
/// tone and width do to its loudness.
pub(super) fn correct_untouched(chain: &mut ChainSettings, analysis: &Analysis, aim: &Aim, wishes: &Wishes) {
    bands::set_curves(chain, aim, analysis);
    correct(chain, &mut None, &Prediction { traits: still::equalised(&aim.mix, chain) }, (aim, wishes));
    chain.limiter.drive_db = (chain.limiter.drive_db - still::louder_lu(&aim.mix, chain)).clamp(-40.0, 40.0);
    apply_fixed(chain, wishes);
}

/// One correction of everything; whether anything was corrected. `range`: [`range::correct_range`].
fn correct(
    chain: &mut ChainSettings,
    range: &mut Option<RangeHeard>,
    predicted: &Prediction,
    (aim, wishes): (&Aim, &Wishes),
) -> bool {
    let mut moved = tone::correct(chain, predicted, aim);
    moved |= range::correct_range(&mut chain.leveler, range, predicted, aim);
    moved |= bands::correct_attacks(chain, predicted, aim);
    apply_fixed(chain, wishes);
    moved
}
