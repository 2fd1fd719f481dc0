//! The grid of time: steps of 10 ms, rows of 100 ms, cells of 400 ms.
//!
//! Step k ends at frame `round((k+1)·rate/100)`: the ends come from the stream's start, so nothing drifts at any rate, and
//! every tenth step ends a row.

/// Steps in a row.
pub(super) const STEPS_PER_ROW: u64 = 10;
/// Rows in a cell, the grid of the spectrum.
pub(super) const ROWS_PER_CELL: usize = 4;

/// First frame after step `step`.
pub(super) fn step_end(step: u64, sample_rate_hz: u32) -> u64 {
    ((step + 1) * u64::from(sample_rate_hz) + 50) / 100
}

/// First frame after row `row`.
pub(super) fn row_end(row: u64, sample_rate_hz: u32) -> u64 {
    step_end(row * STEPS_PER_ROW + STEPS_PER_ROW - 1, sample_rate_hz)
}

/// Frame at which row `row` begins.
pub(super) fn row_start(row: u64, sample_rate_hz: u32) -> u64 {
    if row == 0 { 0 } else { row_end(row - 1, sample_rate_hz) }
}

/// Row that holds `frame`.
pub(super) fn row_at(frame: u64, sample_rate_hz: u32) -> usize {
    let guess = frame * 10 / u64::from(sample_rate_hz).max(1);
    let at = (guess.saturating_sub(1)..).find(|&row| frame < row_end(row, sample_rate_hz));
    at.unwrap_or(guess) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_never_drift() {
        for rate in [8000, 11025, 22050, 44100, 48000, 96000, 384000] {
            for row in [0u64, 1, 7, 999, 72_000] {
                let exact = (row + 1) as f64 * f64::from(rate) / 10.0;
                assert!((row_end(row, rate) as f64 - exact).abs() <= 0.5);
                assert_eq!(row_at(row_start(row, rate), rate), row as usize);
                assert_eq!(row_at(row_end(row, rate) - 1, rate), row as usize);
            }
        }
    }
}
