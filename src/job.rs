//! The public verbs: load, aim, suggest, render, report. Every face (program, page, Python) calls these and nothing below.
//!
//! `load(mix) → Song`, `load(reference) → Song`, `Target::blend → suggest → Plan → render → Master`.

use crate::analysis::{Analysis, Timeline};
use crate::audio::AudioBuffer;
use crate::audio::decode::SourceInfo;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::spill::Spill;
use crate::error::Error;
use crate::plan::Plan;
use crate::render::Master;
use crate::target::Target;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// What a job tells while it works, and how it is told to stop.
pub struct Progress<'a> {
    /// Called with (step, done 0 to 1), often.
    pub tell: &'a (dyn Fn(Step, f64) + Sync),
    /// Set by the caller to stop the job: it then ends with [`Error::Interrupted`] and leaves nothing behind.
    pub stop: &'a AtomicBool,
}

/// The steps of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Decoding and measuring the mix.
    ListenMix,
    /// Decoding and measuring the references.
    ListenReference,
    /// Proposing and refining settings.
    Propose,
    /// Rendering the master.
    Render,
    /// Measuring the written file.
    Verify,
}

/// A decoded and measured file.
pub struct Song {
    /// Where it came from.
    pub path: PathBuf,
    /// What the file says of itself.
    pub info: SourceInfo,
    /// The samples (of a mix; a reference keeps none).
    pub audio: Option<Spill>,
    /// What was measured, row by row.
    pub timeline: Timeline,
    /// What was measured, in figures.
    pub analysis: Analysis,
}

/// What a person asks for; the default asks for nothing but the reference's sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    /// Dimensions to match, each scaled from 0 to 1.
    pub tone: f64,
    /// Share of the loudness difference that is taken over.
    pub loudness: f64,
    /// Share of the difference in dynamics.
    pub dynamics: f64,
    /// Share of the difference in width.
    pub width: f64,
    /// Integrated loudness to deliver instead of the reference's.
    pub loudness_lufs: Option<f64>,
    /// True-peak ceiling.
    pub ceiling_dbtp: f64,
    /// PSR floor that loudness yields to; none: forced.
    pub psr_floor_lu: Option<f64>,
    /// File format.
    pub container: Container,
    /// Word length; none: the mix's, at least 24 bits.
    pub sample_format: Option<SampleFormat>,
    /// Dither.
    pub dither: Dither,
    /// Sample rate; none: the mix's.
    pub sample_rate_hz: Option<u32>,
    /// Settings that a person fixed: (registry id, value).
    pub fixed: Vec<(String, f64)>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            tone: 1.0,
            loudness: 1.0,
            dynamics: 1.0,
            width: 1.0,
            loudness_lufs: None,
            ceiling_dbtp: -1.0,
            psr_floor_lu: Some(6.0),
            container: Container::Wav,
            sample_format: None,
            dither: Dither::Tpdf,
            sample_rate_hz: None,
            fixed: Vec::new(),
        }
    }
}

/// Decodes and measures the mix, keeping its samples. Errors: unreadable, silent, shorter than 0.4 s, not finite.
pub fn load_mix(_path: &Path, _progress: &Progress) -> Result<Song, Error> {
    unimplemented!()
}

/// Decodes and measures a file without keeping its samples.
pub fn load_reference(_path: &Path, _progress: &Progress) -> Result<Song, Error> {
    unimplemented!()
}

/// Blends references by weight (any positive numbers) into one target.
pub fn aim(_references: &[(Song, f64)]) -> Target {
    unimplemented!()
}

/// Proposes a plan for this mix. Errors: a fixed setting that does not exist or is out of range; interrupted.
pub fn suggest(_mix: &Song, _target: &Target, _wishes: &Wishes, _progress: &Progress) -> Result<Plan, Error> {
    unimplemented!()
}

/// Renders a plan to `output` and checks its promises on the written file. Errors: not writable, exists and not
/// `overwrite`, a promise not kept (nothing is left), interrupted (nothing is left).
pub fn render(_mix: &Song, _plan: &Plan, _output: &Path, _overwrite: bool, _progress: &Progress) -> Result<Master, Error> {
    unimplemented!()
}

/// Renders rows of the mix through a plan's chain in memory, for auditions and tests.
pub fn render_excerpt(_mix: &Song, _plan: &Plan, _start_frame: u64, _frames: usize) -> Result<AudioBuffer, Error> {
    unimplemented!()
}
