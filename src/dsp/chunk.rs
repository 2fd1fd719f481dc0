//! Fixed chunks out of blocks of any length.
//!
//! A processor that works on [`CHUNK`] frames at a time, counted from the stream's start, gives the same samples however
//! the stream is cut into blocks. The price is a delay of one chunk.

/// Frames of a chunk.
pub const CHUNK: usize = 64;

/// One chunk of two lanes; a mono stream leaves the second silent.
pub type Chunk = [[f32; CHUNK]; 2];

/// Collects one chunk while it hands out the one before.
#[derive(Clone, Debug)]
pub struct Chunker {
    chunk: Chunk,
    filled: usize,
}

impl Default for Chunker {
    fn default() -> Self {
        Self { chunk: [[0.0; CHUNK]; 2], filled: 0 }
    }
}

impl Chunker {
    /// Frames by which the chunks delay the stream.
    pub const LATENCY_FRAMES: usize = CHUNK;

    /// Runs `each` on every chunk that this block completes, in place; 1 or 2 channels of equal length.
    pub fn process(&mut self, channels: &mut [Vec<f32>], mut each: impl FnMut(&mut Chunk)) {
        let frames = channels.first().map_or(0, Vec::len);
        let mut start = 0;
        while start < frames {
            let count = (CHUNK - self.filled).min(frames - start);
            for (channel, lane) in channels.iter_mut().zip(&mut self.chunk) {
                channel[start..start + count].swap_with_slice(&mut lane[self.filled..self.filled + count]);
            }
            start += count;
            self.filled += count;
            if self.filled == CHUNK {
                self.filled = 0;
                each(&mut self.chunk);
            }
        }
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}
