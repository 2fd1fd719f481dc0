//! The table: one line a metric, one column a system, restore and transfer apart; and the same as JSON, case by case.

use crate::cases::Kind;
use crate::metrics::Figures;
use crate::score::score;
use crate::systems::System;
use serde::Serialize;
use std::fmt::Write;

/// One master of one case.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// What was asked for.
    pub(crate) kind: Kind,
    /// The un-mastered record.
    pub(crate) mix: String,
    /// The record aimed at.
    pub(crate) reference: String,
    /// Who mastered.
    pub(crate) system: System,
    /// What came of it; none where the system failed.
    pub(crate) figures: Option<Figures>,
    /// Why it failed.
    pub(crate) error: Option<String>,
}

/// Everything of one run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Evaluation {
    /// Split of the corpus.
    pub(crate) split: String,
    /// Seed of cases and un-mastering.
    pub(crate) seed: u64,
    /// Length of each file in seconds.
    pub(crate) span_s: f64,
    /// All masters: by case, then by system.
    pub(crate) rows: Vec<Row>,
}

/// How the cases of a column are drawn together.
#[derive(Clone, Copy)]
enum Fold {
    Mean,
    Max,
}

type Metric = (&'static str, usize, Fold, fn(&Figures) -> Option<f64>);

/// Name, decimals, fold, value.
const METRICS: [Metric; 18] = [
    ("LUFS error, LU", 2, Fold::Mean, |f| Some(f.lufs_error_lu)),
    ("tone error mid, dB", 2, Fold::Mean, |f| Some(f.tone_mid_error_db)),
    ("tone error side, dB", 2, Fold::Mean, |f| f.tone_side_error_db),
    ("LRA error, LU", 2, Fold::Mean, |f| Some(f.lra_error_lu)),
    ("PSR error, LU", 2, Fold::Mean, |f| Some(f.psr_error_lu)),
    ("crest error per band, dB", 2, Fold::Mean, |f| Some(f.crest_error_db)),
    ("width error per band, dB", 2, Fold::Mean, |f| Some(f.width_error_db)),
    ("audio-feature loss", 4, Fold::Mean, |f| Some(f.feature_loss)),
    ("· RMS", 4, Fold::Mean, |f| Some(f.feature_loss_parts.rms)),
    ("· crest", 4, Fold::Mean, |f| Some(f.feature_loss_parts.crest)),
    ("· width", 4, Fold::Mean, |f| Some(f.feature_loss_parts.width)),
    ("· imbalance", 4, Fold::Mean, |f| Some(f.feature_loss_parts.imbalance)),
    ("· bark spectrum", 4, Fold::Mean, |f| Some(f.feature_loss_parts.bark)),
    ("distance to truth, dB", 2, Fold::Mean, |f| f.truth_distance_db),
    ("harm, dB", 2, Fold::Mean, |f| Some(f.harm_db)),
    ("harm against truth, dB", 2, Fold::Mean, |f| f.harm_to_truth_db),
    ("distortion, dB", 1, Fold::Mean, |f| Some(f.distortion_db)),
    ("worst true peak, dBTP", 2, Fold::Max, |f| f.true_peak_dbtp),
];

impl Evaluation {
    /// The tables in Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("Split {}, seed {}, {} s of each record.\n", self.split, self.seed, self.span_s);
        for (kind, name) in [(Kind::Restore, "Restore"), (Kind::Transfer, "Transfer"), (Kind::Genre, "Genre alone")] {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.kind == kind).collect();
            let mut systems: Vec<System> = Vec::new();
            for row in &rows {
                if !systems.contains(&row.system) {
                    systems.push(row.system);
                }
            }
            if !systems.is_empty() {
                self.table(&mut text, name, &rows, &systems);
            }
        }
        text
    }

    fn table(&self, text: &mut String, name: &str, rows: &[&Row], systems: &[System]) {
        let width = 28;
        let of = |system: System| rows.iter().filter(move |row| row.system == system);
        let counts: Vec<String> = systems
            .iter()
            .map(|system| {
                let failed = of(*system).filter(|row| row.figures.is_none()).count();
                let done = of(*system).count() - failed;
                if failed == 0 {
                    format!("{} ({done})", system.name())
                } else {
                    format!("{} ({done}, {failed} failed)", system.name())
                }
            })
            .collect();
        // Writing to a String cannot fail.
        let _ = write!(text, "\n| {name:<width$} |");
        for count in &counts {
            let _ = write!(text, " {count:>16} |");
        }
        let _ = write!(text, "\n|:{}|", "-".repeat(width + 1));
        for count in &counts {
            let _ = write!(text, "{}:|", "-".repeat(count.chars().count().max(16) + 1));
        }
        for (metric, decimals, fold, value) in METRICS {
            let _ = write!(text, "\n| {metric:<width$} |");
            for (system, count) in systems.iter().zip(&counts) {
                let values: Vec<f64> = of(*system).filter_map(|row| value(row.figures.as_ref()?)).collect();
                let cell = match fold {
                    _ if values.is_empty() => "n/a".into(),
                    Fold::Mean => format!("{:.decimals$}", values.iter().sum::<f64>() / values.len() as f64),
                    Fold::Max => format!("{:.decimals$}", values.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b))),
                };
                let _ = write!(text, " {cell:>0$} |", count.chars().count().max(16));
            }
        }
        let _ = write!(text, "\n| {:<width$} |", "mean error, identity 1");
        for (system, count) in systems.iter().zip(&counts) {
            let cell = score(rows, *system, self.seed)
                .map_or("n/a".into(), |s| format!("{:.2} [{:.2}, {:.2}]", s.mean, s.interval.0, s.interval.1));
            let _ = write!(text, " {cell:>0$} |", count.chars().count().max(16));
        }
        text.push('\n');
    }
}
