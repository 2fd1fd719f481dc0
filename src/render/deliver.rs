//! Delivery: limiter, dither, encode; then the written file is decoded and measured, and its promises are checked.

use super::stream::{frames_of, run};
use super::{BLOCK_FRAMES, Promise};
use crate::analysis::{Analysis, Analyzer};
use crate::audio::AudioBuffer;
use crate::audio::decode::Decoder;
use crate::audio::encode::{EncodeFormat, Encoder, WrittenFile};
use crate::audio::spill::Spill;
use crate::chain::{ChainSettings, MasteringChain, Stage, StageMeter};
use crate::error::Error;
use crate::plan::Delivery;
use crate::progress::{Progress, Step};
use std::path::Path;

/// How far the written file may be from the promised loudness.
pub(super) const LOUDNESS_TOLERANCE_LU: f64 = 0.1;
/// How far above the ceiling the meter may read: meters of different length disagree by this.
const CEILING_TOLERANCE_DB: f64 = 0.05;

/// A file that was written and measured but does not bear its name yet.
pub(super) struct Delivered {
    pub(super) file: WrittenFile,
    pub(super) analysis: Analysis,
    pub(super) meters: Vec<(Stage, StageMeter)>,
}

/// Limits and encodes `audio` into a temporary file beside `target`, and measures that file.
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
    let mut done = 0;
    run(frames_of(audio, 0, audio.frames()), &mut parts, progress.threads, |block| {
        done += block.frames() as u64;
        progress.at(Step::Render, audio.frames() + done, 2 * audio.frames())?;
        Ok(encoder.push(&block.channels)?)
    })?;
    let file = encoder.finish()?;
    let analysis = measure(file.path(), audio.frames(), progress)?;
    Ok(Delivered { file, analysis, meters: parts[0].meters() })
}

fn measure(path: &Path, frames: u64, progress: &Progress) -> Result<Analysis, Error> {
    let mut decoder = Decoder::open(path)?;
    let mut analyzer = Analyzer::new(decoder.info().sample_rate_hz, decoder.info().channels);
    let mut block = AudioBuffer::default();
    let mut done = 0;
    loop {
        let read = decoder.read(&mut block, BLOCK_FRAMES)?;
        if read == 0 {
            return Ok(analyzer.finish().analysis());
        }
        analyzer.push(&block.channels);
        done += read as u64;
        progress.at(Step::Verify, done, frames)?;
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
