//! Width of four bands: gains of the side that meet at the dynamics bands' crossovers.
//!
//! A cascade of shelves, one at each crossover, rather than a sum of crossover bands: a minimum-phase shelf turns the
//! phase only as far as its gain demands (a Linkwitz–Riley split would turn the side by 360° against the mid and smear
//! the image), and where neighbours agree there is no shelf at all.
//!
//! Each shelf goes from gain a to gain b with the poles of a fourth-order Butterworth filter at the crossover,
//! `|H|² = (a² + b²·w⁸) / (1 + w⁸)`: zeros at `(a/b)^¼` of the crossover with the same angles. Two sections each,
//! `(√b·s² + 2ζ·(ab)^¼·s + √a) / (s² + 2ζ·s + 1)`, ζ = cos π/8 and cos 3π/8, by the bilinear transform.

use crate::dsp::bands::{DYNAMICS_BANDS, DYNAMICS_CROSSOVERS_HZ};
use crate::dsp::biquad::Coefficients;
use std::f64::consts::PI;

/// Least gain of a band next to a different one: −36 dB. With less, the shelves on both sides of a muted middle band
/// would have no room within it and its centre would rise again.
const LEAST_GAIN: f64 = 0.016;

/// Damping of the two sections of a fourth-order Butterworth filter.
fn dampings() -> [f64; 2] {
    [(PI / 8.0).cos(), (3.0 * PI / 8.0).cos()]
}

/// Gain of the side at a frequency, dB, by factors of the four bands.
pub(super) fn response_db(factors: [f64; DYNAMICS_BANDS], freq_hz: f64) -> f64 {
    let gains = factors.map(|f| f.max(LEAST_GAIN));
    let shelves = gains.windows(2).zip(DYNAMICS_CROSSOVERS_HZ).map(|(pair, crossover_hz)| {
        let above = (freq_hz / crossover_hz).powi(8);
        (1.0 + (pair[1] / pair[0]).powi(2) * above) / (1.0 + above)
    });
    10.0 * (gains[0].powi(2) * shelves.product::<f64>()).log10()
}

/// Gains of the side in four bands.
#[derive(Clone, Debug)]
pub(super) struct Width {
    gain: f64,
    shelves: Vec<[Section; 2]>,
}

impl Width {
    /// Factors of the side, low to high band; 1 is neutral.
    pub(super) fn new(factors: [f64; DYNAMICS_BANDS], sample_rate_hz: f64) -> Self {
        if factors.iter().all(|f| *f == factors[0]) {
            return Self { gain: factors[0], shelves: Vec::new() };
        }
        let gains = factors.map(|f| f.max(LEAST_GAIN));
        let steps = gains.windows(2).zip(DYNAMICS_CROSSOVERS_HZ).filter(|(pair, _)| pair[0] != pair[1]);
        let shelves = steps.map(|(pair, freq_hz)| shelf(pair[1] / pair[0], freq_hz, sample_rate_hz)).collect();
        Self { gain: gains[0], shelves }
    }

    /// Processes the side in place.
    pub(super) fn process(&mut self, side: &mut [f64]) {
        if self.gain != 1.0 {
            side.iter_mut().for_each(|s| *s *= self.gain);
        }
        // All sections in one loop where there are three shelves or two: while one frame waits in a later section, the next is
        // in an earlier one.
        match self.shelves.as_mut_slice() {
            [a, b, c] => cascade([a, b, c], side),
            [a, b] => cascade([a, b], side),
            shelves => shelves.iter_mut().for_each(|shelf| cascade([shelf], side)),
        }
    }

    pub(super) fn flush(&mut self) {
        self.shelves.iter_mut().flatten().for_each(Section::flush);
    }

    pub(super) fn reset(&mut self) {
        self.shelves.iter_mut().flatten().for_each(Section::reset);
    }
}

/// Runs shelves one after the other, their state in registers meanwhile.
fn cascade<const N: usize>(shelves: [&mut [Section; 2]; N], side: &mut [f64]) {
    let mut run = shelves.each_ref().map(|shelf| (**shelf).clone());
    for s in side.iter_mut() {
        *s = run.iter_mut().flatten().fold(*s, |x, section| section.process(x));
    }
    shelves.into_iter().zip(run).for_each(|(shelf, run)| *shelf = run);
}

/// A shelf of gain 1 below and `gain` above `freq_hz`.
fn shelf(gain: f64, freq_hz: f64, sample_rate_hz: f64) -> [Section; 2] {
    let k = (PI * (freq_hz / sample_rate_hz).min(0.49)).tan();
    let high = gain.sqrt();
    dampings().map(|damping| {
        let (zero_slope, pole_slope) = (2.0 * damping * high.sqrt() * k, 2.0 * damping * k);
        let a0 = 1.0 + pole_slope + k * k;
        Section::new(Coefficients {
            b: [(high + zero_slope + k * k) / a0, 2.0 * (k * k - high) / a0, (high - zero_slope + k * k) / a0],
            a: [2.0 * (k * k - 1.0) / a0, (1.0 - pole_slope + k * k) / a0],
        })
    })
}

/// A second-order section for one lane, transposed direct form II.
#[derive(Clone, Debug)]
pub(super) struct Section {
    coefficients: Coefficients,
    s1: f64,
    s2: f64,
}

impl Section {
    pub(super) fn new(coefficients: Coefficients) -> Self {
        Self { coefficients, s1: 0.0, s2: 0.0 }
    }

    #[inline(always)]
    pub(super) fn process(&mut self, x: f64) -> f64 {
        let Coefficients { b, a } = self.coefficients;
        let y = b[0] * x + self.s1;
        // What does not wait for y comes first: the next frame waits for s1.
        self.s1 = (b[1] * x + self.s2) - a[0] * y;
        self.s2 = b[2] * x - a[1] * y;
        y
    }

    /// Sets state below −300 dBFS to zero, so that no denormal numbers slow the machine.
    pub(super) fn flush(&mut self) {
        for s in [&mut self.s1, &mut self.s2] {
            if s.abs() < 1e-15 {
                *s = 0.0;
            }
        }
    }

    pub(super) fn reset(&mut self) {
        (self.s1, self.s2) = (0.0, 0.0);
    }
}
