//! Words for codes: the one place where data becomes language.

mod genre;
mod headline;
mod why;

pub use genre::genres;
pub(super) use genre::{aimed_at, as_genres, genre_use, strange};
pub use headline::{headline, missed, reached};
pub use why::group;
pub(super) use why::{confidence, made_by, parts};

use super::Setting;
use crate::analysis::Defect;
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::chain::find;
use crate::params::{Param, Unit};
use crate::plan::{ClampRule, Decision, Delivery, Evidence, Source};
use crate::render::Promise;

/// A figure with its unit: `-9.3 LUFS`, `44100 Hz`, `2.50`.
pub fn quantity(value: f64, unit: Unit) -> String {
    with_symbol(number(value, unit), unit)
}

/// A change with its sign and unit: `+3.1 dB`.
pub fn change(value: f64, unit: Unit) -> String {
    with_symbol(change_number(value, unit), unit)
}

/// A change with its sign: `+3.1`.
pub fn change_number(value: f64, unit: Unit) -> String {
    let text = number(value, unit);
    let sign = if text.starts_with('-') { "" } else { "+" };
    format!("{sign}{text}")
}

/// A figure with as many decimals as its unit is worth.
pub fn number(value: f64, unit: Unit) -> String {
    let decimals = match unit {
        Unit::Hz | Unit::Count | Unit::Switch | Unit::Choice | Unit::Percent => 0,
        Unit::Ratio | Unit::PerSecond | Unit::DbPerOctave => 2,
        _ => 1,
    };
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(positive) if positive.chars().all(|c| matches!(c, '0' | '.')) => positive.to_owned(),
        _ => text,
    }
}

fn with_symbol(text: String, unit: Unit) -> String {
    match unit.symbol() {
        "" => text,
        symbol => format!("{text} {symbol}"),
    }
}

/// A parameter's value for a person.
pub fn param_value(param: &Param, value: f64) -> String {
    match param.domain.unit {
        Unit::Switch => if value >= 0.5 { "on" } else { "off" }.to_owned(),
        Unit::Choice => param.text(value).replace('_', " "),
        unit => quantity(value, unit),
    }
}

/// A stage's name for a person.
pub fn stage(name: &str) -> &str {
    match name {
        "repair" => "Repair",
        "eq" => "Equaliser",
        "deess" => "De-esser",
        "resonance" => "Resonance control",
        "leveler" => "Level riding",
        "compressor" => "Glue compressor",
        "multiband" => "Multiband dynamics",
        "match_eq" => "Tone matching",
        "saturation" => "Saturation",
        "exciter" => "Exciter",
        "stereo" => "Stereo image",
        "clipper" => "Soft clipper",
        "limiter" => "Limiter",
        other => other,
    }
}

/// A parameter's name for a person, without its stage: `presence high ratio`.
pub fn param(id: &str) -> String {
    let field = id.split_once('.').map_or(id, |(_, field)| field);
    match id {
        "match_eq.mid" => "curve of the middle".to_owned(),
        "match_eq.side" => "curve of the sides".to_owned(),
        _ => field.split('.').map(|part| spoken(band_name(without_unit(part)))).collect::<Vec<_>>().join(" "),
    }
}

/// What a decision moves: the parameter's name; of an equaliser's band, its frequency.
pub fn decision_name(decision: &Decision, settings: &[Setting]) -> String {
    let Some(band) = decision.param.strip_prefix("eq.").and_then(|rest| rest.strip_suffix(".gain_db")) else {
        return param(&decision.param);
    };
    let id = format!("eq.{band}.freq_hz");
    let set = settings.iter().find(|s| s.param == id).map(|s| s.value);
    set.or_else(|| find(&id).ok().map(|p| p.default)).map_or_else(|| band.to_owned(), pitch)
}

/// Suffixes of the units that are shown beside the figure, longest first.
const UNIT_SUFFIXES: [&str; 11] =
    ["_db_per_octave", "_per_s", "_percent", "_dbfs", "_dbtp", "_lufs", "_lu", "_db", "_hz", "_ms", "_s"];

fn without_unit(name: &str) -> &str {
    let suffix = UNIT_SUFFIXES.iter().find(|suffix| name.len() > suffix.len() && name.ends_with(**suffix));
    suffix.map_or(name, |suffix| &name[..name.len() - suffix.len()])
}

fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

/// A feature's name for a person: `level at 1 kHz`, `bass crest (whole file)`.
pub fn feature(id: &str) -> String {
    let (group, name) = id.split_once('.').unwrap_or(("", id));
    match id {
        "loudness.integrated_lufs" => return "loudness".to_owned(),
        "loudness.lra_lu" => return "loudness range".to_owned(),
        "loudness.plr_lu" => return "peak to loudness".to_owned(),
        "loudness.psr_lu" => return "punch (PSR)".to_owned(),
        _ => {}
    }
    let plain = without_unit(name);
    let words = match plain.split_once('.') {
        Some((band, rest)) => format!("{} {}", band_name(band), spoken(rest)),
        None => frequency(plain).unwrap_or_else(|| spoken(plain)),
    };
    match group {
        "whole" => format!("{words} (whole file)"),
        _ => words,
    }
}

/// `mid_1000_hz` and `side_1000_hz` in words.
fn frequency(name: &str) -> Option<String> {
    let (part, hz) = name.strip_suffix("_hz")?.split_once('_')?;
    let hz: f64 = hz.parse().ok()?;
    let what = match part {
        "mid" => "level",
        "side" => "level of the sides",
        _ => return None,
    };
    Some(format!("{what} at {}", pitch(hz)))
}

/// A frequency as an engineer says it: `63 Hz`, `12.5 kHz`.
pub fn pitch(hz: f64) -> String {
    if hz < 1000.0 { format!("{hz:.0} Hz") } else { format!("{} kHz", (hz / 10.0).round() / 100.0) }
}

/// A dynamics band for a person.
pub fn band_name(name: &str) -> &str {
    match name {
        "low" => "bass",
        "low_mid" => "body",
        "high_mid" => "presence",
        "high" => "air",
        other => other,
    }
}

/// Unit of a feature, from the table or from its name.
pub fn feature_unit(id: &str) -> Unit {
    crate::analysis::find_feature(id).map_or(Unit::Ratio, |f| f.unit)
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
        ClampRule::MonoSafe => "it would suffer in mono",
        ClampRule::Range => "the end of the setting's range",
    }
}

/// A fault of a file: what it is.
pub fn defect(defect: &Defect) -> String {
    match defect {
        Defect::ClippedRuns { count, level_dbfs } => {
            format!("clipped in {} at {}", plural(*count, "place", "places"), quantity(*level_dbfs, Unit::Dbfs))
        }
        Defect::Dc { offset_percent } => format!("a constant offset of {offset_percent:.2} % of full scale"),
        Defect::Hum { freq_hz, excess_db } => {
            format!("mains hum at {freq_hz:.0} Hz, {excess_db:.0} dB above its surroundings in quiet parts")
        }
        Defect::SilentHead { seconds } => format!("{seconds:.1} s of silence at the beginning"),
        Defect::SilentTail { seconds } => format!("{seconds:.1} s of silence at the end"),
        Defect::LossyLowpass { freq_hz } => format!("nothing above {}, as lossy encoders leave it", pitch(*freq_hz)),
        Defect::AlreadyLimited { psr_lu } => format!("a limiter seems to have worked on it already (PSR {psr_lu:.1} LU)"),
        Defect::MonoLoss { loss_db } => format!("{loss_db:.1} dB are lost when both channels are summed to mono"),
        Defect::OutOfPhase { correlation } => format!("left and right cancel each other (correlation {correlation:.2})"),
    }
}

/// What to do about a fault of a mix; empty where the chain takes care of it or nothing is to be done.
pub const fn advice(defect: &Defect) -> &'static str {
    match defect {
        Defect::ClippedRuns { .. } => "export it with lower faders, so that peaks stay whole",
        Defect::LossyLowpass { .. } => "use the original export",
        Defect::AlreadyLimited { .. } => "export it without one",
        Defect::OutOfPhase { .. } => "check the polarity",
        Defect::MonoLoss { .. } => "check wide synths and reverbs in mono",
        Defect::Dc { .. } | Defect::Hum { .. } | Defect::SilentHead { .. } | Defect::SilentTail { .. } => "",
    }
}

/// Whether a fault of a reference matters to the master: it would bend what is copied.
pub const fn bends_the_aim(defect: &Defect) -> bool {
    matches!(defect, Defect::LossyLowpass { .. } | Defect::MonoLoss { .. } | Defect::OutOfPhase { .. })
}

/// What was heard in the files, a line each: all faults of the mix with advice, those of references that matter.
pub fn heard(report: &super::Report) -> Vec<String> {
    let of_mix = report.mix.analysis.defects.iter().map(|d| match advice(d) {
        "" => format!("mix: {}", defect(d)),
        advice => format!("mix: {}: {advice}", defect(d)),
    });
    let matters = |r: &super::Source| {
        let lines: Vec<_> =
            r.analysis.defects.iter().filter(|d| bends_the_aim(d)).map(|d| format!("{}: {}", r.file, defect(d))).collect();
        lines
    };
    of_mix.chain(report.references.iter().flat_map(matters)).collect()
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
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

/// A duration: `3:41`, `1:02:10`, `0:00.4`.
pub fn duration(seconds: f64) -> String {
    let (hours, minutes, rest) = ((seconds / 3600.0) as u64, (seconds / 60.0) as u64 % 60, seconds % 60.0);
    match hours {
        0 if seconds < 10.0 => format!("0:{rest:04.1}"),
        0 => format!("{minutes}:{:02}", rest as u64),
        _ => format!("{hours}:{minutes:02}:{:02}", rest as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Clamp;

    #[test]
    fn figures_carry_unit_sign_and_no_negative_zero() {
        assert_eq!(quantity(-9.34, Unit::Lufs), "-9.3 LUFS");
        assert_eq!(quantity(-0.04, Unit::Db), "0.0 dB");
        assert_eq!(change(3.06, Unit::Db), "+3.1 dB");
        assert_eq!(change(-3.06, Unit::Db), "-3.1 dB");
        assert_eq!(quantity(44100.0, Unit::Hz), "44100 Hz");
        assert_eq!(quantity(2.5, Unit::Ratio), "2.50");
    }

    #[test]
    fn names_are_spoken() {
        assert_eq!(feature("loud.mid_12500_hz_dbfs"), "level at 12.5 kHz");
        assert_eq!(feature("loud.side_63_hz_dbfs"), "level of the sides at 63 Hz");
        assert_eq!(feature("whole.low_mid.crest_db"), "body crest (whole file)");
        assert_eq!(feature("loudness.psr_lu"), "punch (PSR)");
        assert_eq!(param("limiter.drive_db"), "drive");
        assert_eq!(param("multiband.high_mid.high_ratio"), "presence high ratio");
        assert_eq!(duration(221.3), "3:41");
        assert_eq!(duration(3730.0), "1:02:10");
        assert_eq!(duration(4.25), "0:04.2");
    }

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

    #[test]
    fn every_stage_has_a_name() {
        for each in crate::chain::Stage::ALL {
            assert_ne!(stage(each.name()), each.name());
        }
    }
}
