//! A high shelf whose gain moves: for gains that change with the music, without a change of phase where they are equal.
//!
//! State-variable filter, trapezoidal (A. Simper, *Linear trapezoidal integrated state variable filter*): the magnitude of the cookbook's
//! second-order shelf with Q = 1/√2, half its decibels at `freq_hz`. At 0 dB it passes every sample as it is; at small gains
//! `1/(1 + (f₀/f)⁴)` of the decibels reach a frequency, which is the share of a Linkwitz–Riley band.
//!
//! Coefficients travel on straight lines. That is stable whatever they do: each set of them shrinks the state's norm, and so does
//! every mean of two.

use super::biquad::Lanes;
use super::gain::step_db_to_gain;
use std::f64::consts::{PI, SQRT_2};

/// Coefficients: `a` of the state, `m` of the input and the two states in the output.
type Shape = [f64; 6];

/// A shelf of two lanes.
#[derive(Clone, Debug)]
pub struct MovingShelf {
    tan: f64,
    gain_db: f64,
    now: Shape,
    goal: Shape,
    step: Shape,
    state: [Lanes; 2],
}

impl MovingShelf {
    /// A shelf above `freq_hz`, at rest, with a gain.
    pub fn new(freq_hz: f64, gain_db: f64, sample_rate_hz: f64) -> Self {
        let tan = (PI * (freq_hz / sample_rate_hz).min(0.49)).tan();
        Self::at_rest(tan, gain_db)
    }

    fn at_rest(tan: f64, gain_db: f64) -> Self {
        let now = shape(tan, gain_db);
        Self { tan, gain_db, now, goal: now, step: [0.0; 6], state: [[0.0; 2]; 2] }
    }

    /// From the next frame on, moves to a gain over so many frames. It stays there only if called again after them.
    pub fn move_to(&mut self, gain_db: f64, frames: usize) {
        // What is left by rounding along the line is put right where the line ends.
        self.now = self.goal;
        if gain_db == self.gain_db {
            self.step = [0.0; 6];
            return;
        }
        self.goal = shape(self.tan, gain_db);
        let per_frame = 1.0 / frames as f64;
        self.step = std::array::from_fn(|i| per_frame * (self.goal[i] - self.now[i]));
        self.gain_db = gain_db;
    }

    /// Frames in place.
    pub fn process_slice(&mut self, frames: &mut [Lanes]) {
        Self::process_cascade(std::array::from_mut(self), frames);
    }

    /// Frames in place through one shelf after the other; in one loop, so that a shelf works while the next still does.
    pub fn process_cascade<const N: usize>(shelves: &mut [Self; N], frames: &mut [Lanes]) {
        let mut cascade = shelves.clone();
        for x in frames {
            for shelf in &mut cascade {
                *x = shelf.process(*x);
            }
        }
        *shelves = cascade;
    }

    #[inline(always)]
    fn process(&mut self, x: Lanes) -> Lanes {
        self.now.iter_mut().zip(&self.step).for_each(|(value, by)| *value += by);
        let [a1, a2, a3, m0, m1, m2] = self.now;
        let [s1, s2] = &mut self.state;
        std::array::from_fn(|lane| {
            let v3 = x[lane] - s2[lane];
            let v1 = a1 * s1[lane] + a2 * v3;
            let v2 = s2[lane] + (a2 * s1[lane] + a3 * v3);
            s1[lane] = 2.0 * v1 - s1[lane];
            s2[lane] = 2.0 * v2 - s2[lane];
            m0 * x[lane] + (m1 * v1 + m2 * v2)
        })
    }

    /// See [`super::biquad::Biquad::flush`].
    pub fn flush(&mut self) {
        for s in self.state.iter_mut().flatten().filter(|s| s.abs() < 1e-15) {
            *s = 0.0;
        }
    }

    /// Back to rest, with a gain.
    pub fn reset(&mut self, gain_db: f64) {
        *self = Self::at_rest(self.tan, gain_db);
    }
}

fn shape(tan: f64, gain_db: f64) -> Shape {
    let root = step_db_to_gain(gain_db / 4.0);
    let (a, g) = (root * root, tan * root);
    let a1 = 1.0 / (1.0 + g * (g + SQRT_2));
    [a1, g * a1, g * g * a1, a * a, SQRT_2 * (1.0 - a) * a, 1.0 - a * a]
}

/// Magnitude of a shelf that stands still, in dB.
pub fn shelf_response_db(shelf_hz: f64, gain_db: f64, freq_hz: f64, sample_rate_hz: f64) -> f64 {
    let warp = |hz: f64| (PI * (hz / sample_rate_hz).min(0.49)).tan();
    let w2 = (warp(freq_hz) / warp(shelf_hz)).powi(2);
    let a = 10f64.powf(gain_db / 40.0);
    // A·(A·s² + √(2A)·s + 1) / (s² + √(2A)·s + A) at s = jω: the middle terms' squares are the same.
    let power = |square: f64, constant: f64| (constant - square * w2).powi(2) + 2.0 * a * w2;
    20.0 * a.log10() + 10.0 * (power(a, 1.0) / power(1.0, a)).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::gain::gain_to_db;

    const RATE_HZ: f64 = 44_100.0;

    #[test]
    fn the_response_is_the_formulas_and_half_the_decibels_at_the_corner() {
        for gain_db in [-18.0, -3.0, 0.5, 6.0, 24.0] {
            let mut shelf = MovingShelf::new(800.0, gain_db, RATE_HZ);
            let mut impulse = vec![[0.0; 2]; 1 << 14];
            impulse[0] = [1.0, 0.0];
            shelf.process_slice(&mut impulse);
            assert!(impulse.iter().all(|x| x[1] == 0.0));
            for freq_hz in [30.0, 310.0, 800.0, 2000.0, 15_000.0] {
                let w = 2.0 * PI * freq_hz / RATE_HZ;
                let at = |f: fn(f64) -> f64| impulse.iter().enumerate().map(|(n, h)| h[0] * f(w * n as f64)).sum::<f64>();
                let measured = gain_to_db(at(f64::cos).hypot(at(f64::sin)));
                assert!((measured - shelf_response_db(800.0, gain_db, freq_hz, RATE_HZ)).abs() < 0.001, "{gain_db} at {freq_hz}");
            }
            assert!((shelf_response_db(800.0, gain_db, 800.0, RATE_HZ) - 0.5 * gain_db).abs() < 1e-9);
        }
    }

    #[test]
    fn at_0_db_every_sample_passes_as_it_is() {
        let input: Vec<Lanes> = (0..3000).map(|n| [(n as f64 * 0.3).sin(), (n as f64 * n as f64 * 0.01).cos()]).collect();
        let mut shelf = MovingShelf::new(120.0, 0.0, RATE_HZ);
        let mut output = input.clone();
        for step in output.chunks_mut(16) {
            shelf.move_to(0.0, 16);
            shelf.process_slice(step);
        }
        assert_eq!(output, input);
    }

    /// Every step leaps by up to 48 dB; the state must not grow from that.
    #[test]
    fn leaping_gains_stay_bounded_and_end_where_they_were_sent() {
        let mut shelf = MovingShelf::new(5000.0, 0.0, RATE_HZ);
        let mut largest = 0f64;
        for step in 0..20_000u32 {
            shelf.move_to(f64::from(step.wrapping_mul(2_654_435_761) >> 20) / 4096.0 * 48.0 - 24.0, 16);
            let mut frames: Vec<Lanes> = (0..16).map(|n| [if (step / 3 + n) % 2 == 0 { 1.0 } else { -1.0 }; 2]).collect();
            shelf.process_slice(&mut frames);
            largest = frames.iter().fold(largest, |a, x| a.max(x[0].abs()));
        }
        // 24 dB is 15.8.
        assert!(largest < 64.0, "{largest}");
        shelf.move_to(6.0, 16);
        shelf.process_slice(&mut [[0.0; 2]; 16]);
        shelf.move_to(6.0, 16);
        assert_eq!(shelf.now, shape(shelf.tan, 6.0));
    }
}
