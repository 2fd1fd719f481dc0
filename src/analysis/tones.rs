//! Tones of mid and side: bands, onsets, spectra, hum.

use super::bands::{BandMeter, full_band};
use super::defects::Hum;
use super::grid::{ROWS_PER_CELL, STEPS_PER_ROW};
use super::onsets::Onsets;
use super::row::{ToneCollector, ToneRow};
use super::spectrum::SpectrumMeter;
use super::steps::{Step, Steps};

/// Measures the tones of a stream; one half of an [`Analyzer`](super::Analyzer).
pub(super) struct ToneMeter {
    steps: Steps,
    tones: Tones,
}

/// What was measured; onsets are in the rows once it is finished.
pub(super) struct Tones {
    mid: Vec<f32>,
    side: Vec<f32>,
    bands: BandMeter,
    onsets: Onsets,
    collector: ToneCollector,
    pub(super) spectrum: SpectrumMeter,
    pub(super) hum: Hum,
    pub(super) rows: Vec<ToneRow>,
}

impl ToneMeter {
    pub(super) fn new(sample_rate_hz: u32, channels: usize) -> Self {
        let steps = Steps::new(sample_rate_hz, channels);
        let spectrum = SpectrumMeter::new(sample_rate_hz, steps.channels());
        let tones = Tones {
            mid: Vec::new(),
            side: Vec::new(),
            bands: BandMeter::new(sample_rate_hz),
            onsets: Onsets::default(),
            collector: ToneCollector::default(),
            hum: Hum::new(spectrum.decimated_rate_hz()),
            spectrum,
            rows: Vec::new(),
        };
        Self { steps, tones }
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.tones.rows.reserve_exact(rows);
        self.tones.onsets.reserve(rows * STEPS_PER_ROW as usize);
        self.tones.spectrum.reserve(rows.div_ceil(ROWS_PER_CELL));
    }

    /// Takes the next block; see [`Analyzer::push`](super::Analyzer::push).
    pub(super) fn push(&mut self, channels: &[Vec<f32>]) {
        self.steps.push(channels, |step| self.tones.add(step));
    }

    /// Ends the measurement. Also gives how many channels and frames there were.
    pub(super) fn finish(mut self) -> (Tones, usize, u64) {
        self.steps.end(|step| self.tones.add(step));
        let tones = &mut self.tones;
        tones.rows.extend(tones.collector.take());
        for step in tones.onsets.find() {
            if let Some(row) = tones.rows.get_mut(step / STEPS_PER_ROW as usize) {
                row.onsets += 1;
            }
        }
        (self.tones, self.steps.channels(), self.steps.frames())
    }
}

impl Tones {
    fn add(&mut self, step: &Step) {
        self.fill_mid_side(step.channels);
        let frames = step.frames();
        let bands = self.bands.process(&self.mid, &self.side);
        if step.whole {
            self.onsets.push(bands.map(|b| b.sum.power() / frames as f64));
        }
        let decimated = self.spectrum.process(&self.mid, &self.side);
        self.hum.process(decimated);
        self.collector.add(frames, &full_band(&self.mid, &self.side), &bands);
        if step.ends_row {
            self.rows.extend(self.collector.take());
        }
    }

    fn fill_mid_side(&mut self, channels: &[&[f32]]) {
        self.mid.clear();
        self.side.clear();
        match *channels {
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
}
