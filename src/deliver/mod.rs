//! From a master to the files that platforms, plants and archives accept, each measured on its own samples.
//!
//! ```text
//! master ─ decode ─▶ Song ─ for each place ┬ stream.rs   what the platform does to it; real encoders; ceiling ─▶ 24-bit WAV
//!                                          ├ broadcast.rs  to its loudness; broadcast WAV (bext.rs)
//!                                          ├ cd.rs       16/44.1, whole sectors, cue, TOC, PQ list (disc.rs), DDP 2.00 (ddp.rs)
//!                                          ├ vinyl.rs    a pre-master without a limiter
//!                                          └ archive.rs  FLAC, BWF, MP3, AAC, Opus with tags and ReplayGain
//!                                               └▶ shelf.rs: temporary file ─ measure ─ note in delivery.json ─ rename
//! ```
//!
//! A second run looks into `delivery.json`: what was made of the same master by the same version with the same settings and codecs,
//! and still has the same bytes, is left alone. A file under a name that no delivery has noted is somebody's.

mod archive;
mod bext;
mod broadcast;
pub(crate) mod capacity;
mod cd;
mod cd_text;
mod ceiling;
pub(crate) mod codes;
pub mod ddp;
pub mod disc;
#[cfg(test)]
mod discs;
mod folder;
mod latin;
mod measured;
mod names;
mod page;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod repeated;
mod shelf;
mod stream;
#[cfg(test)]
mod tests;
mod vinyl;

use crate::audio::AudioError;
use crate::audio::codec::{Coding, Loss, RoundTrip};
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::chain::ChainSettings;
use crate::error::Error;
use crate::job::Song;
use crate::plan::{Delivery, Plan};
use crate::progress::Progress;
use crate::target::delivery::{Kind, Profile};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

pub(crate) use folder::{make_folder, open_workshop};
pub(crate) use names::safe;
pub use page::markdown;

/// Version of what is made; another one makes everything again.
pub const DELIVERY_VERSION: u32 = 4;

/// All that was delivered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivered {
    /// Version of this shape and of what is made.
    pub version: u32,
    /// Name of the master's file.
    pub master: String,
    /// Checksum of the master; places of other ones were not made of it.
    #[serde(default)]
    pub master_sha256: String,
    /// What the master measures.
    pub integrated_lufs: f64,
    /// Largest true peak of the master.
    pub true_peak_dbtp: f64,
    /// The places, in the order in which they were asked for; then those of earlier deliveries.
    pub places: Vec<Place>,
}

/// What was made for one place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// The profile's name.
    pub place: String,
    /// Hash over master, profile, version and the codecs at hand: another one makes everything again.
    pub key: String,
    /// Name of the file of the master that it was made of.
    #[serde(default)]
    pub master: String,
    /// Checksum of that master; empty where it was not noted.
    #[serde(default)]
    pub master_sha256: String,
    /// What to know, as sentences.
    pub notes: Vec<String>,
    /// What the codecs make of it.
    pub codecs: Vec<CodecFigures>,
    /// The files, with their folder below the delivery's.
    pub files: Vec<MadeFile>,
    /// Files that earlier deliveries made in its folder and that are no part of it any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<MadeFile>,
    /// Whether everything is there.
    pub complete: bool,
}

/// What a codec makes of the file that is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CodecFigures {
    /// The codec.
    pub coding: Coding,
    /// Mean bitrate of the coded file.
    pub mean_kbps: f64,
    /// True peak of what went in.
    pub original_dbtp: f64,
    /// True peak of what a listener decodes.
    pub decoded_dbtp: f64,
    /// Mean of the codec's noise over the mask of the music, dB (ITU-R BS.1387's total NMR, simplified): under 0 it hides on the average.
    #[serde(default)]
    pub noise_to_mask_db: f64,
    /// Share of the moments of 23 ms in which that noise is 1.5 dB over the mask in some band, in percent.
    #[serde(default)]
    pub heard_percent: f64,
    /// Where what a listener decodes ends: the highest 500 Hz that keep a tenth of their power or more.
    #[serde(default)]
    pub bandwidth_hz: f64,
    /// Where what went in ends.
    #[serde(default)]
    pub original_bandwidth_hz: f64,
}

impl CodecFigures {
    fn new(trip: RoundTrip, loss: Loss) -> Self {
        let RoundTrip { coding, mean_kbps, original_dbtp, decoded_dbtp } = trip;
        let Loss { noise_to_mask_db, heard_percent, bandwidth_hz, original_bandwidth_hz } = loss;
        Self {
            coding,
            mean_kbps,
            original_dbtp,
            decoded_dbtp,
            noise_to_mask_db,
            heard_percent,
            bandwidth_hz,
            original_bandwidth_hz,
        }
    }
}

/// A file that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MadeFile {
    /// Folder and name below the delivery's folder.
    pub file: String,
    /// Size.
    pub bytes: u64,
    /// Checksum for people's tools.
    pub md5: String,
    /// Checksum by which a second run knows the file.
    pub sha256: String,
    /// What is on it, measured; none for texts.
    pub audio: Option<Measured>,
}

/// A sound file, decoded again and measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Container and words.
    pub format: String,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// Length in frames.
    pub frames: u64,
    /// Integrated loudness of the written samples.
    pub integrated_lufs: f64,
    /// True peak of the written samples, 17 points a frame.
    pub true_peak_dbtp: f64,
}

/// Makes the files for all `places` in `folder`, which is created. Errors: the folder cannot be made; a file that is not from an
/// earlier delivery is in the way, and not to `overwrite`; an encoder or the disk fails; music too short or too long for a CD;
/// [`Error::Paused`] when told to stop. What was finished before an error stays.
pub fn deliver(
    song: &Song,
    places: &[&Profile],
    folder: &Path,
    overwrite: bool,
    progress: &Progress,
) -> Result<Delivered, Error> {
    let mut shelf = shelf::Shelf::open(folder, song, overwrite)?;
    match fill(&mut shelf, song, places, progress) {
        Ok(()) => shelf.close(),
        Err(Error::Interrupted) => {
            let done = format!("{} of {} places", shelf.finished(), places.len());
            Err(Error::Paused { folder: folder.to_owned(), done })
        }
        Err(error) => Err(error),
    }
}

fn fill(shelf: &mut shelf::Shelf, song: &Song, places: &[&Profile], progress: &Progress) -> Result<(), Error> {
    for (n, profile) in places.iter().enumerate() {
        progress.piece(n + 1, places.len())?;
        shelf.begin(profile)?;
        match profile.kind {
            Kind::Stream => stream::make(shelf, song, profile, progress)?,
            Kind::Broadcast => broadcast::make(shelf, song, profile, progress)?,
            Kind::Cd => cd::make(shelf, song, profile, progress)?,
            Kind::Vinyl => vinyl::make(shelf, song, profile, progress)?,
            Kind::Archive => archive::make(shelf, song, profile, progress)?,
        }
        shelf.complete()?;
    }
    Ok(())
}

/// A plan that only limits (where a ceiling is given), resamples and dithers.
fn plan(song: &Song, format: (Container, SampleFormat, Dither), sample_rate_hz: u32, ceiling_dbtp: Option<f64>) -> Plan {
    let mut chain = ChainSettings::default();
    chain.limiter.bypass = ceiling_dbtp.is_none();
    chain.limiter.ceiling_dbtp = ceiling_dbtp.unwrap_or(0.0);
    let (container, sample_format, dither) = format;
    // Without a limiter nothing is promised of the peak but what it is.
    let ceiling_dbtp = ceiling_dbtp.unwrap_or(song.analysis.loudness.true_peak_dbtp.max(0.0) + 1.0);
    let delivery =
        Delivery { container, sample_format, dither, sample_rate_hz, loudness_lufs: None, ceiling_dbtp, psr_floor_lu: None };
    Plan {
        mix: song.identity(),
        delivery,
        chain,
        decisions: Vec::new(),
        concessions: Vec::new(),
        notes: Default::default(),
        history: Vec::new(),
    }
}

/// Dither for words of 24 bits: none where every sample is on their grid already.
fn dither_24(song: &Song, limited: bool) -> Dither {
    let on_grid = !limited && !song.info.lossy && song.info.bits.is_some_and(|bits| bits <= 24);
    if on_grid { Dither::None } else { Dither::Tpdf }
}

/// Name of the master without folder and extension.
fn stem(song: &Song) -> String {
    song.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The master's samples.
fn samples(song: &Song) -> Result<&crate::audio::spill::Spill, Error> {
    song.audio.as_ref().ok_or_else(|| Error::Audio(AudioError::Empty { path: song.path.clone() }))
}
