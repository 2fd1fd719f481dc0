//! One row of the timeline, and the collector that fills it from steps.

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

/// 100 ms of a file; powers are means over the row's frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// Frames: a tenth of the rate, rounded; fewer in the last row.
    pub(super) frames: u32,
    /// K-weighted power, channels summed.
    pub(super) k_power: f32,
    /// Largest K-weighted power of the 400 ms windows that end in this row; 0 before the first.
    pub(super) momentary: f32,
    /// The same of the 3 s windows.
    pub(super) short_term: f32,
    /// Largest sample.
    pub(super) sample_peak: f32,
    /// Largest true peak that was worth looking for, at least the sample peak.
    pub(super) true_peak: f32,
    /// Full band.
    pub(super) full: RowPowers,
    /// Dynamics bands.
    pub(super) bands: [RowPowers; DYNAMICS_BANDS],
    /// Largest magnitude of left or right in each band.
    pub(super) band_peaks: [f32; DYNAMICS_BANDS],
    /// Onsets.
    pub(super) onsets: u8,
}

/// What a step adds to its row.
pub(super) struct Step {
    pub(super) frames: usize,
    pub(super) k_energy: f64,
    pub(super) momentary: f64,
    pub(super) short_term: f64,
    pub(super) sample_peak: f32,
    pub(super) true_peak: f32,
    pub(super) full: MidSide,
    pub(super) bands: [BandSum; DYNAMICS_BANDS],
}

/// Adds up steps.
#[derive(Clone, Debug, Default)]
pub(super) struct RowCollector {
    frames: usize,
    k_energy: f64,
    full: MidSide,
    bands: [MidSide; DYNAMICS_BANDS],
    row: Row,
}

impl RowCollector {
    pub(super) fn add(&mut self, step: &Step) {
        self.frames += step.frames;
        self.k_energy += step.k_energy;
        self.full.add(&step.full, 1.0);
        let row = &mut self.row;
        row.momentary = row.momentary.max(step.momentary as f32);
        row.short_term = row.short_term.max(step.short_term as f32);
        row.sample_peak = row.sample_peak.max(step.sample_peak);
        row.true_peak = row.true_peak.max(step.true_peak).max(step.sample_peak);
        for ((sum, peak), band) in self.bands.iter_mut().zip(&mut row.band_peaks).zip(&step.bands) {
            sum.add(&band.sum, 1.0);
            *peak = peak.max(band.peak);
        }
    }

    /// The row, and a collector for the next; none if nothing was added.
    pub(super) fn take(&mut self) -> Option<Row> {
        let Self { frames, k_energy, full, bands, mut row } = std::mem::take(self);
        let count = frames as f64;
        row.frames = frames as u32;
        row.k_power = (k_energy / count) as f32;
        row.full = RowPowers::mean(&full, count);
        row.bands = bands.map(|sum| RowPowers::mean(&sum, count));
        (frames > 0).then_some(row)
    }
}
