//! Options of the commands that make a plan, change it, show it and render it.

use super::super::output::OutputArgs;
use super::OrderArgs;
use clap::Args;
use std::path::PathBuf;

/// Options of `suggest`.
#[derive(Debug, Args)]
pub(crate) struct SuggestArgs {
    /// The mix
    #[arg(value_name = "MIX")]
    pub(crate) mix: PathBuf,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    /// The plan to write; {stem} is the mix's name [default: the mix's name with .plan.toml, beside it]
    #[arg(short, long, value_name = "PLAN", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Date or time to note in the plan's history; without it none is, and the same job writes the same plan
    #[arg(long, value_name = "TEXT", help_heading = "Output")]
    pub(crate) when: Option<String>,
    /// Replace an existing plan
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
    /// Print the plan summary, write nothing
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
}

/// Options of `render`.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// The mix
    #[arg(value_name = "MIX")]
    pub(crate) mix: PathBuf,
    /// The plan, as `automaster suggest` wrote it or as it was changed
    #[arg(long, value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Options of `revise`.
#[derive(Debug, Args)]
pub(crate) struct ReviseArgs {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// What should be different; `automaster words` lists what is understood
    #[arg(value_name = "WORDS", required = true)]
    pub(crate) words: Vec<String>,
    /// The plan to write [default: PLAN with .revised.toml]
    #[arg(short, long, value_name = "PLAN", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Date or time to note in the plan's history; without it none is, and the same job writes the same plan
    #[arg(long, value_name = "TEXT", help_heading = "Output")]
    pub(crate) when: Option<String>,
    /// Replace an existing plan
    #[arg(long, help_heading = "Output")]
    pub(crate) overwrite: bool,
    /// Print what would change, write nothing
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
}

/// Options of `review`.
#[cfg(feature = "review")]
#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// The mix
    #[arg(value_name = "MIX")]
    pub(crate) mix: PathBuf,
    /// A plan to begin with, which says what is done; without it one is proposed
    #[arg(long, value_name = "PLAN")]
    pub(crate) plan: Option<PathBuf>,
    /// Where the page saves the plan [default: the mix's name with .reviewed.plan.toml, beside it]
    #[arg(long, value_name = "PLAN", help_heading = "Output")]
    pub(crate) save_plan: Option<PathBuf>,
    /// Print the address and leave the browser closed
    #[arg(long, help_heading = "Output")]
    pub(crate) no_open: bool,
    #[command(flatten)]
    pub(crate) order: OrderArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}
