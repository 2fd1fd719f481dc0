//! Power spectra of windows that overlap by half.

use crate::dsp::transforms::SINGLE;
use realfft::RealToComplex;
use realfft::num_complex::Complex;
use std::f64::consts::PI;
use std::sync::Arc;

/// Power spectra of overlapping windows of one or two signals.
pub(in crate::analysis) struct PowerSpectra {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    scale: f32,
    signals: Vec<Vec<f32>>,
    start: u64,
    windowed: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    powers: Vec<Vec<f32>>,
}

impl PowerSpectra {
    /// Windows of `size` samples, a power of two, every `size/2`.
    pub(in crate::analysis) fn new(size: usize, signals: usize) -> Self {
        let fft = SINGLE.forward(size);
        let window: Vec<f64> = (0..size).map(|n| 0.5 - 0.5 * (2.0 * PI * n as f64 / size as f64).cos()).collect();
        let energy: f64 = window.iter().map(|w| w * w).sum();
        Self {
            window: window.iter().map(|&w| w as f32).collect(),
            scale: (2.0 / (size as f64 * energy)) as f32,
            signals: vec![Vec::with_capacity(2 * size); signals],
            start: 0,
            windowed: vec![0.0; size],
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            powers: vec![vec![0.0; size / 2 + 1]; signals],
            fft,
        }
    }

    /// Takes the next samples of each signal; calls `sink` with the middle of each window, in samples from the start, and
    /// the power in each bin of each signal.
    pub(in crate::analysis) fn push(&mut self, signals: &[&[f32]], mut sink: impl FnMut(u64, &[Vec<f32>])) {
        for (kept, new) in self.signals.iter_mut().zip(signals) {
            kept.extend_from_slice(new);
        }
        let hop = self.window.len() / 2;
        while self.signals[0].len() >= self.window.len() {
            self.transform(self.scale);
            sink(self.start + hop as u64, &self.powers);
            self.signals.iter_mut().for_each(|s| drop(s.drain(..hop)));
            self.start += hop as u64;
        }
    }

    /// Ends the stream: a signal shorter than one window is measured in what there is of it.
    pub(in crate::analysis) fn finish(&mut self, mut sink: impl FnMut(u64, &[Vec<f32>])) {
        let len = self.signals[0].len();
        let energy = |part: &[f32]| part.iter().map(|w| w * w).sum::<f32>();
        let covered = energy(&self.window[..len.min(self.window.len())]);
        if self.start == 0 && covered > 0.0 {
            let size = self.window.len();
            self.signals.iter_mut().for_each(|s| s.resize(size, 0.0));
            self.transform(self.scale * energy(&self.window) / covered);
            sink(len as u64 / 2, &self.powers);
        }
    }

    fn transform(&mut self, scale: f32) {
        for (signal, power) in self.signals.iter().zip(&mut self.powers) {
            for ((y, x), w) in self.windowed.iter_mut().zip(signal).zip(&self.window) {
                *y = x * w;
            }
            let done = self.fft.process_with_scratch(&mut self.windowed, &mut self.spectrum, &mut self.scratch);
            debug_assert!(done.is_ok(), "buffers were made by the plan");
            for (p, x) in power.iter_mut().zip(&self.spectrum) {
                *p = (x.re * x.re + x.im * x.im) * scale;
            }
        }
    }
}
