//! The promise, measured by a meter that shares nothing with the limiter's: 32 points a frame, 256 taps.

use super::*;
use crate::dsp::gain::gain_to_db;
use std::f64::consts::PI;

/// A plain windowed-sinc meter (Blackman–Harris, 32×256), written for these tests alone.
fn true_peak(samples: &[f32]) -> f64 {
    const HALF: usize = 128;
    const PHASES: usize = 32;
    let kernel: Vec<Vec<f64>> = (0..PHASES)
        .map(|p| {
            (0..2 * HALF)
                .map(|k| {
                    let t = k as f64 - (HALF as f64 - 1.0) - p as f64 / PHASES as f64;
                    let u = PI * (t / HALF as f64);
                    let window = 0.35875 + 0.48829 * u.cos() + 0.14128 * (2.0 * u).cos() + 0.01168 * (3.0 * u).cos();
                    if t == 0.0 { 1.0 } else { (PI * t).sin() / (PI * t) * window }
                })
                .collect()
        })
        .collect();
    let mut padded = vec![0f64; HALF];
    padded.extend(samples.iter().map(|x| f64::from(*x)));
    padded.extend([0.0; HALF]);
    let mut peak = 0f64;
    for window in padded.windows(2 * HALF) {
        for h in &kernel {
            let y: f64 = h.iter().zip(window).map(|(a, b)| a * b).sum();
            peak = peak.max(y.abs());
        }
    }
    peak
}

fn noise(seed: u32, frames: usize) -> Vec<f32> {
    let mut state = seed;
    (0..frames)
        .map(|_| {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            (state >> 8) as f32 / 8388608.0 - 1.0
        })
        .collect()
}

fn limit(settings: &LimiterSettings, rate: f64, input: &[f32]) -> Vec<f32> {
    let mut limiter = Limiter::new(settings, rate, 1);
    let mut audio = vec![input.to_vec()];
    audio[0].extend(vec![0.0; limiter.latency_frames()]);
    limiter.process(&mut audio);
    audio.remove(0)
}

fn signals(rate: f64) -> Vec<(&'static str, Vec<f32>)> {
    let frames = 4000;
    let sine = |hz: f64, phase: f64, level: f64| -> Vec<f32> {
        (0..frames).map(|n| (level * (2.0 * PI * hz / rate * n as f64 + phase).sin()) as f32).collect()
    };
    let gated = |v: Vec<f32>, period: usize, on: usize| -> Vec<f32> {
        v.into_iter().enumerate().map(|(n, x)| if n % period < on { x } else { 0.0 }).collect()
    };
    let mut burst = sine(rate / 6.0, 0.0, 0.5);
    burst[2000..2004].copy_from_slice(&[0.7, 0.7, -0.7, -0.7]);
    vec![
        ("fs/4 at 45°", sine(rate / 4.0, PI / 4.0, 1.41)),
        ("fs/4 bursts", gated(sine(rate / 4.0, PI / 4.0, 1.41), 700, 30)),
        ("burst in fs/6", burst),
        ("square", sine(rate / 100.3, 0.1, 1.0).iter().map(|x| x.signum()).collect()),
        ("high square", sine(rate / 7.03, 0.1, 1.0).iter().map(|x| x.signum()).collect()),
        ("noise", noise(3, frames)),
        ("noise bursts", gated(noise(5, frames), 500, 60)),
        ("random signs", noise(9, frames).iter().map(|x| x.signum()).collect()),
        ("alternating", (0..frames).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect()),
        ("impulses", gated(vec![1.0; frames], 333, 1)),
        ("clicks", gated(sine(rate / 2.2, 0.3, 1.0), 150, 2)),
        ("low sine", sine(60.0, 0.0, 1.0)),
    ]
}

#[test]
fn nothing_passes_the_ceiling() {
    let mut readings: Vec<(f64, String)> = Vec::new();
    for rate in [44100.0, 96000.0, 192000.0] {
        for (name, signal) in signals(rate) {
            for (drive_db, lookahead_ms, release_ms, character) in [
                (0.0, 4.0, 100.0, Character::Transparent),
                (6.0, 0.5, 5.0, Character::Dense),
                (12.0, 1.5, 30.0, Character::Punchy),
            ] {
                let settings =
                    LimiterSettings { drive_db, ceiling_dbtp: -1.0, lookahead_ms, release_ms, character, ..Default::default() };
                let over = gain_to_db(true_peak(&limit(&settings, rate, &signal))) + 1.0;
                readings.push((over, format!("{name} at {rate} Hz, drive {drive_db} dB, look-ahead {lookahead_ms} ms")));
            }
        }
    }
    let worst = readings.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert!(worst.0 <= 0.05, "{:+.3} dB over the ceiling: {}", worst.0, worst.1);
}

fn run(settings: &LimiterSettings, input: &[Vec<f32>]) -> (Vec<Vec<f32>>, StageMeter) {
    let mut limiter = Limiter::new(settings, 44_100.0, input.len());
    let latency = limiter.latency_frames();
    let mut audio = input.to_vec();
    audio.iter_mut().for_each(|c| c.extend(vec![0.0; latency]));
    limiter.process(&mut audio);
    (audio.into_iter().map(|c| c[latency..].to_vec()).collect(), limiter.meter())
}

fn tone(hz: f64, level: impl Fn(usize) -> f64, frames: usize) -> Vec<f32> {
    (0..frames).map(|n| (level(n) * (2.0 * PI * hz / 44_100.0 * n as f64).sin()) as f32).collect()
}

#[test]
fn what_stays_below_the_ceiling_is_bit_exact() {
    let mut signal = noise(21, 30_000);
    let scale = (db_to_gain(-1.0) / true_peak(&signal) * 0.99) as f32;
    signal.iter_mut().for_each(|x| *x *= scale);
    let settings = LimiterSettings { ceiling_dbtp: -1.0, ..Default::default() };
    let input = vec![signal.clone(), signal];
    let (out, meter) = run(&settings, &input);
    assert!(out == input);
    assert_eq!((meter.gains[0].min_db, meter.gains[0].max_db), (0.0, 0.0));
    // And again, some time after something was limited.
    let mut input = input;
    input[0][100] = 3.0;
    let (out, _) = run(&settings, &input);
    assert!(out[0][..50] != input[0][..50] || out[0][100] < 1.0);
    let (quiet, _) = run(&LimiterSettings { release_ms: 5.0, character: Character::Dense, ..settings }, &input);
    assert!(quiet[0][20_000..] == input[0][20_000..] && quiet[1][20_000..] == input[1][20_000..]);
    // At any ceiling, however it rounds.
    for tenths in 0..60 {
        let settings = LimiterSettings { ceiling_dbtp: -0.1 * f64::from(tenths), ..Default::default() };
        let quiet = vec![input[1].iter().map(|x| 0.5 * x).collect()];
        assert!(run(&settings, &quiet).0 == quiet, "{tenths}");
    }
}

#[test]
fn a_loud_sine_meets_the_ceiling_and_no_less() {
    for character in Character::ALL {
        let settings = LimiterSettings { drive_db: 9.0, ceiling_dbtp: -1.0, character: *character, ..Default::default() };
        let (out, meter) = run(&settings, &[tone(997.0, |_| 1.0, 44_100)]);
        let peak_db = gain_to_db(true_peak(&out[0][10_000..34_000]));
        assert!((peak_db + 1.0).abs() < 0.06, "{character:?}: {peak_db}");
        assert!((meter.gains[0].min_db + 10.0).abs() < 0.1 && meter.gains[0].mean_db < -9.0, "{:?}", meter.gains);
    }
}

#[test]
fn link_says_how_much_the_other_channel_follows() {
    let (left, right) = (tone(500.0, |_| 1.0, 20_000), tone(700.0, |_| 0.2, 20_000));
    let gain_db = |link_percent: f64| {
        let settings = LimiterSettings { drive_db: 6.0, link_percent, ..Default::default() };
        let (out, _) = run(&settings, &[left.clone(), right.clone()]);
        let power = |c: &[f32]| c[5000..15_000].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        10.0 * (power(&out[1]) / power(&right)).log10() - 6.0
    };
    assert!(gain_db(0.0).abs() < 1e-4, "{}", gain_db(0.0));
    assert!((gain_db(100.0) + 6.04).abs() < 0.05, "{}", gain_db(100.0));
    assert!((-3.5..-2.0).contains(&gain_db(50.0)), "{}", gain_db(50.0));
}

#[test]
fn characters_return_as_they_say() {
    // Frames from the end of the loud part until the gain is back within 0.5 dB.
    let back_after = |character: Character, loud: usize| {
        let signal = tone(3000.0, |n| if (20_000..20_000 + loud).contains(&n) { 2.0 } else { 0.3 }, 80_000);
        let settings = LimiterSettings { character, release_ms: 100.0, ..Default::default() };
        let (out, _) = run(&settings, std::slice::from_ref(&signal));
        let gain =
            |n: usize| out[0][n..n + 15].iter().zip(&signal[n..]).fold(0f32, |m, (y, x)| m.max(y.abs() / x.abs().max(0.1)));
        (20_000 + loud..79_000).step_by(15).find(|n| gain(*n) > 0.944 && gain(*n) < 1.1).unwrap() - 20_000 - loud
    };
    let of = |loud| [Character::Transparent, Character::Punchy, Character::Dense].map(|c| back_after(c, loud));
    let [transparent, punchy, dense] = of(50);
    assert!(transparent > punchy && punchy > dense, "after a short peak: {transparent}, {punchy}, {dense}");
    let [long_transparent, long_punchy, long_dense] = of(30_000);
    assert!(
        long_transparent > 2 * transparent,
        "transparent: {transparent} after a peak, {long_transparent} after long limiting"
    );
    assert!(long_punchy < long_transparent && long_dense < long_punchy, "{long_transparent}, {long_punchy}, {long_dense}");
    assert!(long_dense.abs_diff(dense) < 500, "dense: {dense}, {long_dense}");
}
