//! Compressor: glue compressor: feed-forward, log domain, soft knee.
//!
//! `L, R ─▶ high-pass ─▶ larger peak of a control step ─▶ dB ─▶ static curve ─▶ attack / release ─▶ gain ─▶ × L, R`
//!
//! After Giannoulis, Massberg and Reiss, "Digital Dynamic Range Compressor Design", JAES 60(6), 2012: the gain computer
//! works on the level in decibels (eq. 4), the smooth decoupled detector on the reduction that it asks for (eq. 17). Both
//! run once a control step of 16 frames on the step's peak; the gain travels on straight lines between steps and the
//! audio is held back by one step, so that a step's own gain meets it.
//!
//! Levels are peaks: a steady sine of peak level `threshold_dbfs` lies on the threshold. Both channels get the gain that
//! the louder one asks for, so the image stays.

use super::processor::{GainStats, Processor, StageMeter};
use super::settings::StageSettings;
use crate::dsp::biquad::{Biquad, Coefficients, Lanes};
use crate::dsp::curve::soft_excess_db;
use crate::dsp::envelope::PeakDetector;
use crate::dsp::gain::{step_db_to_gain, step_power_to_db};
use crate::dsp::grid::{FrameGrid, STEP_FRAMES};
use crate::dsp::smooth::StepGain;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;

stage_settings! {
    /// Settings of the compressor stage.
    pub struct CompressorSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Level above which gain is reduced: the peak level of a steady sine.
        threshold_dbfs: f64 = 0.0, linear(Unit::Dbfs, -60.0, 0.0);
        /// Input change over output change above the threshold; 1 is neutral.
        ratio: f64 = 1.0, log(Unit::Ratio, 1.0, 20.0);
        /// Width of the soft knee.
        knee_db: f64 = 6.0, linear(Unit::Db, 0.0, 24.0);
        /// Attack time constant.
        attack_ms: f64 = 25.0, log(Unit::Ms, 0.1, 200.0);
        /// Release time constant.
        release_ms: f64 = 250.0, log(Unit::Ms, 10.0, 2000.0);
        /// Release slower after long reduction, faster after short peaks.
        program_release: bool = true, switch();
        /// High-pass in the side chain, so that bass does not pump the rest.
        sidechain_highpass_hz: f64 = 80.0, log(Unit::Hz, 20.0, 500.0);
        /// Gain after compression.
        makeup_db: f64 = 0.0, linear(Unit::Db, 0.0, 24.0);
        /// Share of the compressed sound; the rest is the input (parallel compression).
        mix_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl CompressorSettings {
    /// Reduction that the static curve asks for at a side-chain peak level, in dB ≥ 0; without makeup and mix.
    pub fn static_reduction_db(&self, peak_dbfs: f64) -> f64 {
        (1.0 - 1.0 / self.ratio) * soft_excess_db(peak_dbfs - self.threshold_dbfs, self.knee_db)
    }

    /// Factor applied to the sound at a given reduction: compressed and made up, mixed with the input.
    fn factor(&self, reduction_db: f64) -> f64 {
        let mix = self.mix_percent / 100.0;
        1.0 - mix + mix * step_db_to_gain(self.makeup_db - reduction_db)
    }

    /// Gain in dB that a reduction is to the sound, against none: mixed with the input as the sound is, without makeup.
    fn dynamic_gain_db(&self, reduction_db: f64) -> f64 {
        if self.mix_percent == 100.0 || reduction_db == 0.0 {
            return -reduction_db;
        }
        let ratio = self.factor(reduction_db) / self.factor(0.0);
        step_power_to_db(ratio * ratio)
    }
}

impl StageSettings for CompressorSettings {
    fn is_neutral(&self) -> bool {
        (self.ratio == 1.0 && self.makeup_db == 0.0) || self.mix_percent == 0.0
    }
    fn processor(&self, sample_rate_hz: f64, _channels: usize) -> Box<dyn Processor> {
        Box::new(Compressor::new(self.clone(), sample_rate_hz))
    }
}

/// Control steps between two flushes of the side-chain filter.
const FLUSH_STEPS: u64 = 64;

/// Square of a peak that is taken for silence (−200 dBFS).
const FLOOR_POWER: f64 = 1e-20;

struct Compressor {
    settings: CompressorSettings,
    grid: FrameGrid,
    highpass: Biquad,
    step_peak: Lanes,
    reduction: PeakDetector,
    gain: StepGain,
    stats: GainStats,
}

impl Compressor {
    fn new(settings: CompressorSettings, sample_rate_hz: f64) -> Self {
        let step_rate_hz = sample_rate_hz / STEP_FRAMES as f64;
        let detector = if settings.program_release { PeakDetector::program_dependent } else { PeakDetector::new };
        Self {
            grid: FrameGrid::new(STEP_FRAMES),
            highpass: Biquad::new(Coefficients::butterworth_highpass(settings.sidechain_highpass_hz, sample_rate_hz)),
            step_peak: [0.0; 2],
            reduction: detector(settings.attack_ms / 1000.0, settings.release_ms / 1000.0, step_rate_hz),
            gain: StepGain::new(settings.factor(0.0)),
            stats: GainStats::default(),
            settings,
        }
    }

    /// Follows the side chain's peak through frames of one step.
    fn listen(&mut self, left: &[f32], right: &[f32]) {
        let (mut highpass, mut peak) = (self.highpass.clone(), self.step_peak);
        for (l, r) in left.iter().zip(right) {
            let y = highpass.process([f64::from(*l), f64::from(*r)]);
            peak = [peak[0].max(y[0].abs()), peak[1].max(y[1].abs())];
        }
        (self.highpass, self.step_peak) = (highpass, peak);
    }

    /// Ends a step: its peak decides the gain.
    fn decide(&mut self) {
        let peak = self.step_peak[0].max(self.step_peak[1]);
        self.step_peak = [0.0; 2];
        let wanted_db = self.settings.static_reduction_db(step_power_to_db(peak * peak + FLOOR_POWER));
        let reduction_db = self.reduction.follow(wanted_db);
        self.gain.arrive(self.settings.factor(reduction_db));
        self.stats.push(self.settings.dynamic_gain_db(reduction_db));
    }
}

impl Processor for Compressor {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let frames = channels[0].len();
        let mut at = 0;
        while let Some(piece) = self.grid.piece(at, frames) {
            at = piece.block.end;
            let right = channels.len() - 1;
            self.listen(&channels[0][piece.block.clone()], &channels[right][piece.block.clone()]);
            self.gain.apply(channels, &piece);
            if piece.ends_cell {
                self.decide();
                if self.grid.cells().is_multiple_of(FLUSH_STEPS) {
                    self.highpass.flush();
                }
            }
        }
    }

    fn latency_frames(&self) -> usize {
        StepGain::LATENCY_FRAMES
    }

    fn reset(&mut self) {
        self.grid.reset();
        self.highpass.reset();
        self.step_peak = [0.0; 2];
        self.reduction.reset();
        self.gain = StepGain::new(self.settings.factor(0.0));
        self.stats = GainStats::default();
    }

    /// The gain of the dynamics as it reaches the sound: with mix, without makeup.
    fn meter(&self) -> StageMeter {
        StageMeter { gains: vec![self.stats.meter("gain")] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::mini_contract::{RATE_HZ, any_settings_stay_finite, holds, level_db, sine, stepped_sine};
    use crate::dsp::gain::{db_to_gain, gain_to_db};

    fn settings() -> CompressorSettings {
        CompressorSettings { threshold_dbfs: -20.0, ratio: 4.0, program_release: false, ..Default::default() }
    }

    fn run(settings: &CompressorSettings, mut audio: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
        settings.processor(RATE_HZ, audio.len()).process(&mut audio);
        audio
    }

    #[test]
    fn contract() {
        any_settings_stay_finite::<CompressorSettings>();
        holds(&settings(), true);
        holds(&CompressorSettings { makeup_db: 24.0, mix_percent: 60.0, program_release: true, ..settings() }, true);
    }

    /// FACTS: static curve within 0.05 dB of Giannoulis, Massberg and Reiss.
    #[test]
    fn static_curve_is_exact() {
        for ratio in [1.5, 4.0, 20.0] {
            for level_dbfs in [-40.0, -24.0, -22.0, -20.0, -18.0, -15.0, -10.0, -3.0] {
                let settings = CompressorSettings { ratio, ..settings() };
                let out = run(&settings, sine(997.0, level_dbfs, 4.0));
                let expected = match level_dbfs - settings.threshold_dbfs {
                    over if 2.0 * over < -6.0 => level_dbfs,
                    over if 2.0 * over > 6.0 => settings.threshold_dbfs + over / ratio,
                    over => level_dbfs + (1.0 / ratio - 1.0) * (over + 3.0).powi(2) / 12.0,
                };
                let measured = level_db(&out[0], 3.0, 4.0);
                assert!((measured - expected).abs() < 0.05, "ratio {ratio} at {level_dbfs}: {measured} vs {expected}");
            }
        }
    }

    /// FACTS: step times within 10 %, measured on the gain of the rendered sound.
    #[test]
    fn attack_and_release_take_their_times() {
        for (attack_ms, release_ms) in [(5.0, 100.0), (25.0, 250.0), (60.0, 600.0)] {
            let settings = CompressorSettings { attack_ms, release_ms, knee_db: 0.0, ..settings() };
            let (low, high) = (-30.0, -8.0);
            let input = stepped_sine(5000.0, &[(low, 1.0), (high, 2.0), (low, 3.0)]);
            let out = run(&settings, input.clone());
            let lag = StepGain::LATENCY_FRAMES;
            let gain_db = |n: usize| {
                // The sine's own zero crossings say nothing: take the largest sample of a period.
                let at = (n..n + 9).max_by(|a, b| input[0][*a].abs().total_cmp(&input[0][*b].abs())).expect("frames");
                gain_to_db(f64::from(out[0][at + lag] / input[0][at]))
            };
            let full_db = -settings.static_reduction_db(high);
            let seconds_until = |start_s: f64, reached: &dyn Fn(f64) -> bool| {
                let start = (start_s * RATE_HZ) as usize;
                (start..).find(|n| reached(gain_db(*n))).map(|n| (n - start) as f64 / RATE_HZ).expect("reached")
            };
            let part = 1.0 - (-1f64).exp();
            let attack = seconds_until(1.0, &|g| g <= part * full_db) * 1000.0;
            let release = seconds_until(3.0, &|g| g >= (1.0 - part) * full_db) * 1000.0;
            assert!((attack / attack_ms - 1.0).abs() < 0.1, "attack {attack} for {attack_ms}");
            assert!((release / release_ms - 1.0).abs() < 0.1, "release {release} for {release_ms}");
        }
    }

    #[test]
    fn ratio_one_nulls() {
        let input = stepped_sine(440.0, &[(-3.0, 0.2), (-40.0, 0.2)]);
        let out = run(&CompressorSettings { ratio: 1.0, threshold_dbfs: -60.0, ..settings() }, input.clone());
        let lag = StepGain::LATENCY_FRAMES;
        assert_eq!(out[0][lag..], input[0][..input[0].len() - lag]);
    }

    #[test]
    fn bass_below_the_sidechain_corner_does_not_pump() {
        let reduction = |freq_hz| {
            let settings = CompressorSettings { sidechain_highpass_hz: 200.0, ..settings() };
            let out = run(&settings, sine(freq_hz, -6.0, 2.0));
            -6.0 - level_db(&out[0], 1.0, 2.0)
        };
        assert!(reduction(40.0) < 0.5 && reduction(2000.0) > 10.0, "{} {}", reduction(40.0), reduction(2000.0));
    }

    /// By as much as the meter says louder sound comes out softer than it would at rest.
    #[test]
    fn the_meter_tells_what_reaches_the_sound() {
        let (soft, loud) = (-50.0, -8.0);
        let expected = [(100.0, 0.0, -9.0), (100.0, 6.0, -9.0), (50.0, 0.0, -3.38), (50.0, 6.0, -4.88)];
        for (mix_percent, makeup_db, expected_db) in expected {
            let settings = CompressorSettings { mix_percent, makeup_db, knee_db: 0.0, ..settings() };
            let mut compressor = settings.processor(RATE_HZ, 2);
            let mut out = stepped_sine(997.0, &[(soft, 1.0), (loud, 3.0)]);
            compressor.process(&mut out);
            let softer_db = (level_db(&out[0], 3.0, 4.0) - loud) - (level_db(&out[0], 0.5, 0.9) - soft);
            let meter = compressor.meter().gains.remove(0);
            assert!((softer_db - expected_db).abs() < 0.05, "mix {mix_percent} %, makeup {makeup_db} dB: {softer_db} dB");
            let settled_db = f64::from(meter.trace_db.last().copied().unwrap_or_default());
            assert!((settled_db - softer_db).abs() < 0.05 && meter.max_db.abs() < 1e-6, "mix {mix_percent} %: {meter:?}");
        }
    }

    #[test]
    fn mix_and_makeup_act_as_named() {
        let made_up = CompressorSettings { makeup_db: 6.0, ratio: 1.0, ..settings() };
        assert!((level_db(&run(&made_up, sine(997.0, -30.0, 1.0))[0], 0.5, 1.0) + 24.0).abs() < 0.01);
        let parallel = CompressorSettings { mix_percent: 50.0, knee_db: 0.0, ..settings() };
        let expected = -8.0 + gain_to_db(0.5 + 0.5 * db_to_gain(-9.0));
        assert!((level_db(&run(&parallel, sine(997.0, -8.0, 3.0))[0], 2.0, 3.0) - expected).abs() < 0.05);
    }
}
