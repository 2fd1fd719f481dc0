//! One pass over the file for everything that the rules ask.

use super::clicks::Clicks;
use super::edges::Edges;
use super::moments::Moments;
use super::rules::rule;
use crate::analysis::{Analysis, Analyzer, Trace};
use crate::audio::decode::{Decoder, SourceInfo};
use crate::error::Error;
use crate::progress::{Progress, Step};
use std::path::Path;

/// Frames that are decoded at once.
const BLOCK_FRAMES: usize = 8192;

/// What was heard of a mix.
pub(super) struct Heard {
    pub(super) info: SourceInfo,
    pub(super) analysis: Analysis,
    pub(super) trace: Trace,
    pub(super) clicks: Vec<Clicks>,
    pub(super) edges: Edges,
    pub(super) moments: Moments,
    /// Bits that the samples use; none where they are no integers of 24 bits or fewer.
    pub(super) used_bits: Option<u32>,
}

impl Heard {
    pub(super) fn duration_s(&self) -> f64 {
        self.analysis.frames as f64 / f64::from(self.analysis.sample_rate_hz)
    }
}

/// Everything that listens.
struct Ear {
    analyzer: Analyzer,
    clicks: Vec<Clicks>,
    edges: Edges,
    moments: Moments,
    words: Words,
}

impl Ear {
    fn new(rate_hz: u32, channels: usize) -> Self {
        Self {
            analyzer: Analyzer::new(rate_hz, channels),
            clicks: (0..channels).map(|_| Clicks::new(rate_hz, rule("clicks").limit)).collect(),
            edges: Edges::new(rate_hz, channels),
            moments: Moments::new(rate_hz),
            words: Words::default(),
        }
    }

    fn push(&mut self, channels: &[Vec<f32>]) {
        self.analyzer.push(channels);
        self.clicks.iter_mut().zip(channels).for_each(|(clicks, channel)| clicks.push(channel));
        self.edges.push(channels);
        self.moments.push(channels);
        channels.iter().for_each(|channel| self.words.push(channel));
    }

    fn finish(self, info: SourceInfo) -> Heard {
        let timeline = self.analyzer.finish();
        Heard {
            info,
            analysis: timeline.analysis(),
            trace: timeline.trace(),
            clicks: self.clicks,
            edges: self.edges,
            moments: self.moments,
            used_bits: self.words.used_bits(),
        }
    }
}

/// Listens to a file. Errors: the decoder's; interrupted.
pub(super) fn listen(path: &Path, progress: &Progress) -> Result<Heard, Error> {
    let mut decoder = Decoder::open(path)?;
    let info = decoder.info().clone();
    let mut ear = Ear::new(info.sample_rate_hz, info.channels);
    let mut frames = 0;
    decoder.for_each_block(BLOCK_FRAMES, |block| {
        ear.push(&block.channels);
        frames += block.frames() as u64;
        progress.at(Step::ListenMix, frames, info.frames.unwrap_or(u64::MAX))
    })?;
    Ok(ear.finish(info))
}

/// Listens to music in memory.
pub(super) fn listen_to(channels: &[Vec<f32>], sample_rate_hz: u32, bits: Option<u32>) -> Heard {
    let mut ear = Ear::new(sample_rate_hz, channels.len());
    let frames = channels[0].len();
    for start in (0..frames).step_by(BLOCK_FRAMES) {
        let end = frames.min(start + BLOCK_FRAMES);
        ear.push(&channels.iter().map(|channel| channel[start..end].to_vec()).collect::<Vec<_>>());
    }
    let frames = Some(frames as u64);
    ear.finish(SourceInfo { format: String::new(), sample_rate_hz, channels: channels.len(), frames, bits, lossy: false })
}

/// The grid that all samples lie on.
#[derive(Default)]
struct Words {
    /// Union of all samples as 24-bit words: the lowest bit that is set tells the grid.
    union: u32,
    beyond: bool,
}

impl Words {
    fn push(&mut self, samples: &[f32]) {
        for &sample in samples {
            let word = sample * 8_388_608.0;
            let whole = word as i32;
            self.beyond |= whole as f32 != word;
            self.union |= whole.unsigned_abs();
        }
    }

    fn used_bits(&self) -> Option<u32> {
        (!self.beyond && self.union != 0).then(|| 24 - self.union.trailing_zeros().min(23))
    }
}
