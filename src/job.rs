//! The public verbs: listen, aim, suggest, render. Every face (program, page, Python) calls these and nothing below.
//!
//! `listen(mix, references) ─▶ Song, Songs ─ aim ─▶ Target ─ suggest ─▶ Plan ─ render ─▶ Master`

use crate::analysis::{Analysis, Analyzer, Timeline};
use crate::audio::AudioError;
use crate::audio::decode::{Decoder, RATES_HZ, SourceInfo};
use crate::audio::format::{Container, SampleFormat};
use crate::audio::metadata::Metadata;
use crate::audio::spill::{Spill, SpillWriter};
use crate::error::Error;
use crate::genre::GenreWeights;
use crate::plan::{Author, Delivery, Entry, MixIdentity, Plan};
use crate::propose::{self, excerpt_rows};
use crate::render::{self, BLOCK_FRAMES, Excerpts, Master};
use crate::tagger::{Classifier, Heard, Tagger};
use crate::target::Target;
use crate::target::genre::profile::SoundProfile;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use crate::progress::{Progress, Step};
pub use crate::propose::{Engine, Wishes};

/// Shorter music has no loudness: one gating block of BS.1770.
const SHORTEST_S: f64 = 0.4;
/// Nothing in the file is louder than the absolute gate of BS.1770.
const SILENT_LUFS: f64 = -70.0;

/// A decoded and measured file.
pub struct Song {
    /// Where it came from.
    pub path: PathBuf,
    /// What the file says of itself.
    pub info: SourceInfo,
    /// The samples (of a mix; a reference keeps none).
    pub audio: Option<Spill>,
    /// Tags and cover (of a mix).
    pub metadata: Option<Metadata>,
    /// What was measured, row by row.
    pub timeline: Timeline,
    /// What was measured, in figures.
    pub analysis: Analysis,
}

/// Decodes and measures the mix, keeping its samples. Errors: unreadable, silent, shorter than 0.4 s, not finite.
pub fn load_mix(path: &Path, progress: &Progress) -> Result<Song, Error> {
    load(path, true, Step::ListenMix, progress)
}

/// Decodes and measures a file without keeping its samples. Errors as [`load_mix`].
pub fn load_reference(path: &Path, progress: &Progress) -> Result<Song, Error> {
    load(path, false, Step::ListenReference, progress)
}

/// Loads the mix and all references, two at a time where threads are to be had. Errors: the first, mix before references.
pub fn listen(mix: &Path, references: &[PathBuf], progress: &Progress) -> Result<(Song, Vec<Song>), Error> {
    let all = || references.iter().map(|path| load_reference(path, progress)).collect::<Result<Vec<_>, _>>();
    if progress.threads < 2 {
        return Ok((load_mix(mix, progress)?, all()?));
    }
    std::thread::scope(|scope| {
        let others = scope.spawn(all);
        let mix = load_mix(mix, progress)?;
        let others = others.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok((mix, others))
    })
}

fn load(path: &Path, keep: bool, step: Step, progress: &Progress) -> Result<Song, Error> {
    let mut decoder = Decoder::open(path)?;
    let info = decoder.info().clone();
    let mut ear = Ear::new(&info, keep)?;
    decoder.for_each_block(BLOCK_FRAMES, |block| {
        ear.push(&block.channels)?;
        progress.at(step, ear.frames, info.frames.unwrap_or(u64::MAX))
    })?;
    let metadata = if keep { Metadata::read(path) } else { None };
    ear.song(path, info, metadata)
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
    ear.song(name, info, None)
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
        Ok(Self { analyzer: Analyzer::new(info.sample_rate_hz, info.channels), spill, frames: 0 })
    }

    fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), Error> {
        self.analyzer.push(channels);
        if let Some(spill) = &mut self.spill {
            spill.push(channels)?;
        }
        self.frames += channels.first().map_or(0, Vec::len) as u64;
        Ok(())
    }

    fn song(self, path: &Path, info: SourceInfo, metadata: Option<Metadata>) -> Result<Song, Error> {
        let seconds = self.frames as f64 / f64::from(info.sample_rate_hz);
        if seconds < SHORTEST_S {
            let what = format!("only {seconds:.2} s long; loudness needs at least {SHORTEST_S} s of music");
            return Err(Error::Music { path: path.into(), what });
        }
        let timeline = self.analyzer.finish();
        let analysis = timeline.analysis();
        if analysis.loudness.integrated_lufs <= SILENT_LUFS {
            let what = "silent: nothing in it is louder than -70 LUFS; check that the right file was exported".to_owned();
            return Err(Error::Music { path: path.into(), what });
        }
        let audio = self.spill.map(SpillWriter::finish).transpose()?;
        Ok(Song { path: path.into(), info, audio, metadata, timeline, analysis })
    }
}

/// What a master should sound like. Nothing at all: the mix's own genres, recognised.
#[derive(Debug, Default)]
pub struct Aims {
    /// Records, with their weights (any positive numbers).
    pub references: Vec<(PathBuf, f64)>,
    /// Genres, with their weight beside the references.
    pub genres: Option<(GenreWeights, f64)>,
    /// A person's own sound instead of genres, of weight 1 beside the references.
    pub profile: Option<SoundProfile>,
}

impl Aims {
    /// The references' files.
    pub fn files(&self) -> Vec<PathBuf> {
        self.references.iter().map(|(path, _)| path.clone()).collect()
    }

    /// The target for a mix, and the genres where they had to be recognised. `songs` are the references as they were
    /// listened to, in their order. Errors: the models'; interrupted.
    pub fn target<S: Borrow<Song>>(
        &self,
        mix: &Song,
        songs: &[S],
        progress: &Progress,
    ) -> Result<(Target, Option<GenreWeights>), Error> {
        let weighted = songs.iter().map(Borrow::borrow).zip(&self.references).map(|(song, (_, weight))| (song, *weight));
        let expected = match (&self.profile, &self.genres) {
            (Some(profile), _) => Some((aim_at_profile(mix, profile), 1.0)),
            (None, Some((genres, weight))) => Some((aim_at_genres(mix, genres), *weight)),
            (None, None) => None,
        };
        Ok(match (aim(weighted), expected) {
            (Some(target), Some((expected, weight))) => {
                let references: f64 = self.references.iter().map(|(_, weight)| weight).sum();
                (target.towards(expected, weight / (references + weight)), None)
            }
            (Some(target), None) | (None, Some((target, _))) => (target, None),
            (None, None) => {
                let genres = genre(mix, progress)?;
                (aim_at_genres(mix, &genres), Some(genres))
            }
        })
    }
}

/// Blends references by weight (any positive numbers) into one target; `None` where there is no reference.
pub fn aim<'a>(references: impl Iterator<Item = (&'a Song, f64)>) -> Option<Target> {
    let parts: Vec<_> =
        references.map(|(song, weight)| (song.path.display().to_string(), song.analysis.clone(), weight)).collect();
    Target::blend(&parts)
}

/// Which genres the mix belongs to, for a target where no reference gives one. Errors: a model is missing, damaged or of
/// another version; the native runtime is asked for and absent; interrupted.
pub fn genre(mix: &Song, progress: &Progress) -> Result<GenreWeights, Error> {
    progress.at(Step::Recognise, 0, 1)?;
    let classifier = Classifier::load()?;
    let patches = Tagger::load()?.listen(samples(mix)?, &mix.timeline)?;
    let shares = classifier.shares(&Heard::mean(&patches))?;
    progress.at(Step::Recognise, 1, 1)?;
    Ok(shares)
}

/// What a master of this mix measures in music of these genres.
pub fn aim_at_genres(mix: &Song, genres: &GenreWeights) -> Target {
    Target::of_genre(&mix.analysis, genres)
}

/// What a master of this mix measures among the records of a profile.
pub fn aim_at_profile(mix: &Song, profile: &SoundProfile) -> Target {
    Target::of_profile(&mix.analysis, profile)
}

/// Proposes a plan for this mix. Errors: a fixed setting that does not exist or is out of range; a model that is missing or failed;
/// interrupted.
pub fn suggest(mix: &Song, target: &Target, wishes: &Wishes, progress: &Progress) -> Result<Plan, Error> {
    wishes.check()?;
    progress.at(Step::Propose, 0, 1)?;
    let excerpts = Excerpts::cut(samples(mix)?, &excerpt_rows(&mix.timeline), progress.threads)?;
    let proposal = propose::propose(&mix.timeline, target, wishes, &excerpts)?;
    progress.at(Step::Propose, 1, 1)?;
    let delivery = Delivery {
        container: wishes.container,
        sample_format: wishes.sample_format.unwrap_or(SampleFormat::Int24),
        dither: wishes.dither,
        sample_rate_hz: wishes.sample_rate_hz.unwrap_or(mix.info.sample_rate_hz),
        loudness_lufs: Some(proposal.loudness_lufs),
        ceiling_dbtp: wishes.ceiling_dbtp,
        psr_floor_lu: wishes.psr_floor_lu,
    };
    let identity = MixIdentity {
        file: mix.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        sample_rate_hz: mix.info.sample_rate_hz,
        channels: mix.info.channels,
        frames: mix.analysis.frames,
    };
    let (chain, decisions, concessions) = (proposal.chain, proposal.decisions, proposal.concessions);
    let proposed = Entry { by: Author::Proposed, when: None, said: None, changes: Vec::new() };
    Ok(Plan { mix: identity, delivery, chain, decisions, concessions, notes: BTreeMap::new(), history: vec![proposed] })
}

/// Renders a plan to `output` and checks its promises on the written file. Errors: not writable, exists and not
/// `overwrite`, a promise not kept (nothing is left), interrupted (nothing is left).
pub fn render(mix: &Song, plan: &Plan, output: &Path, overwrite: bool, progress: &Progress) -> Result<Master, Error> {
    render::render(samples(mix)?, mix.metadata.as_ref(), plan, output, overwrite, progress)
}

/// Renders a plan into memory: the samples that the file would hold, interleaved, full scale ±1. Errors as [`render`].
pub fn render_samples(mix: &Song, plan: &Plan, progress: &Progress) -> Result<(Master, Vec<f32>), Error> {
    let folder = tempfile::tempdir().map_err(|source| AudioError::Spill { source })?;
    let file = folder.path().join(match plan.delivery.container {
        Container::Wav => "master.wav",
        Container::Flac => "master.flac",
    });
    let master = render::render(samples(mix)?, None, plan, &file, false, progress)?;
    let mut interleaved = Vec::with_capacity(master.analysis.frames as usize * mix.info.channels);
    Decoder::open(&file)?.for_each_block(BLOCK_FRAMES, |block| {
        for frame in 0..block.frames() {
            interleaved.extend(block.channels.iter().map(|channel| channel[frame]));
        }
        Ok::<_, Error>(())
    })?;
    Ok((master, interleaved))
}

fn samples(mix: &Song) -> Result<&Spill, Error> {
    mix.audio.as_ref().ok_or_else(|| {
        let source = std::io::Error::other("loaded as a reference, without its samples");
        Error::Audio(AudioError::Io { path: mix.path.clone(), source })
    })
}
