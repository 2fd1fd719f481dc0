//! Loudness by rows: of the file, of parts, of what is loud (ITU-R BS.1770-5, EBU Tech 3341 and 3342).

use super::Timeline;
use crate::analysis::Loudness;
use crate::analysis::loud_windows::psr_lu;
use crate::analysis::loudness::{MOMENTARY_ROWS, SHORT_TERM_ROWS, SILENCE_LUFS, integrated_lufs, lufs_or_silence};
use crate::analysis::row::LevelRow;
use crate::analysis::section::NOTHING_DBFS;
use crate::analysis::spans::{length_lu, loud_threshold_lufs, merge, range_lufs, running_sums, windows};
use crate::dsp::kweight::power_to_lufs;
use std::ops::{Range, RangeInclusive};

impl Timeline {
    /// Loudness and peaks of the file.
    pub fn loudness(&self) -> Loudness {
        self.loudness_of(std::slice::from_ref(&(0..self.rows())))
    }

    /// Loudness and peaks of some rows, as if they were a file; rows beyond the end are ignored.
    ///
    /// Windows never span two ranges. The true peak is the exact one where the file's largest lies in these rows; elsewhere
    /// it is the largest that was looked at, at least the sample peak (see [`Analyzer`](crate::analysis::Analyzer)). PSR takes sample peaks.
    pub fn loudness_of(&self, rows: &[Range<usize>]) -> Loudness {
        let ranges = self.within(rows);
        let whole = ranges.iter().map(|r| self.whole_rows(r)).collect::<Vec<_>>();
        let blocks: Vec<f64> = whole.iter().flat_map(|r| windows(r, MOMENTARY_ROWS)).map(|w| self.k_power(w)).collect();
        let integrated_lufs = integrated_lufs(&blocks);
        let peak_db = |read: fn(&LevelRow) -> f32| {
            let peak = ranges.iter().flat_map(|r| &self.levels[r.clone()]).map(read).fold(0.0, f32::max);
            if peak > 0.0 { 20.0 * f64::from(peak).log10() } else { NOTHING_DBFS }
        };
        let true_peak_dbtp = peak_db(|r| r.true_peak);
        Loudness {
            integrated_lufs,
            max_momentary_lufs: self.largest(&ranges, MOMENTARY_ROWS, |r| r.momentary),
            max_short_term_lufs: self.largest(&ranges, SHORT_TERM_ROWS, |r| r.short_term),
            lra_lu: length_lu(&range_lufs(&self.k_sums, &whole)),
            true_peak_dbtp,
            sample_peak_dbfs: peak_db(|r| r.sample_peak),
            plr_lu: if integrated_lufs > SILENCE_LUFS { true_peak_dbtp - integrated_lufs - self.of_two_lu() } else { 0.0 },
            psr_lu: psr_lu(&self.loud_windows_of(&whole)),
        }
    }

    /// The loud rows: what a person compares.
    ///
    /// All rows of the 3 s windows whose loudness is among the highest 30 %, or within 2 LU of the 95th percentile; so every
    /// range lasts 3 s at least. A file that is shorter is loud as a whole; a silent one has no loud rows.
    pub fn loud_rows(&self) -> Vec<Range<usize>> {
        let all = self.whole_rows(&(0..self.rows()));
        if all.len() < SHORT_TERM_ROWS {
            return self.sounding_rows();
        }
        let loudness = |window: &Range<usize>| lufs_or_silence(self.k_power(window.clone()));
        let threshold = loud_threshold_lufs(windows(&all, SHORT_TERM_ROWS).map(|w| loudness(&w)));
        let loud = windows(&all, SHORT_TERM_ROWS).filter(|w| threshold.is_some_and(|t| loudness(w) >= t));
        merge(loud)
    }

    /// Short-term loudness (3 s) that ends with each row, LUFS; −∞ before the first 3 s.
    pub fn short_term_lufs(&self) -> Vec<f64> {
        self.trailing_lufs(SHORT_TERM_ROWS)
    }

    /// Momentary loudness (400 ms) that ends with each row, LUFS; −∞ before the first 400 ms.
    pub fn momentary_lufs(&self) -> Vec<f64> {
        self.trailing_lufs(MOMENTARY_ROWS)
    }

    fn trailing_lufs(&self, len: usize) -> Vec<f64> {
        let at = |row: usize| {
            let window = (row + 1).checked_sub(len).map(|start| start..row + 1);
            window.map_or(f64::NEG_INFINITY, |w| power_to_lufs(self.k_power(w)))
        };
        (0..self.rows()).map(at).collect()
    }

    /// Mean K-weighted power of each row.
    pub fn k_powers(&self) -> Vec<f64> {
        self.levels.iter().map(|row| f64::from(row.k_power)).collect()
    }

    /// The two levels, LUFS, whose distance is the loudness range, if each row were turned up by so many decibels; rows without a gain
    /// stay as they are.
    pub fn turned_range_lufs(&self, gains_db: &[f64]) -> RangeInclusive<f64> {
        let gains_db = gains_db.iter().copied().chain(std::iter::repeat(0.0));
        let powers = self.levels.iter().zip(gains_db).map(|(row, gain_db)| f64::from(row.k_power) * 10f64.powf(gain_db / 10.0));
        range_lufs(&running_sums(powers), std::slice::from_ref(&self.whole_rows(&(0..self.rows()))))
    }

    /// Largest loudness of the windows inside the ranges: on the 10 ms grid where that is known to lie inside, else on rows. A last row
    /// that the end of the file cuts is no whole row, but windows of 10 ms end in it.
    fn largest(&self, ranges: &[Range<usize>], len: usize, read: fn(&LevelRow) -> f32) -> f64 {
        let mut power = 0.0f64;
        for range in ranges.iter().filter(|r| !r.is_empty()) {
            let whole = self.whole_rows(range);
            if whole.len() >= MOMENTARY_ROWS {
                power = windows(&whole, len.min(whole.len())).map(|w| self.k_power(w)).fold(power, f64::max);
            }
            // A window that ends inside row k began in row k − len at the earliest.
            let first = if range.start == 0 { 0 } else { range.start + len };
            let fine = self.levels.get(first..range.end).unwrap_or_default();
            power = fine.iter().map(|r| f64::from(read(r))).fold(power, f64::max);
        }
        lufs_or_silence(power)
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::signals::{Noise, listen, sine};

    #[test]
    fn a_steady_file_is_loud_as_a_whole_and_a_silent_one_nowhere() {
        let steady = listen(44_100, &[Noise(4).samples(441_000, 0.1)]);
        assert_eq!(steady.loud_rows(), vec![0..100]);
        let silent = listen(44_100, &[vec![0.0; 441_000]]);
        assert!(silent.loud_rows().is_empty());
        assert_eq!(silent.analysis().loud.duration_s, 0.0);
        let short = listen(44_100, &[Noise(4).samples(44_100, 0.1)]);
        assert_eq!(short.loud_rows(), vec![0..10]);
    }

    /// EBU Tech 3341, cases 10 and 13, without the silence behind: a burst that ends with the file is heard whole, wherever the grid of rows is.
    #[test]
    fn a_burst_at_the_very_end_is_heard_whole() {
        let rate = 48_000;
        for (burst_s, last_ms) in [(0.4, 0), (0.4, 90), (3.0, 50)] {
            let (silent, burst) = ((2.0 * f64::from(rate)) as usize + last_ms * 48, (burst_s * f64::from(rate)) as usize);
            let channel = [vec![0.0; silent], sine(rate, burst, 1000.0, 0.1)].concat();
            let loudness = listen(rate, &[channel.clone(), channel]).loudness();
            let heard = if burst_s < 1.0 { loudness.max_momentary_lufs } else { loudness.max_short_term_lufs };
            assert!((heard + 20.0).abs() < 0.1, "{burst_s} s, {last_ms} ms: {heard}");
        }
    }

    /// A part of a file measures like a file of that part.
    #[test]
    fn loudness_of_a_part_is_that_of_the_part_as_a_file() {
        let mut noise = Noise(6);
        let part = noise.samples(10 * 48_000, 0.1);
        let mut whole = noise.samples(5 * 48_000, 0.03);
        whole.extend(&part);
        whole.extend(noise.samples(5 * 48_000, 0.03));
        let of_part = listen(48_000, std::slice::from_ref(&whole)).loudness_of(std::slice::from_ref(&(50..150)));
        let alone = listen(48_000, &[part]).loudness();
        let pairs = [
            (of_part.integrated_lufs, alone.integrated_lufs),
            (of_part.max_short_term_lufs, alone.max_short_term_lufs),
            (of_part.lra_lu, alone.lra_lu),
            (of_part.sample_peak_dbfs, alone.sample_peak_dbfs),
            (of_part.psr_lu, alone.psr_lu),
        ];
        for (in_file, alone) in pairs {
            assert!((in_file - alone).abs() < 0.05, "{in_file} {alone}");
        }
    }
}
