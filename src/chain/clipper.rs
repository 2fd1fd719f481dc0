//! Clipper: soft clipper before the limiter: takes the shortest peaks, oversampled.
//!
//! `x ┬ ↑4 ─ curve(u) − u ─ ↓4 ─ + ─▶`
//! `  └ delay ───────────────────┘`
//!
//! Below the bend the curve changes nothing, so what stays below it passes bit-exact. From the bend `K` to the threshold
//! `T` the curve is `K + 2(T − K)·bend((|u| − K)/(2(T − K)))`, then flat. At the raised rate nothing passes the threshold;
//! the filters' ringing, where they cut off the harmonics above 20 kHz, can pass it by a few percent of what was clipped
//! off. The limiter has the last word.

use super::processor::Processor;
use super::settings::StageSettings;
use super::shaper::{Difference, Shaper};
use crate::dsp::chunk::{CHUNK, Chunk};
use crate::dsp::gain::db_to_gain;
use crate::dsp::oversample::Oversampler;
use crate::dsp::saturate::bend;
use crate::params::{Unit, linear, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the clipper stage.
    pub struct ClipperSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Level that no sample passes; 24 dBFS is neutral.
        threshold_dbfs: f64 = 24.0, linear(Unit::Dbfs, -24.0, 24.0);
        /// Width of the bend below the threshold: 0 is a corner, 100 begins 12 dB below.
        softness_percent: f64 = 30.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for ClipperSettings {
    fn is_neutral(&self) -> bool {
        self.threshold_dbfs >= 24.0
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(Shaper::new(Clipper::new(self, sample_rate_hz, channels), channels))
    }
}

/// The curve runs at this rate or more.
const CURVE_RATE_HZ: f64 = 176_400.0;
/// Width of the bend at full softness, and the least there is: a corner has no highest harmonic.
const BEND_DB: f64 = 12.0;
const LEAST_BEND_DB: f64 = 0.1;
/// The input is held within ±120 dBFS.
const LARGEST: f32 = 1e6;

struct Clipper {
    oversamplers: Vec<Oversampler>,
    /// Where the bend begins, linear.
    start: f32,
    /// Twice the way from there to the threshold: over so much input the bend reaches it.
    width: f32,
}

impl Clipper {
    fn new(settings: &ClipperSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let threshold = db_to_gain(settings.threshold_dbfs);
        let bend_db = (BEND_DB * settings.softness_percent / 100.0).max(LEAST_BEND_DB);
        let start = threshold * db_to_gain(-bend_db);
        let doublings = Oversampler::doublings_to(CURVE_RATE_HZ, sample_rate_hz);
        Self {
            oversamplers: vec![Oversampler::new(sample_rate_hz, CHUNK, doublings); channels],
            start: start as f32,
            width: (2.0 * (threshold - start)) as f32,
        }
    }
}

impl Difference for Clipper {
    fn process(&mut self, chunk: &mut Chunk) {
        let Self { start, width, .. } = *self;
        let per_width = 1.0 / width;
        for (oversampler, lane) in self.oversamplers.iter_mut().zip(chunk) {
            lane.iter_mut().for_each(|x| *x = x.clamp(-LARGEST, LARGEST));
            oversampler.process(lane, |high| {
                for u in high {
                    let excess = u.abs() - start;
                    let excess = if excess > 0.0 { excess } else { 0.0 };
                    let w = excess * per_width;
                    let kept = width * bend(if w < 1.0 { w } else { 1.0 });
                    *u = (excess - kept).copysign(-*u);
                }
            });
        }
    }

    fn latency_frames(&self) -> usize {
        self.oversamplers[0].latency_frames()
    }

    fn reset(&mut self) {
        self.oversamplers.iter_mut().for_each(Oversampler::reset);
    }
}
