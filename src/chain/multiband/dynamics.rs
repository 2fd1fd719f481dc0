//! Dynamics of the bands: their levels, their static curves, their transients. All four go side by side and without a branch, a lane
//! each: what one of them has not got is there with no effect.
//!
//! `power of a step ─▶ short mean ┬▶ dB ─▶ upper curve, lower curve ─▶ attack / release ┐`
//! `                              └▶ fast envelope ÷ slow envelope ─▶ dB ─▶ attack gain ┴▶ gain`

use super::BandSettings;
use crate::chain::processor::GainStats;
use crate::dsp::bands::DYNAMICS_BANDS;
use crate::dsp::curve::{smoothstep, soft_excess_db};
use crate::dsp::envelope::{AttackRelease, one_pole_coefficient};
use crate::dsp::gain::step_power_to_db;
use std::array::from_fn;

/// Corners of the static curves are this wide, so that a level around a threshold moves the gain gently.
const KNEE_DB: f64 = 4.0;

/// Below the floor of upward compression its gain goes back to none over so much.
const FLOOR_DB: f64 = 12.0;

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

/// One figure of each band.
type Bands = [f64; DYNAMICS_BANDS];

/// Gain of a band's static curve at a steady level: the sum of both curves within ±`range_db`; without the band's
/// fixed gain and transients.
///
/// `level_dbfs` is the band's mean power over both channels: a full-scale sine in the band reads −3.01.
pub fn static_gain_db(band: &BandSettings, level_dbfs: f64) -> f64 {
    let (upper_db, lower_db) = Curve::of(band).gains_db(level_dbfs);
    (upper_db + lower_db).clamp(-band.range_db, band.range_db)
}

/// The static curve of a band: what its two parts ask for at a level.
#[derive(Clone, Copy)]
struct Curve {
    high_threshold_dbfs: f64,
    low_threshold_dbfs: f64,
    /// Gain per decibel beyond the thresholds.
    upper_slope: f64,
    lower_slope: f64,
    /// Below which the lower part raises less.
    floor_dbfs: f64,
    range_db: f64,
}

impl Curve {
    fn of(band: &BandSettings) -> Self {
        Self {
            high_threshold_dbfs: band.high_threshold_dbfs,
            low_threshold_dbfs: band.low_threshold_dbfs,
            upper_slope: 1.0 / band.high_ratio - 1.0,
            lower_slope: 1.0 - band.low_ratio,
            // Only what raises has a floor.
            floor_dbfs: if band.low_ratio < 1.0 { band.floor_dbfs } else { f64::MIN },
            range_db: band.range_db,
        }
    }

    fn is_flat(&self) -> bool {
        (self.upper_slope == 0.0 && self.lower_slope == 0.0) || self.range_db == 0.0
    }

    /// (upper, lower), each within ±range.
    #[inline(always)]
    fn gains_db(&self, level_dbfs: f64) -> (f64, f64) {
        let above = soft_excess_db(level_dbfs - self.high_threshold_dbfs, KNEE_DB);
        let below = soft_excess_db(self.low_threshold_dbfs - level_dbfs, KNEE_DB);
        let raised = smoothstep(1.0 + (level_dbfs - self.floor_dbfs) / FLOOR_DB);
        (self.bound(self.upper_slope * above), raised * self.bound(self.lower_slope * below))
    }

    #[inline(always)]
    fn bound(&self, gain_db: f64) -> f64 {
        gain_db.min(self.range_db).max(-self.range_db)
    }
}

/// The moving parts of all bands.
pub(super) struct BandDynamics {
    /// Bands whose gain moves at all.
    moves: [bool; DYNAMICS_BANDS],
    /// Fixed gains.
    rest_db: Bands,
    mean: [AttackRelease<DYNAMICS_BANDS>; 2],
    curves: Curves,
    has_curves: bool,
    /// Gains of attacks.
    transient_db: Bands,
    transients: Transients,
    stats: [GainStats; DYNAMICS_BANDS],
}

impl BandDynamics {
    /// `lower_edges_hz` set how long levels are averaged: two poles of 0.35 periods of a band's lowest frequency (17 ms
    /// in all at 40 Hz), which leaves ±0.2 dB of ripple there and less above.
    pub(super) fn new(settings: [&BandSettings; DYNAMICS_BANDS], lower_edges_hz: Bands, step_rate_hz: f64) -> Self {
        let pole = |time_s: f64| one_pole_coefficient(time_s, step_rate_hz);
        let mean_s = lower_edges_hz.map(|hz| (0.35 / hz).max(0.00025));
        let curves = settings.map(Curve::of);
        Self {
            moves: from_fn(|b| !curves[b].is_flat() || settings[b].transient_db != 0.0),
            rest_db: settings.map(|band| band.gain_db),
            mean: [(); 2].map(|()| AttackRelease::new(mean_s, mean_s, step_rate_hz)),
            has_curves: curves.iter().any(|curve| !curve.is_flat()),
            curves: Curves {
                curves,
                attack: settings.map(|band| pole(band.attack_ms / 1000.0)),
                release: settings.map(|band| pole(band.release_ms / 1000.0)),
                upper_db: [0.0; DYNAMICS_BANDS],
                lower_db: [0.0; DYNAMICS_BANDS],
            },
            transient_db: settings.map(|band| band.transient_db),
            transients: Transients([FAST_ATTACK_S, SLOW_ATTACK_S].map(|attack_s| {
                AttackRelease::new([attack_s; DYNAMICS_BANDS], [TRANSIENT_RELEASE_S; DYNAMICS_BANDS], step_rate_hz)
            })),
            stats: from_fn(|_| GainStats::default()),
        }
    }

    /// Gains before anything was heard, in dB.
    pub(super) fn rest_gains_db(&self) -> Bands {
        self.rest_db
    }

    /// Ends a step: the gains in dB that its mean powers over both channels ask for.
    pub(super) fn decide(&mut self, step_powers: Bands) -> Bands {
        if self.moves == [false; DYNAMICS_BANDS] {
            return self.rest_db;
        }
        let [first, second] = &mut self.mean;
        let powers = second.follow(first.follow(step_powers));
        let mut gains_db = if self.has_curves { self.curves.follow(powers) } else { [0.0; DYNAMICS_BANDS] };
        if self.transient_db != [0.0; DYNAMICS_BANDS] {
            let attacks = self.transients.follow(powers);
            gains_db = from_fn(|b| gains_db[b] + self.transient_db[b] * attacks[b]);
        }
        for b in (0..DYNAMICS_BANDS).filter(|b| self.moves[*b]) {
            self.stats[b].push(gains_db[b]);
        }
        from_fn(|b| gains_db[b] + self.rest_db[b])
    }

    /// The gains over time, without the bands' fixed gains.
    pub(super) fn stats(&self) -> &[GainStats; DYNAMICS_BANDS] {
        &self.stats
    }

    pub(super) fn reset(&mut self) {
        self.mean.iter_mut().chain(&mut self.transients.0).for_each(AttackRelease::reset);
        (self.curves.upper_db, self.curves.lower_db) = ([0.0; DYNAMICS_BANDS], [0.0; DYNAMICS_BANDS]);
        self.stats = from_fn(|_| GainStats::default());
    }
}

/// Smoothed gains of the curves. A rising level moves them with the attack: the upper one away from 0, the lower
/// one towards 0.
struct Curves {
    curves: [Curve; DYNAMICS_BANDS],
    attack: Bands,
    release: Bands,
    upper_db: Bands,
    lower_db: Bands,
}

impl Curves {
    #[inline(always)]
    fn follow(&mut self, powers: Bands) -> Bands {
        let levels_dbfs = powers.map(|power| step_power_to_db(power + FLOOR_POWER));
        let goals: [(f64, f64); DYNAMICS_BANDS] = from_fn(|b| self.curves[b].gains_db(levels_dbfs[b]));
        let approach = |from: f64, to: f64, c: f64| {
            let gain_db = to + c * (from - to);
            if gain_db.abs() < 1e-12 { 0.0 } else { gain_db }
        };
        let coefficient = |b: usize, rises: bool| if rises { self.attack[b] } else { self.release[b] };
        let upper_db = from_fn(|b| {
            let (from, to) = (self.upper_db[b], goals[b].0);
            approach(from, to, coefficient(b, to.abs() > from.abs()))
        });
        let lower_db = from_fn(|b| {
            let (from, to) = (self.lower_db[b], goals[b].1);
            approach(from, to, coefficient(b, to.abs() < from.abs()))
        });
        (self.upper_db, self.lower_db) = (upper_db, lower_db);
        from_fn(|b| self.curves[b].bound(upper_db[b] + lower_db[b]))
    }
}

/// How much of an attack is going on in every band, whatever the level: a fast envelope and a slow one.
struct Transients([AttackRelease<DYNAMICS_BANDS>; 2]);

impl Transients {
    /// 0 in sustained sound, up to 1 in an attack.
    #[inline(always)]
    fn follow(&mut self, powers: Bands) -> Bands {
        let [fast, slow] = self.0.each_mut().map(|envelope| envelope.follow(powers));
        let rises_db: Bands = from_fn(|b| step_power_to_db((fast[b] + FLOOR_POWER) / (slow[b] + FLOOR_POWER)));
        rises_db.map(|rise_db| smoothstep((rise_db - ATTACK_BEGINS_DB) / (ATTACK_FULL_DB - ATTACK_BEGINS_DB)))
    }
}
