//! Between planar f32 audio and pairs of f64 lanes, and the fixed grid on which blocks are cut.

use super::biquad::Lanes;

/// Frames of one internal sub-block: small enough to stay in the first cache, a whole number of control steps.
pub const CHUNK_FRAMES: usize = 64;

/// Frames between two control steps (gains are computed there and travel in a straight line between).
pub const CONTROL_FRAMES: usize = 16;

/// Largest sample: what f32 can hold, so that finite sound stays finite.
const LARGEST: f64 = f32::MAX as f64;

/// Reads frames `start..start + lanes.len()`; the second lane of a mono signal is silent.
pub fn load(channels: &[Vec<f32>], start: usize, lanes: &mut [Lanes]) {
    let range = start..start + lanes.len();
    match channels {
        [left, right, ..] => {
            for ((lane, l), r) in lanes.iter_mut().zip(&left[range.clone()]).zip(&right[range]) {
                *lane = [f64::from(*l), f64::from(*r)];
            }
        }
        [mono] => {
            for (lane, x) in lanes.iter_mut().zip(&mono[range]) {
                *lane = [f64::from(*x), 0.0];
            }
        }
        [] => {}
    }
}

/// Writes frames `start..start + lanes.len()`; the counterpart of [`load`].
pub fn store(lanes: &[Lanes], channels: &mut [Vec<f32>], start: usize) {
    for (lane, channel) in channels.iter_mut().take(2).enumerate() {
        for (x, frame) in channel[start..start + lanes.len()].iter_mut().zip(lanes) {
            *x = frame[lane].clamp(-LARGEST, LARGEST) as f32;
        }
    }
}

/// Sum of samples, in eight running sums: one alone waits for each addition.
pub fn sum(samples: &[f32]) -> f64 {
    let mut lanes = [0.0f32; 8];
    let parts = samples.chunks_exact(8);
    let rest: f32 = parts.remainder().iter().sum();
    for part in parts {
        for (lane, x) in lanes.iter_mut().zip(part) {
            *lane += x;
        }
    }
    lanes.iter().map(|&x| f64::from(x)).sum::<f64>() + f64::from(rest)
}

/// Cuts blocks at the multiples of a step counted from the stream's start, so that what happens on the lines (control
/// steps, flushing of denormals) does not depend on how the stream came in blocks.
#[derive(Clone, Debug)]
pub struct Grid {
    step: usize,
    phase: usize,
}

impl Grid {
    /// A grid with a line every `step` frames, at the stream's start.
    pub fn new(step: usize) -> Self {
        Self { step, phase: 0 }
    }

    /// Advances to the next line, by at most `left` frames, and returns by how many.
    pub fn advance(&mut self, left: usize) -> usize {
        let frames = left.min(self.step - self.phase);
        self.phase = (self.phase + frames) % self.step;
        frames
    }

    /// Whether the stream stands on a line.
    pub fn on_line(&self) -> bool {
        self.phase == 0
    }

    /// Back to the stream's start.
    pub fn reset(&mut self) {
        self.phase = 0;
    }
}
