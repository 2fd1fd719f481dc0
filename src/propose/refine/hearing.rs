//! Hearing: what an audition of the excerpts says about the whole.

use super::super::excerpts::EXCERPT_S;
use super::super::traits::Traits;
use crate::analysis::{ROW_S, Timeline};
use std::ops::Range;

/// Rows of an excerpt.
const PIECE_ROWS: usize = (EXCERPT_S / ROW_S) as usize;
/// Share of the excerpts, loudest first, that stand for the loud sections.
const LOUD_SHARE: f64 = 0.5;

/// Compares auditions with the excerpts as they were.
pub(super) struct Hearing {
    mix: Traits,
    pieces: Vec<Range<usize>>,
    loud: Vec<Range<usize>>,
    before: Traits,
    levels_before: Vec<f64>,
}

/// What the master would measure.
pub(super) struct Prediction {
    /// All figures of the whole master.
    pub(super) traits: Traits,
}

impl Hearing {
    /// Prepares for excerpts whose originals measure as `original`.
    pub(super) fn new(original: &Timeline, mix: &Traits) -> Self {
        let rows = original.rows();
        let pieces: Vec<Range<usize>> =
            (0..rows.div_ceil(PIECE_ROWS)).map(|i| i * PIECE_ROWS..((i + 1) * PIECE_ROWS).min(rows)).collect();
        let levels_before = levels(original, &pieces);
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by(|a, b| levels_before[*b].total_cmp(&levels_before[*a]));
        let keep = ((LOUD_SHARE * pieces.len() as f64).ceil() as usize).max(1);
        let mut loud: Vec<Range<usize>> = order.into_iter().take(keep).map(|i| pieces[i].clone()).collect();
        loud.sort_by_key(|r| r.start);
        let before = hear(original, &pieces, &loud);
        Self { mix: mix.clone(), pieces, loud, before, levels_before }
    }

    /// What the whole master would measure if the excerpts became `after`.
    pub(super) fn predict(&self, after: &Timeline) -> Prediction {
        let mut traits = self.mix.moved(&self.before, &hear(after, &self.pieces, &self.loud));
        let slope = slope(&self.levels_before, &levels(after, &self.pieces));
        traits.lra_lu = self.mix.lra_lu * slope.max(0.0);
        Prediction { traits }
    }
}

fn hear(timeline: &Timeline, whole: &[Range<usize>], loud: &[Range<usize>]) -> Traits {
    let mut loudness = timeline.loudness_of(whole);
    loudness.psr_lu = timeline.loudness_of(loud).psr_lu;
    Traits::from_parts(&loudness, &timeline.section(whole), &timeline.section(loud))
}

fn levels(timeline: &Timeline, pieces: &[Range<usize>]) -> Vec<f64> {
    pieces.iter().map(|p| timeline.loudness_of(std::slice::from_ref(p)).integrated_lufs).collect()
}

/// Slope of level after over level before, by least squares: 1 where levels keep their distance.
fn slope(before: &[f64], after: &[f64]) -> f64 {
    let n = before.len() as f64;
    let (mean_before, mean_after) = (before.iter().sum::<f64>() / n, after.iter().sum::<f64>() / n);
    let (mut covariance, mut variance) = (0.0, 0.0);
    for (b, a) in before.iter().zip(after) {
        covariance += (b - mean_before) * (a - mean_after);
        variance += (b - mean_before).powi(2);
    }
    // Excerpts within half a loudness unit of each other say nothing about range.
    if variance < 0.25 * n { 1.0 } else { covariance / variance }
}

#[cfg(test)]
mod tests {
    use super::slope;

    #[test]
    fn slope_is_the_share_of_level_differences_that_is_left() {
        let before = [-30.0, -24.0, -18.0, -12.0];
        let after = before.map(|v| 0.5 * v - 3.0);
        assert!((slope(&before, &after) - 0.5).abs() < 1e-12);
        assert_eq!(slope(&[-20.0, -20.2], &[-14.0, -10.0]), 1.0, "equal levels say nothing about range");
    }
}
