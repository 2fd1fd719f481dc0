//! The signal between its samples: a windowed-sinc interpolator with a bound that tells where it need not be asked.
//!
//! For a point between samples `x₀` and `x₁` the kernel `h` gives `y = Σ h[k]·x[k]`. Subtract linear interpolation: what is
//! left, `r = h − lerp`, has zero sum and zero first moment (both are made exact when the kernel is built), so it is the
//! second difference of a kernel `g`, and
//!
//! `y = lerp(x₀, x₁) + Σ g[k]·(x[k−1] − 2·x[k] + x[k+1])`, hence `|y| ≤ max(|x₀|, |x₁|) + Σ|g|·max|Δ²x|`.
//!
//! On music, whose level sits in the lows, the second differences are small and the bound is within a few percent of the
//! samples themselves: nearly every interval can be left out of a search for peaks, provably.

use super::window::kaiser;
use std::f64::consts::PI;

/// Samples on each side of an interval that count as near; further ones are weighted apart.
pub const NEAR: usize = 8;

/// Interpolates `PHASES` points between two samples, `(p + 1)/(PHASES + 1)` of the way, with `TAPS` samples around them.
#[derive(Clone, Debug)]
pub struct Interpolator<const PHASES: usize, const TAPS: usize> {
    taps: Vec<[f32; PHASES]>,
    near: f32,
    far: f32,
}

impl<const PHASES: usize, const TAPS: usize> Interpolator<PHASES, TAPS> {
    /// An interpolator whose stopband is about `stopband_db` down. The band edge is the Nyquist frequency (−6 dB), the
    /// transition is `(stopband_db − 8)/(14.36·TAPS)` of the sample rate wide, half of it below Nyquist (Kaiser 1974).
    pub fn new(stopband_db: f64) -> Self {
        let phases: Vec<[f64; TAPS]> = (0..PHASES).map(|p| kernel((p + 1) as f64 / (PHASES + 1) as f64, stopband_db)).collect();
        let taps = (0..TAPS).map(|k| std::array::from_fn(|p| phases[p][k] as f32)).collect();
        let (mut near, mut far) = (0f64, 0f64);
        for (p, h) in phases.iter().enumerate() {
            let (n, f) = second_difference_weights(h, (p + 1) as f64 / (PHASES + 1) as f64);
            near = near.max(n);
            far = far.max(f);
        }
        // Rounding of f32 products and of the taps themselves stays far below one part in a thousand.
        Self { taps, near: (near * 1.001) as f32, far: (far * 1.001) as f32 }
    }

    /// Largest magnitude at the interpolated points between `window[TAPS/2 − 1]` and `window[TAPS/2]`; `TAPS` samples.
    #[inline]
    pub fn largest(&self, window: &[f32]) -> f32 {
        let mut points = [0f32; PHASES];
        for (h, x) in self.taps.iter().zip(window) {
            for p in 0..PHASES {
                points[p] += h[p] * x;
            }
        }
        points.iter().fold(0.0, |m, y| y.abs().max(m))
    }

    /// How far any point of an interval can lie beyond the larger of its two samples: `near` and `far` are the largest
    /// second differences within [`NEAR`] samples of the interval and in the rest of the window.
    #[inline]
    pub fn rise(&self, near: f32, far: f32) -> f32 {
        self.near * near + self.far * far
    }
}

/// Kaiser-windowed sinc at `fraction` after tap `TAPS/2 − 1`, corrected to pass constants and ramps exactly.
fn kernel<const TAPS: usize>(fraction: f64, stopband_db: f64) -> [f64; TAPS] {
    let centre = TAPS as f64 / 2.0 - 1.0 + fraction;
    let time = |k: usize| k as f64 - centre;
    let window = |k: usize| kaiser(time(k) / (TAPS as f64 / 2.0), stopband_db);
    let mut h: [f64; TAPS] = std::array::from_fn(|k| sinc(time(k)) * window(k));
    // h + (a + b·t)·w with Σ = 1 and Σ t = 0.
    let moment = |v: &dyn Fn(usize) -> f64| (0..TAPS).map(v).sum::<f64>();
    let (w0, w1, w2) = (moment(&window), moment(&|k| time(k) * window(k)), moment(&|k| time(k).powi(2) * window(k)));
    let (e0, e1) = (1.0 - h.iter().sum::<f64>(), -moment(&|k| time(k) * h[k]));
    let determinant = w0 * w2 - w1 * w1;
    let (a, b) = ((e0 * w2 - e1 * w1) / determinant, (e1 * w0 - e0 * w1) / determinant);
    for (k, tap) in h.iter_mut().enumerate() {
        *tap += (a + b * time(k)) * window(k);
    }
    h
}

/// Σ|g| within [`NEAR`] samples of the interval and beyond, where `g` is the kernel on second differences.
fn second_difference_weights<const TAPS: usize>(h: &[f64; TAPS], fraction: f64) -> (f64, f64) {
    let left = TAPS / 2 - 1;
    let (mut near, mut far) = (0.0, 0.0);
    let (mut before, mut g) = (0.0, 0.0);
    for (k, tap) in h.iter().enumerate() {
        let linear = if k == left { 1.0 - fraction } else { 0.0 } + if k == left + 1 { fraction } else { 0.0 };
        if k + NEAR >= left + 1 && k <= left + NEAR {
            near += f64::abs(g)
        } else {
            far += f64::abs(g)
        }
        (before, g) = (g, tap - linear + 2.0 * g - before);
    }
    (near, far)
}

/// `sin(πt)/(πt)`.
fn sinc(t: f64) -> f64 {
    if t.abs() < 1e-12 { 1.0 } else { (PI * t).sin() / (PI * t) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_interpolated_to_their_true_values() {
        let fine = Interpolator::<16, 96>::new(60.0);
        for cycles in [0.01, 0.1, 0.25, 0.4, 0.47] {
            for phase in [0.0, 0.7, 1.9] {
                let at = |t: f64| (2.0 * PI * cycles * t + phase).sin();
                let window: Vec<f32> = (0..96).map(|k| at(k as f64 - 47.0) as f32).collect();
                let expected = (1..=16).map(|p| at(f64::from(p) / 17.0).abs()).fold(0.0, f64::max);
                let found = f64::from(fine.largest(&window));
                assert!((found - expected).abs() < 0.003, "{cycles} {phase}: {found} {expected}");
            }
        }
    }

    #[test]
    fn no_point_lies_beyond_the_bound() {
        let fine = Interpolator::<16, 96>::new(60.0);
        let mut state = 1u32;
        for round in 0..2000 {
            let mut window: Vec<f32> = (0..96)
                .map(|_| {
                    state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                    (state >> 8) as f32 / 8388608.0 - 1.0
                })
                .collect();
            if round % 2 == 0 {
                window.iter_mut().for_each(|x| *x = x.signum());
            }
            let d2 = |k: usize| (window[k - 1] - 2.0 * window[k] + window[k + 1]).abs();
            let near = (48 - NEAR..48 + NEAR).map(d2).fold(0.0, f32::max);
            let far = (1..95).map(d2).fold(0.0, f32::max);
            let bound = window[47].abs().max(window[48].abs()) + fine.rise(near, far);
            assert!(fine.largest(&window) <= bound);
        }
    }
}
