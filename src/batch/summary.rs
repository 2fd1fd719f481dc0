//! The results of all shares as one: what failed, what stands out, whether promises are kept.

use super::identity::io_error;
use super::line::{Line, Status};
use crate::analysis::find_feature;
use crate::error::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// How far from the median a figure stands out, in robust deviations (Iglewicz and Hoaglin 1993: 3.5 of 0.6745·|x − median|/MAD).
const STANDS_OUT: f64 = 3.5;
/// The share of a normal distribution's deviation that its median absolute deviation is.
const MAD_OF_DEVIATION: f64 = 0.6745;
/// Fewer masters than these have no usual figure that one could stand out from.
const FEW: usize = 8;
/// Missing rows that are named; the rest is counted.
const NAMED: usize = 100;

/// Everything there is to say about a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Version of this format.
    pub schema_version: u32,
    /// Rows of the manifest.
    pub rows: u64,
    /// Rows that are done.
    pub done: u64,
    /// Rows that failed, in the order of the manifest.
    pub failed: Vec<Failed>,
    /// Notes on rows that are done, in the order of the manifest; none in summaries of older programs.
    #[serde(default)]
    pub notes: Vec<Noted>,
    /// Rows without a result: how many.
    pub missing: u64,
    /// Their numbers, the first hundred.
    pub missing_rows: Vec<u64>,
    /// Lines that could not be read: left by processes that were killed while they wrote.
    pub unreadable_lines: u64,
    /// Promises by what is promised: `true_peak_dbtp`, `loudness_lufs`, `frames`.
    pub promises: BTreeMap<String, Compliance>,
    /// Every figure's spread over all masters.
    pub figures: BTreeMap<String, Spread>,
    /// Masters that stand out, the farthest first.
    pub outliers: Vec<Outlier>,
    /// Music that was mastered.
    pub music_s: f64,
    /// Time that the rows took, added up.
    pub work_s: f64,
}

/// A row that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failed {
    /// Its place in the manifest.
    pub row: u64,
    /// Its name.
    pub id: String,
    /// The exit code that the program would have ended with.
    pub code: u8,
    /// What went wrong.
    pub message: String,
}

/// What is worth a word about a row that is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noted {
    /// Its place in the manifest.
    pub row: u64,
    /// Its name.
    pub id: String,
    /// The note, a sentence.
    pub note: String,
}

/// Whether what was promised is so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compliance {
    /// Masters that it was promised of.
    pub masters: u64,
    /// Masters that keep it.
    pub kept: u64,
    /// Largest distance of what was reached from what was promised; of a ceiling, how far above it.
    pub farthest: f64,
    /// The row that has it.
    pub farthest_id: String,
}

/// How a figure is spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spread {
    /// Smallest.
    pub min: f64,
    /// One in ten is below.
    pub p10: f64,
    /// Half are below.
    pub median: f64,
    /// One in ten is above.
    pub p90: f64,
    /// Largest.
    pub max: f64,
}

/// A figure that is far from all others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outlier {
    /// The row's place in the manifest.
    pub row: u64,
    /// Its name.
    pub id: String,
    /// Id in the feature table.
    pub feature: String,
    /// The figure.
    pub value: f64,
    /// The figure of the master in the middle.
    pub median: f64,
    /// How far it is, in robust standard deviations.
    pub deviations: f64,
}

impl Summary {
    /// Reads the results of one or more shares. The last word on a row counts, whether it was done or failed: the last line of a
    /// file; of several files the line that was written last. Errors: a file cannot be read.
    pub fn read(files: &[PathBuf]) -> Result<Self, Error> {
        let (mut rows, mut unreadable): (HashMap<String, Line>, u64) = (HashMap::new(), 0);
        for file in files {
            let mut last: HashMap<String, Line> = HashMap::new();
            let bytes = std::fs::read(file).map_err(|source| io_error(file, source))?;
            for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
                match serde_json::from_slice::<Line>(line) {
                    Ok(line) => drop(last.insert(line.id.clone(), line)),
                    Err(_) => unreadable += 1,
                }
            }
            last.into_values().for_each(|line| take(&mut rows, line));
        }
        let mut lines: Vec<Line> = rows.into_values().collect();
        lines.sort_by(|a, b| (a.row, &a.id).cmp(&(b.row, &b.id)));
        Ok(Self { unreadable_lines: unreadable, ..Self::of(&lines) })
    }

    fn of(lines: &[Line]) -> Self {
        let rows = lines.iter().map(|line| line.rows).max().unwrap_or(0);
        let there: std::collections::HashSet<u64> = lines.iter().map(|line| line.row).collect();
        let missing: Vec<u64> = (1..=rows).filter(|row| !there.contains(row)).collect();
        let failed = lines.iter().filter(|line| line.status == Status::Failed);
        let done: Vec<&Line> = lines.iter().filter(|line| line.status != Status::Failed).collect();
        let (figures, outliers) = figures(&done);
        Self {
            schema_version: super::LINE_VERSION,
            rows,
            done: done.len() as u64,
            failed: failed.map(failure).collect(),
            notes: done.iter().flat_map(|line| noted(line)).collect(),
            missing: missing.len() as u64,
            missing_rows: missing.into_iter().take(NAMED).collect(),
            unreadable_lines: 0,
            promises: promises(&done),
            figures,
            outliers,
            music_s: done.iter().filter_map(|line| line.figures.as_ref()).map(|figures| figures.duration_s).sum(),
            work_s: lines.iter().map(|line| line.seconds).sum(),
        }
    }
}

/// Takes another file's line, unless a later one is known.
fn take(rows: &mut HashMap<String, Line>, line: Line) {
    match rows.get(&line.id) {
        Some(known) if known.ended_unix_ms > line.ended_unix_ms => {}
        _ => drop(rows.insert(line.id.clone(), line)),
    }
}

fn failure(line: &Line) -> Failed {
    Failed { row: line.row, id: line.id.clone(), code: line.code, message: line.message.clone().unwrap_or_default() }
}

fn noted(line: &Line) -> impl Iterator<Item = Noted> {
    line.notes.iter().map(|note| Noted { row: line.row, id: line.id.clone(), note: note.clone() })
}

fn promises(lines: &[&Line]) -> BTreeMap<String, Compliance> {
    let mut all: BTreeMap<String, Compliance> = BTreeMap::new();
    for line in lines {
        for promise in line.figures.iter().flat_map(|figures| &figures.promises) {
            let entry = all.entry(promise.what.clone()).or_default();
            let off = promise.reached - promise.promised;
            let off = if promise.what == "true_peak_dbtp" { off } else { off.abs() };
            entry.masters += 1;
            entry.kept += u64::from(promise.kept);
            if entry.masters == 1 || off > entry.farthest {
                (entry.farthest, entry.farthest_id) = (off, line.id.clone());
            }
        }
    }
    all
}

fn figures(lines: &[&Line]) -> (BTreeMap<String, Spread>, Vec<Outlier>) {
    let mut columns: BTreeMap<&str, Vec<(f64, &Line)>> = BTreeMap::new();
    for line in lines {
        for (id, value) in line.figures.iter().flat_map(|figures| &figures.features) {
            columns.entry(id).or_default().push((*value, line));
        }
    }
    let (mut spreads, mut outliers) = (BTreeMap::new(), Vec::new());
    for (id, column) in columns {
        let mut sorted: Vec<f64> = column.iter().map(|(value, _)| *value).collect();
        sorted.sort_by(f64::total_cmp);
        let spread = Spread {
            min: sorted[0],
            p10: quantile(&sorted, 0.1),
            median: quantile(&sorted, 0.5),
            p90: quantile(&sorted, 0.9),
            max: sorted[sorted.len() - 1],
        };
        spreads.insert(id.to_owned(), spread);
        outliers.extend(standing_out(id, &column, spread.median));
    }
    outliers.sort_by(|a, b| b.deviations.abs().total_cmp(&a.deviations.abs()).then(a.row.cmp(&b.row)));
    (spreads, outliers)
}

/// What is far from the median; never what is within the feature's own tolerance, however alike all others are.
fn standing_out(id: &str, column: &[(f64, &Line)], median: f64) -> Vec<Outlier> {
    if column.len() < FEW {
        return Vec::new();
    }
    let mut distances: Vec<f64> = column.iter().map(|(value, _)| (value - median).abs()).collect();
    distances.sort_by(f64::total_cmp);
    let tolerance = find_feature(id).map_or(0.0, |feature| feature.tolerance).min(f64::MAX);
    let deviation = (quantile(&distances, 0.5) / MAD_OF_DEVIATION).max(1e-9);
    let far = |value: f64| (value - median).abs() > tolerance && (value - median).abs() / deviation > STANDS_OUT;
    let outlier = |(value, line): &(f64, &Line)| Outlier {
        row: line.row,
        id: line.id.clone(),
        feature: id.to_owned(),
        value: *value,
        median,
        deviations: (value - median) / deviation,
    };
    column.iter().filter(|(value, _)| far(*value)).map(outlier).collect()
}

/// A quantile of sorted values, between its two neighbours.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::super::line::Figures;
    use super::*;
    use crate::render::Promise;

    fn line(row: u64, status: Status, lra: f64, peak: f64) -> Line {
        let kept = peak <= -1.0;
        let promise = Promise { what: "true_peak_dbtp".into(), promised: -1.0, reached: peak, tolerance: 0.05, kept };
        let figures = Figures {
            duration_s: 60.0,
            integrated_lufs: -9.0,
            true_peak_dbtp: peak,
            promises: vec![promise],
            features: BTreeMap::from([("loudness.lra_lu".to_owned(), lra)]),
        };
        Line {
            schema_version: 1,
            id: format!("row {row}"),
            row,
            rows: 12,
            status,
            code: if status == Status::Failed { 3 } else { 0 },
            message: (status == Status::Failed).then(|| "broken".into()),
            program: "p".into(),
            key: "k".into(),
            inputs: vec![],
            outputs: vec![],
            figures: (status != Status::Failed).then_some(figures),
            seconds: 2.0,
            ended_unix_ms: 0,
            notes: vec![],
        }
    }

    /// The summary of files of lines, in this order.
    fn summary(files: &[&[Line]]) -> Summary {
        let folder = tempfile::tempdir().unwrap();
        let write = |(number, lines): (usize, &&[Line])| {
            let path = folder.path().join(format!("{number}.jsonl"));
            let text: String = lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect();
            std::fs::write(&path, text).unwrap();
            path
        };
        let paths: Vec<PathBuf> = files.iter().enumerate().map(write).collect();
        Summary::read(&paths).unwrap()
    }

    /// A row that was done and now fails has failed; what an older line of another file says is past, whichever is named first.
    #[test]
    fn the_last_word_on_a_row_counts() {
        let at = |ended_unix_ms, status| Line { ended_unix_ms, ..line(1, status, 6.0, -1.1) };
        let (done, failed) = (Status::Done, Status::Failed);
        let counts = |files: &[&[Line]]| (summary(files).done, summary(files).failed.len());
        assert_eq!(counts(&[&[at(1, done), at(2, failed)]]), (0, 1));
        assert_eq!(counts(&[&[at(1, failed), at(2, done)]]), (1, 0));
        // A clock that was set back does not turn a file's order.
        assert_eq!(counts(&[&[at(2, done), at(1, failed)]]), (0, 1));
        let (first, second) = ([at(1, done)], [at(2, failed)]);
        assert_eq!(counts(&[&first, &second]), (0, 1));
        assert_eq!(counts(&[&second, &first]), (0, 1));
        let (first, second) = ([at(1, failed)], [at(2, done)]);
        assert_eq!(counts(&[&second, &first]), (1, 0));
        // Lines of older programs tell no time: the order of the files stands.
        let (first, second) = ([at(0, failed)], [at(0, done)]);
        assert_eq!(counts(&[&first, &second]), (1, 0));
        assert_eq!(counts(&[&second, &first]), (0, 1));
    }

    #[test]
    fn a_line_torn_inside_a_letter_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.results.jsonl");
        let mut bytes = b"{\"id\": \"Gl\xc3\n".to_vec();
        bytes.extend(serde_json::to_vec(&line(1, Status::Done, 6.0, -1.1)).unwrap());
        bytes.extend(b"\r\n\r\n");
        std::fs::write(&path, bytes).unwrap();
        let summary = Summary::read(&[path]).unwrap();
        assert_eq!((summary.done, summary.unreadable_lines), (1, 1));
    }

    #[test]
    fn shares_become_one_report() {
        let folder = tempfile::tempdir().unwrap();
        let mut texts = [String::new(), String::new()];
        for row in 1..=10 {
            let lra = if row == 7 { 18.0 } else { 6.0 + 0.1 * row as f64 };
            let line = line(row, Status::Done, lra, -1.0 - 0.1 * row as f64);
            texts[row as usize % 2] += &(serde_json::to_string(&line).unwrap() + "\n");
        }
        // Row 3 had failed before it was done; row 11 failed; row 12 was not done; somebody was killed while writing.
        texts[1] = serde_json::to_string(&line(3, Status::Failed, 0.0, 0.0)).unwrap() + "\n" + &texts[1];
        let note = "a.wav: loudness -11.6 LUFS instead of -11.0 LUFS".to_owned();
        texts[0] += &(serde_json::to_string(&Line { notes: vec![note], ..line(10, Status::Done, 7.0, -2.0) }).unwrap() + "\n");
        texts[1] += &(serde_json::to_string(&line(11, Status::Failed, 0.0, 0.0)).unwrap() + "\n{\"id\": \"ro\n");
        let files: Vec<PathBuf> = (0..2).map(|share| folder.path().join(format!("{share}.jsonl"))).collect();
        files.iter().zip(&texts).for_each(|(file, text)| std::fs::write(file, text).unwrap());
        let summary = Summary::read(&files).unwrap();
        assert_eq!((summary.rows, summary.done, summary.missing, summary.unreadable_lines), (12, 10, 1, 1));
        assert_eq!(summary.missing_rows, [12]);
        assert_eq!(summary.failed.iter().map(|f| (f.row, f.code, f.message.as_str())).collect::<Vec<_>>(), [(11, 3, "broken")]);
        assert_eq!(summary.outliers.iter().map(|o| (o.row, o.feature.as_str())).collect::<Vec<_>>(), [(7, "loudness.lra_lu")]);
        let peaks = &summary.promises["true_peak_dbtp"];
        assert_eq!((peaks.masters, peaks.kept, peaks.farthest_id.as_str()), (10, 10, "row 1"));
        assert!((peaks.farthest + 0.1).abs() < 1e-9);
        assert_eq!((summary.music_s, summary.figures["loudness.lra_lu"].max), (600.0, 18.0));
        let page = super::super::markdown(&summary);
        assert_eq!(summary.notes.iter().map(|n| (n.row, n.id.as_str())).collect::<Vec<_>>(), [(10, "row 10")]);
        let note = "10 | row 10 | a.wav: loudness -11.6 LUFS instead";
        for words in ["row 11", note, "Notes: 1", "broken", "loudness.lra_lu", "Missing: 1"] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
}
