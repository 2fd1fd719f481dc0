//! Spans of rows: their windows, their mean powers, their loudness range.

use super::loudness::{LRA_TAIL_ROWS, SHORT_TERM_ROWS, SILENCE_LUFS, loudness_range_lufs, percentile};
use std::ops::{Range, RangeInclusive};

/// Share of the short-term windows that counts as loud at least.
const LOUD_SHARE: f64 = 0.3;
/// Windows this close to the 95th percentile are loud too: where the level is steady, everything is.
const LOUD_REACH_LU: f64 = 2.0;

/// Entry k is the sum before value k.
pub(super) fn running_sums(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let sums = values.scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// Mean of the values of some rows, from their running sums.
pub(super) fn mean_power(sums: &[f64], rows: Range<usize>) -> f64 {
    (sums[rows.end] - sums[rows.start]).max(0.0) / rows.len().max(1) as f64
}

/// Windows of so many rows inside a range.
pub(super) fn windows(range: &Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> + use<> {
    let starts = range.start..(range.end + 1).saturating_sub(len).max(range.start);
    starts.map(move |start| start..start + len)
}

/// The levels, LUFS, that bound the loudness range of ranges of rows, from the running sums of their K-weighted powers.
pub(super) fn range_lufs(k_sums: &[f64], ranges: &[Range<usize>]) -> RangeInclusive<f64> {
    let mut powers: Vec<f64> = ranges.iter().flat_map(|r| windows(r, SHORT_TERM_ROWS)).map(|w| mean_power(k_sums, w)).collect();
    if let Some(last) = ranges.last() {
        let tail = (1..=LRA_TAIL_ROWS).filter_map(|j| (last.end + j).checked_sub(SHORT_TERM_ROWS));
        let tail = tail.filter(|&start| start >= last.start && start < last.end);
        let share = |start: usize| (last.end - start) as f64 / SHORT_TERM_ROWS as f64;
        powers.extend(tail.map(|start| mean_power(k_sums, start..last.end) * share(start)));
    }
    loudness_range_lufs(&powers)
}

/// Length of a range of levels, LU.
pub(super) fn length_lu(range: &RangeInclusive<f64>) -> f64 {
    range.end() - range.start()
}

/// From where on a short-term loudness is loud: the 70th percentile, or 2 LU under the 95th where that is lower. None for silence.
pub(super) fn loud_threshold_lufs(short_term_lufs: impl Iterator<Item = f64>) -> Option<f64> {
    let mut levels: Vec<f64> = short_term_lufs.filter(|&l| l > SILENCE_LUFS).collect();
    let near_top = percentile(&mut levels, 0.95) - LOUD_REACH_LU;
    (!levels.is_empty()).then(|| percentile(&mut levels, 1.0 - LOUD_SHARE).min(near_top))
}

/// Rising ranges joined where they touch or overlap.
pub(super) fn merge(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
