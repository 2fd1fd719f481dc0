//! Between planar f32 audio and pairs of f64 lanes.

use super::biquad::Lanes;

/// Frames of one internal sub-block: small enough to stay in the first cache, a whole number of control steps.
pub const CHUNK_FRAMES: usize = 64;

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
