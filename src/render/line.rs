//! Stages in a row over a section in memory, each in a thread of its own where there are threads; what each gave is kept.
//!
//! `section ─ blocks ─ station ─ blocks ─ station ─▶ …`: a stage works on a block while the one after it works on the block
//! before, so two cores take half the time and every sample is the same.

use crate::chain::MasteringChain;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Frames handled at once: a section is short, and each station waits for the first block of the one before.
const BLOCK_FRAMES: usize = 8192;
/// Blocks that may wait between two stations: few, so that a stop is obeyed at once.
const QUEUE_BLOCKS: usize = 2;

/// Whether the work is to end.
pub(super) type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// A stage at work.
pub(super) struct Station {
    /// The one stage.
    pub(super) chain: MasteringChain,
    /// Frames of its input that are left out before it begins.
    skip: usize,
    /// Frames of its input that it still takes.
    left: usize,
    /// What it gave.
    pub(super) given: Vec<Vec<f32>>,
    /// Time that it worked.
    pub(super) busy: Duration,
}

impl Station {
    /// A stage that takes `frames` of its input after the first `skip`, and then gives what is still inside it.
    pub(super) fn new(chain: MasteringChain, channels: usize, skip: usize, frames: usize) -> Self {
        let given = vec![Vec::with_capacity(frames + chain.latency_frames()); channels];
        Self { chain, skip, left: frames, given, busy: Duration::ZERO }
    }

    fn take(&mut self, block: &mut Vec<Vec<f32>>) {
        let began = Instant::now();
        let frames = block.first().map_or(0, Vec::len);
        let from = self.skip.min(frames);
        let to = frames.min(from + self.left);
        let ends = self.left > 0 && to - from == self.left;
        self.skip -= from;
        self.left -= to - from;
        for channel in block.iter_mut() {
            channel.truncate(to);
            channel.drain(..from);
            channel.resize(channel.len() + if ends { self.chain.latency_frames() } else { 0 }, 0.0);
        }
        self.chain.process(block);
        self.given.iter_mut().zip(block).for_each(|(given, new)| given.extend_from_slice(new));
        self.busy += began.elapsed();
    }
}

/// Sends `input` through the stations. False where `stop` said so before all was done.
pub(super) fn run(input: &[Vec<f32>], stations: &mut [Station], threads: usize, stop: Stop) -> bool {
    let frames = input.first().map_or(0, Vec::len);
    let block = |start: usize| -> Vec<Vec<f32>> {
        input.iter().map(|channel| channel[start..frames.min(start + BLOCK_FRAMES)].to_vec()).collect()
    };
    let mut blocks = (0..frames).step_by(BLOCK_FRAMES).map(block);
    if threads < 2 || stations.len() < 2 {
        return blocks.all(|mut block| {
            let go_on = !stop();
            if go_on {
                stations.iter_mut().for_each(|station| station.take(&mut block));
            }
            go_on
        });
    }
    std::thread::scope(|scope| {
        let (first, mut stream) = sync_channel::<Vec<Vec<f32>>>(QUEUE_BLOCKS);
        let mut workers = Vec::new();
        for station in stations {
            let (next, output) = sync_channel(QUEUE_BLOCKS);
            let input = std::mem::replace(&mut stream, output);
            workers.push(scope.spawn(move || {
                for mut block in input {
                    if stop() {
                        return false;
                    }
                    station.take(&mut block);
                    // Who comes after may need no more.
                    let _ = next.send(block);
                }
                true
            }));
        }
        drop(stream);
        // The first station takes nothing more once it was stopped.
        let _ = blocks.try_for_each(|block| first.send(block));
        drop(first);
        let finished =
            |worker: std::thread::ScopedJoinHandle<bool>| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Every worker is waited for, also where one has stopped.
        let finished: Vec<bool> = workers.into_iter().map(finished).collect();
        finished.into_iter().all(|done| done)
    })
}
