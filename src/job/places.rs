//! Checks before any work: files may be written where they are to go, and none replaces what it is made from.

use crate::error::Error;
use std::path::{Path, PathBuf};

/// Checks every file that will be written against everything that is read. Errors (all of usage): two outputs of one name, an output
/// that is an input, one that exists without `overwrite`, a folder that is missing or not writable.
pub fn check_outputs(outputs: &[&Path], inputs: &[&Path], overwrite: bool) -> Result<(), Error> {
    let read: Vec<PathBuf> = inputs.iter().map(|path| resolved(path)).collect();
    for (i, output) in outputs.iter().enumerate() {
        let name = output.display();
        let place = resolved(output);
        if outputs[..i].iter().any(|other| resolved(other) == place) {
            return Err(Error::asked(format!("{name}: named for two outputs"), "give each its own name"));
        }
        if read.contains(&place) || inputs.iter().any(|input| is_same_file(input, output)) {
            return Err(Error::asked(format!("{name}: is read and would be written"), "choose another name for what is written"));
        }
        if output.is_dir() {
            return Err(Error::asked(format!("{name}: is a folder"), "choose another name"));
        }
        if !overwrite && output.symlink_metadata().is_ok() {
            let hint = "choose another name, or allow that it is replaced: --overwrite";
            return Err(Error::asked(format!("{name}: exists already"), hint));
        }
        writable(&folder(output), output)?;
    }
    Ok(())
}

/// The folder that a file lies in.
pub fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A path as the system sees it; of a file that does not exist yet, its folder is resolved.
fn resolved(path: &Path) -> PathBuf {
    let in_folder = || Some(folder(path).canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(in_folder).unwrap_or_else(|| path.to_owned())
}

/// Whether two names are of one file: a hard link, letters in another case.
fn is_same_file(a: &Path, b: &Path) -> bool {
    identity(a).is_some_and(|a| identity(b) == Some(a))
}

/// By what the system knows a file or folder, whichever way it is named: device and number.
#[cfg(unix)]
pub(crate) type Identity = (u64, u64);
/// By what the system knows a file or folder, whichever way it is named: its path without links.
#[cfg(not(unix))]
pub(crate) type Identity = std::path::PathBuf;

/// The identity of what is there; none where nothing is.
#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    path.canonicalize().ok()
}

fn writable(folder: &Path, output: &Path) -> Result<(), Error> {
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => {
            let what = format!("{}: cannot be written: {error}", output.display());
            Err(Error::asked(what, format!("make the folder {} and allow writing in it, or choose another", folder.display())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::exit;

    #[test]
    fn nothing_is_overwritten_by_accident() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("mix.wav"), b"x").unwrap();
        let (mix, new, missing) = (at("mix.wav"), at("new.wav"), at("no/new.wav"));
        let same = folder.path().join(".").join("mix.wav");
        assert!(check_outputs(&[&new], &[&mix], false).is_ok());
        let refused = |result: Result<(), Error>| assert_eq!(result.unwrap_err().exit_code(), exit::USAGE);
        refused(check_outputs(&[&mix], &[], false));
        assert!(check_outputs(&[&mix], &[], true).is_ok());
        refused(check_outputs(&[&same], &[&mix], true));
        refused(check_outputs(&[&new, &new], &[], true));
        refused(check_outputs(&[&missing], &[], false));
        refused(check_outputs(&[folder.path()], &[], true));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
