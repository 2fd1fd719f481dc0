//! What all commands share: how loud the program talks, how many threads it uses, and the hand on Ctrl-C.

use super::args::CommonArgs;
use super::failure::Failure;
use super::progress::Meter;
use super::terminal;
use automaster::chain::ChainSettings;
use automaster::error::exit;
use automaster::job::Progress;
use automaster::render::Master;
use automaster::report::text::Look;
use automaster::report::{Source, wording};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One run of the program.
pub(crate) struct Session {
    stop: Arc<AtomicBool>,
    quiet: bool,
    verbose: bool,
    /// Whether results go to standard output as JSON.
    pub(crate) json: bool,
    threads: usize,
}

impl Session {
    /// Takes the common options and catches Ctrl-C. Errors: the system refuses the handler.
    pub(crate) fn new(common: &CommonArgs) -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        let handler = move || {
            // The first time the job ends in order; the second time a person insists.
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(exit::INTERRUPTED));
            }
        };
        ctrlc::set_handler(handler).map_err(|error| Failure::unexpected(Path::new("Ctrl-C"), error))?;
        let cores = || std::thread::available_parallelism().map_or(1, |n| n.get());
        Ok(Self {
            stop,
            quiet: common.quiet,
            verbose: common.verbose > 0,
            json: common.json,
            threads: common.threads.map_or_else(cores, usize::from),
        })
    }

    /// Runs `work` with a progress display.
    pub(crate) fn work<T>(&self, work: impl FnOnce(&Progress) -> Result<T, automaster::error::Error>) -> Result<T, Failure> {
        let meter = Meter::new(self.quiet, self.verbose);
        let tell = |step, done| meter.tell(step, done);
        let progress = Progress { tell: &tell, stop: &self.stop, threads: self.threads };
        let result = work(&progress);
        meter.end();
        Ok(result?)
    }

    /// Whether only errors are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Whether more is to be told.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Set when the person has pressed Ctrl-C.
    pub(crate) fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Threads to use.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// How texts look; colours are stripped later where they are not wanted.
    pub(crate) fn look(&self) -> Look {
        Look { colour: true, verbose: self.verbose }
    }

    /// Prints a result: as JSON where that was asked for, else as text, unless the program is to be quiet.
    pub(crate) fn show(&self, result: &impl Serialize, text: impl FnOnce(Look) -> String) -> Result<(), Failure> {
        if self.json {
            return terminal::print(&automaster::report::json::pretty(result)?);
        }
        self.say(|| text(self.look()))
    }

    /// Prints a text, unless the program is to be quiet or speaks JSON.
    pub(crate) fn say(&self, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.quiet || self.json { Ok(()) } else { terminal::print(&text()) }
    }

    /// Warns of what was odd about files that were read.
    pub(crate) fn warn_of<'a>(&self, sources: impl IntoIterator<Item = &'a Source>) {
        for source in sources {
            source.warnings.iter().for_each(|warning| self.warn(&format!("{}: {warning}", source.file)));
        }
    }

    /// Warns of what was odd about writing a master.
    pub(crate) fn warn_master(&self, master: &Master) {
        master.warnings.iter().for_each(|warning| self.warn(&format!("{}: {warning}", master.path.display())));
    }

    /// Warns of settings for an image where the mix has one channel.
    pub(crate) fn warn_idle(&self, mix: &Path, channels: usize, chain: &ChainSettings) {
        wording::idle(mix.display(), channels, chain).iter().for_each(|line| self.warn(line));
    }

    /// Warns on standard error, unless the program is to be quiet.
    pub(crate) fn warn(&self, text: &str) {
        if !self.quiet {
            terminal::complain("warning", text);
        }
    }
}
