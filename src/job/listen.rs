//! Listening: files, stretches of files and samples in memory become songs.

use super::Song;
use crate::analysis::Analyzer;
use crate::audio::decode::{Decoder, RATES_HZ, SourceInfo};
use crate::audio::metadata::Metadata;
use crate::audio::spill::SpillWriter;
use crate::audio::{AudioBuffer, AudioError, AudioWarning};
use crate::error::Error;
use crate::progress::{Progress, Step};
use crate::render::BLOCK_FRAMES;
use std::path::{Path, PathBuf};

/// Shorter music has no loudness: one gating block of BS.1770.
const SHORTEST_S: f64 = 0.4;
/// Decoded blocks that may wait to be listened to.
const QUEUE_BLOCKS: usize = 4;
/// Nothing in the file is louder than the absolute gate of BS.1770.
const SILENT_LUFS: f64 = -70.0;

/// Decodes and measures the mix, keeping its samples. Errors: unreadable, silent, shorter than 0.4 s, not finite.
pub fn load_mix(path: &Path, progress: &Progress) -> Result<Song, Error> {
    load(path, Decoder::open(path)?, true, Step::ListenMix, progress)
}

/// Decodes and measures a file without keeping its samples. Errors as [`load_mix`].
pub fn load_reference(path: &Path, progress: &Progress) -> Result<Song, Error> {
    load(path, Decoder::open(path)?, false, Step::ListenReference, progress)
}

/// Loads the mix and all references, two at a time where threads are to be had. Errors: the first, mix before references.
pub fn listen(mix: &Path, references: &[PathBuf], progress: &Progress) -> Result<(Song, Vec<Song>), Error> {
    let all = || references.iter().map(|path| load_reference(path, progress)).collect();
    listen_both(|| load_mix(mix, progress), all, progress)
}

/// Loads a mix and references, wherever they come from, side by side where threads are to be had. Errors: the first, mix before
/// references.
pub fn listen_both(
    mix: impl FnOnce() -> Result<Song, Error>,
    references: impl FnOnce() -> Result<Vec<Song>, Error> + Send,
    progress: &Progress,
) -> Result<(Song, Vec<Song>), Error> {
    if progress.threads < 2 {
        return Ok((mix()?, references()?));
    }
    std::thread::scope(|scope| {
        let others = scope.spawn(references);
        let mix = mix()?;
        let others = others.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((mix, others))
    })
}

/// Decodes and measures a file as [`load_reference`] does, but of a truncated file what is there, with a warning.
/// Errors as [`load_mix`], but for truncation.
pub fn measure(path: &Path, progress: &Progress) -> Result<Song, Error> {
    load(path, Decoder::open_tolerant(path)?, false, Step::ListenReference, progress)
}

fn load(path: &Path, mut decoder: Decoder, keep: bool, step: Step, progress: &Progress) -> Result<Song, Error> {
    let info = decoder.info().clone();
    // Tags first: the file may be moved while its samples are read.
    let metadata = if keep { Metadata::read(path) } else { None };
    let mut ear = Ear::new(&info, keep)?;
    let length = info.frames.unwrap_or(u64::MAX);
    if progress.threads < 2 {
        decoder.for_each_block(BLOCK_FRAMES, |block| {
            ear.push(&block.channels)?;
            progress.at(step, ear.frames, length)
        })?;
        return ear.song(path, info, metadata, decoder.warnings().to_vec());
    }
    let Ear { analyzer, spill, frames } = &mut ear;
    analyzer.beside(QUEUE_BLOCKS, |hear| {
        // Who decodes has time to spare: it keeps the samples and measures levels too.
        decoder.for_each_owned_block(BLOCK_FRAMES, |block| {
            if let Some(spill) = spill {
                spill.push(&block.channels)?;
            }
            *frames += block.frames() as u64;
            hear(block.channels);
            progress.at(step, *frames, length).map(|()| true)
        })
    })?;
    ear.song(path, info, metadata, decoder.warnings().to_vec())
}

/// Measures samples that are in memory, and keeps them as those of a mix where `keep` says so. `samples` are interleaved, of
/// `channels` 1 or 2, full scale ±1; `name` stands for the file in reports. Errors: silent, shorter than 0.4 s, not finite, more
/// channels, a rate outside 8 to 384 kHz.
pub fn load_samples(
    name: &Path,
    sample_rate_hz: u32,
    channels: usize,
    samples: &[f32],
    keep: bool,
    progress: &Progress,
) -> Result<Song, Error> {
    let path = || name.to_owned();
    if !RATES_HZ.contains(&sample_rate_hz) {
        return Err(AudioError::RateOutOfRange { path: path(), rate_hz: sample_rate_hz }.into());
    }
    if !(1..=2).contains(&channels) {
        return Err(AudioError::TooManyChannels { path: path(), channels: channels as u32 }.into());
    }
    if let Some(place) = samples.iter().position(|sample| !sample.is_finite()) {
        let at_s = (place / channels) as f64 / f64::from(sample_rate_hz);
        return Err(AudioError::NotFinite { path: path(), at_s, channel: place % channels + 1 }.into());
    }
    let frames = (samples.len() / channels) as u64;
    let format = "samples in memory".to_owned();
    let info = SourceInfo { format, sample_rate_hz, channels, frames: Some(frames), bits: Some(32), lossy: false };
    let mut ear = Ear::new(&info, keep)?;
    let step = if keep { Step::ListenMix } else { Step::ListenReference };
    for block in samples.chunks(BLOCK_FRAMES * channels) {
        let planar: Vec<Vec<f32>> =
            (0..channels).map(|channel| block.iter().skip(channel).step_by(channels).copied().collect()).collect();
        ear.push(&planar)?;
        progress.at(step, ear.frames, frames)?;
    }
    ear.song(name, info, None, Vec::new())
}

/// A stretch of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The file.
    pub path: PathBuf,
    /// Seconds left out at the start, to the nearest frame.
    pub trim_start_s: f64,
    /// Seconds left out at the end, to the nearest frame.
    pub trim_end_s: f64,
}

impl Part {
    /// Hands the stretch to `take`, block by block; gives what the decoder warns of. Errors: the decoder's, `take`'s; nothing is left
    /// after trimming.
    pub fn for_each_block(&self, mut take: impl FnMut(&AudioBuffer) -> Result<(), Error>) -> Result<Vec<AudioWarning>, Error> {
        let mut decoder = Decoder::open(&self.path)?;
        let info = decoder.info().clone();
        let frames_of = |seconds: f64| (seconds * f64::from(info.sample_rate_hz)).round() as usize;
        let (mut skip, hold) = (frames_of(self.trim_start_s), frames_of(self.trim_end_s));
        // What might be the end waits until more has come.
        let mut held = AudioBuffer::silence(info.sample_rate_hz, info.channels, 0);
        let mut taken = 0;
        decoder.for_each_block(BLOCK_FRAMES, |block| {
            let from = skip.min(block.frames());
            skip -= from;
            held.channels.iter_mut().zip(&block.channels).for_each(|(held, new)| held.extend_from_slice(&new[from..]));
            let ready = held.frames().saturating_sub(hold);
            if ready == 0 {
                return Ok(());
            }
            taken += ready;
            let channels = held.channels.iter_mut().map(|channel| channel.drain(..ready).collect()).collect();
            take(&AudioBuffer { channels, ..block.clone() })
        })?;
        if taken == 0 {
            let what = "nothing is left of it after trimming; trim less".to_owned();
            return Err(Error::Music { path: self.path.clone(), what });
        }
        Ok(decoder.warnings().to_vec())
    }
}

/// Decodes and measures stretches of files as one piece of music, one right after the other, and keeps the samples. Also gives the
/// frames of each stretch. Errors: as [`load_mix`]; the files differ in rate or channels.
pub fn load_parts(parts: &[Part], progress: &Progress) -> Result<(Song, Vec<u64>), Error> {
    let mut hearing: Option<(SourceInfo, Ear)> = None;
    let (mut lengths, mut frames, mut warnings) = (Vec::new(), 0, Vec::new());
    let total = parts.len() as u64;
    for (index, part) in parts.iter().enumerate() {
        let opened = Decoder::open(&part.path)?.info().clone();
        if let Some((info, _)) = &hearing
            && (info.sample_rate_hz, info.channels) != (opened.sample_rate_hz, opened.channels)
        {
            let what = format!(
                "{} Hz and {} channels, but what it is joined to has {} and {}: export both alike",
                opened.sample_rate_hz, opened.channels, info.sample_rate_hz, info.channels
            );
            return Err(Error::Music { path: part.path.clone(), what });
        }
        if hearing.is_none() {
            let ear = Ear::new(&opened, true)?;
            hearing = Some((opened, ear));
        }
        let Some((_, ear)) = &mut hearing else { continue };
        let told = part.for_each_block(|block| {
            ear.push(&block.channels)?;
            progress.at(Step::ListenMix, index as u64, total)
        })?;
        warnings.extend(told);
        lengths.push(ear.frames - frames);
        frames = ear.frames;
    }
    let (Some((info, ear)), Some(first)) = (hearing, parts.first()) else {
        return Err(Error::Music { path: PathBuf::new(), what: "no music is given".to_owned() });
    };
    let info = SourceInfo { frames: Some(frames), ..info };
    Ok((ear.song(&first.path, info, Metadata::read(&first.path), warnings)?, lengths))
}

/// Listens to blocks of audio.
struct Ear {
    analyzer: Analyzer,
    spill: Option<SpillWriter>,
    frames: u64,
}

impl Ear {
    fn new(info: &SourceInfo, keep: bool) -> Result<Self, Error> {
        let spill = keep.then(|| SpillWriter::create(info.sample_rate_hz, info.channels)).transpose()?;
        let analyzer = Analyzer::new(info.sample_rate_hz, info.channels).expecting(info.frames.unwrap_or_default());
        Ok(Self { analyzer, spill, frames: 0 })
    }

    fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), Error> {
        self.analyzer.push(channels);
        if let Some(spill) = &mut self.spill {
            spill.push(channels)?;
        }
        self.frames += channels.first().map_or(0, Vec::len) as u64;
        Ok(())
    }

    /// The song, if there is music in it.
    fn song(self, path: &Path, info: SourceInfo, metadata: Option<Metadata>, warnings: Vec<AudioWarning>) -> Result<Song, Error> {
        let seconds = self.frames as f64 / f64::from(info.sample_rate_hz);
        if seconds < SHORTEST_S {
            let what = format!("only {seconds:.2} s long; loudness needs at least {SHORTEST_S} s of music");
            return Err(Error::Music { path: path.into(), what });
        }
        let mut timeline = self.analyzer.finish();
        timeline.let_tones_go();
        let analysis = timeline.analysis();
        if analysis.loudness.integrated_lufs <= SILENT_LUFS {
            let what = "silent: nothing in it is louder than -70 LUFS; check that the right file was exported".to_owned();
            return Err(Error::Music { path: path.into(), what });
        }
        let audio = self.spill.map(SpillWriter::finish).transpose()?;
        Ok(Song { path: path.into(), info, audio, metadata, warnings, timeline, analysis })
    }
}
