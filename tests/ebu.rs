//! Conformance: EBU Tech 3341 (November 2023) cases 1–6, 9, 10, 12, 13, 15–23 and Tech 3342 cases 1–4, synthesised at
//! 44.1, 48 and 96 kHz, within the tolerances that the documents state; and agreement with the `ebur128` crate.

use automaster::analysis::{Analyzer, Loudness, LoudnessMeter, Timeline};
use std::f64::consts::PI;

const RATES_HZ: [u32; 3] = [44_100, 48_000, 96_000];

/// In-phase 1 kHz sine on one channel: (duration in s, peak level in dBFS) one after the other, −∞ for silence.
fn tone(rate: u32, parts: &[(f64, f64)]) -> Vec<f32> {
    let mut out: Vec<f32> = Vec::new();
    for &(seconds, level_dbfs) in parts {
        let amplitude = 10f64.powf(level_dbfs / 20.0);
        let frames = (seconds * f64::from(rate)).round() as usize;
        let from = out.len();
        let at = |n: usize| (amplitude * (2.0 * PI * 1000.0 * n as f64 / f64::from(rate)).sin()) as f32;
        out.extend((from..from + frames).map(at));
    }
    out
}

fn listen(rate: u32, channels: &[Vec<f32>]) -> Timeline {
    let mut analyzer = Analyzer::new(rate, channels.len());
    analyzer.push(channels);
    analyzer.finish()
}

fn stereo(rate: u32, parts: &[(f64, f64)]) -> Timeline {
    let channel = tone(rate, parts);
    listen(rate, &[channel.clone(), channel])
}

fn assert_near(case: &str, rate: u32, measured: f64, expected: f64, tolerance: f64) {
    assert!((measured - expected).abs() <= tolerance, "case {case} at {rate} Hz: {measured}, expected {expected} ± {tolerance}");
}

#[test]
fn tech_3341_cases_1_and_2_steady_tone() {
    for rate in RATES_HZ {
        for (case, level) in [("1", -23.0), ("2", -33.0)] {
            let timeline = stereo(rate, &[(20.0, level)]);
            let Loudness { integrated_lufs, max_momentary_lufs, max_short_term_lufs, .. } = timeline.loudness();
            for measured in [integrated_lufs, max_momentary_lufs, max_short_term_lufs] {
                assert_near(case, rate, measured, level, 0.1);
            }
            // From a second after the beginning on, both meters stand still.
            timeline.momentary_lufs()[10..].iter().for_each(|&m| assert_near(case, rate, m, level, 0.1));
            timeline.short_term_lufs()[30..].iter().for_each(|&s| assert_near(case, rate, s, level, 0.1));
        }
    }
}

#[test]
fn tech_3341_cases_3_to_5_gating() {
    let cases: [(&str, &[(f64, f64)]); 3] = [
        ("3", &[(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)]),
        ("4", &[(10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)]),
        ("5", &[(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)]),
    ];
    for rate in RATES_HZ {
        for (case, parts) in cases {
            assert_near(case, rate, stereo(rate, parts).loudness().integrated_lufs, -23.0, 0.1);
        }
    }
}

/// 5.1: left and right −28, centre −24, surrounds −30 dBFS. The meter alone: the program takes mono and stereo.
#[test]
fn tech_3341_case_6_surround_weights() {
    for rate in RATES_HZ {
        let at = |level| tone(rate, &[(20.0, level)]);
        let silence = vec![0.0; at(0.0).len()];
        let channels = [at(-28.0), at(-28.0), at(-24.0), silence, at(-30.0), at(-30.0)];
        let mut meter = LoudnessMeter::new(rate, &[1.0, 1.0, 1.0, 0.0, 1.41, 1.41]);
        meter.push(&channels);
        assert_near("6", rate, meter.integrated_lufs(), -23.0, 0.1);
    }
}

#[test]
fn tech_3341_case_9_short_term_of_alternating_levels() {
    for rate in RATES_HZ {
        let timeline = stereo(rate, &[(1.34, -20.0), (1.66, -30.0)].repeat(5));
        timeline.short_term_lufs()[30..].iter().for_each(|&s| assert_near("9", rate, s, -23.0, 0.1));
    }
}

#[test]
fn tech_3341_case_10_short_term_of_bursts_anywhere() {
    for rate in RATES_HZ {
        for i in 0..20 {
            let timeline = stereo(rate, &[(f64::from(i) * 0.15, f64::NEG_INFINITY), (3.0, -23.0), (1.0, f64::NEG_INFINITY)]);
            assert_near("10", rate, timeline.loudness().max_short_term_lufs, -23.0, 0.1);
        }
    }
}

#[test]
fn tech_3341_case_12_momentary_of_alternating_levels() {
    for rate in RATES_HZ {
        let timeline = stereo(rate, &[(0.18, -20.0), (0.22, -30.0)].repeat(25));
        timeline.momentary_lufs()[10..].iter().for_each(|&m| assert_near("12", rate, m, -23.0, 0.1));
    }
}

#[test]
fn tech_3341_case_13_momentary_of_bursts_anywhere() {
    for rate in RATES_HZ {
        for i in 0..20 {
            let timeline = stereo(rate, &[(f64::from(i) * 0.02, f64::NEG_INFINITY), (0.4, -23.0), (1.0, f64::NEG_INFINITY)]);
            assert_near("13", rate, timeline.loudness().max_momentary_lufs, -23.0, 0.1);
        }
    }
}

fn assert_true_peak(case: u32, rate: u32, samples: Vec<f32>, expected_dbtp: f64) {
    let measured = listen(rate, &[samples.clone(), samples]).loudness().true_peak_dbtp;
    let allowed = expected_dbtp - 0.4..=expected_dbtp + 0.2;
    assert!(allowed.contains(&measured), "case {case} at {rate} Hz: {measured} dBTP, allowed {allowed:?}");
}

/// Sines of 1 s with fades of 10 ms: divisor of the sample rate, phase in degrees, amplitude, true peak.
#[test]
fn tech_3341_cases_15_to_19_true_peak_of_sines() {
    let cases = [(15, 4.0, 0.0, 0.5, -6.0), (16, 4.0, 45.0, 0.5, -6.0), (17, 6.0, 60.0, 0.5, -6.0), (18, 8.0, 67.5, 0.5, -6.0)];
    for rate in RATES_HZ {
        for (case, divisor, degrees, amplitude, expected) in cases.into_iter().chain([(19, 4.0, 45.0, 1.41, 3.0)]) {
            let (frames, fade) = (rate as usize, f64::from(rate) * 0.01);
            let at = |n: usize| {
                let edge = (n.min(frames - 1 - n) as f64 / fade).min(1.0);
                (amplitude * edge * (2.0 * PI * n as f64 / divisor + f64::to_radians(degrees)).sin()) as f32
            };
            assert_true_peak(case, rate, (0..frames).map(at).collect(), expected);
        }
    }
}

/// A sine at rate/6 of amplitude 0.5 that holds one phase-continuous period at rate/4 of amplitude 1.0, made at four times
/// the rate, low-passed and decimated at each of the four offsets.
#[test]
fn tech_3341_cases_20_to_23_true_peak_between_samples() {
    let (slow, fast) = (24usize, 16usize);
    let (before, after) = (slow * 300, slow * 300);
    let sine = |n: usize, period: usize, amplitude: f64| amplitude * (2.0 * PI * n as f64 / period as f64).sin();
    let mut oversampled: Vec<f64> = (0..before).map(|n| sine(n, slow, 0.5) * (n as f64 / 2000.0).min(1.0)).collect();
    oversampled.extend((0..fast).map(|n| sine(n, fast, 1.0)));
    oversampled.extend((0..after).map(|n| sine(n, slow, 0.5) * ((after - n) as f64 / 2000.0).min(1.0)));
    // Windowed sinc that ends at half the lower rate, an eighth of the higher.
    let half = 160usize;
    let tap = |n: usize| {
        let t = n as f64 - half as f64;
        let sinc = if t == 0.0 { 1.0 } else { (PI * t / 4.0).sin() / (PI * t / 4.0) };
        0.25 * sinc * (0.5 + 0.5 * (PI * t / half as f64).cos())
    };
    let taps: Vec<f64> = (0..=2 * half).map(tap).collect();
    let low_passed: Vec<f32> =
        oversampled.windows(taps.len()).map(|w| w.iter().zip(&taps).map(|(x, h)| x * h).sum::<f64>() as f32).collect();
    for rate in RATES_HZ {
        for (case, offset) in (20..=23).zip(0..4) {
            assert_true_peak(case, rate, low_passed[offset..].iter().step_by(4).copied().collect(), 0.0);
        }
    }
}

#[test]
fn tech_3342_cases_1_to_4_loudness_range() {
    let cases: [(&str, &[f64], f64); 4] = [
        ("3342-1", &[-20.0, -30.0], 10.0),
        ("3342-2", &[-20.0, -15.0], 5.0),
        ("3342-3", &[-40.0, -20.0], 20.0),
        ("3342-4", &[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ];
    for rate in RATES_HZ {
        for (case, levels, expected) in cases {
            let parts: Vec<(f64, f64)> = levels.iter().map(|&level| (20.0, level)).collect();
            assert_near(case, rate, stereo(rate, &parts).loudness().lra_lu, expected, 1.0);
        }
    }
}

/// Tech 3342: playing the programme again must not change its range.
#[test]
fn repetition_keeps_the_loudness_range() {
    let once = [(20.0, -20.0), (15.0, -28.0), (25.0, -24.0)];
    let range = |times: usize| stereo(48_000, &once.repeat(times)).loudness().lra_lu;
    assert_near("repetition", 48_000, range(3), range(1), 0.3);
}

/// Noise with a slow swell and beats: loudness like music's.
fn noise_like_music(rate: u32, seconds: u32) -> Vec<Vec<f32>> {
    let mut state = 7u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1u32 << 23) - 1.0
    };
    let mut channels = vec![Vec::new(), Vec::new()];
    for n in 0..rate * seconds {
        let t = f64::from(n) / f64::from(rate);
        let swell = 10f64.powf((4.0 * (0.21 * t).sin() + 5.0 * (0.5 * t).sin() - 16.0) / 20.0);
        let beat = 0.4 + 0.6 * (-8.0 * (t * 2.0).fract()).exp();
        let common = next();
        for channel in &mut channels {
            channel.push((swell * beat * (0.7 * common + 0.3 * next())) as f32);
        }
    }
    channels
}

/// Loudness range of short-term values every 100 ms, as Tech 3342 words it.
fn range_lu(short_term_lufs: &[f64]) -> f64 {
    let audible: Vec<f64> = short_term_lufs.iter().copied().filter(|&l| l > -70.0).collect();
    let mean = audible.iter().map(|l| 10f64.powf(l / 10.0)).sum::<f64>() / audible.len() as f64;
    let mut gated: Vec<f64> = audible.into_iter().filter(|&l| l > 10.0 * mean.log10() - 20.0).collect();
    gated.sort_by(f64::total_cmp);
    let at = |share: f64| gated[((gated.len() - 1) as f64 * share).round() as usize];
    at(0.95) - at(0.10)
}

#[test]
fn agrees_with_the_ebur128_crate() {
    for rate in RATES_HZ {
        let channels = noise_like_music(rate, 60);
        let loudness = listen(rate, &channels).loudness();
        let mut other =
            ebur128::EbuR128::new(2, rate, ebur128::Mode::I | ebur128::Mode::LRA | ebur128::Mode::M | ebur128::Mode::S)
                .expect("a rate and channel count that the crate takes");
        // One row at a time: the crate's windows then lie as this meter's rows do.
        let row = rate as usize / 10;
        let (mut momentary, mut short_term) = (Vec::new(), Vec::new());
        for start in (0..channels[0].len()).step_by(row) {
            other
                .add_frames_planar_f32(&[&channels[0][start..start + row], &channels[1][start..start + row]])
                .expect("planar blocks");
            momentary.push(other.loudness_momentary().expect("in mode"));
            short_term.push(other.loudness_shortterm().expect("in mode"));
        }
        let timeline = listen(rate, &channels);
        let pairs = momentary.iter().zip(timeline.momentary_lufs()).skip(3);
        pairs.for_each(|(&theirs, ours)| assert_near("M", rate, ours, theirs, 0.05));
        let pairs = short_term.iter().zip(timeline.short_term_lufs()).skip(29);
        pairs.for_each(|(&theirs, ours)| assert_near("S", rate, ours, theirs, 0.05));
        assert_near("I", rate, loudness.integrated_lufs, other.loudness_global().expect("in mode"), 0.05);
        let largest = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert_near("largest S", rate, loudness.max_short_term_lufs, largest(&short_term), 0.05);
        assert!(loudness.max_momentary_lufs >= largest(&momentary) - 0.05);
        // A file meter appends 1.5 s of silence (Tech 3342); the crate measures what it is given, so it is given that.
        let silence = vec![0.0f32; row];
        for _ in 0..15 {
            other.add_frames_planar_f32(&[&silence, &silence]).expect("planar blocks");
            short_term.push(other.loudness_shortterm().expect("in mode"));
        }
        assert_near("LRA", rate, loudness.lra_lu, range_lu(&short_term[29..]), 0.05);
        // The crate's own range takes one window a second instead of ten.
        assert_near("LRA of 1 s steps", rate, loudness.lra_lu, other.loudness_range().expect("in mode"), 1.0);
    }
}
