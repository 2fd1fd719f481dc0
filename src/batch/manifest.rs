//! Manifests: rows of JSON Lines, CSV or TOML, or just names of mixes; read as a whole before anything is done.

mod clashes;
mod places;
mod rows;
mod said;

pub use rows::manifest_of;

use super::job::Job;
use super::store::{self, is_url};
use crate::audio::format::Container;
use crate::error::Error;
use crate::order::{Destination, NAMES, Named, Order, plain_name};
use clashes::clashes;
use places::{Place, Places};
use rows::{Row, Written, names, written};
use said::{Said, is_name};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Faults that are told at once; the rest is counted.
const TOLD: usize = 10;

/// What a row gets where it says nothing: the command line's options.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// What is asked for.
    pub order: Order,
    /// Where results go; in names, `{stem}` is the mix's name, `{id}` the row's, `{row}` its number.
    pub named: Named,
}

/// Reads `sources`: one manifest (.jsonl, .csv, .toml), or mixes and patterns of names. Errors, all of them before anything is done: a
/// manifest that cannot be read; in rows, unknown names, two names of one thing, values out of range, two rows of one id or of one
/// output, an output that is an input, by whichever path.
pub fn read(sources: &[PathBuf], defaults: &Defaults) -> Result<Vec<Job>, Error> {
    let (Written { defaults: for_all, mut rows }, base, from_names) = match manifest_of(sources) {
        Some(manifest) => (written(manifest)?, manifest.parent().unwrap_or(Path::new("")).to_owned(), false),
        None => (names(sources)?, PathBuf::new(), true),
    };
    // What was said on the command line begins from the working folder, wherever the manifest lies.
    let defaults = if base.as_os_str().is_empty() { defaults } else { &absolute(defaults) };
    let hint = hint(&for_all, &rows);
    let general = Said::new(&for_all).map_err(|what| refused(vec![format!("[defaults]: {what}")], &hint))?;
    let (mut jobs, mut faults) = all(&rows, &base, &general, defaults);
    if from_names {
        // On the second run, a pattern finds what the first one has made: masters of other rows. A row that would write its own
        // mix stays, and is refused.
        let (mut places, mut number) = (Places::default(), 0);
        let made: HashMap<Place, u64> = jobs.iter().map(|job| (places.of(&job.at(&job.destination.master)), job.row)).collect();
        rows.retain(|row| {
            number += 1;
            made.get(&places.of(Path::new(mix_of(row)))).is_none_or(|maker| *maker == number)
        });
        (jobs, faults) = all(&rows, &base, &general, defaults);
    }
    faults.extend(clashes(&jobs));
    if !faults.is_empty() {
        return Err(refused(faults, &hint));
    }
    if jobs.is_empty() {
        return Err(Error::asked("there is no row to do", "name a manifest (.jsonl, .csv, .toml) or mixes"));
    }
    Ok(jobs)
}

/// What to do about a manifest with faults: where a name is unknown, or nothing says which mix, the names that there are.
fn hint(defaults: &Row, rows: &[Row]) -> String {
    let mut names = defaults.iter().chain(rows.iter().flatten()).map(|(name, _)| name.as_str());
    let without_mix = |row: &Row| row.iter().all(|(name, _)| plain_name(name) != "mix");
    if names.any(|name| !is_name(name)) || rows.iter().any(without_mix) {
        format!("a row has mix, id, output, report, and {}", NAMES.join(", "))
    } else {
        "mend the rows that are named; docs/batch.md says what they take".to_owned()
    }
}

/// The error of a manifest with these faults.
fn refused(mut faults: Vec<String>, hint: &str) -> Error {
    let more = faults.len().saturating_sub(TOLD);
    faults.truncate(TOLD);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    Error::asked(format!("nothing was done: {}", faults.join("\n  ")), hint)
}

/// The mix of a row that a name on the command line is.
fn mix_of(row: &Row) -> &str {
    row.iter().find(|(name, _)| name == "mix").and_then(|(_, mix)| mix.as_str()).unwrap_or_default()
}

/// Defaults whose paths do not depend on the working folder.
fn absolute(defaults: &Defaults) -> Defaults {
    let full = |path: &Path| {
        let folder = path.as_os_str().to_string_lossy().ends_with('/');
        let full = if is_url(path) { path.to_owned() } else { std::path::absolute(path).unwrap_or_else(|_| path.to_owned()) };
        if folder { full.join("") } else { full }
    };
    let Defaults { mut order, mut named } = defaults.clone();
    order.references.iter_mut().for_each(|(path, _)| *path = full(path));
    order.instructions = order.instructions.as_deref().map(full);
    named.output = named.output.as_deref().map(full);
    named.reports = named.reports.map(|reports| reports.iter().map(|path| full(path)).collect());
    Defaults { order, named }
}

/// All rows as jobs, and what is wrong with the others.
fn all(rows: &[Row], base: &Path, general: &Said, defaults: &Defaults) -> (Vec<Job>, Vec<String>) {
    let (mut jobs, mut faults) = (Vec::new(), Vec::new());
    for (row, number) in rows.iter().zip(1..) {
        match job(row, number, base, general, defaults) {
            Ok(job) => jobs.push(job),
            Err(error) => faults.push(format!("row {number}: {error}")),
        }
    }
    (jobs, faults)
}

/// A row as a job: what it says itself goes before `general`, what the manifest says for all rows, and that before `defaults`.
fn job(row: &Row, number: u64, base: &Path, general: &Said, defaults: &Defaults) -> Result<Job, String> {
    let own = Said::new(row)?;
    let at = |text: &str| store::place(text);
    let said = |name: &str| own.get(name).or(general.get(name));
    let text = |name: &str| match said(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(Value::Number(number)) if name == "id" => Ok(Some(number.to_string())),
        Some(other) => Err(format!("{name}: expected a text, not {other}")),
    };
    let name = text("mix")?.ok_or("no mix")?;
    let mix = at(&name)?;
    let id = text("id")?.unwrap_or(name);
    let mut order = defaults.order.clone();
    for layer in [general, &own] {
        layer.put_into(&mut order, base)?;
    }
    let mut named = defaults.named.clone();
    if let Some(output) = text("output")? {
        named.output = Some(at(&output)?);
    }
    if let Some(reports) = said("report") {
        named.reports = Some(reports_of(reports, &at)?);
    }
    let fill = |path: &Path| filled(path, &mix, &id, number);
    let destination = Destination::new(&named, &mix, Container::Wav, fill).map_err(|error| error.to_string())?;
    order.wishes(destination.container).map_err(|error| error.to_string())?;
    Ok(Job { row: number, base: base.to_owned(), id, mix, order, destination })
}

/// `none`, names by semicolons, or a list of names.
fn reports_of(value: &Value, at: &dyn Fn(&str) -> Result<PathBuf, String>) -> Result<Vec<PathBuf>, String> {
    match value {
        Value::Bool(false) => Ok(Vec::new()),
        Value::String(none) if none == "none" => Ok(Vec::new()),
        Value::String(names) => names.split(';').map(|name| at(name.trim())).collect(),
        Value::Array(names) => names.iter().map(|name| name.as_str().ok_or("report: expected names").map(at)?).collect(),
        other => Err(format!("report: expected none, or names, not {other}")),
    }
}

fn filled(path: &Path, mix: &Path, id: &str, row: u64) -> PathBuf {
    let Some(text) = path.to_str() else { return path.to_owned() };
    let stem = mix.file_stem().unwrap_or_default().to_string_lossy();
    // An id may be a path; in a name it is one word.
    let word = id.replace(['/', '\\', ':'], "_");
    text.replace("{stem}", &stem).replace("{id}", &word).replace("{row}", &row.to_string()).into()
}

#[cfg(test)]
mod tests;
