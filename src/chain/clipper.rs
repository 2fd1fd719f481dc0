//! Clipper: soft clipper before the limiter: takes the shortest peaks, oversampled.
//!
//! `x ┬ ↑8 ─ curve(u) − u ─ ↓8 ─ + ─▶`
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
use crate::dsp::gain::{db_to_gain, largest_magnitude};
use crate::dsp::oversample::Oversampler;
use crate::dsp::saturate::bend;
use crate::dsp::simd;
use crate::params::{Unit, linear, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the clipper stage.
    pub struct ClipperSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Level that peaks are bent to. What the curve adds above 20 kHz is taken away again: a square passes the level by 0.2 dB, a high
        /// tone by 1.6, noise by 3. 24 dBFS is neutral.
        threshold_dbfs: f64 = 24.0, linear(Unit::Dbfs, -60.0, 24.0);
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

/// The curve runs at this rate or more, or at eight times the sample rate.
const CURVE_RATE_HZ: f64 = 352_800.0;
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
                simd::widest(
                    #[inline(always)]
                    || {
                        if largest_magnitude(high) <= start {
                            return high.fill(0.0);
                        }
                        for u in high {
                            let excess = u.abs() - start;
                            let excess = if excess > 0.0 { excess } else { 0.0 };
                            let w = excess * per_width;
                            let kept = width * bend(if w < 1.0 { w } else { 1.0 });
                            *u = (excess - kept).copysign(-*u);
                        }
                    },
                );
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

#[cfg(test)]
mod tests {
    use super::super::Processor;
    use super::super::checks::{noise, run, sine};
    use super::super::shaper_tests::aliases_dbc;
    use super::*;

    fn clipper(threshold_dbfs: f64, softness_percent: f64) -> Box<dyn Processor> {
        ClipperSettings { threshold_dbfs, softness_percent, ..Default::default() }.processor(44_100.0, 2)
    }

    #[test]
    fn below_the_bend_everything_passes_bit_exact() {
        // The bend begins 3.6 dB below the threshold; noise can peak 8 dB higher between its samples.
        let mut clipper = clipper(-6.0, 30.0);
        let input: Vec<Vec<f32>> = noise(20_000, 3).iter().map(|c| c.iter().map(|x| 0.13 * x).collect()).collect();
        let latency = clipper.latency_frames();
        let out = run(clipper.as_mut(), &input, 512);
        assert!(out[0][latency..] == input[0][..20_000 - latency] && out[1][latency..] == input[1][..20_000 - latency]);
    }

    #[test]
    fn a_sine_is_held_at_the_threshold() {
        for softness_percent in [0.0, 30.0, 100.0] {
            let out = run(clipper(-6.0, softness_percent).as_mut(), &sine(100.0, 1.0, 44_100.0, 20_000), 512);
            let peak = out[0][1000..].iter().fold(0f32, |m, x| m.max(x.abs()));
            let over_db = 20.0 * f64::from(peak).log10() + 6.0;
            assert!((-0.1..0.35).contains(&over_db), "softness {softness_percent}: {over_db:+.2} dB at the threshold");
        }
    }

    #[test]
    fn aliases_stay_100_db_below_the_tone() {
        for (threshold_dbfs, softness_percent) in [(-6.0, 30.0), (-12.0, 100.0), (-3.0, 50.0)] {
            let aliases = aliases_dbc(clipper(threshold_dbfs, softness_percent).as_mut(), 1.0);
            assert!(aliases < -100.0, "{threshold_dbfs} dBFS, {softness_percent} %: {aliases:.1} dBc");
        }
    }
}
