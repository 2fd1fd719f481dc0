//! What the tests of the shaping stages measure: aliases and harmonics of a tone.

use super::Processor;
use super::checks::{amplitude_at, run};

/// Frames in which a 5 kHz tone repeats at 44.1 kHz: every alias falls on a multiple of 100 Hz.
const PERIOD: usize = 441;
const RATE_HZ: f64 = 44_100.0;

/// Largest component at or below 20 kHz that is no harmonic of the 5 kHz tone, in dB against the tone itself.
pub(super) fn aliases_dbc(processor: &mut dyn Processor, amplitude: f64) -> f64 {
    let tone: Vec<f32> =
        (0..PERIOD * 400).map(|n| (amplitude * (std::f64::consts::TAU * 5000.0 * n as f64 / RATE_HZ).sin()) as f32).collect();
    let out = run(processor, &[tone.clone(), tone], 4096).remove(0);
    let settled = &out[PERIOD * 300..];
    let periods = settled.len() / PERIOD;
    let mean: Vec<f64> =
        (0..PERIOD).map(|n| (0..periods).map(|p| f64::from(settled[p * PERIOD + n])).sum::<f64>() / periods as f64).collect();
    let bin = |k: usize| {
        let w = std::f64::consts::TAU * k as f64 / PERIOD as f64;
        let (re, im) = mean
            .iter()
            .enumerate()
            .fold((0.0, 0.0), |(re, im), (n, x)| (re + x * (w * n as f64).cos(), im + x * (w * n as f64).sin()));
        2.0 * f64::hypot(re, im) / PERIOD as f64
    };
    let worst = (1..=200).filter(|k| k % 50 != 0).map(bin).fold(0.0, f64::max);
    20.0 * (worst / bin(50)).log10()
}

/// Levels of the harmonics 0 (DC) to 5 of a 1 kHz tone, in dB against its first.
pub(super) fn harmonics_dbc(processor: &mut dyn Processor, amplitude: f64, freq_hz: f64) -> [f64; 6] {
    let tone = super::checks::sine(freq_hz, amplitude, RATE_HZ, 88_200);
    let out = run(processor, &tone, 4096).remove(0);
    let settled = &out[44_100..];
    let first = amplitude_at(settled, freq_hz, RATE_HZ);
    std::array::from_fn(|k| 20.0 * (amplitude_at(settled, k as f64 * freq_hz, RATE_HZ) / first).log10())
}
