//! Emphasis: a first-order shelf before a curve and its exact inverse behind it, so that the curve bites earlier where it lifts.

use crate::dsp::biquad::{Biquad, Coefficients};
use std::f64::consts::PI;

/// A first-order shelf and its exact inverse.
pub(super) struct Emphasis {
    pub(super) shelf: Coefficients,
    pub(super) before: Biquad,
    pub(super) after: Biquad,
}

impl Emphasis {
    /// `(s + zero)/(s + pole)`, scaled to 1 at 0 Hz or at high frequencies, by the bilinear transform. The middle of both corners
    /// is prewarped, and their ratio stays: from 0 Hz to the Nyquist frequency the shelf rises as far at any rate.
    pub(super) fn new(zero_hz: f64, pole_hz: f64, unity_at_dc: bool, sample_rate_hz: f64) -> Self {
        let middle = (PI * ((zero_hz * pole_hz).sqrt() / sample_rate_hz).min(0.49)).tan();
        let half_ratio = (pole_hz / zero_hz).sqrt();
        let (zero, pole) = (middle / half_ratio, middle * half_ratio);
        let scale = if unity_at_dc { pole / zero } else { 1.0 } / (1.0 + pole);
        let shelf = Coefficients { b: [scale * (1.0 + zero), scale * (zero - 1.0), 0.0], a: [(pole - 1.0) / (1.0 + pole), 0.0] };
        let [b0, b1, _] = shelf.b;
        let inverse = Coefficients { b: [1.0 / b0, shelf.a[0] / b0, 0.0], a: [b1 / b0, 0.0] };
        Self { shelf, before: Biquad::new(shelf), after: Biquad::new(inverse) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::gain::gain_to_db;

    /// Tape's and transformer's corners: all decibels at the end of the band, half of them in the middle of the corners; and the
    /// filter behind takes them back.
    #[test]
    fn a_shelf_is_as_strong_at_any_rate() {
        for rate_hz in [8000.0, 11_025.0, 16_000.0, 44_100.0, 96_000.0] {
            for (zero_hz, pole_hz, unity_at_dc, rises_db) in [(3500.0, 7000.0, true, 6.02), (200.0, 71.0, false, 9.0)] {
                let emphasis = Emphasis::new(zero_hz, pole_hz, unity_at_dc, rate_hz);
                let level_db = |hz: f64| gain_to_db(emphasis.shelf.magnitude(hz, rate_hz));
                let (plain_hz, lifted_hz) = if unity_at_dc { (0.0, 0.5 * rate_hz) } else { (0.5 * rate_hz, 0.0) };
                let (plain_db, lifted_db) = (level_db(plain_hz), level_db(lifted_hz));
                assert!(plain_db.abs() < 0.01, "{zero_hz} Hz at {rate_hz} Hz: {plain_db} dB");
                assert!((lifted_db - rises_db).abs() < 0.1, "{zero_hz} Hz at {rate_hz} Hz: {lifted_db} dB for {rises_db} dB");
                let middle_hz = f64::sqrt(zero_hz * pole_hz);
                let middle_db = level_db(middle_hz);
                let there = middle_hz < 0.49 * rate_hz;
                assert!(!there || (middle_db - 0.5 * rises_db).abs() < 0.05, "{middle_hz} Hz at {rate_hz} Hz: {middle_db} dB");
                let (mut before, mut after) = (emphasis.before, emphasis.after);
                for x in (0..200).map(|n| [f64::from(u8::from(n == 3)), 0.5]) {
                    let y = after.process(before.process(x));
                    assert!((y[0] - x[0]).abs() < 1e-9 && (y[1] - x[1]).abs() < 1e-9, "{zero_hz} Hz at {rate_hz} Hz: {y:?}");
                }
            }
        }
    }
}
