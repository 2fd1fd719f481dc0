//! Limiter: look-ahead true-peak limiter: the promise of the chain.
//!
//! `drive ─ main pass (9 points a frame, 96 taps) ─ safety pass (17 points a frame, 256 taps) ─▶`
//!
//! The main pass finds each tile's true peak and turns the gain down, ahead of time, so far that the peak meets the
//! ceiling (see [`gain`]). Moving gain makes small new peaks between the samples, and the main pass's filter is shorter; so
//! the safety pass measures what came out with a finer filter and takes the last hundredths of a decibel. What a pass
//! finds above the ceiling it brings to a little below, to leave room for what its own moving gain makes. What stays below the ceiling leaves exactly as it came, later.

mod gain;
mod hold;
mod pass;
#[cfg(test)]
mod tests;

use self::pass::{Pass, PassSettings};
use super::processor::{GainStats, Processor, StageMeter};
use super::settings::StageSettings;
use crate::dsp::chunk::Chunker;
use crate::dsp::gain::{db_to_gain, step_power_to_db};
use crate::dsp::interpolate::Interpolator;
use crate::dsp::true_peak::{FINE, FINE_PHASES, FINE_TAPS, STOPBAND_DB};
use crate::params::{ParamGroup, Unit, choice, linear, log, switch};
use crate::{choice_param, stage_settings};
use std::sync::LazyLock;

choice_param! {
    /// How the limiter trades transients against level.
    pub enum Character {
        /// Slow return after long limiting, quick after single peaks.
        Transparent = "transparent",
        /// Lets the body keep its level and shortens peaks.
        Punchy = "punchy",
        /// Quickest return: the densest sound.
        Dense = "dense",
    }
}

stage_settings! {
    /// Settings of the limiter stage.
    pub struct LimiterSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Gain into the limiter: how loud the master gets.
        drive_db: f64 = 0.0, linear(Unit::Db, -40.0, 40.0);
        /// True peak that the output never passes.
        ceiling_dbtp: f64 = 0.0, linear(Unit::Dbtp, -20.0, 0.0);
        /// How the gain returns after a peak.
        character: Character = Character::Transparent, choice(Character::NAMES);
        /// How long before a peak the gain begins to fall.
        lookahead_ms: f64 = 4.0, log(Unit::Ms, 0.5, 10.0);
        /// Time scale of the return: a single peak fades in a third (transparent), a sixth (punchy) or an eighth (dense) of it,
        /// long limiting in twice as long (transparent), as long (punchy) or an eighth (dense).
        release_ms: f64 = 100.0, log(Unit::Ms, 5.0, 1000.0);
        /// How much a peak in one channel also turns the other down.
        link_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl LimiterSettings {
    /// Ends of the range of `drive_db`.
    pub fn drive_range_db() -> (f64, f64) {
        let mut range = (0.0, 0.0);
        Self::default().visit(&mut |name, row, _| {
            if name == "drive_db" {
                range = (row.domain.min, row.domain.max);
            }
        });
        range
    }
}

impl StageSettings for LimiterSettings {
    fn is_neutral(&self) -> bool {
        false
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(Limiter::new(self, sample_rate_hz, channels))
    }
}

/// How far below the ceiling a peak is brought: one that the main pass has just touched the safety pass, whose filter is finer,
/// need not touch again; and meters whose filters end elsewhere read what lies just under the Nyquist frequency by some hundredths
/// higher (10,000 random plans: +0.05 dB at most by a Blackman window of 128 taps; with 0.037 two were over).
const MARGIN_DB: f64 = 0.055;
/// The same for the safety pass, with room for the new peaks that its own moving gain makes (0.06 dB at most in 3000 random plans).
const SAFETY_MARGIN_DB: f64 = 0.08;
/// What the safety pass takes on top, as a share of its reduction: signals from ±1e6, or driven by 40 dB, leave it whole
/// decibels to take, and its quick gain makes peaks of its own then. On music it takes hundredths.
const SAFETY_OVERSHOOT: f64 = 0.1;
/// Look-ahead and release of the safety pass.
const SAFETY_LOOKAHEAD_MS: f64 = 1.5;
const SAFETY_RELEASE_MS: f64 = 20.0;
/// The input is held within ±120 dBFS, so that no finite sample makes an infinite one.
const LARGEST: f32 = 1e6;
/// The main pass' detector: 9 points a frame, 96 taps.
const PHASES: usize = 8;
const TAPS: usize = 96;
static DETECTOR: LazyLock<Interpolator<PHASES, TAPS>> = LazyLock::new(|| Interpolator::new(STOPBAND_DB));

struct Limiter {
    channels: usize,
    drive: f32,
    chunker: Chunker,
    main: Pass<PHASES, TAPS>,
    safety: Pass<FINE_PHASES, FINE_TAPS>,
    stats: GainStats,
}

impl Limiter {
    fn new(settings: &LimiterSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let ceiling = db_to_gain(settings.ceiling_dbtp);
        let pass = PassSettings {
            sample_rate_hz,
            channels,
            character: settings.character,
            lookahead_ms: settings.lookahead_ms,
            release_ms: settings.release_ms,
            link: settings.link_percent / 100.0,
            ceiling,
            target: ceiling * db_to_gain(-MARGIN_DB),
            overshoot: 0.0,
        };
        let safety = PassSettings {
            character: Character::Dense,
            target: ceiling * db_to_gain(-SAFETY_MARGIN_DB),
            overshoot: SAFETY_OVERSHOOT,
            lookahead_ms: SAFETY_LOOKAHEAD_MS,
            release_ms: SAFETY_RELEASE_MS,
            ..pass
        };
        Self {
            channels,
            drive: db_to_gain(settings.drive_db) as f32,
            chunker: Chunker::default(),
            main: Pass::new(&pass, &DETECTOR),
            safety: Pass::new(&safety, &FINE),
            stats: GainStats::default(),
        }
    }
}

impl Processor for Limiter {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let Self { chunker, main, safety, stats, drive, .. } = self;
        let active = self.channels;
        chunker.process(channels, |chunk| {
            for lane in &mut chunk[..active] {
                lane.iter_mut().for_each(|x| *x = (*x * *drive).clamp(-LARGEST, LARGEST));
            }
            let gains = main.process(chunk);
            let last = safety.process(chunk);
            for (main, safety) in gains.iter().zip(last) {
                let gain = main * safety;
                stats.push(if gain == 1.0 { 0.0 } else { step_power_to_db(f64::from(gain * gain).max(1e-18)) });
            }
        });
    }

    fn latency_frames(&self) -> usize {
        Chunker::LATENCY_FRAMES + self.main.latency_frames() + self.safety.latency_frames()
    }

    fn reset(&mut self) {
        self.chunker.reset();
        self.main.reset();
        self.safety.reset();
        self.stats = GainStats::default();
    }

    fn meter(&self) -> StageMeter {
        StageMeter { gains: vec![self.stats.meter("gain")] }
    }
}
