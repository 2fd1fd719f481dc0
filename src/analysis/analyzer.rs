//! The analyzer: takes blocks of audio, keeps a timeline.
//!
//! `blocks ┬ steps of 10 ms ─ levels ┬ K-weighting ─ loudness`
//! `       │                         └ peaks: sample, true, flat tops`
//! `       └ steps of 10 ms ─ tones ─ M,S ┬ four bands ─ powers, peaks, onsets`
//! `                                      └ spectra ─ third octaves, treble edge, hum`
//!
//! Every kernel sees the same steps whatever the blocks were, so blocks of any length give the same timeline. The halves know nothing of
//! each other: where there are threads to spare, each runs in one.

use super::defects::Findings;
use super::grid::{ROWS_PER_CELL, row_at};
use super::levels::LevelMeter;
use super::timeline::Timeline;
use super::tones::ToneMeter;
use std::sync::mpsc::sync_channel;

/// Rows that a header is believed: ten hours. What is longer makes its room as it comes.
const BELIEVED_ROWS: usize = 360_000;

/// Measures a stream of planar audio; blocks of any length give the same timeline.
pub struct Analyzer {
    sample_rate_hz: u32,
    levels: LevelMeter,
    tones: ToneMeter,
}

impl Analyzer {
    /// An analyzer at rest; 1 or 2 channels.
    pub fn new(sample_rate_hz: u32, channels: usize) -> Self {
        Self {
            sample_rate_hz,
            levels: LevelMeter::new(sample_rate_hz, channels),
            tones: ToneMeter::new(sample_rate_hz, channels),
        }
    }

    /// Makes room for a stream of so many frames: nothing is moved then as it grows. It may become shorter or longer.
    pub fn expecting(mut self, frames: u64) -> Self {
        let rows = row_at(frames.min(u64::from(self.sample_rate_hz) << 32), self.sample_rate_hz).min(BELIEVED_ROWS) + 1;
        self.levels.reserve(rows);
        self.tones.reserve(rows);
        self
    }

    /// Takes the next block; channels beyond those of the analyzer are ignored. Samples that are not finite count as 0
    /// (see [`Timeline::non_finite_samples`]).
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        self.levels.push(channels);
        self.tones.push(channels);
    }

    /// Listens in two threads: `feed` is given what takes each block, in order, instead of [`Self::push`]. Levels are measured where that
    /// is called, tones beside it, at most `waiting` blocks behind.
    pub fn beside<T>(&mut self, waiting: usize, feed: impl FnOnce(&mut dyn FnMut(Vec<Vec<f32>>)) -> T) -> T {
        let Self { levels, tones, .. } = self;
        std::thread::scope(|scope| {
            let (blocks, queue) = sync_channel::<Vec<Vec<f32>>>(waiting);
            scope.spawn(move || queue.iter().for_each(|block| tones.push(&block)));
            feed(&mut |block| {
                levels.push(&block);
                // Nobody listens any more only where the other thread panicked: the scope passes that on.
                drop(blocks.send(block));
            })
        })
    }

    /// Ends the measurement.
    pub fn finish(self) -> Timeline {
        let levels = self.levels.finish();
        let (tones, channels, frames) = self.tones.finish();
        let (cells, treble) = tones.spectrum.finish(tones.rows.len().div_ceil(ROWS_PER_CELL));
        let found = Findings {
            flat_tops: levels.flat_tops.found(),
            offset: levels.sums.map(|sum| sum / frames.max(1) as f64),
            hum: tones.hum.find(),
            sound: levels.sound,
            treble,
        };
        let rows = (levels.rows, tones.rows);
        Timeline::new(self.sample_rate_hz, channels, frames, rows, cells, found, levels.non_finite)
    }
}

#[cfg(test)]
mod tests {
    use super::super::signals::{Noise, listen, sine};
    use super::*;

    fn music(frames: usize) -> Vec<Vec<f32>> {
        let mut noise = Noise(11);
        let mut channels = vec![sine(44_100, frames, 110.0, 0.3), sine(44_100, frames, 111.0, 0.3)];
        for (n, x) in channels.iter_mut().flatten().enumerate() {
            *x += (noise.next() * 0.2 * (1.0 + (n as f64 * 1e-4).sin())) as f32;
        }
        channels
    }

    #[test]
    fn any_block_length_gives_the_same_timeline() {
        let audio = music(100_003);
        let whole = listen(44_100, &audio);
        for block in [1, 7, 441, 4096, 65_536] {
            let mut analyzer = Analyzer::new(44_100, 2).expecting(block as u64 * 1000);
            for start in (0..audio[0].len()).step_by(block) {
                let end = (start + block).min(audio[0].len());
                analyzer.push(&audio.iter().map(|c| c[start..end].to_vec()).collect::<Vec<_>>());
            }
            let parts = analyzer.finish();
            assert_eq!(parts.analysis(), whole.analysis(), "blocks of {block}");
            assert_eq!(parts.short_term_lufs(), whole.short_term_lufs());
        }
    }

    #[test]
    fn a_mono_file_measures_like_two_equal_channels_but_3_lu_lower() {
        let channel = music(200_000).swap_remove(0);
        let mono = listen(44_100, std::slice::from_ref(&channel)).analysis();
        let dual = listen(44_100, &[channel.clone(), channel]).analysis();
        assert!((dual.loudness.integrated_lufs - mono.loudness.integrated_lufs - 3.01).abs() < 0.01);
        assert_eq!(dual.whole.spectrum, mono.whole.spectrum);
        assert_eq!(dual.whole.dynamics, mono.whole.dynamics);
        assert_eq!(dual.whole.image, mono.whole.image);
        assert_eq!((mono.whole.mono_loss_db, mono.whole.balance_db), (0.0, 0.0));
    }

    #[test]
    fn figures_stay_finite_for_silence_short_files_and_broken_samples() {
        let broken = [f32::NAN, f32::INFINITY, 0.5, -0.5].repeat(20_000);
        for channel in [vec![], vec![0.0; 3], vec![0.0; 200_000], vec![0.25; 100], sine(44_100, 9000, 440.0, 0.5), broken] {
            for channels in [vec![channel.clone()], vec![channel.clone(), channel.clone()]] {
                let timeline = listen(44_100, &channels);
                let analysis = timeline.analysis();
                for feature in crate::analysis::features() {
                    let value = feature.value(&analysis);
                    assert!(value.is_finite(), "{} = {value} for {} frames", feature.id, channel.len());
                }
                let non_finite = channels.iter().flatten().filter(|x| !x.is_finite()).count() as u64;
                assert_eq!(timeline.non_finite_samples(), non_finite);
            }
        }
    }

    #[test]
    fn rows_have_the_figures_of_a_known_signal() {
        let rate = 48_000;
        let (left, right) = (sine(rate, 480_000, 1000.0, 0.5), sine(rate, 480_000, 1000.0, 0.25));
        let analysis = listen(rate, &[left, right]).analysis();
        let near = |value: f64, expected: f64| assert!((value - expected).abs() < 0.05, "{value}, expected {expected}");
        near(analysis.whole.balance_db, 6.02);
        near(analysis.whole.duration_s, 10.0);
        near(analysis.loudness.sample_peak_dbfs, -6.02);
        near(analysis.loudness.true_peak_dbtp, -6.02);
        // Mid 0.375, side 0.125 of amplitude: side over mid −9.54 dB, mono loss 10·lg(1 + 1/9).
        near(analysis.whole.image[2].width_db, -9.54);
        near(analysis.whole.mono_loss_db, 0.458);
        near(analysis.whole.image[2].correlation, 1.0);
        // Peak 0.5 over RMS √((0.5² + 0.25²)/2/2).
        near(analysis.whole.crest_db, 20.0 * (0.5 / (0.3125f64 / 4.0).sqrt()).log10());
        near(analysis.whole.dynamics[2].spread_db, 0.0);
    }
}
