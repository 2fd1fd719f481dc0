//! Where files are put: made under a temporary name, measured, noted in `delivery.json`, and only then given their names, so that
//! what was made here is known, whenever a run ends.

use super::ceiling::available;
use super::folder::{make_folder, open_workshop};
use super::measured::{hashes, hex, measure};
use super::{DELIVERY_VERSION, Delivered, MadeFile, Place, page};
use crate::audio::AudioError;
use crate::audio::codec::Coding;
use crate::audio::workshop::Workshop;
use crate::error::Error;
use crate::job::Song;
use crate::target::delivery::Profile;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// The record of what is there.
const NOTES: &str = "delivery.json";
/// Where files are made.
const MAKING: &str = ".making";
/// The page for people.
const PAGE: &str = "DELIVERY.md";

/// A delivery's folder.
pub(super) struct Shelf {
    folder: PathBuf,
    workshop: Workshop,
    overwrite: bool,
    before: Delivered,
    now: Delivered,
    place: Place,
}

impl Shelf {
    /// Opens the folder, creating it, and reads what an earlier run has noted. Errors: not writable; another process fills it; notes that are
    /// not ours; somebody's page is in the way and not to be overwritten.
    pub(super) fn open(folder: &Path, song: &Song, overwrite: bool) -> Result<Self, Error> {
        make_folder(folder)?;
        let workshop = open_workshop(folder, MAKING)?;
        let notes = folder.join(NOTES);
        let before = match std::fs::read(&notes) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| io_error(&notes, io::Error::new(io::ErrorKind::InvalidData, error)))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let page = folder.join(PAGE);
                if !overwrite && page.symlink_metadata().is_ok() {
                    return Err(AudioError::Exists { path: page }.into());
                }
                Delivered::default()
            }
            Err(source) => return Err(io_error(&notes, source)),
        };
        let now = Delivered {
            version: DELIVERY_VERSION,
            master: song.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            master_sha256: hashes(&song.path)?.0,
            integrated_lufs: song.analysis.loudness.integrated_lufs,
            true_peak_dbtp: song.analysis.loudness.true_peak_dbtp,
            places: Vec::new(),
        };
        Ok(Self { folder: folder.to_owned(), workshop, overwrite, before, now, place: Place::default() })
    }

    /// Begins with a place. Errors: its folder cannot be made; it holds what no delivery has made, and is not to be overwritten.
    pub(super) fn begin(&mut self, profile: &Profile) -> Result<(), Error> {
        let noted = self.before.places.iter().find(|place| place.place == profile.name);
        self.place = Place {
            place: profile.name.clone(),
            key: key(&self.now.master_sha256, profile, &available(&profile.codecs).0),
            master: self.now.master.clone(),
            master_sha256: self.now.master_sha256.clone(),
            left: noted.map(|place| place.files.iter().chain(&place.left).cloned().collect()).unwrap_or_default(),
            ..Place::default()
        };
        // What lies in a folder that no delivery has noted is somebody's.
        let anybodys = noted.is_some() || self.overwrite;
        let folder = self.folder.join(&profile.name);
        make_folder(&folder)?;
        let mut names = std::fs::read_dir(&folder).map_err(|source| io_error(&folder, source))?.flatten();
        if let Some(foreign) = names.find(|entry| !entry.file_name().to_string_lossy().starts_with('.')).filter(|_| !anybodys) {
            return Err(AudioError::Exists { path: foreign.path() }.into());
        }
        self.save()
    }

    /// What an earlier run made for this place, of the same master with the same settings.
    pub(super) fn earlier(&self) -> Option<&Place> {
        self.before.places.iter().find(|place| place.place == self.place.place && place.key == self.place.key)
    }

    /// A whole place of an earlier run whose files are all there as they were: it is taken over.
    pub(super) fn whole(&mut self, profile: &Profile) -> Result<bool, Error> {
        let full_key = key(&self.now.master_sha256, profile, &profile.codecs);
        // What was checked with every codec is not made again without one.
        let is_whole = |place: &&Place| {
            place.complete && place.place == self.place.place && [&self.place.key, &full_key].contains(&&place.key)
        };
        let Some(earlier) = self.before.places.iter().find(is_whole).cloned() else { return Ok(false) };
        for file in &earlier.files {
            if !self.is_there(file)? {
                return Ok(false);
            }
        }
        self.place = Place { master: self.now.master.clone(), ..earlier };
        Ok(true)
    }

    /// A note for people.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.place.notes.push(text.into());
    }

    /// The place that is being filled.
    pub(super) fn place(&mut self) -> &mut Place {
        &mut self.place
    }

    /// Where a file of this place lies.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(&self.place.place).join(name)
    }

    /// Where something is made that has no name yet; it is gone with the shelf.
    pub(super) fn making(&self, name: &str) -> PathBuf {
        self.workshop.path(name)
    }

    /// Has `make` write a sound file to the path that it is handed, measures it, and gives it its name; a file that an earlier run
    /// made of the same master is left alone. Errors: those of `make`; a file in the way that no delivery made, and that is not
    /// to be overwritten; the disk.
    pub(super) fn sound(&mut self, name: &str, make: impl FnOnce(&Path) -> Result<(), Error>) -> Result<MadeFile, Error> {
        self.file(name, true, make)
    }

    /// The same for a text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> Result<MadeFile, Error> {
        self.bytes(name, text.as_bytes())
    }

    /// The same for any bytes.
    pub(super) fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<MadeFile, Error> {
        self.plain(name, |path| std::fs::write(path, bytes))
    }

    /// The same for whatever `make` writes that is not a sound file.
    pub(super) fn plain(&mut self, name: &str, make: impl FnOnce(&Path) -> io::Result<()>) -> Result<MadeFile, Error> {
        self.file(name, false, |path| make(path).map_err(|source| io_error(path, source)))
    }

    fn file(&mut self, name: &str, sound: bool, make: impl FnOnce(&Path) -> Result<(), Error>) -> Result<MadeFile, Error> {
        let file = format!("{}/{name}", self.place.place);
        let earlier = self.earlier().and_then(|place| place.files.iter().find(|made| made.file == file)).cloned();
        if let Some(made) = earlier
            && self.is_there(&made)?
        {
            self.place.files.push(made.clone());
            self.save()?;
            return Ok(made);
        }
        let target = self.path(name);
        if !self.overwrite && !self.is_ours(&file) && target.symlink_metadata().is_ok() {
            return Err(AudioError::Exists { path: target }.into());
        }
        let temporary = self.workshop.path(&name.replace('/', "-"));
        make(&temporary)?;
        let audio = if sound { Some(measure(&temporary)?) } else { None };
        let (sha256, md5, bytes) = hashes(&temporary)?;
        let made = MadeFile { file, bytes, md5, sha256, audio };
        // The note before the name: a run that is killed between them has left nobody's file.
        self.place.files.push(made.clone());
        self.save()?;
        give_name(&temporary, &target)?;
        Ok(made)
    }

    /// Whether an earlier delivery, or this one, has given this name to a file.
    fn is_ours(&self, file: &str) -> bool {
        self.place.files.iter().chain(&self.place.left).any(|made| made.file == file)
    }

    fn is_there(&self, made: &MadeFile) -> Result<bool, Error> {
        let path = self.folder.join(&made.file);
        Ok(path.is_file() && hashes(&path)?.0 == made.sha256)
    }

    /// Places that this run has finished or found finished.
    pub(super) fn finished(&self) -> usize {
        self.now.places.len()
    }

    /// Ends a place. Errors: a file cannot be read; the disk.
    pub(super) fn complete(&mut self) -> Result<(), Error> {
        // What earlier deliveries left counts as long as it is there as it was made.
        let mut left: Vec<MadeFile> = Vec::new();
        for file in std::mem::take(&mut self.place.left) {
            let known = self.place.files.iter().chain(&left).any(|made| made.file == file.file);
            if !known && self.is_there(&file)? {
                left.push(file);
            }
        }
        self.place.left = left;
        self.place.complete = true;
        self.now.places.push(std::mem::take(&mut self.place));
        self.save()
    }

    /// Ends the delivery: the notes and the page.
    pub(super) fn close(mut self) -> Result<Delivered, Error> {
        // Places of earlier runs that were not asked for this time stay in the folder and in the notes.
        let asked = |place: &Place| self.now.places.iter().any(|now| now.place == place.place);
        let kept: Vec<Place> = self.before.places.iter().filter(|place| !asked(place)).cloned().collect();
        self.now.places.extend(kept);
        self.before.places.clear();
        self.save()?;
        self.replace(PAGE, page::markdown(&self.now).as_bytes())?;
        Ok(self.now)
    }

    /// Notes what there is: this run's places, the one being filled, and those of earlier runs that were not redone yet.
    fn save(&self) -> Result<(), Error> {
        let mut all = self.now.clone();
        if !self.place.place.is_empty() {
            // What an earlier run has made of this place is still there until it is replaced.
            let mut filling = self.place.clone();
            let earlier = self.earlier().map_or(&[][..], |place| &place.files);
            let missing: Vec<_> = earlier.iter().filter(|e| !filling.files.iter().any(|f| f.file == e.file)).cloned().collect();
            filling.files.extend(missing);
            all.places.push(filling);
        }
        let known: Vec<String> = all.places.iter().map(|place| place.place.clone()).collect();
        all.places.extend(self.before.places.iter().filter(|place| !known.contains(&place.place)).cloned());
        let text = serde_json::to_vec_pretty(&all).unwrap_or_default();
        self.replace(NOTES, &text)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let (temporary, target) = (self.workshop.path(name), self.folder.join(name));
        std::fs::write(&temporary, bytes).map_err(|source| io_error(&target, source))?;
        give_name(&temporary, &target)
    }
}

/// What decides what is made: the version, the master, the profile, and which of its codecs are at hand.
fn key(master_sha256: &str, profile: &Profile, codecs: &[Coding]) -> String {
    let settings = serde_json::to_string(profile).unwrap_or_default();
    let codecs: Vec<String> = codecs.iter().map(Coding::to_string).collect();
    hex(&Sha256::digest(format!("{DELIVERY_VERSION} {master_sha256} {settings} {}", codecs.join(","))))
}

/// Gives what was made its name, in a folder that is made for it.
fn give_name(made: &Path, target: &Path) -> Result<(), Error> {
    let folder = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).and_then(|()| std::fs::rename(made, target)).map_err(|source| io_error(target, source))
}

/// What the system said about a path.
pub(super) fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Audio(AudioError::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::delivery::profile_named;

    #[test]
    fn a_codec_that_is_installed_later_makes_everything_again() {
        let profile = profile_named("archive").unwrap();
        assert!(profile.codecs.len() > 1);
        let (with, without) = (key("a", profile, &profile.codecs), key("a", profile, &profile.codecs[1..]));
        assert_ne!(with, without);
        assert_eq!(with, key("a", profile, &profile.codecs));
        assert_ne!(with, key("b", profile, &profile.codecs));
    }
}
