//! Clicks: a jump of the waveform that stands alone and has the shape of a fault.
//!
//! The third difference `d[n] = x[n] − 3x[n−1] + 3x[n−2] − x[n−3]` passes what is sudden and little of what is music. A lost sample
//! leaves `1, −3, 3, −1` in it, a step `1, −2, 1`. Its largest magnitude is taken over tiles of 0.18 ms. A drum, too, begins suddenly,
//! but goes on; a click is over within a tile or two: a tile may be a click where it exceeds everything 0.36 to 20 ms before and after
//! it. It is one where one of the two shapes explains nearly all of the nine third differences around its largest: short sounds of
//! synthesisers and samples stand alone too, but swing.
//!
//! Ratio and shape were chosen on 97 records of the training split: alarms without a fault fell from 10 to 2 % while recall rose.

use std::collections::VecDeque;

/// Length of a tile.
const TILE_S: f64 = 0.000_18;
/// Tiles on either side: 20 ms.
const REACH: usize = 112;
/// Tiles next to the middle that may belong to the click.
const OWN: usize = 2;
/// Smaller jumps are not heard beside anything.
const LEAST: f32 = 0.02;
/// Clicks closer than this are one.
const APART_S: f64 = 0.02;
/// Third differences whose shape is looked at, and how many of them come after the largest.
const SHAPE: usize = 9;
const AFTER: usize = SHAPE / 2;
/// What faults leave: a lost sample, a step.
const SHAPES: [&[f32]; 2] = [&[1.0, -3.0, 3.0, -1.0], &[1.0, -2.0, 1.0]];
/// Share of the energy that a shape explains at least.
const EXPLAINED: f32 = 0.8;

/// The loudest moment of 0.18 ms.
#[derive(Clone, Copy, Default)]
struct Tile {
    largest: f32,
    /// The third differences around it, oldest first.
    around: [f32; SHAPE],
}

/// Looks for clicks in one channel.
pub(super) struct Clicks {
    ratio: f32,
    rate_hz: f64,
    last: [f32; 3],
    /// The newest third differences, oldest first; the middle one is looked at.
    recent: [f32; SHAPE],
    tile_frames: usize,
    filled: usize,
    tile: Tile,
    tiles: VecDeque<Tile>,
    tiles_done: u64,
    /// Where clicks are, in seconds, and how far each stands out.
    pub(super) found: Vec<(f64, f64)>,
}

impl Clicks {
    /// A detector at rest; `ratio` is how far a click stands out at least.
    pub(super) fn new(rate_hz: u32, ratio: f64) -> Self {
        Self {
            ratio: ratio as f32,
            rate_hz: f64::from(rate_hz),
            last: [0.0; 3],
            recent: [0.0; SHAPE],
            tile_frames: ((f64::from(rate_hz) * TILE_S) as usize).max(4),
            filled: 0,
            tile: Tile::default(),
            tiles: VecDeque::with_capacity(2 * REACH + 2),
            tiles_done: 0,
            found: Vec::new(),
        }
    }

    /// Takes the next samples.
    pub(super) fn push(&mut self, samples: &[f32]) {
        for &x in samples {
            let [a, b, c] = self.last;
            self.recent.copy_within(1.., 0);
            self.recent[SHAPE - 1] = x - c + 3.0 * (b - a);
            self.last = [x, a, b];
            let now = self.recent[SHAPE - 1 - AFTER].abs();
            if now > self.tile.largest {
                self.tile = Tile { largest: now, around: self.recent };
            }
            self.filled += 1;
            if self.filled == self.tile_frames {
                self.end_tile();
            }
        }
    }

    fn end_tile(&mut self) {
        self.tiles.push_back(std::mem::take(&mut self.tile));
        self.filled = 0;
        self.tiles_done += 1;
        if self.tiles.len() <= 2 * REACH {
            return;
        }
        let middle = self.tiles[REACH];
        let around = || self.tiles.iter().enumerate().filter(|(at, _)| at.abs_diff(REACH) >= OWN).map(|(_, tile)| tile.largest);
        let alone = middle.largest > LEAST && !around().any(|tile| self.ratio * tile >= middle.largest);
        if alone && explained(&middle.around) >= EXPLAINED {
            let surroundings = around().fold(LEAST / self.ratio, f32::max);
            let frames = (self.tiles_done - 1 - REACH as u64) as f64 * self.tile_frames as f64 - AFTER as f64;
            let at_s = frames / self.rate_hz;
            if self.found.last().is_none_or(|(last_s, _)| at_s - last_s > APART_S) {
                self.found.push((at_s, f64::from(middle.largest / surroundings)));
            }
        }
        self.tiles.pop_front();
    }
}

/// The share of the energy of third differences that the better of the two shapes explains, wherever it lies.
fn explained(around: &[f32; SHAPE]) -> f32 {
    let energy: f32 = around.iter().map(|d| d * d).sum();
    let fit = |shape: &&[f32]| {
        let own: f32 = shape.iter().map(|s| s * s).sum();
        let dot = |part: &[f32]| part.iter().zip(*shape).map(|(d, s)| d * s).sum::<f32>();
        around.windows(shape.len()).map(|part| dot(part).powi(2) / (own * energy).max(1e-12)).fold(0.0, f32::max)
    };
    SHAPES.iter().map(fit).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_shape_and_what_swings_has_none() {
        let found = |x: &dyn Fn(usize) -> f32| {
            let samples: Vec<f32> = (0..44_100).map(|n| 0.1 * (n as f32 * 0.02).sin() + x(n)).collect();
            let mut clicks = Clicks::new(44_100, 3.0);
            clicks.push(&samples);
            clicks.found
        };
        let at = 22_050;
        let lost = found(&|n| if n == at { -0.2 } else { 0.0 });
        let step = found(&|n| if n >= at { 0.2 * (-((n - at) as f32) / 441.0).exp() } else { 0.0 });
        for faults in [lost, step] {
            assert!(faults.len() == 1 && (faults[0].0 - 0.5).abs() < 0.001, "{faults:?}");
        }
        // A blip of a synthesiser: three swings at 8 kHz.
        let blip = |n: usize| {
            let t = n.wrapping_sub(at) as f32;
            if n >= at && t < 16.0 { 0.2 * (t * 1.14).sin() * (t * 0.196).sin() } else { 0.0 }
        };
        assert!(found(&blip).is_empty(), "{:?}", found(&blip));
    }
}
