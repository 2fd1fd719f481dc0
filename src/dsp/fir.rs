//! Finite impulse responses: design from a magnitude, and fast convolution of a stereo pair.
//!
//! - [`minimum_phase`]: homomorphic design (Oppenheim & Schafer, "Discrete-Time Signal Processing", ch. 13): the real
//!   cepstrum of the log magnitude, folded onto positive time, is the complex cepstrum of the minimum-phase response.
//! - [`linear_phase`]: the zero-phase response, delayed by half its length.
//! - [`StereoConvolver`]: overlap-save, one complex transform for both channels, one response each for mid and side.

use super::transforms::{DOUBLE, SINGLE};
use super::window::fade_out;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealToComplex};
use rustfft::Fft;
use rustfft::FftDirection::{Forward, Inverse};
use std::sync::Arc;

/// Points of the design's transform per tap: time aliasing of the cepstrum falls with it.
const OVERSAMPLING: usize = 4;
/// Share of the response's end that is faded out.
const FADE_SHARE: usize = 4;

/// The transforms of a design, `OVERSAMPLING·taps` points long.
struct Design {
    forward: Arc<dyn RealToComplex<f64>>,
    inverse: Arc<dyn ComplexToReal<f64>>,
}

impl Design {
    fn new(taps: usize) -> Self {
        let size = OVERSAMPLING * taps;
        Self { forward: DOUBLE.forward(size), inverse: DOUBLE.inverse(size) }
    }

    /// Real spectrum with the value `map(level in dB)` in each bin; `level_db` takes cycles per sample.
    fn spectrum(&self, level_db: &dyn Fn(f64) -> f64, map: fn(f64) -> f64) -> Vec<Complex<f64>> {
        let size = self.forward.len();
        (0..=size / 2).map(|k| Complex::new(map(level_db(k as f64 / size as f64)), 0.0)).collect()
    }

    fn to_time(&self, mut spectrum: Vec<Complex<f64>>) -> Vec<f64> {
        let mut time = self.inverse.make_output_vec();
        self.inverse.process(&mut spectrum, &mut time).expect("lengths are the plan's; the ends of the spectrum are real");
        let scale = 1.0 / time.len() as f64;
        time.iter_mut().for_each(|x| *x *= scale);
        time
    }

    fn to_spectrum(&self, mut time: Vec<f64>) -> Vec<Complex<f64>> {
        let mut spectrum = self.forward.make_output_vec();
        self.forward.process(&mut time, &mut spectrum).expect("lengths are the plan's");
        spectrum
    }
}

/// A minimum-phase response of `taps` (a power of two) with the given level in dB at each frequency (cycles per sample, 0 to 0.5).
pub fn minimum_phase(level_db: &dyn Fn(f64) -> f64, taps: usize) -> Vec<f64> {
    let design = Design::new(taps);
    let mut cepstrum = design.to_time(design.spectrum(level_db, |db| db * std::f64::consts::LN_10 / 20.0));
    let half = cepstrum.len() / 2;
    cepstrum[1..half].iter_mut().for_each(|c| *c *= 2.0);
    cepstrum[half + 1..].fill(0.0);
    let mut spectrum = design.to_spectrum(cepstrum);
    spectrum.iter_mut().for_each(|c| *c = c.exp());
    let mut response = design.to_time(spectrum);
    response.truncate(taps);
    let fade = fade_out(taps / FADE_SHARE);
    response[taps - fade.len()..].iter_mut().zip(fade).for_each(|(h, f)| *h *= f);
    response
}

/// A symmetric response of `taps − 1` with the given level in dB at each frequency (cycles per sample); its centre, and
/// delay, is [`linear_phase_delay`]. A last zero makes it `taps` long.
pub fn linear_phase(level_db: &dyn Fn(f64) -> f64, taps: usize) -> Vec<f64> {
    let design = Design::new(taps);
    let zero_phase = design.to_time(design.spectrum(level_db, |db| 10f64.powf(db / 20.0)));
    let centre = linear_phase_delay(taps);
    let fade = fade_out(centre / FADE_SHARE);
    let mut response = vec![0.0; taps];
    for n in 0..=centre {
        let past_fade = (n + fade.len()).checked_sub(centre + 1);
        let h = zero_phase[n] * past_fade.map_or(1.0, |i| fade[i]);
        response[centre - n] = h;
        response[centre + n] = h;
    }
    response
}

/// Delay in frames of a [`linear_phase`] response.
pub fn linear_phase_delay(taps: usize) -> usize {
    taps / 2 - 1
}

/// Convolves mid with one response and side with another, without ever forming mid and side.
///
/// With `z = L + i·R`, responses M and S, `A = (M + S)/2` and `D = (M − S)/2`, the wanted `z' = L' + i·R'` has
/// `Z'(k) = A(k)·Z(k) + i·D(k)·conj(Z(N − k))`: one transform there, one back. Transforms are f32: the error is below
/// −130 dB of the signal. Output lags behind by one block, [`StereoConvolver::latency_frames`].
pub struct StereoConvolver {
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    /// A, scaled by 1/N.
    sum: Vec<Complex<f32>>,
    /// i·D, scaled by 1/N; empty where mid and side are alike.
    difference: Vec<Complex<f32>>,
    /// The block before and the block being filled.
    input: Vec<Complex<f32>>,
    output: Vec<Complex<f32>>,
    work: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    filled: usize,
}

impl StereoConvolver {
    /// A convolver with two responses of one length, which is also the block; a power of two is fastest.
    pub fn new(mid: &[f64], side: &[f64]) -> Self {
        let block = mid.len().max(side.len());
        let size = 2 * block;
        let [forward, inverse] = [Forward, Inverse].map(|direction| SINGLE.complex(size, direction));
        let scratch = forward.get_inplace_scratch_len().max(inverse.get_inplace_scratch_len());
        let (m, s) = (transfer(mid, size), transfer(side, size));
        let scale = 0.5 / size as f64;
        let narrow = |c: Complex<f64>| Complex::new(c.re as f32, c.im as f32);
        let sum = m.iter().zip(&s).map(|(m, s)| narrow((m + s) * scale)).collect();
        let i = Complex::<f64>::i();
        let difference = m.iter().zip(&s).map(|(m, s)| narrow(i * (m - s) * scale)).collect();
        Self {
            forward,
            inverse,
            sum,
            difference: if mid == side { Vec::new() } else { difference },
            input: vec![Complex::default(); size],
            output: vec![Complex::default(); block],
            work: vec![Complex::default(); size],
            scratch: vec![Complex::default(); scratch],
            filled: 0,
        }
    }

    /// Frames by which the output lags behind, besides the responses' own delay.
    pub fn latency_frames(&self) -> usize {
        self.output.len()
    }

    /// Convolves one block in place; a mono signal is its own mid.
    pub fn process(&mut self, channels: &mut [Vec<f32>]) {
        let (left, right) = match channels {
            [left, right, ..] => (left.as_mut_slice(), right.as_mut_slice()),
            [mono] => (mono.as_mut_slice(), &mut [][..]),
            [] => return,
        };
        let block = self.output.len();
        let mut start = 0;
        while start < left.len() {
            let frames = (left.len() - start).min(block - self.filled);
            let range = start..start + frames;
            let cells = self.input[block + self.filled..].iter_mut().zip(&self.output[self.filled..]);
            if right.is_empty() {
                for (l, (cell, ready)) in left[range].iter_mut().zip(cells) {
                    // Both channels alike: the side response meets silence.
                    *cell = Complex::new(bounded(*l), bounded(*l));
                    *l = ready.re;
                }
            } else {
                for ((l, r), (cell, ready)) in left[range.clone()].iter_mut().zip(&mut right[range]).zip(cells) {
                    *cell = Complex::new(bounded(*l), bounded(*r));
                    (*l, *r) = (ready.re, ready.im);
                }
            }
            start += frames;
            self.filled += frames;
            if self.filled == block {
                self.filled = 0;
                self.convolve();
            }
        }
    }

    fn convolve(&mut self) {
        let block = self.output.len();
        self.work.copy_from_slice(&self.input);
        self.input.copy_within(block.., 0);
        self.forward.process_with_scratch(&mut self.work, &mut self.scratch);
        if self.difference.is_empty() {
            self.work.iter_mut().zip(&self.sum).for_each(|(z, a)| *z *= a);
        } else {
            self.mix();
        }
        self.inverse.process_with_scratch(&mut self.work, &mut self.scratch);
        self.output.copy_from_slice(&self.work[block..]);
    }

    /// `Z'(k) = A(k)·Z(k) + i·D(k)·conj(Z(N − k))` for the pairs k, N − k; bins 0 and N/2 are their own partners.
    fn mix(&mut self) {
        let half = self.output.len();
        for k in [0, half] {
            self.work[k] = self.sum[k] * self.work[k] + self.difference[k] * self.work[k].conj();
        }
        let (low, high) = self.work.split_at_mut(half);
        let (a_low, a_high) = self.sum.split_at(half);
        let (d_low, d_high) = self.difference.split_at(half);
        let lows = low[1..].iter_mut().zip(&a_low[1..]).zip(&d_low[1..]);
        let highs = high[1..].iter_mut().rev().zip(a_high[1..].iter().rev()).zip(d_high[1..].iter().rev());
        for (((z, a), d), ((partner, partner_a), partner_d)) in lows.zip(highs) {
            let (x, y) = (*z, *partner);
            *z = a * x + d * y.conj();
            *partner = partner_a * y + partner_d * x.conj();
        }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.input.fill(Complex::default());
        self.output.fill(Complex::default());
        self.filled = 0;
    }
}

/// Keeps a block's sum within what f32 can hold.
fn bounded(x: f32) -> f32 {
    x.clamp(-1e30, 1e30)
}

/// Transfer function of a response, padded to `size`.
fn transfer(response: &[f64], size: usize) -> Vec<Complex<f64>> {
    let mut work: Vec<Complex<f64>> = response.iter().map(|h| Complex::new(*h, 0.0)).collect();
    work.resize(size, Complex::default());
    DOUBLE.complex(size, Forward).process(&mut work);
    work
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic noise in −1..1, two channels.
    fn noise(frames: usize, seed: u32) -> [Vec<f32>; 2] {
        let mut state = seed;
        [(); 2].map(|()| {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            };
            (0..frames).map(|_| next()).collect()
        })
    }

    /// Against the sum itself, in f64: mid and side each meet their own response; the error is below −120 dB.
    #[test]
    fn convolves_mid_and_side_as_the_sum_does() {
        let response = |seed: u32| -> Vec<f64> {
            let decay = |(n, x): (usize, &f32)| f64::from(*x) * (-(n as f64) / 60.0).exp();
            noise(512, seed)[0].iter().enumerate().map(decay).collect()
        };
        let (mid, side) = (response(1), response(2));
        let input = noise(6000, 3);
        let mut output = input.to_vec();
        let mut convolver = StereoConvolver::new(&mid, &side);
        convolver.process(&mut output);
        let latency = convolver.latency_frames();
        let (mut error, mut energy) = (0.0, 0.0);
        for n in 0..6000 - latency {
            let (mut m, mut s) = (0.0, 0.0);
            for k in 0..=n.min(511) {
                let (l, r) = (f64::from(input[0][n - k]), f64::from(input[1][n - k]));
                m += mid[k] * 0.5 * (l + r);
                s += side[k] * 0.5 * (l - r);
            }
            for (channel, wanted) in [m + s, m - s].into_iter().enumerate() {
                error += (f64::from(output[channel][n + latency]) - wanted).powi(2);
                energy += wanted * wanted;
            }
        }
        let error_db = 10.0 * (error / energy).log10();
        assert!(error_db < -120.0, "{error_db} dB");
    }

    #[test]
    fn a_flat_level_is_an_impulse() {
        let minimum = minimum_phase(&|_| 6.0, 256);
        let linear = linear_phase(&|_| 6.0, 256);
        let gain = 10f64.powf(0.3);
        assert!((minimum[0] - gain).abs() < 1e-12 && minimum[1..].iter().all(|h| h.abs() < 1e-12));
        assert!((linear[linear_phase_delay(256)] - gain).abs() < 1e-12);
    }
}
