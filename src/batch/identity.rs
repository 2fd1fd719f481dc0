//! By what a file is known: the hash of its content, and what the system says of it, so that a second look is cheap.

use crate::audio::AudioError;
use crate::error::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// A file as it was when it was read or written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Known {
    /// Path or URL.
    pub file: String,
    /// Hash of its content.
    pub sha256: String,
    /// Size and time of change, or size and entity tag.
    #[serde(flatten)]
    pub stat: Stat,
}

/// What the system says of a file. A file whose stat is the same is taken to be the same, as `make` and `rsync` do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stat {
    /// Size.
    pub bytes: u64,
    /// Nanoseconds since 1970 of the last change; of an object its entity tag.
    pub stamp: String,
}

impl Stat {
    /// Of a file on this machine; none where there is none. Errors: the system will not tell.
    pub fn of(path: &Path) -> Result<Option<Self>, Error> {
        match std::fs::metadata(path) {
            Ok(metadata) => {
                let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                let stamp = modified.map_or_else(String::new, |time| time.as_nanos().to_string());
                Ok(Some(Self { bytes: metadata.len(), stamp }))
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(source) => Err(io_error(path, source)),
        }
    }
}

/// SHA-256 of a file on this machine. Errors: it cannot be read.
pub(super) fn sha256(path: &Path) -> Result<String, Error> {
    let read = || -> io::Result<String> {
        let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hex(&hash.finalize())),
                bytes => hash.update(&buffer[..bytes]),
            }
        }
    };
    read().map_err(|source| io_error(path, source))
}

/// SHA-256 of a text.
pub(super) fn sha256_of(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the system said about a path.
pub(super) fn io_error(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::NotFound => AudioError::NotFound { path: path.to_owned() }.into(),
        _ => AudioError::Io { path: path.to_owned(), source }.into(),
    }
}

/// What the system said where an output was to be made: a place that nobody may write to is a fault of what is asked, a full
/// disk is not.
pub(super) fn output_error(output: &Path, source: io::Error) -> Error {
    use io::ErrorKind::{AlreadyExists, InvalidFilename, IsADirectory, NotADirectory, PermissionDenied, ReadOnlyFilesystem};
    match source.kind() {
        AlreadyExists | InvalidFilename | IsADirectory | NotADirectory | PermissionDenied | ReadOnlyFilesystem => {
            let what = format!("here: {source}; allow writing in its folder, or choose another output");
            AudioError::CannotWrite { path: output.to_owned(), what }.into()
        }
        _ => io_error(output, source),
    }
}
