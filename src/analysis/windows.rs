//! Which parts of a file stand for the whole: windows at given quantiles of its short-term loudness.

use super::{ROW_S, Timeline};
use std::ops::Range;

/// Rows softer than the loudest by more than this are no music.
const GATE_LU: f64 = 30.0;
/// The window of short-term loudness, in rows.
const SHORT_TERM_ROWS: usize = (3.0 / ROW_S) as usize;

impl Timeline {
    /// Windows of `length` rows in the order of time, not overlapping: at each quantile of the short-term loudness, among
    /// what a listener hears as music, the one that comes closest. Earlier quantiles choose first; where there is no room
    /// left, there are fewer windows.
    pub fn windows_at(&self, quantiles: &[f64], length: usize) -> Vec<Range<usize>> {
        let rows = self.rows();
        let short_term = self.short_term_lufs();
        let loudest = short_term.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        // The window of 3 s that ends at a row lies in the middle of the chosen one.
        let lead = (length + SHORT_TERM_ROWS) / 2;
        let candidates: Vec<(usize, f64)> = short_term
            .iter()
            .enumerate()
            .filter(|(row, v)| **v > loudest - GATE_LU && *row + 1 >= lead && *row + 1 - lead + length <= rows)
            .map(|(row, v)| (row + 1 - lead, *v))
            .collect();
        let mut levels: Vec<f64> = candidates.iter().map(|c| c.1).collect();
        levels.sort_by(f64::total_cmp);
        let mut chosen: Vec<Range<usize>> = Vec::new();
        for quantile in quantiles {
            let Some(level) = levels.get((quantile * levels.len().saturating_sub(1) as f64) as usize) else { continue };
            let free = candidates.iter().filter(|(start, _)| chosen.iter().all(|c| start + length <= c.start || *start >= c.end));
            if let Some((start, _)) = free.min_by(|a, b| (a.1 - level).abs().total_cmp(&(b.1 - level).abs())) {
                chosen.push(*start..start + length);
            }
        }
        chosen.sort_by_key(|c| c.start);
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::super::Analyzer;

    /// Ten seconds each at −40, −10 and −20 dB: the loud window lies in the loud part, the soft one is no louder than the
    /// middle one, and none overlap.
    #[test]
    fn windows_lie_where_the_level_is() {
        let mut analyzer = Analyzer::new(8000, 1);
        for gain in [0.01, 0.3, 0.1] {
            analyzer.push(&[(0..80_000).map(|n| gain * (n as f32 * 0.7).sin()).collect()]);
        }
        let timeline = analyzer.finish();
        let windows = timeline.windows_at(&[0.95, 0.5, 0.0], 40);
        assert_eq!(windows.len(), 3);
        assert!(windows.windows(2).all(|pair| pair[0].end <= pair[1].start), "{windows:?}");
        assert!(windows.iter().all(|w| w.len() == 40 && w.end <= timeline.rows()));
        assert!(windows.iter().any(|w| w.start >= 100 && w.end <= 200), "{windows:?}");
        assert!(timeline.windows_at(&[0.5], 301).is_empty());
    }
}
