//! The promise, measured by a meter that shares nothing with the limiter's: 32 points a frame, 256 taps.

use super::*;
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
    let mut worst: Vec<(f64, String)> = Vec::new();
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
                worst.push((over, format!("{name} at {rate} Hz, drive {drive_db} dB, look-ahead {lookahead_ms} ms")));
            }
        }
    }
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    assert!(worst[0].0 <= 0.05, "{:+.3} dB over the ceiling: {}", worst[0].0, worst[0].1);
}
