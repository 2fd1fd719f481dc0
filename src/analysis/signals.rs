//! Signals for the tests of this room.

use super::{Analyzer, Timeline};
use std::f64::consts::PI;

/// White noise, uniform, RMS 1, from a 64-bit congruential generator (Knuth's MMIX constants).
pub(super) struct Noise(pub(super) u64);

impl Noise {
    pub(super) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f64 / f64::from(1u32 << 23) - 1.0) * 3f64.sqrt()
    }

    pub(super) fn samples(&mut self, frames: usize, rms: f64) -> Vec<f32> {
        (0..frames).map(|_| (self.next() * rms) as f32).collect()
    }
}

pub(super) fn sine(rate: u32, frames: usize, freq_hz: f64, amplitude: f64) -> Vec<f32> {
    (0..frames).map(|n| (amplitude * (2.0 * PI * freq_hz * n as f64 / f64::from(rate)).sin()) as f32).collect()
}

pub(super) fn listen(rate: u32, channels: &[Vec<f32>]) -> Timeline {
    let mut analyzer = Analyzer::new(rate, channels.len());
    analyzer.push(channels);
    analyzer.finish()
}
