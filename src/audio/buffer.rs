//! Planar audio in memory: a whole excerpt, or one block of a stream.

/// Planar f32 audio; all channels have the same length. Full scale is ±1; values beyond are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudioBuffer {
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// One vector of samples for each channel (1: mono; 2: left, right).
    pub channels: Vec<Vec<f32>>,
}

impl AudioBuffer {
    /// Silence.
    pub fn silence(sample_rate_hz: u32, channels: usize, frames: usize) -> Self {
        Self { sample_rate_hz, channels: vec![vec![0.0; frames]; channels] }
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }
}
