//! Dynamics of one band: its level, its static curve, its transients.
//!
//! `power of a step ─▶ short mean ┬▶ dB ─▶ upper curve, lower curve ─▶ attack / release ┐`
//! `                              └▶ fast envelope ÷ slow envelope ─▶ dB ─▶ attack gain ┴▶ gain`

use super::BandSettings;
use crate::chain::processor::GainStats;
use crate::dsp::curve::{smoothstep, soft_excess_db};
use crate::dsp::envelope::{AttackRelease, one_pole_coefficient};
use crate::dsp::gain::step_power_to_db;

/// Corners of the static curves are this wide, so that a level around a threshold moves the gain gently.
const KNEE_DB: f64 = 4.0;

/// Power below which a band is silent (−150 dBFS); also the least level at which a rise counts as an attack.
const FLOOR_POWER: f64 = 1e-15;

/// Attack of the envelope that follows a transient, and of the one that it is held against; both release alike, so that
/// they differ on attacks only.
const FAST_ATTACK_S: f64 = 0.001;
const SLOW_ATTACK_S: f64 = 0.04;
const TRANSIENT_RELEASE_S: f64 = 0.08;

/// Rise of the fast over the slow envelope at which the attack gain begins and at which it is full. Ripple and
/// vibrato stay below the first, a drum's stroke reaches the second.
const ATTACK_BEGINS_DB: f64 = 1.5;
const ATTACK_FULL_DB: f64 = 9.0;

/// Gains that the two curves of a band ask for at a level: (upper, lower), each within ±range.
fn curve_gains_db(band: &BandSettings, level_dbfs: f64) -> (f64, f64) {
    let above = soft_excess_db(level_dbfs - band.high_threshold_dbfs, KNEE_DB);
    let below = soft_excess_db(band.low_threshold_dbfs - level_dbfs, KNEE_DB);
    let bound = |gain_db: f64| gain_db.clamp(-band.range_db, band.range_db);
    (bound((1.0 / band.high_ratio - 1.0) * above), bound((1.0 - band.low_ratio) * below))
}

/// Gain of a band's static curve at a steady level: the sum of both curves within ±`range_db`; without the band's
/// fixed gain and transients.
///
/// `level_dbfs` is the band's mean power over both channels: a full-scale sine in the band reads −3.01.
pub fn static_gain_db(band: &BandSettings, level_dbfs: f64) -> f64 {
    let (upper_db, lower_db) = curve_gains_db(band, level_dbfs);
    (upper_db + lower_db).clamp(-band.range_db, band.range_db)
}

/// The moving part of a band that is not neutral.
pub(super) struct BandDynamics {
    settings: BandSettings,
    mean: [AttackRelease; 2],
    curve: Option<CurveGains>,
    transient: Option<Transient>,
    stats: GainStats,
}

impl BandDynamics {
    /// `lower_edge_hz` sets how long the level is averaged: two poles of 0.35 periods of the band's lowest frequency (17 ms
    /// in all at 40 Hz), which leaves ±0.2 dB of ripple there and less above.
    pub(super) fn new(settings: &BandSettings, lower_edge_hz: f64, step_rate_hz: f64) -> Self {
        let has_curve = (settings.high_ratio != 1.0 || settings.low_ratio != 1.0) && settings.range_db > 0.0;
        let mean_s = (0.35 / lower_edge_hz).max(0.00025);
        Self {
            settings: settings.clone(),
            mean: [(); 2].map(|()| AttackRelease::new(mean_s, mean_s, step_rate_hz)),
            curve: has_curve.then(|| CurveGains::new(settings, step_rate_hz)),
            transient: (settings.transient_db != 0.0).then(|| Transient::new(step_rate_hz)),
            stats: GainStats::default(),
        }
    }

    /// Whether the gain moves at all.
    pub(super) fn listens(&self) -> bool {
        self.curve.is_some() || self.transient.is_some()
    }

    /// Gain before anything was heard, in dB.
    pub(super) fn rest_gain_db(&self) -> f64 {
        self.settings.gain_db
    }

    /// Ends a step: the gain in dB that its mean power over both channels asks for.
    pub(super) fn decide(&mut self, step_power: f64) -> f64 {
        let [first, second] = &mut self.mean;
        let power = second.follow(first.follow(step_power));
        let mut gain_db = 0.0;
        if let Some(curve) = &mut self.curve {
            gain_db += curve.follow(&self.settings, step_power_to_db(power + FLOOR_POWER));
        }
        if let Some(transient) = &mut self.transient {
            gain_db += self.settings.transient_db * transient.follow(power);
        }
        self.stats.push(gain_db);
        gain_db + self.settings.gain_db
    }

    /// The gain over time, without the band's fixed gain.
    pub(super) fn stats(&self) -> &GainStats {
        &self.stats
    }

    pub(super) fn reset(&mut self) {
        self.mean.iter_mut().for_each(AttackRelease::reset);
        if let Some(curve) = &mut self.curve {
            curve.reset();
        }
        if let Some(transient) = &mut self.transient {
            transient.reset();
        }
        self.stats = GainStats::default();
    }
}

/// Smoothed gains of the two curves. A rising level moves them with the attack: the upper one away from 0, the lower
/// one towards 0.
struct CurveGains {
    attack: f64,
    release: f64,
    upper_db: f64,
    lower_db: f64,
}

impl CurveGains {
    fn new(settings: &BandSettings, step_rate_hz: f64) -> Self {
        Self {
            attack: one_pole_coefficient(settings.attack_ms / 1000.0, step_rate_hz),
            release: one_pole_coefficient(settings.release_ms / 1000.0, step_rate_hz),
            upper_db: 0.0,
            lower_db: 0.0,
        }
    }

    fn follow(&mut self, settings: &BandSettings, level_dbfs: f64) -> f64 {
        let (upper_db, lower_db) = curve_gains_db(settings, level_dbfs);
        let coefficient = |rises: bool| if rises { self.attack } else { self.release };
        let approach = |from: f64, to: f64, c: f64| {
            let gain_db = to + c * (from - to);
            if gain_db.abs() < 1e-12 { 0.0 } else { gain_db }
        };
        let upper_rises = upper_db.abs() > self.upper_db.abs();
        let lower_rises = lower_db.abs() < self.lower_db.abs();
        self.upper_db = approach(self.upper_db, upper_db, coefficient(upper_rises));
        self.lower_db = approach(self.lower_db, lower_db, coefficient(lower_rises));
        (self.upper_db + self.lower_db).clamp(-settings.range_db, settings.range_db)
    }

    fn reset(&mut self) {
        (self.upper_db, self.lower_db) = (0.0, 0.0);
    }
}

/// How much of an attack is going on, whatever the level.
struct Transient {
    fast: AttackRelease,
    slow: AttackRelease,
}

impl Transient {
    fn new(step_rate_hz: f64) -> Self {
        Self {
            fast: AttackRelease::new(FAST_ATTACK_S, TRANSIENT_RELEASE_S, step_rate_hz),
            slow: AttackRelease::new(SLOW_ATTACK_S, TRANSIENT_RELEASE_S, step_rate_hz),
        }
    }

    /// 0 in sustained sound, up to 1 in an attack.
    fn follow(&mut self, power: f64) -> f64 {
        let (fast, slow) = (self.fast.follow(power), self.slow.follow(power));
        let rise_db = step_power_to_db((fast + FLOOR_POWER) / (slow + FLOOR_POWER));
        smoothstep((rise_db - ATTACK_BEGINS_DB) / (ATTACK_FULL_DB - ATTACK_BEGINS_DB))
    }

    fn reset(&mut self) {
        self.fast.reset();
        self.slow.reset();
    }
}
