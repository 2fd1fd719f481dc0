//! Which parts of a mix stand for the whole: one at each of several levels of short-term loudness, soft to loud.

use crate::analysis::{ROW_S, Timeline};
use std::ops::Range;

/// Quantiles of the short-term loudness, among what a listener hears as music. Loud to soft: the loud ones choose first.
const QUANTILES: [f64; 4] = [0.95, 0.7, 0.4, 0.1];
/// Length of an excerpt: two windows of short-term loudness do not fit, one and the settling of dynamics do.
pub(super) const EXCERPT_S: f64 = 5.5;
/// A mix up to this long is auditioned whole.
const WHOLE_S: f64 = 30.0;

/// Row ranges of the excerpts, in the order of time, not overlapping.
pub fn excerpt_rows(mix: &Timeline) -> Vec<Range<usize>> {
    let rows = mix.rows();
    let length = (EXCERPT_S / ROW_S) as usize;
    if rows as f64 * ROW_S <= WHOLE_S {
        return std::iter::once(0..rows).collect();
    }
    let mut chosen = mix.windows_at(&QUANTILES, length);
    if chosen.is_empty() {
        chosen.push(0..length.min(rows));
    }
    chosen
}
