//! The report: what came in, what was aimed for, what was done and why, what came out, and what was not reached.
//!
//! `Song, Target, Plan, Master ─ Report::new ─▶ Report ─▶ text (terminal) · markdown · html (with pictures) · json (with a schema)`
//!
//! A report is plain data and computes no audio; codes become words in [`wording`] only.

mod again;
mod build;
pub mod comparison;
mod figures;
pub mod files;
pub mod genres;
pub mod html;
pub mod json;
pub mod markdown;
pub mod plans;
pub mod registry;
mod rows;
mod table;
pub mod text;
pub mod wording;
pub mod words;

pub use build::Outcome;
pub use comparison::Comparison;
pub use rows::{Dimension, Row};

use crate::analysis::{Analysis, Trace};
use crate::audio::AudioWarning;
use crate::audio::decode::SourceInfo;
use crate::chain::StageMeter;
use crate::genre::{Genre, GenreWeights};
use crate::job::Song;
use crate::plan::{ClampRule, Concession, Decision, Delivery, Entry};
use crate::render::Promise;
use crate::target::Target;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the report: raised whenever a field is removed or changes its meaning.
pub const REPORT_VERSION: u32 = 1;

/// Everything there is to say about one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this format.
    pub schema_version: u32,
    /// Program and version that made it.
    pub program: String,
    /// The mix.
    pub mix: Source,
    /// The references; none where a plan was rendered.
    pub references: Vec<Source>,
    /// What the references ask for; none where a plan was rendered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Share of each difference that was to be taken over.
    pub asked: Asked,
    /// What was proposed.
    pub plan: PlanReport,
    /// What came out; none after a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub master: Option<MasterReport>,
    /// Every feature: before, after, aim.
    pub rows: Vec<Row>,
    /// What was aimed for and not reached.
    pub not_reached: Vec<Shortfall>,
}

/// A file that was read, and what it measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The file as it was given.
    pub file: String,
    /// What the file says of itself.
    pub info: SourceInfo,
    /// What was odd about the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<AudioWarning>,
    /// What was measured.
    pub analysis: Analysis,
    /// The genres that were recognised in it, largest share first; none where that was not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<GenreShare>,
    /// The file over time.
    #[serde(default)]
    pub trace: Trace,
}

impl From<&Song> for Source {
    fn from(song: &Song) -> Self {
        Self {
            file: song.path.display().to_string(),
            info: song.info.clone(),
            warnings: song.warnings.clone(),
            analysis: song.analysis.clone(),
            genres: Vec::new(),
            trace: song.timeline.trace(),
        }
    }
}

impl Source {
    /// The file with the genres that were recognised in it.
    pub fn recognised(self, genres: &GenreWeights) -> Self {
        let genres = genres.ranked().into_iter().map(|(genre, share)| GenreShare { genre, share }).collect();
        Self { genres, ..self }
    }
}

/// A genre and its share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenreShare {
    /// The genre.
    pub genre: Genre,
    /// Its share, 0 to 1; the shares of all genres add up to 1.
    pub share: f64,
}

/// Share of each difference that was to be taken over, 0 (leave it) to 1 (all of it).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// Of the difference in tone.
    pub tone: f64,
    /// Of the difference in loudness.
    pub loudness: f64,
    /// Of the difference in dynamics.
    pub dynamics: f64,
    /// Of the difference in width.
    pub width: f64,
}

impl Default for Asked {
    fn default() -> Self {
        Self { tone: 1.0, loudness: 1.0, dynamics: 1.0, width: 1.0 }
    }
}

/// The plan, as far as a reader wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanReport {
    /// File format and promises.
    pub delivery: Delivery,
    /// Every setting that differs from neutral, in the order of the chain.
    pub settings: Vec<Setting>,
    /// The moves and their reasons, in the order of the chain.
    pub decisions: Vec<Decision>,
    /// What was aimed for and deliberately left.
    pub concessions: Vec<Concession>,
    /// What a person noted about a setting, by its id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
    /// How the plan came to be what it is, the oldest step first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Entry>,
}

/// A setting of the chain that differs from neutral.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// Id in the parameter registry.
    pub param: String,
    /// The value in the registry's coding: switches 0 or 1, choices their index.
    pub value: f64,
    /// The value for a person, with its unit.
    pub text: String,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MasterReport {
    /// The file as it was given.
    pub file: String,
    /// What the written file measures.
    pub analysis: Analysis,
    /// The file over time.
    #[serde(default)]
    pub trace: Trace,
    /// Drive into the limiter after loudness converged, in dB.
    pub drive_db: f64,
    /// What each acting stage did.
    pub stages: Vec<StageReport>,
    /// What was promised and what the file has.
    pub promises: Vec<Promise>,
    /// What was odd about writing it: tags left out, samples clipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<AudioWarning>,
}

/// What a stage did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageReport {
    /// Name of the stage, as in parameter ids.
    pub stage: String,
    /// Its gains over time.
    pub meter: StageMeter,
}

/// Something aimed for and not reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shortfall {
    /// Id in the feature table.
    pub feature: String,
    /// What was aimed for.
    pub wanted: f64,
    /// What the master has; before a render, what the plan settles for.
    pub reached: f64,
    /// Why it was left, where that was on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<ClampRule>,
}
