//! Options of the commands that take many songs.

use super::OrderArgs;
use crate::cli::output::{FormatArg, OutputArgs};
use crate::cli::sound::percent;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Options of `album`.
///
/// The sheet `album.toml` says what no option says: title, artist and upc of the album, gap_s (2), cohesion_percent; and for each
/// [[track]] file, title, artist, isrc, how it follows the one before (gap_s, gapless = true, crossfade_s or hidden_pause_s),
/// fade_in_s, fade_out_s, trim_start_s, trim_end_s, level_lu against the loudest track, and plan.
#[derive(Debug, Args)]
pub(crate) struct AlbumArgs {
    /// A folder of mixes in the order of their names, an album.toml, or the mixes in order
    #[arg(value_name = "TRACK", required = true)]
    pub(crate) tracks: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    /// How far tone and dynamics of the tracks are drawn toward the album's own centre, and soft mixes toward the loudest (by 3 LU at
    /// most) [default: the sheet's, or 50]
    #[arg(long, value_name = "0..100", value_parser = percent, help_heading = "Sound")]
    pub(crate) cohesion: Option<f64>,
    /// Make these of the masters too
    #[arg(long, value_name = "LIST", value_enum, value_delimiter = ',', help_heading = "Output")]
    pub(crate) deliver: Vec<crate::cli::album::ReleaseArg>,
    /// Propose an order from tempo, key, energy and loudness, with its reasons; master nothing
    #[arg(long, help_heading = "Output")]
    pub(crate) suggest_order: bool,
    /// The folder to fill; a second run finishes what is missing; --suggest-order can do without
    #[arg(short, long, value_name = "FOLDER", required_unless_present = "suggest_order", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// File format of the masters [default: that of the sheet's plans, or WAV]
    #[arg(long, value_enum, help_heading = "Output")]
    pub(crate) format: Option<FormatArg>,
    /// Replace files in the way that this program has not made
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
}

/// Options of `batch`.
#[derive(Debug, Args)]
pub(crate) struct BatchArgs {
    #[command(subcommand)]
    pub(crate) command: Option<BatchCommand>,
    /// A manifest, .jsonl, .csv or .toml (docs/batch.md); or mixes, or patterns such as 'mixes/*.wav'
    #[arg(value_name = "MANIFEST", required = true)]
    pub(crate) manifest: Vec<PathBuf>,
    /// Rows at once [default: one a core, as many as memory holds]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Batch")]
    pub(crate) jobs: Option<u16>,
    /// Do only every Nth row, beginning with the Ith from 0; N alone takes I from a job array of Slurm, Kubernetes or AWS Batch
    #[arg(long, value_name = "I/N", help_heading = "Batch")]
    pub(crate) shard: Option<String>,
    /// Where the results go [default: the manifest's name with .results.jsonl, beside it; batch.results.jsonl without one]
    #[arg(long, value_name = "FILE", help_heading = "Batch")]
    pub(crate) results: Option<PathBuf>,
    /// Know unchanged files by their content instead of size and time
    #[arg(long, help_heading = "Batch")]
    pub(crate) verify: bool,
    /// Memory that all rows together may take [default: 80 % of what is free]
    #[arg(long, value_name = "MB", help_heading = "Batch")]
    pub(crate) memory: Option<u64>,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// What else `batch` does.
#[derive(Debug, Subcommand)]
pub(crate) enum BatchCommand {
    /// Make one report of the results of all shares: failures, promises, outliers
    Summary(SummaryArgs),
}

/// Options of `batch summary`.
#[derive(Debug, Args)]
pub(crate) struct SummaryArgs {
    /// Results, as `batch` wrote them
    #[arg(value_name = "RESULTS", required = true)]
    pub(crate) results: Vec<PathBuf>,
    /// Write it to a file, .md or .json, instead of printing it
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
}
