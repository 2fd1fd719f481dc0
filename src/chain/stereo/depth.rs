//! Depth: a decorrelated copy of the mid for the side, like the early sound of a room around the source.
//!
//! `mid ─▶ high-pass 200 Hz ─▶ low-pass 10 kHz ─▶ four Schroeder all-passes ─▶ × level ─▶ + side`
//!
//! All-passes in series (Schroeder, "Natural Sounding Artificial Reverberation", JAES 10(3), 1962) keep the spectrum and
//! scatter the phase: `v[n] = x[n] + g·v[n−D]`, `y[n] = v[n−D] − g·v[n]`. Being side only, it cancels in mono.

use super::width::Section;
use crate::dsp::biquad::Coefficients;
use crate::dsp::gain::gain_to_db;

/// Level of the ambience at 100 %, below the mid's: −9 dB.
pub(super) const FULL_LEVEL: f64 = 0.354_813_389_233_575_45;

/// Bass keeps its place, and air is not blurred.
const BAND_HZ: [f64; 2] = [200.0, 10_000.0];

/// Delays of the all-passes (mutually irregular) and their feedback gains.
const ALLPASSES: [(f64, f64); 4] = [(0.00437, 0.6), (0.00793, 0.6), (0.01319, 0.55), (0.02161, 0.5)];

/// Added and taken away again in feedback loops: what is below the rounding of this (−600 dBFS) becomes 0 and no
/// denormal number lingers.
const ROUNDING_OFFSET: f64 = 1e-15;

/// Level of the ambience over the mid at a frequency, from the Butterworth corners of its band.
pub(super) fn response_db(percent: f64, freq_hz: f64) -> f64 {
    let [lowest, highest] = BAND_HZ;
    let corner_db = |ratio: f64| 10.0 * (1.0 + ratio.powi(4)).log10();
    gain_to_db(percent / 100.0 * FULL_LEVEL) - corner_db(lowest / freq_hz) - corner_db(freq_hz / highest)
}

/// The ambience of one channel.
#[derive(Clone, Debug)]
pub(super) struct Depth {
    level: f64,
    band: [Section; 2],
    allpasses: Vec<Allpass>,
}

impl Depth {
    /// `percent` of the full level, 0 to 100.
    pub(super) fn new(percent: f64, sample_rate_hz: f64) -> Self {
        let [lowest, highest] = BAND_HZ;
        Self {
            level: percent / 100.0 * FULL_LEVEL,
            band: [
                Section::new(Coefficients::butterworth_highpass(lowest, sample_rate_hz)),
                Section::new(Coefficients::butterworth_lowpass(highest, sample_rate_hz)),
            ],
            allpasses: ALLPASSES.map(|(delay_s, gain)| Allpass::new(delay_s, gain, sample_rate_hz)).into(),
        }
    }

    /// Adds the ambience of `mid` to `side`; `mid` is used up.
    pub(super) fn process(&mut self, mid: &mut [f64], side: &mut [f64]) {
        let [mut highpass, mut lowpass] = self.band.clone();
        for x in mid.iter_mut() {
            *x = lowpass.process(highpass.process(*x));
        }
        self.band = [highpass, lowpass];
        self.allpasses.iter_mut().for_each(|a| a.process(mid));
        for (side, ambience) in side.iter_mut().zip(mid) {
            *side += self.level * *ambience;
        }
    }

    pub(super) fn flush(&mut self) {
        self.band.iter_mut().for_each(Section::flush);
    }

    pub(super) fn reset(&mut self) {
        self.band.iter_mut().for_each(Section::reset);
        self.allpasses.iter_mut().for_each(Allpass::reset);
    }
}

#[derive(Clone, Debug)]
struct Allpass {
    gain: f64,
    ring: Vec<f64>,
    next: usize,
}

impl Allpass {
    fn new(delay_s: f64, gain: f64, sample_rate_hz: f64) -> Self {
        let frames = (delay_s * sample_rate_hz).round().max(1.0) as usize;
        Self { gain, ring: vec![0.0; frames], next: 0 }
    }

    fn process(&mut self, samples: &mut [f64]) {
        let mut rest = samples;
        while !rest.is_empty() {
            // Up to the ring's end no value depends on another of the same run.
            let frames = rest.len().min(self.ring.len() - self.next);
            let (run, later) = rest.split_at_mut(frames);
            for (x, slot) in run.iter_mut().zip(&mut self.ring[self.next..]) {
                let v = (*x + self.gain * *slot + ROUNDING_OFFSET) - ROUNDING_OFFSET;
                *x = *slot - self.gain * v;
                *slot = v;
            }
            self.next = (self.next + frames) % self.ring.len();
            rest = later;
        }
    }

    fn reset(&mut self) {
        self.ring.fill(0.0);
        self.next = 0;
    }
}
