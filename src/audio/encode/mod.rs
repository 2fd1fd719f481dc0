//! Encoding: a stream of planar f32 blocks to a temporary file beside the target, renamed when all is well.
//!
//! ```text
//! block ─ dither, quantise ─┬─ wav.rs   RIFF, RF64 beyond 4 GiB ─┬▶ .automaster-….wav ─ tags ─ measure ─ keep ─▶ name.wav
//!                           └─ flac.rs                           ─┘        └ dropped: deleted
//! ```

mod chunk;
mod flac;
mod wav;

use super::dither::Quantiser;
use super::format::{Container, Dither, SampleFormat};
use super::metadata::Metadata;
use super::temporary::Temporary;
use super::{AudioError, AudioWarning};
use flac::FlacWriter;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use wav::WavWriter;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncodeFormat {
    /// File format.
    pub container: Container,
    /// Word length.
    pub sample_format: SampleFormat,
    /// Dither of 16- and 24-bit words; give [`Dither::None`] where the samples are on the word's grid already.
    pub dither: Dither,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// 1 or 2.
    pub channels: usize,
}

/// A file being written; dropped, it is deleted.
pub struct Encoder {
    target: PathBuf,
    overwrite: bool,
    format: EncodeFormat,
    writer: Writer,
    /// Declared after the writer: the file is closed before it is deleted.
    temporary: Temporary,
    quantiser: Quantiser,
    words: Vec<Vec<i32>>,
}

enum Writer {
    Wav(WavWriter),
    Flac(Box<FlacWriter>),
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("target", &self.target).field("format", &self.format).finish_non_exhaustive()
    }
}

impl Encoder {
    /// Creates a temporary file beside `target`. Errors: the folder is not writable, `target` exists and `overwrite` is
    /// false, or FLAC is asked for words that it does not hold (32 bits).
    pub fn create(target: &Path, format: EncodeFormat, overwrite: bool) -> Result<Self, AudioError> {
        if !overwrite && target.symlink_metadata().is_ok() {
            return Err(AudioError::Exists { path: target.to_owned() });
        }
        if format.container == Container::Flac && !matches!(format.sample_format, SampleFormat::Int16 | SampleFormat::Int24) {
            let what = "32-bit words to FLAC: choose 16 or 24 bits, or WAV".to_owned();
            return Err(AudioError::CannotWrite { path: target.to_owned(), what });
        }
        let io = |source| AudioError::Io { path: target.to_owned(), source };
        let extension = match format.container {
            Container::Wav => "wav",
            Container::Flac => "flac",
        };
        let (file, temporary) = Temporary::beside(target, extension).map_err(io)?;
        let writer = match format.container {
            Container::Wav => Writer::Wav(WavWriter::create(file, &format).map_err(io)?),
            Container::Flac => Writer::Flac(Box::new(FlacWriter::create(file, &format).map_err(io)?)),
        };
        let quantiser = Quantiser::new(format.sample_format.bits(), format.dither, format.sample_rate_hz, format.channels);
        let words = vec![Vec::new(); format.channels];
        Ok(Self { target: target.to_owned(), overwrite, format, writer, temporary, quantiser, words })
    }

    /// Dithers, quantises and writes a block: one vector a channel, all of one length. Errors: the disk is full.
    pub fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), AudioError> {
        debug_assert_eq!(channels.len(), self.format.channels, "a file keeps its channel count");
        let written = match (&mut self.writer, self.format.sample_format) {
            (Writer::Wav(wav), SampleFormat::Float32) => wav.push_floats(channels),
            (writer, _) => {
                for (index, (samples, words)) in channels.iter().zip(&mut self.words).enumerate() {
                    words.clear();
                    self.quantiser.quantise(index, samples, words);
                }
                match writer {
                    Writer::Wav(wav) => wav.push_words(&self.words),
                    Writer::Flac(flac) => flac.push(&self.words),
                }
            }
        };
        written.map_err(|source| AudioError::Io { path: self.target.clone(), source })
    }

    /// Puts into `samples` what the last pushed block reads back as: the quantised words, full scale ±1.
    pub fn last_written(&self, pushed: &[Vec<f32>], samples: &mut Vec<Vec<f32>>) {
        samples.clear();
        if self.format.sample_format == SampleFormat::Float32 {
            samples.extend_from_slice(pushed);
            return;
        }
        // A power of two: where a word is rounded to an f32, the order of rounding and scaling does not matter.
        let scale = 1.0 / (1u32 << (self.format.sample_format.bits() - 1)) as f32;
        samples.extend(self.words.iter().map(|words| words.iter().map(|w| *w as f32 * scale).collect()));
    }

    /// Completes the headers. The file is not yet under its name. Errors: the disk is full.
    pub fn finish(self) -> Result<WrittenFile, AudioError> {
        let Self { target, overwrite, format, writer, temporary, quantiser, .. } = self;
        let finished = match writer {
            Writer::Wav(wav) => wav.finish().map(drop),
            Writer::Flac(flac) => flac.finish(),
        };
        finished.map_err(|source| AudioError::Io { path: target.clone(), source })?;
        let clipped = quantiser.clipped_samples();
        let warnings = if clipped > 0 { vec![AudioWarning::ClippedSamples { samples: clipped }] } else { vec![] };
        Ok(WrittenFile { target, overwrite, temporary, container: format.container, warnings })
    }
}

/// A complete file that does not yet bear its name; dropped, it is deleted.
#[derive(Debug)]
pub struct WrittenFile {
    target: PathBuf,
    overwrite: bool,
    temporary: Temporary,
    container: Container,
    warnings: Vec<AudioWarning>,
}

impl WrittenFile {
    /// Where the file is now: it can be decoded and measured.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// What was odd about writing it: clipped samples, tags left out.
    pub fn warnings(&self) -> &[AudioWarning] {
        &self.warnings
    }

    /// Writes tags and cover; the audio stays as it is, and a WAV file where it is: it is not read. One that is beyond 4 GiB (RF64), or
    /// would be with its tags, gets none, and a warning. Errors: a tag that cannot be written; the disk is full.
    pub fn write_metadata(&mut self, metadata: &Metadata) -> Result<(), AudioError> {
        if metadata.is_empty() {
            return Ok(());
        }
        let fault = |what| AudioError::Tags { path: self.target.clone(), what };
        let written = match self.container {
            Container::Flac => metadata.write_flac(&self.temporary).map(|()| true).map_err(fault)?,
            Container::Wav => {
                let tag = metadata.id3v2().map_err(fault)?;
                tag.is_empty() || self.append_tag(&tag).map_err(|source| AudioError::Io { path: self.target.clone(), source })?
            }
        };
        if !written {
            self.warnings.push(AudioWarning::TagsSkipped);
        }
        Ok(())
    }

    /// Puts a tag behind a WAV file's samples, where its readers look for one; false where it does not fit.
    fn append_tag(&self, tag: &[u8]) -> io::Result<bool> {
        let mut file = OpenOptions::new().read(true).write(true).open(self.path())?;
        chunk::append(&mut file, *b"ID3 ", tag)
    }

    /// Gives the file its name. Errors: the name was taken in the meantime (without `overwrite`), the folder is gone.
    pub fn keep(self) -> Result<(), AudioError> {
        let Self { target, overwrite, temporary, .. } = self;
        temporary.persist(&target, overwrite).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => AudioError::Exists { path: target },
            _ => AudioError::Io { path: target, source },
        })
    }
}
