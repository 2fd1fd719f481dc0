//! Refinement: render the excerpts with the real chain, measure, correct, a bounded number of times.
//!
//! What the whole master will measure is predicted as `mix + (excerpts after − excerpts before)`, figure by figure; its loudness and
//! loudness range by what the same chain makes of the levels of the whole besides. Each correction works on the difference between that
//! prediction and the aim, and is silent inside the tolerance.

pub(super) mod attacks;
pub(super) mod bands;
mod ceiling;
mod hearing;
pub(super) mod level;
mod levels;
mod peaks;
mod range;
mod still;
pub(super) mod tone;

use super::aim::Aim;
use super::ride::Ride;
use super::traits::Traits;
use super::{Engine, Wishes, apply_fixed};
use crate::analysis::Analysis;
use crate::chain::ChainSettings;
use crate::plan::Concession;
use crate::render::Audition;
use ceiling::Ceiling;
use hearing::{Hearing, Prediction};
use levels::LevelMap;
use peaks::Peaks;

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
    ride: &'a Ride<'a>,
    audition: &'a dyn Audition,
}

impl<'a> Refinement<'a> {
    /// Prepares to refine.
    pub(super) fn new((aim, wishes): (&'a Aim, &'a Wishes), ride: &'a Ride<'a>, audition: &'a dyn Audition) -> Self {
        Self { aim, wishes, ride, audition }
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
        for round in 1..=most {
            let rendered = self.audition.render(&chain);
            let hearing = hearing.get_or_insert_with(|| Hearing::new(self.audition, &self.aim.mix, self.ride));
            let predicted = hearing.predict(&rendered, &chain);
            let heard = chain.clone();
            loudness.correct(&mut chain, &predicted, self.aim, level_alone);
            let silent = round > rounds || !self.correct(&mut chain, &predicted);
            if !silent {
                keep_loudness(&mut chain, &heard, self.aim);
                attacks::keep_tone(&mut chain, &heard, self.aim);
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
        let concessions = loudness.conceded(self.aim).into_iter().chain(self.aim.conceded.clone()).collect();
        Refined { chain, start, loudness_lufs: loudness.goal_lufs, concessions }
    }

    /// One correction of everything but the level by what was heard; whether anything was corrected.
    fn correct(&self, chain: &mut ChainSettings, predicted: &Prediction) -> bool {
        let moved = correct(chain, self.ride, predicted, (self.aim, self.wishes));
        let left = attacks::soften_once(chain, self.aim, self.wishes);
        apply_fixed(chain, self.wishes);
        moved | left
    }
}

/// Takes back by drive what new tone and width do to the loudness that was heard.
fn keep_loudness(chain: &mut ChainSettings, heard: &ChainSettings, aim: &Aim) {
    let louder_lu = still::louder_lu(&aim.mix, chain) - still::louder_lu(&aim.mix, heard);
    chain.limiter.drive_db = level::within_range(chain.limiter.drive_db - louder_lu);
}

/// The correction that needs no audition: the bands' curves follow from the mix, what they keep of its loudness range from
/// their slopes; what the equaliser does to it is known, and what tone and width do to its loudness.
pub(super) fn correct_untouched(chain: &mut ChainSettings, analysis: &Analysis, ride: &Ride, (aim, wishes): (&Aim, &Wishes)) {
    bands::set_curves(chain, aim, analysis);
    let levels = LevelMap::known(bands::kept_ratio(chain));
    let traits = still::equalised(&aim.mix, chain);
    let traits = Traits { lra_lu: levels.length_lu(&(0.0..=traits.lra_lu)), ..traits };
    let peaks = Peaks::new(ride.loud_windows(), None, aim.mix.psr_lu);
    let untouched = Prediction { traits, levels, peaks };
    let louder_lu = aim.goal.loudness_lufs - aim.mix.loudness_lufs;
    Ceiling::new(wishes).correct(&mut chain.limiter, &untouched.peaks, aim.goal.psr_lu, louder_lu);
    correct(chain, ride, &untouched, (aim, wishes));
    chain.limiter.drive_db = level::within_range(chain.limiter.drive_db - still::louder_lu(&aim.mix, chain));
    apply_fixed(chain, wishes);
}

/// One correction of everything; whether anything was corrected.
fn correct(chain: &mut ChainSettings, ride: &Ride, predicted: &Prediction, (aim, wishes): (&Aim, &Wishes)) -> bool {
    let mut moved = tone::correct(chain, predicted, aim);
    moved |= range::correct_range(&mut chain.leveler, ride, predicted, aim);
    moved |= attacks::correct(chain, predicted, aim);
    apply_fixed(chain, wishes);
    moved
}
