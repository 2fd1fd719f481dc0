//! Saturation: analogue characters: oversampled, dry/wet, level-compensated.
//!
//! `x ┬ emphasis ─ ↑ ─ c·φ(d·u)/d − u ─ ↓ ─ emphasis⁻¹ ─ ·mix ─ + ─▶`
//! `  └ delay ──────────────────────────────────────────────┘`
//!
//! `d` is the drive and `c` restores the level of a 1 kHz sine of −18 dBFS. Filters before and after the curve that undo
//! each other make the curve bite earlier where they lift: tape in the highs, a transformer in the lows. Because only the
//! difference passes the filters, the dry sound keeps its phase and its highest octave.
//!
//! | character | curve `φ`, slope 1 at 0 | emphasis |
//! |---|---|---|
//! | tape | `tanh z`: odd harmonics | +6 dB above 5 kHz: highs soften with level |
//! | tube | `(tanh(z + b) − tanh b)/(1 − tanh² b)`, `b = 0.35`: even and odd; its DC removed | none |
//! | transformer | `z/√(1 + z²/3)`: mostly the third, a gradual bend | +9 dB below 120 Hz |

use super::emphasis::Emphasis;
use super::processor::Processor;
use super::settings::StageSettings;
use super::shaper::{Difference, Shaper};
use crate::dsp::biquad::{Biquad, Coefficients};
use crate::dsp::chunk::{CHUNK, Chunk};
use crate::dsp::gain::db_to_gain;
use crate::dsp::oversample::Oversampler;
use crate::dsp::saturate::{clamp, tanh};
use crate::dsp::simd;
use crate::params::{Unit, choice, linear, switch};
use crate::{choice_param, stage_settings};
use std::f64::consts::PI;

choice_param! {
    /// What kind of device the curve is modelled on.
    pub enum Character {
        /// Odd harmonics, softened highs at level.
        Tape = "tape",
        /// Even and odd harmonics, asymmetric.
        Tube = "tube",
        /// Low-frequency saturation, mostly third harmonic.
        Transformer = "transformer",
    }
}

stage_settings! {
    /// Settings of the saturation stage.
    pub struct SaturationSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Curve and colour.
        character: Character = Character::Tape, choice(Character::NAMES);
        /// Level into the curve; 0 is neutral.
        drive_db: f64 = 0.0, linear(Unit::Db, 0.0, 24.0);
        /// Share of the saturated sound.
        mix_percent: f64 = 100.0, linear(Unit::Percent, 0.0, 100.0);
    }
}

impl StageSettings for SaturationSettings {
    fn is_neutral(&self) -> bool {
        self.drive_db == 0.0 || self.mix_percent == 0.0
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(Shaper::new(Saturation::new(self, sample_rate_hz, channels), channels))
    }
}

/// The curve runs at this rate or more, or at eight times the sample rate …
const CURVE_RATE_HZ: f64 = 176_400.0;
/// … and at twice that from this drive on, where the curve's harmonics reach further.
const STRONG_DRIVE_DB: f64 = 8.0;
/// Operating point of the tube: how far the curve's middle is from its rest.
const TUBE_BIAS: f32 = 0.35;
/// Where the tube's DC is removed.
const DC_HZ: f64 = 5.0;
/// The sine whose level is kept.
const LEVEL_DBFS: f64 = -18.0;
const LEVEL_HZ: f64 = 1000.0;
/// The input is held within ±120 dBFS.
const LARGEST: f32 = 1e6;

impl Character {
    /// What makes the curve bite earlier in a part of the spectrum.
    fn emphasis(self, sample_rate_hz: f64) -> Option<Emphasis> {
        match self {
            Self::Tape => Some(Emphasis::new(3500.0, 7000.0, true, sample_rate_hz)),
            Self::Tube => None,
            Self::Transformer => Some(Emphasis::new(200.0, 71.0, false, sample_rate_hz)),
        }
    }
}

struct Saturation {
    character: Character,
    drive: f32,
    /// `c/d`.
    makeup: f32,
    mix: f32,
    emphasis: Option<Emphasis>,
    dc: Option<Biquad>,
    oversamplers: Vec<Oversampler>,
}

impl Saturation {
    fn new(settings: &SaturationSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let SaturationSettings { character, drive_db, mix_percent, .. } = *settings;
        let drive = db_to_gain(drive_db) as f32;
        let emphasis = character.emphasis(sample_rate_hz);
        let lift = emphasis.as_ref().map_or(1.0, |e| e.shelf.magnitude(LEVEL_HZ, sample_rate_hz));
        let level = drive * (db_to_gain(LEVEL_DBFS) * lift) as f32;
        let rate_hz = if drive_db > STRONG_DRIVE_DB { 2.0 * CURVE_RATE_HZ } else { CURVE_RATE_HZ };
        let doublings = Oversampler::doublings_to(rate_hz, sample_rate_hz);
        Self {
            character,
            drive,
            makeup: (f64::from(level) / sine_level(|z| curve(character, z), level)) as f32 / drive,
            mix: (mix_percent / 100.0) as f32,
            emphasis,
            dc: (character == Character::Tube).then(|| Biquad::new(Coefficients::butterworth_highpass(DC_HZ, sample_rate_hz))),
            oversamplers: vec![Oversampler::new(sample_rate_hz, CHUNK, doublings); channels],
        }
    }
}

fn curve(character: Character, z: f32) -> f32 {
    match character {
        Character::Tape => tanh(z),
        Character::Tube => tube(z),
        Character::Transformer => transformer(z),
    }
}

#[inline(always)]
fn tube(z: f32) -> f32 {
    /// `tanh 0.35` and `1/(1 − tanh² 0.35)`.
    const REST: f32 = 0.336_375_54;
    const STEEPEN: f32 = 1.127_577_1;
    (tanh(z + TUBE_BIAS) - REST) * STEEPEN
}

#[inline(always)]
fn transformer(z: f32) -> f32 {
    z / (1.0 + z * z * (1.0 / 3.0)).sqrt()
}

/// Turns samples at the raised rate into what the curve changes.
#[inline(always)]
fn shape(high: &mut [f32], drive: f32, makeup: f32, curve: impl Fn(f32) -> f32) {
    simd::widest(
        #[inline(always)]
        || high.iter_mut().for_each(|u| *u = makeup * curve(drive * *u) - *u),
    );
}

/// √2 times the RMS, without DC, of a curve driven by a sine of this amplitude.
fn sine_level(curve: impl Fn(f32) -> f32, amplitude: f32) -> f64 {
    const POINTS: usize = 512;
    let at = |i: usize| f64::from(curve(amplitude * (2.0 * PI * (i as f64 + 0.5) / POINTS as f64).sin() as f32));
    let mean = (0..POINTS).map(at).sum::<f64>() / POINTS as f64;
    (2.0 * (0..POINTS).map(|i| (at(i) - mean).powi(2)).sum::<f64>() / POINTS as f64).sqrt()
}

/// Runs both lanes of a chunk through a filter.
fn filter(biquad: &mut Biquad, chunk: &mut Chunk) {
    let [left, right] = chunk;
    for (l, r) in left.iter_mut().zip(right) {
        let [a, b] = biquad.process([f64::from(*l), f64::from(*r)]);
        (*l, *r) = (a as f32, b as f32);
    }
    biquad.flush();
}

impl Difference for Saturation {
    fn process(&mut self, chunk: &mut Chunk) {
        chunk.iter_mut().for_each(|lane| lane.iter_mut().for_each(|x| *x = clamp(*x, LARGEST)));
        if let Some(emphasis) = &mut self.emphasis {
            filter(&mut emphasis.before, chunk);
        }
        let (drive, makeup) = (self.drive, self.makeup);
        for (oversampler, lane) in self.oversamplers.iter_mut().zip(chunk.iter_mut()) {
            // One loop a character, so that each is compiled without a choice inside.
            oversampler.process(lane, |high| match self.character {
                Character::Tape => shape(high, drive, makeup, tanh),
                Character::Tube => shape(high, drive, makeup, tube),
                Character::Transformer => shape(high, drive, makeup, transformer),
            });
        }
        if let Some(emphasis) = &mut self.emphasis {
            filter(&mut emphasis.after, chunk);
        }
        if let Some(dc) = &mut self.dc {
            filter(dc, chunk);
        }
        chunk.iter_mut().for_each(|lane| lane.iter_mut().for_each(|x| *x *= self.mix));
    }

    fn latency_frames(&self) -> usize {
        self.oversamplers[0].latency_frames()
    }

    fn reset(&mut self) {
        self.oversamplers.iter_mut().for_each(Oversampler::reset);
        if let Some(emphasis) = &mut self.emphasis {
            emphasis.before.reset();
            emphasis.after.reset();
        }
        if let Some(dc) = &mut self.dc {
            dc.reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Processor;
    use super::super::checks::{run, sine};
    use super::super::shaper_tests::{aliases_dbc, harmonics_dbc};
    use super::*;

    fn saturation(character: Character, drive_db: f64) -> Box<dyn Processor> {
        SaturationSettings { character, drive_db, ..Default::default() }.processor(44_100.0, 2)
    }

    #[test]
    fn aliases_stay_100_db_below_the_tone_at_strong_drive() {
        for character in Character::ALL {
            for drive_db in [STRONG_DRIVE_DB, 12.0] {
                let aliases = aliases_dbc(saturation(*character, drive_db).as_mut(), 1.0);
                assert!(aliases < -100.0, "{character:?} at {drive_db} dB: {aliases:.1} dBc");
            }
        }
    }

    #[test]
    fn a_sine_of_minus_18_dbfs_keeps_its_level() {
        for character in Character::ALL {
            for drive_db in [3.0, 6.0, 12.0, 24.0] {
                let input = sine(1000.0, db_to_gain(-18.0), 44_100.0, 44_100);
                let out = run(saturation(*character, drive_db).as_mut(), &input, 512);
                let power = |c: &[f32]| c.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
                let change_db = 10.0 * (power(&out[0][4410..]) / power(&input[0][4410..])).log10();
                assert!(change_db.abs() < 0.1, "{character:?} at {drive_db} dB: {change_db:+.2} dB");
            }
        }
    }

    #[test]
    fn each_character_has_its_harmonics() {
        let of = |character, hz| harmonics_dbc(saturation(character, 12.0).as_mut(), 0.25, hz);
        let [_, _, second, third, ..] = of(Character::Tape, 1000.0);
        assert!(second < -110.0 && third > -45.0, "tape: {second:.1}, {third:.1}");
        let [dc, _, second, third, ..] = of(Character::Tube, 1000.0);
        assert!(dc < -80.0 && second > third && third > -50.0, "tube: DC {dc:.1}, {second:.1}, {third:.1}");
        let [_, _, second, third, _, fifth] = of(Character::Transformer, 50.0);
        assert!(second < -100.0 && third > -30.0 && fifth < third - 8.0, "transformer: {second:.1}, {third:.1}, {fifth:.1}");
        assert!(of(Character::Transformer, 1000.0)[3] < third - 10.0, "the transformer's lows saturate first");
        let tape = |hz| of(Character::Tape, hz)[3];
        assert!(tape(6000.0) > tape(1000.0) + 3.0, "tape's highs saturate first: {:.1}, {:.1}", tape(6000.0), tape(1000.0));
    }

    #[test]
    fn quiet_sound_passes_with_its_phase() {
        for character in Character::ALL {
            let mut stage = saturation(*character, 3.0);
            let latency = stage.latency_frames();
            let input = sine(1000.0, 1e-3, 44_100.0, 8000);
            let out = run(stage.as_mut(), &input, 512);
            // No more than the constant gain that compensates the level of louder sound.
            let gain = out[0][4000..].iter().fold(0f32, |m, x| m.max(x.abs())) / 1e-3;
            for n in 2000 + latency..8000 {
                assert!((out[0][n] - gain * input[0][n - latency]).abs() < 3e-6, "{character:?}");
            }
        }
    }
}
