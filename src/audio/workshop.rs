//! A folder's workshop: hidden in it, where files are made that bear no names yet. One process at a time has it; what a killed one has
//! left goes when the next one opens it.

use super::AudioError;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A workshop, and with it the folder; dropped, it goes with all that is still in it.
#[derive(Debug)]
pub(crate) struct Workshop {
    path: PathBuf,
    /// The folder that is locked: a lock (`flock`) goes with the process that holds it.
    _held: Option<File>,
}

/// How often a lock is tried, and how long after each other: a process that this one starts holds a copy of its locks for the moment
/// before it becomes another program, even of those that are given back meanwhile.
const TRIES: usize = 10;
const BETWEEN: Duration = Duration::from_millis(20);

fn lock(file: File) -> Result<File, TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN),
            other => return other.map(|()| file),
        }
    }
    file.try_lock().map(|()| file)
}

impl Workshop {
    /// Opens the workshop `name` in a folder that is there, empty. Errors: another process has the folder; not writable.
    pub(crate) fn open(folder: &Path, name: &str) -> Result<Self, AudioError> {
        let held = match File::open(folder).map(lock) {
            Ok(Ok(file)) => Some(file),
            Ok(Err(TryLockError::WouldBlock)) => return Err(AudioError::FolderInUse { path: folder.to_owned() }),
            // A file system without locks, or a system that opens no folders: nobody can be asked.
            Ok(Err(TryLockError::Error(_))) | Err(_) => None,
        };
        let path = folder.join(name);
        let empty = || -> io::Result<()> {
            match std::fs::remove_dir_all(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            std::fs::create_dir(&path)
        };
        empty().map_err(|source| AudioError::Io { path: path.clone(), source })?;
        Ok(Self { path, _held: held })
    }

    /// Where a file is made that has no name yet.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_has_it_and_begins_with_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let dead = folder.path().join(".making").join("half.wav");
        std::fs::create_dir(dead.parent().unwrap()).unwrap();
        std::fs::write(&dead, "x").unwrap();
        let workshop = Workshop::open(folder.path(), ".making").unwrap();
        assert!(!dead.exists() && !workshop.path("half.wav").exists());
        std::fs::write(workshop.path("mine.wav"), "x").unwrap();
        let refused = Workshop::open(folder.path(), ".making").unwrap_err();
        assert!(matches!(refused, AudioError::FolderInUse { .. }), "{refused}");
        assert!(workshop.path("mine.wav").exists());
        drop(workshop);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        drop(Workshop::open(folder.path(), ".making").unwrap());
    }
}
