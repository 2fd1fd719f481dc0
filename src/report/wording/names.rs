//! Names of stages, settings, figures and bands.

use super::quantities::pitch;
use crate::params::Unit;

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

/// Suffixes of the units that are shown beside the figure, longest first.
const UNIT_SUFFIXES: [&str; 11] =
    ["_db_per_octave", "_per_s", "_percent", "_dbfs", "_dbtp", "_lufs", "_lu", "_db", "_hz", "_ms", "_s"];

fn without_unit(name: &str) -> &str {
    let suffix = UNIT_SUFFIXES.iter().find(|suffix| name.len() > suffix.len() && name.ends_with(**suffix));
    suffix.map_or(name, |suffix| &name[..name.len() - suffix.len()])
}

pub(super) fn spoken(name: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spoken() {
        assert_eq!(feature("loud.mid_12500_hz_dbfs"), "level at 12.5 kHz");
        assert_eq!(feature("loud.side_63_hz_dbfs"), "level of the sides at 63 Hz");
        assert_eq!(feature("whole.low_mid.crest_db"), "body crest (whole file)");
        assert_eq!(feature("loudness.psr_lu"), "punch (PSR)");
        assert_eq!(param("limiter.drive_db"), "drive");
        assert_eq!(param("multiband.high_mid.high_ratio"), "presence high ratio");
    }

    #[test]
    fn every_stage_has_a_name() {
        for each in crate::chain::Stage::ALL {
            assert_ne!(stage(each.name()), each.name());
        }
    }
}
