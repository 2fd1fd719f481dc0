//! What can go wrong with a file: which one, what is wrong, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

/// A fault of a file. The text names the file, the fault and a remedy; positions are in seconds from the start.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    /// There is no file of that name.
    #[error("{}: no such file; check the path", path.display())]
    NotFound {
        /// The missing file.
        path: PathBuf,
    },
    /// No permission, disk full, a device that fails.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bytes are not audio at all.
    #[error("{}: not audio: {looks_like}; give a WAV, AIFF, FLAC, ALAC, MP3, AAC, Ogg Vorbis, Opus, CAF or MKA file", path.display())]
    NotAudio {
        /// The file.
        path: PathBuf,
        /// What it looks like instead.
        looks_like: &'static str,
    },
    /// Audio, in a format or codec that is not decoded here.
    #[error("{}: {what} is not supported; convert it to WAV or FLAC first", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The format, codec or feature.
        what: String,
    },
    /// More than two channels.
    #[error("{}: {channels} channels; only mono and stereo are mastered: mix it down to stereo first", path.display())]
    TooManyChannels {
        /// The file.
        path: PathBuf,
        /// How many channels it has.
        channels: u32,
    },
    /// A sample rate outside 8 to 384 kHz.
    #[error("{}: sample rate {rate_hz} Hz; supported are 8000 to 384000 Hz: convert it first", path.display())]
    RateOutOfRange {
        /// The file.
        path: PathBuf,
        /// Its sample rate in Hz.
        rate_hz: u32,
    },
    /// The file ends before its header says that it does.
    #[error("{}: truncated at {at_s:.3} s{}; export or download it again", path.display(), of_declared(*declared_s))]
    Truncated {
        /// The file.
        path: PathBuf,
        /// How much of it there is, in seconds.
        at_s: f64,
        /// How much the header promises, in seconds, where it does.
        declared_s: Option<f64>,
    },
    /// The bytes contradict the format.
    #[error("{}: corrupt at {at_s:.3} s: {what}; export or download it again", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where, in seconds; 0 in the header.
        at_s: f64,
        /// What is wrong.
        what: String,
    },
    /// A sample is NaN or infinite.
    #[error("{}: a sample that is not a finite number at {at_s:.6} s in channel {channel}; export the mix again", path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// Where the first one is, in seconds.
        at_s: f64,
        /// Channel, counted from 1.
        channel: usize,
    },
    /// The file was written to between its opening and its end.
    #[error("{}: changed while it was read; wait until it is written, then start again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A pipe, a socket or a device: a file is read more than once and from any place.
    #[error("{}: a pipe or a device, not a file; write the sound to a file first", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// A proper file of no frames.
    #[error("{}: contains no audio; export the mix again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file to be written exists and may not be replaced.
    #[error("{}: exists already; choose another name or allow overwriting", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another process of this program works in the folder.
    #[error("{}: another automaster works in this folder; wait until it has ended, or choose another folder", path.display())]
    FolderInUse {
        /// The folder.
        path: PathBuf,
    },
    /// The container does not hold what was asked of it.
    #[error("{}: cannot write {what}", path.display())]
    CannotWrite {
        /// The file to be written.
        path: PathBuf,
        /// What cannot be written, and what can.
        what: String,
    },
    /// Tags or cover could not be written.
    #[error("{}: tags could not be written: {what}; take the tags or the cover out of the file they come from, then start again", path.display())]
    Tags {
        /// The file.
        path: PathBuf,
        /// What the tag writer says.
        what: String,
    },
    /// The temporary file of a long job failed.
    #[error("temporary file in {}: {source}; free some space or point TMPDIR elsewhere", std::env::temp_dir().display())]
    Spill {
        /// What the system says.
        source: io::Error,
    },
}

impl AudioError {
    /// Wraps what the system said about `path`; a missing file has its own variant.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path: path.to_owned() },
            _ => Self::Io { path: path.to_owned(), source },
        }
    }

    /// A fault of the bytes at `at_s` seconds.
    pub(crate) fn corrupt(path: &Path, at_s: f64, what: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), at_s, what: what.into() }
    }

    /// A format, codec or feature that is not decoded.
    pub(crate) fn unsupported(path: &Path, what: impl Into<String>) -> Self {
        Self::Unsupported { path: path.to_owned(), what: what.into() }
    }
}

fn of_declared(declared_s: Option<f64>) -> String {
    declared_s.map_or_else(String::new, |seconds| format!(" of {seconds:.3} s"))
}
