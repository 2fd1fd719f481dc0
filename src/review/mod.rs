//! A page on this machine: hear mix, master and reference side by side, see why each setting is proposed, change it, hear
//! the change, and only then render.
//!
//! `browser ─ loopback, token ─▶ server ─▶ desk ─▶ job, render::Preview ─▶ sound and figures in one answer`
//!
//! The page holds the settings, the server holds the music: every request carries all settings, so that a second tab, a
//! reload and an undo need nothing of the server. A path never comes from the page; what may be written was named on
//! the command line.

mod desk;
mod ears;
mod guard;
mod marks;
mod prepare;
mod server;
mod settings;
mod wire;
mod work;

use crate::error::Error;
use crate::job::{Aims, Wishes};
use crate::plan::Plan;
use crate::report::Report;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

pub use server::Server;

/// Tells the person at the terminal what is odd.
pub type Warn = dyn Fn(&str) + Send + Sync;
/// Writes a small file. Errors: in words.
pub type WriteText = dyn Fn(&Path, &str) -> Result<(), String> + Send + Sync;
/// Writes the reports of a master. Errors: in words.
pub type WriteReports = dyn Fn(&Report) -> Result<(), String> + Send + Sync;

/// What is reviewed, and where results go.
pub struct Review {
    /// The mix.
    pub mix: PathBuf,
    /// What the master should sound like; where there is a plan, only what it is compared with.
    pub aims: Aims,
    /// What the person asked for.
    pub wishes: Wishes,
    /// Feedback in words that a proposal is to follow.
    pub instructions: Option<String>,
    /// A plan to begin with; without it one is proposed.
    pub plan: Option<Plan>,
    /// Where the master goes.
    pub output: PathBuf,
    /// Where the plan goes.
    pub plan_file: PathBuf,
    /// Whether an existing master may be replaced; what this session has written itself may always be.
    pub overwrite: bool,
    /// Threads to use.
    pub threads: usize,
    /// Tells what is odd about the files and the plan; the page tells it too.
    pub warn: Box<Warn>,
    /// Writes a small file whole or not at all. Errors: in words.
    pub write: Box<WriteText>,
    /// Writes the reports of a master. Errors: in words.
    pub write_reports: Box<WriteReports>,
}

/// What can keep the page from being served.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// No port on loopback.
    #[error("no port of this machine can be opened: {0}")]
    Port(String),
    /// The system gives no randomness for a token.
    #[error("the system gives no randomness: {0}")]
    Token(String),
    /// Mix or references cannot be read.
    #[error(transparent)]
    Job(#[from] Error),
}

/// Reads what a page sends to `path`, as the server does before it works on it. Errors: in words, what is wrong with it.
pub fn understand(path: &str, body: &[u8]) -> Result<(), String> {
    server::understand(path, body)
}

/// Serves until `stop` is set, the work fails, or the last page has been closed for a while. `opened` gets the address.
/// Errors: see [`ReviewError`].
pub fn serve(review: Review, stop: &AtomicBool, opened: impl FnOnce(&str)) -> Result<(), ReviewError> {
    let server = Server::start(review)?;
    opened(server.address());
    server.run(stop)
}
