//! The genres that automaster tells apart, and a weight for each: a piece of music is rarely one of them alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many genres there are.
pub const GENRE_COUNT: usize = 17;

/// A genre, as musicians and listeners name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Genre {
    Pop,
    Rock,
    Metal,
    Punk,
    HipHop,
    RnbSoul,
    Funk,
    Electronic,
    HouseTechno,
    Ambient,
    FolkAcoustic,
    Country,
    Blues,
    Jazz,
    Reggae,
    ClassicalOrchestral,
    Cinematic,
}

impl Genre {
    /// All genres; a weight's place in [`GenreWeights`] is the genre's place here.
    pub const ALL: [Self; GENRE_COUNT] = [
        Self::Pop,
        Self::Rock,
        Self::Metal,
        Self::Punk,
        Self::HipHop,
        Self::RnbSoul,
        Self::Funk,
        Self::Electronic,
        Self::HouseTechno,
        Self::Ambient,
        Self::FolkAcoustic,
        Self::Country,
        Self::Blues,
        Self::Jazz,
        Self::Reggae,
        Self::ClassicalOrchestral,
        Self::Cinematic,
    ];

    /// The name on the command line and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pop => "pop",
            Self::Rock => "rock",
            Self::Metal => "metal",
            Self::Punk => "punk",
            Self::HipHop => "hip-hop",
            Self::RnbSoul => "rnb-soul",
            Self::Funk => "funk",
            Self::Electronic => "electronic",
            Self::HouseTechno => "house-techno",
            Self::Ambient => "ambient",
            Self::FolkAcoustic => "folk-acoustic",
            Self::Country => "country",
            Self::Blues => "blues",
            Self::Jazz => "jazz",
            Self::Reggae => "reggae",
            Self::ClassicalOrchestral => "classical-orchestral",
            Self::Cinematic => "cinematic",
        }
    }

    /// The genre of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|genre| genre.name() == name)
    }
}

/// A share for every genre, in the order of [`Genre::ALL`]; shares are not negative and add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GenreWeights([f64; GENRE_COUNT]);

impl GenreWeights {
    /// Scales weights to shares. `None` where one is negative or not finite, or all are nil.
    pub fn new(weights: [f64; GENRE_COUNT]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        let valid = weights.iter().all(|w| w.is_finite() && *w >= 0.0) && total > 0.0 && total.is_finite();
        valid.then(|| Self(weights.map(|w| w / total)))
    }

    /// One genre alone.
    pub fn only(genre: Genre) -> Self {
        Self(Genre::ALL.map(|g| if g == genre { 1.0 } else { 0.0 }))
    }

    /// The share of a genre.
    pub fn of(&self, genre: Genre) -> f64 {
        self.0[genre as usize]
    }

    /// Genres with their shares, largest first; equal shares in the order of the list.
    pub fn ranked(&self) -> Vec<(Genre, f64)> {
        let mut all: Vec<_> = Genre::ALL.into_iter().zip(self.0).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_names_its_genre_and_its_place() {
        for (place, genre) in Genre::ALL.into_iter().enumerate() {
            assert_eq!(Genre::named(genre.name()), Some(genre));
            assert_eq!(genre as usize, place);
            assert_eq!(serde_json::to_string(&genre).unwrap(), format!("\"{}\"", genre.name()));
        }
        assert_eq!(Genre::named("polka"), None);
    }

    #[test]
    fn weights_become_shares_and_nonsense_is_refused() {
        let mut weights = [0.0; GENRE_COUNT];
        (weights[Genre::Jazz as usize], weights[Genre::Blues as usize]) = (3.0, 1.0);
        let shares = GenreWeights::new(weights).unwrap();
        assert_eq!(shares.ranked()[..2], [(Genre::Jazz, 0.75), (Genre::Blues, 0.25)]);
        assert_eq!(GenreWeights::only(Genre::Metal).of(Genre::Metal), 1.0);
        assert_eq!(GenreWeights::new([0.0; GENRE_COUNT]), None);
        weights[0] = -1.0;
        assert_eq!(GenreWeights::new(weights), None);
    }
}
