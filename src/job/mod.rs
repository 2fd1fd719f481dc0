//! The public verbs: listen, aim, suggest, render. Every face (program, page, Python) calls these and nothing below.
//!
//! `listen(mix, references) ─▶ Song, Songs ─ aim ─▶ Target ─ suggest ─▶ Plan ─ render ─▶ Master`

mod listen;
mod places;

use crate::analysis::{Analysis, Timeline};
use crate::audio::decode::{Decoder, SourceInfo};
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::metadata::Metadata;
use crate::audio::spill::Spill;
use crate::audio::{AudioError, AudioWarning};
use crate::error::Error;
use crate::genre::GenreWeights;
use crate::plan::{Author, Delivery, Entry, MixIdentity, Plan};
use crate::propose::{self, excerpt_rows};
use crate::render::{self, Audition, BLOCK_FRAMES, Excerpts, Master};
use crate::tagger::{Classifier, Heard, Tagger};
use crate::target::Target;
use crate::target::genre::profile::SoundProfile;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use crate::progress::{Progress, Step};
pub use crate::propose::{Engine, Wishes};
pub use listen::{Part, listen, listen_both, load_mix, load_parts, load_reference, load_samples, measure};
pub(crate) use places::{Identity, identity};
pub use places::{check_outputs, folder};

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
    /// What was odd about the file.
    pub warnings: Vec<AudioWarning>,
    /// What was measured, row by row.
    pub timeline: Timeline,
    /// What was measured, in figures.
    pub analysis: Analysis,
}

impl Song {
    /// What tells this mix from others.
    pub fn identity(&self) -> MixIdentity {
        MixIdentity {
            file: self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            sample_rate_hz: self.info.sample_rate_hz,
            channels: self.info.channels,
            frames: self.analysis.frames,
        }
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
    let proposal = std::thread::scope(|scope| {
        if progress.threads > 1 {
            // What the first audition is compared with is measured beside it.
            scope.spawn(|| excerpts.original());
        }
        propose::propose(&mix.timeline, target, wishes, &excerpts)
    })?;
    progress.at(Step::Propose, 1, 1)?;
    let delivery = Delivery {
        container: wishes.container,
        sample_format: wishes.sample_format.unwrap_or(SampleFormat::Int24),
        dither: wishes.dither.unwrap_or(Dither::Tpdf),
        sample_rate_hz: wishes.sample_rate_hz.unwrap_or(mix.info.sample_rate_hz),
        loudness_lufs: Some(proposal.loudness_lufs),
        ceiling_dbtp: wishes.ceiling_dbtp,
        psr_floor_lu: wishes.psr_floor_lu,
    };
    let (chain, decisions, concessions) = (proposal.chain, proposal.decisions, proposal.concessions);
    let proposed = Entry { by: Author::Proposed, when: None, said: None, changes: Vec::new() };
    Ok(Plan { mix: mix.identity(), delivery, chain, decisions, concessions, notes: BTreeMap::new(), history: vec![proposed] })
}

/// Renders a plan to `output` and checks its promises on the written file. Errors: not writable, exists and not
/// `overwrite`, a promise not kept (nothing is left), interrupted (nothing is left).
pub fn render(mix: &Song, plan: &Plan, output: &Path, overwrite: bool, progress: &Progress) -> Result<Master, Error> {
    render::render(samples(mix)?, mix.metadata.as_ref(), plan, output, overwrite, progress)
}

/// [`render()`] with fades: `metadata` instead of the mix's own, and gains that change over time between colour and limiter.
/// Errors as [`render()`].
pub fn render_faded(
    mix: &Song,
    (plan, fades): (&Plan, &[render::Fade]),
    metadata: Option<&Metadata>,
    output: &Path,
    overwrite: bool,
    progress: &Progress,
) -> Result<Master, Error> {
    render::render_faded(samples(mix)?, (plan, fades), metadata, output, overwrite, progress)
}

/// Renders a plan into memory: the samples that the file would hold, interleaved, full scale ±1. Errors as [`render()`].
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
