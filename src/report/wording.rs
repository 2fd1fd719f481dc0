//! Words for codes: the one place where data becomes language.

mod faults;
mod genre;
mod headline;
mod names;
mod quantities;
mod why;

pub(super) use faults::is_overruled;
pub use faults::{advice, bends_the_aim, defect, heard, idle, overruled};
pub use genre::genres;
pub(super) use genre::{aimed_at, as_genres, genre_use, strange};
pub use headline::{headline, missed, reached};
use names::spoken;
pub use names::{band_name, feature, feature_unit, param, stage};
pub use quantities::{change, change_number, duration, number, param_value, pitch, quantity};
pub use why::group;
pub(super) use why::{confidence, made_by, parts};

use super::Setting;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::chain::find;
use crate::params::Unit;
use crate::plan::{ClampRule, Decision, Delivery, Evidence, Source};
use crate::render::Promise;

/// What a decision moves: the parameter's name; of an equaliser's band, its frequency.
pub fn decision_name(decision: &Decision, settings: &[Setting]) -> String {
    let Some(band) = decision.param.strip_prefix("eq.").and_then(|rest| rest.strip_suffix(".gain_db")) else {
        return param(&decision.param);
    };
    let id = format!("eq.{band}.freq_hz");
    let set = settings.iter().find(|s| s.param == id).map(|s| s.value);
    set.or_else(|| find(&id).ok().map(|p| p.default)).map_or_else(|| band.to_owned(), pitch)
}

/// What a decision does: `drive +8.2 dB`.
pub fn decision_value(decision: &Decision) -> String {
    match find(&decision.param) {
        Ok(found) if matches!(found.domain.unit, Unit::Db) => change(decision.value, Unit::Db),
        Ok(found) => param_value(found, decision.value),
        // A group: its largest move; all groups are curves in dB.
        Err(_) => format!("up to {}", change(decision.value, Unit::Db)),
    }
}

/// How far evidence is from its target, in tolerances.
pub(super) fn distance(evidence: &Evidence) -> f64 {
    (evidence.measured - evidence.target).abs() / evidence.tolerance.max(1e-3)
}

/// Evidence outside its tolerance, all of it: `level at 8 kHz: -44.0 dBFS → -40.9 dBFS`; where everything is inside, the first.
pub(super) fn evidence(all: &[Evidence]) -> String {
    let words = |e: &Evidence| {
        let unit = feature_unit(&e.feature);
        format!("{}: {} → {}", feature(&e.feature), quantity(e.measured, unit), quantity(e.target, unit))
    };
    let outside: Vec<String> = all.iter().filter(|e| (e.measured - e.target).abs() > e.tolerance).map(words).collect();
    if outside.is_empty() { all.first().map(words).unwrap_or_default() } else { outside.join("; ") }
}

/// Why: what made it, and what would be proposed without that. Where nothing is attributed: the evidence that is furthest from
/// its target; where even that is on target, the move holds it there against what other moves do to it.
pub fn reason(decision: &Decision) -> String {
    if let Some(made_by) = made_by(decision) {
        return made_by;
    }
    let Some(worst) = decision.evidence.iter().max_by(|a, b| distance(a).total_cmp(&distance(b))) else {
        return source(decision.source).to_owned();
    };
    let unit = feature_unit(&worst.feature);
    let (measured, target) = (quantity(worst.measured, unit), quantity(worst.target, unit));
    let name = feature(&worst.feature);
    if measured == target { format!("holds {name} at {target}") } else { format!("{name} is {measured}, aim {target}") }
}

/// The moves of a stage as a summary names them: first the one whose evidence is furthest from its target, whose reason stands for all of them;
/// the others as they are. A stage has one at least.
pub(super) fn heaviest_first(stage: &[Decision]) -> Vec<&Decision> {
    let weight = |d: &Decision| d.evidence.iter().map(distance).fold(0.0, f64::max);
    let heaviest = (1..stage.len()).fold(0, |most, i| if weight(&stage[i]) > weight(&stage[most]) { i } else { most });
    let mut moves: Vec<&Decision> = stage.iter().collect();
    moves[..=heaviest].rotate_right(1);
    moves
}

/// A figure that was left on purpose: `loudness -11.6 LUFS instead of -11.0 LUFS`; its [`rule`] says why.
pub fn left(feature_id: &str, reached: f64, wanted: f64) -> String {
    let unit = feature_unit(feature_id);
    format!("{} {} instead of {}", feature(feature_id), quantity(reached, unit), quantity(wanted, unit))
}

/// What held a decision back, where something did.
pub fn held_back(decision: &Decision) -> Option<String> {
    let clamp = decision.clamped.as_ref()?;
    let of_width = ["match_eq.side", "stereo.depth_percent"].contains(&decision.param.as_str());
    let wanted = match clamp.freq_hz {
        Some(hz) => format!("{}{} at {}", change(clamp.wanted, Unit::Db), if of_width { " of width" } else { "" }, pitch(hz)),
        None => quantity(clamp.wanted, find(&decision.param).map_or(Unit::Db, |p| p.domain.unit)),
    };
    Some(format!("{wanted} was asked for, held back: {}", rule(clamp.rule)))
}

/// Where a value came from.
pub const fn source(source: Source) -> &'static str {
    match source {
        Source::Rules => "by rule",
        Source::Model => "by the learned model",
        Source::Refinement => "found by rendering and measuring excerpts",
        Source::User => "set by you",
    }
}

/// Why a move is limited.
pub const fn rule(rule: ClampRule) -> &'static str {
    match rule {
        ClampRule::NothingThere => "the mix has next to nothing there, which is arrangement, not mastering",
        ClampRule::LargestMove => "more than mastering should do; that is a change for the mix",
        ClampRule::Steepness => "the curve would be steeper than mastering's are; single notes differ, which is music",
        ClampRule::PsrFloor => "peaks would be flattened (--force-loudness insists)",
        ClampRule::NoLouder => "the limiter takes away what more drive would bring",
        ClampRule::Punch => "a little softer, so that peaks keep their punch (--force-loudness insists)",
        ClampRule::FixedByPerson => "you fixed what the limiter does",
        ClampRule::MonoSafe => "it would suffer in mono",
        ClampRule::Range => "the end of the setting's range",
    }
}

/// A promise and whether it is kept: `true peak -1.02 dBTP, promised at most -1.00`.
pub fn promise(promise: &Promise) -> String {
    let Promise { what, promised, reached, tolerance, .. } = promise;
    match what.as_str() {
        "true_peak_dbtp" => format!("true peak {reached:.2} dBTP, at most {promised:.2}"),
        "loudness_lufs" => format!("loudness {reached:.2} LUFS, {promised:.2} \u{b1} {tolerance:.1}"),
        "frames" if reached == promised => "length exact to the sample".to_owned(),
        "frames" => format!("{reached:.0} frames long, {promised:.0} promised"),
        other => format!("{} {reached:.2}, promised {promised:.2} \u{b1} {tolerance:.2}", spoken(other)),
    }
}

/// The file format for a person: `WAV, 24 bit, 44.1 kHz`.
pub fn file_format(delivery: &Delivery) -> String {
    let container = match delivery.container {
        Container::Wav => "WAV",
        Container::Flac => "FLAC",
    };
    let word = match delivery.sample_format {
        SampleFormat::Float32 => "32 bit float".to_owned(),
        integer => format!("{} bit", integer.bits()),
    };
    let dither = match (delivery.sample_format, delivery.dither) {
        (SampleFormat::Float32, _) | (_, Dither::None) => "",
        (_, Dither::Tpdf) => ", TPDF dither",
        (_, Dither::Shaped) => ", noise-shaped dither",
    };
    format!("{container}, {word}, {}{dither}", pitch(f64::from(delivery.sample_rate_hz)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Clamp;

    #[test]
    fn a_decision_says_what_why_and_what_held_it() {
        let evidence = |measured, feature: &str| Evidence { feature: feature.into(), measured, target: -9.3, tolerance: 0.3 };
        let decision = Decision {
            param: "limiter.drive_db".into(),
            value: 8.21,
            source: Source::Refinement,
            evidence: vec![evidence(-9.4, "loudness.psr_lu"), evidence(-18.3, "loudness.integrated_lufs")],
            clamped: Some(Clamp { wanted: 11.0, freq_hz: None, rule: ClampRule::PsrFloor }),
            attribution: None,
        };
        assert_eq!(decision_value(&decision), "+8.2 dB");
        assert!(reason(&decision).starts_with("loudness is -18.3"), "{}", reason(&decision));
        assert!(held_back(&decision).unwrap().starts_with("11.0 dB was asked for"));
        // What is asked for at a frequency is decibels there, whatever the setting's own unit.
        let clamped = Some(Clamp { wanted: -12.3, freq_hz: Some(3150.0), rule: ClampRule::MonoSafe });
        let depth = Decision { param: "stereo.depth_percent".into(), clamped, ..decision };
        assert!(held_back(&depth).unwrap().starts_with("-12.3 dB of width at 3.15 kHz was asked for"), "{:?}", held_back(&depth));
    }

    /// The reason of a summary is that of the first move it names.
    #[test]
    fn a_summary_begins_with_the_move_that_its_reason_is_of() {
        let decision = |param: &str, measured: f64| Decision {
            param: param.into(),
            value: 1.0,
            source: Source::Rules,
            evidence: vec![Evidence { feature: "loudness.psr_lu".into(), measured, target: 8.0, tolerance: 0.5 }],
            clamped: None,
            attribution: None,
        };
        let stage = [decision("a", 9.0), decision("b", 8.0), decision("c", 14.0), decision("d", 14.0)];
        let order = |stage: &[Decision]| heaviest_first(stage).iter().map(|d| d.param.clone()).collect::<Vec<_>>();
        assert_eq!(order(&stage), ["c", "a", "b", "d"]);
        assert_eq!(order(&stage[..2]), ["a", "b"]);
    }
}
