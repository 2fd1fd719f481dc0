//! The loud windows: those of 3 s by which PSR is told.

use super::Timeline;
use super::loudness::{lufs_or_silence, percentile};
use super::spans::loud_threshold_lufs;
use std::ops::Range;

/// One window of 3 s, or a whole range that is shorter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoudWindow {
    /// Largest sample.
    pub peak_dbfs: f64,
    /// Short-term loudness; of one channel as it is heard from two speakers.
    pub loudness_lufs: f64,
}

impl Timeline {
    /// The windows inside some rows whose loudness is among the highest 30 %, or within 2 LU of the 95th percentile; in the order of time. None
    /// of silence.
    pub fn loud_windows(&self, rows: &[Range<usize>]) -> Vec<LoudWindow> {
        let whole: Vec<Range<usize>> = self.within(rows).iter().map(|range| self.whole_rows(range)).collect();
        self.loud_windows_of(&whole)
    }

    pub(super) fn loud_windows_of(&self, ranges: &[Range<usize>]) -> Vec<LoudWindow> {
        let windows: Vec<(Range<usize>, f64)> = ranges
            .iter()
            .flat_map(|r| self.short_term_windows(r))
            .map(|w| (w.clone(), lufs_or_silence(self.k_power(w))))
            .collect();
        let Some(threshold) = loud_threshold_lufs(windows.iter().map(|w| w.1)) else { return Vec::new() };
        let loud = windows.into_iter().filter(|w| w.1 >= threshold);
        loud.map(|(rows, loudness_lufs)| {
            let peak = self.largest_of(&rows, |row| row.sample_peak);
            LoudWindow { peak_dbfs: 20.0 * peak.log10(), loudness_lufs: loudness_lufs + self.of_two_lu() }
        })
        .collect()
    }
}

/// Peak to short-term loudness: the median over loud windows of peak minus loudness, LU; 0 of none.
pub(super) fn psr_lu(loud: &[LoudWindow]) -> f64 {
    percentile(&mut loud.iter().map(|window| window.peak_dbfs - window.loudness_lufs).collect::<Vec<f64>>(), 0.5)
}
