//! Genres that there was no music of: what practitioners and published statistics say, in `references/genres/*.toml`.

use super::super::portrait::{LOUDNESS, PSR, Portrait, TONE};
use super::model::GenreModel;
use crate::dsp::bands::{THIRD_OCTAVES, third_octave_centre_hz};
use crate::genre::Genre;
use serde::Deserialize;
use std::sync::LazyLock;

/// One convention.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convention {
    /// The genre.
    pub genre: Genre,
    /// Integrated loudness.
    pub loudness_lufs: f64,
    /// Peak to short-term loudness.
    pub psr_lu: f64,
    /// Where the tone's mean comes from.
    pub tone: ToneConvention,
    /// A genre with music whose own offset this one borrows.
    pub like: Option<Genre>,
    /// Source of each figure.
    pub provenance: Vec<String>,
}

/// Where a convention's tone comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToneConvention {
    /// The published mean spectrum of popular music ([`popular_tone_db`]).
    Popular,
    /// The mean of the corpus' masters.
    Corpus,
}

macro_rules! conventions {
    ($($name:literal),+ $(,)?) => {
        [$(include_str!(concat!("../../../references/genres/", $name, ".toml"))),+]
    };
}

/// Every convention, a genre each.
pub fn conventions() -> &'static [Convention] {
    static ALL: LazyLock<Vec<Convention>> = LazyLock::new(|| {
        let files = conventions![
            "pop",
            "rock",
            "punk",
            "hip-hop",
            "rnb-soul",
            "funk",
            "house-techno",
            "country",
            "blues",
            "reggae",
            "cinematic",
        ];
        // What is compiled in was read by a test.
        files.iter().map(|text| toml::from_str(text).unwrap_or_else(|error| panic!("{error}"))).collect()
    });
    &ALL
}

impl Convention {
    /// The convention of a genre, where there is one.
    pub fn of(genre: Genre) -> Option<&'static Self> {
        conventions().iter().find(|c| c.genre == genre)
    }

    /// The mean master: the corpus' with what the convention knows better.
    pub(super) fn mean(&self, model: &GenreModel) -> Portrait {
        let mut mean = Portrait(std::array::from_fn(|i| model.master_mean[i]));
        mean.0[LOUDNESS] = self.loudness_lufs;
        mean.0[PSR] = self.psr_lu;
        if self.tone == ToneConvention::Popular {
            let tone = popular_tone_db(&mean.0[TONE]);
            mean.0[TONE].copy_from_slice(&tone);
        }
        mean
    }
}

/// Mean long-term spectrum of 12,345 tracks of popular music, as third octaves relative to the mean of 100 Hz to 8 kHz.
///
/// Published as power density over `x = 1 + 60·log2(f/30)`: `−0.000907x² + 0.256x − 32.942` below 94 Hz and
/// `−0.000183x² + 0.0213x − 16.735` above, to 15.7 kHz; a third octave's width adds 1 dB a band. Outside 30 Hz to
/// 12.5 kHz the fit says nothing: `elsewhere` does.
pub fn popular_tone_db(elsewhere: &[f64]) -> [f64; THIRD_OCTAVES] {
    const FITTED: std::ops::Range<usize> = 2..29;
    let level = |i: usize| {
        let hz = third_octave_centre_hz(i);
        let x = 1.0 + 60.0 * (hz / 30.0).log2();
        let density = if hz < 94.0 { -0.000_907 * x * x + 0.256 * x - 32.942 } else { -0.000_183 * x * x + 0.0213 * x - 16.735 };
        density + 10.0 * hz.log10()
    };
    let anchor = (7..27).map(level).sum::<f64>() / 20.0;
    std::array::from_fn(|i| if FITTED.contains(&i) { level(i) - anchor } else { elsewhere[i] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_genre_has_music_or_a_convention_and_every_figure_a_source() {
        for genre in Genre::ALL {
            let learned = GenreModel::embedded().of(genre).is_some();
            assert!(learned != Convention::of(genre).is_some(), "{}", genre.name());
        }
        for c in conventions() {
            assert!(c.psr_lu >= 8.0 && (-24.0..=-9.0).contains(&c.loudness_lufs), "{}", c.genre.name());
            assert!(!c.provenance.is_empty() && c.like.is_none_or(|g| GenreModel::embedded().of(g).is_some()));
        }
    }

    #[test]
    fn the_published_spectrum_falls_by_four_and_a_half_decibels_an_octave() {
        let curve = popular_tone_db(&[0.0; THIRD_OCTAVES]);
        // 100 Hz to 4 kHz is 16 bands, 5.3 octaves; power density falls 3 dB an octave faster than third octaves.
        let octaves = (4000f64 / 100.0).log2();
        let density = (curve[23] - curve[7]) / octaves - 3.01;
        assert!((density + 4.5).abs() < 0.7, "{density}");
        assert!((curve[7..27].iter().sum::<f64>()).abs() < 1e-9);
    }
}
