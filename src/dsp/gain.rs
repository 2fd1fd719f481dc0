//! Decibels and linear factors.

use std::f64::consts::{LN_2, LOG2_10, LOG10_2, LOG10_E};

/// Amplitude factor of a level in decibels: `10^(db/20)`.
pub fn db_to_gain(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// Level in decibels of an amplitude factor: `20·log10(gain)`; −∞ for 0.
pub fn gain_to_db(gain: f64) -> f64 {
    20.0 * gain.log10()
}

/// Level in decibels of a power: `10·log10(power)`; −∞ for 0.
pub fn power_to_db(power: f64) -> f64 {
    10.0 * power.log10()
}

/// [`power_to_db`] for control steps, within 1e−7 dB, without libm and so alike on every machine; for finite powers above 1e−300.
///
/// `log2 m = 2/ln 2 · artanh((m − 1)/(m + 1))` for a mantissa `m` from √½ to √2, where five terms of the series do.
#[inline]
pub fn step_power_to_db(power: f64) -> f64 {
    // Bits of √½: what is above the last of them under `power` is the exponent for a mantissa from √½ on.
    const HALF_ROOT: u64 = 0x3fe6_a09e_667f_3bcd;
    // The exponent with its bias, as the low digits of a number that has no others: what several lanes can do at once.
    const BIAS: u64 = 1023 << 52;
    const DIGITS: f64 = 4_503_599_627_370_496.0;
    let biased = power.to_bits().wrapping_sub(HALF_ROOT).wrapping_add(BIAS) >> 52;
    let exponent = f64::from_bits(DIGITS.to_bits() | biased) - (DIGITS + 1023.0);
    let mantissa = f64::from_bits(power.to_bits().wrapping_sub(biased << 52).wrapping_add(BIAS));
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let t2 = t * t;
    // In halves, which do not wait for each other.
    let series = (1.0 + t2 * (1.0 / 3.0)) + (t2 * t2) * ((1.0 / 5.0 + t2 * (1.0 / 7.0)) + (t2 * t2) * (1.0 / 9.0));
    10.0 * LOG10_2 * exponent + 20.0 * LOG10_E * t * series
}

/// [`db_to_gain`] for control steps, within 1e−10 of itself, without libm and so alike on every machine; for decibels within ±3000.
/// Exactly 1 at 0 dB.
///
/// `2^x = 2^k · e^(f ln 2)` with the nearest whole `k`, and eight terms of the exponential series.
#[inline]
pub fn step_db_to_gain(db: f64) -> f64 {
    // Adding it leaves no room for what is behind the point.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    let octaves = db * (LOG2_10 / 20.0);
    let whole = (octaves + WHOLE) - WHOLE;
    let f = (octaves - whole) * LN_2;
    // In pairs, which do not wait for each other.
    let (f2, f4) = (f * f, (f * f) * (f * f));
    let low = (1.0 + f) + f2 * (0.5 + f * (1.0 / 6.0));
    let middle = (1.0 / 24.0 + f * (1.0 / 120.0)) + f2 * (1.0 / 720.0 + f * (1.0 / 5040.0));
    let mantissa = low + f4 * (middle + f4 * (1.0 / 40_320.0 + f * (1.0 / 362_880.0)));
    // Its low bits are the whole number's.
    mantissa * f64::from_bits((octaves + WHOLE).to_bits().wrapping_add(1023) << 52)
}

/// Largest magnitude of `samples`; 0 for none. Magnitudes compare like the integers of their bits, which, unlike a maximum
/// of floats, is computed several at a time.
#[inline]
pub fn largest_magnitude(samples: &[f32]) -> f32 {
    let bits = samples.iter().fold(0i32, |most, x| most.max((x.to_bits() & 0x7fff_ffff) as i32));
    f32::from_bits(bits as u32)
}

/// Whether all samples are zero.
#[inline]
pub fn is_silent(samples: &[f32]) -> bool {
    // But for the sign no bit is set.
    samples.iter().fold(0, |bits, x| bits | x.to_bits()) << 1 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_zeros_of_either_sign() {
        assert!(is_silent(&[]) && is_silent(&[0.0, -0.0, 0.0]));
        assert!(!is_silent(&[0.0, -1e-45]) && !is_silent(&[f32::NAN]));
    }

    #[test]
    fn those_for_control_steps_are_the_same() {
        for i in -30_000..30_000 {
            let db = f64::from(i) * 0.01 + 0.000_7;
            let (gain, quick) = (db_to_gain(db), step_db_to_gain(db));
            assert!((quick / gain - 1.0).abs() < 1e-10, "{db} dB: {quick} for {gain}");
            let power = gain * gain;
            assert!((step_power_to_db(power) - power_to_db(power)).abs() < 1e-7, "{power}: {}", step_power_to_db(power));
        }
        assert_eq!((step_db_to_gain(0.0), step_power_to_db(1.0)), (1.0, 0.0));
        assert!((step_db_to_gain(3000.0) / 1e150 - 1.0).abs() < 1e-9 && step_power_to_db(1e300) > 2999.9);
    }
}
