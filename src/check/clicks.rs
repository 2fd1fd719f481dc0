//! Clicks: a jump of the waveform that stands alone.
//!
//! The third difference `x[n] − 3x[n−1] + 3x[n−2] − x[n−3]` passes what is sudden (a lost sample is multiplied by 3, a step by
//! 2) and little of what is music. Its largest magnitude is taken over tiles of 0.18 ms. A drum, too, begins suddenly, but goes on;
//! a click is over within a tile or two: a tile is a click where it exceeds everything 0.36 to 20 ms before and after it.

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

/// Looks for clicks in one channel.
pub(super) struct Clicks {
    ratio: f32,
    rate_hz: f64,
    last: [f32; 3],
    tile_frames: usize,
    filled: usize,
    largest: f32,
    tiles: VecDeque<f32>,
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
            tile_frames: ((f64::from(rate_hz) * TILE_S) as usize).max(4),
            filled: 0,
            largest: 0.0,
            tiles: VecDeque::with_capacity(2 * REACH + 2),
            tiles_done: 0,
            found: Vec::new(),
        }
    }

    /// Takes the next samples.
    pub(super) fn push(&mut self, samples: &[f32]) {
        for &x in samples {
            let [a, b, c] = self.last;
            self.largest = self.largest.max((x - c + 3.0 * (b - a)).abs());
            self.last = [x, a, b];
            self.filled += 1;
            if self.filled == self.tile_frames {
                self.end_tile();
            }
        }
    }

    fn end_tile(&mut self) {
        self.tiles.push_back(self.largest);
        (self.filled, self.largest) = (0, 0.0);
        self.tiles_done += 1;
        if self.tiles.len() <= 2 * REACH {
            return;
        }
        let middle = self.tiles[REACH];
        let around = || self.tiles.iter().enumerate().filter(|(at, _)| at.abs_diff(REACH) >= OWN).map(|(_, tile)| *tile);
        if middle > LEAST && !around().any(|tile| self.ratio * tile >= middle) {
            let surroundings = around().fold(LEAST / self.ratio, f32::max);
            let at_s = (self.tiles_done - 1 - REACH as u64) as f64 * self.tile_frames as f64 / self.rate_hz;
            if self.found.last().is_none_or(|(last_s, _)| at_s - last_s > APART_S) {
                self.found.push((at_s, f64::from(middle / surroundings)));
            }
        }
        self.tiles.pop_front();
    }
}
