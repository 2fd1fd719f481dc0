//! Slow level changes: loud phrases louder, quiet ones quieter, and a fader that wanders from phrase to phrase.

use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use automaster::dsp::gain::{db_to_gain, power_to_db};
use serde::Serialize;

/// Gains are set so often and interpolated between.
const STEP_S: f64 = 0.1;
/// Levels are averaged over so many steps to each side: 3 s in all.
const REACH_STEPS: usize = 15;

/// The fader.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ride {
    /// Decibels of gain for each decibel of a phrase above the mean.
    slope: f64,
    /// Most that the slope may do.
    max_db: f64,
    /// Where the wandering fader stands, one value each `phrase_s`, from the start; the last one stays.
    wander_db: Vec<f64>,
    /// Length of a phrase.
    phrase_s: f64,
}

impl Ride {
    /// Draws a fader.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let max_db = rng.uniform(2.0, 4.0);
        Self {
            slope: rng.uniform(0.4, 1.0),
            max_db,
            wander_db: (0..32).map(|_| rng.uniform(-max_db, max_db) / 2.0).collect(),
            phrase_s: rng.uniform(6.0, 10.0),
        }
    }

    /// Rides the level in place.
    pub(super) fn apply(&self, sound: &mut Sound) {
        let step = (STEP_S * f64::from(SAMPLE_RATE_HZ)) as usize;
        let gains_db = self.gains_db(&step_powers(sound, step));
        let gain = |at: usize| db_to_gain(gains_db[at.min(gains_db.len() - 1)]);
        for channel in &mut sound.channels {
            for (at, block) in channel.chunks_mut(step).enumerate() {
                let (from, to) = (gain(at), gain(at + 1));
                for (frame, x) in block.iter_mut().enumerate() {
                    *x = (f64::from(*x) * (from + (to - from) * frame as f64 / step as f64)) as f32;
                }
            }
        }
    }

    fn gains_db(&self, powers: &[f64]) -> Vec<f64> {
        let phrase_db = |at: usize| {
            let near = &powers[at.saturating_sub(REACH_STEPS)..(at + REACH_STEPS + 1).min(powers.len())];
            power_to_db(near.iter().sum::<f64>() / near.len() as f64 + 1e-12)
        };
        let mean_db = power_to_db(powers.iter().sum::<f64>() / powers.len() as f64 + 1e-12);
        let ridden = |at: usize| (self.slope * (phrase_db(at) - mean_db)).clamp(-self.max_db, self.max_db);
        (0..powers.len()).map(|at| ridden(at) + self.wander_db(at as f64 * STEP_S)).collect()
    }

    fn wander_db(&self, seconds: f64) -> f64 {
        let place = seconds / self.phrase_s;
        let at = |index: usize| self.wander_db[index.min(self.wander_db.len() - 1)];
        let blend = 0.5 - 0.5 * (std::f64::consts::PI * place.fract()).cos();
        at(place as usize) + (at(place as usize + 1) - at(place as usize)) * blend
    }
}

/// Mean power of both channels in each step.
fn step_powers(sound: &Sound, step: usize) -> Vec<f64> {
    let power = |block: &[f32]| block.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / block.len() as f64;
    let [left, right] = &sound.channels;
    left.chunks(step).zip(right.chunks(step)).map(|(l, r)| power(l) + power(r)).collect()
}
