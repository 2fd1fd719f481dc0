//! Sample-rate conversion: streaming, linear phase, transparent to 20 kHz, length exact.

/// Converts a stream from one rate to another.
pub struct Resampler {}

impl Resampler {
    /// A converter at rest; rates in Hz.
    pub fn new(_from_hz: u32, _to_hz: u32, _channels: usize) -> Self {
        unimplemented!()
    }

    /// Takes a block of any length and appends what is ready to `output` (one vector a channel).
    pub fn push(&mut self, _input: &[Vec<f32>], _output: &mut [Vec<f32>]) {
        unimplemented!()
    }

    /// Appends the rest, so that in all `round(frames · to / from)` frames came out, time-aligned with the input.
    pub fn finish(&mut self, _output: &mut [Vec<f32>]) {
        unimplemented!()
    }
}
