//! Loudness by ITU-R BS.1770-5 and loudness range by EBU Tech 3342.
//!
//! `channels ─ K-weighting ─ mean square of 10 ms ─┬ rows of 100 ms ─ 400 ms blocks ─ gates ─▶ integrated`
//! `                                               ├ 400 ms every 10 ms ─ maximum ─▶ momentary`
//! `                                               └ 3 s every 10 ms ─ maximum ─▶ short-term`
//!
//! Maxima are taken every 10 ms, ten times as often as Tech 3341 asks, because a 400 ms burst that begins between two
//! 100 ms steps would otherwise read up to 0.6 LU low (Tech 3341 case 13).

use super::grid::{STEPS_PER_ROW, step_end};
use crate::dsp::kweight::{KWeighting, power_to_lufs};
use std::ops::RangeInclusive;

/// Loudness that stands for "nothing above the absolute gate".
pub const SILENCE_LUFS: f64 = -70.0;
/// Rows in a momentary block.
pub(super) const MOMENTARY_ROWS: usize = 4;
/// Rows in a short-term window.
pub(super) const SHORT_TERM_ROWS: usize = 30;
/// Rows of silence that a file meter appends before it takes the loudness range (Tech 3342: at least 1.5 s).
pub(super) const LRA_TAIL_ROWS: usize = 15;

/// Loudness of a K-weighted power, no lower than [`SILENCE_LUFS`].
pub(super) fn lufs_or_silence(power: f64) -> f64 {
    if power > 0.0 { power_to_lufs(power).max(SILENCE_LUFS) } else { SILENCE_LUFS }
}

fn mean_above(powers: &[f64], gate_lufs: f64) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0u64);
    for &power in powers.iter().filter(|&&p| power_to_lufs(p) > gate_lufs) {
        sum += power;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// Integrated loudness of 400 ms blocks (BS.1770-5 equations 4 to 7): the mean of those above −70 LUFS sets a gate 10 LU
/// below itself; the mean of those above both gates is the loudness.
pub(super) fn integrated_lufs(blocks: &[f64]) -> f64 {
    let gated =
        mean_above(blocks, SILENCE_LUFS).and_then(|mean| mean_above(blocks, (power_to_lufs(mean) - 10.0).max(SILENCE_LUFS)));
    gated.map_or(SILENCE_LUFS, power_to_lufs)
}

/// The levels, LUFS, that bound the loudness range of short-term powers (Tech 3342): 10th and 95th percentile of those above −70 LUFS and above
/// their mean less 20 LU; 0 and 0 where nothing passes.
pub(super) fn loudness_range_lufs(short_term: &[f64]) -> RangeInclusive<f64> {
    let Some(mean) = mean_above(short_term, SILENCE_LUFS) else { return 0.0..=0.0 };
    let gate_lufs = (power_to_lufs(mean) - 20.0).max(SILENCE_LUFS);
    let mut levels: Vec<f64> = short_term.iter().map(|&p| power_to_lufs(p)).filter(|&l| l > gate_lufs).collect();
    percentile(&mut levels, 0.10)..=percentile(&mut levels, 0.95)
}

/// Percentile by nearest rank, as in the reference code of Tech 3342; sorts; 0 for no values.
pub(super) fn percentile(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_unstable_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

/// K-weights channels and squares them.
#[derive(Clone, Debug)]
pub(super) struct KWeightedPower {
    pairs: Vec<KWeighting>,
    weights: Vec<f64>,
}

impl KWeightedPower {
    /// One weight a channel.
    pub(super) fn new(sample_rate_hz: u32, weights: &[f64]) -> Self {
        let pairs = vec![KWeighting::new(f64::from(sample_rate_hz)); weights.len().div_ceil(2)];
        Self { pairs, weights: weights.to_vec() }
    }

    /// Weighted sum of squares of the next frames.
    #[inline(never)] // A profile is to know it by its name.
    pub(super) fn energy<C: AsRef<[f32]>>(&mut self, channels: &[C]) -> f64 {
        let mut energy = 0.0;
        for ((filter, pair), weights) in self.pairs.iter_mut().zip(channels.chunks(2)).zip(self.weights.chunks(2)) {
            let left = pair[0].as_ref();
            let right = pair.get(1).map_or(left, AsRef::as_ref);
            let mut sums = [0.0; 2];
            let mut running = filter.clone();
            for (&l, &r) in left.iter().zip(right) {
                let y = running.process([f64::from(l), f64::from(r)]);
                sums = [sums[0] + y[0] * y[0], sums[1] + y[1] * y[1]];
            }
            running.flush();
            *filter = running;
            energy += weights.iter().zip(sums).map(|(w, s)| w * s).sum::<f64>();
        }
        energy
    }
}

/// Sliding windows of 400 ms and 3 s over powers of 10 ms.
#[derive(Clone, Debug)]
pub(super) struct SlidingLoudness {
    ring: Vec<f64>,
    steps: usize,
    momentary_sum: f64,
    short_term_sum: f64,
}

impl SlidingLoudness {
    const MOMENTARY_STEPS: usize = MOMENTARY_ROWS * STEPS_PER_ROW as usize;
    const SHORT_TERM_STEPS: usize = SHORT_TERM_ROWS * STEPS_PER_ROW as usize;

    pub(super) fn new() -> Self {
        Self { ring: vec![0.0; Self::SHORT_TERM_STEPS], steps: 0, momentary_sum: 0.0, short_term_sum: 0.0 }
    }

    /// Takes the mean power of the next 10 ms; gives the mean power of the last 400 ms and of the last 3 s, 0 until there
    /// are as many.
    pub(super) fn push(&mut self, power: f64) -> (f64, f64) {
        let at = self.steps % Self::SHORT_TERM_STEPS;
        let before = |n: usize| (at + Self::SHORT_TERM_STEPS - n) % Self::SHORT_TERM_STEPS;
        self.short_term_sum += power - self.ring[at];
        self.momentary_sum += power - self.ring[before(Self::MOMENTARY_STEPS)];
        self.ring[at] = power;
        self.steps += 1;
        let mean = |sum: f64, n: usize| if self.steps < n { 0.0 } else { sum.max(0.0) / n as f64 };
        (mean(self.momentary_sum, Self::MOMENTARY_STEPS), mean(self.short_term_sum, Self::SHORT_TERM_STEPS))
    }
}

/// A loudness meter for any number of weighted channels, such as 5.1 (weights 1, 1, 1, 0, 1.41, 1.41).
#[derive(Clone, Debug)]
pub struct LoudnessMeter {
    sample_rate_hz: u32,
    power: KWeightedPower,
    sliding: SlidingLoudness,
    staged: Vec<Vec<f32>>,
    frames: u64,
    steps: Vec<f64>,
    max_momentary: f64,
    max_short_term: f64,
}

impl LoudnessMeter {
    /// A meter at rest; `weights` are the channel weights G of BS.1770-5 table 3, one a channel, as power factors.
    pub fn new(sample_rate_hz: u32, weights: &[f64]) -> Self {
        Self {
            sample_rate_hz,
            power: KWeightedPower::new(sample_rate_hz, weights),
            sliding: SlidingLoudness::new(),
            staged: vec![Vec::new(); weights.len()],
            frames: 0,
            steps: Vec::new(),
            max_momentary: 0.0,
            max_short_term: 0.0,
        }
    }

    /// Takes the next block, one slice a channel.
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        let frames = channels.first().map_or(0, Vec::len);
        let mut taken = 0;
        while taken < frames {
            let step_len = (step_end(self.steps.len() as u64, self.sample_rate_hz) - self.frames) as usize;
            let part = (step_len - self.staged[0].len()).min(frames - taken);
            for (staged, channel) in self.staged.iter_mut().zip(channels) {
                staged.extend_from_slice(&channel[taken..taken + part]);
            }
            taken += part;
            if self.staged[0].len() == step_len {
                self.end_step(step_len);
            }
        }
    }

    fn end_step(&mut self, step_len: usize) {
        let power = self.power.energy(&self.staged) / step_len.max(1) as f64;
        let (momentary, short_term) = self.sliding.push(power);
        self.max_momentary = self.max_momentary.max(momentary);
        self.max_short_term = self.max_short_term.max(short_term);
        self.steps.push(power);
        self.frames += step_len as u64;
        self.staged.iter_mut().for_each(Vec::clear);
    }

    /// Integrated loudness so far, LUFS.
    pub fn integrated_lufs(&self) -> f64 {
        let block = MOMENTARY_ROWS * STEPS_PER_ROW as usize;
        let blocks: Vec<f64> =
            self.steps.windows(block).step_by(STEPS_PER_ROW as usize).map(|w| w.iter().sum::<f64>() / block as f64).collect();
        integrated_lufs(&blocks)
    }

    /// Largest loudness of 400 ms so far, LUFS.
    pub fn max_momentary_lufs(&self) -> f64 {
        lufs_or_silence(self.max_momentary)
    }

    /// Largest loudness of 3 s so far, LUFS.
    pub fn max_short_term_lufs(&self) -> f64 {
        lufs_or_silence(self.max_short_term)
    }
}
