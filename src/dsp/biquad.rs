//! Second-order sections in f64, two channels at a time.
//!
//! Both lanes (left/right or mid/side) run in one `[f64; 2]`, which compilers turn into two-wide vector code, so a
//! stereo pair costs what one channel does. Structure: transposed direct form II,
//! `y = b0·x + s1; s1 = b1·x + s2 − a1·y; s2 = b2·x − a2·y`.

use std::f64::consts::{PI, SQRT_2};

/// One frame of two lanes.
pub type Lanes = [f64; 2];

/// Normalised coefficients (`a0 = 1`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficients {
    /// Feed-forward coefficients.
    pub b: [f64; 3],
    /// Feedback coefficients a1, a2.
    pub a: [f64; 2],
}

impl Coefficients {
    /// Passes everything unchanged.
    pub const IDENTITY: Self = Self { b: [1.0, 0.0, 0.0], a: [0.0, 0.0] };

    /// Second-order Butterworth low-pass by the bilinear transform with prewarping; −3.01 dB at `freq_hz`.
    pub fn butterworth_lowpass(freq_hz: f64, sample_rate_hz: f64) -> Self {
        let (k, norm) = Self::butterworth_prewarp(freq_hz, sample_rate_hz);
        let b0 = k * k * norm;
        Self { b: [b0, 2.0 * b0, b0], a: Self::butterworth_poles(k, norm) }
    }

    /// Second-order Butterworth high-pass by the bilinear transform with prewarping; −3.01 dB at `freq_hz`.
    pub fn butterworth_highpass(freq_hz: f64, sample_rate_hz: f64) -> Self {
        let (k, norm) = Self::butterworth_prewarp(freq_hz, sample_rate_hz);
        Self { b: [norm, -2.0 * norm, norm], a: Self::butterworth_poles(k, norm) }
    }

    /// Second-order all-pass whose phase is that of the sum of the Linkwitz–Riley pair at `freq_hz`.
    pub fn butterworth_allpass(freq_hz: f64, sample_rate_hz: f64) -> Self {
        let (k, norm) = Self::butterworth_prewarp(freq_hz, sample_rate_hz);
        let [a1, a2] = Self::butterworth_poles(k, norm);
        Self { b: [a2, a1, 1.0], a: [a1, a2] }
    }

    fn butterworth_prewarp(freq_hz: f64, sample_rate_hz: f64) -> (f64, f64) {
        let k = (PI * (freq_hz / sample_rate_hz).min(0.49)).tan();
        (k, 1.0 / (1.0 + SQRT_2 * k + k * k))
    }

    fn butterworth_poles(k: f64, norm: f64) -> [f64; 2] {
        [2.0 * (k * k - 1.0) * norm, (1.0 - SQRT_2 * k + k * k) * norm]
    }

    /// Magnitude of the response at `freq_hz`, as an amplitude factor.
    pub fn magnitude(&self, freq_hz: f64, sample_rate_hz: f64) -> f64 {
        let w = 2.0 * PI * freq_hz / sample_rate_hz;
        let power = |c0: f64, c1: f64, c2: f64| {
            let re = c0 + c1 * w.cos() + c2 * (2.0 * w).cos();
            let im = -c1 * w.sin() - c2 * (2.0 * w).sin();
            re * re + im * im
        };
        (power(self.b[0], self.b[1], self.b[2]) / power(1.0, self.a[0], self.a[1])).sqrt()
    }
}

/// A second-order section with state for two lanes.
#[derive(Clone, Debug)]
pub struct Biquad {
    coefficients: Coefficients,
    s1: Lanes,
    s2: Lanes,
}

impl Biquad {
    /// A section at rest.
    pub fn new(coefficients: Coefficients) -> Self {
        Self { coefficients, s1: [0.0; 2], s2: [0.0; 2] }
    }

    /// One frame of both lanes.
    #[inline(always)]
    pub fn process(&mut self, x: Lanes) -> Lanes {
        let Coefficients { b, a } = self.coefficients;
        let mut y = [0.0; 2];
        for lane in 0..2 {
            y[lane] = b[0] * x[lane] + self.s1[lane];
            // What does not wait for y comes first: the next frame waits for s1.
            self.s1[lane] = (b[1] * x[lane] + self.s2[lane]) - a[0] * y[lane];
            self.s2[lane] = b[2] * x[lane] - a[1] * y[lane];
        }
        y
    }

    /// Changes the response without touching the state.
    pub fn set(&mut self, coefficients: Coefficients) {
        self.coefficients = coefficients;
    }

    /// Sets state that has decayed below −300 dBFS to zero, so that no denormal numbers slow the machine; call once a block.
    pub fn flush(&mut self) {
        for s in self.s1.iter_mut().chain(&mut self.s2) {
            if s.abs() < 1e-15 {
                *s = 0.0;
            }
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.s1 = [0.0; 2];
        self.s2 = [0.0; 2];
    }
}
