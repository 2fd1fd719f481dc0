//! Four bands that add up flat: Linkwitz–Riley fourth order, all-pass compensated.
//!
//! `x ─ split f2 ┬ low ─ allpass f3 ─ split f1 ─▶ band 0, band 1`
//! `             └ high ─ allpass f1 ─ split f3 ─▶ band 2, band 3`
//!
//! Each split's low and high add up to an all-pass; the branch that a split does not touch gets that all-pass too, so the
//! four bands add up to `allpass f1 · allpass f2 · allpass f3`: flat in magnitude.

use super::biquad::{Biquad, Coefficients, Lanes};

/// One Linkwitz–Riley split: Butterworth sections twice.
#[derive(Clone, Debug)]
pub struct Split {
    low: [Biquad; 2],
    high: [Biquad; 2],
}

impl Split {
    /// A split at `freq_hz`; both sides are −6.02 dB there.
    pub fn new(freq_hz: f64, sample_rate_hz: f64) -> Self {
        let low = Biquad::new(Coefficients::butterworth_lowpass(freq_hz, sample_rate_hz));
        let high = Biquad::new(Coefficients::butterworth_highpass(freq_hz, sample_rate_hz));
        Self { low: [low.clone(), low], high: [high.clone(), high] }
    }

    /// One frame: (low, high).
    #[inline(always)]
    pub fn process(&mut self, x: Lanes) -> (Lanes, Lanes) {
        let [l1, l2] = &mut self.low;
        let [h1, h2] = &mut self.high;
        (l2.process(l1.process(x)), h2.process(h1.process(x)))
    }

    fn sections(&mut self) -> impl Iterator<Item = &mut Biquad> {
        self.low.iter_mut().chain(&mut self.high)
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
