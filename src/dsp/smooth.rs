//! Gains that move without a step in them.

use super::grid::{Piece, STEP_FRAMES};

/// Raised-cosine (Hann) weights that sum to 1; `2·half + 1` of them, none zero.
pub fn hann_weights(half: usize) -> Vec<f64> {
    let span = (half + 1) as f64;
    let raw: Vec<f64> =
        (0..=2 * half).map(|i| 0.5 + 0.5 * (std::f64::consts::PI * (i as f64 - half as f64) / span).cos()).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|w| w / sum).collect()
}

/// Multiplies audio by a gain that is computed once a control step, in step with the sound.
///
/// Audio is held back by [`STEP_FRAMES`]: when a step has been heard to its end its gain is known, and the held frames
/// leave on a straight line from the gain before to the gain after them.
#[derive(Clone, Debug)]
pub struct StepGain {
    held: [[f32; STEP_FRAMES]; 2],
    line: [f32; STEP_FRAMES],
    gain: f32,
}

impl StepGain {
    /// Frames by which the output lags.
    pub const LATENCY_FRAMES: usize = STEP_FRAMES;

    /// A gain that starts at `gain`.
    pub fn new(gain: f64) -> Self {
        let gain = gain as f32;
        Self { held: [[0.0; STEP_FRAMES]; 2], line: [gain; STEP_FRAMES], gain }
    }

    /// Swaps a piece of the input for what was held, times its gain. Results are kept finite.
    #[inline]
    pub fn apply(&mut self, channels: &mut [Vec<f32>], piece: &Piece) {
        for (channel, held) in channels.iter_mut().zip(&mut self.held) {
            let held = &mut held[piece.cell.clone()];
            let gains = &self.line[piece.cell.clone()];
            for ((sample, held), gain) in channel[piece.block.clone()].iter_mut().zip(held).zip(gains) {
                let out = (*held * gain).clamp(f32::MIN, f32::MAX);
                *held = *sample;
                *sample = out;
            }
        }
    }

    /// The gain at the end of the step that has just been heard; call when a piece ends its step.
    #[inline]
    pub fn arrive(&mut self, gain: f64) {
        let (from, to) = (self.gain, gain as f32);
        for (i, g) in self.line.iter_mut().enumerate() {
            *g = from + (to - from) * ((i + 1) as f32 / STEP_FRAMES as f32);
        }
        self.gain = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::grid::FrameGrid;

    #[test]
    fn hann_weights_are_symmetric_and_sum_to_one() {
        for half in [0, 1, 7, 50] {
            let weights = hann_weights(half);
            assert_eq!(weights.len(), 2 * half + 1);
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(weights.iter().zip(weights.iter().rev()).all(|(a, b)| (a - b).abs() < 1e-15 && *a > 0.0));
        }
    }

    #[test]
    fn a_step_leaves_on_a_line_between_its_gains() {
        let mut gain = StepGain::new(1.0);
        let mut grid = FrameGrid::new(STEP_FRAMES);
        let mut audio = vec![vec![1.0f32; 3 * STEP_FRAMES]];
        let mut at = 0;
        let mut next = [0.5, 0.5, 0.5].into_iter();
        while let Some(piece) = grid.piece(at, audio[0].len()) {
            gain.apply(&mut audio, &piece);
            at = piece.block.end;
            if piece.ends_cell {
                gain.arrive(next.next().expect("three steps"));
            }
        }
        assert!(audio[0][..16].iter().all(|x| *x == 0.0));
        assert!(audio[0][16..32].iter().enumerate().all(|(i, x)| (x - (1.0 - 0.5 * (i + 1) as f32 / 16.0)).abs() < 1e-6));
        assert!(audio[0][32..].iter().all(|x| *x == 0.5));
    }
}
