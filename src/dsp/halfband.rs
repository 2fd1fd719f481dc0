//! Half-band filters: doubling and halving the sample rate with linear phase.
//!
//! A half-band low-pass has every other tap zero but the middle one, so of the two phases of the doubled rate one is a
//! mere delay and the other a symmetric FIR of `2m` taps (Vaidyanathan 1993, §4.6). Kaiser-windowed sinc.

use super::gain::is_silent;
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
        make_room(&mut self.input, samples.len()).copy_from_slice(samples);
        symmetric_fir(&self.taps.0, &self.input[1..], &mut self.odd);
        simd::widest(
            #[inline(always)]
            || {
                for ((pair, even), odd) in output.as_chunks_mut().0.iter_mut().zip(&self.input[m..]).zip(&self.odd) {
                    *pair = [*even, *odd];
                }
            },
        );
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
    /// Frames of silence taken in a row: once they fill the filter, silence comes out without computing it.
    silent_frames: usize,
}

impl Downsampler {
    /// At rest, for blocks of `frames` at the lower rate.
    pub fn new(taps: HalfbandTaps, frames: usize) -> Self {
        let m = taps.delay_frames();
        let (even, odd) = (vec![0.0; m + frames], vec![0.0; 2 * m + frames]);
        Self { taps, even, odd, filtered: vec![0.0; frames], silent_frames: usize::MAX / 2 }
    }

    /// Fills `output`, half as long as `samples`.
    pub fn process(&mut self, samples: &[f32], output: &mut [f32]) {
        if !is_silent(samples) {
            self.silent_frames = 0;
        } else if self.silent_frames >= self.odd.len() {
            return output.fill(0.0);
        } else {
            self.silent_frames += output.len();
        }
        let frames = output.len();
        let [even, odd] = [&mut self.even, &mut self.odd].map(|line| make_room(line, frames));
        simd::widest(
            #[inline(always)]
            || {
                for ((pair, even), odd) in samples.as_chunks().0.iter().zip(even).zip(odd) {
                    [*even, *odd] = *pair;
                }
            },
        );
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

/// Moves the history to the front of `line`; gives the room for `frames` behind it.
fn make_room(line: &mut [f32], frames: usize) -> &mut [f32] {
    line.copy_within(frames.., 0);
    let history = line.len() - frames;
    &mut line[history..]
}

/// `out[n] = Σ taps[i]·(line[n + i] + line[n + 2m − 1 − i])`, 64 outputs at a time: so many sums that none waits for the one before.
fn symmetric_fir(taps: &[f32], line: &[f32], out: &mut [f32]) {
    simd::widest(
        #[inline(always)]
        || {
            let at = group_fir::<64>(taps, line, out, 0);
            let at = group_fir::<8>(taps, line, out, at);
            group_fir::<1>(taps, line, out, at);
        },
    );
}

/// Makes outputs from `at` on in groups as long as a whole one is left. Returns where that is no more so.
#[inline(always)]
fn group_fir<const GROUP: usize>(taps: &[f32], line: &[f32], out: &mut [f32], mut at: usize) -> usize {
    let last = 2 * taps.len() - 1;
    for group in out[at..].as_chunks_mut::<GROUP>().0 {
        let of = |start: usize| line[start..].first_chunk::<GROUP>().expect("the line is as long as taps and outputs");
        let mut sum = [0f32; GROUP];
        for (i, tap) in taps.iter().enumerate() {
            let (left, right) = (of(at + i), of(at + last - i));
            for n in 0..GROUP {
                sum[n] += tap * (left[n] + right[n]);
            }
        }
        *group = sum;
        at += GROUP;
    }
    at
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
