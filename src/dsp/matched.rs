//! Second-order filters that follow their analogue prototypes up to 20 kHz at 44.1 kHz.
//!
//! The bilinear transform squeezes the axis near Nyquist: a +6 dB bell at 16 kHz comes out 4 dB off. Here poles and zeros
//! are placed so that the *magnitude* agrees. `prototype ─ closed form ─ refine ─▶ one section, or two where one is too few`.
//!
//! - Closed form: M. Vicanek, "Matched Second Order Digital Filters" (2016): poles by impulse invariance, numerator from the
//!   magnitude at DC, at the centre and at Nyquist.
//! - Refinement: least squares on the error in dB (Levenberg–Marquardt), then reweighting towards the largest error
//!   (Lawson). Each quadratic `1 + c1·z⁻¹ + c2·z⁻²` is held inside the triangle of stability by construction, so poles stay
//!   stable and zeros minimum phase; see [`super::quadratic`].

use super::biquad::Coefficients;
use super::gain::db_to_gain;
use super::quadratic::{Cascade, Quadratic};
use std::f64::consts::PI;

/// Top of the range in which the magnitude is matched, as a share of the Nyquist frequency: 20 kHz at 44.1 kHz.
pub const MATCHED_SHARE: f64 = 20_000.0 / 22_050.0;
/// Error in dB below which no further effort is made.
const GOOD_ENOUGH_DB: f64 = 0.03;
/// Error in dB above which a fit of two sections is tried from another start.
const SEEDS_ENOUGH_DB: f64 = 0.06;
/// Where the roots of the second section start (coefficients of `z⁻¹`, `z⁻²`): −0.6 and −0.2, ±0.5, −0.8 twice.
const SECOND_SECTION_SEEDS: [[f64; 2]; 3] = [[0.8, 0.12], [0.0, -0.25], [1.6, 0.64]];

/// An analogue filter `H(s) = (n0 + n1·s + n2·s²) / (d0 + d1·s + d2·s²)`, with `s` in units of the centre frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prototype {
    freq_hz: f64,
    numerator: [f64; 3],
    denominator: [f64; 3],
}

impl Prototype {
    /// A bell: `gain_db` at `freq_hz`, half of it (in dB) at the edges of the bandwidth `freq_hz / q`.
    pub fn bell(freq_hz: f64, gain_db: f64, q: f64) -> Self {
        let a = db_to_gain(gain_db / 2.0);
        Self { freq_hz, numerator: [1.0, a / q, 1.0], denominator: [1.0, 1.0 / (a * q), 1.0] }
    }

    /// A low shelf: `gain_db` far below `freq_hz`, half of it (in dB) at `freq_hz`.
    pub fn low_shelf(freq_hz: f64, gain_db: f64, q: f64) -> Self {
        let a = db_to_gain(gain_db / 2.0);
        let slope = a.sqrt() / q;
        Self { freq_hz, numerator: [a * a, a * slope, a], denominator: [1.0, slope, a] }
    }

    /// A high shelf: `gain_db` far above `freq_hz`, half of it (in dB) at `freq_hz`.
    pub fn high_shelf(freq_hz: f64, gain_db: f64, q: f64) -> Self {
        let a = db_to_gain(gain_db / 2.0);
        let slope = a.sqrt() / q;
        Self { freq_hz, numerator: [a, a * slope, a * a], denominator: [a, slope, 1.0] }
    }

    /// A high-pass, 12 dB per octave; `q` is the magnitude at `freq_hz`.
    pub fn low_cut(freq_hz: f64, q: f64) -> Self {
        Self { freq_hz, numerator: [0.0, 0.0, 1.0], denominator: [1.0, 1.0 / q, 1.0] }
    }

    /// A low-pass, 12 dB per octave; `q` is the magnitude at `freq_hz`.
    pub fn high_cut(freq_hz: f64, q: f64) -> Self {
        Self { freq_hz, numerator: [1.0, 0.0, 0.0], denominator: [1.0, 1.0 / q, 1.0] }
    }

    /// Level of the response at `freq_hz`, in dB.
    pub fn response_db(&self, freq_hz: f64) -> f64 {
        let x = (freq_hz / self.freq_hz).powi(2);
        let power = |[c0, c1, c2]: [f64; 3]| (c0 - c2 * x).powi(2) + c1 * c1 * x;
        10.0 * (power(self.numerator) / power(self.denominator)).log10()
    }

    /// Sections whose cascade has this magnitude up to [`MATCHED_SHARE`] of Nyquist: one, or two where one is too few.
    pub fn sections(&self, sample_rate_hz: f64) -> Vec<Coefficients> {
        if self.fits_better_inverted() {
            return self.inverted().fitted(sample_rate_hz).inverted().sections();
        }
        self.fitted(sample_rate_hz).sections()
    }

    /// Whether `1/H` is the better one to fit: the fit converges surely where the poles lie below the zeros (a low shelf that
    /// boosts, a high shelf that cuts) or are the sharper ones (a bell that boosts).
    fn fits_better_inverted(&self) -> bool {
        let [n0, n1, n2] = self.numerator;
        let [d0, d1, d2] = self.denominator;
        n0 > 0.0 && n2 > 0.0 && (n0 * d2, n1 * d2) < (d0 * n2, d1 * n2)
    }

    fn inverted(&self) -> Self {
        Self { freq_hz: self.freq_hz, numerator: self.denominator, denominator: self.numerator }
    }

    fn fitted(&self, sample_rate_hz: f64) -> Cascade {
        let grid = self.grid(sample_rate_hz, 1);
        // Judged on a finer grid: a narrow pole and zero that nearly cancel can hide between the points of the fit.
        let fine = self.grid(sample_rate_hz, 4);
        let closed = self.closed_form(sample_rate_hz);
        let mut best = closed.clone();
        if best.largest_error_db(&fine) > GOOD_ENOUGH_DB {
            best.fit(&grid);
        }
        if best.largest_error_db(&fine) <= GOOD_ENOUGH_DB {
            return best;
        }
        for start in [closed, best.clone()] {
            for seed in SECOND_SECTION_SEEDS {
                let mut two = start.clone();
                two.extend(seed);
                two.fit(&grid);
                if two.largest_error_db(&fine) < best.largest_error_db(&fine) {
                    best = two;
                }
                if best.largest_error_db(&fine) <= SEEDS_ENOUGH_DB {
                    return best;
                }
            }
        }
        best
    }

    /// Points (angular frequency, dB) at which the magnitude is to agree: even in the logarithm of the frequency, even in
    /// the frequency near the top, and dense around the roots; `density` multiplies their number.
    fn grid(&self, sample_rate_hz: f64, density: i32) -> Vec<(f64, f64)> {
        let steps = |count: i32| (0..=count * density).map(move |i| f64::from(i) / f64::from(count * density));
        let top_hz = MATCHED_SHARE * sample_rate_hz / 2.0;
        let bottom_hz = (self.freq_hz / 100.0).min(top_hz / 1000.0);
        let mut freqs: Vec<f64> = steps(80).map(|t| bottom_hz * (top_hz / bottom_hz).powf(t)).collect();
        freqs.extend(steps(90).map(|t| top_hz * t));
        for [c0, c1, c2] in [self.numerator, self.denominator] {
            let (root_hz, q) = (self.freq_hz * (c0 / c2).sqrt(), ((c0 * c2).sqrt() / c1).max(0.3));
            freqs.extend(steps(40).map(|t| root_hz * (1.0 + (4.0 * t - 2.0) / q)));
        }
        freqs.retain(|f| (bottom_hz..=top_hz).contains(f));
        freqs.into_iter().map(|f| (2.0 * PI * f / sample_rate_hz, self.response_db(f))).collect()
    }

    /// Vicanek's closed form.
    fn closed_form(&self, sample_rate_hz: f64) -> Cascade {
        let w0 = 2.0 * PI * self.freq_hz / sample_rate_hz;
        let denominator = Quadratic::impulse_invariant(self.denominator, w0);
        let power = |w: f64| 10f64.powf(self.response_db(w * sample_rate_hz / (2.0 * PI)) / 10.0);
        if self.numerator[..2] == [0.0, 0.0] {
            let w = w0.min(0.5 * PI);
            let gain = (power(w) * denominator.power(w) / Quadratic::DOUBLE_ZERO_AT_DC.power(w)).sqrt();
            return Cascade::new(gain, Quadratic::DOUBLE_ZERO_AT_DC, denominator);
        }
        let w1 = w0.min(0.8 * PI);
        let at = [0.0, w1, PI].map(|w| power(w) * denominator.power(w));
        let (gain, numerator) = Quadratic::through(at, w1);
        Cascade::new(gain, numerator, denominator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error in dB up to 20 kHz (or the matched share of Nyquist) where the prototype is above −60 dB.
    fn largest_error_db(prototype: &Prototype, sample_rate_hz: f64) -> f64 {
        let sections = prototype.sections(sample_rate_hz);
        let top_hz = (MATCHED_SHARE * sample_rate_hz / 2.0).min(20_000.0);
        let (mut hz, mut largest) = (10.0, 0.0f64);
        while hz <= top_hz {
            let target_db = prototype.response_db(hz);
            let reached_db: f64 = sections.iter().map(|c| 20.0 * c.magnitude(hz, sample_rate_hz).log10()).sum();
            if target_db > -60.0 {
                largest = largest.max((reached_db - target_db).abs());
            }
            hz *= 1.004;
        }
        largest
    }

    /// Over the whole range of the equaliser's parameters: at most 0.1 dB from the analogue prototype, even at
    /// 16 kHz, where much of the range lies near or beyond Nyquist.
    #[test]
    fn follows_the_prototype_within_a_tenth_of_a_decibel() {
        for sample_rate_hz in [16_000.0, 44_100.0, 48_000.0, 96_000.0] {
            for freq_hz in [10.0, 45.0, 300.0, 1000.0, 3500.0, 8000.0, 12_500.0, 16_000.0, 19_000.0, 22_000.0] {
                for q in [0.1, 0.4, 0.71, 1.0, 3.0, 20.0] {
                    let mut prototypes = vec![Prototype::low_cut(freq_hz, q), Prototype::high_cut(freq_hz, q)];
                    for gain_db in [-18.0, -5.0, 6.0, 18.0] {
                        prototypes.push(Prototype::bell(freq_hz, gain_db, q));
                        prototypes.push(Prototype::low_shelf(freq_hz, gain_db, q));
                        prototypes.push(Prototype::high_shelf(freq_hz, gain_db, q));
                    }
                    for prototype in prototypes {
                        let error_db = largest_error_db(&prototype, sample_rate_hz);
                        assert!(error_db <= 0.1, "{error_db} dB at {sample_rate_hz} Hz: {prototype:?}");
                    }
                }
            }
        }
    }

    /// Random points between those of the grid above.
    #[test]
    fn follows_the_prototype_anywhere() {
        let mut state = 1u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        for _ in 0..400 {
            let (freq_hz, q) = (10.0 * 2200f64.powf(random()), 0.1 * 200f64.powf(random()));
            let gain_db = 36.0 * random() - 18.0;
            let prototype = match (3.0 * random()) as u32 {
                0 => Prototype::bell(freq_hz, gain_db, q),
                1 => Prototype::low_shelf(freq_hz, gain_db, q),
                _ => Prototype::high_shelf(freq_hz, gain_db, q),
            };
            let error_db = largest_error_db(&prototype, 44_100.0);
            assert!(error_db <= 0.1, "{error_db} dB: {prototype:?}");
        }
    }
}
