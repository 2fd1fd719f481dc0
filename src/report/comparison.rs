//! Two files side by side, feature by feature.

use super::Source;
use super::rows::{Dimension, finite};
use crate::analysis::features;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Two files and every feature of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The first file.
    pub a: Source,
    /// The second file.
    pub b: Source,
    /// Every feature.
    pub rows: Vec<Difference>,
}

/// One feature of two files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Id in the feature table.
    pub feature: String,
    /// Symbol of the unit; empty for plain numbers.
    pub unit: String,
    /// What the feature speaks of.
    pub dimension: Dimension,
    /// Of the first file.
    pub a: f64,
    /// Of the second file.
    pub b: f64,
    /// Second minus first.
    pub difference: f64,
    /// Difference that a listener would not mind; none where nothing is to be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Whether the difference is within the tolerance.
    pub inside: bool,
}

impl Comparison {
    /// Compares two files.
    pub fn new(a: Source, b: Source) -> Self {
        let row = |f: &crate::analysis::Feature| {
            let (left, right) = (f.value(&a.analysis), f.value(&b.analysis));
            Difference {
                feature: f.id.clone(),
                unit: f.unit.symbol().to_owned(),
                dimension: Dimension::of(&f.id),
                a: left,
                b: right,
                difference: right - left,
                tolerance: finite(f.tolerance),
                inside: (right - left).abs() <= f.tolerance,
            }
        };
        let rows = features().iter().map(row).collect();
        Self { a, b, rows }
    }
}
