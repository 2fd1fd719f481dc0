//! The table of features: before, after, aim.

use super::Asked;
use crate::analysis::{Analysis, Feature, features};
use crate::target::Target;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a feature speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// How loud.
    Loudness,
    /// How bright, how full: the spectrum of the mid.
    Tone,
    /// How dense, how punchy.
    Dynamics,
    /// How wide: everything about left and right.
    Width,
    /// Peaks and faults: kept in order, never matched.
    Hygiene,
}

impl Dimension {
    /// The dimension of a feature, by the words of its id.
    pub fn of(feature: &str) -> Self {
        let (group, name) = feature.split_once('.').unwrap_or(("", feature));
        let has = |word: &str| name.contains(word);
        match group {
            "defects" => Self::Hygiene,
            "loudness" if has("peak") => Self::Hygiene,
            "loudness" if has("lra") || has("plr") || has("psr") => Self::Dynamics,
            "loudness" => Self::Loudness,
            _ if has("side_") || has("width") || has("correlation") || has("balance") || has("mono") => Self::Width,
            _ if has("crest") || has("spread") || has("p95") || has("p10") || has("transient") => Self::Dynamics,
            _ if name.starts_with("mid_") || has("tilt") || has("centroid") || has("rms") => Self::Tone,
            _ => Self::Hygiene,
        }
    }

    /// The share of the difference that was to be taken over; none where nothing is matched.
    pub fn share(self, asked: &Asked) -> Option<f64> {
        match self {
            Self::Loudness => Some(asked.loudness),
            Self::Tone => Some(asked.tone),
            Self::Dynamics => Some(asked.dynamics),
            Self::Width => Some(asked.width),
            Self::Hygiene => None,
        }
    }
}

/// One feature before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// Id in the feature table.
    pub feature: String,
    /// Symbol of the unit; empty for plain numbers.
    pub unit: String,
    /// What the feature speaks of.
    pub dimension: Dimension,
    /// What the mix measures.
    pub before: f64,
    /// What the master measures; none after a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<f64>,
    /// What the target measures: the references, what is expected of genres or a profile, or both, blended by their weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<f64>,
    /// What was aimed for: the target, scaled by what was asked; the promise where there is one; none of the image where mix or reference
    /// is mono, nor of third octaves above where one of them ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aim: Option<f64>,
    /// How far off is still right; none where nothing is to be matched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<f64>,
    /// Whether the master is within the tolerance of the aim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<bool>,
}

/// Levels are compared with the loudness taken out: the aim of a third octave, of a percentile, of the loudest moment moves
/// with the master's loudness.
fn level_shift_db(feature: &Feature, master: Option<&Analysis>, reference: &Analysis) -> f64 {
    let Some(master) = master else { return 0.0 };
    let louder_lu = master.loudness.integrated_lufs - reference.loudness.integrated_lufs;
    // One channel of a level is as loud as two that are 3 dB softer (BS.1770 adds their powers), and as two that measure 3 LU more.
    let of_channels_db = master.of_two_lu() - reference.of_two_lu();
    match feature.id.strip_prefix("loudness.") {
        Some("integrated_lufs") => -of_channels_db,
        Some(figure) if figure.starts_with("max_") => louder_lu,
        None if feature.id.ends_with("_dbfs") => louder_lu + of_channels_db,
        _ => 0.0,
    }
}

/// The centre that a third octave's level is of: `loud.mid_1000_hz_dbfs`.
fn third_octave_hz(feature: &str) -> Option<f64> {
    feature.strip_suffix("_hz_dbfs")?.rsplit('_').next()?.parse().ok()
}

/// A tolerance; the table's infinity says that there is none.
pub(super) fn finite(tolerance: f64) -> Option<f64> {
    tolerance.is_finite().then_some(tolerance)
}

/// All rows. `promised_lufs` takes the place of the reference's integrated loudness.
pub(super) fn rows(
    mix: &Analysis,
    master: Option<&Analysis>,
    target: Option<&Target>,
    asked: &Asked,
    promised_lufs: Option<f64>,
) -> Vec<Row> {
    let reference = target.map(|t| &t.value);
    let image = target.is_some_and(|t| t.has_image_for(mix));
    // Above that, one of them says nothing: what the last full third octave gets is held there, and nothing is aimed at.
    let reach_hz = target.map_or(mix.reach_hz(), |target| target.reach_hz_for(mix));
    let row = |feature: &Feature| {
        let tolerance = target.map_or(feature.tolerance, |t| t.tolerance(&feature.id));
        let dimension = Dimension::of(&feature.id);
        let before = feature.value(mix);
        let after = master.map(|a| feature.value(a));
        let measured = reference.map(|a| feature.value(a));
        let aim = match (feature.id.as_str(), promised_lufs) {
            ("loudness.integrated_lufs", Some(promised)) => Some(promised),
            _ if dimension == Dimension::Width && !image => None,
            _ if third_octave_hz(&feature.id).is_some_and(|hz| hz > reach_hz) => None,
            _ => dimension.share(asked).zip(measured).map(|(share, there)| {
                let shift = reference.map_or(0.0, |r| level_shift_db(feature, master, r));
                before + share * (there + shift - before)
            }),
        };
        let inside = aim.zip(after).map(|(aim, after)| (after - aim).abs() <= tolerance);
        Row {
            feature: feature.id.clone(),
            unit: feature.unit.symbol().to_owned(),
            dimension,
            before,
            after,
            reference: measured,
            aim,
            tolerance: finite(tolerance),
            inside,
        }
    };
    features().iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    /// One channel at 3 LU less is the same music as two.
    #[test]
    fn one_channel_is_where_two_of_the_same_are() {
        let channel: Vec<f32> = (0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect();
        let heard = |channels: usize| {
            let mut analyzer = Analyzer::new(44_100, channels);
            analyzer.push(&vec![channel.clone(); channels]);
            analyzer.finish().analysis()
        };
        let (one, two) = (heard(1), heard(2));
        let target = Target::blend(&[("two".into(), two, 1.0)]).unwrap();
        let rows = rows(&one, Some(&one), Some(&target), &Asked::default(), None);
        let missed: Vec<&str> = rows.iter().filter(|row| row.inside == Some(false)).map(|row| row.feature.as_str()).collect();
        assert_eq!(missed, Vec::<&str>::new());
        assert!(rows.iter().filter(|row| row.dimension == Dimension::Width).all(|row| row.aim.is_none()));
    }

    #[test]
    fn above_where_a_reference_ends_nothing_is_aimed_at() {
        let channel: Vec<f32> = (0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect();
        let mut analyzer = Analyzer::new(44_100, 1);
        analyzer.push(&[channel]);
        let mix = analyzer.finish().analysis();
        let mut cut = mix.clone();
        cut.defects = vec![crate::analysis::Defect::LossyLowpass { freq_hz: 15_000.0 }];
        let target = Target::blend(&[("cut".into(), cut, 1.0)]).unwrap();
        let rows = rows(&mix, Some(&mix), Some(&target), &Asked::default(), None);
        let aim = |feature: &str| rows.iter().find(|row| row.feature == feature).unwrap().aim;
        assert!(aim("loud.mid_12500_hz_dbfs").is_some() && aim("loud.mid_16000_hz_dbfs").is_none());
    }

    #[test]
    fn every_feature_has_the_dimension_that_its_name_says() {
        let pairs = [
            ("loudness.integrated_lufs", Dimension::Loudness),
            ("loudness.true_peak_dbtp", Dimension::Hygiene),
            ("loudness.lra_lu", Dimension::Dynamics),
            ("loudness.psr_lu", Dimension::Dynamics),
            ("loud.mid_1000_hz_dbfs", Dimension::Tone),
            ("loud.side_1000_hz_dbfs", Dimension::Width),
            ("whole.tilt_db_per_octave", Dimension::Tone),
            ("loud.low.crest_db", Dimension::Dynamics),
            ("loud.high_mid.width_db", Dimension::Width),
            ("loud.low_mid.spread_db", Dimension::Dynamics),
            ("whole.mono_loss_db", Dimension::Width),
            ("defects.dc_percent", Dimension::Hygiene),
        ];
        for (id, dimension) in pairs {
            assert_eq!(Dimension::of(id), dimension, "{id}");
        }
    }
}
