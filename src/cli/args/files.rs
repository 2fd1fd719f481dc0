//! Options of the commands that look at finished files, learn from them, or make others of them.

use automaster::target::delivery::Profile;
use clap::Args;
use std::path::PathBuf;

/// Options of `deliver`.
#[derive(Debug, Args)]
pub(crate) struct DeliverArgs {
    /// The master
    #[arg(value_name = "MASTER")]
    pub(crate) master: PathBuf,
    /// Where it goes; several by commas
    #[arg(long = "for", value_name = "PLACE,…", required = true, value_delimiter = ',', value_parser = super::super::delivery::all_places())]
    pub(crate) places: Vec<&'static Profile>,
    /// The folder to fill, one folder a place; a second run finishes what is missing
    #[arg(short, long, value_name = "FOLDER", help_heading = "Output")]
    pub(crate) output: PathBuf,
    /// Replace files in the way that no delivery has made
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The mix
    #[arg(value_name = "MIX")]
    pub(crate) mix: PathBuf,
    /// Write a letter to the mix engineer: .md or .html; {stem} is the mix's name
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) notes: Option<PathBuf>,
    /// Replace an existing letter
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
    /// End with code 1 for warnings too
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Options of `analyze`.
#[derive(Debug, Args)]
pub(crate) struct AnalyzeArgs {
    /// Files to measure
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Recognise the genres too
    #[arg(long)]
    pub(crate) genre: bool,
    /// Measure what a truncated file holds instead of refusing it
    #[arg(long, conflicts_with = "genre")]
    pub(crate) keep_truncated: bool,
}

/// Options of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// The first file, plan (.toml) or report (.json)
    #[arg(value_name = "A")]
    pub(crate) a: PathBuf,
    /// The second, of the same kind
    #[arg(value_name = "B")]
    pub(crate) b: PathBuf,
    /// Render both plans of this mix, and compare what their masters measure too; no master is kept
    #[arg(long, value_name = "MIX")]
    pub(crate) mix: Option<PathBuf>,
    /// Measure what a truncated file holds instead of refusing it
    #[arg(long, conflicts_with = "mix")]
    pub(crate) keep_truncated: bool,
}

/// Options of `learn`.
#[derive(Debug, Args)]
pub(crate) struct LearnArgs {
    /// A folder of masters
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// What to call the profile
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The file to write [default: profiles/NAME.toml in automaster's configuration folder]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Replace an existing profile
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
}
