//! The analyzer: takes blocks of audio, keeps a timeline.
//!
//! `blocks ─ staged to steps of 10 ms ┬ K-weighting ─ loudness`
//! `                                  ├ peaks: sample, true, flat tops`
//! `                                  └ M,S ┬ four bands ─ powers, peaks, onsets`
//! `                                        └ spectra ─ third octaves, treble edge, hum`
//!
//! Every kernel sees the same steps whatever the blocks were, so blocks of any length give the same timeline.

use super::bands::{BandMeter, full_band};
use super::defects::{Findings, FlatTops, Hum, silence_threshold};
use super::grid::{ROWS_PER_CELL, STEPS_PER_ROW, row_at, step_end};
use super::loudness::{KWeightedPower, SlidingLoudness};
use super::onsets::Onsets;
use super::row::{Row, RowCollector, Step};
use super::spectrum::SpectrumMeter;
use super::timeline::Timeline;
use super::true_peak::FilePeak;
use crate::dsp::lanes::sum;

/// Rows that a header is believed: ten hours. What is longer makes its room as it comes.
const BELIEVED_ROWS: usize = 360_000;

/// Measures a stream of planar audio; blocks of any length give the same timeline.
pub struct Analyzer {
    sample_rate_hz: u32,
    frames: u64,
    steps: u64,
    staged: Vec<Vec<f32>>,
    mid: Vec<f32>,
    side: Vec<f32>,
    k_power: KWeightedPower,
    sliding: SlidingLoudness,
    peaks: Vec<FilePeak>,
    largest_true_peak: f32,
    flat_tops: FlatTops,
    bands: BandMeter,
    onsets: Onsets,
    spectrum: SpectrumMeter,
    hum: Hum,
    sums: [f64; 2],
    sound: Option<(u64, u64)>,
    non_finite: u64,
    collector: RowCollector,
    rows: Vec<Row>,
}

impl Analyzer {
    /// An analyzer at rest; 1 or 2 channels.
    pub fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let channels = channels.clamp(1, 2);
        let spectrum = SpectrumMeter::new(sample_rate_hz, channels);
        Self {
            sample_rate_hz,
            frames: 0,
            steps: 0,
            staged: vec![Vec::new(); channels],
            mid: Vec::new(),
            side: Vec::new(),
            k_power: KWeightedPower::new(sample_rate_hz, &[1.0, 1.0][..channels]),
            sliding: SlidingLoudness::new(),
            peaks: vec![FilePeak::new(); channels],
            largest_true_peak: 0.0,
            flat_tops: FlatTops::default(),
            bands: BandMeter::new(sample_rate_hz),
            onsets: Onsets::default(),
            hum: Hum::new(spectrum.decimated_rate_hz()),
            spectrum,
            sums: [0.0; 2],
            sound: None,
            non_finite: 0,
            collector: RowCollector::default(),
            rows: Vec::new(),
        }
    }

    /// Makes room for a stream of so many frames: nothing is moved then as it grows. It may become shorter or longer.
    pub fn expecting(mut self, frames: u64) -> Self {
        let rows = row_at(frames.min(u64::from(self.sample_rate_hz) << 32), self.sample_rate_hz).min(BELIEVED_ROWS) + 1;
        self.rows.reserve_exact(rows);
        self.onsets.reserve(rows * STEPS_PER_ROW as usize);
        self.spectrum.reserve(rows.div_ceil(ROWS_PER_CELL));
        self
    }

    /// Takes the next block; channels beyond those of the analyzer are ignored. Samples that are not finite count as 0
    /// (see [`Timeline::non_finite_samples`]).
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        let frames = channels.iter().map(Vec::len).min().unwrap_or(0);
        let mut taken = 0;
        while taken < frames {
            let step_len = self.step_len();
            let part = (step_len - self.staged[0].len()).min(frames - taken);
            for (staged, channel) in self.staged.iter_mut().zip(channels) {
                staged.extend_from_slice(&channel[taken..taken + part]);
            }
            taken += part;
            if self.staged[0].len() == step_len {
                self.end_step();
            }
        }
    }

    /// Ends the measurement.
    pub fn finish(mut self) -> Timeline {
        self.end_step();
        self.rows.extend(self.collector.take());
        self.drain_true_peaks();
        for step in self.onsets.find() {
            if let Some(row) = self.rows.get_mut(step / STEPS_PER_ROW as usize) {
                row.onsets += 1;
            }
        }
        let (cells, treble) = self.spectrum.finish(self.rows.len().div_ceil(ROWS_PER_CELL));
        let found = Findings {
            flat_tops: self.flat_tops.found(),
            offset: self.sums.map(|sum| sum / self.frames.max(1) as f64),
            hum: self.hum.find(),
            sound: self.sound,
            treble,
        };
        Timeline::new(self.sample_rate_hz, self.staged.len(), self.frames, self.rows, cells, found, self.non_finite)
    }

    fn step_len(&self) -> usize {
        (step_end(self.steps, self.sample_rate_hz) - self.frames) as usize
    }

    /// Measures what is staged: a step, or the rest of the file.
    fn end_step(&mut self) {
        let frames = self.staged[0].len();
        if frames == 0 {
            return;
        }
        self.silence_non_finite();
        let (sample_peak, true_peak) = self.measure_peaks();
        self.fill_mid_side();
        let k_energy = self.k_power.energy(&self.staged);
        let whole_step = frames == self.step_len();
        let (momentary, short_term) = if whole_step { self.sliding.push(k_energy / frames as f64) } else { (0.0, 0.0) };
        let bands = self.bands.process(&self.mid, &self.side);
        if whole_step {
            self.onsets.push(bands.map(|b| b.sum.power() / frames as f64));
        }
        let decimated = self.spectrum.process(&self.mid, &self.side);
        self.hum.process(decimated);
        let full = full_band(&self.mid, &self.side);
        self.collector.add(&Step { frames, k_energy, momentary, short_term, sample_peak, true_peak, full, bands });
        self.frames += frames as u64;
        self.steps += 1;
        self.staged.iter_mut().for_each(Vec::clear);
        if self.steps.is_multiple_of(STEPS_PER_ROW) {
            self.rows.extend(self.collector.take());
        }
    }

    fn silence_non_finite(&mut self) {
        for channel in &mut self.staged {
            // Marks that are or-ed: a loop without a branch in it.
            if channel.iter().fold(0, |marks, x| marks | u32::from(!x.is_finite())) != 0 {
                for x in channel.iter_mut().filter(|x| !x.is_finite()) {
                    *x = 0.0;
                    self.non_finite += 1;
                }
            }
        }
    }

    /// Peaks, flat tops, offset, and where there is sound.
    fn measure_peaks(&mut self) -> (f32, f32) {
        let (mut sample_peak, mut true_peak) = (0.0f32, 0.0f32);
        for (number, (samples, meter)) in self.staged.iter().zip(&mut self.peaks).enumerate() {
            let (sample, between) = meter.process(samples, self.largest_true_peak);
            self.largest_true_peak = self.largest_true_peak.max(sample).max(between);
            sample_peak = sample_peak.max(sample);
            true_peak = true_peak.max(between);
            self.flat_tops.process(number, meter.chunks(samples));
            self.sums[number] += sum(samples);
            if sample > silence_threshold() {
                let heard = |x: &f32| x.abs() > silence_threshold();
                let first = self.frames + samples.iter().position(heard).unwrap_or(0) as u64;
                let end = self.frames + samples.iter().rposition(heard).map_or(0, |at| at as u64 + 1);
                let (from, to) = self.sound.unwrap_or((first, end));
                self.sound = Some((from.min(first), to.max(end)));
            }
        }
        (sample_peak, true_peak)
    }

    fn fill_mid_side(&mut self) {
        self.mid.clear();
        self.side.clear();
        match self.staged.as_slice() {
            [left, right] => {
                self.mid.extend(left.iter().zip(right).map(|(l, r)| 0.5 * (l + r)));
                self.side.extend(left.iter().zip(right).map(|(l, r)| 0.5 * (l - r)));
            }
            [mono] => {
                self.mid.extend_from_slice(mono);
                self.side.resize(mono.len(), 0.0);
            }
            _ => {}
        }
    }

    /// Looks between the last samples, which the interpolator has not passed yet.
    fn drain_true_peaks(&mut self) {
        for meter in &mut self.peaks {
            let (_, between) = meter.process(&[0.0; FilePeak::LATENCY_FRAMES], self.largest_true_peak);
            self.largest_true_peak = self.largest_true_peak.max(between);
            if let Some(row) = self.rows.last_mut() {
                row.true_peak = row.true_peak.max(between);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::signals::{Noise, listen, sine};
    use super::*;

    fn music(frames: usize) -> Vec<Vec<f32>> {
        let mut noise = Noise(11);
        let mut channels = vec![sine(44_100, frames, 110.0, 0.3), sine(44_100, frames, 111.0, 0.3)];
        for (n, x) in channels.iter_mut().flatten().enumerate() {
            *x += (noise.next() * 0.2 * (1.0 + (n as f64 * 1e-4).sin())) as f32;
        }
        channels
    }

    #[test]
    fn any_block_length_gives_the_same_timeline() {
        let audio = music(100_003);
        let whole = listen(44_100, &audio);
        for block in [1, 7, 441, 4096, 65_536] {
            let mut analyzer = Analyzer::new(44_100, 2).expecting(block as u64 * 1000);
            for start in (0..audio[0].len()).step_by(block) {
                let end = (start + block).min(audio[0].len());
                analyzer.push(&audio.iter().map(|c| c[start..end].to_vec()).collect::<Vec<_>>());
            }
            let parts = analyzer.finish();
            assert_eq!(parts.analysis(), whole.analysis(), "blocks of {block}");
            assert_eq!(parts.short_term_lufs(), whole.short_term_lufs());
        }
    }

    #[test]
    fn a_mono_file_measures_like_two_equal_channels_but_3_lu_lower() {
        let channel = music(200_000).swap_remove(0);
        let mono = listen(44_100, std::slice::from_ref(&channel)).analysis();
        let dual = listen(44_100, &[channel.clone(), channel]).analysis();
        assert!((dual.loudness.integrated_lufs - mono.loudness.integrated_lufs - 3.01).abs() < 0.01);
        assert_eq!(dual.whole.spectrum, mono.whole.spectrum);
        assert_eq!(dual.whole.dynamics, mono.whole.dynamics);
        assert_eq!(dual.whole.image, mono.whole.image);
        assert_eq!((mono.whole.mono_loss_db, mono.whole.balance_db), (0.0, 0.0));
    }

    #[test]
    fn figures_stay_finite_for_silence_short_files_and_broken_samples() {
        let broken = [f32::NAN, f32::INFINITY, 0.5, -0.5].repeat(20_000);
        for channel in [vec![], vec![0.0; 3], vec![0.0; 200_000], vec![0.25; 100], sine(44_100, 9000, 440.0, 0.5), broken] {
            for channels in [vec![channel.clone()], vec![channel.clone(), channel.clone()]] {
                let timeline = listen(44_100, &channels);
                let analysis = timeline.analysis();
                for feature in crate::analysis::features() {
                    let value = feature.value(&analysis);
                    assert!(value.is_finite(), "{} = {value} for {} frames", feature.id, channel.len());
                }
                let non_finite = channels.iter().flatten().filter(|x| !x.is_finite()).count() as u64;
                assert_eq!(timeline.non_finite_samples(), non_finite);
            }
        }
    }

    #[test]
    fn rows_have_the_figures_of_a_known_signal() {
        let rate = 48_000;
        let (left, right) = (sine(rate, 480_000, 1000.0, 0.5), sine(rate, 480_000, 1000.0, 0.25));
        let analysis = listen(rate, &[left, right]).analysis();
        let near = |value: f64, expected: f64| assert!((value - expected).abs() < 0.05, "{value}, expected {expected}");
        near(analysis.whole.balance_db, 6.02);
        near(analysis.whole.duration_s, 10.0);
        near(analysis.loudness.sample_peak_dbfs, -6.02);
        near(analysis.loudness.true_peak_dbtp, -6.02);
        // Mid 0.375, side 0.125 of amplitude: side over mid −9.54 dB, mono loss 10·lg(1 + 1/9).
        near(analysis.whole.image[2].width_db, -9.54);
        near(analysis.whole.mono_loss_db, 0.458);
        near(analysis.whole.image[2].correlation, 1.0);
        // Peak 0.5 over RMS √((0.5² + 0.25²)/2/2).
        near(analysis.whole.crest_db, 20.0 * (0.5 / (0.3125f64 / 4.0).sqrt()).log10());
        near(analysis.whole.dynamics[2].spread_db, 0.0);
    }
}
