//! Nonlinear curves without audible aliases: up by half-band stages, the curve, down again.
//!
//! `x ─ ↑2 ─ (↑2) ─ curve ─ (↓2) ─ ↓2 ─▶ y`, linear phase, a whole number of frames late, flat to 20 kHz.
//!
//! Each stage stops what would fold below 20 kHz by 110 dB; what folds between
//! 20 kHz and the Nyquist frequency is damped less. To keep what a curve leaves alone bit-exact, let the curve give the
//! *difference* it makes, and add that to the delayed input.

use super::halfband::{Downsampler, HalfbandTaps, Upsampler};

/// Highest frequency that the stages pass unharmed.
const PASSBAND_HZ: f64 = 20000.0;
/// Kaiser's estimate of the length; what is reached is 110 dB and more.
const STOPBAND_DB: f64 = 116.0;

#[derive(Clone, Debug)]
struct Stage {
    up: Upsampler,
    down: Downsampler,
    high: Vec<f32>,
    delay_frames: usize,
}

/// Runs a curve at a multiple of the sample rate, for one channel, in blocks of a fixed length.
#[derive(Clone, Debug)]
pub struct Oversampler {
    stages: Vec<Stage>,
}

impl Oversampler {
    /// Raises the rate by doubling it `doublings` times, for blocks of `frames`.
    pub fn new(sample_rate_hz: f64, frames: usize, doublings: u32) -> Self {
        let stage = |n: u32| {
            let (rate_hz, frames) = (sample_rate_hz * f64::from(1 << n), frames << n);
            let taps = HalfbandTaps::new(rate_hz, PASSBAND_HZ.min(0.4535 * rate_hz), STOPBAND_DB);
            let (delay_frames, high) = (2 * taps.delay_frames(), vec![0.0; 2 * frames]);
            Stage { up: Upsampler::new(taps.clone(), frames), down: Downsampler::new(taps, frames), high, delay_frames }
        };
        Self { stages: (0..doublings).map(stage).collect() }
    }

    /// Doublings after which the rate is at least `rate_hz`; at most 3, up to which the delay is whole frames.
    pub fn doublings_to(rate_hz: f64, sample_rate_hz: f64) -> u32 {
        (rate_hz / sample_rate_hz).log2().ceil().clamp(0.0, 3.0) as u32
    }

    /// Frames by which [`Oversampler::process`] delays.
    pub fn latency_frames(&self) -> usize {
        self.stages.iter().enumerate().map(|(n, stage)| stage.delay_frames >> n).sum()
    }

    /// Runs `curve` over the block at the raised rate, in place.
    pub fn process(&mut self, samples: &mut [f32], mut curve: impl FnMut(&mut [f32])) {
        run(&mut self.stages, samples, &mut curve);
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        for stage in &mut self.stages {
            stage.up.reset();
            stage.down.reset();
        }
    }
}

fn run(stages: &mut [Stage], samples: &mut [f32], curve: &mut dyn FnMut(&mut [f32])) {
    let Some((stage, further)) = stages.split_first_mut() else {
        return curve(samples);
    };
    stage.up.process(samples, &mut stage.high);
    run(further, &mut stage.high, curve);
    stage.down.process(&stage.high, samples);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn a_sine_comes_back_after_exactly_the_latency() {
        for (rate, doublings) in [(44100.0, 0), (44100.0, 1), (44100.0, 2), (48000.0, 3), (96000.0, 1)] {
            let mut oversampler = Oversampler::new(rate, 64, doublings);
            for hz in [50.0, 1000.0, 19900.0] {
                oversampler.reset();
                let sine: Vec<f32> = (0..2048).map(|n| (2.0 * PI * hz / rate * f64::from(n)).sin() as f32).collect();
                let mut out = sine.clone();
                out.chunks_mut(64).for_each(|block| oversampler.process(block, |_| ()));
                let latency = oversampler.latency_frames();
                for n in 600 + latency..2048 {
                    assert!((out[n] - sine[n - latency]).abs() < 3e-5, "{rate} {doublings} {hz} {n}");
                }
            }
        }
    }
}
