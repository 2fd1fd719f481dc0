//! Third octaves over 400 ms, from the bins of two lengths of window.

use super::BASS_BANDS;
use crate::dsp::bands::{THIRD_OCTAVES, third_octave_centre_hz};
use crate::dsp::lanes::sum;

/// The bins of one band.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bins {
    first: usize,
    last: usize,
    first_share: f32,
    last_share: f32,
}

impl Bins {
    /// Bins of third octave `band`; none above the Nyquist frequency.
    pub(super) fn of_band(band: usize, bin_hz: f64, bins: usize) -> Option<Self> {
        let half_band = 10f64.powf(0.05);
        let at = |freq_hz: f64| (freq_hz / bin_hz + 0.5).min(bins as f64);
        let (low, high) = (at(third_octave_centre_hz(band) / half_band), at(third_octave_centre_hz(band) * half_band));
        let (first, last) = (low.floor() as usize, (high.ceil() as usize).saturating_sub(1));
        (high > low).then(|| Self {
            first,
            last,
            first_share: if first == last { high - low } else { (first + 1) as f64 - low } as f32,
            last_share: if first == last { 0.0 } else { high - last as f64 } as f32,
        })
    }

    fn sum(&self, powers: &[f32]) -> f32 {
        let inner = powers.get(self.first + 1..self.last).map_or(0.0, |powers| sum(powers) as f32);
        powers[self.first] * self.first_share + inner + powers[self.last] * self.last_share
    }
}

/// Mean power of mid and side in each third octave over 400 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::analysis) struct Cell {
    pub(in crate::analysis) mid: [f32; THIRD_OCTAVES],
    pub(in crate::analysis) side: [f32; THIRD_OCTAVES],
    windows: [u16; 2],
}

impl Cell {
    /// Bands of the long (0) and the short window (1).
    const PARTS: [std::ops::Range<usize>; 2] = [0..BASS_BANDS, BASS_BANDS..THIRD_OCTAVES];

    /// Adds the powers of a window to one part of the bands.
    pub(super) fn add(&mut self, part: usize, bins: &[Option<Bins>; THIRD_OCTAVES], powers: &[Vec<f32>]) {
        self.windows[part] += 1;
        for band in Self::PARTS[part].clone() {
            if let Some(bins) = bins[band] {
                self.mid[band] += bins.sum(&powers[0]);
                self.side[band] += powers.get(1).map_or(0.0, |side| bins.sum(side));
            }
        }
    }

    /// Sums to means; a part without a window takes the cell before, or the first cell that has one.
    pub(super) fn normalise(cells: &mut [Self]) {
        for (part, bands) in Self::PARTS.into_iter().enumerate() {
            let measured: Vec<usize> = (0..cells.len()).filter(|&c| cells[c].windows[part] > 0).collect();
            let Some(&first) = measured.first() else { continue };
            for &at in &measured {
                let count = f32::from(cells[at].windows[part]);
                cells[at].mid[bands.clone()].iter_mut().for_each(|p| *p /= count);
                cells[at].side[bands.clone()].iter_mut().for_each(|p| *p /= count);
            }
            for at in (0..cells.len()).filter(|c| measured.binary_search(c).is_err()) {
                let before = measured[..measured.partition_point(|&m| m < at)].last().unwrap_or(&first);
                Self::copy(cells, *before, at, bands.clone());
            }
        }
    }

    fn copy(cells: &mut [Self], from: usize, to: usize, bands: std::ops::Range<usize>) {
        let source = cells[from];
        cells[to].mid[bands.clone()].copy_from_slice(&source.mid[bands.clone()]);
        cells[to].side[bands.clone()].copy_from_slice(&source.side[bands]);
    }
}
