//! The beginning and the end of a file: cut into the music, silent, or noisy.

/// Length of a level's block.
pub(super) const BLOCK_S: f64 = 0.05;
/// The start that is compared with what follows.
const START_S: f64 = 0.0005;
/// What follows.
const AFTER_S: f64 = 0.02;
/// Blocks of noise at least: 0.3 s.
const NOISE_BLOCKS: usize = 6;
/// Music is what comes within this of the loud parts.
const MUSIC_DB: f64 = 26.0;
/// Noise is steady: its blocks differ by no more.
const STEADY_DB: f64 = 6.0;
/// … in this share of them: there may be silence before it.
const STEADY_SHARE: f64 = 0.6;
/// What counts as no level at all.
const NOTHING_DBFS: f64 = -140.0;

/// Level over time and the first samples; a constant offset is no level.
pub(super) struct Edges {
    block_frames: usize,
    start_frames: usize,
    head_frames: usize,
    /// The first samples of each channel.
    head: Vec<Vec<f32>>,
    /// The block that is being filled, of each channel.
    block: Vec<Vec<f32>>,
    /// Level of each block of 50 ms, dBFS.
    levels_dbfs: Vec<f32>,
    /// Sum of each channel, and how many frames there were.
    sums: Vec<f64>,
    frames: u64,
}

impl Edges {
    /// A detector at rest.
    pub(super) fn new(rate_hz: u32, channels: usize) -> Self {
        let frames = |seconds: f64| (f64::from(rate_hz) * seconds) as usize;
        Self {
            block_frames: frames(BLOCK_S).max(1),
            start_frames: frames(START_S).max(2),
            head_frames: frames(AFTER_S).max(4),
            head: vec![Vec::new(); channels],
            block: vec![Vec::new(); channels],
            levels_dbfs: Vec::new(),
            sums: vec![0.0; channels],
            frames: 0,
        }
    }

    /// Takes the next frames.
    pub(super) fn push(&mut self, channels: &[Vec<f32>]) {
        for (head, channel) in self.head.iter_mut().zip(channels) {
            let missing = (self.head_frames - head.len()).min(channel.len());
            head.extend_from_slice(&channel[..missing]);
        }
        let frames = channels[0].len();
        self.frames += frames as u64;
        self.sums.iter_mut().zip(channels).for_each(|(sum, channel)| *sum += channel.iter().map(|&x| f64::from(x)).sum::<f64>());
        let mut at = 0;
        while at < frames {
            let end = frames.min(at + self.block_frames - self.block[0].len());
            self.block.iter_mut().zip(channels).for_each(|(block, channel)| block.extend_from_slice(&channel[at..end]));
            if self.block[0].len() == self.block_frames {
                self.levels_dbfs.push(decibels(variance(self.block.iter().map(|block| (&block[..], mean(block))))) as f32);
                self.block.iter_mut().for_each(Vec::clear);
            }
            at = end;
        }
    }

    /// Level of the loud parts: the 80th percentile of the blocks.
    fn loud_dbfs(&self) -> f64 {
        percentile(self.levels_dbfs.iter().map(|&l| f64::from(l)), 0.8)
    }

    /// Level of the first half millisecond against the 20 ms after it, where those hold music.
    pub(super) fn start_db(&self) -> Option<f64> {
        if self.head[0].len() < self.head_frames {
            return None;
        }
        // The mean of a few milliseconds is music; that of the file is its offset.
        let offset = |sum: &f64| sum / self.frames.max(1) as f64;
        let level = |from: usize, to: usize| {
            decibels(variance(self.head.iter().zip(&self.sums).map(|(head, sum)| (&head[from..to], offset(sum)))))
        };
        let after = level(self.start_frames, self.head_frames);
        (after > self.loud_dbfs() - MUSIC_DB).then(|| level(0, self.start_frames) - after)
    }

    /// Level of the last 50 ms against the loud parts.
    pub(super) fn end_db(&self) -> f64 {
        // A rest of a few frames says little: the whole block before it counts unless the rest is long.
        let before = self.levels_dbfs.last().map_or(NOTHING_DBFS, |&level| f64::from(level));
        let long = 2 * self.block[0].len() >= self.block_frames;
        let rest = || decibels(variance(self.block.iter().map(|block| (&block[..], mean(block)))));
        (if long { rest() } else { before }) - self.loud_dbfs()
    }

    /// Steady noise before and after the music: its level, and where it is in seconds.
    pub(super) fn noise(&self) -> [Option<(f64, f64, f64)>; 2] {
        let music = self.loud_dbfs() - MUSIC_DB;
        let count = self.levels_dbfs.len();
        let is_music = |level: &f32| f64::from(*level) > music;
        let first = self.levels_dbfs.iter().position(is_music).unwrap_or(0);
        let end = self.levels_dbfs.iter().rposition(is_music).map_or(count, |at| at + 1);
        let region = |from: usize, to: usize| {
            let levels = self.levels_dbfs.get(from..to).filter(|levels| levels.len() >= NOISE_BLOCKS)?;
            let level = percentile(levels.iter().map(|&l| f64::from(l)), 0.5);
            let steady = levels.iter().filter(|&&l| (f64::from(l) - level).abs() < STEADY_DB / 2.0).count();
            (steady >= NOISE_BLOCKS && steady as f64 > STEADY_SHARE * levels.len() as f64).then_some((
                level,
                from as f64 * BLOCK_S,
                to as f64 * BLOCK_S,
            ))
        };
        // The block before the music may hold its first attack, the one after it its last decay.
        [region(0, first.saturating_sub(1)), region((end + 1).min(count), count)]
    }
}

fn mean(samples: &[f32]) -> f64 {
    samples.iter().map(|&x| f64::from(x)).sum::<f64>() / samples.len().max(1) as f64
}

/// Mean power of channels about the mean that comes with each.
fn variance<'a>(channels: impl Iterator<Item = (&'a [f32], f64)>) -> f64 {
    let (mut sum, mut count) = (0.0, 0);
    for (samples, mean) in channels {
        sum += samples.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>();
        count += samples.len();
    }
    sum / count.max(1) as f64
}

fn decibels(power: f64) -> f64 {
    10.0 * power.max(1e-14).log10()
}

/// A percentile; [`NOTHING_DBFS`] of nothing.
pub(super) fn percentile(values: impl Iterator<Item = f64>, share: f64) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    sorted.get((last * share).round() as usize).copied().unwrap_or(NOTHING_DBFS)
}
