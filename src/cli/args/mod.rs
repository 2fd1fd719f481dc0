//! Commands and their options. The documentation here is the help, the manual and `docs/cli.md`.

mod files;
mod many;
mod plans;

pub(crate) use files::{AnalyzeArgs, CheckArgs, CompareArgs, DeliverArgs, LearnArgs};
pub(crate) use many::{AlbumArgs, BatchArgs, BatchCommand, SummaryArgs};
#[cfg(feature = "review")]
pub(crate) use plans::ReviewArgs;
pub(crate) use plans::{RenderArgs, ReviseArgs, SuggestArgs};

use super::delivery::DeliveryArgs;
use super::genre::GenreArg;
use super::output::OutputArgs;
use super::references::ReferenceArg;
use super::sound::SoundArgs;
use automaster::error::exit;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Masters a finished mix, to a reference or to its genre: every move explained, every promise measured on the written file.
///
/// automaster MIX --ref REFERENCE listens to both, proposes a setting for every stage of one mastering chain, renders,
/// measures the written file and says what it reached and what it did not. Without a reference the mix's genres, given or
/// recognised, say what a master of it would measure.
#[derive(Debug, Parser)]
#[command(
    name = "automaster",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    arg_required_else_help = true,
    max_term_width = 110,
    after_help = "Examples and exit codes: --help",
    after_long_help = after_help()
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) master: MasterArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

const EXAMPLES: &str = "\
Examples:
  automaster mix.wav
  automaster mix.wav --genre metal:2,rock
  automaster mix.wav --ref favorite.flac
  automaster mix.wav --ref a.flac:2 --ref b.flac --for spotify -o 'masters/{stem}.flac'
  automaster mix.wav --ref favorite.flac --match tone,loudness --amount 70
  automaster suggest mix.wav --ref favorite.flac -o plan.toml
  automaster render mix.wav --plan plan.toml -o master.wav
  automaster check mix.wav --notes mixnotes.md
  automaster album mixes/ --ref favorite.flac --deliver cd -o release/
  automaster batch 'mixes/*.wav' --ref favorite.flac -o masters/{stem}.flac
  automaster deliver master.wav --for spotify,cd,archive -o release/

Exit codes:
";

/// Examples and exit codes.
fn after_help() -> String {
    let codes = exit::TABLE.iter().map(|(code, meaning)| format!("  {code:<4} {meaning}\n"));
    codes.fold(EXAMPLES.to_owned(), |text, line| text + &line)
}

/// What is not mastering itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Propose a plan and write it, to be read, changed and rendered
    Suggest(Box<SuggestArgs>),
    /// Render a plan
    Render(RenderArgs),
    /// Change a plan by words: "a bit brighter, less bass, 1 dB quieter"
    Revise(ReviseArgs),
    /// Hear, see and change what is proposed, on a page of this machine; then render
    #[cfg(feature = "review")]
    Review(Box<ReviewArgs>),
    /// Master an album: tracks drawn together, joined as they should be, written as a release
    Album(Box<AlbumArgs>),
    /// Master many mixes: a manifest or names in, one job a row, a line of results for each; resumable
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Batch(Box<BatchArgs>),
    /// Make the files that platforms, plants and archives accept from a finished master
    Deliver(DeliverArgs),
    /// Say whether a mix is ready to be mastered, and what to mend in it
    Check(CheckArgs),
    /// Measure files
    Analyze(AnalyzeArgs),
    /// Measure two files side by side; or show in what two plans or reports differ
    Compare(CompareArgs),
    /// Learn a sound profile from a folder of masters that you like
    Learn(LearnArgs),
    /// List the genres and what is known of each
    Genres,
    /// List every parameter of the chain
    Params(TableArgs),
    /// List every figure that is measured
    Features(TableArgs),
    /// List what `check` looks for, from where on, and why
    Checks(TableArgs),
    /// List the words that `revise` understands
    Words(TableArgs),
    /// Print the JSON schema of the report
    ReportSchema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man(ManArgs),
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct CommonArgs {
    /// Print nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Program")]
    pub(crate) quiet: bool,
    /// Tell more: every move, every figure, and the time of each step
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Program")]
    pub(crate) verbose: u8,
    /// Print the result as JSON on standard output
    #[arg(long, global = true, help_heading = "Program")]
    pub(crate) json: bool,
    /// Threads to use: one works alone, more let each stage have its own; the result is the same [default: one a core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Program")]
    pub(crate) threads: Option<u16>,
}

/// Master a mix.
#[derive(Debug, Args)]
pub(crate) struct MasterArgs {
    /// The mix: WAV, AIFF, FLAC, ALAC, MP3, AAC, Ogg Vorbis, Opus; mono or stereo
    #[arg(value_name = "MIX", required = true)]
    pub(crate) mix: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Propose and print, write nothing
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
}

/// What is asked of a master, the same in every command that makes or proposes one.
#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    #[command(flatten)]
    pub(crate) aims: AimArgs,
    #[command(flatten)]
    pub(crate) sound: SoundArgs,
    #[command(flatten)]
    pub(crate) delivery: DeliveryArgs,
}

/// What the master should sound like.
#[derive(Debug, Args)]
pub(crate) struct AimArgs {
    /// A record that the master should sound like; with several, :WEIGHT sets the share of each
    #[arg(long = "ref", value_name = "FILE[:WEIGHT]", value_parser = super::references::parser(), help_heading = "Sound")]
    pub(crate) references: Vec<ReferenceArg>,
    /// What kind of music it is; several blend by their weights [default: recognised, where no reference is given]
    #[arg(long = "genre", value_name = "GENRE[:WEIGHT],…", value_parser = super::genre::parse, value_delimiter = ',', help_heading = "Sound")]
    pub(crate) genres: Vec<GenreArg>,
    /// A profile that `automaster learn` made, by name or file, instead of genres
    #[arg(long, value_name = "PROFILE", conflicts_with = "genres", help_heading = "Sound")]
    pub(crate) profile: Option<PathBuf>,
}

/// Options of `params` and `features`.
#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    /// As a Markdown page
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
}

/// Options of `man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// As a Markdown page instead of roff
    #[arg(long)]
    pub(crate) markdown: bool,
}
