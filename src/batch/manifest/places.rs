//! Where files lie, whichever way they are named.

use crate::batch::store::is_url;
use crate::job::{Identity, identity};
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// A file's place: the folder that it lies in, as the system knows it, and the name in that folder; or the URL. A file that does
/// not exist yet has one too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place(Option<Identity>, PathBuf);

/// Tells places. Each folder is asked for once: a catalogue has many files in few, and a share's disk may be far.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<PathBuf, Place>);

impl Places {
    /// Where a name lies; a link is its own place, not that of what it points to.
    pub(super) fn of(&mut self, path: &Path) -> Place {
        if is_url(path) {
            return Place(None, path.to_owned());
        }
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Place(None, path) };
        let mut place = self.0.entry(folder.to_owned()).or_insert_with(|| nearest(folder)).clone();
        place.1.push(name);
        place
    }

    /// Where a file is that is read: under its name, and where that name points to.
    pub(super) fn of_read(&mut self, path: &Path) -> Vec<Place> {
        let mut places = vec![self.of(path)];
        if path.is_symlink()
            && let Ok(file) = path.canonicalize()
        {
            places.push(self.of(&file));
        }
        places
    }
}

/// The nearest folder above that is there, and the names of those that are yet to be made.
fn nearest(folder: &Path) -> Place {
    if let Some(there) = identity(folder) {
        return Place(Some(there), PathBuf::new());
    }
    let folder = &plain(folder);
    let found = |above: &Path| Some(Place(Some(identity(above)?), folder.strip_prefix(above).ok()?.to_owned()));
    folder.ancestors().find_map(found).unwrap_or_else(|| Place(None, folder.clone()))
}

/// A path without detours.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_place_however_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("in")).unwrap();
        std::fs::write(at("in/a.wav"), "x").unwrap();
        let mut places = Places::default();
        let place = places.of(&at("in/a.wav"));
        for same in ["in/./a.wav", "in/../in/a.wav", "in/new/../a.wav", "new/../in/a.wav"] {
            assert_eq!(places.of(&at(same)), place, "{same}");
        }
        for other in ["in/b.wav", "a.wav", "in/new/a.wav", "new/in/a.wav"] {
            assert_ne!(places.of(&at(other)), place, "{other}");
        }
        assert_eq!(places.of(&at("new/deep/a.wav")), places.of(&at("new/./deep/../deep/a.wav")));
        assert_ne!(places.of(Path::new("s3://m/a.wav")), places.of(Path::new("s3://m/b.wav")));
        assert_eq!(places.of(Path::new("Cargo.toml")), places.of(&std::path::absolute("src/../Cargo.toml").unwrap()));
    }

    #[cfg(unix)]
    #[test]
    fn links_of_folders_and_of_files_that_are_read_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("in/sub")).unwrap();
        std::fs::write(at("in/a.wav"), "x").unwrap();
        std::os::unix::fs::symlink(at("in"), at("masters")).unwrap();
        std::os::unix::fs::symlink(at("in/sub"), at("sub")).unwrap();
        std::os::unix::fs::symlink(at("in/a.wav"), at("link.wav")).unwrap();
        let mut places = Places::default();
        let place = places.of(&at("in/a.wav"));
        assert_eq!(places.of(&at("masters/a.wav")), place);
        // Above a linked folder lies what is above its target.
        assert_eq!(places.of(&at("sub/../a.wav")), place);
        assert_eq!(places.of(&at("masters/new/b.wav")), places.of(&at("in/new/b.wav")));
        assert_ne!(places.of(&at("link.wav")), place);
        assert_eq!(places.of_read(&at("link.wav")), [places.of(&at("link.wav")), place]);
    }
}
