//! Delivery: limiter, dither, encode; the quantised samples are measured, the written file is read back to prove that it
//! holds exactly those, and its promises are checked.

use super::edges::Edges;
use super::stream::{QUEUE_BLOCKS, frames_of, run};
use super::{BLOCK_FRAMES, Promise};
use crate::analysis::{Analysis, Analyzer, Timeline, Trace};
use crate::audio::decode::Decoder;
use crate::audio::encode::{EncodeFormat, Encoder, WrittenFile};
use crate::audio::fingerprint::Fingerprint;
use crate::audio::spill::Spill;
use crate::chain::{ChainSettings, MasteringChain, Stage, StageMeter};
use crate::dsp::gain::db_to_gain;
use crate::error::Error;
use crate::plan::Delivery;
use crate::progress::{Progress, Step};
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// How far the written file may be from the promised loudness.
pub(super) const LOUDNESS_TOLERANCE_LU: f64 = 0.1;
/// How far above the ceiling the meter may read: meters of different length disagree by this.
pub(super) const CEILING_TOLERANCE_DB: f64 = 0.05;

/// A file that was written and measured but does not bear its name yet.
pub(super) struct Delivered {
    pub(super) file: WrittenFile,
    /// What was measured.
    sent: Fingerprint,
    pub(super) analysis: Analysis,
    pub(super) trace: Trace,
    pub(super) meters: Vec<(Stage, StageMeter)>,
}

/// Limits and encodes `audio` into a temporary file beside `target`, and measures what goes into it; [`Delivered::verify`] proves that
/// it is there.
pub(super) fn deliver(
    audio: &Spill,
    settings: &ChainSettings,
    delivery: &Delivery,
    target: &Path,
    overwrite: bool,
    progress: &Progress,
) -> Result<Delivered, Error> {
    let format = EncodeFormat {
        container: delivery.container,
        sample_format: delivery.sample_format,
        dither: delivery.dither,
        sample_rate_hz: delivery.sample_rate_hz,
        channels: audio.channels(),
    };
    let mut encoder = Encoder::create(target, format, overwrite)?;
    let rate = f64::from(delivery.sample_rate_hz);
    let mut parts = [MasteringChain::of(&[Stage::Limiter], settings, rate, audio.channels())];
    let mut measuring = Measuring::start(&format, audio.frames(), progress.threads);
    let ceiling = (!settings.limiter.bypass).then(|| db_to_gain(settings.limiter.ceiling_dbtp));
    let mut edges = Edges::new(audio.channels(), ceiling);
    let mut write = |channels: &[Vec<f32>]| -> Result<(), Error> {
        encoder.push(channels)?;
        let mut written = Vec::new();
        encoder.last_written(channels, &mut written);
        measuring.push(written);
        Ok(())
    };
    let mut done = 0;
    run(frames_of(audio, 0, audio.frames()), &mut parts, progress.threads, |block| {
        done += block.frames() as u64;
        progress.at(Step::Render, audio.frames() + done, 2 * audio.frames())?;
        write(&edges.push(&block.channels))
    })?;
    write(&edges.finish())?;
    let file = encoder.finish()?;
    let (timeline, sent) = measuring.finish();
    Ok(Delivered { file, sent, analysis: timeline.analysis(), trace: timeline.trace(), meters: parts[0].meters() })
}

impl Delivered {
    /// Reads the file back. Errors: [`Error::Promise`] where it holds other samples than those that were measured; `target` is the
    /// name that it tells.
    pub(super) fn verify(&self, target: &Path, progress: &Progress) -> Result<(), Error> {
        let mut decoder = Decoder::open(self.file.path())?;
        let mut read = Fingerprint::new(decoder.info().channels);
        decoder.for_each_block(BLOCK_FRAMES, |block| {
            read.push(&block.channels);
            progress.at(Step::Verify, read.frames(), self.analysis.frames)
        })?;
        if read == self.sent {
            return Ok(());
        }
        let (promised, reached) = ("every sample as rendered".to_owned(), "other samples when read back".to_owned());
        Err(Error::Promise { path: target.to_owned(), promised, reached, softer_lufs: None })
    }
}

/// Measures what was written while it is being written, in two threads of its own where there are any.
enum Measuring {
    Here(Box<Analyzer>, Fingerprint),
    Beside(SyncSender<Vec<Vec<f32>>>, JoinHandle<(Timeline, Fingerprint)>),
}

impl Measuring {
    fn start(format: &EncodeFormat, frames: u64, threads: usize) -> Self {
        let mut analyzer = Analyzer::new(format.sample_rate_hz, format.channels).expecting(frames);
        let mut sent = Fingerprint::new(format.channels);
        if threads < 2 {
            return Self::Here(Box::new(analyzer), sent);
        }
        let (blocks, queue) = sync_channel::<Vec<Vec<f32>>>(QUEUE_BLOCKS);
        let worker = std::thread::spawn(move || {
            analyzer.beside(QUEUE_BLOCKS, |hear| {
                for block in queue {
                    sent.push(&block);
                    hear(block);
                }
            });
            (analyzer.finish(), sent)
        });
        Self::Beside(blocks, worker)
    }

    fn push(&mut self, block: Vec<Vec<f32>>) {
        match self {
            Self::Here(analyzer, sent) => {
                analyzer.push(&block);
                sent.push(&block);
            }
            // A send fails only when the worker panicked, which `finish` passes on.
            Self::Beside(blocks, _) => drop(blocks.send(block)),
        }
    }

    fn finish(self) -> (Timeline, Fingerprint) {
        match self {
            Self::Here(analyzer, sent) => (analyzer.finish(), sent),
            Self::Beside(blocks, worker) => {
                drop(blocks);
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        }
    }
}

/// What is promised of every file, and whether this one has it.
pub(super) fn promises(analysis: &Analysis, delivery: &Delivery, frames: u64) -> Vec<Promise> {
    let promise = |what: &str, promised: f64, reached: f64, tolerance: f64, kept: bool| {
        let what = what.to_owned();
        Promise { what, promised, reached, tolerance, kept }
    };
    let peak = analysis.loudness.true_peak_dbtp;
    let mut promises = vec![
        promise("frames", frames as f64, analysis.frames as f64, 0.0, analysis.frames == frames),
        promise(
            "true_peak_dbtp",
            delivery.ceiling_dbtp,
            peak,
            CEILING_TOLERANCE_DB,
            peak <= delivery.ceiling_dbtp + CEILING_TOLERANCE_DB,
        ),
    ];
    if let Some(wanted) = delivery.loudness_lufs {
        let reached = analysis.loudness.integrated_lufs;
        let kept = (reached - wanted).abs() <= LOUDNESS_TOLERANCE_LU;
        promises.push(promise("loudness_lufs", wanted, reached, LOUDNESS_TOLERANCE_LU, kept));
    }
    promises
}
