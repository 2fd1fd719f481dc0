//! From the peaks of tiles to a gain that reaches each of them in time.
//!
//! `reduction wanted ─ sliding maximum ─ release ─ triangle ─▶ gain at the tile's end`, linear in between.
//!
//! With look-ahead `F` tiles the maximum spans `F + 1` values and the triangle `F`; the sound is `F` tiles late. For the
//! tile `q` that is leaving, the gain runs from the mean of `m[q .. q+F−1]` to that of `m[q+1 .. q+F]`; each of these
//! saw tile `q` in its window, so each is at least the reduction that tile `q` wants, and so is every point of the ramp.

use super::Character;
use super::hold::Hold;
use crate::dsp::peak_hold::{Smoother, to_fixed};
use crate::dsp::true_peak::TILE;

/// How the gain returns once the hold lets go. Reductions are `1 − gain`, from 0 to 1.
#[derive(Clone, Copy, Debug)]
struct Release {
    /// Share kept in each tile of what lies above `base`.
    keep: f64,
    /// Share by which `base` rises to the held reduction in each tile.
    base_rise: f64,
    /// Share by which it falls.
    base_fall: f64,
}

impl Release {
    /// `tiles` is the time scale of the return in tiles.
    fn new(character: Character, tiles: f64) -> Self {
        let share = |factor: f64| 1.0 - (-1.0 / (tiles * factor)).exp();
        let (quick, rise, fall) = match character {
            // A single peak is gone in a third of the time; long limiting raises the base, which returns slowly.
            Character::Transparent => (1.0 / 3.0, share(1.0), share(2.0)),
            // Peaks are gone quicker, and it takes longer limiting to raise the base, which returns in the time itself.
            Character::Punchy => (1.0 / 6.0, share(2.0), share(1.0)),
            // No base: everything returns at once.
            Character::Dense => (1.0 / 8.0, 0.0, 1.0),
        };
        Self { keep: 1.0 - share(quick), base_rise: rise, base_fall: fall }
    }
}

/// Below this a reduction is none: −180 dB, far less than one step of an f32 gain.
const NOTHING: f64 = 1e-9;

/// The gain of one channel, or of all where they are linked.
#[derive(Debug)]
pub(super) struct GainPath {
    hold: Hold,
    release: Release,
    reduction: f64,
    base: f64,
    smoother: Smoother,
    gain: f32,
}

impl GainPath {
    /// `lookahead_tiles` is at least 1.
    pub(super) fn new(character: Character, lookahead_tiles: usize, release_tiles: f64) -> Self {
        Self {
            hold: Hold::new(lookahead_tiles + 1),
            release: Release::new(character, release_tiles),
            reduction: 0.0,
            base: 0.0,
            smoother: Smoother::new(lookahead_tiles),
            gain: 1.0,
        }
    }

    /// Takes the bounds of the reduction that the newest tile wants, 0 to 1, and the way to its exact value (see
    /// [`Hold::push`]); gives the gains at the start and at the end of the tile that is leaving.
    pub(super) fn step(&mut self, low: f64, high: f64, exact: impl FnMut(usize, f64) -> f64) -> (f32, f32) {
        let held = self.hold.push(low, high, exact);
        let Release { keep, base_rise, base_fall } = self.release;
        self.base += (held - self.base) * if held > self.base { base_rise } else { base_fall };
        let floor = self.base.min(self.reduction);
        let falling = floor + (self.reduction - floor) * keep;
        self.reduction = held.max(if falling < NOTHING { 0.0 } else { falling });
        if self.base < NOTHING {
            self.base = 0.0;
        }
        let start = self.gain;
        self.gain = (1.0 - self.smoother.push(to_fixed(self.reduction))) as f32;
        (start, self.gain)
    }

    pub(super) fn reset(&mut self) {
        self.hold.reset();
        self.smoother.reset();
        (self.reduction, self.base, self.gain) = (0.0, 0.0, 1.0);
    }
}

/// Runs `samples` of one tile through a ramp of gain; exact where the gain stays 1.
pub(super) fn ramp(samples: &mut [f32], (start, end): (f32, f32)) {
    if start == 1.0 && end == 1.0 {
        return;
    }
    for (i, x) in samples.iter_mut().enumerate() {
        // Both ends weighted, so that a fall by many orders of magnitude ends as exactly as it should.
        let along = (i as f32 + 0.5) / TILE as f32;
        *x *= start * (1.0 - along) + end * along;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASE_TILES: f64 = 1000.0;

    /// The time constant of the return, in tiles, after so many tiles that wanted half the gain.
    fn time_constant(character: Character, limited_tiles: usize) -> f64 {
        let mut path = GainPath::new(character, 1, RELEASE_TILES);
        (0..limited_tiles).for_each(|_| _ = path.step(0.5, 0.5, |_, _| 0.5));
        let reductions: Vec<f64> = (0..8000).map(|_| 1.0 - f64::from(path.step(0.0, 0.0, |_, _| 0.0).1)).collect();
        // From one e-th to the next: by then the quick part of the return after long limiting is over.
        let below = |share: f64| reductions.iter().position(|r| *r < 0.5 * share).unwrap() as f64;
        below((-2f64).exp()) - below((-1f64).exp())
    }

    #[test]
    fn each_character_returns_in_its_times() {
        for (character, single, long) in [
            (Character::Transparent, 1.0 / 3.0, 2.0),
            (Character::Punchy, 1.0 / 6.0, 1.0),
            (Character::Dense, 1.0 / 8.0, 1.0 / 8.0),
        ] {
            for (limited_tiles, share) in [(1, single), (20_000, long)] {
                let took = time_constant(character, limited_tiles) / RELEASE_TILES;
                assert!((took / share - 1.0).abs() < 0.03, "{character:?} after {limited_tiles} tiles: {took} for {share}");
            }
        }
    }
}
