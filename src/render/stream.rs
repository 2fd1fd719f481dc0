//! A stream through parts of the chain: latency removed, length kept, one thread a part where threads are to be had.
//!
//! Every part sees the same blocks whatever the number of threads, so the samples are the same too.

use super::BLOCK_FRAMES;
use crate::audio::AudioBuffer;
use crate::chain::MasteringChain;
use crate::error::Error;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Blocks that may wait between two threads, beside the one that each of them works on.
pub(super) const QUEUE_BLOCKS: usize = 1;

/// A part of the chain whose output lines up with its input.
pub(super) struct Aligned<'a> {
    chain: &'a mut MasteringChain,
    skip_frames: usize,
}

impl<'a> Aligned<'a> {
    /// Wraps a chain at rest.
    pub(super) fn new(chain: &'a mut MasteringChain) -> Self {
        let skip_frames = chain.latency_frames();
        Self { chain, skip_frames }
    }

    /// Processes a block; the first blocks come out shorter by the chain's latency.
    pub(super) fn process(&mut self, block: &mut AudioBuffer) {
        self.chain.process(&mut block.channels);
        let skip = self.skip_frames.min(block.frames());
        if skip > 0 {
            block.channels.iter_mut().for_each(|c| drop(c.drain(..skip)));
            self.skip_frames -= skip;
        }
    }

    /// What is still inside after the last block of input.
    pub(super) fn tail(&mut self, like: &AudioBuffer) -> AudioBuffer {
        let mut block = AudioBuffer::silence(like.sample_rate_hz, like.channels.len(), self.chain.latency_frames());
        self.process(&mut block);
        block
    }
}

/// Pulls blocks from `source` (an empty block ends the stream), through every part in order, into `sink`.
///
/// With `threads > 1` each part runs in a thread of its own. Errors: the first of source or sink.
pub(super) fn run(
    mut source: impl FnMut() -> Result<AudioBuffer, Error> + Send,
    parts: &mut [MasteringChain],
    threads: usize,
    mut sink: impl FnMut(&AudioBuffer) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut parts: Vec<Aligned> = parts.iter_mut().map(Aligned::new).collect();
    if threads < 2 {
        return run_here(&mut source, &mut parts, &mut sink);
    }
    std::thread::scope(|scope| {
        let (first, mut stream) = sync_channel(QUEUE_BLOCKS);
        scope.spawn(move || feed(&mut source, &first));
        for mut part in parts {
            let (next, output) = sync_channel(QUEUE_BLOCKS);
            let input = std::mem::replace(&mut stream, output);
            scope.spawn(move || relay(&mut part, &input, &next));
        }
        // Dropping the receiver on an error makes every sender fail, which ends the threads.
        stream.into_iter().try_for_each(|block| sink(&block?))
    })
}

type Block = Result<AudioBuffer, Error>;

fn run_here(
    source: &mut dyn FnMut() -> Block,
    parts: &mut [Aligned],
    sink: &mut dyn FnMut(&AudioBuffer) -> Result<(), Error>,
) -> Result<(), Error> {
    loop {
        let mut block = source()?;
        if block.frames() == 0 {
            // Each part's tail passes the parts after it.
            for i in 0..parts.len() {
                let mut tail = parts[i].tail(&block);
                parts[i + 1..].iter_mut().for_each(|p| p.process(&mut tail));
                sink(&tail)?;
            }
            return Ok(());
        }
        parts.iter_mut().for_each(|p| p.process(&mut block));
        sink(&block)?;
    }
}

fn feed(source: &mut dyn FnMut() -> Block, next: &SyncSender<Block>) {
    loop {
        let block = source();
        let last = !matches!(&block, Ok(b) if b.frames() > 0);
        if next.send(block).is_err() || last {
            return;
        }
    }
}

/// Relays until the stream's empty block, then sends the tail and the empty block on.
fn relay(part: &mut Aligned, input: &Receiver<Block>, next: &SyncSender<Block>) {
    for mut block in input {
        if let Ok(b) = &mut block {
            if b.frames() == 0 {
                let _ = next.send(Ok(part.tail(b))).and_then(|()| next.send(block));
                return;
            }
            part.process(b);
            if b.frames() == 0 {
                continue;
            }
        }
        if next.send(block).is_err() {
            return;
        }
    }
}

/// The frames `start..end` of a spill file as a source for [`run`].
pub(super) fn frames_of<'a>(
    audio: &'a crate::audio::spill::Spill,
    start: u64,
    end: u64,
) -> impl FnMut() -> Result<AudioBuffer, Error> + Send + 'a {
    let mut next = start;
    move || {
        let mut block = AudioBuffer::silence(audio.sample_rate_hz(), audio.channels(), 0);
        let wanted = (end - next).min(BLOCK_FRAMES as u64) as usize;
        next += audio.read(next, &mut block, wanted)? as u64;
        Ok(block)
    }
}
