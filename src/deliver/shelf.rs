//! Where files are put: under a temporary name, measured, renamed, and noted in `delivery.json`.

use super::{DELIVERY_VERSION, Delivered, MadeFile, Measured, Place, page};
use crate::analysis::LoudnessMeter;
use crate::audio::AudioError;
use crate::audio::decode::Decoder;
use crate::audio::workshop::Workshop;
use crate::dsp::true_peak::TruePeakMeter;
use crate::error::Error;
use crate::job::Song;
use crate::render::BLOCK_FRAMES;
use crate::target::delivery::Profile;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
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
    master_sha256: String,
    before: Delivered,
    now: Delivered,
    place: Place,
}

impl Shelf {
    /// Opens the folder, creating it, and reads what an earlier run has noted. Errors: not writable; another process fills it; notes that are
    /// not ours.
    pub(super) fn open(folder: &Path, song: &Song) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(|source| io_error(folder, source))?;
        let workshop = Workshop::open(folder, MAKING)?;
        let notes = folder.join(NOTES);
        let before = match std::fs::read(&notes) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| io_error(&notes, io::Error::new(io::ErrorKind::InvalidData, error)))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Delivered::default(),
            Err(source) => return Err(io_error(&notes, source)),
        };
        let now = Delivered {
            version: DELIVERY_VERSION,
            master: song.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            integrated_lufs: song.analysis.loudness.integrated_lufs,
            true_peak_dbtp: song.analysis.loudness.true_peak_dbtp,
            places: Vec::new(),
        };
        let master_sha256 = hashes(&song.path)?.0;
        Ok(Self { folder: folder.to_owned(), workshop, master_sha256, before, now, place: Place::default() })
    }

    /// Begins with a place. Errors: its folder cannot be made.
    pub(super) fn begin(&mut self, profile: &Profile) -> Result<(), Error> {
        let settings = serde_json::to_string(profile).unwrap_or_default();
        let key = hex(&Sha256::digest(format!("{DELIVERY_VERSION} {} {settings}", self.master_sha256)));
        self.place = Place { place: profile.name.clone(), key, ..Place::default() };
        let folder = self.folder.join(&profile.name);
        std::fs::create_dir_all(&folder).map_err(|source| io_error(&folder, source))?;
        // What lies in a folder that no delivery has noted is somebody's.
        let ours = self.before.places.iter().any(|place| place.place == self.place.place);
        let mut names = std::fs::read_dir(&folder).map_err(|source| io_error(&folder, source))?.flatten();
        if let Some(foreign) = names.find(|entry| !entry.file_name().to_string_lossy().starts_with('.')).filter(|_| !ours) {
            return Err(AudioError::Exists { path: foreign.path() }.into());
        }
        // What this run is going to write is its own from here on, even if it is interrupted.
        self.save()
    }

    /// What an earlier run made for this place, of the same master with the same settings.
    pub(super) fn earlier(&self) -> Option<&Place> {
        self.before.places.iter().find(|place| place.place == self.place.place && place.key == self.place.key)
    }

    /// A whole place of an earlier run whose files are all there as they were: it is taken over.
    pub(super) fn whole(&mut self) -> Result<bool, Error> {
        let Some(earlier) = self.earlier().filter(|place| place.complete).cloned() else { return Ok(false) };
        for file in &earlier.files {
            if !self.is_there(file)? {
                return Ok(false);
            }
        }
        self.place = earlier;
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

    /// Has `make` write a sound file to the path that it is handed, measures it, and gives it its name; a file that an earlier run
    /// made is left alone. Errors: those of `make`; a file in the way that no delivery made; the disk.
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
        let made = match earlier {
            Some(made) if self.is_there(&made)? => made,
            _ => self.make(name, &file, sound, make)?,
        };
        self.place.files.push(made.clone());
        self.save()?;
        Ok(made)
    }

    fn make(
        &self,
        name: &str,
        file: &str,
        sound: bool,
        make: impl FnOnce(&Path) -> Result<(), Error>,
    ) -> Result<MadeFile, Error> {
        let target = self.path(name);
        let temporary = self.workshop.path(&name.replace('/', "-"));
        make(&temporary)?;
        let audio = if sound { Some(measure(&temporary)?) } else { None };
        let (sha256, md5, bytes) = hashes(&temporary)?;
        give_name(&temporary, &target)?;
        Ok(MadeFile { file: file.to_owned(), bytes, md5, sha256, audio })
    }

    fn is_there(&self, made: &MadeFile) -> Result<bool, Error> {
        let path = self.folder.join(&made.file);
        Ok(path.is_file() && hashes(&path)?.0 == made.sha256)
    }

    /// Places that this run has finished or found finished.
    pub(super) fn finished(&self) -> usize {
        self.now.places.len()
    }

    /// Ends a place.
    pub(super) fn complete(&mut self) -> Result<(), Error> {
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

/// Gives what was made its name, in a folder that is made for it.
fn give_name(made: &Path, target: &Path) -> Result<(), Error> {
    let folder = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).and_then(|()| std::fs::rename(made, target)).map_err(|source| io_error(target, source))
}

/// What the system said about a path.
pub(super) fn io_error(path: &Path, source: io::Error) -> Error {
    Error::Audio(AudioError::Io { path: path.to_owned(), source })
}

/// SHA-256, MD5 and length of a file.
fn hashes(path: &Path) -> Result<(String, String, u64), Error> {
    let read = || -> io::Result<_> {
        let (mut file, mut sha, mut md5, mut length) = (File::open(path)?, Sha256::new(), md5::Context::new(), 0);
        let mut buffer = vec![0; 1 << 16];
        loop {
            let bytes = file.read(&mut buffer)?;
            if bytes == 0 {
                return Ok((hex(&sha.finalize()), format!("{:x}", md5.finalize()), length));
            }
            sha.update(&buffer[..bytes]);
            md5.consume(&buffer[..bytes]);
            length += bytes as u64;
        }
    };
    read().map_err(|source| io_error(path, source))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Decodes a written file and measures it.
pub(super) fn measure(path: &Path) -> Result<Measured, Error> {
    let mut decoder = Decoder::open(path)?;
    let info = decoder.info().clone();
    let mut loudness = LoudnessMeter::new(info.sample_rate_hz, &vec![1.0; info.channels]);
    let mut peaks = vec![TruePeakMeter::new(); info.channels];
    let mut frames = 0;
    decoder.for_each_block(BLOCK_FRAMES, |block| {
        frames += block.frames() as u64;
        loudness.push(&block.channels);
        peaks.iter_mut().zip(&block.channels).for_each(|(meter, channel)| meter.push(channel));
        Ok::<_, Error>(())
    })?;
    let peak = peaks.iter().map(TruePeakMeter::peak).fold(1e-10, f64::max);
    Ok(Measured {
        format: info.format,
        sample_rate_hz: info.sample_rate_hz,
        frames,
        integrated_lufs: loudness.integrated_lufs(),
        true_peak_dbtp: 20.0 * peak.log10(),
    })
}
