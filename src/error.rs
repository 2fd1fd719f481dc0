//! What can go wrong in a job.

use crate::audio::AudioError;
use crate::params::ParamError;
use crate::plan::PlanError;
use std::path::PathBuf;

/// A fault that ends a job.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// A plan cannot be read.
    #[error("{}: {source}", path.display())]
    Plan {
        /// The plan file.
        path: PathBuf,
        /// What is wrong with it.
        source: PlanError,
    },
    /// A setting is unknown or out of range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The music cannot be mastered: silent, too short, not finite.
    #[error("{}: {what}", path.display())]
    Music {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// The written file does not keep what was promised.
    #[error("{}: promised {promised}, the written file has {reached}", path.display())]
    Promise {
        /// The master that was not delivered.
        path: PathBuf,
        /// What was promised, with its unit.
        promised: String,
        /// What was measured, with its unit.
        reached: String,
    },
    /// The job was told to stop.
    #[error("interrupted; nothing was written")]
    Interrupted,
}
