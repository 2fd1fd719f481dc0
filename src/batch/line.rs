//! A line of results: what became of a row.

use super::identity::Known;
use crate::analysis::{Analysis, features};
use crate::render::Promise;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the line, and of what a row makes: another one makes every row again.
pub const LINE_VERSION: u32 = 2;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its files are made.
    Done,
    /// Its files were there already, made from the same input with the same settings by the same version.
    Skipped,
    /// It failed; `code` and `message` say why, and nothing of it is left.
    Failed,
}

/// A row's results, one line of JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Version of this format.
    pub schema_version: u32,
    /// Name of the row.
    pub id: String,
    /// Its place in the manifest, counted from 1.
    pub row: u64,
    /// How many rows the manifest has.
    pub rows: u64,
    /// What became of it.
    pub status: Status,
    /// Exit code that the program would have ended with for this row alone.
    pub code: u8,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Program and version.
    pub program: String,
    /// SHA-256 over the contents of the inputs, the settings and the version; empty where the inputs could not be read.
    pub key: String,
    /// What was read: the mix first, then the references.
    pub inputs: Vec<Known>,
    /// What was written: the master first, then the reports.
    pub outputs: Vec<Known>,
    /// What the master measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    /// Time that the row took, by the clock on the wall.
    pub seconds: f64,
    /// When the row ended, in milliseconds since 1970, by the clock of the machine that did it; 0 in lines of older programs.
    #[serde(default)]
    pub ended_unix_ms: u64,
    /// What was odd about its files, and settings that do nothing to this mix, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What a master measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figures {
    /// Length of the music.
    pub duration_s: f64,
    /// Integrated loudness of the written file.
    pub integrated_lufs: f64,
    /// Largest true peak of the written file.
    pub true_peak_dbtp: f64,
    /// What was promised, and what the file has.
    pub promises: Vec<Promise>,
    /// Figures of the whole file by their ids in the feature table; third octaves are in the report.
    pub features: BTreeMap<String, f64>,
}

impl Figures {
    /// The figures of a master.
    pub fn new(master: &Analysis, sample_rate_hz: u32, promises: Vec<Promise>) -> Self {
        let told = |id: &str| !id.starts_with("loud.") && !id.ends_with("_hz_dbfs") && !id.ends_with("duration_s");
        // Thousandths of any unit are finer than any ear, and keep a million lines small.
        let rounded = |value: f64| (value * 1e3).round() / 1e3;
        Self {
            duration_s: master.frames as f64 / f64::from(sample_rate_hz),
            integrated_lufs: master.loudness.integrated_lufs,
            true_peak_dbtp: master.loudness.true_peak_dbtp,
            promises,
            features: features()
                .iter()
                .filter(|feature| told(&feature.id))
                .map(|feature| (feature.id.clone(), rounded(feature.value(master))))
                .filter(|(_, value)| value.is_finite())
                .collect(),
        }
    }
}
