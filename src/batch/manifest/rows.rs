//! Rows as they were written: of a manifest in one of three languages, or one for each mix that is named.

use crate::batch::store::is_url;
use crate::error::Error;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// A row as it was written: names and values.
pub(super) type Row = Vec<(String, Value)>;

/// A manifest as it was written.
#[derive(Debug)]
pub(super) struct Written {
    /// What holds for all rows that do not say otherwise.
    pub(super) defaults: Row,
    /// Its rows.
    pub(super) rows: Vec<Row>,
}

/// The manifest among the names, where it is one.
pub fn manifest_of(sources: &[PathBuf]) -> Option<&Path> {
    let [one] = sources else { return None };
    let extension = one.extension()?.to_str()?.to_lowercase();
    ["jsonl", "ndjson", "csv", "toml"].contains(&extension.as_str()).then_some(one)
}

/// Reads a manifest. Errors: it cannot be read; it is not of its language.
pub(super) fn written(manifest: &Path) -> Result<Written, Error> {
    let wrong =
        |what: String| Error::asked(format!("{}: {what}", manifest.display()), "see docs/batch.md for what a manifest holds");
    let text = std::fs::read_to_string(manifest).map_err(|error| wrong(format!("the manifest cannot be read: {error}")))?;
    let text = text.trim_start_matches('\u{feff}');
    match manifest.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase().as_str() {
        "csv" => Ok(of(csv_rows(text).map_err(|error| wrong(error.to_string()))?)),
        "toml" => toml_rows(text).map_err(wrong),
        _ => {
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            let row = |(line, number): (&str, u64)| match serde_json::from_str::<Map<String, Value>>(line) {
                Ok(fields) => Ok(Row::from_iter(fields)),
                Err(error) => Err(wrong(format!("line {number}: not an object of JSON: {error}"))),
            };
            Ok(of(lines.map(row).collect::<Result<_, Error>>()?))
        }
    }
}

/// Rows that nothing else is said for.
fn of(rows: Vec<Row>) -> Written {
    Written { defaults: Row::new(), rows }
}

/// A cell that is empty says nothing.
fn csv_rows(text: &str) -> Result<Vec<Row>, csv::Error> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.delimiter(separator(text)).trim(csv::Trim::All).from_reader(text.as_bytes());
    let names = reader.headers()?.clone();
    let row = |record: csv::StringRecord| {
        let cells = names.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), Value::String(cell.to_owned()))).collect()
    };
    reader.into_records().map(|record| Ok(row(record?))).collect()
}

/// What stands between cells: a comma; where the names have none, the semicolon or the tab that they have, as spreadsheets write it in
/// countries with a decimal comma.
fn separator(text: &str) -> u8 {
    let names = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    [b',', b';', b'\t'].into_iter().find(|separator| names.as_bytes().contains(separator)).unwrap_or(b',')
}

/// `[defaults]`, and a `[[job]]` a row.
fn toml_rows(text: &str) -> Result<Written, String> {
    let mut table: Map<String, Value> = toml::from_str(text).map_err(|error| error.to_string())?;
    let defaults = match table.remove("defaults") {
        None => Row::new(),
        Some(Value::Object(defaults)) => Row::from_iter(defaults),
        Some(_) => return Err("defaults is a table".into()),
    };
    let jobs = match table.remove("job") {
        Some(Value::Array(jobs)) => jobs,
        _ => return Err("there is no [[job]]".into()),
    };
    if let Some(other) = table.keys().next() {
        return Err(format!("there are [defaults] and [[job]], no {other}"));
    }
    let row = |job: Value| match job {
        Value::Object(job) => Ok(Row::from_iter(job)),
        _ => Err("a [[job]] is a table".to_owned()),
    };
    Ok(Written { defaults, rows: jobs.into_iter().map(row).collect::<Result<_, String>>()? })
}

/// A row a mix; what is no file is a pattern.
pub(super) fn names(sources: &[PathBuf]) -> Result<Written, Error> {
    let mut rows = Vec::new();
    for source in sources {
        let text = source.to_string_lossy();
        let found: Vec<String> = if is_url(source) || source.is_file() {
            vec![text.into_owned()]
        } else {
            let wrong = |what: &dyn std::fmt::Display| {
                Error::asked(format!("{text}: {what}"), "name mixes, or a pattern such as 'mixes/*.wav'")
            };
            let paths = glob::glob(&text).map_err(|error| wrong(&error))?;
            let found: Vec<_> = paths.flatten().filter(|p| p.is_file()).map(|p| p.to_string_lossy().into_owned()).collect();
            if found.is_empty() {
                return Err(wrong(&"there is no such file"));
            }
            found
        };
        rows.extend(found.into_iter().map(|mix| vec![("mix".to_owned(), Value::String(mix))]));
    }
    Ok(of(rows))
}
