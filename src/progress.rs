//! What a job tells while it works, and how it is told to stop.

use crate::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};

/// A job's ear and mouth.
#[derive(Clone, Copy)]
pub struct Progress<'a> {
    /// Called with (step, done 0 to 1), often, from any thread.
    pub tell: &'a (dyn Fn(Step, f64) + Sync),
    /// Set by the caller to stop the job: it then ends with [`Error::Interrupted`] or [`Error::Paused`]; nothing
    /// half-written is left.
    pub stop: &'a AtomicBool,
    /// How many threads the job may use; it never changes a sample.
    pub threads: usize,
}

impl Progress<'_> {
    /// Reports how far `step` is. Errors: [`Error::Interrupted`] when the job was told to stop.
    pub fn at(&self, step: Step, done: u64, total: u64) -> Result<(), Error> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        (self.tell)(step, (done as f64 / total.max(1) as f64).min(1.0));
        Ok(())
    }

    /// Says that piece `number` (from 1) of `of` begins: its steps start anew. Errors as [`Progress::at`].
    pub fn piece(&self, number: usize, of: usize) -> Result<(), Error> {
        self.at(Step::Piece { number, of }, 0, 1)
    }
}

/// The steps of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Decoding and measuring the mix.
    ListenMix,
    /// Decoding and measuring the references.
    ListenReference,
    /// Recognising the mix's genres.
    Recognise,
    /// Proposing and refining settings.
    Propose,
    /// Rendering the master.
    Render,
    /// Measuring the written file.
    Verify,
    /// One of several pieces of work begins, and its steps with it: a track of an album, a place of a delivery.
    Piece {
        /// Which, from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
}
