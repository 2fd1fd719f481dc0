//! Folders that are filled: made where they are missing; a name that cannot be a folder to write in is not a fault of an input.

use crate::audio::AudioError;
use crate::audio::workshop::Workshop;
use crate::error::Error;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes a folder and those above it. Errors: no permission, a file in the way ([`AudioError::CannotWrite`]); the disk is full.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| refused(folder, source))
}

/// Opens the workshop `name` in a folder that is there. Errors: another process has it; otherwise as [`make_folder`].
pub(crate) fn open_workshop(folder: &Path, name: &str) -> Result<Workshop, Error> {
    Workshop::open(folder, name).map_err(|error| match error {
        AudioError::Io { source, .. } => refused(folder, source),
        other => other.into(),
    })
}

fn refused(folder: &Path, source: io::Error) -> Error {
    let path = folder.to_owned();
    let why = match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => return AudioError::Io { path, source }.into(),
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => "what lies there is no folder".to_owned(),
        _ => source.to_string(),
    };
    let what = format!("into this folder: {why}; allow writing there, or choose another");
    AudioError::CannotWrite { path, what }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::exit;

    #[test]
    fn a_name_that_is_no_folder_is_usage_and_a_full_disk_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        for path in [file.clone(), file.join("below"), file.join("far/below")] {
            let error = make_folder(&path).unwrap_err();
            assert_eq!(error.exit_code(), exit::USAGE, "{error}");
            assert!(error.to_string().contains("no folder"), "{error}");
        }
        let error = open_workshop(&file, ".making").unwrap_err();
        assert_eq!(error.exit_code(), exit::USAGE, "{error}");
        make_folder(&folder.path().join("a/b")).unwrap();
        assert!(folder.path().join("a/b").is_dir());
        for (kind, code) in [
            (ErrorKind::PermissionDenied, exit::USAGE),
            (ErrorKind::ReadOnlyFilesystem, exit::USAGE),
            (ErrorKind::StorageFull, exit::UNEXPECTED),
        ] {
            assert_eq!(refused(&file, kind.into()).exit_code(), code, "{kind:?}");
        }
    }
}
