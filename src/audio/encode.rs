//! Encoding: a stream of planar f32 blocks to a temporary file beside the target, renamed when all is well.

use super::AudioError;
use super::format::{Container, Dither, SampleFormat};
use super::metadata::Metadata;
use std::path::Path;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EncodeFormat {
    /// File format.
    pub container: Container,
    /// Word length.
    pub sample_format: SampleFormat,
    /// Dither of integer words.
    pub dither: Dither,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// 1 or 2.
    pub channels: usize,
}

/// A file being written.
pub struct Encoder {}

impl Encoder {
    /// Creates a temporary file beside `target`. Errors where `target` exists and `overwrite` is false.
    pub fn create(_target: &Path, _format: EncodeFormat, _overwrite: bool) -> Result<Self, AudioError> {
        unimplemented!()
    }

    /// Dithers, quantises and writes a block.
    pub fn push(&mut self, _channels: &[Vec<f32>]) -> Result<(), AudioError> {
        unimplemented!()
    }

    /// Completes the headers. The file is not yet under its name.
    pub fn finish(self) -> Result<WrittenFile, AudioError> {
        unimplemented!()
    }
}

/// A complete file that does not yet bear its name; dropped, it is deleted.
pub struct WrittenFile {}

impl WrittenFile {
    /// Where the file is now: it can be decoded and measured.
    pub fn path(&self) -> &Path {
        unimplemented!()
    }

    /// Writes tags and cover; the audio stays as it is.
    pub fn write_metadata(&mut self, _metadata: &Metadata) -> Result<(), AudioError> {
        unimplemented!()
    }

    /// Gives the file its name.
    pub fn keep(self) -> Result<(), AudioError> {
        unimplemented!()
    }
}
