//! The regressions that compete: each is fitted by linfa on standardised figures and becomes one affine map in raw units.

use anyhow::Result;
use linfa::Dataset;
use linfa::traits::{Fit, Predict};
use linfa_elasticnet::MultiTaskElasticNet;
use linfa_pls::PlsRegression;
use ndarray::{Array1, Array2, Axis};

/// What is fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Method {
    /// The mean of the masters, whatever the mix.
    Mean,
    /// The mix, moved by the mean difference.
    Offset,
    /// Multi-task elastic net; `l1_ratio` 0 is ridge.
    Net {
        /// Strength of the penalty.
        penalty: f64,
        /// Share of the L1 norm.
        l1_ratio: f64,
        /// Whether the difference to the mix is fitted (no evidence: leave the mix) instead of the master (no evidence: the mean).
        difference: bool,
    },
    /// Partial least squares.
    Pls {
        /// Components.
        components: usize,
    },
}

impl Method {
    /// For tables.
    pub(super) fn name(self) -> String {
        match self {
            Self::Mean => "mean of masters (one fixed target)".into(),
            Self::Offset => "mix + mean difference".into(),
            Self::Net { penalty, l1_ratio, difference } => {
                let kind = if l1_ratio == 0.0 { "ridge".to_owned() } else { format!("elastic net {l1_ratio}") };
                format!("{kind}, penalty {penalty}{}", if difference { ", of the difference" } else { "" })
            }
            Self::Pls { components } => format!("PLS, {components} components"),
        }
    }
}

/// `y = intercept + slopes · x`.
#[derive(Clone, Debug)]
pub(super) struct Affine {
    /// One for each output.
    pub(super) intercept: Array1<f64>,
    /// A row for each output.
    pub(super) slopes: Array2<f64>,
}

impl Affine {
    /// Applies the map to rows.
    pub(super) fn predict(&self, x: &Array2<f64>) -> Array2<f64> {
        x.dot(&self.slopes.t()) + &self.intercept
    }
}

/// Most sweeps of coordinate descent.
const SWEEPS: u32 = 150;

/// Fits masters `y` on mixes `x`, a row each. The first columns of `y` are the columns of `x`.
pub(super) fn fit(method: Method, x: &Array2<f64>, y: &Array2<f64>) -> Result<Affine> {
    let (inputs, outputs) = (x.ncols(), y.ncols());
    let mean = |a: &Array2<f64>| a.sum_axis(Axis(0)) / a.nrows() as f64;
    let carried = |slope: f64| Array2::from_shape_fn((outputs, inputs), |(o, i)| if o == i { slope } else { 0.0 });
    let (linear, difference) = match method {
        Method::Mean => return Ok(Affine { intercept: mean(y), slopes: carried(0.0) }),
        Method::Offset => {
            let slopes = carried(1.0);
            let intercept = mean(y) - slopes.dot(&mean(x));
            return Ok(Affine { intercept, slopes });
        }
        Method::Net { difference, .. } => (method, difference),
        Method::Pls { .. } => (method, false),
    };
    let carry = carried(if difference { 1.0 } else { 0.0 });
    let wanted = y - &x.dot(&carry.t());
    let (x_mean, y_mean) = (mean(x), mean(&wanted));
    let deviation = |a: &Array2<f64>| a.std_axis(Axis(0), 0.0).mapv(|s| s.max(1e-3));
    let (x_scale, y_scale) = (deviation(x), deviation(&wanted));
    let data = Dataset::new((x - &x_mean) / &x_scale, (&wanted - &y_mean) / &y_scale);
    // Any fitted map is affine: its values at nought and at the unit vectors tell all of it.
    let mut probes = Array2::zeros((inputs + 1, inputs));
    (0..inputs).for_each(|i| probes[[i + 1, i]] = 1.0);
    let answers: Array2<f64> = match linear {
        Method::Net { penalty, l1_ratio, .. } => MultiTaskElasticNet::params()
            .penalty(penalty)
            .l1_ratio(l1_ratio)
            .max_iterations(SWEEPS)
            .tolerance(1e-4)
            .fit(&data)?
            .predict(&probes),
        Method::Pls { components } => {
            PlsRegression::params(components).scale(false).max_iterations(500).fit(&data)?.predict(probes).targets
        }
        Method::Mean | Method::Offset => unreachable!("answered above"),
    };
    let base = answers.row(0).to_owned();
    let slopes = Array2::from_shape_fn((outputs, inputs), |(o, i)| (answers[[i + 1, o]] - base[o]) * y_scale[o] / x_scale[i]);
    let intercept = &y_mean + &(&base * &y_scale) - slopes.dot(&x_mean);
    Ok(Affine { intercept, slopes: slopes + carry })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Whatever the method, a law that holds exactly is found, in raw units.
    #[test]
    fn every_method_finds_a_linear_law() {
        let mut rng = Rng::named(1, "law");
        let x = Array2::from_shape_fn((200, 3), |(_, i)| rng.uniform(-1.0, 1.0) * [1.0, 10.0, 0.1][i] + i as f64);
        let law = |x: &Array2<f64>| {
            let y = |r: usize, o: usize| match o {
                0 => 2.0 * x[[r, 0]] - 0.3 * x[[r, 1]],
                1 => x[[r, 1]] + 5.0,
                _ => 7.0 * x[[r, 2]] + x[[r, 0]],
            };
            Array2::from_shape_fn((x.nrows(), 3), |(r, o)| y(r, o))
        };
        let y = law(&x);
        let methods = [
            Method::Net { penalty: 1e-6, l1_ratio: 0.0, difference: false },
            Method::Net { penalty: 1e-6, l1_ratio: 0.5, difference: true },
            Method::Pls { components: 3 },
        ];
        for method in methods {
            let error = (fit(method, &x, &y).unwrap().predict(&x) - &y).mapv(f64::abs);
            assert!(error.iter().all(|e| *e < 0.02), "{}", method.name());
        }
        let mean = fit(Method::Mean, &x, &y).unwrap();
        assert!((mean.predict(&x).row(0)[1] - y.column(1).mean().unwrap()).abs() < 1e-9);
    }
}
