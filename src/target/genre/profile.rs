//! A user's own sound: the mean and the spread of a folder of favourite masters, as a TOML file.

use super::super::portrait::{FIGURES, PORTRAIT_VERSION, Portrait};
use crate::analysis::Analysis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Version of the profile's file.
pub const PROFILE_FORMAT: u32 = 1;

/// What the records of a folder have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundProfile {
    /// Version of this file.
    pub format: u32,
    /// Version of the portrait.
    pub portrait_version: u32,
    /// What the user calls it.
    pub name: String,
    /// Files that it was learned from.
    pub files: usize,
    /// Minutes of music that it was learned from.
    pub minutes: f64,
    /// Every figure of the portrait.
    pub figures: BTreeMap<String, ProfileFigure>,
}

/// One figure of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFigure {
    /// Mean of the records.
    pub mean: f64,
    /// Standard deviation of the records.
    pub spread: f64,
}

/// Why a profile is refused.
#[derive(Debug, Error, PartialEq)]
pub enum ProfileError {
    /// Not the TOML that is expected.
    #[error("not a sound profile: {0}")]
    Malformed(String),
    /// Made by another version.
    #[error("made for version {found}, this program needs {expected}: learn it again with `automaster learn`")]
    Version {
        /// In the file.
        found: u32,
        /// In the program.
        expected: u32,
    },
    /// A figure is missing, not finite, or unknown.
    #[error("figure '{0}' is missing, unknown or not a finite number")]
    Figure(String),
}

impl SoundProfile {
    /// Learns a profile from analyses of masters; `None` where there are none.
    pub fn learn(name: &str, masters: &[Analysis]) -> Option<Self> {
        let portraits: Vec<Portrait> = masters.iter().map(Portrait::of).collect();
        let count = portraits.len() as f64;
        let seconds: f64 = masters.iter().map(|a| a.frames as f64 / f64::from(a.sample_rate_hz.max(1))).sum();
        let hundredths = |v: f64| (v * 100.0).round() / 100.0;
        let figure = |i: usize| {
            let mean = portraits.iter().map(|p| p.0[i]).sum::<f64>() / count;
            let variance = portraits.iter().map(|p| (p.0[i] - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
            ProfileFigure { mean: hundredths(mean), spread: hundredths(variance.sqrt()) }
        };
        (!portraits.is_empty()).then(|| Self {
            format: PROFILE_FORMAT,
            portrait_version: PORTRAIT_VERSION,
            name: name.into(),
            files: portraits.len(),
            minutes: hundredths(seconds / 60.0),
            figures: Portrait::ids().into_iter().enumerate().map(|(i, id)| (id, figure(i))).collect(),
        })
    }

    /// As TOML.
    pub fn to_toml(&self) -> String {
        // A flat struct of numbers and one map has no form that TOML lacks.
        let body = toml::to_string(self).unwrap_or_default();
        format!("# A sound profile of automaster: what the masters of a folder have in common.\n\n{body}")
    }

    /// Reads a profile. Errors: malformed, of another version, a figure missing, unknown or not finite.
    pub fn from_toml(text: &str) -> Result<Self, ProfileError> {
        let profile: Self = toml::from_str(text).map_err(|error| ProfileError::Malformed(error.to_string()))?;
        for (found, expected) in [(profile.format, PROFILE_FORMAT), (profile.portrait_version, PORTRAIT_VERSION)] {
            if found != expected {
                return Err(ProfileError::Version { found, expected });
            }
        }
        let ids = Portrait::ids();
        let bad = |id: &&String| {
            !profile.figures.get(*id).is_some_and(|f| f.mean.is_finite() && f.spread >= 0.0 && f.spread.is_finite())
        };
        if let Some(id) = ids.iter().find(bad).or_else(|| profile.figures.keys().find(|id| !ids.contains(id))) {
            return Err(ProfileError::Figure(id.clone()));
        }
        Ok(profile)
    }

    fn figures_in_order(&self, read: fn(&ProfileFigure) -> f64) -> Portrait {
        let ids = Portrait::ids();
        let values: [f64; FIGURES] = std::array::from_fn(|i| self.figures.get(&ids[i]).map_or(0.0, read));
        Portrait(values)
    }

    /// The mean master.
    pub fn mean(&self) -> Portrait {
        self.figures_in_order(|f| f.mean)
    }

    /// The masters' standard deviation.
    pub fn spread(&self) -> Portrait {
        self.figures_in_order(|f| f.spread)
    }
}
