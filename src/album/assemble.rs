//! A group's programme: rendered, added up where it overlaps, limited and dithered once, and cut at exact frames.
//!
//! A programme of one part is rendered into its words at once. Of several, each part is rendered in 32-bit float; the sum passes the
//! limiter again, idle but where two crossfaded parts add up beyond the ceiling, and then the dither.

use super::heard::stretches;
use super::plans::{Planned, Softer};
use super::programme::Layout;
use super::record::Record;
use super::{Format, Request};
use crate::audio::AudioBuffer;
use crate::audio::encode::{EncodeFormat, Encoder, WrittenFile};
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::metadata::Metadata;
use crate::audio::spill::{Spill, SpillWriter};
use crate::chain::ChainSettings;
use crate::error::Error;
use crate::job::{self, Part};
use crate::plan::{Delivery, Plan};
use crate::progress::Progress;
use crate::render::{self, BLOCK_FRAMES};
use std::path::{Path, PathBuf};

/// A file to cut from the programme.
pub(super) struct Cut {
    /// Name in the album's folder.
    pub(super) name: String,
    /// What it was made from.
    pub(super) key: String,
    /// Its tags.
    pub(super) metadata: Metadata,
    /// Frames of music and of silence after it.
    pub(super) frames: u64,
}

/// Renders a group and gives its files their names; a part that is too soft ends it. Errors: those of rendering; the disk; interrupted.
/// Nothing half-written is left.
pub(super) fn make(
    record: &mut Record,
    request: &Request,
    parts: &[&Planned],
    layout: &Layout,
    cuts: &[Cut],
    format: Format,
    progress: &Progress,
) -> Result<Option<Softer>, Error> {
    let (words, dither, rate_hz) = (format.sample_format, format.dither, format.sample_rate_hz);
    let programme = record.making("programme.wav");
    if let [part] = parts {
        let softer = render_part(request, part, &layout.fades[0], (words, dither), rate_hz, &programme, progress)?;
        if softer.is_some() {
            return Ok(softer);
        }
    } else {
        let mut files = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let file = record.making(&format!("part-{index}.wav"));
            let format = (SampleFormat::Float32, Dither::None);
            let softer = render_part(request, part, &layout.fades[index], format, rate_hz, &file, progress)?;
            if softer.is_some() {
                return Ok(softer);
            }
            files.push(file);
        }
        let sum = added_up(&files, layout, rate_hz)?;
        let ceiling_dbtp = parts.iter().map(|part| part.plan.delivery.ceiling_dbtp).fold(f64::INFINITY, f64::min);
        let plan = only_limited(&sum, (words, dither), ceiling_dbtp, parts);
        render::render(&sum, None, &plan, &programme, true, progress)?;
        for file in files {
            let _ = std::fs::remove_file(file);
        }
    }
    cut(record, format.container, words, &programme, cuts, progress)?;
    let _ = std::fs::remove_file(programme);
    Ok(None)
}

fn render_part(
    request: &Request,
    part: &Planned,
    fades: &[render::Fade],
    (sample_format, dither): (SampleFormat, Dither),
    rate_hz: u32,
    output: &Path,
    progress: &Progress,
) -> Result<Option<Softer>, Error> {
    progress.piece(part.span.first + 1, request.sheet.tracks.len())?;
    let (song, _) = job::load_parts(&stretches(request, part.span.range()), progress)?;
    let delivery = Delivery { container: Container::Wav, sample_format, dither, sample_rate_hz: rate_hz, ..part.plan.delivery };
    let plan = Plan { delivery, ..part.plan.clone() };
    match job::render_faded(&song, (&plan, fades), None, output, true, progress) {
        Ok(_) => Ok(None),
        Err(error @ Error::Promise { softer_lufs: Some(lufs), .. }) if part.yields(request) => {
            Ok(Some(Softer { first: part.span.first, lufs, error }))
        }
        Err(error) => Err(error),
    }
}

/// All parts at their places, silence between.
fn added_up(files: &[PathBuf], layout: &Layout, rate_hz: u32) -> Result<Spill, Error> {
    let spills: Vec<Spill> = files.iter().map(|file| spilled(file)).collect::<Result<_, _>>()?;
    let channels = spills.first().map_or(2, Spill::channels);
    let mut writer = SpillWriter::create(rate_hz, channels)?;
    let (mut at, mut piece) = (0, AudioBuffer::default());
    while at < layout.frames {
        let frames = (layout.frames - at).min(BLOCK_FRAMES as u64);
        let mut block = vec![vec![0.0f32; frames as usize]; channels];
        for (spill, start) in spills.iter().zip(&layout.starts) {
            let from = at.max(*start);
            let to = (at + frames).min(start + spill.frames());
            if from >= to {
                continue;
            }
            spill.read(from - start, &mut piece, (to - from) as usize)?;
            let offset = (from - at) as usize;
            for (sum, add) in block.iter_mut().zip(&piece.channels) {
                sum[offset..].iter_mut().zip(add).for_each(|(sum, add)| *sum += add);
            }
        }
        writer.push(&block)?;
        at += frames;
    }
    Ok(writer.finish()?)
}

/// A file's samples.
pub(super) fn spilled(file: &Path) -> Result<Spill, Error> {
    let whole = Part { path: file.to_owned(), trim_start_s: 0.0, trim_end_s: 0.0 };
    let mut writer = None;
    whole.for_each_block(|block| {
        if writer.is_none() {
            writer = Some(SpillWriter::create(block.sample_rate_hz, block.channels.len())?);
        }
        Ok(writer.iter_mut().try_for_each(|writer| writer.push(&block.channels))?)
    })?;
    let none = || Error::Music { path: file.to_owned(), what: "there is nothing in it".to_owned() };
    Ok(writer.ok_or_else(none)?.finish()?)
}

fn only_limited(sum: &Spill, (sample_format, dither): (SampleFormat, Dither), ceiling_dbtp: f64, parts: &[&Planned]) -> Plan {
    let mut chain = ChainSettings::default();
    chain.limiter = parts.first().map(|part| part.plan.chain.limiter.clone()).unwrap_or_default();
    (chain.limiter.bypass, chain.limiter.drive_db, chain.limiter.ceiling_dbtp) = (false, 0.0, ceiling_dbtp);
    let sample_rate_hz = sum.sample_rate_hz();
    let delivery = Delivery {
        container: Container::Wav,
        sample_format,
        dither,
        sample_rate_hz,
        loudness_lufs: None,
        ceiling_dbtp,
        psr_floor_lu: None,
    };
    let (mix, notes) = (Default::default(), Default::default());
    Plan { mix, delivery, chain, decisions: Vec::new(), concessions: Vec::new(), notes, history: Vec::new() }
}

/// Cuts the programme into files; the words are the programme's own, and silence is exact.
fn cut(
    record: &mut Record,
    container: Container,
    sample_format: SampleFormat,
    programme: &Path,
    cuts: &[Cut],
    progress: &Progress,
) -> Result<(), Error> {
    let info = crate::audio::decode::Decoder::open(programme)?.info().clone();
    let format = EncodeFormat {
        container,
        sample_format,
        dither: Dither::None,
        sample_rate_hz: info.sample_rate_hz,
        channels: info.channels,
    };
    let paths: Vec<PathBuf> = (0..cuts.len()).map(|n| record.making(&format!("track-{n}.{}", ending(container)))).collect();
    let (mut at, mut left, mut encoder): (usize, u64, Option<Encoder>) = (0, cuts.first().map_or(0, |cut| cut.frames), None);
    let close = |encoder: Option<Encoder>, at: usize| -> Result<(), Error> {
        let Some(encoder) = encoder else { return Ok(()) };
        let mut file: WrittenFile = encoder.finish()?;
        file.write_metadata(&cuts[at].metadata)?;
        Ok(file.keep()?)
    };
    let mut put = |channels: &[Vec<f32>]| -> Result<(), Error> {
        progress.at(job::Step::Verify, at as u64, cuts.len() as u64)?;
        let (mut from, frames) = (0, channels.first().map_or(0, Vec::len));
        while from < frames {
            if left == 0 {
                close(encoder.take(), at)?;
                at += 1;
                left = cuts.get(at).map_or(u64::MAX, |cut| cut.frames);
            }
            if encoder.is_none() && at < cuts.len() {
                encoder = Some(Encoder::create(&paths[at], format, true)?);
            }
            let to = frames.min(from + usize::try_from(left).unwrap_or(usize::MAX).min(frames));
            let piece: Vec<Vec<f32>> = channels.iter().map(|channel| channel[from..to].to_vec()).collect();
            encoder.iter_mut().try_for_each(|encoder| encoder.push(&piece))?;
            left -= (to - from) as u64;
            from = to;
        }
        Ok(())
    };
    let mut frames = 0;
    let whole = Part { path: programme.to_owned(), trim_start_s: 0.0, trim_end_s: 0.0 };
    whole.for_each_block(|block| {
        frames += block.frames() as u64;
        put(&block.channels)
    })?;
    // What is missing is the pause.
    let mut silence = cuts.iter().map(|cut| cut.frames).sum::<u64>().saturating_sub(frames);
    while silence > 0 {
        let piece = silence.min(BLOCK_FRAMES as u64);
        put(&vec![vec![0.0; piece as usize]; info.channels])?;
        silence -= piece;
    }
    close(encoder.take(), at)?;
    for (cut, path) in cuts.iter().zip(paths) {
        record.put(&cut.name, &cut.key, &path)?;
    }
    Ok(())
}

/// Ending of a container's files.
pub(super) const fn ending(container: Container) -> &'static str {
    match container {
        Container::Wav => "wav",
        Container::Flac => "flac",
    }
}
