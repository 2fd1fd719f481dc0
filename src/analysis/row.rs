//! Rows of the timeline, 100 ms each, and the collectors that fill them from steps.

use super::bands::{BandSum, MidSide};
use crate::dsp::bands::DYNAMICS_BANDS;

/// Powers of mid and side over a row, single precision to keep a timeline small.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct RowPowers {
    mid: f32,
    side: f32,
    cross: f32,
}

impl RowPowers {
    fn mean(sum: &MidSide, frames: f64) -> Self {
        let mean = |x: f64| (x / frames) as f32;
        Self { mid: mean(sum.mid), side: mean(sum.side), cross: mean(sum.cross) }
    }

    /// The powers in double precision.
    pub(super) fn mid_side(&self) -> MidSide {
        MidSide { mid: f64::from(self.mid), side: f64::from(self.side), cross: f64::from(self.cross) }
    }

    /// Power of left and right together.
    pub(super) fn power(&self) -> f64 {
        f64::from(self.mid) + f64::from(self.side)
    }
}

/// Levels over a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct LevelRow {
    /// K-weighted power, a mean over the row's frames, channels summed.
    pub(super) k_power: f32,
    /// Largest K-weighted power of the 400 ms windows that end in this row; 0 before the first.
    pub(super) momentary: f32,
    /// The same of the 3 s windows.
    pub(super) short_term: f32,
    /// Largest sample.
    pub(super) sample_peak: f32,
    /// Largest true peak that was worth looking for, at least the sample peak.
    pub(super) true_peak: f32,
}

/// Tones over a row; powers are means over its frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ToneRow {
    /// Frames: a tenth of the rate, rounded; fewer in the last row.
    pub(super) frames: u32,
    /// Full band.
    pub(super) full: RowPowers,
    /// Dynamics bands.
    pub(super) bands: [RowPowers; DYNAMICS_BANDS],
    /// Largest magnitude of left or right in each band.
    pub(super) band_peaks: [f32; DYNAMICS_BANDS],
    /// Onsets.
    pub(super) onsets: u8,
}

/// Adds up the levels of steps.
#[derive(Clone, Debug, Default)]
pub(super) struct LevelCollector {
    frames: usize,
    k_energy: f64,
    row: LevelRow,
}

impl LevelCollector {
    /// Adds a step: its K-weighted energy, its largest sample and true peak, and the mean powers of the windows of 400 ms and 3 s that
    /// end with it.
    pub(super) fn add(&mut self, frames: usize, k_energy: f64, (sample_peak, true_peak): (f32, f32), windows: (f64, f64)) {
        self.frames += frames;
        self.k_energy += k_energy;
        let row = &mut self.row;
        row.momentary = row.momentary.max(windows.0 as f32);
        row.short_term = row.short_term.max(windows.1 as f32);
        row.sample_peak = row.sample_peak.max(sample_peak);
        row.true_peak = row.true_peak.max(true_peak).max(sample_peak);
    }

    /// The row, and a collector for the next; none if nothing was added.
    pub(super) fn take(&mut self) -> Option<LevelRow> {
        let Self { frames, k_energy, mut row } = std::mem::take(self);
        row.k_power = (k_energy / frames as f64) as f32;
        (frames > 0).then_some(row)
    }
}

/// Adds up the tones of steps.
#[derive(Clone, Debug, Default)]
pub(super) struct ToneCollector {
    frames: usize,
    full: MidSide,
    bands: [MidSide; DYNAMICS_BANDS],
    row: ToneRow,
}

impl ToneCollector {
    /// Adds a step: its sums over the full band and over each band.
    pub(super) fn add(&mut self, frames: usize, full: &MidSide, bands: &[BandSum; DYNAMICS_BANDS]) {
        self.frames += frames;
        self.full.add(full, 1.0);
        for ((sum, peak), band) in self.bands.iter_mut().zip(&mut self.row.band_peaks).zip(bands) {
            sum.add(&band.sum, 1.0);
            *peak = peak.max(band.peak);
        }
    }

    /// The row, and a collector for the next; none if nothing was added.
    pub(super) fn take(&mut self) -> Option<ToneRow> {
        let Self { frames, full, bands, mut row } = std::mem::take(self);
        let count = frames as f64;
        row.frames = frames as u32;
        row.full = RowPowers::mean(&full, count);
        row.bands = bands.map(|sum| RowPowers::mean(&sum, count));
        (frames > 0).then_some(row)
    }
}
