//! The analyzer: takes blocks of audio, keeps a timeline.

use super::Timeline;

/// Measures a stream of planar audio; blocks of any length give the same timeline.
pub struct Analyzer {}

impl Analyzer {
    /// An analyzer at rest; 1 or 2 channels.
    pub fn new(_sample_rate_hz: u32, _channels: usize) -> Self {
        unimplemented!()
    }

    /// Takes the next block.
    pub fn push(&mut self, _channels: &[Vec<f32>]) {
        unimplemented!()
    }

    /// Ends the measurement.
    pub fn finish(self) -> Timeline {
        unimplemented!()
    }
}
