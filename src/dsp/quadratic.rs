//! Cascades of quadratics in `z⁻¹`, fitted to a magnitude.
//!
//! A quadratic `Q(z) = 1 + c1·z⁻¹ + c2·z⁻²` has its roots inside the unit circle exactly when its values at `z = 1` and
//! `z = −1`, `p = 1 + c1 + c2` and `r = 1 − c1 + c2`, satisfy `p > 0, r > 0, p + r < 4`: a triangle. With φ = sin²(ω/2) its
//! power on the unit circle is `p²·(1 − φ) + r²·φ − 16·c2·φ·(1 − φ)` (Vicanek 2016).

use super::biquad::Coefficients;
use std::f64::consts::{LN_10, PI};

/// A monic quadratic with roots inside (or on) the unit circle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quadratic {
    p: f64,
    r: f64,
    fixed: bool,
}

impl Quadratic {
    /// `(1 − z⁻¹)²`, which a fit leaves as it is.
    pub(super) const DOUBLE_ZERO_AT_DC: Self = Self { p: 0.0, r: 4.0, fixed: true };

    fn from_coefficients([c1, c2]: [f64; 2]) -> Self {
        Self { p: 1.0 + c1 + c2, r: 1.0 - c1 + c2, fixed: false }.inside()
    }

    /// Moves a quadratic off the triangle's edges, where the fit's coordinates have no value.
    fn inside(self) -> Self {
        let (p, r) = (self.p.max(1e-12), self.r.max(1e-9));
        let shrink = (4.0 * (1.0 - 1e-12) / (p + r)).min(1.0);
        Self { p: p * shrink, r: r * shrink, fixed: self.fixed }
    }

    fn c2(self) -> f64 {
        (self.p + self.r) / 2.0 - 1.0
    }

    fn coefficients(self) -> [f64; 2] {
        [(self.p - self.r) / 2.0, self.c2()]
    }

    /// The roots of `d0 + d1·s + d2·s²` (`s` in units of ω0) carried over by `z = e^s`; a pair beyond Nyquist, which has no
    /// image, starts near it.
    pub(super) fn impulse_invariant([d0, d1, d2]: [f64; 3], w0: f64) -> Self {
        let (half, product) = (0.5 * d1 / d2, d0 / d2);
        let discriminant = half * half - product;
        let decay = (-half * w0).exp();
        let c1 = if discriminant < 0.0 {
            -2.0 * decay * ((-discriminant).sqrt() * w0).min(0.97 * PI).cos()
        } else {
            -((discriminant.sqrt() - half) * w0).exp() - (-(discriminant.sqrt() + half) * w0).exp()
        };
        Self::from_coefficients([c1, decay * decay])
    }

    /// (gain, quadratic) whose power is `powers` at ω = 0, `w1`, π, or near it where no quadratic has it.
    pub(super) fn through(powers: [f64; 3], w1: f64) -> (f64, Self) {
        let phi = (w1 / 2.0).sin().powi(2);
        let [b0, at_w1, b1] = powers;
        let sum = 0.5 * (b0.sqrt() + b1.sqrt());
        let wanted = (at_w1 - b0 * (1.0 - phi) - b1 * phi) / (4.0 * phi * (1.0 - phi));
        // No quadratic goes through below −sum²; at that limit its roots lie on the unit circle, a notch that a fit cannot leave.
        let b2 = if wanted < -sum * sum { -0.75 * sum * sum } else { wanted };
        let gain = 0.5 * (sum + (sum * sum + b2).sqrt());
        let c1 = 0.5 * (b0.sqrt() - b1.sqrt()) / gain;
        (gain, Self::from_coefficients([c1, -b2 / (4.0 * gain * gain)]))
    }

    /// Power of the response at the angular frequency `w`.
    pub(super) fn power(self, w: f64) -> f64 {
        self.power_at(Point::new(w))
    }

    fn power_at(self, Point { phi, phi0, phi2 }: Point) -> f64 {
        (self.p * self.p * phi0 + self.r * self.r * phi - 4.0 * self.c2() * phi2).max(1e-30)
    }

    /// Unconstrained coordinates: `p = 4·eᵘ/(1 + eᵘ + eᵛ)`, `r = 4·eᵛ/(1 + eᵘ + eᵛ)`.
    fn coordinates(self) -> [f64; 2] {
        let rest = 4.0 - self.p - self.r;
        [(self.p / rest).ln(), (self.r / rest).ln()]
    }

    fn from_coordinates([u, v]: [f64; 2]) -> Self {
        let (eu, ev) = (u.clamp(-40.0, 40.0).exp(), v.clamp(-40.0, 40.0).exp());
        let sum = 1.0 + eu + ev;
        Self { p: 4.0 * eu / sum, r: 4.0 * ev / sum, fixed: false }.inside()
    }

    /// Derivatives of the level in dB with respect to the coordinates.
    fn slopes(self, point: Point) -> [f64; 2] {
        let scale = 10.0 / LN_10 / self.power_at(point);
        let dp = scale * (2.0 * self.p * point.phi0 - 2.0 * point.phi2);
        let dr = scale * (2.0 * self.r * point.phi - 2.0 * point.phi2);
        let mixed = 0.25 * self.p * self.r;
        let (pu, rv) = (self.p * (1.0 - 0.25 * self.p), self.r * (1.0 - 0.25 * self.r));
        [dp * pu - dr * mixed, dr * rv - dp * mixed]
    }
}

/// φ = sin²(ω/2) and what is made of it.
#[derive(Clone, Copy)]
struct Point {
    phi: f64,
    phi0: f64,
    phi2: f64,
}

impl Point {
    fn new(w: f64) -> Self {
        let (sin, cos) = (0.5 * w).sin_cos();
        Self { phi: sin * sin, phi0: cos * cos, phi2: 4.0 * sin * sin * cos * cos }
    }
}

/// A gain and one or two sections.
#[derive(Clone, Debug)]
pub(super) struct Cascade {
    gain_db: f64,
    /// Numerator and denominator of each section.
    quadratics: Vec<[Quadratic; 2]>,
}

impl Cascade {
    pub(super) fn new(gain: f64, numerator: Quadratic, denominator: Quadratic) -> Self {
        Self { gain_db: 20.0 * gain.log10(), quadratics: vec![[numerator, denominator]] }
    }

    /// Adds a section that changes nothing yet: poles and zeros are both the roots of `1 + c1·z⁻¹ + c2·z⁻²`.
    pub(super) fn extend(&mut self, coefficients: [f64; 2]) {
        let quadratic = Quadratic::from_coefficients(coefficients);
        self.quadratics.push([quadratic; 2]);
    }

    /// The cascade with the inverse response.
    pub(super) fn inverted(&self) -> Self {
        let quadratics = self.quadratics.iter().map(|[n, d]| [*d, *n]).collect();
        Self { gain_db: -self.gain_db, quadratics }
    }

    /// The sections' coefficients; the first carries the gain.
    pub(super) fn sections(&self) -> Vec<Coefficients> {
        let mut gain = 10f64.powf(self.gain_db / 20.0);
        let section = |[numerator, denominator]: &[Quadratic; 2]| {
            let [c1, c2] = numerator.coefficients();
            let b = [gain, gain * c1, gain * c2];
            gain = 1.0;
            Coefficients { b, a: denominator.coefficients() }
        };
        self.quadratics.iter().map(section).collect()
    }

    fn error_db(&self, point: Point, target_db: f64) -> f64 {
        let ratio: f64 = self.quadratics.iter().map(|[n, d]| n.power_at(point) / d.power_at(point)).product();
        self.gain_db + 10.0 * ratio.log10() - target_db
    }

    /// Largest error over a grid of (angular frequency, dB).
    pub(super) fn largest_error_db(&self, grid: &[(f64, f64)]) -> f64 {
        grid.iter().map(|&(w, db)| self.error_db(Point::new(w), db).abs()).fold(0.0, f64::max)
    }

    /// Fits gain, poles and zeros to a grid of (angular frequency, dB): least squares first, then with growing weight on the
    /// largest errors; keeps the best.
    pub(super) fn fit(&mut self, grid: &[(f64, f64)]) {
        let points: Vec<(Point, f64)> = grid.iter().map(|&(w, db)| (Point::new(w), db)).collect();
        let mut weights = vec![1.0; grid.len()];
        let mut best = self.clone();
        for _ in 0..LAWSON_ROUNDS {
            self.least_squares(&points, &weights);
            if self.largest_error_db(grid) < best.largest_error_db(grid) {
                best = self.clone();
            }
            let largest = self.largest_error_db(grid).max(1e-12);
            for (weight, (point, db)) in weights.iter_mut().zip(&points) {
                *weight *= 0.2 + self.error_db(*point, *db).abs() / largest;
            }
            let mean = weights.iter().sum::<f64>() / weights.len() as f64;
            weights.iter_mut().for_each(|w| *w /= mean);
        }
        *self = best;
    }

    /// Levenberg–Marquardt with Marquardt's scaling.
    fn least_squares(&mut self, points: &[(Point, f64)], weights: &[f64]) {
        let cost = |c: &Self| points.iter().zip(weights).map(|((p, db), w)| w * c.error_db(*p, *db).powi(2)).sum::<f64>();
        let (mut damping, mut current) = (1e-2, cost(self));
        for _ in 0..STEPS {
            let system = self.normal_equations(points, weights);
            let mut better = None;
            while damping < 1e8 {
                let tried = self.stepped(&system.solve(damping));
                let reached = cost(&tried);
                if reached < current {
                    better = Some((tried, reached));
                    break;
                }
                damping *= 4.0;
            }
            let Some((tried, reached)) = better else { return };
            let gained = 1.0 - reached / current;
            (*self, current) = (tried, reached);
            damping = (damping * 0.3).max(1e-9);
            if gained < 1e-4 {
                return;
            }
        }
    }

    fn free(&self) -> impl Iterator<Item = (f64, Quadratic)> {
        self.quadratics.iter().flat_map(|[n, d]| [(1.0, *n), (-1.0, *d)]).filter(|(_, q)| !q.fixed)
    }

    fn normal_equations(&self, points: &[(Point, f64)], weights: &[f64]) -> System {
        let mut system = System::new(1 + 2 * self.free().count());
        for ((point, db), weight) in points.iter().zip(weights) {
            let mut row = [0.0; UNKNOWNS];
            row[0] = 1.0;
            for ((sign, quadratic), pair) in self.free().zip(row[1..].chunks_exact_mut(2)) {
                let [u, v] = quadratic.slopes(*point);
                pair.copy_from_slice(&[sign * u, sign * v]);
            }
            system.add(&row, self.error_db(*point, *db), *weight);
        }
        system
    }

    fn stepped(&self, step: &[f64; UNKNOWNS]) -> Self {
        let mut moved = self.clone();
        moved.gain_db += step[0];
        let mut steps = step[1..].chunks_exact(2);
        for quadratic in moved.quadratics.iter_mut().flatten().filter(|q| !q.fixed) {
            let [u, v] = quadratic.coordinates();
            if let Some(pair) = steps.next() {
                let limit = |s: f64| s.clamp(-1.0, 1.0);
                *quadratic = Quadratic::from_coordinates([u + limit(pair[0]), v + limit(pair[1])]);
            }
        }
        moved
    }
}

/// Gain and two coordinates for each of four quadratics.
const UNKNOWNS: usize = 9;
/// Steps of one least-squares fit, at most.
const STEPS: usize = 60;
/// Rounds of reweighting.
const LAWSON_ROUNDS: usize = 8;

/// Normal equations of a linear least-squares problem.
struct System {
    size: usize,
    matrix: [[f64; UNKNOWNS]; UNKNOWNS],
    right: [f64; UNKNOWNS],
}

impl System {
    fn new(size: usize) -> Self {
        Self { size, matrix: [[0.0; UNKNOWNS]; UNKNOWNS], right: [0.0; UNKNOWNS] }
    }

    fn add(&mut self, row: &[f64; UNKNOWNS], error: f64, weight: f64) {
        for i in 0..self.size {
            self.right[i] -= weight * row[i] * error;
            for j in 0..=i {
                self.matrix[i][j] += weight * row[i] * row[j];
            }
        }
    }

    /// Solves with the diagonal raised by the share `damping`, by Cholesky's decomposition.
    fn solve(&self, damping: f64) -> [f64; UNKNOWNS] {
        let n = self.size;
        let mut l = self.matrix;
        let mut x = self.right;
        for i in 0..n {
            l[i][i] = self.matrix[i][i] * (1.0 + damping) + 1e-12;
            for j in 0..=i {
                let sum: f64 = l[i][j] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
                l[i][j] = if i == j { sum.max(1e-18).sqrt() } else { sum / l[j][j] };
            }
            x[i] = (x[i] - (0..i).map(|k| l[i][k] * x[k]).sum::<f64>()) / l[i][i];
        }
        for i in (0..n).rev() {
            x[i] = (x[i] - (i + 1..n).map(|k| l[k][i] * x[k]).sum::<f64>()) / l[i][i];
        }
        x
    }
}
