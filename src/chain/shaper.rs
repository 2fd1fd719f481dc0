//! What the stages with an oversampled curve share: chunks, the dry path's delay, and the difference added to it.

use super::processor::StageMeter;
use crate::dsp::chunk::{CHUNK, Chunk, Chunker};
use crate::dsp::delay::Delay;

/// Makes the difference that a stage adds to the dry sound.
pub(super) trait Difference: Send {
    /// Turns a chunk of the sound into the chunk of difference, [`Difference::latency_frames`] late.
    fn process(&mut self, chunk: &mut Chunk);
    /// Frames by which the difference is late.
    fn latency_frames(&self) -> usize;
    /// Back to rest.
    fn reset(&mut self);
}

/// A stage that adds a [`Difference`] to the dry sound: where the difference is zero, the sound is bit-exact.
pub(super) struct Shaper<D> {
    difference: D,
    chunker: Chunker,
    dry: Vec<Delay>,
}

impl<D: Difference> Shaper<D> {
    pub(super) fn new(difference: D, channels: usize) -> Self {
        let delay = Delay::new(difference.latency_frames());
        Self { difference, chunker: Chunker::default(), dry: vec![delay; channels] }
    }
}

impl<D: Difference> super::Processor for Shaper<D> {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let Self { difference, chunker, dry } = self;
        chunker.process(channels, |chunk| {
            let mut wet = *chunk;
            difference.process(&mut wet);
            for ((delay, lane), wet) in dry.iter_mut().zip(chunk.iter_mut()).zip(&wet) {
                delay.process(lane);
                for n in 0..CHUNK {
                    lane[n] += wet[n];
                }
            }
        });
    }

    fn latency_frames(&self) -> usize {
        Chunker::LATENCY_FRAMES + self.difference.latency_frames()
    }

    fn reset(&mut self) {
        self.difference.reset();
        self.chunker.reset();
        self.dry.iter_mut().for_each(Delay::reset);
    }

    fn meter(&self) -> StageMeter {
        StageMeter::default()
    }
}
