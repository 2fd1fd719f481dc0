//! The timeline: everything measured, in rows of 100 ms; all figures are computed from it.
//!
//! A row takes about 110 bytes and a third-octave cell of 400 ms about 250: two hours are 13 MB.

mod loudness;

use super::defects::{Findings, defects};
use super::features::FEATURES_VERSION;
use super::loudness::{SHORT_TERM_ROWS, SILENCE_LUFS, lufs_or_silence};
use super::row::{LevelRow, ToneRow};
use super::section::{mean_powers, section};
use super::spans::{mean_power, merge, running_sums, windows};
use super::spectrum::Cell;
use super::{Analysis, Section, Trace};
use std::ops::Range;

/// Length of a row in seconds.
pub const ROW_S: f64 = 0.1;

/// What was measured of a file, row by row.
#[derive(Clone, Debug)]
pub struct Timeline {
    sample_rate_hz: u32,
    channels: usize,
    frames: u64,
    levels: Vec<LevelRow>,
    tones: Vec<ToneRow>,
    cells: Vec<Cell>,
    found: Findings,
    non_finite: u64,
    /// K-weighted power added up: entry k is the sum before row k.
    k_sums: Vec<f64>,
    /// What was read off the rows before their tones went.
    read: Option<Box<(Analysis, Trace)>>,
}

impl Timeline {
    pub(super) fn new(
        sample_rate_hz: u32,
        channels: usize,
        frames: u64,
        (levels, tones): (Vec<LevelRow>, Vec<ToneRow>),
        cells: Vec<Cell>,
        found: Findings,
        non_finite: u64,
    ) -> Self {
        let k_sums = running_sums(levels.iter().map(|row| f64::from(row.k_power)));
        Self { sample_rate_hz, channels, frames, levels, tones, cells, found, non_finite, k_sums, read: None }
    }

    /// Lets the tones go once analysis and trace are read off, which are kept: five sixths of what a long file takes in memory. Loudness and peaks of rows
    /// can be asked for as before; [`Timeline::section`] answers as of a file of nothing.
    pub fn let_tones_go(&mut self) {
        self.read = Some(Box::new((self.analysis(), self.trace())));
        (self.tones, self.cells) = (Vec::new(), Vec::new());
    }

    /// Lets the rows go too once all figures are read off. Whatever is asked of them
    /// afterwards is answered as of a file of nothing.
    pub fn let_rows_go(&mut self) {
        (self.levels, self.tones, self.cells, self.k_sums) = (Vec::new(), Vec::new(), Vec::new(), vec![0.0]);
    }

    /// Number of rows; the last may be shorter than 100 ms.
    pub fn rows(&self) -> usize {
        self.levels.len()
    }

    /// Sample rate in Hz.
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// Length in frames.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Samples that were not finite and counted as 0.
    pub fn non_finite_samples(&self) -> u64 {
        self.non_finite
    }

    /// Frames of row `row`: the row grid is `round(k·rate/10)`.
    pub fn row_frames(&self, row: usize) -> Range<u64> {
        let start = super::grid::row_start(row as u64, self.sample_rate_hz);
        start.min(self.frames)..super::grid::row_end(row as u64, self.sample_rate_hz).min(self.frames)
    }

    /// By how much this music is louder from two speakers than it measures; see [`of_two_lu`](crate::analysis::of_two_lu).
    pub fn of_two_lu(&self) -> f64 {
        crate::analysis::of_two_lu(self.channels)
    }

    /// Every figure of the file.
    pub fn analysis(&self) -> Analysis {
        if let Some(read) = &self.read {
            return read.0.clone();
        }
        let loudness = self.loudness();
        let whole = self.section(&self.sounding_rows());
        let full = mean_powers(self.tones.iter().map(|r| (&r.full, r.frames)));
        let defects = defects(&self.found, &loudness, &whole, &full, self.frames, self.sample_rate_hz);
        Analysis {
            features_version: FEATURES_VERSION,
            sample_rate_hz: self.sample_rate_hz,
            channels: self.channels,
            frames: self.frames,
            loudness,
            loud: self.section(&self.loud_rows()),
            whole,
            defects,
        }
    }

    /// Tone, dynamics and image of some rows; rows beyond the end are ignored. Give rising ranges that do not overlap.
    pub fn section(&self, rows: &[Range<usize>]) -> Section {
        let rows = if self.tones.is_empty() { Vec::new() } else { self.within(rows) };
        section((&self.levels, &self.tones), &self.cells, &rows, self.sample_rate_hz)
    }

    /// Rows above the absolute gate of −70 LUFS.
    fn sounding_rows(&self) -> Vec<Range<usize>> {
        merge((0..self.rows()).filter(|&r| lufs_or_silence(f64::from(self.levels[r].k_power)) > SILENCE_LUFS).map(|r| r..r + 1))
    }

    /// The trace that was kept when the tones went.
    pub(super) fn kept_trace(&self) -> Option<&Trace> {
        self.read.as_ref().map(|read| &read.1)
    }

    /// Amplitude of the flat top of a file that is clipped.
    pub(super) fn flat_top(&self) -> Option<f64> {
        self.found.clipped_at().map(f64::from)
    }

    /// Largest of a figure over rows.
    pub(super) fn largest_of(&self, rows: &Range<usize>, read: fn(&LevelRow) -> f32) -> f64 {
        f64::from(self.levels[rows.clone()].iter().map(read).fold(0.0, f32::max))
    }

    /// Mean power of left and right over rows, as of one channel.
    pub(super) fn power(&self, rows: &Range<usize>) -> f64 {
        self.tones[rows.clone()].iter().map(|r| r.full.power()).sum::<f64>() / rows.len().max(1) as f64
    }

    pub(super) fn within(&self, rows: &[Range<usize>]) -> Vec<Range<usize>> {
        let clip = |r: &Range<usize>| r.start.min(self.rows())..r.end.min(self.rows());
        rows.iter().map(clip).filter(|r| !r.is_empty()).collect()
    }

    /// The range without a last row that is cut short: incomplete blocks do not count (BS.1770-5).
    pub(super) fn whole_rows(&self, range: &Range<usize>) -> Range<usize> {
        let cut = range.end == self.rows() && range.end > range.start && {
            let last = self.rows() as u64 - 1;
            self.frames < super::grid::row_end(last, self.sample_rate_hz)
        };
        range.start..range.end - usize::from(cut)
    }

    /// Windows of 3 s, or the whole range where it is shorter.
    pub(super) fn short_term_windows(&self, range: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        windows(range, SHORT_TERM_ROWS.min(range.len().max(1))).filter(|w| !w.is_empty())
    }

    /// Mean K-weighted power of rows.
    pub(super) fn k_power(&self, rows: Range<usize>) -> f64 {
        mean_power(&self.k_sums, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::super::signals::{Noise, listen};
    use super::*;

    /// Verse at −40 dBFS, chorus at −20 dBFS, verse; 20 s each.
    fn song() -> Timeline {
        let mut noise = Noise(2);
        let mut channel = noise.samples(20 * 44_100, 0.01);
        channel.extend(noise.samples(20 * 44_100, 0.1));
        channel.extend(noise.samples(20 * 44_100, 0.01));
        listen(44_100, &[channel.clone(), channel])
    }

    #[test]
    fn loud_rows_are_the_chorus() {
        let timeline = song();
        let loud = timeline.loud_rows();
        assert_eq!(loud.len(), 1, "{loud:?}");
        assert!((175..=200).contains(&loud[0].start) && (400..=425).contains(&loud[0].end), "{loud:?}");
        let analysis = timeline.analysis();
        assert!(analysis.loud.spectrum.mid_dbfs[17] > analysis.whole.spectrum.mid_dbfs[17] + 3.0);
    }

    #[test]
    fn figures_stay_when_tones_go() {
        let whole = song();
        let mut lean = whole.clone();
        lean.let_tones_go();
        assert_eq!((lean.analysis(), lean.trace(), lean.loud_rows()), (whole.analysis(), whole.trace(), whole.loud_rows()));
        let parts = [100..300, 400..500];
        assert_eq!(lean.loudness_of(&parts), whole.loudness_of(&parts));
        assert_eq!(lean.section(&parts).duration_s, 0.0);
    }

    #[test]
    fn row_frames_follow_the_grid() {
        let timeline = listen(22_050, &[vec![0.1; 5000]]);
        assert_eq!(timeline.rows(), 3);
        assert_eq!((timeline.row_frames(0), timeline.row_frames(1), timeline.row_frames(2)), (0..2205, 2205..4410, 4410..5000));
    }

    #[test]
    fn two_hours_take_less_than_25_megabytes() {
        let (rows, cells) = (72_000, 18_000);
        let bytes = rows * (size_of::<LevelRow>() + size_of::<ToneRow>() + size_of::<f64>()) + cells * size_of::<Cell>();
        assert!(bytes < 20_000_000, "{bytes}");
    }
}
