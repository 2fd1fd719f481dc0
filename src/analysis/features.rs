//! THE feature table: every figure that targets, decisions and reports speak of.
//!
//! Order: the loudness of the file, then every figure of the whole, then the same of the loud sections. Tolerances are what
//! a listener would not mind between two masters of one piece: about one just-noticeable difference for broad changes.

use super::Analysis;
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::params::Unit;
use std::sync::LazyLock;

/// Version of the table: raised whenever an id, an order or a meaning changes. With 3, PLR and PSR of one channel are as they are heard from
/// two speakers; of two channels everything is as in 2.
pub const FEATURES_VERSION: u32 = 3;

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Id, unit as suffix: `loudness.integrated_lufs`, `loud.mid_1000_hz_dbfs`, `loud.low.crest_db`.
    pub id: String,
    /// Unit.
    pub unit: Unit,
    /// Difference that a listener would not mind: inside it the right move is none. Infinite where nothing is to be matched.
    pub tolerance: f64,
    /// One line for a person.
    pub doc: &'static str,
    place: fn(&mut Analysis, usize) -> &mut f64,
    read: fn(&Analysis, usize) -> f64,
    index: usize,
}

impl Feature {
    /// The figure in an analysis.
    pub fn value(&self, analysis: &Analysis) -> f64 {
        (self.read)(analysis, self.index)
    }

    /// Sets the figure in an analysis, as a blend of references does.
    pub fn set(&self, analysis: &mut Analysis, value: f64) {
        *(self.place)(analysis, self.index) = value;
    }
}

/// All features in the table's order.
pub fn features() -> &'static [Feature] {
    static TABLE: LazyLock<Vec<Feature>> = LazyLock::new(table);
    &TABLE
}

/// The feature with this id.
pub fn find_feature(id: &str) -> Option<&'static Feature> {
    features().iter().find(|f| f.id == id)
}

/// Reader and writer of one place in an analysis, which may depend on an index `$i`.
macro_rules! at {
    ($i:ident, $($place:tt)+) => {
        (
            (|a: &mut Analysis, $i: usize| { let _ = $i; &mut a.$($place)+ }) as fn(&mut Analysis, usize) -> &mut f64,
            (|a: &Analysis, $i: usize| { let _ = $i; a.$($place)+ }) as fn(&Analysis, usize) -> f64,
        )
    };
}

type Place = (fn(&mut Analysis, usize) -> &mut f64, fn(&Analysis, usize) -> f64);

/// Collects rows of the table.
#[derive(Default)]
struct Table(Vec<Feature>);

impl Table {
    fn add(&mut self, id: impl Into<String>, unit: Unit, tolerance: f64, doc: &'static str, (place, read): Place) {
        self.add_at(id, unit, tolerance, doc, (place, read), 0);
    }

    fn add_at(
        &mut self,
        id: impl Into<String>,
        unit: Unit,
        tolerance: f64,
        doc: &'static str,
        (place, read): Place,
        index: usize,
    ) {
        self.0.push(Feature { id: id.into(), unit, tolerance, doc, place, read, index });
    }
}

/// Tolerance of the tone: the ear is least sure below 80 Hz and above 10 kHz.
fn tone_tolerance_db(band: usize) -> f64 {
    if (80..=10_000).contains(&THIRD_OCTAVE_HZ[band]) { 0.7 } else { 1.5 }
}

/// Every figure of one section.
macro_rules! section {
    ($table:ident, $s:ident) => {
        let name = stringify!($s);
        $table.add(format!("{name}.duration_s"), Unit::S, f64::INFINITY, "Duration of what was measured", at!(i, $s.duration_s));
        for band in 0..THIRD_OCTAVES {
            let (id, doc) = (format!("{name}.mid_{}_hz_dbfs", THIRD_OCTAVE_HZ[band]), "Power of the mid in a third octave");
            $table.add_at(id, Unit::Dbfs, tone_tolerance_db(band), doc, at!(i, $s.spectrum.mid_dbfs[i]), band);
        }
        for band in 0..THIRD_OCTAVES {
            let (id, doc) = (format!("{name}.side_{}_hz_dbfs", THIRD_OCTAVE_HZ[band]), "Power of the side in a third octave");
            $table.add_at(id, Unit::Dbfs, tone_tolerance_db(band).max(1.0), doc, at!(i, $s.spectrum.side_dbfs[i]), band);
        }
        let doc = "Slope of the mid from 100 Hz to 10 kHz";
        $table.add(format!("{name}.tilt_db_per_octave"), Unit::DbPerOctave, 0.2, doc, at!(i, $s.spectrum.tilt_db_per_octave));
        let doc = "Power-weighted mean frequency of the mid, logarithmic";
        $table.add(format!("{name}.centroid_hz"), Unit::Hz, 30.0, doc, at!(i, $s.spectrum.centroid_hz));
        for band in 0..DYNAMICS_BANDS {
            let id = |figure: &str| format!("{name}.{}.{figure}", DYNAMICS_BAND_NAMES[band]);
            let mut add = |figure, unit, tolerance, doc, place| $table.add_at(id(figure), unit, tolerance, doc, place, band);
            add("rms_dbfs", Unit::Dbfs, 0.7, "RMS level of the band", at!(i, $s.dynamics[i].rms_dbfs));
            add("crest_db", Unit::Db, 0.7, "Peak over RMS in 400 ms, median", at!(i, $s.dynamics[i].crest_db));
            add(
                "spread_db",
                Unit::Db,
                0.5,
                "Spread of the 100 ms level about its mean of 1.1 s: P90 minus P10",
                at!(i, $s.dynamics[i].spread_db),
            );
            add("p95_dbfs", Unit::Dbfs, 1.0, "95th percentile of the 100 ms level", at!(i, $s.dynamics[i].p95_dbfs));
            add("p10_dbfs", Unit::Dbfs, 1.5, "10th percentile of the 100 ms level", at!(i, $s.dynamics[i].p10_dbfs));
            add("width_db", Unit::Db, 1.0, "Side over mid", at!(i, $s.image[i].width_db));
            add("correlation", Unit::Ratio, 0.1, "Correlation of left and right", at!(i, $s.image[i].correlation));
        }
        $table.add(
            format!("{name}.crest_db"),
            Unit::Db,
            0.7,
            "Peak over RMS of the full band in 400 ms, median",
            at!(i, $s.crest_db),
        );
        $table.add(format!("{name}.transients_per_s"), Unit::PerSecond, 0.5, "Onsets per second", at!(i, $s.transients_per_s));
        $table.add(format!("{name}.balance_db"), Unit::Db, 0.5, "Left over right", at!(i, $s.balance_db));
        $table.add(format!("{name}.mono_loss_db"), Unit::Db, 0.5, "What is lost in the mono sum", at!(i, $s.mono_loss_db));
    };
}

fn table() -> Vec<Feature> {
    let mut table = Table::default();
    table.add("loudness.integrated_lufs", Unit::Lufs, 0.3, "Integrated loudness (BS.1770-5)", at!(i, loudness.integrated_lufs));
    table.add("loudness.max_momentary_lufs", Unit::Lufs, 1.0, "Largest loudness of 400 ms", at!(i, loudness.max_momentary_lufs));
    table.add("loudness.max_short_term_lufs", Unit::Lufs, 0.7, "Largest loudness of 3 s", at!(i, loudness.max_short_term_lufs));
    table.add("loudness.lra_lu", Unit::Lu, 1.0, "Loudness range (EBU Tech 3342)", at!(i, loudness.lra_lu));
    table.add("loudness.true_peak_dbtp", Unit::Dbtp, 0.3, "Largest true peak", at!(i, loudness.true_peak_dbtp));
    table.add("loudness.sample_peak_dbfs", Unit::Dbfs, 0.3, "Largest sample", at!(i, loudness.sample_peak_dbfs));
    table.add(
        "loudness.plr_lu",
        Unit::Lu,
        1.0,
        "True peak minus integrated loudness, as heard from two speakers",
        at!(i, loudness.plr_lu),
    );
    table.add(
        "loudness.psr_lu",
        Unit::Lu,
        0.7,
        "Peak minus short-term loudness, median of the loud parts",
        at!(i, loudness.psr_lu),
    );
    section!(table, whole);
    section!(table, loud);
    table.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use std::collections::BTreeSet;

    fn analysis() -> Analysis {
        let mut analyzer = Analyzer::new(8000, 1);
        analyzer.push(&[(0..4000).map(|n| (n as f32 * 0.3).sin()).collect()]);
        analyzer.finish().analysis()
    }

    #[test]
    fn ids_are_unique_end_with_their_unit_and_are_found() {
        let ids: BTreeSet<&str> = features().iter().map(|f| f.id.as_str()).collect();
        assert_eq!(ids.len(), features().len());
        for feature in features() {
            assert_eq!(find_feature(&feature.id).map(|f| &f.id), Some(&feature.id));
            let suffix = match feature.unit {
                Unit::Lufs => "_lufs",
                Unit::Lu => "_lu",
                Unit::Dbfs => "_dbfs",
                Unit::Dbtp => "_dbtp",
                Unit::Db => "_db",
                Unit::DbPerOctave => "_db_per_octave",
                Unit::Hz => "_hz",
                Unit::S => "_s",
                Unit::PerSecond => "_per_s",
                _ => "correlation",
            };
            assert!(feature.id.ends_with(suffix), "{}", feature.id);
            assert!(feature.tolerance > 0.0 && !feature.doc.is_empty());
        }
        assert!(find_feature("loud.mid_1000_hz_dbfs").is_some() && find_feature("loud.low.crest_db").is_some());
        assert!(find_feature("loud.mid_1001_hz_dbfs").is_none());
    }

    /// The order is part of the version: models and files depend on it.
    #[test]
    fn order_of_version_3() {
        let at = |index: usize| features()[index].id.as_str();
        assert_eq!(FEATURES_VERSION, 3);
        assert_eq!(features().len(), 8 + 2 * 97);
        assert_eq!(at(0), "loudness.integrated_lufs");
        assert_eq!(at(8), "whole.duration_s");
        assert_eq!(at(9), "whole.mid_20_hz_dbfs");
        assert_eq!(at(8 + 96), "whole.mono_loss_db");
        assert_eq!(at(8 + 97), "loud.duration_s");
        assert_eq!(at(8 + 97 + 65), "loud.low.rms_dbfs");
        assert_eq!(at(8 + 2 * 97 - 1), "loud.mono_loss_db");
    }

    /// Every number of an analysis is in the table: as many floats in its JSON as rows, each read back where it was set.
    #[test]
    fn the_table_covers_the_analysis() {
        fn floats(value: &serde_json::Value) -> usize {
            match value {
                serde_json::Value::Number(n) => usize::from(n.is_f64()),
                serde_json::Value::Array(items) => items.iter().map(floats).sum(),
                serde_json::Value::Object(fields) => fields.values().map(floats).sum(),
                _ => 0,
            }
        }
        let mut analysis = analysis();
        analysis.defects.clear();
        let json = serde_json::to_value(&analysis).expect("an analysis is plain data");
        assert_eq!(floats(&json), features().len());
        for (n, feature) in features().iter().enumerate() {
            feature.set(&mut analysis, n as f64 + 0.5);
        }
        for (n, feature) in features().iter().enumerate() {
            assert_eq!(feature.value(&analysis), n as f64 + 0.5, "{}", feature.id);
        }
    }
}
