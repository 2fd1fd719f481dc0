//! Peaks: how far those of the loud windows stand over their loudness, and where a ceiling has to stand for a PSR.
//!
//! PSR is the median over windows of peak minus loudness. A limiter holds the peaks of each window and drive gives its loudness back, so
//! that the PSR under any ceiling follows from what was measured under one: no peak is over the ceiling, the others stand where drive puts them.

use crate::analysis::LoudWindow;

/// Most windows that are looked at; of more, as many at equal distances.
const MOST_WINDOWS: usize = 400;
/// A peak that stands nearer under the ceiling than this is held by it: how high it would reach was not heard.
const HELD_DB: f64 = 0.5;

/// What was measured of the loud windows under one ceiling.
#[derive(Clone, Debug)]
pub(super) struct Peaks {
    windows: Vec<Window>,
    /// PSR of the whole, over that of the windows.
    more_lu: f64,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    /// Peak over the window's loudness, LU; without end where the ceiling holds it.
    over_lu: f64,
    /// Where the ceiling has to stand for the peak to stand at the window's loudness, dBTP: a sample peak is a little under the true one.
    floor_dbtp: f64,
}

impl Peaks {
    /// From the loud windows, the ceiling that they were heard under (none: nothing held them), and the PSR that the whole is taken to have.
    pub(super) fn new(windows: &[LoudWindow], ceiling_dbtp: Option<f64>, psr_lu: f64) -> Self {
        let window = |heard: &LoudWindow| {
            let under_db = ceiling_dbtp.map_or(f64::INFINITY, |ceiling| ceiling - heard.peak_dbfs);
            let held = under_db < HELD_DB;
            Window {
                over_lu: if held { f64::INFINITY } else { heard.peak_dbfs - heard.loudness_lufs },
                floor_dbtp: heard.loudness_lufs + if held { under_db } else { 0.0 },
            }
        };
        let step = windows.len().div_ceil(MOST_WINDOWS).max(1);
        let mut peaks = Self { windows: windows.iter().step_by(step).map(window).collect(), more_lu: 0.0 };
        peaks.more_lu = match ceiling_dbtp {
            _ if windows.is_empty() => psr_lu,
            ceiling => psr_lu - peaks.median_lu(ceiling.unwrap_or(f64::INFINITY), 0.0),
        };
        peaks
    }

    /// PSR of the whole under a ceiling, once the loud windows are louder by so much.
    pub(super) fn psr_lu(&self, ceiling_dbtp: f64, louder_lu: f64) -> f64 {
        self.more_lu + self.median_lu(ceiling_dbtp, louder_lu)
    }

    /// The lowest ceiling from which on the whole has this PSR, once the loud windows are louder by so much; none where it has less under any.
    pub(super) fn ceiling_dbtp(&self, psr_lu: f64, louder_lu: f64) -> Option<f64> {
        let over_lu = psr_lu - self.more_lu;
        let reaching = self.windows.iter().filter(|window| window.over_lu >= over_lu);
        let mut ceilings: Vec<f64> = reaching.map(|window| window.floor_dbtp + louder_lu + over_lu).collect();
        ceilings.sort_unstable_by(f64::total_cmp);
        // So many windows have to reach it for the median to do so.
        ceilings.get(self.windows.len().checked_sub(median_of(self.windows.len()) + 1)?).copied()
    }

    fn median_lu(&self, ceiling_dbtp: f64, louder_lu: f64) -> f64 {
        let over = |window: &Window| window.over_lu.min(ceiling_dbtp - window.floor_dbtp - louder_lu);
        let mut all: Vec<f64> = self.windows.iter().map(over).collect();
        if all.is_empty() {
            return 0.0;
        }
        let at = median_of(all.len());
        *all.select_nth_unstable_by(at, f64::total_cmp).1
    }
}

/// Which of so many values in rising order is their median.
fn median_of(count: usize) -> usize {
    count.saturating_sub(1).div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(over_lu: &[f64]) -> Vec<LoudWindow> {
        over_lu.iter().map(|over| LoudWindow { peak_dbfs: over - 20.0, loudness_lufs: -20.0 }).collect()
    }

    #[test]
    fn a_ceiling_under_the_peaks_leaves_the_psr_that_it_was_asked_for() {
        let peaks = Peaks::new(&windows(&[8.0, 10.0, 12.0, 14.0, 16.0]), None, 12.5);
        assert_eq!(peaks.psr_lu(0.0, 0.0), 12.5, "nothing is held");
        for (psr_lu, louder_lu) in [(12.5, 0.0), (9.0, 0.0), (6.5, 6.0)] {
            let ceiling_dbtp = peaks.ceiling_dbtp(psr_lu, louder_lu).unwrap();
            assert_eq!(ceiling_dbtp, -20.0 + louder_lu + psr_lu - 0.5);
            assert!((peaks.psr_lu(ceiling_dbtp, louder_lu) - psr_lu).abs() < 1e-9);
        }
        assert_eq!(peaks.ceiling_dbtp(13.0, 0.0), None, "no ceiling makes peaks higher");
    }

    #[test]
    fn peaks_that_were_held_follow_the_ceiling_and_stay_as_far_under_it() {
        // All at −10.2 dBFS under a ceiling of −10 dBTP, but one that stands lower.
        let peaks = Peaks::new(&windows(&[9.8, 9.8, 9.8, 9.8, 4.0]), Some(-10.0), 9.8);
        assert!((peaks.psr_lu(-10.0, 0.0) - 9.8).abs() < 1e-9);
        assert!((peaks.psr_lu(-7.0, 0.0) - 12.8).abs() < 1e-9 && (peaks.psr_lu(-12.0, 0.0) - 7.8).abs() < 1e-9);
        assert!((peaks.ceiling_dbtp(8.0, 1.0).unwrap() - (-20.0 + 1.0 + 8.0 + 0.2)).abs() < 1e-9);
    }

    #[test]
    fn many_windows_are_thinned_and_none_say_what_the_whole_is_taken_to_have() {
        let many: Vec<f64> = (0..4000).map(|i| 8.0 + f64::from(i % 80) / 10.0).collect();
        let peaks = Peaks::new(&windows(&many), None, 12.0);
        assert!(peaks.windows.len() <= MOST_WINDOWS && (peaks.psr_lu(0.0, 0.0) - 12.0).abs() < 1e-9);
        let none = Peaks::new(&[], None, 7.0);
        assert_eq!((none.psr_lu(-1.0, 3.0), none.ceiling_dbtp(6.0, 0.0)), (7.0, None));
    }
}
