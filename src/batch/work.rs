//! The folder in which a row is made: beside its master, with a lock that goes with the process and a receipt that outlives it.
//!
//! `lock ─ make files by number ─ receipt ─ give each its name ─ line in the results ─ remove the folder`. A process that dies
//! before the receipt leaves files that the next one throws away; one that dies after it leaves names to be given.

use super::identity::{Known, Stat, io_error, output_error, sha256, sha256_of};
use super::line::Line;
use super::store::{Store, is_url};
use crate::error::Error;
use crate::job::folder;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

const LOCK: &str = "lock";
const RECEIPT: &str = "receipt.json";
/// How the folder's name ends.
pub(super) const ENDING: &str = ".making";

/// A row's folder, held by this process.
#[derive(Debug)]
pub(super) struct Work {
    folder: PathBuf,
    _lock: File,
}

impl Work {
    /// The folder of the row that makes `master`: hidden beside it; for a URL in the temporary folder.
    fn folder_of(master: &Path) -> PathBuf {
        if is_url(master) {
            let name = &sha256_of(&master.to_string_lossy())[..16];
            return std::env::temp_dir().join(format!(".automaster-{name}{ENDING}"));
        }
        let name = master.file_name().unwrap_or_default().to_string_lossy();
        master.with_file_name(format!(".{name}{ENDING}"))
    }

    /// Takes the folder, creating it and those above it; none where another process holds it. Errors: not writable, which is
    /// usage, as it is of a single master.
    pub(super) fn open(master: &Path) -> Result<Option<Self>, Error> {
        let folder = Self::folder_of(master);
        // The folder of a URL's master is a temporary one, which nobody has named.
        let refused = |source| if is_url(master) { io_error(&folder, source) } else { output_error(master, source) };
        loop {
            std::fs::create_dir_all(&folder).map_err(refused)?;
            match Self::hold(&folder) {
                Ok(Some(work)) => return Ok(Some(work)),
                Ok(None) => return Ok(None),
                // Whoever held it has removed it in between.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(refused(source)),
            }
        }
    }

    /// Locks a folder that exists. Errors: it has vanished ([`ErrorKind::NotFound`]); the system refuses.
    fn hold(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(LOCK);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        match lock.try_lock() {
            Ok(()) if same_file(&lock, &path)? => Ok(Some(Self { folder: folder.to_owned(), _lock: lock })),
            Ok(()) => Err(ErrorKind::NotFound.into()),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// A path in the folder.
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The file that is to become the `number`th output.
    pub(super) fn file(&self, number: usize, output: &Path) -> PathBuf {
        self.folder.join(output_name(number, output))
    }

    /// The file to which the `number`th input is fetched.
    pub(super) fn fetched(&self, number: usize, input: &Path) -> PathBuf {
        self.folder.join(input_name(number, input))
    }

    /// A text about files of the folder of `master`, with the names that a person knows.
    pub(super) fn in_known_names(text: &str, master: &Path, inputs: &[&Path], outputs: &[&Path]) -> String {
        let folder = Self::folder_of(master);
        let input = |(number, place): (usize, &&Path)| (folder.join(input_name(number, place)), place.display().to_string());
        let output = |(number, place): (usize, &&Path)| (folder.join(output_name(number, place)), place.display().to_string());
        let names = inputs.iter().enumerate().map(input).chain(outputs.iter().enumerate().map(output));
        names.fold(text.to_owned(), |text, (file, place)| text.replace(&file.display().to_string(), &place))
    }

    /// Takes back a receipt: what it says is made is not what is asked for. Errors: the system refuses.
    pub(super) fn void(&self) -> Result<(), Error> {
        match std::fs::remove_file(self.path(RECEIPT)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(io_error(&self.folder, error)),
            _ => Ok(()),
        }
    }

    /// What an earlier process has finished in here.
    pub(super) fn receipt(&self) -> Option<Line> {
        serde_json::from_slice(&std::fs::read(self.path(RECEIPT)).ok()?).ok()
    }

    /// Throws away what an earlier process has left. Errors: the system refuses.
    pub(super) fn clear(&self) -> Result<(), Error> {
        self.clear_files().map_err(|source| io_error(&self.folder, source))
    }

    fn clear_files(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.folder)?.flatten().filter(|entry| entry.file_name() != LOCK) {
            std::fs::remove_file(entry.path())?;
        }
        Ok(())
    }

    /// Writes the receipt: from here on the row's files are whole. `outputs` are those of the destination, in order.
    /// Errors: the disk is full.
    pub(super) fn finish(&self, outputs: &[&Path], line: Line) -> Result<Line, Error> {
        let mut line = line;
        for (number, output) in outputs.iter().enumerate() {
            let file = self.file(number, output);
            File::open(&file).and_then(|file| file.sync_all()).map_err(|source| io_error(&file, source))?;
            let stat = Stat::of(&file)?.ok_or_else(|| io_error(&file, ErrorKind::NotFound.into()))?;
            line.outputs.push(Known { file: output.display().to_string(), sha256: sha256(&file)?, stat });
        }
        let written = || -> io::Result<()> {
            let text = serde_json::to_string(&line)?;
            let unfinished = self.path("receipt.part");
            let mut file = File::create(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(unfinished, self.path(RECEIPT))
        };
        written().map_err(|source| io_error(&self.path(RECEIPT), source))?;
        Ok(line)
    }

    /// Makes the folders of the outputs: where one cannot be, no work is done in vain. Errors: one cannot be made (usage).
    pub(super) fn make_folders(outputs: &[PathBuf]) -> Result<(), Error> {
        let mut local = outputs.iter().filter(|output| !is_url(output));
        local.try_for_each(|output| std::fs::create_dir_all(folder(output)).map_err(|source| output_error(output, source)))
    }

    /// Gives every output of a receipt its name, where it has not got it yet. False: one is neither here nor there, and the
    /// row has to be done again. Errors: the system or the store refuses.
    pub(super) fn deliver(&self, outputs: &[PathBuf], line: &mut Line, store: &Store) -> Result<bool, Error> {
        if outputs.len() != line.outputs.len() {
            return Ok(false);
        }
        for (number, (output, known)) in outputs.iter().zip(&mut line.outputs).enumerate() {
            let file = self.file(number, output);
            if is_url(output) {
                if !file.is_file() {
                    return Ok(false);
                }
                known.stat = store.send(&file, output)?;
            } else if file.is_file() {
                give_name(&file, output).map_err(|source| output_error(output, source))?;
            } else if Stat::of(output)?.as_ref() != Some(&known.stat) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The folder goes with its holder; a receipt that was not delivered stays, and with it the folder.
impl Drop for Work {
    fn drop(&mut self) {
        if std::thread::panicking() || self.path(RECEIPT).exists() {
            return;
        }
        // The lock goes last, so that nobody works in a folder that is being emptied; if somebody made a new one in between,
        // the folder is not empty, and stays.
        let _ = self.clear_files();
        let _ = std::fs::remove_file(self.path(LOCK));
        let _ = std::fs::remove_dir(&self.folder);
    }
}

impl Work {
    /// Ends the work: the line is in the results, the receipt is not needed any more.
    pub(super) fn end(self) -> Result<(), Error> {
        self.clear()
    }

    /// Removes what a process has left of a row that is done, where it died between the row's line and the end of its work. What another
    /// process holds stays. Errors: the system refuses.
    pub(super) fn tidy(master: &Path) -> Result<(), Error> {
        let folder = Self::folder_of(master);
        if !folder.is_dir() {
            return Ok(());
        }
        match Self::hold(&folder) {
            Ok(Some(work)) => work.end(),
            Ok(None) => Ok(()),
            // Whoever held it has removed it in between.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(source) => Err(io_error(&folder, source)),
        }
    }

    /// Removes what dead processes have left in `folder` for rows that are in no manifest any more. What has a receipt, and what is
    /// held, stays. Errors are nobody's: it is only tidying.
    pub(super) fn sweep(folder: &Path, ours: impl Fn(&Path) -> bool) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(master) = name.strip_prefix('.').and_then(|name| name.strip_suffix(ENDING)) else { continue };
            if !ours(&folder.join(master)) && entry.path().join(LOCK).is_file() {
                drop(Self::hold(&entry.path()));
            }
        }
    }
}

fn output_name(number: usize, output: &Path) -> String {
    format!("{number}.{}", output.extension().unwrap_or_default().to_string_lossy())
}

fn input_name(number: usize, input: &Path) -> String {
    format!("in-{number}.{}", input.extension().unwrap_or_default().to_string_lossy())
}

/// Renames; over the border of two disks by a copy beside the target.
fn give_name(file: &Path, output: &Path) -> io::Result<()> {
    if let Some(folder) = output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match std::fs::rename(file, output) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let name = output.file_name().unwrap_or_default().to_string_lossy();
            let beside = output.with_file_name(format!(".{name}.part"));
            std::fs::copy(file, &beside)?;
            let modified = std::fs::metadata(file)?.modified()?;
            let copy = OpenOptions::new().write(true).open(&beside)?;
            copy.set_modified(modified)?;
            copy.sync_all()?;
            std::fs::rename(&beside, output)?;
            std::fs::remove_file(file)
        }
        other => other,
    }
}

/// Whether an open file still bears this name: who waited for a lock may hold a file that was removed meanwhile.
#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (a, b) = (file.metadata()?, std::fs::metadata(path)?);
    Ok((a.dev(), a.ino()) == (b.dev(), b.ino()))
}

#[cfg(not(unix))]
fn same_file(_: &File, path: &Path) -> io::Result<bool> {
    Ok(path.exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_and_goes_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let master = folder.path().join("new/a.wav");
        let work = Work::open(&master).unwrap().expect("nobody holds it");
        assert!(Work::open(&master).unwrap().is_none());
        std::fs::write(work.path("0.wav"), "half").unwrap();
        drop(work);
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
        assert!(Work::open(&master).unwrap().is_some());
    }

    /// As `automaster MIX` has it, which ends with 2; permissions would not stop whoever tests as root.
    #[test]
    fn a_folder_that_nobody_can_write_in_is_usage() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("file"), "x").unwrap();
        std::fs::write(at(".taken.wav.making"), "x").unwrap();
        for master in ["file/a.wav", "file/new/a.wav", "taken.wav"] {
            let error = Work::open(&at(master)).unwrap_err();
            assert_eq!(error.exit_code(), crate::error::exit::USAGE, "{error}");
            assert!(error.to_string().contains(&format!("{master}: cannot write here")), "{error}");
        }
        let refused = |kind: ErrorKind| output_error(&at("a.wav"), kind.into()).exit_code();
        let codes = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem, ErrorKind::StorageFull].map(refused);
        assert_eq!(codes, [2, 2, 1]);
    }

    #[test]
    fn only_what_is_nobodys_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["mine", "dead", "whole"] {
            std::fs::create_dir(at(&format!(".{name}.wav.making"))).unwrap();
            std::fs::write(at(&format!(".{name}.wav.making/lock")), "").unwrap();
            std::fs::write(at(&format!(".{name}.wav.making/0.wav")), "x").unwrap();
        }
        std::fs::write(at(".whole.wav.making/receipt.json"), "{}").unwrap();
        std::fs::create_dir(at(".theirs.making")).unwrap();
        let held = Work::open(&at("held.wav")).unwrap();
        Work::sweep(folder.path(), |master| master.ends_with("mine.wav"));
        let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [".held.wav.making", ".mine.wav.making", ".theirs.making", ".whole.wav.making"]);
        drop(held);
    }
}
