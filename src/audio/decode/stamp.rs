//! Opening a file that stays: what can be read more than once, and what it looked like, to see whether it is still the same.

use crate::audio::AudioError;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// What a file looked like on opening.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// Opens what can be read from any place and more than once: no folder, no pipe, no device.
pub(super) fn open_file(path: &Path) -> Result<(File, Stamp), AudioError> {
    let io = |source| AudioError::io(path, source);
    // Before opening: a pipe without a writer would keep us waiting for ever.
    let metadata = path.metadata().map_err(io)?;
    if metadata.is_dir() {
        return Err(io(io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return Err(AudioError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(io)?;
    let stamp = Stamp::of(&file.metadata().map_err(io)?);
    Ok((file, stamp))
}
