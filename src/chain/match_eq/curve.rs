//! The curve between the band centres: a monotone cubic over the logarithm of the frequency.
//!
//! Slopes by F. N. Fritsch and J. Butland, "A method for constructing local monotone piecewise cubic interpolants" (SIAM J. Sci. Stat. Comput. 5, 1984): the
//! harmonic mean of the neighbouring slopes, zero at a peak or a dip, so that no gain between two centres exceeds theirs.

use super::Curve;
use crate::dsp::bands::{THIRD_OCTAVES, third_octave_centre_hz};

/// Gain of the curve at `freq_hz`, in dB: the band's gain at each exact centre, smooth between, flat outside 20 Hz to 20 kHz.
pub fn curve_response_db(curve: &Curve, freq_hz: f64) -> f64 {
    let gains = &curve.gains_db;
    let last = THIRD_OCTAVES - 1;
    let position = 10.0 * (freq_hz / third_octave_centre_hz(0)).max(1.0).log10();
    if position >= last as f64 {
        return gains[last];
    }
    let band = position as usize;
    let t = position - band as f64;
    let (from, to) = (gains[band], gains[band + 1]);
    let (m0, m1) = (slope(gains, band), slope(gains, band + 1));
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * from + (t3 - 2.0 * t2 + t) * m0 + (3.0 * t2 - 2.0 * t3) * to + (t3 - t2) * m1
}

/// Slope at a centre, in dB per band; zero at the ends, where the flat parts begin.
fn slope(gains: &[f64; THIRD_OCTAVES], band: usize) -> f64 {
    if band == 0 || band == THIRD_OCTAVES - 1 {
        return 0.0;
    }
    let (before, after) = (gains[band] - gains[band - 1], gains[band + 1] - gains[band]);
    if before * after <= 0.0 { 0.0 } else { 2.0 * before * after / (before + after) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zigzag() -> Curve {
        Curve { gains_db: std::array::from_fn(|i| [0.0, 3.0, -4.0, 5.0, 5.0, 1.0][i % 6]) }
    }

    #[test]
    fn passes_through_every_band_and_never_overshoots() {
        let curve = zigzag();
        for i in 0..THIRD_OCTAVES {
            assert!((curve_response_db(&curve, third_octave_centre_hz(i)) - curve.gains_db[i]).abs() < 1e-9);
        }
        for i in 0..THIRD_OCTAVES - 1 {
            let (a, b) = (curve.gains_db[i], curve.gains_db[i + 1]);
            for step in 0..=20 {
                let gain_db = curve_response_db(&curve, third_octave_centre_hz(i) * 10f64.powf(f64::from(step) / 200.0));
                assert!(gain_db >= a.min(b) - 1e-9 && gain_db <= a.max(b) + 1e-9);
            }
        }
    }

    #[test]
    fn is_flat_outside_the_bands() {
        let curve = zigzag();
        assert_eq!(curve_response_db(&curve, 0.0), curve.gains_db[0]);
        assert_eq!(curve_response_db(&curve, 5.0), curve.gains_db[0]);
        assert_eq!(curve_response_db(&curve, 48_000.0), curve.gains_db[THIRD_OCTAVES - 1]);
    }
}
