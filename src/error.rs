//! What can go wrong in a job, and with which code the program then ends.

use crate::audio::AudioError;
use crate::audio::codec::CodecError;
use crate::inference::ModelError;
use crate::params::ParamError;
use crate::plan::PlanError;
use crate::target::genre::profile::ProfileError;
use std::io::ErrorKind;
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
    /// A model is missing, damaged, made for another version, or failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A lossy codec is not to be had, or failed.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The written file does not keep what was promised.
    #[error("{}: promised {promised}, the written file has {reached}", path.display())]
    Promise {
        /// The master that was not delivered.
        path: PathBuf,
        /// What was promised, with its unit.
        promised: String,
        /// What was measured, with its unit.
        reached: String,
        /// The integrated loudness that was measured, in LUFS, where it is under the one that was promised.
        softer_lufs: Option<f64>,
    },
    /// An album cannot be made as its sheet or its folder says.
    #[error("{}: {what}", path.display())]
    Album {
        /// The sheet, the folder or the track.
        path: PathBuf,
        /// What is wrong and what to do.
        what: String,
    },
    /// Something impossible is asked for; nothing was done.
    #[error("{what}")]
    Asked {
        /// What is wrong with it.
        what: String,
        /// What to do.
        hint: String,
    },
    /// A sound profile cannot be used.
    #[error("{}: {source}", path.display())]
    Profile {
        /// The profile.
        path: PathBuf,
        /// What is wrong with it.
        source: ProfileError,
    },
    /// The job was told to stop; it has written nothing.
    #[error("interrupted; nothing was written")]
    Interrupted,
    /// A job of several files was told to stop: what was finished stays, nothing is half-written.
    #[error("interrupted; {} keeps what is finished ({done}), and the same command goes on from there", folder.display())]
    Paused {
        /// Where it is.
        folder: PathBuf,
        /// How much is there, in words.
        done: String,
    },
}

/// Exit codes of the program.
pub mod exit {
    /// The master is written and keeps its promises.
    pub const DONE: u8 = 0;
    /// Something that should not happen: a full disk, a bug. `check`: the mix is not ready.
    pub const UNEXPECTED: u8 = 1;
    /// The command line asks for something impossible: an unknown option or setting, an output that exists or cannot
    /// be written, an output that is also an input. Nothing was done.
    pub const USAGE: u8 = 2;
    /// An input is missing, unreadable, not audio, damaged, silent, too short or not finite; a plan that cannot be read.
    /// `batch`: some rows failed, each with its own code in the results.
    pub const INPUT: u8 = 3;
    /// The written file did not keep what was promised of it and was not delivered.
    pub const PROMISE: u8 = 4;
    /// A model is missing or failed.
    pub const MODEL: u8 = 5;
    /// The job was interrupted; no half-written file is left behind. Of `album`, `deliver`, `batch`: what is finished stays.
    pub const INTERRUPTED: u8 = 130;

    /// Every code with its meaning, for the manual.
    pub const TABLE: [(u8, &str); 7] = [
        (DONE, "done; every promise is kept"),
        (UNEXPECTED, "unexpected: disk full, a bug; of check: the mix is not ready"),
        (USAGE, "usage: unknown option or setting; output exists, cannot be written, or is an input"),
        (INPUT, "bad input: missing, not audio, damaged, silent, too short; an unreadable plan; of batch: some rows failed"),
        (PROMISE, "a promise is not kept (true peak, loudness, length); no master is delivered"),
        (MODEL, "a model is missing or failed"),
        (
            INTERRUPTED,
            "interrupted; nothing half-written is left; album, deliver and batch keep what is finished and go on from it",
        ),
    ];
}

impl Error {
    /// Something impossible is asked for, and what to do instead.
    pub fn asked(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Asked { what: what.into(), hint: hint.into() }
    }

    /// What to do, where that is known apart from what is wrong.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Asked { hint, .. } => Some(hint),
            Self::Profile { .. } => Some("automaster learn FOLDER --name NAME --overwrite makes it anew"),
            _ => None,
        }
    }

    /// The exit code of the program that ends with this error; see [`exit`].
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Audio(error) => audio_code(error),
            Self::Plan { .. } | Self::Music { .. } | Self::Album { .. } => exit::INPUT,
            Self::Param(_) | Self::Asked { .. } => exit::USAGE,
            Self::Codec(CodecError::NotBuilt { .. } | CodecError::NoFfmpeg) => exit::USAGE,
            Self::Codec(_) => exit::UNEXPECTED,
            Self::Promise { .. } => exit::PROMISE,
            Self::Model(_) | Self::Profile { .. } => exit::MODEL,
            Self::Interrupted | Self::Paused { .. } => exit::INTERRUPTED,
        }
    }
}

/// A file that cannot be read is bad input; a name that cannot be written to is usage; a device that cannot take more is
/// neither.
fn audio_code(error: &AudioError) -> u8 {
    match error {
        AudioError::Exists { .. } | AudioError::FolderInUse { .. } | AudioError::CannotWrite { .. } => exit::USAGE,
        AudioError::Spill { .. } | AudioError::Tags { .. } => exit::UNEXPECTED,
        AudioError::Io { source, .. } => match source.kind() {
            ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::FileTooLarge
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::WriteZero => exit::UNEXPECTED,
            _ => exit::INPUT,
        },
        _ => exit::INPUT,
    }
}
