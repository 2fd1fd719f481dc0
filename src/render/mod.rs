//! Rendering: the mix through the chain into a file that keeps its promises.
//!
//! `mix ─ stages before the limiter ─ resample ─▶ spill ─ probe: which drive gives the loudness? ─▶ limiter ─ dither ─
//! encode ─▶ file ─ decode, measure ─▶ promises checked ─▶ the file gets its name`

mod deliver;
mod drive;
mod driven;
mod edges;
mod excerpt;
mod fade;
mod line;
mod master;
#[cfg(test)]
mod master_tests;
mod preview;
mod search;
mod stream;

pub use driven::{Driven, driven};
pub use excerpt::{Audition, Excerpts};
pub use fade::{Curve, Fade};
pub use master::{render, render_faded};
pub use preview::{Heard, Preview, section_lufs};

use crate::analysis::{Analysis, Trace};
use crate::audio::AudioWarning;
use crate::chain::{Stage, StageMeter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Frames handled at once: of stereo 256 KiB of f32, which stays in a core's second cache; a thread is woken for each.
pub const BLOCK_FRAMES: usize = 32768;

/// A master that was written, measured on its own samples.
#[derive(Clone, Debug)]
pub struct Master {
    /// The file.
    pub path: PathBuf,
    /// What the file measures.
    pub analysis: Analysis,
    /// The file over time.
    pub trace: Trace,
    /// What each acting stage did.
    pub meters: Vec<(Stage, StageMeter)>,
    /// What was promised and what the file has.
    pub promises: Vec<Promise>,
    /// Drive into the limiter after loudness converged.
    pub drive_db: f64,
    /// What was odd about writing it: tags left out, samples clipped.
    pub warnings: Vec<AudioWarning>,
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
