//! The spill file: planar audio of any length in an unnamed temporary file, so that a job's memory stays bounded.

use super::{AudioBuffer, AudioError};

/// A spill file being written.
pub struct SpillWriter {}

impl SpillWriter {
    /// An empty spill file in the system's temporary folder.
    pub fn create(_sample_rate_hz: u32, _channels: usize) -> Result<Self, AudioError> {
        unimplemented!()
    }

    /// Appends a block.
    pub fn push(&mut self, _channels: &[Vec<f32>]) -> Result<(), AudioError> {
        unimplemented!()
    }

    /// Ends writing.
    pub fn finish(self) -> Result<Spill, AudioError> {
        unimplemented!()
    }
}

/// Audio on disk, read at any place, from any thread.
pub struct Spill {}

impl Spill {
    /// Length in frames.
    pub fn frames(&self) -> u64 {
        unimplemented!()
    }

    /// Sample rate in Hz.
    pub fn sample_rate_hz(&self) -> u32 {
        unimplemented!()
    }

    /// 1 or 2.
    pub fn channels(&self) -> usize {
        unimplemented!()
    }

    /// Fills `block` with the frames from `start`, at most `max_frames`; returns how many, 0 past the end.
    pub fn read(&self, _start: u64, _block: &mut AudioBuffer, _max_frames: usize) -> Result<usize, AudioError> {
        unimplemented!()
    }
}
