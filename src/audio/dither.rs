//! Dither and quantisation: f32 samples become integer words, once, last.
//!
//! ```text
//! x ─ · 2^(N−1) ─(+)─ v ─(+)─ round ─ clamp ─▶ word
//!                 −▲      ▲ d: triangular, 2 LSB peak to peak
//!                  └ H(z) ─ e = round(v + d) − v        (shaped dither alone)
//! ```
//!
//! **Triangular** dither is the difference of two uniform numbers of 1 LSB. It makes mean and variance of the error
//! independent of the signal: no harmonics, no noise modulation, total noise 3 · LSB² / 12, −93.3 dB of a full-scale sine
//! at 16 bits as a level of its own RMS (Lipshitz, Wannamaker, Vanderkooy: Quantization and Dither, JAES 40, 1992).
//! **Shaped** dither feeds the error back through the five taps of Lipshitz, Vanderkooy and Wannamaker (Minimally Audible
//! Noise Shaping, JAES 39, 1991), designed for 44.1 kHz: 1 − H(z) lies 17 dB down at low frequencies, deepest near
//! 4 kHz, and rises above 10 kHz. The loop is stable because H is a plain FIR of an error that is bounded by 1.5 LSB. At
//! rates other than 44.1 and 48 kHz the curve would sit wrongly and triangular dither stands in.
//!
//! Digital silence is dithered like any other signal, so that fades end in a steady noise floor. Words of 32 bits are
//! only rounded: an f32 sample has 24 significant bits, so the word does not get shorter. Values beyond full scale are
//! clamped after the error is taken, so clipping never feeds back; they are counted.
//!
//! The random numbers are a fixed sequence a channel (SplitMix64): the same samples give the same words.

use super::format::Dither;
use crate::dsp::simd;

/// Taps of H(z), newest error first.
const SHAPING: [f64; 5] = [2.033, -2.165, 1.959, -1.590, 0.6149];
/// Rates at which the shaped curve is used, in Hz.
const SHAPING_RATES_HZ: [u32; 2] = [44_100, 48_000];
/// Adding and subtracting 1.5 · 2^52 rounds an f64 below 2^51 to the nearest integer, ties to even.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// Turns f32 samples into integer words of 16, 24 or 32 bits.
#[derive(Clone, Debug)]
pub struct Quantiser {
    scale: f64,
    dither: Dither,
    channels: Vec<ChannelState>,
    clipped: u64,
}

#[derive(Clone, Debug)]
struct ChannelState {
    random: u64,
    errors: [f64; 5],
}

impl Quantiser {
    /// A quantiser at rest. `bits` is 16, 24 or 32; dither applies below 32.
    pub fn new(bits: u32, dither: Dither, sample_rate_hz: u32, channels: usize) -> Self {
        let dither = match dither {
            _ if bits >= 32 => Dither::None,
            Dither::Shaped if !SHAPING_RATES_HZ.contains(&sample_rate_hz) => Dither::Tpdf,
            other => other,
        };
        let seed = |channel: u64| 0x6175_746F_6D61_7374_u64.wrapping_add(channel.wrapping_mul(0xD1B5_4A32_D192_ED03));
        let channels = (0..channels as u64).map(|channel| ChannelState { random: seed(channel), errors: [0.0; 5] }).collect();
        Self { scale: f64::from(2.0_f32.powi(bits as i32 - 1)), dither, channels, clipped: 0 }
    }

    /// The dither in use, which may be another than was asked for.
    pub fn dither(&self) -> Dither {
        self.dither
    }

    /// Samples clipped at full scale so far.
    pub fn clipped_samples(&self) -> u64 {
        self.clipped
    }

    /// Quantises the next samples of a channel, appending words in ±2^(bits−1) to `words`. NaN becomes 0.
    pub fn quantise(&mut self, channel: usize, samples: &[f32], words: &mut Vec<i32>) {
        let Some(ChannelState { random, errors }) = self.channels.get_mut(channel) else { return };
        let (scale, dither) = (self.scale, self.dither);
        let start = words.len();
        words.resize(start + samples.len(), 0);
        let blocks = words[start..].chunks_mut(BLOCK).zip(samples.chunks(BLOCK));
        self.clipped += simd::widest(
            #[inline(always)]
            || {
                let mut clipped = 0;
                for (words, samples) in blocks {
                    let mut noise = [0.0; BLOCK];
                    if dither != Dither::None {
                        triangular(random, &mut noise[..samples.len()]);
                    }
                    let wanted = samples.iter().zip(&noise).map(|(&sample, noise)| (f64::from(sample) * scale, noise));
                    clipped += match dither {
                        Dither::None | Dither::Tpdf => put(words, scale, wanted.map(|(wanted, noise)| round(wanted + noise))),
                        Dither::Shaped => {
                            let mut recent = *errors;
                            let clipped = put(words, scale, wanted.map(|(wanted, noise)| shaped(wanted, *noise, &mut recent)));
                            *errors = recent;
                            clipped
                        }
                    };
                }
                clipped
            },
        );
    }
}

/// Samples that are quantised at once: their noise comes first, so that both loops take several at a time.
const BLOCK: usize = 64;

/// The whole number for a sample, less what was fed back; `errors` are the last ones, newest first.
#[inline(always)]
fn shaped(wanted: f64, noise: f64, errors: &mut [f64; 5]) -> f64 {
    let past: [f64; 5] = std::array::from_fn(|i| SHAPING[i] * errors[i]);
    // The newest error comes last: all else is done before it is known.
    let wanted = wanted - ((past[1] + past[2]) + (past[3] + past[4])) - past[0];
    let exact = round(wanted + noise);
    let [e0, e1, e2, e3, _] = *errors;
    *errors = [bounded_error(exact - wanted), e0, e1, e2, e3];
    exact
}

/// Puts whole numbers into `words`; gives how many were beyond full scale.
#[inline(always)]
fn put(words: &mut [i32], scale: f64, exact: impl Iterator<Item = f64>) -> u64 {
    let (low, high) = (-scale, scale - 1.0);
    let mut clipped = 0;
    for (word, exact) in words.iter_mut().zip(exact) {
        clipped += u32::from(exact < low) + u32::from(exact > high);
        let kept = if exact.is_nan() { 0.0 } else { exact.max(low).min(high) };
        // Where there is no room behind the point, the low bits are the whole number's.
        *word = (kept + ROUNDER).to_bits() as i32;
    }
    u64::from(clipped)
}

/// Nearest integer, ties to even; values too large to have a fraction stay.
#[inline(always)]
fn round(value: f64) -> f64 {
    if value.abs() < ROUNDER / 3.0 { (value + ROUNDER) - ROUNDER } else { value }
}

/// The error of rounding plus dither never exceeds 1.5 LSB; what is not a number must not stay in the loop.
#[inline(always)]
fn bounded_error(error: f64) -> f64 {
    if error.abs() <= 2.0 { error } else { 0.0 }
}

/// Differences of two uniform numbers in [0, 1), each from one step of SplitMix64 (Steele, Lea, Flood 2014).
#[inline(always)]
fn triangular(state: &mut u64, noise: &mut [f64]) {
    const UNIT: f64 = 1.0 / 4_294_967_296.0;
    // 32 bits as the low digits of 2^52, which has no others: what several lanes can do at once.
    const DIGITS: u64 = 4_503_599_627_370_496_f64.to_bits();
    for noise in noise {
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = *state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        *noise = (f64::from_bits(DIGITS | (bits & 0xFFFF_FFFF)) - f64::from_bits(DIGITS | (bits >> 32))) * UNIT;
    }
}

#[cfg(test)]
mod tests;
