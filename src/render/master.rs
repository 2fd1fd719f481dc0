//! The render of a plan, from the mix's samples to a named file.

use super::deliver::{CEILING_TOLERANCE_DB, Delivered, LOUDNESS_TOLERANCE_LU, deliver, promises};
use super::drive::Waiting;
use super::fade::Fade;
use super::search::Search;
use super::stream::{frames_of, run};
use super::{Master, Promise};
use crate::analysis::LoudnessMeter;
use crate::audio::AudioBuffer;
use crate::audio::metadata::Metadata;
use crate::audio::resample::Resampler;
use crate::audio::spill::{Spill, SpillWriter};
use crate::chain::limiter::LimiterSettings;
use crate::chain::{MasteringChain, Stage, StageMeter};
use crate::error::Error;
use crate::plan::Plan;
use crate::progress::{Progress, Step};
use std::path::Path;

/// Whole renders of the limiter until loudness and peaks are right; the probes make the first one right nearly always.
const ROUNDS: usize = 8;
/// End of the ceiling's range.
const LOWEST_CEILING_DBTP: f64 = -20.0;

/// Renders `mix` by `plan` to `output`; tags and cover come from `metadata`.
///
/// Errors: not writable; exists and not `overwrite`; [`Error::Promise`] when the written file does not keep a promise;
/// [`Error::Interrupted`]. After an error nothing is left under any name.
pub fn render(
    mix: &Spill,
    metadata: Option<&Metadata>,
    plan: &Plan,
    output: &Path,
    overwrite: bool,
    progress: &Progress,
) -> Result<Master, Error> {
    render_faded(mix, (plan, &[]), metadata, output, overwrite, progress)
}

/// [`render`] with gains that change over time, applied before the limiter: the loudness that is promised counts them.
pub fn render_faded(
    mix: &Spill,
    (plan, fades): (&Plan, &[Fade]),
    metadata: Option<&Metadata>,
    output: &Path,
    overwrite: bool,
    progress: &Progress,
) -> Result<Master, Error> {
    let before = before_limiter(mix, plan, fades, progress)?;
    let waiting = Waiting { audio: &before.audio, integrated_lufs: before.integrated_lufs };
    let mut settings = plan.chain.clone();
    // Only the limiter's drive brings the loudness: where it is bypassed there is nothing to search.
    let bypass = settings.limiter.bypass;
    if let Some(wanted) = plan.delivery.loudness_lufs.filter(|_| !bypass) {
        settings.limiter.drive_db = waiting.drive_for(wanted, &settings.limiter, progress.threads)?;
    }
    let (mut round, mut search) = (1, Search::new());
    let mut delivered = loop {
        let delivered = deliver(&before.audio, &settings, &plan.delivery, output, overwrite, progress)?;
        let error = match plan.delivery.loudness_lufs {
            Some(wanted) => delivered.analysis.loudness.integrated_lufs - wanted,
            None => 0.0,
        };
        let (drive, (min, max)) = (settings.limiter.drive_db, LimiterSettings::drive_range_db());
        let next = search.next(drive, error).clamp(min, max);
        let loud = error.abs() <= 0.8 * LOUDNESS_TOLERANCE_LU || next == drive || bypass;
        // Moving gain can make a peak that even the safety pass does not foresee: then the limiter is to stay that much lower.
        let over_db = delivered.analysis.loudness.true_peak_dbtp - plan.delivery.ceiling_dbtp;
        let peaks = over_db <= CEILING_TOLERANCE_DB || bypass;
        if (loud && peaks) || round == ROUNDS {
            break delivered;
        }
        if !loud {
            settings.limiter.drive_db = next;
        }
        if !peaks {
            settings.limiter.ceiling_dbtp = (settings.limiter.ceiling_dbtp - over_db).max(LOWEST_CEILING_DBTP);
            search = Search::new();
        }
        round += 1;
    };
    let BeforeLimiter { audio, meters, .. } = before;
    let promises = promises(&delivered.analysis, &plan.delivery, audio.frames());
    if let Some(broken) = promises.iter().find(|p| !p.kept) {
        return Err(broken_promise(output, broken, bypass));
    }
    // Before it is read back: what is delivered is what was read.
    if let Some(metadata) = metadata {
        delivered.file.write_metadata(metadata)?;
    }
    std::thread::scope(|scope| {
        // Giving a large file's memory back takes as long as a part of reading the other.
        scope.spawn(|| drop(audio));
        delivered.verify(output, progress)
    })?;
    let Delivered { file, analysis, trace, meters: of_limiter, .. } = delivered;
    let warnings = file.warnings().to_vec();
    file.keep()?;
    let meters = meters.into_iter().chain(of_limiter).collect();
    Ok(Master { path: output.to_owned(), analysis, trace, meters, promises, drive_db: settings.limiter.drive_db, warnings })
}

fn broken_promise(output: &Path, broken: &Promise, bypass: bool) -> Error {
    let text = |value: f64| format!("{} {value:.2}", broken.what);
    let why = match broken.what.as_str() {
        "loudness_lufs" if bypass => "; only the limiter brings it there: turn limiter.bypass off, or promise no loudness_lufs",
        "true_peak_dbtp" if bypass => "; only the limiter holds it there: turn limiter.bypass off, or raise ceiling_dbtp",
        _ => "",
    };
    let reached = text(broken.reached) + why;
    let softer = broken.what == "loudness_lufs" && broken.reached < broken.promised;
    let softer_lufs = softer.then_some(broken.reached);
    Error::Promise { path: output.to_owned(), promised: text(broken.promised), reached, softer_lufs }
}

/// The mix through everything but the limiter, at the rate of delivery.
pub(super) struct BeforeLimiter {
    pub(super) audio: Spill,
    pub(super) integrated_lufs: f64,
    meters: Vec<(Stage, StageMeter)>,
}

pub(super) fn before_limiter(mix: &Spill, plan: &Plan, fades: &[Fade], progress: &Progress) -> Result<BeforeLimiter, Error> {
    let (rate, channels) = (mix.sample_rate_hz(), mix.channels());
    let out_rate = plan.delivery.sample_rate_hz;
    // A part for each acting stage: the pass then takes as long as the slowest of them, not as a group of them.
    let build = |stage: &Stage| MasteringChain::of(std::slice::from_ref(stage), &plan.chain, f64::from(rate), channels);
    let stages = Stage::ALL.iter().filter(|stage| **stage != Stage::Limiter);
    let mut parts: Vec<MasteringChain> = stages.map(build).filter(|part| !part.is_empty()).collect();

    let mut resampler = (rate != out_rate).then(|| Resampler::new(rate, out_rate, channels));
    let mut spill = SpillWriter::create(out_rate, channels)?;
    let mut meter = LoudnessMeter::new(out_rate, &vec![1.0; channels]);
    let mut resampled = vec![Vec::new(); channels];
    let mut done = 0;
    let mut at = 0;
    let mut take = |block: &[Vec<f32>]| -> Result<(), Error> {
        let mut faded;
        let mut block = block;
        if !fades.is_empty() {
            faded = block.to_vec();
            fades.iter().for_each(|fade| fade.apply(at, &mut faded));
            block = &faded;
        }
        at += block.first().map_or(0, Vec::len) as u64;
        meter.push(block);
        Ok(spill.push(block)?)
    };
    run(frames_of(mix, 0, mix.frames()), &mut parts, progress.threads, |block: &AudioBuffer| {
        done += block.frames() as u64;
        progress.at(Step::Render, done, 2 * mix.frames())?;
        let Some(resampler) = &mut resampler else { return take(&block.channels) };
        resampler.push(&block.channels, &mut resampled);
        take(&resampled)?;
        resampled.iter_mut().for_each(Vec::clear);
        Ok(())
    })?;
    if let Some(resampler) = &mut resampler {
        resampler.finish(&mut resampled);
        take(&resampled)?;
    }
    let meters = parts.iter().flat_map(MasteringChain::meters).collect();
    Ok(BeforeLimiter { audio: spill.finish()?, integrated_lufs: meter.integrated_lufs(), meters })
}
