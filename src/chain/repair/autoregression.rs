//! Autoregressive interpolation of a gap (Janssen, Veldhuis, Vries 1986).
//!
//! The signal is taken as `x(n) = −Σ a(i)·x(n − i) + e(n)`, i = 1..p. Given `a`, the unknown samples that make `Σ e²`
//! smallest solve `Σ_j b(|i − j|)·x(j) = 0` for every i in the gap, with `b(k) = Σ a(l)·a(l + k)`: symmetric, positive
//! definite, banded. Given the samples, `a` follows from the autocorrelation (Levinson–Durbin). Two rounds of both.

use super::declip::{CONTEXT, MAX_RUN};
use crate::dsp::simd;

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
    /// Half a sine as long as the samples.
    window: Vec<f64>,
    /// The samples under the window, with ORDER of silence after them; then the right side of the equations.
    weighted: Vec<f64>,
    /// Columns of Cholesky's factor, a lower triangle: the diagonal and up to ORDER cells under it.
    columns: Vec<[f64; ORDER + 1]>,
}

impl Gap {
    pub(super) fn new() -> Self {
        let columns = vec![[0.0; ORDER + 1]; MAX_RUN];
        Self { samples: vec![0.0; LENGTH], window: vec![0.0; LENGTH], weighted: vec![0.0; LENGTH + ORDER], columns }
    }

    /// Interpolates `frames` samples from index `start` of `around` on; at most [`MAX_RUN`], with [`CONTEXT`] on both sides.
    pub(super) fn interpolate(&mut self, around: impl Iterator<Item = f64>, start: usize, frames: usize) -> &[f64] {
        let mut length = 0;
        for (cell, x) in self.samples.iter_mut().zip(around) {
            *cell = x;
            length += 1;
        }
        let step = std::f64::consts::PI / length as f64;
        self.window[..length].iter_mut().enumerate().for_each(|(n, w)| *w = (step * (n as f64 + 0.5)).sin());
        for _ in 0..ROUNDS {
            let model = self.model(length);
            self.solve(&model, start, frames);
        }
        &self.samples[start..start + frames]
    }

    /// Model coefficients a(0) = 1, a(1)..a(p) of the first `length` samples, weighted by a half sine.
    fn model(&mut self, length: usize) -> [f64; ORDER + 1] {
        self.weighted.iter_mut().zip(&self.samples).zip(&self.window).for_each(|((y, x), w)| *y = x * w);
        self.weighted[length..length + ORDER].fill(0.0);
        let mut r = [0.0; ORDER + 1];
        simd::widest(
            #[inline(always)]
            || {
                for ahead in self.weighted[..length + ORDER].windows(ORDER + 1) {
                    r.iter_mut().zip(ahead).for_each(|(r, y)| *r += ahead[0] * y);
                }
            },
        );
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
            self.weighted[i] = right;
        }
        simd::widest(
            #[inline(always)]
            || self.decompose(&b, frames),
        );
        let y = &mut self.weighted[..frames];
        for i in 0..frames {
            let sum: f64 = (i.saturating_sub(ORDER)..i).map(|k| self.columns[k][i - k] * y[k]).sum();
            y[i] = (y[i] - sum) / self.columns[i][0];
        }
        for i in (0..frames).rev() {
            let sum: f64 = (i + 1..frames.min(i + ORDER + 1)).map(|k| self.columns[i][k - i] * y[k]).sum();
            y[i] = (y[i] - sum) / self.columns[i][0];
        }
        self.samples[gap].copy_from_slice(&self.weighted[..frames]);
    }

    /// Cholesky's factor of the band of `b`, row by row.
    #[inline(always)]
    fn decompose(&mut self, b: &[f64; ORDER + 1], frames: usize) {
        let mut sums = [0.0; MAX_RUN];
        for i in 0..frames {
            let from = i.saturating_sub(ORDER);
            sums[from..=i].fill(0.0);
            for k in from..i {
                let cell = (b[i - k] - sums[k]) / self.columns[k][0];
                self.columns[k][i - k] = cell;
                sums[k + 1..=i].iter_mut().zip(&self.columns[k][1..]).for_each(|(sum, below)| *sum += cell * below);
            }
            self.columns[i][0] = (b[0] - sums[i]).max(1e-15 * b[0]).sqrt();
        }
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
