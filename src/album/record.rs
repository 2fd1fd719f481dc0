//! What has been made: every file is written under a temporary name, noted, and then given its own, so that a run that was stopped
//! at any moment leaves whole files only, and the next one goes on from there.
//!
//! `OUT/.album/` holds the notes, what was heard and planned (so that it need not be heard again), and, while a run works, its
//! temporary files.

use crate::audio::AudioError;
use crate::audio::workshop::Workshop;
use crate::error::Error;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Folder of the notes.
const OWN: &str = ".album";
/// Version of what is made and kept; another one makes everything again.
const VERSION: u32 = 1;

/// Notes on the files of an album.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Notes {
    version: u32,
    files: BTreeMap<String, Made>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Made {
    /// What it was made from.
    key: String,
    /// SHA-256 of what this program has put under the name, the newest last: a run may end between the note and the name.
    sha256: Vec<String>,
}

/// An album's folder.
pub(super) struct Record {
    folder: PathBuf,
    workshop: Workshop,
    notes: Notes,
    overwrite: bool,
}

impl Record {
    /// Opens or creates the folder, and sweeps what a killed run has left. Errors: not writable; another process works in it; the notes are
    /// unreadable.
    pub(super) fn open(folder: &Path, overwrite: bool) -> Result<Self, Error> {
        let own = folder.join(OWN);
        std::fs::create_dir_all(&own).map_err(|source| io_error(&own, source))?;
        let workshop = Workshop::open(&own, "making")?;
        let file = own.join("notes.json");
        let notes = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| io_error(&file, io::Error::new(io::ErrorKind::InvalidData, error)))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Notes { version: VERSION, ..Notes::default() },
            Err(source) => return Err(io_error(&file, source)),
        };
        Ok(Self { folder: folder.to_owned(), workshop, notes, overwrite })
    }

    /// The album's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path in the album's folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A place for a temporary file.
    pub(super) fn making(&self, name: &str) -> PathBuf {
        self.workshop.path(name)
    }

    /// Whether the file is there as it was made from `key`.
    pub(super) fn is_there(&self, name: &str, key: &str) -> Result<bool, Error> {
        let Some(made) = self.notes.files.get(name).filter(|made| made.key == key) else { return Ok(false) };
        let path = self.path(name);
        Ok(path.is_file() && Some(&sha256(&path)?) == made.sha256.last())
    }

    /// How many masters lie in the folder: sound files of this program, not those of a disc or of sides.
    pub(super) fn masters(&self) -> usize {
        let sound = |name: &&String| !name.contains('/') && (name.ends_with(".wav") || name.ends_with(".flac"));
        self.notes.files.keys().filter(sound).filter(|name| self.path(name).is_file()).count()
    }

    /// Whether a name is free, or holds what this program has put there. Errors: somebody's file is in the way.
    pub(super) fn check_free(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        if self.overwrite || path.symlink_metadata().is_err() {
            return Ok(());
        }
        let made = self.notes.files.get(name);
        let ours = path.is_file() && made.is_some_and(|made| sha256(&path).is_ok_and(|sha| made.sha256.contains(&sha)));
        if ours { Ok(()) } else { Err(AudioError::Exists { path }.into()) }
    }

    /// Gives a finished temporary file its name. Errors: somebody's file is in the way; the disk.
    pub(super) fn put(&mut self, name: &str, key: &str, temporary: &Path) -> Result<(), Error> {
        self.check_free(name)?;
        let target = self.path(name);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(|source| io_error(folder, source))?;
        }
        let made = self.notes.files.entry(name.to_owned()).or_default();
        made.key = key.to_owned();
        let before = made.sha256.pop();
        made.sha256 = before.into_iter().chain([sha256(temporary)?]).collect();
        self.save()?;
        std::fs::rename(temporary, &target).map_err(|source| io_error(&target, source))
    }

    /// Writes a text where it is not there already.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Result<(), Error> {
        self.bytes(name, text.as_bytes())
    }

    /// Writes any bytes where they are not there already.
    pub(super) fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let key = key(&[&hex(&Sha256::digest(bytes))]);
        if self.is_there(name, &key)? {
            return Ok(());
        }
        let temporary = self.making("text");
        std::fs::write(&temporary, bytes).map_err(|source| io_error(&temporary, source))?;
        self.put(name, &key, &temporary)
    }

    /// What an earlier run kept under a key; none where it is missing or from another version.
    pub(super) fn kept<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_slice(&std::fs::read(self.kept_path(key)).ok()?).ok()
    }

    /// Keeps something for the next run.
    pub(super) fn keep(&self, key: &str, value: &impl Serialize) -> Result<(), Error> {
        let bytes = serde_json::to_vec(value).unwrap_or_default();
        self.replace(&self.kept_path(key), &bytes)
    }

    fn kept_path(&self, key: &str) -> PathBuf {
        self.folder.join(OWN).join(format!("{key}.json"))
    }

    fn save(&self) -> Result<(), Error> {
        let bytes = serde_json::to_vec_pretty(&self.notes).unwrap_or_default();
        self.replace(&self.folder.join(OWN).join("notes.json"), &bytes)
    }

    fn replace(&self, target: &Path, bytes: &[u8]) -> Result<(), Error> {
        let temporary = self.making("note");
        std::fs::write(&temporary, bytes).map_err(|source| io_error(&temporary, source))?;
        std::fs::rename(&temporary, target).map_err(|source| io_error(target, source))
    }
}

/// A key of texts: their hash, with the versions of this room and of the program.
pub(super) fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{VERSION} {}", env!("CARGO_PKG_VERSION")));
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// SHA-256 of a file. Errors: it cannot be read.
pub(super) fn sha256(path: &Path) -> Result<String, Error> {
    let read = || -> io::Result<String> {
        let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
        loop {
            let bytes = file.read(&mut buffer)?;
            if bytes == 0 {
                return Ok(hex(&hash.finalize()));
            }
            hash.update(&buffer[..bytes]);
        }
    };
    read().map_err(|source| io_error(path, source))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the system said about a path.
pub(super) fn io_error(path: &Path, source: io::Error) -> Error {
    AudioError::Io { path: path.to_owned(), source }.into()
}
