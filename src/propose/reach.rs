//! Reach: how far figures lie from those that the inverse chain model was fitted on.
//!
//! `figures ─ standard scores by the training data's mean and deviation ─ root mean square ─ over that of its farthest hundredth ─▶ distance`

use super::inverse::{INVERSE_VERSION, KNOWN_FIGURES};
use crate::inference::{ModelError, read};
use crate::target::portrait::PORTRAIT_VERSION;
use serde::Deserialize;

/// The training data in brief, as `training/fit.py` writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reach {
    /// Rows that it was made of.
    rows: usize,
    /// Mean of each input.
    mean: Vec<f64>,
    /// Standard deviation of each input; 0 where the input is always the same.
    deviation: Vec<f64>,
    /// Root mean square of the standard scores that one row in a hundred exceeds.
    edge: f64,
}

impl Reach {
    /// The reach of the model that ships. Errors: it is missing, damaged or of another version.
    pub(super) fn load() -> Result<Self, ModelError> {
        Self::parse(&read("inverse-reach", &[("inverse", INVERSE_VERSION), ("portrait", PORTRAIT_VERSION)])?)
    }

    fn parse(json: &[u8]) -> Result<Self, ModelError> {
        let content = |what: String| ModelError::Content { name: "inverse-reach".into(), what };
        let reach: Self = serde_json::from_slice(json).map_err(|error| content(error.to_string()))?;
        let whole = |values: &[f64]| values.len() == KNOWN_FIGURES && values.iter().all(|v| v.is_finite());
        if whole(&reach.mean) && whole(&reach.deviation) && reach.edge > 0.0 && reach.rows > 0 {
            Ok(reach)
        } else {
            Err(content("has the wrong size or holds a value that is not finite".into()))
        }
    }

    /// How far figures lie from the training data: 1 at its farthest hundredth, more is unlike it.
    pub(super) fn distance(&self, figures: &[f32]) -> f64 {
        let scores = figures.iter().zip(&self.mean).zip(&self.deviation).filter(|(_, deviation)| **deviation > 0.0);
        let squares: Vec<f64> =
            scores.map(|((figure, mean), deviation)| ((f64::from(*figure) - mean) / deviation).powi(2)).collect();
        (squares.iter().sum::<f64>() / squares.len().max(1) as f64).sqrt() / self.edge
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_deviations_and_damage_is_refused() {
        let json = |n: usize, edge: f64| {
            let deviation: Vec<f64> = (0..n).map(|i| if i == 0 { 0.0 } else { 2.0 }).collect();
            serde_json::json!({ "rows": 5, "mean": vec![1.0; n], "deviation": deviation, "edge": edge }).to_string()
        };
        let reach = Reach::parse(json(KNOWN_FIGURES, 2.0).as_bytes()).unwrap();
        assert_eq!(reach.distance(&[1.0; KNOWN_FIGURES]), 0.0);
        // Two deviations off in every figure that varies, at an edge of two.
        assert!((reach.distance(&[5.0; KNOWN_FIGURES]) - 1.0).abs() < 1e-12);
        assert!(matches!(Reach::parse(json(KNOWN_FIGURES - 1, 2.0).as_bytes()), Err(ModelError::Content { .. })));
        assert!(matches!(Reach::parse(json(KNOWN_FIGURES, 0.0).as_bytes()), Err(ModelError::Content { .. })));
        assert!(matches!(Reach::parse(b"{}"), Err(ModelError::Content { .. })));
    }
}
