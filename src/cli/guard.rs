//! Checks before any work: inputs open, outputs may be written, and nothing overwrites what it is made from.

use super::failure::Failure;
use automaster::audio::decode::Decoder;
use automaster::error::Error;
use std::path::{Path, PathBuf};

/// Opens every sound file that will be read, so that a missing reference does not cost the analysis of a long mix.
/// Errors: those of the decoder.
pub(crate) fn inputs<'a>(files: impl IntoIterator<Item = &'a Path>) -> Result<(), Failure> {
    files.into_iter().try_for_each(|file| Decoder::open(file).map(drop).map_err(Error::Audio)).map_err(Failure::Job)
}

/// Opens every sound file that will merely be measured; `truncated` ones too where that is asked for. Errors: the decoder's.
pub(crate) fn measured<'a>(files: impl IntoIterator<Item = &'a Path>, truncated: bool) -> Result<(), Failure> {
    let open = if truncated { Decoder::open_tolerant } else { Decoder::open };
    files.into_iter().try_for_each(|file| open(file).map(drop).map_err(Error::Audio)).map_err(Failure::Job)
}

/// Checks every file that will be written against everything that is read. Errors (all of usage): two outputs of one
/// name, an output that is an input, one that exists without `overwrite`, a folder that is missing or not writable.
pub(crate) fn outputs(outputs: &[&Path], inputs: &[&Path], overwrite: bool) -> Result<(), Failure> {
    let read: Vec<PathBuf> = inputs.iter().map(|path| resolved(path)).collect();
    for (i, output) in outputs.iter().enumerate() {
        let name = output.display();
        let place = resolved(output);
        if outputs[..i].iter().any(|other| resolved(other) == place) {
            return Err(Failure::usage(format!("{name}: named for two outputs"), "give each its own name"));
        }
        if read.contains(&place) || inputs.iter().any(|input| is_same_file(input, output)) {
            return Err(Failure::usage(format!("{name}: is read and would be written"), "choose another name with -o"));
        }
        if output.is_dir() {
            return Err(Failure::usage(format!("{name}: is a folder"), "choose another name"));
        }
        if !overwrite && output.symlink_metadata().is_ok() {
            return Err(Failure::usage(format!("{name}: exists already"), "choose another name with -o, or add --overwrite"));
        }
        writable(&folder(output), output)?;
    }
    Ok(())
}

/// The folder that a file lies in.
pub(crate) fn folder(file: &Path) -> PathBuf {
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

/// Whether two names are of one file: a hard link.
#[cfg(unix)]
fn is_same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| path.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()));
    id(a).is_some_and(|a| id(b) == Some(a))
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}

fn writable(folder: &Path, output: &Path) -> Result<(), Failure> {
    match tempfile::tempfile_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => {
            let what = format!("{}: cannot be written: {error}", output.display());
            Err(Failure::usage(what, format!("make the folder {} and allow writing in it, or choose another", folder.display())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_by_accident() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("mix.wav"), b"x").unwrap();
        let (mix, new, missing) = (at("mix.wav"), at("new.wav"), at("no/new.wav"));
        let same = folder.path().join(".").join("mix.wav");
        assert!(outputs(&[&new], &[&mix], false).is_ok());
        let code = |result: Result<(), Failure>| result.unwrap_err().code();
        assert_eq!(code(outputs(&[&mix], &[], false)), 2);
        assert!(outputs(&[&mix], &[], true).is_ok());
        assert_eq!(code(outputs(&[&same], &[&mix], true)), 2);
        assert_eq!(code(outputs(&[&new, &new], &[], true)), 2);
        assert_eq!(code(outputs(&[&missing], &[], false)), 2);
        assert_eq!(code(outputs(&[folder.path()], &[], true)), 2);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
