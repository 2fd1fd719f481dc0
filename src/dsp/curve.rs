//! Static curves of dynamics processors, in decibels.

/// How far a level is beyond a threshold, with a soft corner: `over_db` is level minus threshold.
///
/// The quadratic knee of Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor Design", JAES 60(6), 2012,
/// eq. 4: 0 below `−knee/2`, `(over + knee/2)² / (2·knee)` inside the knee, `over` above. A downward compressor's gain is
/// `(1/ratio − 1) · soft_excess_db`.
#[inline]
pub fn soft_excess_db(over_db: f64, knee_db: f64) -> f64 {
    let into_knee = over_db + 0.5 * knee_db;
    // Without a branch: levels around a threshold are what nothing can predict.
    let inside = into_knee.max(0.0).min(knee_db);
    inside * inside * (0.5 / knee_db.max(f64::MIN_POSITIVE)) + (into_knee - inside).max(0.0)
}

/// Rises smoothly from 0 at `x ≤ 0` to 1 at `x ≥ 1`: `3x² − 2x³`.
#[inline]
pub fn smoothstep(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_knee_meets_both_sides_in_value_and_slope() {
        let (knee, h) = (6.0, 1e-6);
        for (corner, value, slope) in [(-3.0, 0.0, 0.0), (3.0, 3.0, 1.0)] {
            assert!((soft_excess_db(corner, knee) - value).abs() < 1e-12);
            for side in [-h, h] {
                let measured = (soft_excess_db(corner + side, knee) - value) / side;
                assert!((measured - slope).abs() < 1e-5, "{corner} {side} {measured}");
            }
        }
    }

    #[test]
    fn a_hard_knee_is_the_plain_excess() {
        for over in [-10.0, -0.1, 0.0, 0.1, 10.0] {
            assert_eq!(soft_excess_db(over, 0.0), f64::max(over, 0.0));
        }
    }
}
