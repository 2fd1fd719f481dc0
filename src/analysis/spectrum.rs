//! Third-octave spectrum of mid and side over time.
//!
//! `M,S ┬ Hann 93 ms, half overlapped ─ FFT ─▶ bands from 200 Hz`
//! `    └ decimate to 1.4 kHz ─ Hann 0.74 s ─ FFT ─▶ bands to 160 Hz`
//!
//! A third octave at 20 Hz is 4.6 Hz wide: the short window cannot see it, and a long one for everything would blur time
//! and cost more. Powers are one-sided and normalised by the window's power, so all bins add up to the mean square: a
//! full-scale sine reads −3.01 dBFS in its band, and noise reads its power. A bin that straddles a band edge is shared in
//! proportion (its width counts as `rate/size`).

mod cell;
mod fine;
mod power;

pub(super) use cell::Cell;
pub(super) use fine::FineSpectrum;
pub(super) use power::PowerSpectra;

use super::decimate::Decimator;
use super::grid::{ROWS_PER_CELL, row_at};
use crate::dsp::bands::THIRD_OCTAVES;
use cell::Bins;

/// Bands that the decimated signal serves: up to 160 Hz.
const BASS_BANDS: usize = 10;
/// Length of the short window at least, in seconds; the next power of two is taken.
const WINDOW_S: f64 = 0.075;
/// Length of the long window in samples of the decimated signal.
const BASS_SIZE: usize = 1024;
/// Measures third octaves, and hands on the decimated mid.
pub(super) struct SpectrumMeter {
    sample_rate_hz: u32,
    spectra: PowerSpectra,
    bins: [Option<Bins>; THIRD_OCTAVES],
    decimator: Decimator,
    decimated: [Vec<f32>; 2],
    bass: PowerSpectra,
    bass_bins: [Option<Bins>; THIRD_OCTAVES],
    cells: Vec<Cell>,
    fine: FineSpectrum,
}

impl SpectrumMeter {
    /// A meter at rest, for 1 channel (mid alone) or 2.
    pub(super) fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let rate = f64::from(sample_rate_hz);
        let size = ((rate * WINDOW_S) as usize).max(16).next_power_of_two();
        let decimator = Decimator::new(sample_rate_hz);
        let (bin_hz, bass_bin_hz) = (rate / size as f64, rate / (decimator.factor() * BASS_SIZE) as f64);
        let bins = size / 2 + 1;
        Self {
            sample_rate_hz,
            spectra: PowerSpectra::new(size, channels),
            bins: std::array::from_fn(|band| Bins::of_band(band, bin_hz, bins)),
            decimator,
            decimated: [Vec::new(), Vec::new()],
            bass: PowerSpectra::new(BASS_SIZE, channels),
            bass_bins: std::array::from_fn(|band| Bins::of_band(band, bass_bin_hz, BASS_SIZE / 2 + 1)),
            cells: Vec::new(),
            fine: FineSpectrum::new(bin_hz, bins),
        }
    }

    /// Makes room for more cells.
    pub(super) fn reserve(&mut self, cells: usize) {
        self.cells.reserve_exact(cells);
    }

    /// Rate of the decimated signal, Hz.
    pub(super) fn decimated_rate_hz(&self) -> f64 {
        f64::from(self.sample_rate_hz) / self.decimator.factor() as f64
    }

    /// Takes the next frames; gives the decimated mid that came of them.
    pub(super) fn process(&mut self, mid: &[f32], side: &[f32]) -> &[f32] {
        let Self { sample_rate_hz: rate, cells, fine, bins, bass_bins, decimated: [low_mid, low_side], .. } = self;
        let factor = self.decimator.factor() as u64;
        self.spectra.push(&[mid, side], |middle, powers| {
            cell_at(cells, middle, *rate).add(1, bins, powers);
            fine.add(powers);
        });
        low_mid.clear();
        low_side.clear();
        self.decimator.process(mid, side, |m, s| {
            low_mid.push(m);
            low_side.push(s);
        });
        self.bass.push(&[low_mid, low_side], |middle, powers| cell_at(cells, middle * factor, *rate).add(0, bass_bins, powers));
        low_mid
    }

    /// Ends the measurement: mean powers of `cells` cells, and the fine spectrum.
    pub(super) fn finish(mut self, cells: usize) -> (Vec<Cell>, FineSpectrum) {
        let (rate, factor) = (self.sample_rate_hz, self.decimator.factor() as u64);
        let all = &mut self.cells;
        self.spectra.finish(|middle, powers| cell_at(all, middle, rate).add(1, &self.bins, powers));
        self.bass.finish(|middle, powers| cell_at(all, middle * factor, rate).add(0, &self.bass_bins, powers));
        all.resize(cells, Cell::default());
        Cell::normalise(all);
        (self.cells, self.fine.mean())
    }
}

fn cell_at(cells: &mut Vec<Cell>, frame: u64, sample_rate_hz: u32) -> &mut Cell {
    let at = row_at(frame, sample_rate_hz) / ROWS_PER_CELL;
    if cells.len() <= at {
        cells.resize(at + 1, Cell::default());
    }
    &mut cells[at]
}

#[cfg(test)]
mod tests {
    use super::super::signals::{Noise, listen, sine};
    use super::*;
    use crate::dsp::bands::{THIRD_OCTAVE_HZ, third_octave_centre_hz};

    #[test]
    fn full_scale_sine_reads_3_db_below_full_scale_in_its_band() {
        for rate in [44_100, 48_000, 96_000] {
            for (band, name) in THIRD_OCTAVE_HZ.iter().enumerate().take(THIRD_OCTAVES - 1) {
                let freq_hz = third_octave_centre_hz(band);
                let channel = sine(rate, 3 * rate as usize, freq_hz, 1.0);
                let spectrum = listen(rate, &[channel.clone(), channel]).analysis().whole.spectrum;
                // A window of 0.74 s spreads a tone by more than the width of the two lowest bands.
                let tolerance_db = if band < 2 { 0.4 } else { 0.03 };
                let read = spectrum.mid_dbfs[band];
                assert!((read + 3.01).abs() < tolerance_db, "{rate} {name}: {read}");
                assert_eq!(spectrum.side_dbfs[band], -150.0);
            }
        }
    }

    #[test]
    fn white_noise_reads_its_power_in_every_band() {
        for rate in [44_100, 48_000, 96_000] {
            let mut noise = Noise(3);
            let frames = 60 * rate as usize;
            let (left, right) = (noise.samples(frames, 0.1), noise.samples(frames, 0.1));
            let spectrum = listen(rate, &[left, right]).analysis().whole.spectrum;
            for (band, name) in THIRD_OCTAVE_HZ.iter().enumerate() {
                let edge = 10f64.powf(0.05);
                let centre = third_octave_centre_hz(band);
                let width = (centre * edge).min(f64::from(rate) / 2.0) - centre / edge;
                // Unrelated channels of power P leave P/2 in the mid and P/2 in the side.
                let expected = 10.0 * (0.01 * 0.5 * width / (f64::from(rate) / 2.0)).log10();
                // Chance: a band of width B over 60 s has about 60·B independent values, half of them seen.
                let tolerance_db = 0.05 + 4.0 * 4.34 / (60.0 * width).sqrt();
                for read in [spectrum.mid_dbfs[band], spectrum.side_dbfs[band]] {
                    assert!((read - expected).abs() < tolerance_db, "{rate} {name}: {read} {expected}");
                }
            }
            // White noise rises by 3 dB an octave in third octaves.
            assert!((spectrum.tilt_db_per_octave - 3.01).abs() < 0.05, "{}", spectrum.tilt_db_per_octave);
            assert!(spectrum.centroid_hz > 5000.0);
        }
    }

    #[test]
    fn a_level_change_shows_in_the_cells_where_it_happens() {
        let rate = 48_000;
        let mut channel = sine(rate, 4 * rate as usize, 1000.0, 0.1);
        channel.extend(sine(rate, 4 * rate as usize, 1000.0, 1.0));
        let timeline = listen(rate, &[channel]);
        let level = |rows: std::ops::Range<usize>| timeline.section(std::slice::from_ref(&rows)).spectrum.mid_dbfs[17];
        assert!((level(0..36) + 23.01).abs() < 0.05, "{}", level(0..36));
        assert!((level(44..80) + 3.01).abs() < 0.05, "{}", level(44..80));
    }
}
