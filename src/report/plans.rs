//! Two plans side by side: the settings in which they differ, and what their masters measure where both were rendered.

use super::Comparison;
use super::table::{Align, aligned};
use super::text::{Look, comparison};
use super::wording;
use crate::chain::find;
use crate::params::Unit;
use crate::plan::{Author, Change, Entry, LOUDNESS_ID, Plan};
use serde::Serialize;
use std::fmt::Write;

/// Two plans and what differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanComparison {
    /// The first plan's file.
    pub a: String,
    /// The second plan's file.
    pub b: String,
    /// Settings that differ, the loudness first, then in the chain's order.
    pub settings: Vec<SettingDifference>,
    /// What else of the delivery differs: each plan's in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<(String, String)>,
    /// Steps of the first plan's history.
    pub a_history: Vec<Entry>,
    /// Steps of the second plan's history.
    pub b_history: Vec<Entry>,
    /// What the masters measure, where both were rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<Comparison>,
}

/// A setting of two plans.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingDifference {
    /// Id in the registry, or `delivery.loudness_lufs`.
    pub id: String,
    /// Symbol of the unit; empty for plain numbers.
    pub unit: &'static str,
    /// Of the first plan, in the registry's coding; none where no loudness is promised.
    pub a: Option<f64>,
    /// Of the second plan.
    pub b: Option<f64>,
}

impl PlanComparison {
    /// Compares two plans, each with its file's name; `measured` is of their masters.
    pub fn new(a: (&str, &Plan), b: (&str, &Plan), measured: Option<Comparison>) -> Self {
        let row = |Change { setting, from, to }: Change| SettingDifference {
            unit: unit(&setting).symbol(),
            id: setting,
            a: from,
            b: to,
        };
        let promised = |plan: &Plan| {
            let delivery = &plan.delivery;
            format!("{}, at most {}", wording::file_format(delivery), wording::quantity(delivery.ceiling_dbtp, Unit::Dbtp))
        };
        let delivery = (promised(a.1), promised(b.1));
        Self {
            a: a.0.to_owned(),
            b: b.0.to_owned(),
            settings: a.1.changes_to(b.1).into_iter().map(row).collect(),
            delivery: (delivery.0 != delivery.1).then_some(delivery),
            a_history: a.1.history.clone(),
            b_history: b.1.history.clone(),
            measured,
        }
    }
}

fn unit(setting: &str) -> Unit {
    find(setting).map_or(Unit::Lufs, |param| param.domain.unit)
}

/// A setting's value for a person.
pub fn setting_value(setting: &str, value: Option<f64>) -> String {
    match (find(setting), value) {
        (Ok(param), Some(value)) => wording::param_value(param, value),
        (_, Some(value)) => wording::quantity(value, Unit::Lufs),
        (_, None) => "as the drive gives".to_owned(),
    }
}

/// A setting's name for a person.
pub fn setting_name(setting: &str) -> String {
    match setting.split_once('.') {
        Some((stage, _)) if setting != LOUDNESS_ID => format!("{}, {}", wording::stage(stage), wording::param(setting)),
        _ => "Loudness".to_owned(),
    }
}

/// A step of a history in a line: `words, 2026-11-25: "a bit brighter" (31 settings)`.
pub fn history_line(entry: &Entry) -> String {
    let who = match entry.by {
        Author::Proposed => "proposed",
        Author::Instructions => "instructions",
        Author::Words => "words",
        Author::Hand => "by hand",
    };
    let when = entry.when.as_ref().map(|when| format!(", {when}")).unwrap_or_default();
    let said = entry.said.as_ref().map(|said| format!(": \"{said}\"")).unwrap_or_default();
    let count = match entry.changes.len() {
        0 => String::new(),
        1 => " (1 setting)".to_owned(),
        n => format!(" ({n} settings)"),
    };
    format!("{who}{when}{said}{count}")
}

/// The comparison for a terminal.
pub fn plans(plans: &PlanComparison, look: Look) -> String {
    let mut out = String::new();
    for (letter, file, history) in [("a", &plans.a, &plans.a_history), ("b", &plans.b, &plans.b_history)] {
        let _ = writeln!(out, "{letter}  {}", look.strong(file));
        for entry in history {
            let _ = writeln!(out, "   {}", look.faint(&history_line(entry)));
        }
    }
    let mut rows = vec![["", "a", "b"].map(|head| look.faint(head)).to_vec()];
    rows.extend(plans.settings.iter().map(|row| {
        let value = |value| setting_value(&row.id, value);
        vec![setting_name(&row.id), value(row.a), look.strong(&value(row.b))]
    }));
    if let Some((a, b)) = &plans.delivery {
        rows.push(vec!["Delivery".to_owned(), a.clone(), look.strong(b)]);
    }
    if rows.len() == 1 {
        out += "\nno setting differs\n";
    } else {
        let _ = writeln!(out);
        for line in aligned(&rows, &[Align::Left; 3]) {
            let _ = writeln!(out, "  {line}");
        }
    }
    if let Some(measured) = &plans.measured {
        let _ = write!(out, "\nmeasured\n{}", comparison(measured, look));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_steps_read_as_a_person_says_them() {
        assert_eq!(setting_name("limiter.release_ms"), "Limiter, release");
        assert_eq!((setting_name(LOUDNESS_ID), setting_value(LOUDNESS_ID, Some(-9.25))), ("Loudness".into(), "-9.2 LUFS".into()));
        assert_eq!(setting_value(LOUDNESS_ID, None), "as the drive gives");
        assert_eq!(setting_value("compressor.bypass", Some(1.0)), "on");
        let change = Change { setting: "limiter.release_ms".into(), from: Some(80.0), to: Some(60.0) };
        let mut entry = Entry { by: Author::Words, when: None, said: Some("denser".into()), changes: vec![change] };
        assert_eq!(history_line(&entry), "words: \"denser\" (1 setting)");
        entry = Entry { by: Author::Hand, when: Some("today".into()), said: None, changes: Vec::new() };
        assert_eq!(history_line(&entry), "by hand, today");
    }
}
