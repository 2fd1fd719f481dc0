//! The plan on disk: TOML whose `[chain.…]` tables are read and written through the parameter registry.

use super::delivery::DeliveryError;
use super::{Concession, Decision, Delivery, Entry, LOUDNESS_ID, MixIdentity, PLAN_VERSION, Plan};
use crate::chain::{ChainSettings, OLDEST_PARAMS_VERSION, PARAMS_VERSION, find};
use crate::params::{Param, ParamError, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use toml::{Table, Value};

/// What can be wrong with a plan file.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not TOML, or a field is missing, unknown or of the wrong kind.
    #[error("the plan is not readable: {0}")]
    Syntax(#[from] toml::de::Error),
    /// The plan cannot be written as TOML.
    #[error("the plan cannot be written: {0}")]
    Write(#[from] toml::ser::Error),
    /// Written by another version of the plan format or of the parameter registry.
    #[error(
        "the plan has {what} version {found}, this program reads version {expected}; make the plan again with `automaster suggest`"
    )]
    Version {
        /// Which version differs.
        what: &'static str,
        /// The plan's.
        found: u32,
        /// This program's.
        expected: u32,
    },
    /// A setting is unknown or out of range.
    #[error("in the plan's [chain]: {0}")]
    Param(#[from] ParamError),
    /// A setting has the wrong kind of value.
    #[error("in the plan's [chain]: {id} needs {expected}")]
    Kind {
        /// The parameter.
        id: String,
        /// What it needs.
        expected: &'static str,
    },
    /// The file or its promises are out of range.
    #[error("in the plan's [delivery]: {0}")]
    Delivery(#[from] DeliveryError),
    /// A note is about a setting that does not exist.
    #[error("in the plan's [notes]: {0}")]
    Note(ParamError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    version: u32,
    params_version: u32,
    mix: MixIdentity,
    delivery: Delivery,
    #[serde(default)]
    chain: Table,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, String>,
    #[serde(default, rename = "decision", skip_serializing_if = "Vec::is_empty")]
    decisions: Vec<Decision>,
    #[serde(default, rename = "concession", skip_serializing_if = "Vec::is_empty")]
    concessions: Vec<Concession>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    history: Vec<Entry>,
}

const HEADER: &str = "\
# automaster plan. Change any setting, then: automaster render MIX --plan THIS -o MASTER.wav
# Settings that are not listed are neutral; `automaster params` lists all of them with unit, range and meaning.

";

impl Plan {
    /// The plan as TOML. Errors: [`PlanError::Write`].
    pub fn to_toml(&self) -> Result<String, PlanError> {
        let mut chain = Table::new();
        for (id, value) in self.chain.changed() {
            insert(&mut chain, &id, plan_value(find(&id)?, value));
        }
        let file = PlanFile {
            version: PLAN_VERSION,
            params_version: PARAMS_VERSION,
            mix: self.mix.clone(),
            delivery: self.delivery,
            chain,
            notes: self.notes.clone(),
            decisions: self.decisions.iter().map(brief).collect(),
            concessions: self.concessions.clone(),
            history: self.history.clone(),
        };
        Ok(format!("{HEADER}{}", toml::to_string(&file)?))
    }

    /// Reads a plan; every key and every value is checked, and reasons of settings that were changed in the file are left out. Errors: all of
    /// [`PlanError`] but `Write`.
    pub fn from_toml(text: &str) -> Result<Self, PlanError> {
        let file: PlanFile = toml::from_str(text)?;
        check_version("format", file.version, PLAN_VERSION..=PLAN_VERSION)?;
        check_version("parameter", file.params_version, OLDEST_PARAMS_VERSION..=PARAMS_VERSION)?;
        file.delivery.check()?;
        let mut chain = ChainSettings::default();
        read_table(&mut chain, "", &file.chain)?;
        file.notes.keys().filter(|id| *id != LOUDNESS_ID).try_for_each(|id| find(id).map(drop)).map_err(PlanError::Note)?;
        let PlanFile { mix, delivery, notes, decisions, concessions, history, .. } = file;
        Ok(Self { mix, delivery, chain, decisions, concessions, notes, history }.explained())
    }
}

/// A decision as far as a reader of the file wants it.
fn brief(decision: &Decision) -> Decision {
    Decision { attribution: decision.attribution.as_ref().map(super::Attribution::brief), ..decision.clone() }
}

fn check_version(what: &'static str, found: u32, read: RangeInclusive<u32>) -> Result<(), PlanError> {
    if read.contains(&found) { Ok(()) } else { Err(PlanError::Version { what, found, expected: *read.end() }) }
}

/// Puts `value` at the dotted `id` into nested tables.
fn insert(table: &mut Table, id: &str, value: Value) {
    match id.split_once('.') {
        None => {
            table.insert(id.into(), value);
        }
        Some((group, rest)) => {
            let inner = table.entry(group).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn plan_value(param: &Param, value: f64) -> Value {
    match param.domain.unit {
        Unit::Switch => Value::Boolean(value >= 0.5),
        Unit::Choice => Value::String(param.text(value)),
        _ => Value::Float(value),
    }
}

fn read_table(chain: &mut ChainSettings, prefix: &str, table: &Table) -> Result<(), PlanError> {
    for (key, value) in table {
        let id = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        if let Value::Table(inner) = value {
            read_table(chain, &id, inner)?;
            continue;
        }
        let param = find(&id)?;
        let number = match (param.domain.unit, value) {
            (Unit::Switch, Value::Boolean(on)) => f64::from(u8::from(*on)),
            (Unit::Choice, Value::String(name)) => param.parse(name)?,
            (Unit::Switch, _) => return Err(PlanError::Kind { id, expected: "true or false" }),
            (Unit::Choice, _) => return Err(PlanError::Kind { id, expected: "one of its names, in quotes" }),
            (_, Value::Float(number)) => *number,
            (_, Value::Integer(number)) => *number as f64,
            _ => return Err(PlanError::Kind { id, expected: "a number" }),
        };
        chain.set(&id, number)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Author;
    use super::*;
    use crate::audio::format::{Container, Dither, SampleFormat};
    use crate::chain::registry;
    use crate::plan::{Attribution, Cause, Confidence, MainCause, Source};

    fn plan(chain: ChainSettings) -> Plan {
        let delivery = Delivery {
            container: Container::Wav,
            sample_format: SampleFormat::Int24,
            dither: Dither::Tpdf,
            sample_rate_hz: 44100,
            loudness_lufs: Some(-9.3),
            ceiling_dbtp: -1.0,
            psr_floor_lu: Some(6.0),
        };
        let mix = MixIdentity { file: "mix.wav".into(), sample_rate_hz: 44100, channels: 2, frames: 10 };
        Plan { mix, delivery, chain, decisions: vec![], concessions: vec![], notes: BTreeMap::new(), history: vec![] }
    }

    #[test]
    fn every_parameter_survives_the_plan_file() {
        for position in [0.0, 0.3, 1.0] {
            let mut chain = ChainSettings::default();
            for param in registry() {
                chain.set(&param.id, param.domain.at(position)).unwrap();
            }
            let before = plan(chain);
            assert_eq!(Plan::from_toml(&before.to_toml().unwrap()).unwrap(), before);
        }
    }

    #[test]
    fn a_decision_keeps_its_main_causes_in_the_file() {
        let cause = |group: &str, contribution: f64| Cause {
            group: group.into(),
            measured: -3.0,
            target: 0.25,
            contribution,
            counterfactual: 0.5,
        };
        let attribution = Attribution {
            param: "limiter.drive_db".into(),
            main: MainCause::Group,
            neutral: 0.0,
            on_target: 0.0,
            proposed: 4.0,
            refinement: -0.5,
            steered_by: None,
            others: 0.0,
            confidence: Confidence::Model { certainty: 0.9, distance: 0.4 },
            causes: [2.0, 1.0, 0.75, 0.25].iter().zip(["loudness", "punch", "air", "mids"]).map(|(c, g)| cause(g, *c)).collect(),
        };
        let (source, evidence, clamped) = (Source::Model, vec![], None);
        let decision =
            Decision { param: "limiter.drive_db".into(), value: 3.5, source, evidence, clamped, attribution: Some(attribution) };
        let mut chain = ChainSettings::default();
        chain.set("limiter.drive_db", 3.5).unwrap();
        let before = Plan { decisions: vec![decision], ..plan(chain) };
        let text = before.to_toml().unwrap();
        let read = Plan::from_toml(&text).unwrap();
        let kept = read.decisions[0].attribution.as_ref().unwrap();
        assert_eq!((kept.causes.len(), kept.others, kept.sum()), (3, 0.25, 3.5));
        // What was read writes the same again.
        assert_eq!(read.to_toml().unwrap(), text);
    }

    #[test]
    fn notes_and_history_survive_the_plan_file_and_a_note_is_about_a_setting() {
        let proposed = plan(ChainSettings::default());
        let mut changed = proposed.clone();
        changed.chain.set("limiter.character", 2.0).unwrap();
        changed.delivery.loudness_lufs = None;
        changed.record(Author::Words, Some("louder \"and\" denser"), &proposed);
        changed.record(Author::Hand, None, &changed.clone());
        assert_eq!(changed.history.len(), 1, "nothing differs, nothing is recorded");
        let settings: Vec<_> = changed.history[0].changes.iter().map(|c| c.setting.as_str()).collect();
        assert_eq!(settings, [LOUDNESS_ID, "limiter.character"]);
        changed.notes.insert("limiter.character".into(), "as in the demo,\nthe singer wants it".into());
        changed.notes.insert(LOUDNESS_ID.into(), "for the radio".into());
        let text = changed.to_toml().unwrap();
        assert_eq!(Plan::from_toml(&text).unwrap(), changed);
        assert_eq!(text, changed.clone().dated_from(0, None).to_toml().unwrap(), "no clock is read");
        let mut dated = changed.dated_from(0, Some("2026-11-25")).dated_from(0, Some("later"));
        assert_eq!(dated.history[0].when.as_deref(), Some("2026-11-25"), "a time that was noted stays");
        dated.history = vec![Entry { when: None, ..dated.history[0].clone() }; 2];
        let times: Vec<_> = dated.dated_from(1, Some("today")).history.into_iter().map(|entry| entry.when).collect();
        assert_eq!(times, [None, Some("today".to_owned())], "a step of another day is not dated by this one");
        let wrong = Plan::from_toml(&text.replace("[notes]", "[notes]\n\"limiter.ceiling\" = \"x\""));
        assert!(wrong.unwrap_err().to_string().contains("did you mean 'limiter.ceiling_dbtp'"));
    }

    #[test]
    fn unknown_keys_and_values_out_of_range_are_refused() {
        let text = plan(ChainSettings::default()).to_toml().unwrap();
        let with = |extra: &str| Plan::from_toml(&format!("{text}\n{extra}")).unwrap_err().to_string();
        assert!(with("[chain.limiter]\nceiling_dbpt = -1.0").contains("did you mean 'limiter.ceiling_dbtp'"));
        assert!(with("[chain.limiter]\nceiling_dbtp = 3.0").contains("outside -20 to 0 dBTP"));
        assert!(with("[chain.limiter]\nceiling_dbtp = \"low\"").contains("needs a number"));
        let delivery = |from: &str, to: &str| Plan::from_toml(&text.replace(from, to)).unwrap_err().to_string();
        for rate in ["0", "7999", "384001", "4294967295"] {
            assert!(
                delivery("sample_rate_hz = 44100\nloud", &format!("sample_rate_hz = {rate}\nloud")).contains("8000 to 384000")
            );
        }
        for lufs in ["nan", "inf", "12.0", "-100.0"] {
            assert!(delivery("loudness_lufs = -9.3", &format!("loudness_lufs = {lufs}")).contains("-70 to 0 LUFS"));
        }
        assert!(delivery("ceiling_dbtp = -1.0", "ceiling_dbtp = nan").contains("-40 to 40 dBTP"));
        assert!(delivery("psr_floor_lu = 6.0", "psr_floor_lu = -inf").contains("0 to 40 LU"));
        assert!(with("[chain.limitter]\nceiling_dbtp = -1.0").contains("limit"));
        let of_version =
            |version: u32| Plan::from_toml(&text.replace("params_version = 2", &format!("params_version = {version}")));
        assert!(of_version(1).is_ok(), "an earlier plan means what it meant");
        for version in [0, 3] {
            assert!(of_version(version).unwrap_err().to_string().contains("version"), "{version}");
        }
    }
}
