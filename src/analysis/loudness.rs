//! Loudness (ITU-R BS.1770-5).

/// Integrated loudness of a stream.
pub struct LoudnessMeter {}

impl LoudnessMeter {
    /// A meter at rest.
    pub fn new(_sample_rate_hz: u32, _channels: usize) -> Self {
        unimplemented!()
    }
    /// Takes a block.
    pub fn push(&mut self, _channels: &[Vec<f32>]) {
        unimplemented!()
    }
    /// Integrated loudness, LUFS.
    pub fn integrated_lufs(&self) -> f64 {
        unimplemented!()
    }
}
