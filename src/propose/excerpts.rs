//! Which parts of a mix stand for the whole: one at each of several levels of short-term loudness, soft to loud.

use crate::analysis::{ROW_S, Timeline};
use std::ops::Range;

/// Quantiles of the short-term loudness, among what a listener hears as music. Loud to soft: the loud ones choose first.
const QUANTILES: [f64; 4] = [0.95, 0.7, 0.4, 0.1];
/// Length of an excerpt: two windows of short-term loudness do not fit, one and the settling of dynamics do.
pub(super) const EXCERPT_S: f64 = 5.5;
/// A mix up to this long is auditioned whole.
const WHOLE_S: f64 = 30.0;
/// Rows softer than the loudest by more than this are no music.
const GATE_LU: f64 = 30.0;

/// Row ranges of the excerpts, in the order of time, not overlapping.
pub fn excerpt_rows(mix: &Timeline) -> Vec<Range<usize>> {
    let rows = mix.rows();
    let length = (EXCERPT_S / ROW_S) as usize;
    if rows as f64 * ROW_S <= WHOLE_S {
        return std::iter::once(0..rows).collect();
    }
    let short_term = mix.short_term_lufs();
    let loudest = short_term.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    // The window of 3 s that ends at a row lies in the middle of an excerpt.
    let lead = (length + 30) / 2;
    let candidates: Vec<(usize, f64)> = short_term
        .iter()
        .enumerate()
        .filter(|(row, v)| **v > loudest - GATE_LU && *row + 1 >= lead && *row + 1 - lead + length <= rows)
        .map(|(row, v)| (row + 1 - lead, *v))
        .collect();
    let mut levels: Vec<f64> = candidates.iter().map(|c| c.1).collect();
    levels.sort_by(f64::total_cmp);
    let mut chosen: Vec<Range<usize>> = Vec::new();
    for quantile in QUANTILES {
        let Some(level) = levels.get((quantile * levels.len().saturating_sub(1) as f64) as usize) else { continue };
        let free = candidates.iter().filter(|(start, _)| chosen.iter().all(|c| start + length <= c.start || *start >= c.end));
        if let Some((start, _)) = free.min_by(|a, b| (a.1 - level).abs().total_cmp(&(b.1 - level).abs())) {
            chosen.push(*start..start + length);
        }
    }
    if chosen.is_empty() {
        chosen.push(0..length.min(rows));
    }
    chosen.sort_by_key(|c| c.start);
    chosen
}
