//! Saturation curves, cheap enough for an oversampled rate: branch-free, so that compilers run them four at a time.

/// `2^x` for −126 ≤ x ≤ 126; relative error below 2·10⁻⁷. `2^0` is exactly 1.
///
/// The whole part goes into the exponent bits (adding 1.5·2²³ rounds to it), the rest, ±½, through the Taylor polynomial
/// of degree 6 of `2^f`, whose remainder is below `(ln 2 / 2)⁷ / 7! ≈ 1.2·10⁻⁷`.
#[inline(always)]
pub fn exp2(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0;
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    let p = 1.0
        + f * (std::f32::consts::LN_2
            + f * (0.240_226_5 + f * (0.055_504_11 + f * (0.009_618_129 + f * (0.001_333_355_8 + f * 0.000_154_035_3)))));
    f32::from_bits(p.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// `tanh x` as `(e²ˣ − 1)/(e²ˣ + 1)`; absolute error below 3·10⁻⁷; 0 at 0.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let e = exp2(clamp(x, 10.0) * (2.0 * std::f32::consts::LOG2_E));
    (e - 1.0) / (e + 1.0)
}

/// `x` within ±`limit`; two instructions, unlike [`f32::clamp`].
#[inline(always)]
pub fn clamp(x: f32, limit: f32) -> f32 {
    let x = if x < limit { x } else { limit };
    if x > -limit { x } else { -limit }
}

/// A bend whose slope falls from 1 at `w = 0` to 0 at `w = 1`, reaching ½, with three
/// continuous derivatives at both ends: `w − 2.5·w⁴ + 3·w⁵ − w⁶`. Its harmonics fall off with the fifth power.
#[inline(always)]
pub fn bend(w: f32) -> f32 {
    w + w * w * w * w * (-2.5 + w * (3.0 - w))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tanh_is_within_its_stated_error() {
        assert_eq!(tanh(0.0), 0.0);
        for i in -240_000..=240_000 {
            let x = i as f32 / 20_000.0;
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7, "{x}: {}", tanh(x));
        }
        assert!((tanh(1e30) - 1.0).abs() < 1e-6 && (tanh(-1e30) + 1.0).abs() < 1e-6);
    }

    #[test]
    fn bend_has_slope_one_at_its_start_and_zero_at_its_end() {
        let slope = |w: f32| (bend(w + 1e-3) - bend(w - 1e-3)) / 2e-3;
        assert!((slope(1e-3) - 1.0).abs() < 1e-4 && slope(0.999).abs() < 1e-4 && (bend(1.0) - 0.5).abs() < 1e-7);
    }
}
