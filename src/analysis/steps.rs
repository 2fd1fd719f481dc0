//! Blocks of any length become the steps of the grid of time.

use super::grid::{STEPS_PER_ROW, step_end};

/// One step: 10 ms, or the rest of the stream.
pub(super) struct Step<'a> {
    /// One slice a channel, of equal length; finite.
    pub(super) channels: &'a [&'a [f32]],
    /// Frame of the stream at which it begins.
    pub(super) start: u64,
    /// Whether it is as long as the grid has it.
    pub(super) whole: bool,
    /// Whether a row ends with it.
    pub(super) ends_row: bool,
    /// Samples of it that were not finite, for which a 0 stands.
    pub(super) non_finite: u64,
}

impl Step<'_> {
    /// Frames of each channel.
    pub(super) fn frames(&self) -> usize {
        self.channels.first().map_or(0, |channel| channel.len())
    }
}

/// Cuts a stream of planar audio into steps.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    sample_rate_hz: u32,
    frames: u64,
    steps: u64,
    /// The beginning of a step that the last block did not end.
    staged: Vec<Vec<f32>>,
}

impl Steps {
    /// Before a stream of 1 or 2 channels.
    pub(super) fn new(sample_rate_hz: u32, channels: usize) -> Self {
        Self { sample_rate_hz, frames: 0, steps: 0, staged: vec![Vec::new(); channels.clamp(1, 2)] }
    }

    /// Channels of every step.
    pub(super) fn channels(&self) -> usize {
        self.staged.len()
    }

    /// Frames of all steps so far.
    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Takes the next block and hands on each step that it ends; channels beyond those of the stream are ignored.
    pub(super) fn push(&mut self, channels: &[Vec<f32>], mut take: impl FnMut(&Step)) {
        let frames = channels.iter().map(Vec::len).min().unwrap_or(0);
        let mut taken = 0;
        while taken < frames {
            let step_len = self.step_len();
            let part = (step_len - self.staged[0].len()).min(frames - taken);
            let range = taken..taken + part;
            taken += part;
            if part == step_len && channels.iter().take(self.channels()).all(|channel| is_finite(&channel[range.clone()])) {
                // Nothing has to be put together.
                let step: [&[f32]; 2] =
                    std::array::from_fn(|c| channels.get(c).map_or(&[][..], |channel| &channel[range.clone()]));
                let given = self.channels().min(channels.len());
                self.hand_on(&step[..given], 0, &mut take);
                continue;
            }
            for (staged, channel) in self.staged.iter_mut().zip(channels) {
                staged.extend_from_slice(&channel[range.clone()]);
            }
            if self.staged[0].len() == step_len {
                self.end(&mut take);
            }
        }
    }

    /// Hands on what is staged: a step, or the rest of the stream.
    pub(super) fn end(&mut self, mut take: impl FnMut(&Step)) {
        if self.staged[0].is_empty() {
            return;
        }
        let mut staged = std::mem::take(&mut self.staged);
        let mut non_finite = 0;
        for channel in staged.iter_mut().filter(|channel| !is_finite(channel)) {
            for x in channel.iter_mut().filter(|x| !x.is_finite()) {
                *x = 0.0;
                non_finite += 1;
            }
        }
        let step: [&[f32]; 2] = std::array::from_fn(|c| staged.get(c).map_or(&[][..], Vec::as_slice));
        self.hand_on(&step[..staged.len()], non_finite, &mut take);
        staged.iter_mut().for_each(Vec::clear);
        self.staged = staged;
    }

    fn hand_on(&mut self, channels: &[&[f32]], non_finite: u64, take: &mut impl FnMut(&Step)) {
        let (frames, start) = (channels.first().map_or(0, |channel| channel.len()), self.frames);
        let whole = frames == self.step_len();
        self.frames += frames as u64;
        self.steps += 1;
        take(&Step { channels, start, whole, ends_row: self.steps.is_multiple_of(STEPS_PER_ROW), non_finite });
    }

    fn step_len(&self) -> usize {
        (step_end(self.steps, self.sample_rate_hz) - self.frames) as usize
    }
}

/// Whether all samples are finite: marks that are or-ed, a loop without a branch in it.
fn is_finite(samples: &[f32]) -> bool {
    samples.iter().fold(0, |marks, x| marks | u32::from(!x.is_finite())) == 0
}
