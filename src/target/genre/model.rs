//! The learned map from a mix's portrait to its master's, as `automaster-learn targets` fits it.

use super::super::portrait::{FIGURES, LOUDNESS, PORTRAIT_VERSION, Portrait};
use crate::analysis::FEATURES_VERSION;
use crate::genre::Genre;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use thiserror::Error;

/// Version of the model's file.
pub const MODEL_FORMAT: u32 = 2;

/// `portrait of the master = intercept + slopes · portrait of the mix + offset of the genre`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenreModel {
    /// Version of this file.
    pub format: u32,
    /// Version of the feature table that it was fitted on.
    pub features_version: u32,
    /// Version of the portrait.
    pub portrait_version: u32,
    /// Names of the figures; inputs are all but the last, loudness.
    pub figures: Vec<String>,
    /// Minutes of music behind it.
    pub minutes: f64,
    /// Records behind it.
    pub records: usize,
    /// Artists behind it.
    pub artists: usize,
    /// One for each figure.
    pub intercept: Vec<f64>,
    /// A row for each figure, a column for each input.
    pub slopes: Vec<Vec<f64>>,
    /// What cross-validation left over of each figure, root mean square.
    pub spread: Vec<f64>,
    /// Mean of the masters.
    pub master_mean: Vec<f64>,
    /// Mean of the mixes' inputs.
    pub mix_mean: Vec<f64>,
    /// Standard deviation of the mixes' inputs.
    pub mix_deviation: Vec<f64>,
    /// Genres that there was music of.
    pub genres: Vec<GenreOffset>,
}

/// What is particular to a genre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenreOffset {
    /// The genre.
    pub genre: Genre,
    /// Minutes of music behind it.
    pub minutes: f64,
    /// Records behind it.
    pub records: usize,
    /// How far its own mean counts, 0 to 1; the rest is the map of all genres.
    pub share: f64,
    /// Added to each figure, already shrunk.
    pub offset: Vec<f64>,
    /// What cross-validation left over of each figure in this genre's records.
    pub spread: Vec<f64>,
}

/// Why a model is refused.
#[derive(Debug, Error, PartialEq)]
pub enum GenreModelError {
    /// Not the JSON that is expected.
    #[error("not a genre model: {0}")]
    Malformed(String),
    /// Made for another version.
    #[error("{what} is of version {found}, this program needs {expected}")]
    Version {
        /// What does not match.
        what: &'static str,
        /// In the file.
        found: u32,
        /// In the program.
        expected: u32,
    },
    /// Figures missing or not finite.
    #[error("'{0}' has the wrong size or holds a value that is not finite")]
    Shape(&'static str),
}

impl GenreModel {
    /// The model that the program carries.
    pub fn embedded() -> &'static Self {
        static MODEL: LazyLock<GenreModel> = LazyLock::new(|| {
            // What is compiled in was read by a test.
            GenreModel::read(include_str!("../../../models/genre-targets.json")).unwrap_or_else(|error| panic!("{error}"))
        });
        &MODEL
    }

    /// Reads a model. Errors: malformed, of another version, of the wrong shape.
    pub fn read(json: &str) -> Result<Self, GenreModelError> {
        let model: Self = serde_json::from_str(json).map_err(|error| GenreModelError::Malformed(error.to_string()))?;
        let versions = [
            ("the model file", model.format, MODEL_FORMAT),
            ("the feature table", model.features_version, FEATURES_VERSION),
            ("the portrait", model.portrait_version, PORTRAIT_VERSION),
        ];
        if let Some((what, found, expected)) = versions.into_iter().find(|(_, found, expected)| found != expected) {
            return Err(GenreModelError::Version { what, found, expected });
        }
        let whole = |values: &[f64], count: usize| values.len() == count && values.iter().all(|v| v.is_finite());
        let rows = model.slopes.len() == FIGURES && model.slopes.iter().all(|row| whole(row, LOUDNESS));
        let genres = model.genres.iter().all(|g| whole(&g.offset, FIGURES) && whole(&g.spread, FIGURES));
        let parts = [
            ("figures", model.figures == Portrait::ids()),
            ("intercept", whole(&model.intercept, FIGURES)),
            ("slopes", rows),
            ("spread", whole(&model.spread, FIGURES)),
            ("master_mean", whole(&model.master_mean, FIGURES)),
            ("mix_mean", whole(&model.mix_mean, LOUDNESS)),
            ("mix_deviation", whole(&model.mix_deviation, LOUDNESS)),
            ("genres", genres),
        ];
        parts.into_iter().try_for_each(|(name, right)| if right { Ok(()) } else { Err(GenreModelError::Shape(name)) })?;
        Ok(model)
    }

    /// The master of any genre to expect for this mix.
    pub fn expect(&self, mix: &Portrait) -> Portrait {
        Portrait(std::array::from_fn(|o| self.intercept[o] + self.carried(o, |i| mix.0[i])))
    }

    /// How the expectation moves when the masters' mean were `mean` instead of the corpus': what the mix leaves open.
    pub(super) fn recentred(&self, mean: &Portrait) -> [f64; FIGURES] {
        let moved: [f64; FIGURES] = std::array::from_fn(|i| mean.0[i] - self.master_mean[i]);
        std::array::from_fn(|o| moved[o] - self.carried(o, |i| moved[i]))
    }

    fn carried(&self, output: usize, input: impl Fn(usize) -> f64) -> f64 {
        self.slopes[output].iter().enumerate().map(|(i, slope)| slope * input(i)).sum()
    }

    /// What is particular to a genre, where there was music of it.
    pub fn of(&self, genre: Genre) -> Option<&GenreOffset> {
        self.genres.iter().find(|g| g.genre == genre)
    }

    /// How far a mix lies from those that the model was fitted on: root mean square of the inputs' standard scores; about 1
    /// for music like theirs.
    pub fn strangeness(&self, mix: &Portrait) -> f64 {
        let square = |i: usize| ((mix.0[i] - self.mix_mean[i]) / self.mix_deviation[i].max(0.1)).powi(2);
        ((0..LOUDNESS).map(square).sum::<f64>() / LOUDNESS as f64).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_reads_and_what_is_damaged_does_not() {
        let model = GenreModel::embedded();
        assert!(model.minutes > 500.0 && model.records > 200 && model.genres.len() >= 5, "{} min", model.minutes);
        let mut other = model.clone();
        other.portrait_version += 1;
        let read = |model: &GenreModel| GenreModel::read(&serde_json::to_string(model).unwrap());
        assert!(matches!(read(&other), Err(GenreModelError::Version { what: "the portrait", .. })));
        let mut other = model.clone();
        other.slopes[3].pop();
        assert_eq!(read(&other), Err(GenreModelError::Shape("slopes")));
        assert!(matches!(GenreModel::read("{}"), Err(GenreModelError::Malformed(_))));
        assert_eq!(read(model).as_ref(), Ok(model));
    }

    #[test]
    fn the_mean_mix_becomes_the_mean_master_and_is_no_stranger() {
        let model = GenreModel::embedded();
        let mix = Portrait(std::array::from_fn(|i| model.mix_mean.get(i).copied().unwrap_or(-20.0)));
        for (o, expected) in model.expect(&mix).0.iter().enumerate() {
            assert!((expected - model.master_mean[o]).abs() < 0.05, "{}", model.figures[o]);
        }
        assert!(model.strangeness(&mix) < 1e-6);
        let odd = Portrait(mix.0.map(|v| v + 40.0));
        assert!(model.strangeness(&odd) > 3.0);
    }
}
