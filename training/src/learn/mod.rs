//! `automaster-learn`: from the train split to the models.
//!
//! `corpus ─ pairs ─▶ portraits of mixes and masters ─ targets ─▶ models/genre-targets.json`
//! `corpus ─ lessons ─▶ aims, and the settings that refinement ends at ─ fit.py ─▶ models/inverse.onnx`

mod lessons;
pub(crate) mod pairs;
mod regress;
mod selection;
mod targets;

pub(crate) use pairs::genre_of;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};

/// Teaches automaster from the train split.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to do.
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Un-masters records of the train split and writes the portraits of mixes and masters.
    Pairs(pairs::Arguments),
    /// Has refinement correct what rules propose for train music, for the inverse chain model.
    Lessons(lessons::Arguments),
    /// Fits the genre targets by linfa, cross-validated by artist.
    Targets(targets::Arguments),
}

/// Runs the program.
pub fn run() -> Result<()> {
    match Arguments::parse().task {
        Task::Pairs(arguments) => pairs::run(&arguments),
        Task::Lessons(arguments) => lessons::run(&arguments),
        Task::Targets(arguments) => targets::run(&arguments),
    }
}

/// The repository: paths are relative to it, wherever the program is called from.
fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("training/ has a parent")
}

/// The corpus folder: `$AUTOMASTER_CORPUS` or `.cache/corpus`.
fn corpus_folder() -> Result<PathBuf> {
    Ok(std::env::var_os("AUTOMASTER_CORPUS").map_or(root()?.join(".cache/corpus"), PathBuf::from))
}
