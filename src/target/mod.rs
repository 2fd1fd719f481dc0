//! What the master should be: an analysis to come close to.
//!
//! `references ─ analyze ─▶ blend by weight ─▶ Target`; the tolerance of each figure is in the feature table.

mod blend;

pub mod delivery;

use crate::analysis::Analysis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The aim: figures of the master, blended from one or more references.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The figures to come close to.
    pub value: Analysis,
    /// Where they come from.
    pub references: Vec<ReferenceUse>,
    /// Whether the references say anything about the stereo image: a mono reference does not.
    pub has_image: bool,
}

/// A reference and its share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceUse {
    /// File as it was given.
    pub file: String,
    /// Share in the blend, 0 to 1; all shares add up to 1.
    pub weight: f64,
}
