//! Two signals in four bands, for who only listens: powers and peaks, at less than half the cost of [`super::crossover`]
//! (`cargo bench --bench dynamics`).
//!
//! `x ─ split f2 ┬ low ── split f1 ─▶ bands 0, 1`
//! `             └ high ─ split f3 ─▶ bands 2, 3`
//!
//! The splits are the crossover's (Linkwitz–Riley, fourth order; the high side is the all-pass less the low side) without the all-pass
//! sections between them, which change no power. They run in single precision, four lanes at a time, as trapezoidal state-variable
//! filters (Zavalishin, *The Art of VA Filter Design*, section 4): one section gives low-pass and all-pass at once, and at 120 Hz it
//! keeps an accuracy in f32 that a direct form would not.

use super::bands::DYNAMICS_BANDS;
use std::f64::consts::{PI, SQRT_2};
use wide::f32x4;

/// A second-order Butterworth section, four lanes.
#[derive(Clone, Copy, Debug)]
struct Section {
    g: f32x4,
    a1: f32x4,
    a2: f32x4,
    s1: f32x4,
    s2: f32x4,
}

/// What a section makes of a frame: its band-pass and its low-pass.
struct Passed {
    band: f32x4,
    low: f32x4,
}

impl Passed {
    /// The all-pass of the same section, whose input was `x`: `low − √2·band + high`.
    #[inline(always)]
    fn all(&self, x: f32x4) -> f32x4 {
        x - f32x4::splat(2.0 * SQRT_2 as f32) * self.band
    }
}

impl Section {
    fn new(freqs_hz: [f64; 4], sample_rate_hz: f64) -> Self {
        let g = freqs_hz.map(|f| (PI * (f / sample_rate_hz).min(0.4999)).tan());
        let a1 = g.map(|g| 1.0 / (1.0 + g * (g + SQRT_2)));
        let lanes = |values: [f64; 4]| f32x4::new(values.map(|v| v as f32));
        let a2 = std::array::from_fn(|i| g[i] * a1[i]);
        Self { g: lanes(g), a1: lanes(a1), a2: lanes(a2), s1: f32x4::ZERO, s2: f32x4::ZERO }
    }

    /// One frame.
    #[inline(always)]
    fn process(&mut self, x: f32x4) -> Passed {
        let band = self.a1 * self.s1 + self.a2 * (x - self.s2);
        let step = self.g * band;
        let low = self.s2 + step;
        self.s1 = band + band - self.s1;
        self.s2 = low + step;
        Passed { band, low }
    }

    fn flush(&mut self) {
        let audible = |s: f32| if s.abs() < 1e-15 { 0.0 } else { s };
        self.s1 = f32x4::new(self.s1.to_array().map(audible));
        self.s2 = f32x4::new(self.s2.to_array().map(audible));
    }

    fn reset(&mut self) {
        (self.s1, self.s2) = (f32x4::ZERO, f32x4::ZERO);
    }
}

/// The bands of one frame of two signals.
#[derive(Clone, Copy, Debug, Default)]
pub struct SplitFrame {
    /// Band 0 of both signals, then band 2 of both; band 0's sign is turned, as is band 1's.
    pub even: f32x4,
    /// Band 1 of both signals, then band 3 of both.
    pub odd: f32x4,
}

/// Splits two signals into bands; what comes out lags one frame behind.
#[derive(Clone, Debug)]
pub struct BandSplit {
    /// Lanes 0 and 1: the first section, both signals; 2 and 3: the second, one frame behind.
    middle: Section,
    /// What the first section of the middle gave for the frame before: its low-pass, and in lanes 2 and 3 its all-pass.
    before: [f32x4; 2],
    /// Lanes 0 and 1: both signals of the low branch; 2 and 3: of the high branch.
    outer: [Section; 2],
}

impl BandSplit {
    /// A split at three rising frequencies, at rest.
    pub fn new(freqs_hz: [f64; DYNAMICS_BANDS - 1], sample_rate_hz: f64) -> Self {
        let [f1, f2, f3] = freqs_hz;
        let outer = Section::new([f1, f1, f3, f3], sample_rate_hz);
        Self { middle: Section::new([f2; 4], sample_rate_hz), before: [f32x4::ZERO; 2], outer: [outer; 2] }
    }

    /// The next frame of both signals. A loop is fastest on a copy that is put back after it: the state stays in registers.
    #[inline(always)]
    pub fn process(&mut self, first: f32, second: f32) -> SplitFrame {
        let [low_before, all_before] = self.before;
        let first_low = low_before.to_array();
        let x = f32x4::new([first, second, first_low[0], first_low[1]]);
        let passed = self.middle.process(x);
        let (low, all) = (passed.low.to_array(), passed.all(x).to_array());
        self.before = [passed.low, f32x4::new([0.0, 0.0, all[0], all[1]])];
        let branches = all_before - f32x4::new([low[2], low[3], low[2], low[3]]);
        let passed = self.outer[0].process(branches);
        let all = passed.all(branches);
        let even = self.outer[1].process(passed.low).low;
        SplitFrame { even, odd: all - even }
    }

    /// See [`super::biquad::Biquad::flush`].
    pub fn flush(&mut self) {
        self.middle.flush();
        self.outer.iter_mut().for_each(Section::flush);
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.middle.reset();
        self.before = [f32x4::ZERO; 2];
        self.outer.iter_mut().for_each(Section::reset);
    }
}
