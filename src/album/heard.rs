//! Listening: each track by itself, each part as one piece; what was heard is kept for the next run.

use super::Request;
use super::programme::PartSpan;
use super::record::{Record, key, sha256};
use crate::analysis::Analysis;
use crate::audio::AudioWarning;
use crate::audio::decode::SourceInfo;
use crate::audio::metadata::Metadata;
use crate::error::Error;
use crate::job::{self, Part};
use crate::progress::Progress;
use serde::{Deserialize, Serialize};

/// A piece of music that was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Heard {
    /// Hash over its files' bytes and trims.
    pub(super) key: String,
    /// Frames of each entry, at its own rate.
    pub(super) lengths: Vec<u64>,
    /// What the first file says of itself.
    pub(super) info: SourceInfo,
    /// What was odd about its files.
    #[serde(default)]
    pub(super) warnings: Vec<AudioWarning>,
    /// What was measured.
    pub(super) analysis: Analysis,
}

/// The stretches of files of some entries.
pub(super) fn stretches(request: &Request, entries: std::ops::Range<usize>) -> Vec<Part> {
    let part = |index: usize| {
        let entry = &request.sheet.tracks[index];
        Part { path: entry.file.clone(), trim_start_s: entry.trim_start_s, trim_end_s: entry.trim_end_s }
    };
    entries.map(part).collect()
}

/// Every entry by itself. Errors: as [`job::load_parts`]; interrupted.
pub(super) fn entries(record: &Record, request: &Request, progress: &Progress) -> Result<Vec<Heard>, Error> {
    let hear = |index: usize| {
        let entry = &request.sheet.tracks[index];
        let trims = format!("{} {}", entry.trim_start_s, entry.trim_end_s);
        let key = key(&["heard", &sha256(&entry.file)?, &trims]);
        listen(record, request, index..index + 1, key, progress)
    };
    (0..request.sheet.tracks.len()).map(hear).collect()
}

/// A part as one piece of music: one entry was heard already, several are heard joined.
pub(super) fn part(
    record: &Record,
    request: &Request,
    span: &PartSpan,
    entries: &[Heard],
    progress: &Progress,
) -> Result<Heard, Error> {
    if span.entries == 1 {
        return Ok(entries[span.first].clone());
    }
    let keys: Vec<&str> = entries[span.range()].iter().map(|heard| heard.key.as_str()).collect();
    listen(record, request, span.range(), key(&[&["joined"], keys.as_slice()].concat()), progress)
}

fn listen(
    record: &Record,
    request: &Request,
    range: std::ops::Range<usize>,
    key: String,
    progress: &Progress,
) -> Result<Heard, Error> {
    if let Some(heard) = record.kept(&key) {
        return Ok(heard);
    }
    progress.piece(range.start + 1, request.sheet.tracks.len())?;
    let (song, lengths) = job::load_parts(&stretches(request, range), progress)?;
    let heard = Heard { key: key.clone(), lengths, info: song.info, warnings: song.warnings, analysis: song.analysis };
    record.keep(&key, &heard)?;
    Ok(heard)
}

/// Title and artist of an entry: the sheet's, else the file's tags, else its name without a number in front.
pub(super) fn title_artist(request: &Request, index: usize) -> (String, String) {
    let (sheet, entry) = (&request.sheet, &request.sheet.tracks[index]);
    let metadata = Metadata::read(&entry.file);
    let [title, artist, _] = metadata.as_ref().map_or([None; 3], Metadata::title_artist_album);
    let stem = entry.file.file_stem().unwrap_or_default().to_string_lossy();
    let bare = stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches([' ', '-', '_', '.']);
    let named = if bare.is_empty() { &stem } else { bare };
    let or = |own: &str, tag: Option<&str>, last: &str| {
        let chosen = [own, tag.unwrap_or_default(), last].into_iter().find(|text| !text.trim().is_empty());
        chosen.unwrap_or_default().trim().to_owned()
    };
    (or(&entry.title, title, named), or(&entry.artist, artist, &sheet.artist))
}

/// Title of the album: the sheet's, else the tag of its first track, else "Album".
pub(super) fn album_title(request: &Request) -> String {
    said_title(request).unwrap_or_else(|| "Album".to_owned())
}

/// Title of the album where the sheet or the first mix's tags say one.
pub(super) fn said_title(request: &Request) -> Option<String> {
    if !request.sheet.title.trim().is_empty() {
        return Some(request.sheet.title.clone());
    }
    let metadata = Metadata::read(&request.sheet.tracks.first()?.file)?;
    metadata.title_artist_album()[2].filter(|title| !title.trim().is_empty()).map(str::to_owned)
}
