//! The stage contract, for the unit tests beside the stages: see [`super::processor`].

use super::processor::Processor;

/// Deterministic noise in −1..1 (xorshift), two channels partly alike.
pub(crate) fn noise(frames: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    let mut channels = vec![Vec::with_capacity(frames), Vec::with_capacity(frames)];
    for _ in 0..frames {
        let (common, own) = (next(), next());
        channels[0].push(0.5 * (common + own));
        channels[1].push(0.5 * (common - own));
    }
    channels
}

/// A sine in both channels.
pub(crate) fn sine(freq_hz: f64, amplitude: f64, sample_rate_hz: f64, frames: usize) -> Vec<Vec<f32>> {
    let w = std::f64::consts::TAU * freq_hz / sample_rate_hz;
    let channel: Vec<f32> = (0..frames).map(|n| (amplitude * (w * n as f64).sin()) as f32).collect();
    vec![channel.clone(), channel]
}

/// Runs a copy of `input` through in blocks of `block` frames.
pub(crate) fn run(processor: &mut dyn Processor, input: &[Vec<f32>], block: usize) -> Vec<Vec<f32>> {
    let frames = input[0].len();
    let mut output = vec![Vec::with_capacity(frames); input.len()];
    for start in (0..frames).step_by(block) {
        let end = (start + block).min(frames);
        let mut part: Vec<Vec<f32>> = input.iter().map(|c| c[start..end].to_vec()).collect();
        processor.process(&mut part);
        output.iter_mut().zip(&part).for_each(|(out, p)| out.extend_from_slice(p));
    }
    output
}

/// Amplitude of the component at `freq_hz` over `samples` (Hann-weighted single-bin transform).
pub(crate) fn amplitude_at(samples: &[f32], freq_hz: f64, sample_rate_hz: f64) -> f64 {
    let w = std::f64::consts::TAU * freq_hz / sample_rate_hz;
    let n = samples.len() as f64;
    let (mut re, mut im, mut sum) = (0.0, 0.0, 0.0);
    for (i, x) in samples.iter().enumerate() {
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / n).cos();
        let (sin, cos) = (w * i as f64).sin_cos();
        re += window * f64::from(*x) * cos;
        im -= window * f64::from(*x) * sin;
        sum += window;
    }
    2.0 * re.hypot(im) / sum
}

/// Blocks of any size, reset, silence, extremes, mono: what every stage promises.
pub(crate) fn check(make: impl Fn(usize) -> Box<dyn Processor>) {
    let input = noise(30_000, 7);
    let mut processor = make(2);
    let whole = run(processor.as_mut(), &input, 30_000);
    for block in [1, 17, 64, 1000, 4096] {
        processor.reset();
        assert!(run(processor.as_mut(), &input, block) == whole, "blocks of {block} frames give other samples");
    }
    processor.reset();
    let silence = vec![vec![0.0f32; 40_000]; 2];
    assert!(run(processor.as_mut(), &silence, 512) == silence, "silence does not stay silent");
    processor.reset();
    let extreme: Vec<Vec<f32>> = input
        .iter()
        .map(|c| c.iter().enumerate().map(|(i, x)| if i % 97 == 0 { 1e38 * x } else { 1e-38 * x }).collect())
        .collect();
    let out = run(processor.as_mut(), &extreme, 777);
    assert!(out.iter().flatten().all(|x| x.is_finite()), "extreme input gives NaN or infinity");
    let mut mono = make(1);
    let out = run(mono.as_mut(), &input[..1], 333);
    assert!(out[0].len() == input[0].len() && out[0].iter().all(|x| x.is_finite()));
}

/// An impulse's largest sample lies exactly `latency_frames` after it went in.
pub(crate) fn check_impulse(processor: &mut dyn Processor) {
    let latency = processor.latency_frames();
    let mut impulse = vec![vec![0.0f32; latency + 20_000]; 2];
    impulse[0][1000] = 0.5;
    impulse[1][1000] = 0.5;
    let out = run(processor, &impulse, 4096);
    let peak = out[0].iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).map(|(i, _)| i);
    assert_eq!(peak, Some(1000 + latency));
}
