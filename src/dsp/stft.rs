//! Short-time power spectra of a stereo stream, on a fixed grid counted from the stream's start.
//!
//! `L + i·R ─ ring ─ Hann ─ FFT ─▶ power`. One complex transform serves both channels: with `z = L + i·R`,
//! `|L(k)|² + |R(k)|² = (|Z(k)|² + |Z(N − k)|²) / 2`.

use super::transforms::SINGLE;
use super::window::hann;
use rustfft::num_complex::Complex;
use rustfft::{Fft, FftDirection};
use std::sync::Arc;

/// Power spectra of the sum over both channels' powers, one every half frame.
pub struct PowerSpectrum {
    fft: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    ring: Vec<Complex<f32>>,
    next: usize,
    frame: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    power: Vec<f32>,
}

impl PowerSpectrum {
    /// Spectra of `size` frames (even), scaled so that a sine of amplitude a in one channel peaks at `a²`.
    pub fn new(size: usize) -> Self {
        let fft = SINGLE.complex(size, FftDirection::Forward);
        let scratch = vec![Complex::default(); fft.get_inplace_scratch_len()];
        let window = hann(size);
        let gain = 2.0 / window.iter().sum::<f64>();
        Self {
            fft,
            window: window.iter().map(|w| (w * gain) as f32).collect(),
            ring: vec![Complex::default(); size],
            next: 0,
            frame: vec![Complex::default(); size],
            scratch,
            power: vec![0.0; size / 2 + 1],
        }
    }

    /// Frames between two spectra.
    pub fn hop_frames(&self) -> usize {
        self.ring.len() / 2
    }

    /// Frames still missing until the next spectrum.
    pub fn frames_to_next(&self) -> usize {
        self.hop_frames() - self.next % self.hop_frames()
    }

    /// Takes frames, at most [`PowerSpectrum::frames_to_next`] of them; `right` is `left` itself's partner or empty for
    /// mono. Returns the power of bins 0 to N/2 when they complete a hop.
    pub fn push(&mut self, left: &[f32], right: &[f32]) -> Option<&[f32]> {
        let cells = &mut self.ring[self.next..self.next + left.len()];
        for (i, (cell, l)) in cells.iter_mut().zip(left).enumerate() {
            *cell = Complex::new(*l, right.get(i).copied().unwrap_or(0.0));
        }
        self.next = (self.next + left.len()) % self.ring.len();
        if left.is_empty() || !self.next.is_multiple_of(self.hop_frames()) {
            return None;
        }
        let (recent, old) = self.ring.split_at(self.next);
        let ordered = old.iter().chain(recent);
        for ((x, z), w) in self.frame.iter_mut().zip(ordered).zip(&self.window) {
            *x = z * w;
        }
        self.fft.process_with_scratch(&mut self.frame, &mut self.scratch);
        let size = self.frame.len();
        for (k, power) in self.power.iter_mut().enumerate() {
            *power = 0.5 * (self.frame[k].norm_sqr() + self.frame[(size - k) % size].norm_sqr());
        }
        Some(&self.power)
    }

    /// Back to silence and the grid's start.
    pub fn reset(&mut self) {
        self.ring.fill(Complex::default());
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_has_its_power_in_its_bin() {
        let mut spectrum = PowerSpectrum::new(1024);
        let tone = |n: usize, k: f64, a: f64| (a * (std::f64::consts::TAU * k * n as f64 / 1024.0).sin()) as f32;
        let mut last = Vec::new();
        for hop in 0..2 {
            let left: Vec<f32> = (0..512).map(|n| tone(hop * 512 + n, 100.0, 0.5)).collect();
            let right: Vec<f32> = (0..512).map(|n| tone(hop * 512 + n, 300.0, 0.25)).collect();
            assert_eq!(spectrum.frames_to_next(), 512);
            last = spectrum.push(&left, &right).map(<[f32]>::to_vec).unwrap_or_default();
        }
        assert!((last[100] - 0.25).abs() < 1e-4 && (last[300] - 0.0625).abs() < 1e-4);
        assert!(last[200] < 1e-10);
    }
}
