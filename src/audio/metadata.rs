//! Tags and cover, carried from the mix to the master.
//!
//! What describes the music goes along; what describes the mix's *file* does not: replay gain, encoder, length. The tags
//! land in each format's own kind (Vorbis comments in FLAC, ID3v2 in WAV), and the audio is not touched.

mod of_file;

use super::AudioError;
use super::decode::guarded;
use lofty::config::{ParseOptions, WriteOptions};
use lofty::file::TaggedFileExt;
use lofty::id3::v2::Id3v2Tag;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag, TagExt, TagType};
use std::path::Path;

/// Tags and pictures of a file.
#[derive(Clone, Default)]
pub struct Metadata {
    tag: Option<Tag>,
}

impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [title, artist, album] = self.title_artist_album();
        write!(f, "Metadata({title:?} by {artist:?} on {album:?}, {} pictures)", self.pictures())
    }
}

impl Metadata {
    /// Reads what the file carries; `None` where it carries nothing readable.
    pub fn read(path: &Path) -> Option<Self> {
        let options = ParseOptions::new().read_properties(false);
        let file = guarded(|| Probe::open(path).ok()?.options(options).guess_file_type().ok()?.read().ok())??;
        let mut tag = file.primary_tag().filter(|tag| !tag.is_empty()).or_else(|| file.first_tag())?.clone();
        of_file::leave_out(&mut tag);
        (!tag.is_empty()).then_some(Self { tag: Some(tag) })
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.tag.as_ref().is_none_or(Tag::is_empty)
    }

    /// Title, artist, album, as far as they are known.
    pub fn title_artist_album(&self) -> [Option<&str>; 3] {
        let text = |key| self.tag.as_ref().and_then(|tag| tag.get_string(key));
        [text(ItemKey::TrackTitle), text(ItemKey::TrackArtist), text(ItemKey::AlbumTitle)]
    }

    /// ISRC and barcode (UPC or EAN) as they are written there, as far as they are known.
    pub fn isrc_barcode(&self) -> [Option<&str>; 2] {
        let text = |key| self.tag.as_ref().and_then(|tag| tag.get_string(key));
        [text(ItemKey::Isrc), text(ItemKey::Barcode)]
    }

    /// These tags with an album's own put over them; pictures and everything else stay.
    pub fn on_album(metadata: Option<Self>, track: &TrackTags) -> Self {
        let mut tag = metadata.and_then(|metadata| metadata.tag).unwrap_or_else(|| Tag::new(TagType::Id3v2));
        let numbers = [(ItemKey::TrackNumber, track.number), (ItemKey::TrackTotal, track.total)];
        let texts = [
            (ItemKey::TrackTitle, &track.title),
            (ItemKey::TrackArtist, &track.artist),
            (ItemKey::AlbumTitle, &track.album),
            (ItemKey::AlbumArtist, &track.album_artist),
            (ItemKey::Isrc, &track.isrc),
            (ItemKey::Barcode, &track.barcode),
        ];
        let numbers = numbers.map(|(key, number)| (key, number.to_string()));
        for (key, text) in texts.into_iter().map(|(key, text)| (key, text.clone())).chain(numbers) {
            if !text.is_empty() {
                tag.insert_text(key, text);
            }
        }
        Self { tag: Some(tag) }
    }

    /// How many pictures there are.
    pub fn pictures(&self) -> usize {
        self.tag.as_ref().map_or(0, |tag| tag.pictures().len())
    }

    /// Writes the tags into a finished FLAC file; the error is what the tag writer says.
    pub(super) fn write_flac(&self, path: &Path) -> Result<(), String> {
        let Some(tag) = &self.tag else { return Ok(()) };
        let mut tag = tag.clone();
        told(guarded(|| {
            tag.re_map(TagType::VorbisComments);
            tag.save_to_path(path, WriteOptions::default())
        }))
    }

    /// The tags as the bytes of an ID3v2 tag, which is what a WAV file holds; none where nothing is left. The error is what the tag
    /// writer says.
    pub(super) fn id3v2(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let Some(tag) = &self.tag else { return Ok(bytes) };
        told(guarded(|| {
            let mut tag = Id3v2Tag::from(tag.clone());
            of_file::leave_out_frames(&mut tag);
            ordered(tag).dump_to(&mut bytes, WriteOptions::default())
        }))?;
        Ok(bytes)
    }
}

/// What came of writing a tag.
fn told<E: std::fmt::Display>(written: Option<Result<(), E>>) -> Result<(), String> {
    written.ok_or_else(|| "the tag writer failed".to_owned())?.map_err(|error| error.to_string())
}

/// What an album says of one of its tracks; empty texts are not written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrackTags {
    /// Title of the track.
    pub title: String,
    /// Artist of the track.
    pub artist: String,
    /// Title of the album.
    pub album: String,
    /// Artist of the album.
    pub album_artist: String,
    /// International Standard Recording Code, 12 characters.
    pub isrc: String,
    /// UPC or EAN of the album.
    pub barcode: String,
    /// From 1.
    pub number: usize,
    /// Tracks of the album.
    pub total: usize,
}

/// The same frames in the order of their names: the writer leaves the order to chance, and a master is the same bytes each time.
fn ordered(tag: Id3v2Tag) -> Id3v2Tag {
    let mut frames: Vec<_> = tag.into_iter().map(|frame| (frame.id_str().to_owned(), format!("{frame:?}"), frame)).collect();
    frames.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut ordered = Id3v2Tag::new();
    for (_, _, frame) in frames {
        ordered.insert(frame);
    }
    ordered
}

/// How far players turn a file to a common loudness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gains {
    /// ReplayGain 2.0: to −18 LUFS.
    pub replay_gain_db: f64,
    /// Largest true peak, linear.
    pub peak: f64,
    /// EBU R 128: to −23 LUFS, for Opus (RFC 7845, section 5.2.1).
    pub r128_db: f64,
}

impl Gains {
    /// The gains of music of this loudness and true peak.
    pub fn new(integrated_lufs: f64, true_peak_dbtp: f64) -> Self {
        let peak = 10f64.powf(true_peak_dbtp / 20.0);
        Self { replay_gain_db: -18.0 - integrated_lufs, peak, r128_db: -23.0 - integrated_lufs }
    }
}

/// Writes a master's tags and its gains into a finished FLAC, MP3, Opus, Vorbis or M4A file. Errors: what the tag writer says.
pub fn write_copy_tags(path: &Path, metadata: Option<&Metadata>, gains: &Gains) -> Result<(), AudioError> {
    let fault = |what: String| AudioError::Tags { path: path.to_owned(), what };
    let kind = match path.extension().and_then(|e| e.to_str()) {
        Some("flac" | "opus" | "ogg") => TagType::VorbisComments,
        Some("m4a") => TagType::Mp4Ilst,
        _ => TagType::Id3v2,
    };
    let mut tag = metadata.and_then(|metadata| metadata.tag.clone()).unwrap_or_else(|| Tag::new(kind));
    tag.re_map(kind);
    if path.extension().is_some_and(|e| e == "opus") {
        // Q7.8, the one gain that Opus players read.
        tag.insert_text(ItemKey::R128TrackGain, format!("{}", (256.0 * gains.r128_db).round() as i32));
    } else {
        tag.insert_text(ItemKey::ReplayGainTrackGain, format!("{:.2} dB", gains.replay_gain_db));
        tag.insert_text(ItemKey::ReplayGainTrackPeak, format!("{:.6}", gains.peak));
    }
    told(guarded(|| match kind {
        TagType::Id3v2 => ordered(tag.into()).save_to_path(path, WriteOptions::default()),
        _ => tag.save_to_path(path, WriteOptions::default()),
    }))
    .map_err(fault)
}
