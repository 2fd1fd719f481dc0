//! Four bands that add up flat: Linkwitz–Riley fourth order, all-pass compensated.
//!
//! `x ─ split f2 ┬ low ─ allpass f3 ─ split f1 ─▶ band 0, band 1`
//! `             └ high ─ allpass f1 ─ split f3 ─▶ band 2, band 3`
//!
//! Each split's low and high add up to an all-pass; the branch that a split does not touch gets that all-pass too, so the
//! four bands add up to `allpass f1 · allpass f2 · allpass f3`: flat in magnitude.
//!
//! A split computes only its low side and its all-pass: the high side is their difference, exactly, because
//! `(1 + s⁴) / (s² + √2·s + 1)² = (s² − √2·s + 1) / (s² + √2·s + 1)`. That is three sections in place of four, and the
//! identity that makes the sum flat holds by construction.
//!
//! This is what a band is, in samples that can be put together again: un-mastering and the evaluation use it, and
//! [`super::band_split`], which the program listens with, is held to its powers.

use super::biquad::{Biquad, Coefficients, Lanes};

/// One Linkwitz–Riley split.
#[derive(Clone, Debug)]
pub struct Split {
    lowpass: [Biquad; 2],
    allpass: Biquad,
}

impl Split {
    /// A split at `freq_hz`; both sides are −6.02 dB there.
    pub fn new(freq_hz: f64, sample_rate_hz: f64) -> Self {
        let low = Biquad::new(Coefficients::butterworth_lowpass(freq_hz, sample_rate_hz));
        let allpass = Biquad::new(Coefficients::butterworth_allpass(freq_hz, sample_rate_hz));
        Self { lowpass: [low.clone(), low], allpass }
    }

    /// One frame: (low, high).
    #[inline(always)]
    pub fn process(&mut self, x: Lanes) -> (Lanes, Lanes) {
        let [first, second] = &mut self.lowpass;
        let low = second.process(first.process(x));
        let all = self.allpass.process(x);
        (low, [all[0] - low[0], all[1] - low[1]])
    }

    fn sections(&mut self) -> impl Iterator<Item = &mut Biquad> {
        self.lowpass.iter_mut().chain([&mut self.allpass])
    }
}

/// Two lanes in four bands.
#[derive(Clone, Debug)]
pub struct Crossover {
    splits: [Split; 3],
    low_allpass: Biquad,
    high_allpass: Biquad,
}

impl Crossover {
    /// A crossover at three rising frequencies, at rest.
    pub fn new(freqs_hz: [f64; 3], sample_rate_hz: f64) -> Self {
        let allpass = |f| Biquad::new(Coefficients::butterworth_allpass(f, sample_rate_hz));
        Self {
            splits: freqs_hz.map(|f| Split::new(f, sample_rate_hz)),
            low_allpass: allpass(freqs_hz[2]),
            high_allpass: allpass(freqs_hz[0]),
        }
    }

    /// One frame in four bands, low to high.
    #[inline(always)]
    pub fn process(&mut self, x: Lanes) -> [Lanes; 4] {
        let [first, middle, last] = &mut self.splits;
        let (low, high) = middle.process(x);
        let (b0, b1) = first.process(self.low_allpass.process(low));
        let (b2, b3) = last.process(self.high_allpass.process(high));
        [b0, b1, b2, b3]
    }

    fn sections(&mut self) -> impl Iterator<Item = &mut Biquad> {
        let splits = self.splits.iter_mut().flat_map(Split::sections);
        splits.chain([&mut self.low_allpass, &mut self.high_allpass])
    }

    /// See [`Biquad::flush`].
    pub fn flush(&mut self) {
        self.sections().for_each(Biquad::flush);
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.sections().for_each(Biquad::reset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::gain::gain_to_db;
    use std::f64::consts::PI;

    const RATE_HZ: f64 = 44_100.0;
    const FREQS_HZ: [f64; 3] = [120.0, 800.0, 5000.0];

    fn impulse_responses() -> [Vec<f64>; 4] {
        let mut crossover = Crossover::new(FREQS_HZ, RATE_HZ);
        let mut bands = [(); 4].map(|()| Vec::with_capacity(1 << 15));
        for n in 0..1 << 15 {
            let frame = crossover.process([if n == 0 { 1.0 } else { 0.0 }, 0.0]);
            bands.iter_mut().zip(frame).for_each(|(band, x)| band.push(x[0]));
        }
        bands
    }

    fn magnitude_db(response: &[f64], freq_hz: f64) -> f64 {
        let w = 2.0 * PI * freq_hz / RATE_HZ;
        let at = |f: fn(f64) -> f64| response.iter().enumerate().map(|(n, h)| h * f(w * n as f64)).sum::<f64>();
        gain_to_db(at(f64::cos).hypot(at(f64::sin)))
    }

    #[test]
    fn the_bands_add_up_flat() {
        let bands = impulse_responses();
        let sum: Vec<f64> = (0..bands[0].len()).map(|n| bands.iter().map(|b| b[n]).sum()).collect();
        for i in 0..100 {
            let freq_hz = 20.0 * 1000f64.powf(i as f64 / 99.0);
            assert!(magnitude_db(&sum, freq_hz).abs() < 0.001, "{freq_hz} Hz: {} dB", magnitude_db(&sum, freq_hz));
        }
    }

    #[test]
    fn neighbours_cross_at_minus_six_and_fall_by_24_db_an_octave() {
        let bands = impulse_responses();
        for (i, freq_hz) in FREQS_HZ.into_iter().enumerate() {
            assert!((magnitude_db(&bands[i], freq_hz) + 6.02).abs() < 0.1);
            assert!((magnitude_db(&bands[i + 1], freq_hz) + 6.02).abs() < 0.1);
        }
        let slope = magnitude_db(&bands[3], 1250.0) - magnitude_db(&bands[3], 625.0);
        assert!(slope > 23.0, "{slope}");
        assert!(magnitude_db(&bands[3], 50.0) < -120.0);
    }
}
