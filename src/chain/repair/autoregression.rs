//! Autoregressive interpolation of a gap (Janssen, Veldhuis, Vries 1986).
//!
//! The signal is taken as `x(n) = −Σ a(i)·x(n − i) + e(n)`, i = 1..p. Given `a`, the unknown samples that make `Σ e²`
//! smallest solve `Σ_j b(|i − j|)·x(j) = 0` for every i in the gap, with `b(k) = Σ a(l)·a(l + k)`: symmetric, positive
//! definite, banded. Given the samples, `a` follows from the autocorrelation (Levinson–Durbin). Two rounds of both.

use super::declip::{CONTEXT, MAX_RUN};

/// Order p of the model.
pub(super) const ORDER: usize = 32;
/// Rounds of estimating the model and solving for the gap.
const ROUNDS: usize = 2;
/// Share of its power added to the autocorrelation as white noise, so that the model stays well conditioned: −90 dB.
const WHITENING: f64 = 1e-9;
const LENGTH: usize = 2 * CONTEXT + MAX_RUN;

/// Room to solve one gap in, allocated once.
pub(super) struct Gap {
    samples: Vec<f64>,
    window: Vec<f64>,
    /// Rows of the lower triangle of Cholesky's factor: the diagonal and up to ORDER cells before it.
    factor: Vec<[f64; ORDER + 1]>,
}

impl Gap {
    pub(super) fn new() -> Self {
        Self { samples: vec![0.0; LENGTH], window: vec![0.0; LENGTH], factor: vec![[0.0; ORDER + 1]; MAX_RUN] }
    }

    /// Interpolates `frames` samples from index `start` of `around` on; at most [`MAX_RUN`], with [`CONTEXT`] on both sides.
    pub(super) fn interpolate(&mut self, around: impl Iterator<Item = f64>, start: usize, frames: usize) -> &[f64] {
        let mut length = 0;
        for (cell, x) in self.samples.iter_mut().zip(around) {
            *cell = x;
            length += 1;
        }
        for _ in 0..ROUNDS {
            let model = self.model(length);
            self.solve(&model, start, frames);
        }
        &self.samples[start..start + frames]
    }

    /// Model coefficients a(0) = 1, a(1)..a(p) of the first `length` samples, weighted by a half sine.
    fn model(&mut self, length: usize) -> [f64; ORDER + 1] {
        let step = std::f64::consts::PI / length as f64;
        for (n, (w, x)) in self.window[..length].iter_mut().zip(&self.samples).enumerate() {
            *w = x * (step * (n as f64 + 0.5)).sin();
        }
        let window = &self.window[..length];
        let mut r: [f64; ORDER + 1] = std::array::from_fn(|lag| window[lag..].iter().zip(window).map(|(a, b)| a * b).sum());
        r[0] = r[0] * (1.0 + WHITENING) + 1e-30;
        let mut a = [0.0; ORDER + 1];
        a[0] = 1.0;
        let mut error = r[0];
        for order in 1..=ORDER {
            let sum: f64 = (0..order).map(|i| a[i] * r[order - i]).sum();
            let reflection = -sum / error;
            let previous = a;
            for i in 1..=order {
                a[i] = previous[i] + reflection * previous[order - i];
            }
            error *= 1.0 - reflection * reflection;
        }
        a
    }

    /// Solves for the gap by Cholesky's decomposition of the band.
    fn solve(&mut self, model: &[f64; ORDER + 1], start: usize, frames: usize) {
        let b: [f64; ORDER + 1] = std::array::from_fn(|k| model[k..].iter().zip(model).map(|(x, y)| x * y).sum());
        let gap = start..start + frames;
        for i in 0..frames {
            let at = start + i;
            let known = (at - ORDER..=at + ORDER).filter(|j| !gap.contains(j));
            let right: f64 = known.map(|j| -b[at.abs_diff(j)] * self.samples[j]).sum();
            self.window[i] = right;
        }
        for i in 0..frames {
            for j in i.saturating_sub(ORDER)..=i {
                let from = i.saturating_sub(ORDER);
                let sum: f64 = (from..j).map(|k| self.factor[i][i - k] * self.factor[j][j - k]).sum();
                let rest = b[i - j] - sum;
                self.factor[i][i - j] = if i == j { rest.max(1e-15 * b[0]).sqrt() } else { rest / self.factor[j][0] };
            }
        }
        let y = &mut self.window[..frames];
        for i in 0..frames {
            let sum: f64 = (i.saturating_sub(ORDER)..i).map(|k| self.factor[i][i - k] * y[k]).sum();
            y[i] = (y[i] - sum) / self.factor[i][0];
        }
        for i in (0..frames).rev() {
            let sum: f64 = (i + 1..frames.min(i + ORDER + 1)).map(|k| self.factor[k][k - i] * y[k]).sum();
            y[i] = (y[i] - sum) / self.factor[i][0];
        }
        self.samples[gap].copy_from_slice(&self.window[..frames]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_a_gap_in_two_tones() {
        let tone = |n: usize| (0.05 * n as f64).sin() + 0.4 * (0.31 * n as f64 + 1.0).sin();
        let (start, frames) = (CONTEXT, 20);
        let around = (0..2 * CONTEXT + frames).map(|n| if (start..start + frames).contains(&n) { 0.0 } else { tone(n) });
        let mut gap = Gap::new();
        let rebuilt = gap.interpolate(around, start, frames);
        for (i, x) in rebuilt.iter().enumerate() {
            assert!((x - tone(start + i)).abs() < 0.1, "{i}: {x} for {}", tone(start + i));
        }
    }
}
