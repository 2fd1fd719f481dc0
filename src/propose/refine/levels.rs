//! What all stages but the leveler make of a level: a rising map from short-term loudness to short-term loudness, in three straight pieces.
//!
//! A limiter flattens loud music and leaves soft music, so that what was heard has a slope under its middle level and another above it;
//! under the softest level that was heard the slope is what the stages' settings say.

use std::ops::RangeInclusive;

/// Slopes that are believed.
const SLOPES: RangeInclusive<f64> = 0.2..=2.5;
/// Standard deviation, LU, of levels that say as much of their slope as is known beforehand.
const KNOWN_LU: f64 = 1.5;

/// The map; its offset is of no concern.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LevelMap {
    /// Slope under the softest level that was heard.
    known_slope: f64,
    softest_lufs: f64,
    /// Slope from there to the knee.
    soft_slope: f64,
    knee_lufs: f64,
    /// Slope above the knee.
    loud_slope: f64,
}

impl LevelMap {
    /// The map of one slope, before anything was heard.
    pub(super) fn known(slope: f64) -> Self {
        Self { known_slope: slope, softest_lufs: 0.0, soft_slope: slope, knee_lufs: 0.0, loud_slope: slope }
    }

    /// The map of levels before and after, LUFS: least squares, each slope drawn toward what is known where levels hardly differ.
    pub(super) fn heard(before: &[f64], after: &[f64], known_slope: f64) -> Self {
        if before.is_empty() {
            return Self::known(known_slope);
        }
        let mut sorted = before.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (softest_lufs, knee_lufs) = (sorted[0], sorted[sorted.len() / 2]);
        let n = before.len() as f64;
        let under: Vec<f64> = before.iter().map(|level| (level - knee_lufs).min(0.0)).collect();
        let over: Vec<f64> = before.iter().map(|level| (level - knee_lufs).max(0.0)).collect();
        // What is left beyond the known slope, so that to know nothing is zero.
        let left: Vec<f64> = before.iter().zip(after).map(|(b, a)| a - known_slope * b).collect();
        let known = n * KNOWN_LU.powi(2);
        let (uu, oo, uo) = (covariance(&under, &under) + known, covariance(&over, &over) + known, covariance(&under, &over));
        let (ul, ol) = (covariance(&under, &left), covariance(&over, &left));
        let determinant = uu * oo - uo * uo;
        let slope = |more: f64| (known_slope + more / determinant).clamp(*SLOPES.start(), *SLOPES.end());
        let (soft_slope, loud_slope) = (slope(ul * oo - ol * uo), slope(ol * uu - ul * uo));
        Self { known_slope, softest_lufs, soft_slope, knee_lufs, loud_slope }
    }

    /// Length, LU, of what becomes of a range of levels. The map rises, so that percentiles stay what they are.
    pub(super) fn length_lu(&self, range_lufs: &RangeInclusive<f64>) -> f64 {
        self.relative_lu(*range_lufs.end()) - self.relative_lu(*range_lufs.start())
    }

    /// What becomes of a level, LU over what becomes of the knee.
    pub(super) fn relative_lu(&self, lufs: f64) -> f64 {
        self.loud_slope * (lufs - self.knee_lufs).max(0.0)
            + self.soft_slope * (lufs.max(self.softest_lufs) - self.knee_lufs).min(0.0)
            + self.known_slope * (lufs - self.softest_lufs).min(0.0)
    }
}

/// Sum of products about the means.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let products: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    products - a.iter().sum::<f64>() * b.iter().sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A minute of levels, as evenly spread as those of music seldom are.
    fn levels() -> Vec<f64> {
        (0..=100).map(|n| -40.0 + 0.3 * f64::from(n)).collect()
    }

    #[test]
    fn a_limiter_shortens_loud_ranges_and_leaves_soft_ones() {
        let before = levels();
        let after: Vec<f64> =
            before.iter().map(|level| if *level > -25.0 { -25.0 + 0.3 * (level + 25.0) } else { *level }).collect();
        let map = LevelMap::heard(&before, &after, 1.0);
        assert!((map.length_lu(&(-40.0..=-25.0)) - 15.0).abs() < 1.0, "{map:?}");
        assert!((map.length_lu(&(-25.0..=-10.0)) - 4.5).abs() < 1.5, "{map:?}");
    }

    #[test]
    fn under_what_was_heard_the_slope_is_what_is_known() {
        let before = levels();
        let after: Vec<f64> = before.iter().map(|level| 0.5 * level).collect();
        let map = LevelMap::heard(&before, &after, 0.9);
        assert!((map.length_lu(&(-60.0..=-40.0)) - 18.0).abs() < 1e-9, "{map:?}");
        assert!((map.length_lu(&(-40.0..=-10.0)) - 15.0).abs() < 2.0, "{map:?}");
    }

    #[test]
    fn levels_that_hardly_differ_say_little_and_none_say_nothing() {
        let map = LevelMap::heard(&[-20.0, -20.2], &[-14.0, -10.0], 1.0);
        assert!((map.length_lu(&(-20.2..=-20.0)) - 0.2).abs() < 0.1, "{map:?}");
        assert_eq!(LevelMap::heard(&[], &[], 0.8), LevelMap::known(0.8));
        assert!((LevelMap::known(0.8).length_lu(&(-30.0..=5.0)) - 28.0).abs() < 1e-9);
    }
}
