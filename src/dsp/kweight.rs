//! K-weighting (ITU-R BS.1770-5 Annex 1): a high shelf for the head, then a high-pass (RLB).

use super::biquad::{Biquad, Coefficients, Lanes};
use std::f64::consts::PI;

/// The two sections of the K-weighting filter at any sample rate, from the analogue prototypes behind the standard's
/// 48 kHz coefficients (shelf: 1681.97 Hz, +3.99984 dB, Q 0.70718; high-pass: 38.1355 Hz, Q 0.50033).
pub fn k_weighting(sample_rate_hz: f64) -> [Coefficients; 2] {
    let (freq_hz, gain_db, q) = (1681.974450955533, 3.999843853973347, 0.7071752369554196);
    let k = (PI * freq_hz / sample_rate_hz).tan();
    let vh = 10f64.powf(gain_db / 20.0);
    let vb = vh.powf(0.4996667741545416);
    let a0 = 1.0 + k / q + k * k;
    let shelf = Coefficients {
        b: [(vh + vb * k / q + k * k) / a0, 2.0 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0],
        a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
    };
    let (freq_hz, q) = (38.13547087602444, 0.5003270373238773);
    let k = (PI * freq_hz / sample_rate_hz).tan();
    let a0 = 1.0 + k / q + k * k;
    let highpass = Coefficients { b: [1.0, -2.0, 1.0], a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0] };
    [shelf, highpass]
}

/// K-weighting of two lanes.
#[derive(Clone, Debug)]
pub struct KWeighting {
    shelf: Biquad,
    highpass: Biquad,
}

impl KWeighting {
    /// A filter at rest.
    pub fn new(sample_rate_hz: f64) -> Self {
        let [shelf, highpass] = k_weighting(sample_rate_hz);
        Self { shelf: Biquad::new(shelf), highpass: Biquad::new(highpass) }
    }

    /// One frame.
    #[inline(always)]
    pub fn process(&mut self, x: Lanes) -> Lanes {
        self.highpass.process(self.shelf.process(x))
    }

    /// See [`Biquad::flush`].
    pub fn flush(&mut self) {
        self.shelf.flush();
        self.highpass.flush();
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.shelf.reset();
        self.highpass.reset();
    }
}

/// Loudness in LUFS of a K-weighted power summed over channels: `−0.691 + 10·log10(power)`.
pub fn power_to_lufs(power: f64) -> f64 {
    -0.691 + 10.0 * power.log10()
}
