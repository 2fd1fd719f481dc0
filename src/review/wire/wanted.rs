//! What the page asks for.

use crate::audio::codec::Coding;
use crate::chain::{ChainSettings, find};
use crate::params::{ParamError, ParamGroup};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the page wants: settings that differ from neutral, and the loudness.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Wanted {
    pub(in super::super) settings: BTreeMap<String, f64>,
    pub(in super::super) loudness_lufs: Option<f64>,
    /// Number of the plan that the page was given and goes on with; none for what is proposed.
    #[serde(default)]
    pub(in super::super) loaded: Option<usize>,
    /// What was said to be done, and was: it is in the settings, and goes into the plan's history.
    #[serde(default)]
    pub(in super::super) words: Vec<String>,
    /// What the person notes about settings.
    #[serde(default)]
    pub(in super::super) notes: BTreeMap<String, String>,
    /// What the person's clock says.
    #[serde(default)]
    pub(in super::super) when: Option<String>,
}

impl Wanted {
    /// The settings, checked. Errors: a parameter that does not exist or is out of range.
    pub(in super::super) fn chain(&self) -> Result<ChainSettings, ParamError> {
        let mut chain = ChainSettings::default();
        self.settings.iter().try_for_each(|(id, value)| find(id)?.check(*value).map(drop))?;
        chain.update(&mut |id, _| self.settings.get(id).copied());
        Ok(chain)
    }
}

/// The text of a plan that the page wants to go on with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WantedPlan {
    pub(in super::super) text: String,
}

/// A codec through which the page wants to hear what it was given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WantedCodec {
    pub(in super::super) client: String,
    pub(in super::super) sequence: u64,
    pub(in super::super) coding: Coding,
}

/// Words that the page wants to be done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WantedWords {
    pub(in super::super) text: String,
    pub(in super::super) wanted: Wanted,
}

/// A preview that the page wants.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WantedPreview {
    /// The page that asks.
    pub(in super::super) client: String,
    /// Rises with every request of the page; older ones are given up.
    pub(in super::super) sequence: u64,
    pub(in super::super) start_s: f64,
    pub(in super::super) wanted: Wanted,
}

/// A section of the mix or a reference that the page wants.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WantedSection {
    pub(in super::super) start_s: f64,
}

/// Figures that the page wants of the sound that it was given.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WantedFigures {
    pub(in super::super) client: String,
    pub(in super::super) sequence: u64,
}
