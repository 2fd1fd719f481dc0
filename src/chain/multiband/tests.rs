//! The multiband stage's figures, measured on rendered sound.

use super::*;
use crate::chain::mini_contract::{RATE_HZ, any_settings_stay_finite, holds, level_db, noise, sine, stepped_sine};
use crate::dsp::bands::DYNAMICS_CROSSOVERS_HZ;
use crate::dsp::gain::{db_to_gain, gain_to_db};
use crate::dsp::shelf::shelf_response_db;
use std::f64::consts::PI;

/// Frequencies well inside the four bands.
const CENTRES_HZ: [f64; 4] = [50.0, 310.0, 2000.0, 11_000.0];

fn with_band(index: usize, band: BandSettings) -> MultibandSettings {
    let mut settings = MultibandSettings::default();
    *settings.bands_mut()[index] = band;
    settings
}

/// Share of a frequency's amplitude that a band of the listening crossover hears.
fn share(index: usize, freq_hz: f64) -> f64 {
    let warp = |f: f64| (PI * f / RATE_HZ).tan();
    let low = |crossover_hz: f64| 1.0 / (1.0 + (warp(freq_hz) / warp(crossover_hz)).powi(4));
    let [f1, f2, f3] = DYNAMICS_CROSSOVERS_HZ.map(low);
    [f2 * f1, f2 * (1.0 - f1), (1.0 - f2) * f3, (1.0 - f2) * (1.0 - f3)][index]
}

/// What a band's gain makes of a frequency: the shelves at its corners.
fn gain_at_db(index: usize, freq_hz: f64, band_gain_db: f64) -> f64 {
    let at = |corner: usize, gain_db: f64| shelf_response_db(DYNAMICS_CROSSOVERS_HZ[corner], gain_db, freq_hz, RATE_HZ);
    let rises = if index > 0 { at(index - 1, band_gain_db) } else { band_gain_db };
    rises + if index < 3 { at(index, -band_gain_db) } else { 0.0 }
}

fn run(settings: &MultibandSettings, mut audio: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    Multiband::new(settings, RATE_HZ).process(&mut audio);
    audio
}

#[test]
fn contract() {
    any_settings_stay_finite::<MultibandSettings>();
    let active = BandSettings {
        gain_db: 3.0,
        high_threshold_dbfs: -30.0,
        high_ratio: 4.0,
        low_ratio: 0.25,
        range_db: 24.0,
        transient_db: 12.0,
        attack_ms: 0.1,
        ..Default::default()
    };
    let expander = BandSettings { high_ratio: 0.5, low_ratio: 4.0, transient_db: -12.0, gain_db: 12.0, ..active.clone() };
    let mut settings = with_band(1, active);
    settings.high = expander.clone();
    settings.low = expander;
    holds(&settings, true);
}

/// Bands that do not move, or all alike, leave the phase alone: what comes out is what went in, one step later.
#[test]
fn an_idle_stage_is_a_delay_bit_for_bit() {
    let waiting = BandSettings { high_threshold_dbfs: 0.0, high_ratio: 4.0, ..Default::default() };
    let settings = with_band(1, waiting);
    let input = vec![noise(5000, 1), noise(5000, 2)];
    let out = run(&settings, input.clone());
    for (out, input) in out.iter().zip(&input) {
        assert_eq!(out[STEP_FRAMES..], input[..5000 - STEP_FRAMES]);
    }
    let mut louder = MultibandSettings::default();
    louder.bands_mut().into_iter().for_each(|b| b.gain_db = 6.0);
    let gain = db_to_gain(6.0) as f32;
    for (out, input) in run(&louder, input.clone()).iter().zip(&input) {
        let largest = out[STEP_FRAMES..].iter().zip(input).map(|(o, i)| (o - gain * i).abs()).fold(0.0, f32::max);
        assert!(largest < 1e-6, "{largest}");
    }
}

/// Bands that all have come to one and the same gain by dynamics of their own are flat: FACTS asks for 0.01 dB.
///
/// Noise is so far above all thresholds that each curve asks for its whole range, and after a time `t` the gains differ by less than
/// `6·e^(−t/attack)` dB: with 10 ms after 0.8 s by nothing that a float holds. Then the shelves, which make what the bands differ
/// by, have nothing to make: what is left is the rounding of the samples, 1e−7.
#[test]
fn bands_that_act_alike_are_flat() {
    let mut settings = MultibandSettings::default();
    for band in settings.bands_mut() {
        (band.high_threshold_dbfs, band.high_ratio, band.range_db) = (-80.0, 20.0, 6.0);
    }
    let input = vec![noise(44_100, 1), noise(44_100, 2)];
    let mut multiband = Multiband::new(&settings, RATE_HZ);
    let mut out = input.clone();
    multiband.process(&mut out);
    for gain in multiband.meter().gains {
        assert!((gain.min_db + 6.0).abs() < 1e-3, "{gain:?}");
    }
    let (gain, settled) = (db_to_gain(-6.0) as f32, 35_280);
    for (out, input) in out.iter().zip(&input) {
        let pairs = || out[settled + STEP_FRAMES..].iter().zip(&input[settled..]);
        let largest = pairs().map(|(o, i)| (o - gain * i).abs()).fold(0.0, f32::max);
        assert!(largest < 1e-6, "{largest} off");
        // Each of 100 frequencies by itself, too.
        for i in 0..100 {
            let w = 2.0 * PI * 20.0 * 1000f64.powf(f64::from(i) / 99.0) / RATE_HZ;
            let at = |part: &dyn Fn((&f32, &f32)) -> f32| {
                let rotated = pairs().enumerate().map(|(n, pair)| {
                    let (sin, cos) = (w * n as f64).sin_cos();
                    (f64::from(part(pair)) * cos, f64::from(part(pair)) * sin)
                });
                let (re, im) = rotated.fold((0.0, 0.0), |(re, im), (c, s)| (re + c, im + s));
                f64::hypot(re, im)
            };
            let off_db = gain_to_db(at(&|(o, _)| *o) / at(&|(_, i)| *i)) + 6.0;
            assert!(off_db.abs() < 0.01, "{off_db:+} dB at {} Hz", w * RATE_HZ / (2.0 * PI));
        }
    }
}

#[test]
fn each_band_follows_its_static_curve() {
    let curves = [
        BandSettings { high_threshold_dbfs: -30.0, high_ratio: 3.0, range_db: 10.0, ..Default::default() },
        BandSettings { high_threshold_dbfs: -30.0, high_ratio: 0.7, range_db: 6.0, ..Default::default() },
        BandSettings { low_threshold_dbfs: -25.0, low_ratio: 2.0, range_db: 12.0, ..Default::default() },
        BandSettings { low_threshold_dbfs: -25.0, low_ratio: 0.5, range_db: 8.0, ..Default::default() },
    ];
    for (index, centre_hz) in CENTRES_HZ.into_iter().enumerate() {
        for band in &curves {
            for level_dbfs in [-50.0, -36.0, -29.0, -20.0, -9.0] {
                let peak_dbfs = level_dbfs + 3.01;
                let out = run(&with_band(index, band.clone()), sine(centre_hz, peak_dbfs, 3.0));
                let gain_db = level_db(&out[0], 2.0, 3.0) - peak_dbfs;
                let level_in_band_dbfs = level_dbfs + gain_to_db(share(index, centre_hz));
                let expected = gain_at_db(index, centre_hz, static_gain_db(band, level_in_band_dbfs));
                assert!((gain_db - expected).abs() < 0.1, "band {index} at {level_dbfs}: {gain_db} vs {expected}");
                assert!(gain_db.abs() <= band.range_db + 0.05);
            }
        }
    }
}

#[test]
fn static_curves_have_their_slopes_and_bounds() {
    let band = BandSettings {
        high_threshold_dbfs: -20.0,
        high_ratio: 2.0,
        low_threshold_dbfs: -50.0,
        low_ratio: 0.5,
        range_db: 8.0,
        ..Default::default()
    };
    for (level_dbfs, gain_db) in [(-35.0, 0.0), (-10.0, -5.0), (0.0, -8.0), (-60.0, 5.0), (-90.0, 8.0)] {
        assert!((static_gain_db(&band, level_dbfs) - gain_db).abs() < 1e-9, "{level_dbfs}");
    }
    let up = BandSettings { high_ratio: 0.5, low_ratio: 3.0, ..band };
    for (level_dbfs, gain_db) in [(-15.0, 5.0), (0.0, 8.0), (-53.0, -6.0), (-80.0, -8.0)] {
        assert!((static_gain_db(&up, level_dbfs) - gain_db).abs() < 1e-9, "{level_dbfs}");
    }
}

/// What is under the floor, a pause or the end of a fade, is raised less and less, and then not at all; what lowers has no floor.
#[test]
fn upward_compression_lets_go_under_its_floor() {
    let raises =
        BandSettings { low_threshold_dbfs: -30.0, low_ratio: 0.5, range_db: 6.0, floor_dbfs: -50.0, ..Default::default() };
    for (level_dbfs, gain_db) in [(-40.0, 5.0), (-50.0, 6.0), (-56.0, 3.0), (-62.0, 0.0), (-120.0, 0.0)] {
        assert!((static_gain_db(&raises, level_dbfs) - gain_db).abs() < 1e-9, "{level_dbfs}");
    }
    let lowers = BandSettings { low_ratio: 2.0, ..raises.clone() };
    assert_eq!(static_gain_db(&lowers, -70.0), -6.0);
    let levels = [(-45.0, 2.0), (-75.0, 2.0)];
    let out = run(&with_band(2, raises), stepped_sine(2000.0, &levels));
    let raised_db = |from_s: f64, level: f64| level_db(&out[0], from_s, from_s + 1.0) - level;
    assert!(
        raised_db(1.0, -45.0) > 4.5 && raised_db(3.0, -75.0).abs() < 0.01,
        "{} {}",
        raised_db(1.0, -45.0),
        raised_db(3.0, -75.0)
    );
}

#[test]
fn a_band_leaves_its_neighbours_alone() {
    let squash = BandSettings { high_threshold_dbfs: -60.0, high_ratio: 20.0, range_db: 24.0, ..Default::default() };
    let settings = with_band(1, squash);
    for (centre_hz, acts) in [(30.0, false), (310.0, true), (3000.0, false), (11_000.0, false)] {
        let gain_db = level_db(&run(&settings, sine(centre_hz, -6.0, 2.0))[0], 1.0, 2.0) + 6.0;
        assert_eq!(gain_db < -1.0, acts, "{centre_hz} Hz: {gain_db} dB");
    }
}

#[test]
fn attack_and_release_take_their_times() {
    let band = BandSettings {
        high_threshold_dbfs: -20.0,
        high_ratio: 4.0,
        range_db: 24.0,
        attack_ms: 20.0,
        release_ms: 200.0,
        ..Default::default()
    };
    let settings = with_band(2, band.clone());
    let (low, high) = (-30.0, -6.0);
    let out = run(&settings, stepped_sine(2000.0, &[(low, 1.0), (high, 1.0), (low, 2.0)]));
    let latency_s = STEP_FRAMES as f64 / RATE_HZ;
    let gain_db = |s: f64, level: f64| level_db(&out[0], s + latency_s, s + latency_s + 0.001) - level;
    let full = static_gain_db(&band, high - 3.01 + gain_to_db(share(2, 2000.0)));
    let part = 1.0 - (-1f64).exp();
    let attacked = gain_at_db(2, 2000.0, part * full);
    let released = gain_at_db(2, 2000.0, (1.0 - part) * full);
    // The crossover rings after a step: its first milliseconds say nothing about the gain.
    let attack = (6..1000).map(|i| f64::from(i) * 5e-4).find(|t| gain_db(1.0 + t, high) <= attacked).expect("attack");
    let release = (60..2000).map(|i| f64::from(i) * 5e-4).find(|t| gain_db(2.0 + t, low) >= released).expect("release");
    // The level's own averaging (0.9 ms here) comes on top.
    assert!((0.018..0.024).contains(&attack), "{attack}");
    assert!((0.18..0.23).contains(&release), "{release}");
}

/// Strokes of noise over a bed 30 dB below, at a level.
fn strokes(peak: f32) -> Vec<Vec<f32>> {
    let frames = (3.0 * RATE_HZ) as usize;
    let period = (0.5 * RATE_HZ) as usize;
    let envelope = |n: usize| 0.03 + (-((n % period) as f32) / (0.08 * RATE_HZ as f32)).exp();
    let channel: Vec<f32> = noise(frames, 5).into_iter().enumerate().map(|(n, x)| peak * x * envelope(n)).collect();
    vec![channel.clone(), channel]
}

#[test]
fn transients_change_attacks_whatever_the_level_and_leave_the_sustained_alone() {
    let attack_gain_db = |transient_db: f64, peak: f32| {
        let mut settings = MultibandSettings::default();
        settings.bands_mut().into_iter().for_each(|b| b.transient_db = transient_db);
        let mut idle = settings.clone();
        idle.bands_mut().into_iter().for_each(|b| b.transient_db = 0.0);
        let (changed, plain) = (run(&settings, strokes(peak)), run(&idle, strokes(peak)));
        let difference = |from: f64, to: f64| level_db(&changed[0], from, to) - level_db(&plain[0], from, to);
        (difference(1.5, 1.512), difference(1.75, 1.95))
    };
    for transient_db in [-8.0, 8.0] {
        let (attack, sustain) = attack_gain_db(transient_db, 0.5);
        let (faint_attack, _) = attack_gain_db(transient_db, 0.005);
        assert!(attack * transient_db.signum() > 4.0 && attack.abs() <= 8.05, "attack {attack}");
        assert!(sustain.abs() < 0.3, "sustain {sustain}");
        assert!((attack - faint_attack).abs() < 0.1, "level independent: {attack}, {faint_attack}");
    }
}

#[test]
fn a_steady_tone_is_no_transient() {
    for (index, centre_hz) in CENTRES_HZ.into_iter().enumerate() {
        let settings = with_band(index, BandSettings { transient_db: 12.0, ..Default::default() });
        let gain_db = level_db(&run(&settings, sine(centre_hz, -12.0, 2.0))[0], 1.0, 2.0) + 12.0;
        assert!(gain_db.abs() < 0.1, "{centre_hz} Hz: {gain_db} dB");
    }
}

#[test]
fn mono_and_dual_mono_agree() {
    let settings = with_band(1, BandSettings { high_threshold_dbfs: -40.0, high_ratio: 4.0, ..Default::default() });
    let stereo = run(&settings, sine(310.0, -12.0, 0.5));
    let mono = run(&settings, vec![sine(310.0, -12.0, 0.5).remove(0)]);
    assert_eq!(stereo[0], mono[0]);
}
