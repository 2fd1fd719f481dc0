//! How far the sibilant band sticks out of the rest, whatever the level.
//!
//! `x ┬ high-pass ─ power (1 ms) ────────────────┐`
//! `  └ low-pass ─ power (larger of 5 and 30 ms) ─┴ ratio in dB − threshold ─ 0..range ─ release ─▶ cut`

use super::DeessSettings;
use crate::dsp::biquad::{Biquad, Coefficients, Lanes};
use crate::dsp::gain::power_to_db;
use crate::dsp::grid::STEP_FRAMES;

/// Time constant of the sibilant band's level, which is the attack: some periods of the band's lowest frequency.
const ATTACK_MS: f64 = 1.0;
/// Time constants of the level of the rest, of which the larger level counts: the long one says how loud the music is, the
/// short one follows an onset, so that it is not taken for a sibilant.
const REST_MS: [f64; 2] = [5.0, 30.0];
/// Power under which the rest counts as silence, −90 dBFS: hiss between songs is no sibilance.
const FLOOR_POWER: f64 = 1e-9;

/// One band's filter and smoothed powers, both channels together.
struct Level {
    filter: Biquad,
    sum: f64,
    powers: [f64; 2],
    keeps: [f64; 2],
}

impl Level {
    fn new(coefficients: Coefficients, keeps: [f64; 2]) -> Self {
        Self { filter: Biquad::new(coefficients), sum: 0.0, powers: [0.0; 2], keeps }
    }

    #[inline(always)]
    fn listen(&mut self, x: Lanes) {
        let [l, r] = self.filter.process(x);
        self.sum += l * l + r * r;
    }

    /// The larger of the smoothed powers.
    fn step(&mut self) -> f64 {
        let mean = self.sum / STEP_FRAMES as f64;
        self.sum = 0.0;
        self.filter.flush();
        for (power, keep) in self.powers.iter_mut().zip(self.keeps) {
            *power = mean + (*power - mean) * keep + 1e-30;
        }
        self.powers[0].max(self.powers[1])
    }

    fn reset(&mut self) {
        self.filter.reset();
        (self.sum, self.powers) = (0.0, [0.0; 2]);
    }
}

/// Listens to every frame and gives a cut every control step.
pub(super) struct Detector {
    threshold_db: f64,
    range_db: f64,
    band: Level,
    rest: Level,
    cut_db: f64,
    release_keep: f64,
}

impl Detector {
    pub(super) fn new(settings: &DeessSettings, sample_rate_hz: f64) -> Self {
        let keep = |ms: f64| (-(STEP_FRAMES as f64) / (0.001 * ms * sample_rate_hz)).exp();
        let highpass = Coefficients::butterworth_highpass(settings.freq_hz, sample_rate_hz);
        let lowpass = Coefficients::butterworth_lowpass(settings.freq_hz, sample_rate_hz);
        Self {
            threshold_db: settings.threshold_db,
            range_db: settings.range_db,
            band: Level::new(highpass, [keep(ATTACK_MS); 2]),
            rest: Level::new(lowpass, REST_MS.map(keep)),
            cut_db: 0.0,
            release_keep: keep(settings.release_ms),
        }
    }

    #[inline(always)]
    pub(super) fn listen(&mut self, x: Lanes) {
        self.band.listen(x);
        self.rest.listen(x);
    }

    /// The cut after one control step, in dB, 0 to the range: what sticks out above the threshold is taken away.
    pub(super) fn step(&mut self) -> f64 {
        let (band, rest) = (self.band.step(), self.rest.step());
        let excess_db = power_to_db(band / (rest + FLOOR_POWER)) - self.threshold_db;
        let wanted_db = excess_db.clamp(0.0, self.range_db);
        let released_db = wanted_db + (self.cut_db - wanted_db) * self.release_keep;
        self.cut_db = if released_db < 1e-6 { 0.0 } else { wanted_db.max(released_db) };
        self.cut_db
    }

    pub(super) fn reset(&mut self) {
        self.band.reset();
        self.rest.reset();
        self.cut_db = 0.0;
    }
}
