//! What became of a plan: who changed what, and how two plans differ.

use super::Plan;
use crate::chain::registry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name of the promised loudness among a plan's settings.
pub const LOUDNESS_ID: &str = "delivery.loudness_lufs";

/// Who changed a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// This program, from what it heard.
    Proposed,
    /// A file of instructions that the first proposal was to follow.
    Instructions,
    /// Feedback in words.
    Words,
    /// A person's hand on the settings.
    Hand,
}

/// A step in a plan's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Who changed it.
    pub by: Author,
    /// When, as the caller gives it; nothing here reads a clock, so that the same job writes the same plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// What was changed; nothing is listed of a first proposal.
    #[serde(default, rename = "change", skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

/// A setting before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The parameter, or [`LOUDNESS_ID`].
    pub setting: String,
    /// Before, in the registry's coding; none where no loudness was promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
}

impl Plan {
    /// The settings in which another plan differs from this one: the loudness first, then in the registry's order.
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        let (from, to) = (self.delivery.loudness_lufs, other.delivery.loudness_lufs);
        let loudness = (from != to).then(|| Change { setting: LOUDNESS_ID.to_owned(), from, to });
        let (before, after) = (self.chain.values(), other.chain.values());
        let params = registry().iter().zip(before.into_iter().zip(after)).filter(|(_, (from, to))| from != to);
        let change = |(param, (from, to)): (&crate::params::Param, (f64, f64))| Change {
            setting: param.id.clone(),
            from: Some(from),
            to: Some(to),
        };
        loudness.into_iter().chain(params.map(change)).collect()
    }

    /// Notes in the history how this plan came from `before`; nothing where nothing differs.
    pub fn record(&mut self, by: Author, said: Option<&str>, before: &Self) {
        let changes = before.changes_to(self);
        if !changes.is_empty() {
            self.history.push(Entry { by, when: None, said: said.map(str::to_owned), changes });
        }
    }

    /// Gives the steps of the history from the `first` on that have no time the time that the caller tells: those of another day
    /// stay without.
    pub fn dated_from(mut self, first: usize, when: Option<&str>) -> Self {
        let undated = self.history.iter_mut().skip(first).filter(|entry| entry.when.is_none());
        undated.for_each(|entry| entry.when = when.map(str::to_owned));
        self
    }
}
