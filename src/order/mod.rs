//! An order: what a person asks for of one master, whichever way it is said: options, a row of a manifest, keywords of Python.
//!
//! `options, rows, keywords ─▶ Order ─ aims, wishes ─▶ Proposal (mix, target, plan) ─ render ─▶ master, Report`

mod destination;
mod fields;
pub mod profile;
mod proposal;
mod reference;

pub use destination::{Destination, Named, container_of, is_folder};
pub(crate) use fields::plain as plain_name;
pub use fields::{NAMES, genre};
pub use proposal::Proposal;
pub use reference::with_weight;

use crate::audio::AudioError;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::chain::find;
use crate::error::Error;
use crate::genre::{GENRE_COUNT, Genre, GenreWeights};
use crate::job::{Aims, Engine, Wishes};
use crate::target::delivery::{Kind, Profile};
use crate::words;
use std::path::{Path, PathBuf};

/// A dimension that can be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// The spectrum.
    Tone,
    /// How loud.
    Loudness,
    /// How dense, how punchy.
    Dynamics,
    /// The stereo image.
    Width,
}

impl Match {
    /// All of them; an amount's place in [`Order::amounts`] is the dimension's place here.
    pub const ALL: [Self; 4] = [Self::Tone, Self::Loudness, Self::Dynamics, Self::Width];

    /// The name on the command line and in manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tone => "tone",
            Self::Loudness => "loudness",
            Self::Dynamics => "dynamics",
            Self::Width => "width",
        }
    }
}

/// What a person asks for; the default asks for the mix's own genres and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Records that the master should sound like, with their weights (any positive numbers).
    pub references: Vec<(PathBuf, f64)>,
    /// Genres, with their weights.
    pub genres: Vec<(Genre, f64)>,
    /// A learned profile instead of genres, by name or file.
    pub profile: Option<PathBuf>,
    /// What to take over.
    pub dimensions: Vec<Match>,
    /// How much of each difference, 0 to 1.
    pub amount: f64,
    /// How much of the difference of one dimension, in the order of [`Match::ALL`].
    pub amounts: [Option<f64>; 4],
    /// Whether loudness goes before the PSR floor.
    pub force_loudness: bool,
    /// Where refinement starts.
    pub engine: Engine,
    /// Settings that are fixed: (registry id, value in the registry's coding).
    pub fixed: Vec<(String, f64)>,
    /// A file of feedback in words that the first master follows.
    pub instructions: Option<PathBuf>,
    /// The place that the master goes to.
    pub place: Option<&'static Profile>,
    /// Integrated loudness.
    pub loudness_lufs: Option<f64>,
    /// True-peak ceiling.
    pub ceiling_dbtp: Option<f64>,
    /// Word length.
    pub sample_format: Option<SampleFormat>,
    /// Dither where the word gets shorter; none: triangular.
    pub dither: Option<Dither>,
    /// Sample rate.
    pub sample_rate_hz: Option<u32>,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            references: Vec::new(),
            genres: Vec::new(),
            profile: None,
            dimensions: Match::ALL.to_vec(),
            amount: 1.0,
            amounts: [None; 4],
            force_loudness: false,
            engine: Engine::Rules,
            fixed: Vec::new(),
            instructions: None,
            place: None,
            loudness_lufs: None,
            ceiling_dbtp: None,
            sample_format: None,
            dither: None,
            sample_rate_hz: None,
        }
    }
}

impl Order {
    /// What to aim at. Errors: the profile that is named is not there, or cannot be used.
    pub fn aims(&self) -> Result<Aims, Error> {
        let mut weights = [0.0; GENRE_COUNT];
        for (genre, weight) in &self.genres {
            weights[*genre as usize] += weight;
        }
        Ok(Aims {
            references: self.references.clone(),
            genres: GenreWeights::new(weights).map(|shares| (shares, self.genres.iter().map(|(_, weight)| weight).sum())),
            profile: self.profile.as_deref().map(profile::read).transpose()?,
        })
    }

    /// Every file that this order reads beside the mix.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let references = self.references.iter().map(|(path, _)| path);
        references.chain(&self.profile).chain(&self.instructions).map(PathBuf::as_path)
    }

    /// What to do and to deliver; what is asked for one by one goes before what the place asks for. Errors: a ceiling or a
    /// fixed setting out of range; an amount of a dimension that is not matched; words that the container does not hold.
    pub fn wishes(&self, container: Container) -> Result<Wishes, Error> {
        let mut wishes = Wishes { container, engine: self.engine, dither: self.dither, ..Wishes::default() };
        if let Some(place) = self.place {
            wishes.loudness_lufs = place.loudness_lufs;
            let asked = self.loudness_lufs.or(place.loudness_lufs);
            wishes.ceiling_dbtp = asked.map_or(place.ceiling_dbtp, |lufs| place.ceiling_for(lufs));
            wishes.sample_rate_hz = place.sample_rate_hz;
            wishes.sample_format = place.bits.map(|bits| if bits <= 16 { SampleFormat::Int16 } else { SampleFormat::Int24 });
        }
        if let Some(ceiling) = self.ceiling_dbtp {
            find("limiter.ceiling_dbtp").and_then(|p| p.check(ceiling))?;
            wishes.ceiling_dbtp = ceiling;
        }
        wishes.loudness_lufs = self.loudness_lufs.or(wishes.loudness_lufs);
        wishes.sample_rate_hz = self.sample_rate_hz.or(wishes.sample_rate_hz);
        wishes.sample_format = self.sample_format.or(wishes.sample_format);
        [wishes.tone, wishes.loudness, wishes.dynamics, wishes.width] = self.shares()?;
        if self.force_loudness {
            wishes.psr_floor_lu = None;
        }
        wishes.fixed.clone_from(&self.fixed);
        wishes.check()?;
        if container == Container::Flac && matches!(wishes.sample_format, Some(SampleFormat::Int32 | SampleFormat::Float32)) {
            return Err(Error::asked("FLAC holds 16 or 24 bits, not 32", "use 24 bits, or a name that ends in .wav"));
        }
        Ok(wishes)
    }

    fn shares(&self) -> Result<[f64; 4], Error> {
        let mut shares = [0.0; 4];
        for ((share, dimension), own) in shares.iter_mut().zip(Match::ALL).zip(self.amounts) {
            let name = dimension.name();
            match (self.dimensions.contains(&dimension), own) {
                (true, own) => *share = own.unwrap_or(self.amount),
                (false, None) => {}
                (false, Some(_)) => {
                    let what = format!("--{name}-amount is given but {name} is not matched");
                    return Err(Error::asked(what, format!("add {name} to --match")));
                }
            }
        }
        Ok(shares)
    }

    /// What the file of instructions says, where there is one. Errors: it cannot be read; a phrase is not understood.
    pub fn instructions(&self) -> Result<Option<String>, Error> {
        let Some(file) = &self.instructions else { return Ok(None) };
        let text = std::fs::read_to_string(file).map_err(|source| AudioError::Io {
            path: file.clone(),
            source: in_words("the instructions cannot be read", source),
        })?;
        words::read(&words::instructions(&text))
            .map_err(|error| Error::asked(format!("{}: {error}", file.display()), "`automaster words` lists the vocabulary"))?;
        Ok(Some(text))
    }
}

/// An error of the system with what it was about.
fn in_words(what: &str, error: std::io::Error) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// Whether a master can be made for a place in one go; vinyl and archive are files made from a master.
pub fn masters_for(profile: &Profile) -> bool {
    !matches!(profile.kind, Kind::Vinyl | Kind::Archive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::delivery::profile_named;

    #[test]
    fn what_is_given_one_by_one_goes_before_the_place() {
        let order = Order { place: profile_named("spotify"), loudness_lufs: Some(-11.0), ..Order::default() };
        let wishes = order.wishes(Container::Wav).unwrap();
        // Louder than the place plays it, its encoder needs more room.
        assert_eq!((wishes.loudness_lufs, wishes.ceiling_dbtp), (Some(-11.0), -2.0));
        let order = Order { ceiling_dbtp: Some(-0.5), ..order };
        assert_eq!(order.wishes(Container::Wav).unwrap().ceiling_dbtp, -0.5);
        let order = Order { place: profile_named("cd"), ..Order::default() };
        let wishes = order.wishes(Container::Wav).unwrap();
        assert_eq!((wishes.sample_format, wishes.sample_rate_hz), (Some(SampleFormat::Int16), Some(44_100)));
        assert_eq!(Order::default().wishes(Container::Wav).unwrap(), Wishes::default());
    }

    #[test]
    fn amounts_are_of_what_is_matched() {
        let mut order = Order { dimensions: vec![Match::Tone], amount: 0.5, ..Order::default() };
        let wishes = order.wishes(Container::Wav).unwrap();
        assert_eq!((wishes.tone, wishes.width), (0.5, 0.0));
        order.amounts[3] = Some(0.2);
        assert!(order.wishes(Container::Wav).unwrap_err().to_string().contains("width is not matched"));
    }
}
