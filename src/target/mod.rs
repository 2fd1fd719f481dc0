//! What the master should be: an analysis to come close to.
//!
//! `references ─ analyze ─▶ blend by weight ─▶ Target`; the tolerance of each figure is in the feature table.
//! `mix, genres ─ learned expectation ─▶ Target` where there is no reference; its spread is the tolerance.

mod blend;

pub mod delivery;
pub mod genre;
pub mod portrait;

use crate::analysis::{Analysis, find_feature};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The aim: figures of the master, blended from one or more references, or expected by genre.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The figures to come close to.
    pub value: Analysis,
    /// The references that they come from.
    pub references: Vec<ReferenceUse>,
    /// The genres, or the user's profile, that they come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub genres: Vec<GenreUse>,
    /// How uncertain an expectation is, by feature id, one standard deviation in the feature's unit; empty for references.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spread: BTreeMap<String, f64>,
    /// How far the mix lies from the music that was learned from: about 1 for music like it, over 2 for strange music.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strangeness: Option<f64>,
    /// Whether the references say anything about the stereo image: a mono reference does not.
    pub has_image: bool,
}

impl Target {
    /// Whether this mix has an image that can come closer to this target's: what is mono, either of them, says nothing about width.
    pub fn has_image_for(&self, mix: &Analysis) -> bool {
        self.has_image && mix.has_image()
    }

    /// The highest centre of a third octave, in Hz, that this mix and this target both say something about.
    pub fn reach_hz_for(&self, mix: &Analysis) -> f64 {
        self.value.reach_hz().min(mix.reach_hz())
    }

    /// How far off a figure is still right: what a listener would not mind, or how uncertain the expectation is, whichever is
    /// more. Infinite for an unknown feature.
    pub fn tolerance(&self, feature_id: &str) -> f64 {
        let heard = find_feature(feature_id).map_or(f64::INFINITY, |f| f.tolerance);
        self.spread.get(feature_id).map_or(heard, |spread| spread.max(heard))
    }
}

/// A genre or a profile and its share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GenreUse {
    /// Name of the genre or of the profile.
    pub name: String,
    /// Share in the blend, 0 to 1; all shares add up to 1.
    pub weight: f64,
    /// Minutes of music that it was learned from; 0 for a convention.
    pub evidence_minutes: f64,
    /// Where its figures come from.
    pub source: GenreSource,
}

/// Where a genre's figures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GenreSource {
    /// Learned from records of the genre.
    Learned,
    /// Practice and published statistics; there was no music to learn from.
    Convention,
    /// The user's own records.
    Profile,
}

/// A reference and its share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReferenceUse {
    /// File as it was given.
    pub file: String,
    /// Share in the blend, 0 to 1; all shares add up to 1.
    pub weight: f64,
}
