//! The plan: the contract between machine and person.
//!
//! A [`Plan`] holds every chain setting, what is promised of the delivered file, and one [`Decision`] for each move that
//! was proposed, with its evidence and what made it. The same input and the same plan give the same bytes. On disk it is TOML
//! ([`Plan::to_toml`], [`Plan::from_toml`]): human units, only settings that differ from neutral, unknown keys refused.

mod attribution;
mod delivery;
mod file;
mod history;
mod revised;

pub use attribution::{Attribution, Cause, Confidence, MainCause};
pub use delivery::{Delivery, DeliveryError};
pub use file::PlanError;
pub use history::{Author, Change, Entry, LOUDNESS_ID};

use crate::chain::ChainSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the plan file.
pub const PLAN_VERSION: u32 = 1;

/// Everything that a render needs besides the mix.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The mix that the plan was made for.
    pub mix: MixIdentity,
    /// What is delivered, and what is promised of it.
    pub delivery: Delivery,
    /// Every setting of the chain.
    pub chain: ChainSettings,
    /// Why the settings are what they are.
    pub decisions: Vec<Decision>,
    /// What was aimed for and not reached, or deliberately left.
    pub concessions: Vec<Concession>,
    /// What a person noted about a setting, by its id.
    pub notes: BTreeMap<String, String>,
    /// How it came to be what it is, the oldest step first.
    pub history: Vec<Entry>,
}

/// Which mix a plan was made for: enough to notice that another file is being rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MixIdentity {
    /// File name as it was given.
    pub file: String,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// 1 or 2.
    pub channels: usize,
    /// Length in frames.
    pub frames: u64,
}

impl MixIdentity {
    /// In what the mix that this tells of differs from another one; none where both are of the same shape, whatever their names: a plan
    /// may serve an alternative version on purpose.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let compare = |what: &str, there: u64, here: u64| (there != here).then(|| format!("{what} {there} there, {here} here"));
        compare("sample rate in Hz", self.sample_rate_hz.into(), other.sample_rate_hz.into())
            .or_else(|| compare("channels", self.channels as u64, other.channels as u64))
            .or_else(|| compare("length in frames", self.frames, other.frames))
    }
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Physics, standards, and the difference between mix and target.
    Rules,
    /// The inverse chain model, from what mix and aim measure.
    Model,
    /// Correction after rendering excerpts with the real chain and measuring them.
    Refinement,
    /// Asked for by the person.
    User,
}

/// A move and its reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The parameter (`limiter.drive_db`), or a group of parameters that move together (`match_eq.mid`).
    pub param: String,
    /// The value in the parameter's unit; for a group, the value of largest magnitude.
    pub value: f64,
    /// Where the value came from.
    pub source: Source,
    /// What was measured and what it should be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Set when a limit held the move back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clamped: Option<Clamp>,
    /// Which figures made the value, and what would be proposed without them; none where a person set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<Attribution>,
}

/// A feature that moved a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Id in the feature table.
    pub feature: String,
    /// What the mix measures.
    pub measured: f64,
    /// What it should measure.
    pub target: f64,
    /// How far off is still right.
    pub tolerance: f64,
}

/// A limit that held a move back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clamp {
    /// The value that the evidence asked for: in the setting's unit, or where a frequency is given the change of tone or width there, in
    /// decibels.
    pub wanted: f64,
    /// Where in the spectrum, in Hz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freq_hz: Option<f64>,
    /// Which rule held it.
    pub rule: ClampRule,
}

/// Why a move is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClampRule {
    /// The mix has next to nothing in this band: arrangement, not mastering.
    NothingThere,
    /// More than mastering should do: back to the mix.
    LargestMove,
    /// The curve would rise or fall more steeply than mastering's do: single notes differ, which is music.
    Steepness,
    /// Peaks would be flattened: PSR would fall below its floor.
    PsrFloor,
    /// A little of the loudness, for peaks that stand as high over the music as the target's.
    Punch,
    /// The limiter takes away what more drive would bring.
    NoLouder,
    /// A person fixed the setting that it would take.
    FixedByPerson,
    /// Mono compatibility would suffer.
    MonoSafe,
    /// The end of the parameter's range.
    Range,
}

/// Something aimed for that the plan does not reach, on purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concession {
    /// Id in the feature table.
    pub feature: String,
    /// What was aimed for.
    pub wanted: f64,
    /// What the plan settles for.
    pub planned: f64,
    /// Why.
    pub rule: ClampRule,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_told_by_its_shape_and_not_by_its_name() {
        let mix = |file: &str, sample_rate_hz, channels, frames| {
            let file = file.to_owned();
            MixIdentity { file, sample_rate_hz, channels, frames }
        };
        let this = mix("a.wav", 44_100, 2, 1000);
        let told = |made_for: MixIdentity| made_for.difference(&this).unwrap_or_default();
        assert_eq!(told(mix("b.wav", 44_100, 2, 1000)), "");
        assert_eq!(told(mix("a.wav", 48_000, 2, 1000)), "sample rate in Hz 48000 there, 44100 here");
        assert_eq!(told(mix("a.wav", 44_100, 1, 1000)), "channels 1 there, 2 here");
        assert_eq!(told(mix("a.wav", 44_100, 2, 999)), "length in frames 999 there, 1000 here");
    }
}
