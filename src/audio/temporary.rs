//! A file that does not bear its name yet: hidden beside its target, held by a lock while its maker lives, and cleared away by the
//! next one where its maker was killed.
//!
//! The name says who may clear it: `.automaster-BOOT-RANDOM.wav`, where BOOT stands for the running kernel. A lock
//! (`flock`) goes with the process that holds it, and within one kernel there is no doubt about it; across a network or after
//! a restart there may be, so a file of another kernel is left alone, as is every file whose lock cannot be asked for. Where
//! the system tells no such number (anything but Linux) nothing is locked and nothing is cleared.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempPath;

/// How all names begin.
const PREFIX: &str = ".automaster-";
/// Letters and digits in a name that stand for the running kernel.
const BOOT_CHARS: usize = 8;
/// Letters and digits in a name that are random.
const RANDOM_CHARS: usize = 6;
/// How often a name is tried whose file vanished before it was locked.
const TRIES: usize = 16;

/// A file under a temporary name; dropped, it is deleted. A [`Path`] to it.
#[derive(Debug)]
pub(crate) struct Temporary {
    path: TempPath,
    /// Shares the lock with the file that is written, and outlives it.
    _held: Option<File>,
}

impl Temporary {
    /// A new file in the folder of `target`, with the extension and the permissions of an ordinary new file; open for writing.
    /// Clears what dead processes have left there. Errors: the folder is not writable.
    pub(crate) fn beside(target: &Path, extension: &str) -> io::Result<(File, Self)> {
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Some(boot) = BOOT.as_deref() else {
            let (file, path) = create(folder, PREFIX, extension)?;
            return Ok((file, Self { path, _held: None }));
        };
        let prefix = format!("{PREFIX}{boot}-");
        clear(folder, &prefix);
        for _ in 0..TRIES {
            let (file, path) = create(folder, &prefix, extension)?;
            match file.try_lock() {
                // Between its creation and the lock it was nobody's, and another process may have cleared it.
                Ok(()) if bears_name(&file, &path) => {
                    let held = Some(file.try_clone()?);
                    return Ok((file, Self { path, _held: held }));
                }
                Ok(()) | Err(std::fs::TryLockError::WouldBlock) => {}
                // A file system without locks: nobody can take it for a dead one's.
                Err(std::fs::TryLockError::Error(_)) => return Ok((file, Self { path, _held: None })),
            }
        }
        Err(ErrorKind::ResourceBusy.into())
    }

    /// Gives the file its name. Errors: without `overwrite` the name is taken ([`ErrorKind::AlreadyExists`]); the folder is gone.
    pub(crate) fn persist(self, target: &Path, overwrite: bool) -> io::Result<()> {
        let kept = if overwrite { self.path.persist(target) } else { self.path.persist_noclobber(target) };
        kept.map_err(|error| error.error)
    }
}

impl Deref for Temporary {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

/// What stands for the running kernel in names: the beginning of its own random number; none where there is none.
static BOOT: LazyLock<Option<String>> = LazyLock::new(|| {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let boot: String = text.chars().filter(char::is_ascii_hexdigit).take(BOOT_CHARS).collect();
    (boot.len() == BOOT_CHARS).then_some(boot)
});

fn create(folder: &Path, prefix: &str, extension: &str) -> io::Result<(File, TempPath)> {
    let suffix = if extension.is_empty() { String::new() } else { format!(".{extension}") };
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(&suffix).rand_bytes(RANDOM_CHARS);
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(mode);
    Ok(builder.tempfile_in(folder)?.into_parts())
}

/// Removes files of our making whose makers are dead. Errors are nobody's: it is only tidying.
fn clear(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if is_ours(&entry.file_name().to_string_lossy(), prefix) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            remove_if_dead(&path);
        }
    }
}

fn is_ours(name: &str, prefix: &str) -> bool {
    let Some(rest) = name.strip_prefix(prefix) else { return false };
    let random = rest.split('.').next().unwrap_or_default();
    random.len() == RANDOM_CHARS && random.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Whoever gets the lock of a file that still bears its name is alone with it: its maker is gone, or has not locked it yet and
/// will see that it has vanished.
fn remove_if_dead(path: &Path) {
    let Ok(file) = OpenOptions::new().write(true).open(path) else { return };
    if file.try_lock().is_ok() && bears_name(&file, path) {
        let _ = std::fs::remove_file(path);
    }
}

/// Whether an open file is what lies under a name, itself and not through a link.
#[cfg(unix)]
fn bears_name(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().ok().map(id).is_some_and(|open| path.symlink_metadata().ok().map(id) == Some(open))
}

#[cfg(not(unix))]
fn bears_name(_: &File, _: &Path) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_the_dead_have_left_goes_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let boot = BOOT.as_deref().unwrap();
        let dead = [format!(".automaster-{boot}-aB3dE6.wav"), format!(".automaster-{boot}-000000")];
        let theirs = [
            ".automaster-aB3dE6.wav".to_owned(),
            ".automaster-00000000-aB3dE6.wav".to_owned(),
            format!(".automaster-{boot}-a-song.wav"),
            format!(".automaster-{boot}-aB3dE67.wav"),
            format!("automaster-{boot}-aB3dE6.wav"),
            ".song-aB3dE6.wav".to_owned(),
            format!(".automaster-{boot}-folder"),
        ];
        for name in dead.iter().chain(&theirs[..6]) {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join(&theirs[6])).unwrap();
        let precious = folder.path().join("precious.wav");
        std::fs::write(&precious, "x").unwrap();
        let link = format!(".automaster-{boot}-l1nk00.wav");
        std::os::unix::fs::symlink(&precious, folder.path().join(&link)).unwrap();

        let (_file, living) = Temporary::beside(&folder.path().join("a.wav"), "wav").unwrap();
        let (_file, other) = Temporary::beside(&folder.path().join("b.wav"), "flac").unwrap();
        let mut expected = theirs.to_vec();
        expected.extend(["precious.wav".to_owned(), link]);
        expected.extend([&living, &other].map(|path| path.file_name().unwrap().to_string_lossy().into_owned()));
        expected.sort();
        assert_eq!(names(folder.path()), expected);
        assert_eq!(std::fs::read(&precious).unwrap(), b"x");
    }

    #[test]
    fn the_living_keep_theirs_even_after_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.wav");
        let (file, first) = Temporary::beside(&target, "wav").unwrap();
        drop(file);
        drop(Temporary::beside(&target, "wav").unwrap());
        assert_eq!(names(folder.path()).len(), 1);
        first.persist(&target, false).unwrap();
        let (_, second) = Temporary::beside(&target, "wav").unwrap();
        assert_eq!(second.persist(&target, false).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(names(folder.path()), ["a.wav"]);
    }

    #[test]
    fn many_at_once_take_nothing_from_each_other() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for maker in 0..4 {
                let folder = folder.path();
                scope.spawn(move || {
                    for round in 0..50 {
                        let target = folder.join(format!("{maker}-{round}.wav"));
                        let (file, made) = Temporary::beside(&target, "wav").unwrap();
                        drop(file);
                        made.persist(&target, false).unwrap();
                    }
                });
            }
        });
        assert_eq!(names(folder.path()).len(), 200);
    }
}
