//! Levels of the channels as they are: loudness, peaks, flat tops, offset, where there is sound.

use super::defects::{FlatTops, silence_threshold};
use super::loudness::{KWeightedPower, SlidingLoudness};
use super::row::{LevelCollector, LevelRow};
use super::steps::{Step, Steps};
use super::true_peak::FilePeak;
use crate::dsp::lanes::sum;

/// Measures the levels of a stream; one half of an [`Analyzer`](super::Analyzer).
pub(super) struct LevelMeter {
    steps: Steps,
    levels: Levels,
}

/// What was measured.
pub(super) struct Levels {
    k_power: KWeightedPower,
    sliding: SlidingLoudness,
    peaks: Vec<FilePeak>,
    largest_true_peak: f32,
    collector: LevelCollector,
    pub(super) flat_tops: FlatTops,
    pub(super) sums: [f64; 2],
    pub(super) sound: Option<(u64, u64)>,
    pub(super) non_finite: u64,
    pub(super) rows: Vec<LevelRow>,
}

impl LevelMeter {
    pub(super) fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let steps = Steps::new(sample_rate_hz, channels);
        let channels = steps.channels();
        let levels = Levels {
            k_power: KWeightedPower::new(sample_rate_hz, &[1.0, 1.0][..channels]),
            sliding: SlidingLoudness::new(),
            peaks: vec![FilePeak::new(); channels],
            largest_true_peak: 0.0,
            collector: LevelCollector::default(),
            flat_tops: FlatTops::default(),
            sums: [0.0; 2],
            sound: None,
            non_finite: 0,
            rows: Vec::new(),
        };
        Self { steps, levels }
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.levels.rows.reserve_exact(rows);
    }

    /// Takes the next block; see [`Analyzer::push`](super::Analyzer::push).
    pub(super) fn push(&mut self, channels: &[Vec<f32>]) {
        self.steps.push(channels, |step| self.levels.add(step));
    }

    /// Ends the measurement.
    pub(super) fn finish(mut self) -> Levels {
        self.steps.end(|step| self.levels.add(step));
        let rest = self.levels.collector.take();
        self.levels.rows.extend(rest);
        self.levels.drain_true_peaks();
        self.levels
    }
}

impl Levels {
    fn add(&mut self, step: &Step) {
        self.non_finite += step.non_finite;
        let peaks = self.measure_peaks(step);
        let k_energy = self.k_power.energy(step.channels);
        let frames = step.frames();
        let windows = if step.whole { self.sliding.push(k_energy / frames as f64) } else { (0.0, 0.0) };
        self.collector.add(frames, k_energy, peaks, windows);
        if step.ends_row {
            self.rows.extend(self.collector.take());
        }
    }

    /// Largest sample and true peak; flat tops, offset, and where there is sound.
    fn measure_peaks(&mut self, step: &Step) -> (f32, f32) {
        let (mut sample_peak, mut true_peak) = (0.0f32, 0.0f32);
        for (number, (samples, meter)) in step.channels.iter().zip(&mut self.peaks).enumerate() {
            let (sample, between) = meter.process(samples, self.largest_true_peak);
            self.largest_true_peak = self.largest_true_peak.max(sample).max(between);
            sample_peak = sample_peak.max(sample);
            true_peak = true_peak.max(between);
            self.flat_tops.process(number, meter.chunks(samples));
            self.sums[number] += sum(samples);
            if sample > silence_threshold() {
                let heard = |x: &f32| x.abs() > silence_threshold();
                let first = step.start + samples.iter().position(heard).unwrap_or(0) as u64;
                let end = step.start + samples.iter().rposition(heard).map_or(0, |at| at as u64 + 1);
                let (from, to) = self.sound.unwrap_or((first, end));
                self.sound = Some((from.min(first), to.max(end)));
            }
        }
        (sample_peak, true_peak)
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
