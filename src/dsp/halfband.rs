//! Half-band filters: doubling and halving the sample rate with linear phase.
//!
//! A half-band low-pass has every other tap zero but the middle one, so of the two phases of the doubled rate one is a
//! mere delay and the other a symmetric FIR of `2m` taps (Vaidyanathan 1993, §4.6). Kaiser-windowed sinc.

use super::gain::largest_magnitude;
use super::kaiser::kaiser;
use super::simd;
use std::f64::consts::PI;

/// Taps `m … 1` steps before the middle, on one side: the FIR is these and their mirror image.
#[derive(Clone, Debug, PartialEq)]
pub struct HalfbandTaps(Vec<f32>);

impl HalfbandTaps {
    /// A filter between `rate_hz` and twice that, flat up to `passband_hz`, `stopband_db` down from
    /// `rate_hz − passband_hz` on.
    pub fn new(rate_hz: f64, passband_hz: f64, stopband_db: f64) -> Self {
        let transition = (rate_hz - 2.0 * passband_hz) / (2.0 * rate_hz);
        let length = (stopband_db - 8.0) / (14.36 * transition);
        // Even, so that two stages in a row delay by whole frames.
        let m = ((length + 1.0) / 8.0).ceil() as usize * 2;
        let tap = |i: usize| {
            let t = (m - 1 - i) as f64 + 0.5;
            (PI * t).sin() / (PI * t) * kaiser(t / (m as f64 - 0.5), stopband_db)
        };
        let taps: Vec<f64> = (0..m).map(tap).collect();
        let sum: f64 = 2.0 * taps.iter().sum::<f64>();
        Self(taps.iter().map(|h| (h / sum) as f32).collect())
    }

    /// Frames, at the lower rate, by which going up and by which going down delays.
    pub fn delay_frames(&self) -> usize {
        self.0.len()
    }
}

/// Doubles the rate of one channel.
#[derive(Clone, Debug)]
pub struct Upsampler {
    taps: HalfbandTaps,
    input: Vec<f32>,
    odd: Vec<f32>,
}

impl Upsampler {
    /// At rest, for blocks of `frames` at the lower rate.
    pub fn new(taps: HalfbandTaps, frames: usize) -> Self {
        let input = vec![0.0; 2 * taps.delay_frames() + frames];
        Self { taps, input, odd: vec![0.0; frames] }
    }

    /// Fills `output`, twice as long as `samples`.
    pub fn process(&mut self, samples: &[f32], output: &mut [f32]) {
        let m = self.taps.delay_frames();
        shift_in(&mut self.input, samples);
        symmetric_fir(&self.taps.0, &self.input[1..], &mut self.odd);
        for ((pair, even), odd) in output.chunks_exact_mut(2).zip(&self.input[m..]).zip(&self.odd) {
            pair[0] = *even;
            pair[1] = *odd;
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.input.fill(0.0);
    }
}

/// Halves the rate of one channel.
#[derive(Clone, Debug)]
pub struct Downsampler {
    taps: HalfbandTaps,
    even: Vec<f32>,
    odd: Vec<f32>,
    filtered: Vec<f32>,
    split: [Vec<f32>; 2],
    /// Frames of silence taken in a row: once they fill the filter, silence comes out without computing it.
    silent_frames: usize,
}

impl Downsampler {
    /// At rest, for blocks of `frames` at the lower rate.
    pub fn new(taps: HalfbandTaps, frames: usize) -> Self {
        let m = taps.delay_frames();
        let block = || vec![0.0; frames];
        let (even, odd) = (vec![0.0; m + frames], vec![0.0; 2 * m + frames]);
        Self { taps, even, odd, filtered: block(), split: [block(), block()], silent_frames: usize::MAX / 2 }
    }

    /// Fills `output`, half as long as `samples`.
    pub fn process(&mut self, samples: &[f32], output: &mut [f32]) {
        if largest_magnitude(samples) > 0.0 {
            self.silent_frames = 0;
        } else if self.silent_frames >= self.odd.len() {
            return output.fill(0.0);
        } else {
            self.silent_frames += output.len();
        }
        let [even, odd] = &mut self.split;
        for ((pair, even), odd) in samples.chunks_exact(2).zip(even.iter_mut()).zip(odd.iter_mut()) {
            *even = pair[0];
            *odd = pair[1];
        }
        shift_in(&mut self.even, even);
        shift_in(&mut self.odd, odd);
        symmetric_fir(&self.taps.0, &self.odd, &mut self.filtered);
        for ((y, even), odd) in output.iter_mut().zip(&self.even).zip(&self.filtered) {
            *y = 0.5 * (even + odd);
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.even.fill(0.0);
        self.odd.fill(0.0);
        self.silent_frames = usize::MAX / 2;
    }
}

/// Moves the history to the front of `line` and puts `samples` behind it.
fn shift_in(line: &mut [f32], samples: &[f32]) {
    let history = line.len() - samples.len();
    line.copy_within(samples.len().., 0);
    line[history..].copy_from_slice(samples);
}

/// `out[n] = Σ taps[i]·(line[n + i] + line[n + 2m − 1 − i])`, sixteen outputs at a time.
fn symmetric_fir(taps: &[f32], line: &[f32], out: &mut [f32]) {
    simd::widest(
        #[inline(always)]
        || symmetric_fir_inline(taps, line, out),
    );
}

#[inline(always)]
fn symmetric_fir_inline(taps: &[f32], line: &[f32], out: &mut [f32]) {
    const GROUP: usize = 16;
    let last = 2 * taps.len() - 1;
    let mut groups = out.chunks_exact_mut(GROUP);
    let mut start = 0;
    for group in &mut groups {
        let mut sum = [0f32; GROUP];
        for (i, tap) in taps.iter().enumerate() {
            let left = &line[start + i..start + i + GROUP];
            let right = &line[start + last - i..start + last - i + GROUP];
            for n in 0..GROUP {
                sum[n] += tap * (left[n] + right[n]);
            }
        }
        group.copy_from_slice(&sum);
        start += GROUP;
    }
    for (n, y) in groups.into_remainder().iter_mut().enumerate() {
        let at = start + n;
        *y = taps.iter().enumerate().map(|(i, tap)| tap * (line[at + i] + line[at + last - i])).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response_db(taps: &HalfbandTaps, hz: f64, high_rate_hz: f64) -> f64 {
        let m = taps.0.len();
        let w = 2.0 * PI * hz / high_rate_hz;
        let sides: f64 =
            taps.0.iter().enumerate().map(|(i, h)| 2.0 * f64::from(*h) * (w * (2 * (m - 1 - i) + 1) as f64).cos()).sum();
        20.0 * (0.5 + 0.5 * sides).abs().log10()
    }

    #[test]
    fn the_passband_is_flat_and_the_stopband_deep() {
        for rate in [44100.0, 48000.0, 88200.0, 96000.0] {
            let taps = HalfbandTaps::new(rate, 20000.0, 116.0);
            for step in 0..=200 {
                let hz = 100.0 * f64::from(step);
                assert!(response_db(&taps, hz, 2.0 * rate).abs() < 1e-4, "{hz} at {rate}");
                assert!(response_db(&taps, rate - hz, 2.0 * rate) < -110.0, "{hz} at {rate}");
            }
        }
    }
}
