//! Rendering: the mix through the chain into a file that keeps its promises.

use crate::analysis::Analysis;
use crate::chain::{Stage, StageMeter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A master that was written, measured on its own samples.
#[derive(Clone, Debug)]
pub struct Master {
    /// The file.
    pub path: PathBuf,
    /// What the file measures.
    pub analysis: Analysis,
    /// What each acting stage did.
    pub meters: Vec<(Stage, StageMeter)>,
    /// What was promised and what the file has.
    pub promises: Vec<Promise>,
    /// Drive into the limiter after loudness converged.
    pub drive_db: f64,
}

/// A hard promise, checked on the written file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Promise {
    /// What is promised: `true_peak_dbtp`, `loudness_lufs`, `frames`.
    pub what: String,
    /// The promised value.
    pub promised: f64,
    /// What the written file has.
    pub reached: f64,
    /// How far off still keeps the promise.
    pub tolerance: f64,
    /// Whether it is kept.
    pub kept: bool,
}
