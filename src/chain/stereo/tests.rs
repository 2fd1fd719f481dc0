//! The stereo stage's figures, measured on rendered sound.

use super::*;
use crate::chain::mini_contract::{RATE_HZ, any_settings_stay_finite, holds, level_db, noise, sine};
use crate::dsp::gain::gain_to_db;
use std::f64::consts::PI;

const CENTRES_HZ: [f64; 4] = [45.0, 310.0, 2000.0, 12_000.0];

fn widths(percent: [f64; 4]) -> StereoSettings {
    let [low_width_percent, low_mid_width_percent, high_mid_width_percent, high_width_percent] = percent;
    StereoSettings { low_width_percent, low_mid_width_percent, high_mid_width_percent, high_width_percent, ..Default::default() }
}

fn run(settings: &StereoSettings, mut audio: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    settings.processor(RATE_HZ, audio.len()).process(&mut audio);
    audio
}

fn mid(audio: &[Vec<f32>]) -> Vec<f64> {
    audio[0].iter().zip(&audio[1]).map(|(l, r)| 0.5 * (f64::from(*l) + f64::from(*r))).collect()
}

fn side(audio: &[Vec<f32>]) -> Vec<f64> {
    audio[0].iter().zip(&audio[1]).map(|(l, r)| 0.5 * (f64::from(*l) - f64::from(*r))).collect()
}

/// The side's response at a frequency: (magnitude in dB, phase in degrees).
fn side_response(settings: &StereoSettings, freq_hz: f64) -> (f64, f64) {
    let mut impulse = vec![vec![0.0; 1 << 15]; 2];
    (impulse[0][0], impulse[1][0]) = (1.0, -1.0);
    let response = side(&run(settings, impulse));
    let w = 2.0 * PI * freq_hz / RATE_HZ;
    let at = |f: fn(f64) -> f64| response.iter().enumerate().map(|(n, h)| h * f(w * n as f64)).sum::<f64>();
    let (re, im) = (at(f64::cos), -at(f64::sin));
    (gain_to_db(re.hypot(im)), im.atan2(re).to_degrees())
}

fn everything() -> StereoSettings {
    StereoSettings { mono_below_hz: 120.0, depth_percent: 100.0, balance_db: 2.0, ..widths([0.0, 80.0, 130.0, 300.0]) }
}

#[test]
fn contract() {
    any_settings_stay_finite::<StereoSettings>();
    holds(&everything(), false);
}

#[test]
fn the_side_gains_are_those_asked_for_at_the_band_centres() {
    let cases =
        [[50.0, 100.0, 100.0, 100.0], [70.0, 130.0, 90.0, 150.0], [100.0, 50.0, 100.0, 200.0], [200.0, 100.0, 50.0, 100.0]];
    for percent in cases {
        for (width_percent, centre_hz) in percent.into_iter().zip(CENTRES_HZ) {
            let expected = gain_to_db(width_percent / 100.0);
            let (measured, _) = side_response(&widths(percent), centre_hz);
            assert!((measured - expected).abs() < 0.25, "{percent:?} at {centre_hz}: {measured} vs {expected}");
        }
        for freq_hz in [30.0, 100.0, 120.0, 200.0, 630.0, 800.0, 1000.0, 4000.0, 6300.0, 10_000.0] {
            let ((measured, _), computed) =
                (side_response(&widths(percent), freq_hz), widths(percent).width_response_db(freq_hz));
            assert!((measured - computed).abs() < 0.2, "{percent:?} at {freq_hz}: {measured} measured, {computed} computed");
        }
    }
}

#[test]
fn a_muted_band_is_quiet_and_a_muted_side_is_gone() {
    for index in 0..4 {
        let mut percent = [100.0; 4];
        percent[index] = 0.0;
        let (gain_db, _) = side_response(&widths(percent), CENTRES_HZ[index]);
        assert!(gain_db < -25.0, "band {index}: {gain_db} dB");
    }
    let out = run(&widths([0.0; 4]), vec![noise(1000, 1), noise(1000, 2)]);
    assert_eq!(out[0], out[1]);
}

#[test]
fn width_hardly_turns_the_phase() {
    for i in 0..60 {
        let freq_hz = 20.0 * 1000f64.powf(f64::from(i) / 59.0);
        let (_, phase) = side_response(&widths([70.0, 100.0, 130.0, 150.0]), freq_hz);
        assert!(phase.abs() < 35.0, "{freq_hz} Hz: {phase} degrees");
    }
}

/// FACTS: narrowing lows leaves the mid bit-exact (within the rounding of the channels to f32); depth is side only.
#[test]
fn the_mid_is_exact_whatever_happens_to_the_side() {
    let input = vec![noise(20_000, 1), noise(20_000, 2)];
    let out = run(&StereoSettings { balance_db: 0.0, ..everything() }, input.clone());
    let changed = side(&out).iter().zip(side(&input)).any(|(a, b)| (a - b).abs() > 0.05);
    assert!(changed);
    for (n, (after, before)) in mid(&out).into_iter().zip(mid(&input)).enumerate() {
        let one_ulp = f64::from(out[0][n].abs().max(out[1][n].abs()) * f32::EPSILON);
        assert!((after - before).abs() <= one_ulp, "frame {n}: {after} vs {before}");
    }
}

#[test]
fn the_elliptical_filter_removes_the_low_side() {
    let settings = StereoSettings { mono_below_hz: 150.0, ..Default::default() };
    for (freq_hz, gain_db, tolerance) in [(150.0, -3.01, 0.05), (37.5, -24.1, 0.3), (1500.0, 0.0, 0.01)] {
        let (measured, _) = side_response(&settings, freq_hz);
        assert!((measured - gain_db).abs() < tolerance, "{freq_hz} Hz: {measured}");
    }
}

#[test]
fn balance_turns_left_against_right_and_keeps_the_centre_in_mono() {
    for balance_db in [-6.0, -1.0, 3.0] {
        let out = run(&StereoSettings { balance_db, ..Default::default() }, sine(997.0, -12.0, 0.5));
        let difference = level_db(&out[1], 0.0, 0.5) - level_db(&out[0], 0.0, 0.5);
        assert!((difference - balance_db).abs() < 0.001);
        let mono: Vec<f32> = mid(&out).into_iter().map(|m| m as f32).collect();
        assert!((level_db(&mono, 0.0, 0.5) + 12.0).abs() < 0.001);
    }
}

#[test]
fn depth_widens_a_mono_source_by_its_level_and_decorrelated() {
    let mono = noise(200_000, 3);
    let power = |x: &[f64]| x.iter().map(|v| v * v).sum::<f64>();
    let ambience = |percent: f64| {
        let settings = StereoSettings { depth_percent: percent, ..Default::default() };
        let out = run(&settings, vec![mono.clone(), mono.clone()]);
        (mid(&out), side(&out))
    };
    let (centre, full) = ambience(100.0);
    let ratio_db = gain_to_db((power(&full) / power(&centre)).sqrt());
    // Of white noise, 200 Hz to 10 kHz is 3.5 dB less than the whole.
    assert!((-14.0..-11.5).contains(&ratio_db), "{ratio_db}");
    let correlation = full.iter().zip(&centre).map(|(a, b)| a * b).sum::<f64>() / (power(&full) * power(&centre)).sqrt();
    assert!(correlation.abs() < 0.15, "{correlation}");
    let (_, half) = ambience(50.0);
    // As wide as is known without a sample.
    for freq_hz in [250.0, 1000.0, 8000.0] {
        let tone: Vec<f32> = (0..88_200).map(|n| (0.5 * (2.0 * PI * freq_hz * n as f64 / RATE_HZ).sin()) as f32).collect();
        let settings = StereoSettings { depth_percent: StereoSettings::depth_percent_for(-20.0), ..Default::default() };
        let out = run(&settings, vec![tone.clone(), tone]);
        let (centre, ambience) = (mid(&out)[44_100..].to_vec(), side(&out)[44_100..].to_vec());
        let (measured, computed) = (gain_to_db((power(&ambience) / power(&centre)).sqrt()), settings.depth_response_db(freq_hz));
        assert!((measured - computed).abs() < 0.5, "{freq_hz} Hz: {measured} measured, {computed} computed");
        assert!(freq_hz != 1000.0 || (computed + 20.0).abs() < 0.1, "{computed}");
    }
    assert!((gain_to_db((power(&half) / power(&full)).sqrt()) + 6.02).abs() < 0.01);
}

#[test]
fn a_single_channel_passes_untouched() {
    let input = vec![noise(1000, 4)];
    assert_eq!(run(&everything(), input.clone()), input);
}
