//! The album's sheet: `album.toml`, which says what is on it, in which order, and how one track follows another.

use super::listing;
use crate::deliver::codes;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The pause before a track where the sheet says none: the usual one of a compact disc.
pub const GAP_S: f64 = 2.0;
/// No pause, fade or trim is longer than this.
const LONGEST_S: f64 = 3600.0;
/// As many tracks as a compact disc has.
const MOST_TRACKS: usize = 99;

/// An album as a person writes it down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sheet {
    /// The file that it was read from.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    /// Title of the album.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Artist of the album.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub artist: String,
    /// UPC (12 digits) or EAN (13 digits).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upc: Option<String>,
    /// Pause before each track that says none itself, seconds; 2 where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_s: Option<f64>,
    /// How far the tracks are drawn together, percent; 50 where absent. The command line has the last word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohesion_percent: Option<f64>,
    /// The tracks, in order.
    #[serde(rename = "track", skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<Entry>,
}

/// One file of the album.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// The mix; a path from the sheet's folder.
    pub file: PathBuf,
    /// Title; the file's tag or name where absent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Artist; the file's tag or the album's where absent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub artist: String,
    /// ISRC of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isrc: Option<String>,
    /// Pause before this track, seconds; before the first one there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_s: Option<f64>,
    /// Whether this track goes on where the one before it ends: both are mastered as one recording, cut at the exact frame.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gapless: bool,
    /// Seconds that this track overlaps the end of the one before it, crossfaded with equal power; the cut is in the middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossfade_s: Option<f64>,
    /// This music has no number of its own: it hides at the end of the track before it, after so many seconds of silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_pause_s: Option<f64>,
    /// Fade from silence, seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub fade_in_s: f64,
    /// Fade to silence, seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub fade_out_s: f64,
    /// Left out at the start of the file, seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub trim_start_s: f64,
    /// Left out at the end of the file, seconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub trim_end_s: f64,
    /// Loudness against the loudest track, LU, 0 or less; decided by the mixes where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_lu: Option<f64>,
    /// A plan to render by instead of a proposal; a path from the sheet's folder. Tracks joined gaplessly follow the first one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PathBuf>,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Entry {
    /// Whether it is joined to the entry before it without a pause that players may put there.
    pub fn joined(&self) -> bool {
        self.gapless || self.crossfade_s.is_some() || self.hidden_pause_s.is_some()
    }
}

impl Sheet {
    /// Reads a sheet; its files are then found from wherever the program stands. Errors: it cannot be read; an unknown key; a code
    /// or a time that cannot be; one ISRC for two tracks; two joins at once.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let wrong = |what: String| Error::Album { path: path.to_owned(), what };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let mut sheet: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        sheet.path = Some(path.to_owned());
        let folder = path.parent().unwrap_or(Path::new(""));
        for track in &mut sheet.tracks {
            if track.file.as_os_str().is_empty() {
                return Err(wrong("a [[track]] has no file".to_owned()));
            }
            track.file = folder.join(&track.file);
            track.plan = track.plan.take().map(|plan| folder.join(plan));
        }
        sheet.checked().map_err(wrong)
    }

    /// The sheet of files in their order. Errors: none, or more than a disc holds; a name that is not UTF-8.
    pub fn of_files(files: &[PathBuf]) -> Result<Self, Error> {
        let tracks = files.iter().map(|file| Entry { file: file.clone(), ..Entry::default() }).collect();
        let path = files.first().cloned().unwrap_or_default();
        Self { tracks, ..Self::default() }.checked().map_err(|what| Error::Album { path, what })
    }

    /// The sheet of a folder: its `album.toml` where there is one, else its sound files in the order of their names, numbers
    /// counted, without those that an album has put there. Errors: the folder cannot be read; there is no sound in it; a name that
    /// is not UTF-8; those of [`Sheet::read`].
    pub fn of_folder(folder: &Path) -> Result<Self, Error> {
        let own = folder.join("album.toml");
        if own.is_file() {
            return Self::read(&own);
        }
        let wrong = |what: String| Error::Album { path: folder.to_owned(), what };
        let files = listing::mixes(folder).map_err(|error| wrong(error.to_string()))?;
        if files.is_empty() {
            return Err(wrong(
                "there is no sound file in it, or none but masters that an album has put there: name those one by one".to_owned(),
            ));
        }
        Self::of_files(&files)
    }

    /// As `album.toml`; files as they are named here.
    pub fn to_toml(&self) -> Result<String, Error> {
        let text = toml::to_string(self).map_err(|error| Error::Album { path: PathBuf::new(), what: error.to_string() })?;
        Ok(format!(
            "# automaster album; the keys are told in the manual. To make it again: automaster album THIS -o FOLDER\n\n{text}"
        ))
    }

    fn checked(mut self) -> Result<Self, String> {
        if self.tracks.is_empty() {
            return Err("there is no track on it".to_owned());
        }
        if self.tracks.iter().filter(|track| track.hidden_pause_s.is_none()).count() > MOST_TRACKS {
            return Err(format!("more than {MOST_TRACKS} tracks"));
        }
        self.upc = self.upc.as_deref().map(codes::barcode).transpose()?;
        if self.cohesion_percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
            return Err("cohesion_percent is from 0 to 100".to_owned());
        }
        seconds("gap_s", self.gap_s)?;
        for (index, track) in self.tracks.iter_mut().enumerate() {
            track.check(index).map_err(|what| format!("track {}: {what}", index + 1))?;
        }
        if let Some((first, second, isrc)) = same_isrc(&self.tracks) {
            return Err(format!("track {second}: its ISRC {isrc} is that of track {first}; every recording has its own"));
        }
        if let Some(index) = self.tracks.windows(2).position(|pair| pair[0].fade_out_s > 0.0 && pair[1].gapless) {
            return Err(format!("track {}: it fades out, but the next one is to go on where it ends", index + 1));
        }
        Ok(self)
    }
}

impl Entry {
    fn check(&mut self, index: usize) -> Result<(), String> {
        is_text(&self.file)?;
        self.isrc = self.isrc.as_deref().map(codes::isrc).transpose()?;
        let times = [
            ("gap_s", self.gap_s),
            ("crossfade_s", self.crossfade_s),
            ("hidden_pause_s", self.hidden_pause_s),
            ("fade_in_s", Some(self.fade_in_s)),
            ("fade_out_s", Some(self.fade_out_s)),
            ("trim_start_s", Some(self.trim_start_s)),
            ("trim_end_s", Some(self.trim_end_s)),
        ];
        times.into_iter().try_for_each(|(key, value)| seconds(key, value))?;
        if self.level_lu.is_some_and(|level| !(-30.0..=0.0).contains(&level)) {
            return Err("level_lu is from -30 to 0: the loudest track has 0".to_owned());
        }
        let joins = [self.gapless, self.crossfade_s.is_some(), self.hidden_pause_s.is_some(), self.gap_s.is_some()];
        if joins.iter().filter(|join| **join).count() > 1 {
            return Err("it has two of gap_s, gapless, crossfade_s and hidden_pause_s; there is one way to follow".to_owned());
        }
        if index == 0 && self.joined() {
            return Err("nothing is before it that it could be joined to".to_owned());
        }
        if self.gapless && self.fade_in_s > 0.0 {
            return Err("a gapless track does not fade in".to_owned());
        }
        if self.gapless && (self.plan.is_some() || self.level_lu.is_some()) {
            return Err("a gapless track has the plan and the level of the one that it continues".to_owned());
        }
        Ok(())
    }
}

/// Two tracks that have one ISRC, by their numbers from 1, and that ISRC; the codes are in one spelling by now.
fn same_isrc(tracks: &[Entry]) -> Option<(usize, usize, &str)> {
    tracks.iter().enumerate().find_map(|(n, track)| {
        let isrc = track.isrc.as_deref()?;
        let first = tracks[..n].iter().position(|earlier| earlier.isrc.as_deref() == Some(isrc))?;
        Some((first + 1, n + 1, isrc))
    })
}

fn seconds(key: &str, value: Option<f64>) -> Result<(), String> {
    match value {
        Some(value) if !(0.0..=LONGEST_S).contains(&value) => Err(format!("{key} is from 0 to {LONGEST_S} seconds")),
        _ => Ok(()),
    }
}

/// The sheet that is written is text, and names every mix by its whole path.
fn is_text(path: &Path) -> Result<(), String> {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if whole.to_str().is_some() {
        return Ok(());
    }
    let name = path.display();
    Err(format!("{name}: its name, or that of a folder above it, is not UTF-8, and no album.toml could hold it; rename it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Sheet, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("album.toml");
        std::fs::write(&path, text).unwrap();
        Sheet::read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn a_sheet_comes_back_and_what_cannot_be_is_refused() {
        let text = "title = \"T\"\nupc = \"4006381333931\"\n[[track]]\nfile = \"a.wav\"\nisrc = \"us-s1z-99-00001\"\n\
                    [[track]]\nfile = \"b.wav\"\ngapless = true\nfade_out_s = 2.5\n[[track]]\nfile = \"c.wav\"\nhidden_pause_s = 60\n";
        let sheet = read(text).unwrap();
        assert_eq!(sheet.tracks[0].isrc.as_deref(), Some("USS1Z9900001"));
        assert!(sheet.tracks[1].gapless && sheet.tracks[2].joined() && sheet.tracks[0].file.is_absolute());
        let again: Sheet = toml::from_str(&sheet.to_toml().unwrap()).unwrap();
        assert_eq!(Sheet { path: sheet.path.clone(), ..again }, sheet);
        for (wrong, says) in [
            ("titel = \"T\"\n[[track]]\nfile = \"a\"", "titel"),
            ("[[track]]\nfile = \"a\"\nfade = 1", "fade"),
            ("upc = \"4006381333932\"\n[[track]]\nfile = \"a\"", "check digit"),
            ("[[track]]\nfile = \"a\"\nisrc = \"x\"", "ISRC"),
            (
                "[[track]]\nfile = \"a\"\nisrc = \"USS1Z9900001\"\n[[track]]\nfile = \"b\"\n\
                 [[track]]\nfile = \"c\"\nisrc = \"us-s1z-99-00001\"",
                "track 3: its ISRC USS1Z9900001 is that of track 1",
            ),
            ("[[track]]\nfile = \"a\"\ngapless = true", "nothing is before it"),
            ("[[track]]\nfile = \"a\"\n[[track]]\nfile = \"b\"\ngapless = true\ncrossfade_s = 2", "one way"),
            ("[[track]]\nfile = \"a\"\nfade_in_s = -1", "fade_in_s"),
            ("[[track]]\nfile = \"a\"\nfade_out_s = 1\n[[track]]\nfile = \"b\"\ngapless = true", "fades out"),
            ("[[track]]\nfile = \"a\"\n[[track]]\nfile = \"b\"\ngapless = true\nlevel_lu = -1", "the level of"),
            ("[[track]]\ntitle = \"a\"", "no file"),
            ("title = \"T\"", "no track"),
        ] {
            let said = read(wrong).unwrap_err();
            assert!(said.contains(says), "{wrong}: {said}");
        }
    }

    #[test]
    fn the_example_can_be_read() {
        let sheet = Sheet::read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/album.toml"))).unwrap();
        assert_eq!((sheet.tracks.len(), sheet.tracks[4].hidden_pause_s), (5, Some(60.0)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_text_is_refused_before_any_work() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let bad = folder.path().join(std::ffi::OsStr::from_bytes(b"b\xFF.wav"));
        std::fs::write(folder.path().join("a.wav"), "x").unwrap();
        std::fs::write(&bad, "x").unwrap();
        for sheet in [Sheet::of_folder(folder.path()), Sheet::of_files(&[folder.path().join("a.wav"), bad])] {
            let said = sheet.unwrap_err().to_string();
            assert!(said.contains("track 2: ") && said.contains("b\u{fffd}.wav: its name") && said.contains("UTF-8"), "{said}");
        }
    }
}
