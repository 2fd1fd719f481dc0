//! What has been made: every file is written under a temporary name, noted, and then given its own, so that a run that was stopped
//! at any moment leaves whole files only, and the next one goes on from there.
//!
//! `OUT/.album/` holds the notes, what was heard and planned (so that it need not be heard again), and, while a run works, its
//! temporary files.

use crate::audio::AudioError;
use crate::audio::workshop::Workshop;
use crate::deliver::{make_folder, open_workshop};
use crate::error::Error;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Folder of the notes.
const OWN: &str = ".album";
/// The notes on what was made.
const NOTES: &str = "notes.json";
/// Version of what is made and kept; another one makes everything again.
const VERSION: u32 = 3;

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

impl Made {
    /// Whether a file is as this program has put it there.
    fn is_at(&self, path: &Path) -> bool {
        path.is_file() && sha256(path).is_ok_and(|sha| self.sha256.contains(&sha))
    }
}

/// An album's folder.
pub(super) struct Record {
    folder: PathBuf,
    workshop: Workshop,
    notes: Notes,
    overwrite: bool,
    /// The names that this run uses.
    claimed: BTreeSet<String>,
}

impl Record {
    /// Opens or creates the folder, and sweeps what a killed run has left. Errors: not writable; another process works in it; the notes are
    /// unreadable.
    pub(super) fn open(folder: &Path, overwrite: bool) -> Result<Self, Error> {
        let own = folder.join(OWN);
        make_folder(folder)?;
        make_folder(&own)?;
        let workshop = open_workshop(&own, "making")?;
        let file = own.join(NOTES);
        let notes = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| io_error(&file, io::Error::new(io::ErrorKind::InvalidData, error)))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Notes { version: VERSION, ..Notes::default() },
            Err(source) => return Err(io_error(&file, source)),
        };
        Ok(Self { folder: folder.to_owned(), workshop, notes, overwrite, claimed: BTreeSet::new() })
    }

    /// The album's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path in the album's folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether files in the way that this program has not made may be replaced.
    pub(super) fn overwrite(&self) -> bool {
        self.overwrite
    }

    /// A place for a temporary file.
    pub(super) fn making(&self, name: &str) -> PathBuf {
        self.workshop.path(name)
    }

    /// A name that this run uses, whoever has made the file.
    pub(super) fn claim(&mut self, name: &str) {
        self.claimed.insert(name.to_owned());
    }

    /// Whether the file that this run uses is there as it was made from `key`. Errors: it cannot be read.
    pub(super) fn is_there(&mut self, name: &str, key: &str) -> Result<bool, Error> {
        self.claim(name);
        let Some(made) = self.notes.files.get(name).filter(|made| made.key == key) else { return Ok(false) };
        let path = self.path(name);
        Ok(path.is_file() && Some(&sha256(&path)?) == made.sha256.last())
    }

    /// Whether this program has put a file under a name, and one is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.notes.files.contains_key(name) && self.path(name).is_file()
    }

    /// Files that earlier runs have made in the folders that this one fills, that nobody has changed, and that it does not use.
    pub(super) fn left_over(&self) -> Vec<String> {
        let filled: BTreeSet<&str> = self.claimed.iter().map(|name| folder_of(name)).collect();
        let is_old = |(name, made): &(&String, &Made)| {
            !self.claimed.contains(*name) && filled.contains(folder_of(name)) && made.is_at(&self.path(name))
        };
        self.notes.files.iter().filter(is_old).map(|(name, _)| name.clone()).collect()
    }

    /// Whether a name is free, or holds what this program has put there. Errors: somebody's file is in the way.
    pub(super) fn check_free(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        if self.overwrite || path.symlink_metadata().is_err() {
            return Ok(());
        }
        let ours = self.notes.files.get(name).is_some_and(|made| made.is_at(&path));
        if ours { Ok(()) } else { Err(AudioError::Exists { path }.into()) }
    }

    /// Gives a finished temporary file its name. Errors: somebody's file is in the way; the disk.
    pub(super) fn put(&mut self, name: &str, key: &str, temporary: &Path) -> Result<(), Error> {
        self.check_free(name)?;
        let target = self.path(name);
        if let Some(folder) = target.parent() {
            make_folder(folder)?;
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
        self.replace(&self.folder.join(OWN).join(NOTES), &bytes)
    }

    fn replace(&self, target: &Path, bytes: &[u8]) -> Result<(), Error> {
        let temporary = self.making("note");
        std::fs::write(&temporary, bytes).map_err(|source| io_error(&temporary, source))?;
        std::fs::rename(&temporary, target).map_err(|source| io_error(target, source))
    }
}

/// Names of the files right in a folder that an album has put there and nobody has changed; none where no album was made in it.
pub(super) fn made_in(folder: &Path) -> BTreeSet<String> {
    let bytes = std::fs::read(folder.join(OWN).join(NOTES)).unwrap_or_default();
    let notes: Notes = serde_json::from_slice(&bytes).unwrap_or_default();
    let ours = |(name, made): &(String, Made)| folder_of(name).is_empty() && made.is_at(&folder.join(name));
    notes.files.into_iter().filter(ours).map(|(name, _)| name).collect()
}

/// The folder that a name is in, below the album's.
fn folder_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_used_is_told_and_never_taken_for_somebodys_or_the_other_way_round() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut record = Record::open(folder.path(), false).unwrap();
        for name in ["01 - Old.wav", "02 - Changed.wav", "03 - Gone.wav", "04 - Same.wav", "plans/01.toml", "cd/disc.wav"] {
            record.text(name, name).unwrap();
        }
        assert!(record.left_over().is_empty(), "this run has made them");
        drop(record);
        std::fs::write(at("02 - Changed.wav"), "mine").unwrap();
        std::fs::write(at("my mix.wav"), "mine").unwrap();
        std::fs::remove_file(at("03 - Gone.wav")).unwrap();

        let mut record = Record::open(folder.path(), false).unwrap();
        assert_eq!(["01 - Old.wav", "03 - Gone.wav", "my mix.wav"].map(|name| record.has(name)), [true, false, false]);
        record.text("04 - Same.wav", "04 - Same.wav").unwrap();
        // No disc is made this time: whether the old one is still right is not known.
        assert_eq!(record.left_over(), ["01 - Old.wav"]);
        record.claim("plans/02.toml");
        assert_eq!(record.left_over(), ["01 - Old.wav", "plans/01.toml"]);
        record.claim("01 - Old.wav");
        assert_eq!(record.left_over(), ["plans/01.toml"]);
        drop(record);
        let ours: Vec<String> = made_in(folder.path()).into_iter().collect();
        assert_eq!(ours, ["01 - Old.wav", "04 - Same.wav"]);
        assert!(made_in(&at("plans")).is_empty());
    }

    #[test]
    fn a_folder_that_cannot_be_is_usage() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        for path in [file.clone(), file.join("out")] {
            let Err(error) = Record::open(&path, true) else { panic!("{} was opened", path.display()) };
            assert_eq!(error.exit_code(), crate::error::exit::USAGE, "{error}");
        }
    }
}
