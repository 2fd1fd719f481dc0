//! Decoding: any supported file as a stream of planar f32 blocks.
//!
//! ```text
//! file ─ sniff ─┬─ wav.rs, aiff.rs, caf.rs ─ pcm_stream.rs   uncompressed: RIFF, RIFX, RF64, BW64, Wave64, AIFF, AIFC, CAF
//!               ├─ opus.rs                                   Opus in Ogg
//!               └─ symphonia                                 FLAC, ALAC, MP3 (also in WAV), AAC, Vorbis, MKA, ADPCM
//!                      └▶ finite? ▶ complete? ▶ unchanged? ▶ block
//! ```
//!
//! A file that delivers less than its header declares is an error ([`AudioError::Truncated`]), raised on opening where
//! that can be known; [`Decoder::open_tolerant`] keeps what is there instead and warns. Headers are never believed about
//! memory: nothing is allocated by a declared length that the file itself does not bear out.

mod aiff;
mod caf;
mod flac_frame;
mod guard;
mod justified;
mod m4a;
mod names;
mod ogg;
mod ogg_pages;
mod opus;
mod packets;
mod part;
mod pcm_stream;
mod samples;
mod sniff;
mod stamp;
mod symphonia;
mod trailer;
mod vorbis_setup;
mod wav;
mod window;

use super::{AudioBuffer, AudioError, AudioWarning};
pub(in crate::audio) use guard::guarded;
use sniff::{Family, Found, Kind};
use stamp::{Stamp, open_file};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Sample rates that are decoded, in Hz.
pub const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=384_000;

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct SourceInfo {
    /// Container and codec for a person: `WAV 24-bit`, `Ogg Vorbis`.
    pub format: String,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// 1 or 2.
    pub channels: usize,
    /// Length in frames after gapless trims, where the header tells. A file that holds fewer is truncated; one that holds
    /// more is read to its end.
    pub frames: Option<u64>,
    /// Word length of integer formats.
    pub bits: Option<u32>,
    /// Whether the codec is lossy.
    pub lossy: bool,
}

impl SourceInfo {
    fn seconds(&self, frames: u64) -> f64 {
        frames as f64 / f64::from(self.sample_rate_hz)
    }
}

/// A reader of one family of formats.
trait Source: Send {
    /// Appends at most `max_frames` frames to each channel; returns how many, 0 at the end.
    fn read(&mut self, channels: &mut [Vec<f32>], max_frames: usize) -> Result<usize, AudioError>;

    /// After the end: whether the bytes ran out in the middle of something.
    fn cut(&self) -> bool {
        false
    }

    /// By how many frames the declared length may be too long in a file that is whole all the same.
    fn uncounted(&self) -> u64 {
        0
    }

    /// After the end: what was odd about the packets.
    fn warnings(&self) -> Vec<AudioWarning> {
        Vec::new()
    }
}

/// What a format reader hands over on opening.
struct Opened {
    info: SourceInfo,
    source: Box<dyn Source>,
    warnings: Vec<AudioWarning>,
}

/// An open file.
pub struct Decoder {
    path: PathBuf,
    info: SourceInfo,
    source: Box<dyn Source>,
    warnings: Vec<AudioWarning>,
    /// The file itself, to see whether it is still what it was on opening.
    file: File,
    stamp: Stamp,
    tolerant: bool,
    delivered: u64,
    ended: bool,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("path", &self.path).field("info", &self.info).finish_non_exhaustive()
    }
}

impl Decoder {
    /// Opens a file and reads its header. Errors: missing, unreadable, not audio, not supported, more than two channels,
    /// a rate outside [`RATES_HZ`], empty, corrupt, or truncated as far as the header shows (of MP3 in
    /// WAV that is told at the end).
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        Self::open_with(path, false)
    }

    /// Opens a file as [`open`](Self::open) does, but keeps what a truncated file holds and warns about the rest.
    pub fn open_tolerant(path: &Path) -> Result<Self, AudioError> {
        Self::open_with(path, true)
    }

    fn open_with(path: &Path, tolerant: bool) -> Result<Self, AudioError> {
        let (mut file, stamp) = open_file(path)?;
        let watched = file.try_clone().map_err(|source| AudioError::io(path, source))?;
        let Found { at, kind } = sniff::sniff(path, &mut file)?;
        let Opened { info, source, warnings } = match kind {
            Kind::Wav | Kind::Wave64 => match wav::open(path, &mut file, at, matches!(kind, Kind::Wave64))? {
                wav::Content::Samples(opened) => opened,
                wav::Content::Mp3(extent) => symphonia::open_mp3(path, file, extent)?,
                wav::Content::Adpcm => symphonia::open(path, file, at, Family::Wav, None)?,
            },
            Kind::Caf => match caf::open(path, &mut file)? {
                caf::Content::Samples(opened) => opened,
                caf::Content::Compressed(window) => symphonia::open(path, file, at, Family::Caf, window)?,
            },
            Kind::Aiff => aiff::open(path, file, at)?,
            Kind::OggOpus => opus::open(path, file)?,
            Kind::Family(family) => symphonia::open(path, file, at, family, None)?,
        };
        let part = warnings.iter().find_map(|warning| refusal(path, warning));
        match part {
            Some(refusal) if !tolerant => Err(refusal),
            _ if info.frames == Some(0) => Err(AudioError::Empty { path: path.to_owned() }),
            _ => {
                let (path, file) = (path.to_owned(), watched);
                Ok(Self { path, info, source, warnings, file, stamp, tolerant, delivered: 0, ended: false })
            }
        }
    }

    /// What the file says of itself.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// What was odd so far; complete once [`read`](Self::read) has returned 0.
    pub fn warnings(&self) -> &[AudioWarning] {
        &self.warnings
    }

    /// Fills `block` with the next frames, at most `max_frames` and fewer only before the end; returns how many, 0 at the
    /// end. Errors: the file fails, is corrupt or truncated, holds a NaN or an infinity, turns out to hold nothing, or was
    /// written to while it was read.
    pub fn read(&mut self, block: &mut AudioBuffer, max_frames: usize) -> Result<usize, AudioError> {
        block.sample_rate_hz = self.info.sample_rate_hz;
        block.channels.resize_with(self.info.channels, Vec::new);
        block.channels.iter_mut().for_each(Vec::clear);
        if self.ended {
            return Ok(0);
        }
        // Bytes that are exchanged under a reader make any fault; the cause is what is told.
        let frames =
            self.source.read(&mut block.channels, max_frames).map_err(|fault| self.check_same().err().unwrap_or(fault))?;
        self.check_finite(block)?;
        self.delivered += frames as u64;
        if frames == 0 && max_frames > 0 {
            self.ended = true;
            self.check_same()?;
            self.check_complete()?;
        }
        Ok(frames)
    }

    /// Hands what is left to `take`, block by block of at most `max_frames`. Errors: those of [`Self::read`], and `take`'s.
    pub fn for_each_block<E: From<AudioError>>(
        &mut self,
        max_frames: usize,
        mut take: impl FnMut(&AudioBuffer) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut block = AudioBuffer::default();
        while self.read(&mut block, max_frames)? > 0 {
            take(&block)?;
        }
        Ok(())
    }

    /// Gives what is left to `take`, block by block of at most `max_frames`, until it wants no more. Errors: those of [`Self::read`], and
    /// `take`'s.
    pub fn for_each_owned_block<E: From<AudioError>>(
        &mut self,
        max_frames: usize,
        mut take: impl FnMut(AudioBuffer) -> Result<bool, E>,
    ) -> Result<(), E> {
        loop {
            let mut block = AudioBuffer::default();
            if self.read(&mut block, max_frames)? == 0 || !take(block)? {
                return Ok(());
            }
        }
    }

    fn check_finite(&self, block: &AudioBuffer) -> Result<(), AudioError> {
        for (index, channel) in block.channels.iter().enumerate() {
            // A sum of zeros stays zero unless one sample is NaN or infinite: a loop without a branch in it.
            let marks = channel.iter().fold(0_u32, |marks, sample| marks | u32::from(!sample.is_finite()));
            if marks != 0 {
                let frame = channel.iter().position(|sample| !sample.is_finite()).unwrap_or(0) as u64;
                let at_s = self.info.seconds(self.delivered + frame);
                return Err(AudioError::NotFinite { path: self.path.clone(), at_s, channel: index + 1 });
            }
        }
        Ok(())
    }

    /// Errors: the file has another length or was written to since it was opened.
    fn check_same(&self) -> Result<(), AudioError> {
        let now = self.file.metadata().map_err(|source| AudioError::io(&self.path, source))?;
        if Stamp::of(&now) == self.stamp { Ok(()) } else { Err(AudioError::Changed { path: self.path.clone() }) }
    }

    /// Whether it is known that something is missing.
    fn is_part(&self) -> bool {
        self.warnings.iter().any(|warning| refusal(&self.path, warning).is_some())
    }

    fn check_complete(&mut self) -> Result<(), AudioError> {
        let missing = self.info.frames.map_or(0, |declared| declared.saturating_sub(self.delivered));
        let short = missing > self.source.uncounted();
        let is_told = self.warnings.iter().any(|warning| matches!(warning, AudioWarning::Truncated { .. }));
        if (short && !self.is_part()) || (self.source.cut() && !is_told) {
            let at_s = self.info.seconds(self.delivered);
            let declared_s = self.info.frames.filter(|_| short).map(|frames| self.info.seconds(frames));
            if !self.tolerant {
                return Err(AudioError::Truncated { path: self.path.clone(), at_s, declared_s });
            }
            self.warnings.push(AudioWarning::Truncated { at_s, declared_s });
        }
        // A part never has the checksum of the whole.
        let part = self.is_part();
        let told = self.source.warnings().into_iter().filter(|warning| !part || *warning != AudioWarning::ChecksumWrong);
        self.warnings.extend(told);
        if missing > 0 && !short && !part {
            self.warnings.push(AudioWarning::CountedMore { frames: missing });
        }
        if self.delivered == 0 {
            return Err(AudioError::Empty { path: self.path.clone() });
        }
        Ok(())
    }
}

/// The error that a warning is to a caller who wants all of a file or nothing.
fn refusal(path: &Path, warning: &AudioWarning) -> Option<AudioError> {
    match *warning {
        AudioWarning::Truncated { at_s, declared_s } => Some(AudioError::Truncated { path: path.to_owned(), at_s, declared_s }),
        AudioWarning::PagesMissing { pages, first_s } => {
            Some(AudioError::corrupt(path, first_s, format!("Ogg pages are damaged or missing: {pages}")))
        }
        _ => None,
    }
}

/// Rate and channel count within what is mastered.
fn check_layout(path: &Path, sample_rate_hz: u32, channels: u32) -> Result<(), AudioError> {
    match channels {
        0 => Err(AudioError::corrupt(path, 0.0, "the header declares no channels")),
        1 | 2 if RATES_HZ.contains(&sample_rate_hz) => Ok(()),
        1 | 2 => Err(AudioError::RateOutOfRange { path: path.to_owned(), rate_hz: sample_rate_hz }),
        _ => Err(AudioError::TooManyChannels { path: path.to_owned(), channels }),
    }
}
