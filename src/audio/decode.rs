//! Decoding: any supported file as a stream of planar f32 blocks.

use super::{AudioBuffer, AudioError};
use std::path::Path;

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct SourceInfo {
    /// Container and codec for a person: `WAV 24-bit`, `Ogg Vorbis`.
    pub format: String,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// 1 or 2.
    pub channels: usize,
    /// Length in frames after gapless trims, where the header tells.
    pub frames: Option<u64>,
    /// Word length of integer formats.
    pub bits: Option<u32>,
    /// Whether the codec is lossy.
    pub lossy: bool,
}

/// An open file.
pub struct Decoder {
    info: SourceInfo,
}

impl Decoder {
    /// Opens a file and reads its header.
    pub fn open(_path: &Path) -> Result<Self, AudioError> {
        unimplemented!()
    }

    /// What the file says of itself.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// Fills `block` with the next frames, at most `max_frames`; returns how many, 0 at the end.
    pub fn read(&mut self, _block: &mut AudioBuffer, _max_frames: usize) -> Result<usize, AudioError> {
        unimplemented!()
    }
}
