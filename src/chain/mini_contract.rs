//! What the dynamics and stereo stages' unit tests share: test signals, a level meter, and the contract of
//! [`super::processor`] held for one setting.

use super::processor::Processor;
use super::settings::StageSettings;
use crate::dsp::gain::{db_to_gain, power_to_db};
use std::f64::consts::PI;

pub(crate) const RATE_HZ: f64 = 44_100.0;

/// A stereo sine of a peak level.
pub(crate) fn sine(freq_hz: f64, peak_dbfs: f64, seconds: f64) -> Vec<Vec<f32>> {
    stepped_sine(freq_hz, &[(peak_dbfs, seconds)])
}

/// A stereo sine that passes through (peak level in dBFS, duration in s), phase continuous.
pub(crate) fn stepped_sine(freq_hz: f64, parts: &[(f64, f64)]) -> Vec<Vec<f32>> {
    let mut channel = Vec::new();
    for (peak_dbfs, seconds) in parts {
        let end = channel.len() + (seconds * RATE_HZ).round() as usize;
        let wave = |n: usize| (db_to_gain(*peak_dbfs) * (2.0 * PI * freq_hz * n as f64 / RATE_HZ).sin()) as f32;
        channel.extend((channel.len()..end).map(wave));
    }
    vec![channel.clone(), channel]
}

/// Level between two times, in dBFS; a sine reads its peak level.
pub(crate) fn level_db(channel: &[f32], from_s: f64, to_s: f64) -> f64 {
    let part = &channel[(from_s * RATE_HZ) as usize..((to_s * RATE_HZ) as usize).min(channel.len())];
    power_to_db(2.0 * part.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / part.len() as f64)
}

/// Reproducible noise in −1..1.
pub(crate) fn noise(frames: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..frames).map(|_| next()).collect()
}

fn in_blocks(processor: &mut dyn Processor, input: &[Vec<f32>], block_frames: usize) -> Vec<Vec<f32>> {
    let mut out = vec![Vec::new(); input.len()];
    for start in (0..input[0].len()).step_by(block_frames) {
        let end = (start + block_frames).min(input[0].len());
        let mut block: Vec<Vec<f32>> = input.iter().map(|c| c[start..end].to_vec()).collect();
        processor.process(&mut block);
        out.iter_mut().zip(block).for_each(|(out, block)| out.extend(block));
    }
    out
}

/// Settings anywhere in their ranges, at the slowest and the fastest sample rate, give finite samples.
pub(crate) fn any_settings_stay_finite<S: StageSettings>() {
    for seed in 0..40 {
        let mut positions = noise(200, seed + 100).into_iter().map(|x| f64::from(0.5 + 0.5 * x));
        let mut settings = S::default();
        settings.update(&mut |_, field| positions.next().map(|p| field.domain.at(p)));
        for rate_hz in [8000.0, RATE_HZ, 384_000.0] {
            let mut audio = vec![noise(3000, seed), noise(3000, seed + 1)];
            settings.processor(rate_hz, 2).process(&mut audio);
            assert!(audio.iter().flatten().all(|x| x.is_finite() && x.abs() < 1e4), "seed {seed} at {rate_hz} Hz");
        }
    }
}

/// The contract. `linked`: both channels get one gain, so their ratio stays.
pub(crate) fn holds(settings: &impl StageSettings, linked: bool) {
    for channels in [1, 2] {
        let mut processor = settings.processor(RATE_HZ, channels);
        let latency = processor.latency_frames();
        let frames = latency + 12_000;

        let loud_then_faint = |c: usize| {
            let swell = |n: usize| [1.0, 0.02, 1e-7, 0.3][n * 8 / frames % 4];
            noise(frames, c as u64 + 1).into_iter().enumerate().map(|(n, x)| x * swell(n)).collect()
        };
        let input: Vec<Vec<f32>> = (0..channels).map(loud_then_faint).collect();
        let whole = in_blocks(&mut *processor, &input, frames);
        let meter = processor.meter();
        for block_frames in [1, 17, 64, 1000, 4096] {
            processor.reset();
            let divided = in_blocks(&mut *processor, &input, block_frames);
            assert!(whole == divided, "blocks of {block_frames} differ, {channels} channels");
            assert_eq!(meter, processor.meter());
        }

        processor.reset();
        let silence = in_blocks(&mut *processor, &vec![vec![0.0; frames]; channels], 1000);
        assert!(silence.iter().flatten().all(|x| *x == 0.0), "silence stays silence");

        processor.reset();
        let mut impulse = vec![vec![0.0; frames]; channels];
        impulse.iter_mut().for_each(|c| c[0] = 0.5);
        let response = in_blocks(&mut *processor, &impulse, 512);
        let first = response[0].iter().position(|x| *x != 0.0);
        assert_eq!(first, Some(latency), "an impulse arrives after the latency");

        processor.reset();
        let extreme: Vec<Vec<f32>> =
            (0..channels).map(|c| noise(frames, c as u64 + 9).into_iter().map(|x| x.powi(9) * f32::MAX).collect()).collect();
        let out = in_blocks(&mut *processor, &extreme, 999);
        assert!(out.iter().flatten().all(|x| x.is_finite()), "finite in, finite out");

        if linked && channels == 2 {
            let scaled = vec![input[0].clone(), input[0].iter().map(|x| x * 0.25).collect()];
            processor.reset();
            let out = in_blocks(&mut *processor, &scaled, 4096);
            let same = out[0].iter().zip(&out[1]).all(|(l, r)| (l * 0.25 - r).abs() <= 1e-6 * l.abs());
            assert!(same, "the ratio of the channels stays");
        }
    }
}
