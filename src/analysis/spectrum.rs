//! Third-octave spectrum of mid and side over time.
//!
//! `M,S ┬ Hann 93 ms, half overlapped ─ FFT ─▶ bands from 200 Hz`
//! `    └ decimate to 1.4 kHz ─ Hann 0.74 s ─ FFT ─▶ bands to 160 Hz`
//!
//! A third octave at 20 Hz is 4.6 Hz wide: the short window cannot see it, and a long one for everything would blur time
//! and cost more. Powers are one-sided and normalised by the window's power, so all bins add up to the mean square: a
//! full-scale sine reads −3.01 dBFS in its band, and noise reads its power. A bin that straddles a band edge is shared in
//! proportion (its width counts as `rate/size`).

use super::decimate::Decimator;
use super::grid::{ROWS_PER_CELL, row_at};
use crate::dsp::bands::{THIRD_OCTAVES, third_octave_centre_hz};
use crate::dsp::lanes::sum;
use crate::dsp::transforms::SINGLE;
use realfft::RealToComplex;
use realfft::num_complex::Complex;
use std::f64::consts::PI;
use std::sync::Arc;

/// Bands that the decimated signal serves: up to 160 Hz.
const BASS_BANDS: usize = 10;
/// Length of the short window at least, in seconds; the next power of two is taken.
const WINDOW_S: f64 = 0.075;
/// Length of the long window in samples of the decimated signal.
const BASS_SIZE: usize = 1024;
/// Lowest frequency of the fine spectrum that is kept for the whole file.
pub(super) const FINE_FROM_HZ: f64 = 10_000.0;

/// Power spectra of overlapping windows of one or two signals.
pub(super) struct PowerSpectra {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    scale: f32,
    signals: Vec<Vec<f32>>,
    start: u64,
    windowed: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    powers: Vec<Vec<f32>>,
}

impl PowerSpectra {
    /// Windows of `size` samples, a power of two, every `size/2`.
    pub(super) fn new(size: usize, signals: usize) -> Self {
        let fft = SINGLE.forward(size);
        let window: Vec<f64> = (0..size).map(|n| 0.5 - 0.5 * (2.0 * PI * n as f64 / size as f64).cos()).collect();
        let energy: f64 = window.iter().map(|w| w * w).sum();
        Self {
            window: window.iter().map(|&w| w as f32).collect(),
            scale: (2.0 / (size as f64 * energy)) as f32,
            signals: vec![Vec::with_capacity(2 * size); signals],
            start: 0,
            windowed: vec![0.0; size],
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            powers: vec![vec![0.0; size / 2 + 1]; signals],
            fft,
        }
    }

    /// Takes the next samples of each signal; calls `sink` with the middle of each window, in samples from the start, and
    /// the power in each bin of each signal.
    pub(super) fn push(&mut self, signals: &[&[f32]], mut sink: impl FnMut(u64, &[Vec<f32>])) {
        for (kept, new) in self.signals.iter_mut().zip(signals) {
            kept.extend_from_slice(new);
        }
        let hop = self.window.len() / 2;
        while self.signals[0].len() >= self.window.len() {
            self.transform(self.scale);
            sink(self.start + hop as u64, &self.powers);
            self.signals.iter_mut().for_each(|s| drop(s.drain(..hop)));
            self.start += hop as u64;
        }
    }

    /// Ends the stream: a signal shorter than one window is measured in what there is of it.
    pub(super) fn finish(&mut self, mut sink: impl FnMut(u64, &[Vec<f32>])) {
        let len = self.signals[0].len();
        let energy = |part: &[f32]| part.iter().map(|w| w * w).sum::<f32>();
        let covered = energy(&self.window[..len.min(self.window.len())]);
        if self.start == 0 && covered > 0.0 {
            let size = self.window.len();
            self.signals.iter_mut().for_each(|s| s.resize(size, 0.0));
            self.transform(self.scale * energy(&self.window) / covered);
            sink(len as u64 / 2, &self.powers);
        }
    }

    fn transform(&mut self, scale: f32) {
        for (signal, power) in self.signals.iter().zip(&mut self.powers) {
            for ((y, x), w) in self.windowed.iter_mut().zip(signal).zip(&self.window) {
                *y = x * w;
            }
            let done = self.fft.process_with_scratch(&mut self.windowed, &mut self.spectrum, &mut self.scratch);
            debug_assert!(done.is_ok(), "buffers were made by the plan");
            for (p, x) in power.iter_mut().zip(&self.spectrum) {
                *p = (x.re * x.re + x.im * x.im) * scale;
            }
        }
    }
}

/// The bins of one band.
#[derive(Clone, Copy, Debug)]
struct Bins {
    first: usize,
    last: usize,
    first_share: f32,
    last_share: f32,
}

impl Bins {
    /// Bins of third octave `band`; none above the Nyquist frequency.
    fn of_band(band: usize, bin_hz: f64, bins: usize) -> Option<Self> {
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
pub(super) struct Cell {
    pub(super) mid: [f32; THIRD_OCTAVES],
    pub(super) side: [f32; THIRD_OCTAVES],
    windows: [u16; 2],
}

impl Cell {
    /// Bands of the long (0) and the short window (1).
    const PARTS: [std::ops::Range<usize>; 2] = [0..BASS_BANDS, BASS_BANDS..THIRD_OCTAVES];

    fn add(&mut self, part: usize, bins: &[Option<Bins>; THIRD_OCTAVES], powers: &[Vec<f32>]) {
        self.windows[part] += 1;
        for band in Self::PARTS[part].clone() {
            if let Some(bins) = bins[band] {
                self.mid[band] += bins.sum(&powers[0]);
                self.side[band] += powers.get(1).map_or(0.0, |side| bins.sum(side));
            }
        }
    }

    /// Sums to means; a part without a window takes the cell before, or the first cell that has one.
    fn normalise(cells: &mut [Self]) {
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

/// Mean power of mid and side together in fine bins, the whole file.
#[derive(Clone, Debug, Default)]
pub(super) struct FineSpectrum {
    /// Width of a bin.
    pub(super) bin_hz: f64,
    /// Number of the first bin.
    pub(super) first: usize,
    /// Mean power of each bin.
    pub(super) powers: Vec<f64>,
    windows: u64,
}

impl SpectrumMeter {
    /// A meter at rest, for 1 channel (mid alone) or 2.
    pub(super) fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let rate = f64::from(sample_rate_hz);
        let size = ((rate * WINDOW_S) as usize).max(16).next_power_of_two();
        let decimator = Decimator::new(sample_rate_hz);
        let (bin_hz, bass_bin_hz) = (rate / size as f64, rate / (decimator.factor() * BASS_SIZE) as f64);
        let bins = size / 2 + 1;
        let first = ((FINE_FROM_HZ / bin_hz) as usize).min(bins);
        Self {
            sample_rate_hz,
            spectra: PowerSpectra::new(size, channels),
            bins: std::array::from_fn(|band| Bins::of_band(band, bin_hz, bins)),
            decimator,
            decimated: [Vec::new(), Vec::new()],
            bass: PowerSpectra::new(BASS_SIZE, channels),
            bass_bins: std::array::from_fn(|band| Bins::of_band(band, bass_bin_hz, BASS_SIZE / 2 + 1)),
            cells: Vec::new(),
            fine: FineSpectrum { bin_hz, first, powers: vec![0.0; bins - first], windows: 0 },
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
        let windows = self.fine.windows.max(1) as f64;
        self.fine.powers.iter_mut().for_each(|p| *p /= windows);
        (self.cells, self.fine)
    }
}

impl FineSpectrum {
    fn add(&mut self, powers: &[Vec<f32>]) {
        self.windows += 1;
        for signal in powers {
            for (sum, &p) in self.powers.iter_mut().zip(&signal[self.first..]) {
                *sum += f64::from(p);
            }
        }
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
    use crate::dsp::bands::THIRD_OCTAVE_HZ;

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
