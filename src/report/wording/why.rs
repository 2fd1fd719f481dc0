//! Words for what made a decision: the named group of figures, the parts, what would be proposed without it, how sure it is.

use super::quantities::with_symbol;
use super::{change, change_number, param_value, quantity};
use crate::chain::find;
use crate::params::Unit;
use crate::plan::{Attribution, Cause, Confidence, Decision, MainCause};
use crate::propose::{LARGEST_SPREAD_DB, groups};

/// Parts that a line tells.
const TOLD: usize = 3;
/// A share of the way from neutral that is too small to tell.
const SMALLEST_SHARE: f64 = 0.05;
/// A model is in two minds about what it is less certain of.
const UNSURE: f64 = 0.5;

/// A feature group for a person.
pub fn group(id: &str) -> &str {
    match id {
        "low_end" => "low end",
        "low_mids" => "low mids",
        "mids" => "mids",
        // The overview means wider bands by these names.
        "presence" => "presence (2.5-6.3 kHz)",
        "air" => "air (8-20 kHz)",
        "loudness" => "loudness",
        "macro_dynamics" => "loudness range",
        "punch" => "punch (PSR)",
        "density" => "crest",
        "spread_low" => "movement of the bass",
        "spread_low_mid" => "movement of the body",
        "spread_high_mid" => "movement of the presence",
        "spread_high" => "movement of the air",
        "attack_low" => "attack of the bass",
        "attack_low_mid" => "attack of the body",
        "attack_high_mid" => "attack of the presence",
        "attack_high" => "attack of the air",
        "width_low" => "width of the bass",
        "width_low_mid" => "width of the body",
        "width_high_mid" => "width of the presence",
        "width_high" => "width of the air",
        "balance" => "balance of left and right",
        "faults" => "a fault of the mix",
        other => other,
    }
}

/// What made a decision, in a line: the main cause, and what would be proposed without it. None where nothing is attributed.
pub(in crate::report) fn made_by(decision: &Decision) -> Option<String> {
    let attribution = decision.attribution.as_ref()?;
    let auditions = || match &attribution.steered_by {
        Some(steered) => format!("auditions of excerpts, by their {}", group(steered)),
        None => "auditions of excerpts".to_owned(),
    };
    Some(match (attribution.main, attribution.causes.first()) {
        (MainCause::Group, Some(cause)) => {
            let along = if goes_along(&decision.param, &cause.group) { ", and the sides go with the middle" } else { "" };
            format!("{}{along}; {}", measured(cause), without(attribution, cause))
        }
        (MainCause::Refinement, _) => {
            format!("{}; {} proposed at first", auditions(), value(&attribution.param, attribution.proposed))
        }
        _ if attribution.others.abs() > (attribution.on_target - attribution.neutral).abs() => {
            "several figures together".to_owned()
        }
        _ => "proposed for any mix".to_owned(),
    })
}

/// Whether the curve of the sides follows a tone of the middle.
fn goes_along(param: &str, group: &str) -> bool {
    param == "match_eq.side" && TONES.contains(&group)
}

/// The groups that hold several third octaves each …
const TONES: [&str; 5] = ["low_end", "low_mids", "mids", "presence", "air"];
/// … whose mean says little where it is off by less: they are off one by one, up and down.
const SAYS_LITTLE_DB: f64 = 0.5;

/// What a group measures: `air is 3.2 dB below its aim`, `air, figure by figure (0.2 dB below its aim on the whole)`, `loudness is -18.3 LUFS, aim -9.3 LUFS`.
fn measured(cause: &Cause) -> String {
    let name = group(&cause.group);
    let unit = groups().iter().find(|g| g.id == cause.group).map_or(Unit::Db, |g| g.unit());
    let off = cause.target - cause.measured;
    match unit {
        Unit::Count => name.to_owned(),
        Unit::Db if off.abs() < 0.05 => format!("{name}, figure by figure"),
        Unit::Db => {
            let (is, its) = if name.ends_with("mids") { ("are", "their") } else { ("is", "its") };
            // An aim is no further away than mastering should go; the target may be.
            let capped = if cause.group.starts_with("spread_") && off.abs() > LARGEST_SPREAD_DB - 0.05 { " or more" } else { "" };
            let by = format!("{}{capped} {} {its} aim", quantity(off.abs(), unit), if off > 0.0 { "below" } else { "above" });
            // A mean that points the other way than the move explains it no better than a small one.
            let says_little = off.abs() < SAYS_LITTLE_DB || off * cause.contribution < 0.0;
            match TONES.contains(&cause.group.as_str()) && says_little {
                true => format!("{name}, figure by figure ({by} on the whole)"),
                false => format!("{name} {is} {by}"),
            }
        }
        _ => format!("{name} is {}, aim {}", quantity(cause.measured, unit), quantity(cause.target, unit)),
    }
}

fn without(attribution: &Attribution, cause: &Cause) -> String {
    let instead = value(&attribution.param, cause.counterfactual);
    let what = if cause.group == "faults" { "without it" } else { "on target" };
    match value(&attribution.param, attribution.proposed) == instead {
        true => format!("{what} the same, for other reasons"),
        false => format!("{what} {instead}"),
    }
}

/// A parameter's value, decibels with their sign.
fn value(param: &str, value: f64) -> String {
    match find(param) {
        Ok(found) if found.domain.unit == Unit::Db => change(value, Unit::Db),
        Ok(found) => param_value(found, value),
        Err(_) => change(value, Unit::Db),
    }
}

/// The parts of a value by size: `air +2.9 dB, presence +0.3 dB, auditions -0.1 dB`. Empty where nothing is attributed.
pub(in crate::report) fn parts(decision: &Decision) -> String {
    let Some(attribution) = &decision.attribution else { return String::new() };
    let unit = find(&attribution.param).map_or(Unit::Db, |found| found.domain.unit);
    let mut parts: Vec<(&str, f64)> = attribution.causes.iter().map(|c| (group(&c.group), c.contribution)).collect();
    parts.push(("auditions", attribution.refinement));
    parts.push(("whatever the mix", attribution.on_target - attribution.neutral));
    parts.push(("other figures", attribution.others));
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let way: f64 = parts.iter().map(|(_, part)| part.abs()).sum();
    let told = parts.iter().filter(|(_, part)| part.abs() > SMALLEST_SHARE * way).take(TOLD);
    let words = |(name, part): &(&str, f64)| match unit {
        Unit::Switch | Unit::Choice => (*name).to_owned(),
        // A ratio's parts are small.
        Unit::Ratio => format!("{name} {part:+.2}"),
        unit => format!(
            "{name} {}",
            with_symbol(change_number(*part, unit), if matches!(unit, Unit::Dbfs | Unit::Dbtp) { Unit::Db } else { unit })
        ),
    };
    told.map(words).collect::<Vec<_>>().join(", ")
}

/// How far a decision can be relied on, where a model made it.
pub(in crate::report) fn confidence(decision: &Decision) -> Option<String> {
    match decision.attribution.as_ref()?.confidence {
        Confidence::Rule => None,
        Confidence::Model { distance, .. } if distance > 1.0 => Some("unlike anything the model was fitted on".to_owned()),
        Confidence::Model { certainty, .. } if certainty < UNSURE => {
            Some(format!("the model is unsure ({:.0} % certain)", 100.0 * certainty))
        }
        Confidence::Model { certainty, .. } => Some(format!("{:.0} % certain", 100.0 * certainty)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Source;

    fn decision(main: MainCause, confidence: Confidence) -> Decision {
        let cause = |group: &str, measured, contribution| Cause {
            group: group.into(),
            measured,
            target: -9.3,
            contribution,
            counterfactual: 0.4,
        };
        let attribution = Attribution {
            param: "match_eq.mid.gain_8000_hz_db".into(),
            main,
            neutral: 0.0,
            on_target: 0.0,
            proposed: 3.2,
            refinement: -0.3,
            steered_by: Some("air".into()),
            others: 0.0,
            confidence,
            causes: vec![cause("air", -12.5, 2.9), cause("mids", -9.0, 0.3)],
        };
        let source = Source::Rules;
        let (evidence, clamped, attribution) = (Vec::new(), None, Some(attribution));
        Decision { param: "match_eq.mid".into(), value: 2.9, source, evidence, clamped, attribution }
    }

    #[test]
    fn a_reason_names_the_group_and_what_would_be_without_it() {
        let rule = decision(MainCause::Group, Confidence::Rule);
        assert_eq!(made_by(&rule).as_deref(), Some("air (8-20 kHz) is 3.2 dB below its aim; on target +0.4 dB"));
        let mids = &rule.attribution.as_ref().unwrap().causes[1];
        assert_eq!(measured(mids), "mids, figure by figure (0.3 dB above their aim on the whole)");
        let down = Cause { measured: mids.measured + 0.7, contribution: -0.3, ..mids.clone() };
        assert_eq!(measured(&down), "mids are 1.0 dB above their aim");
        let up = measured(&Cause { contribution: 0.3, ..down });
        assert_eq!(up, "mids, figure by figure (1.0 dB above their aim on the whole)", "the mean does not explain a boost");
        let attack = measured(&Cause { group: "attack_low_mid".into(), ..mids.clone() });
        assert_eq!(attack, "attack of the body is 0.3 dB above its aim", "one figure has no shape");
        assert_eq!(parts(&rule), "air (8-20 kHz) +2.9 dB, mids +0.3 dB, auditions -0.3 dB");
        assert_eq!(confidence(&rule), None);
        let refined = decision(MainCause::Refinement, Confidence::Rule);
        assert_eq!(
            made_by(&refined).as_deref(),
            Some("auditions of excerpts, by their air (8-20 kHz); +3.2 dB proposed at first")
        );
        assert_eq!(made_by(&decision(MainCause::Always, Confidence::Rule)).as_deref(), Some("proposed for any mix"));
        let mut many = decision(MainCause::Always, Confidence::Rule);
        many.attribution.as_mut().unwrap().others = 2.0;
        assert_eq!(made_by(&many).as_deref(), Some("several figures together"));
        assert_eq!(made_by(&Decision { attribution: None, ..rule }), None);
    }

    #[test]
    fn confidence_says_what_the_model_knows() {
        let says =
            |certainty, distance| confidence(&decision(MainCause::Group, Confidence::Model { certainty, distance })).unwrap();
        assert_eq!(says(0.92, 0.5), "92 % certain");
        assert_eq!(says(0.41, 0.5), "the model is unsure (41 % certain)");
        assert_eq!(says(0.92, 1.2), "unlike anything the model was fitted on");
    }

    #[test]
    fn every_group_has_words() {
        let plain = ["mids", "presence", "air", "loudness"];
        for each in groups() {
            assert!(group(each.id) != each.id || plain.contains(&each.id), "{}", each.id);
        }
    }
}
