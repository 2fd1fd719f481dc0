//! Manifests: rows of JSON Lines, CSV or TOML, or just names of mixes; read as a whole before anything is done.

use super::job::Job;
use super::store::{self, is_url};
use crate::audio::format::Container;
use crate::error::Error;
use crate::order::{Destination, NAMES, Named, Order};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
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

/// A row as it was written.
type Row = Map<String, Value>;

/// Reads `sources`: one manifest (.jsonl, .csv, .toml), or mixes and patterns of names. Errors, all of them before anything is done: a
/// manifest that cannot be read; in rows, unknown names, values out of range, two rows of one id or of one output, an output
/// that is an input.
pub fn read(sources: &[PathBuf], defaults: &Defaults) -> Result<Vec<Job>, Error> {
    let (rows, base, from_names) = match manifest_of(sources) {
        Some(manifest) => (rows(manifest)?, manifest.parent().unwrap_or(Path::new("")).to_owned(), false),
        None => (names(sources)?, PathBuf::new(), true),
    };
    // What was said on the command line begins from the working folder, wherever the manifest lies.
    let defaults = if base.as_os_str().is_empty() { defaults } else { &absolute(defaults) };
    let (mut jobs, mut faults) = all(&rows, &base, defaults);
    if from_names {
        // On the second run, a pattern finds what the first one has made.
        let made: HashSet<PathBuf> = jobs.iter().map(|job| plain(&job.destination.master)).collect();
        let mix = |row: &Row| row.get("mix").and_then(Value::as_str).map(|mix| plain(Path::new(mix))).unwrap_or_default();
        let rows: Vec<Row> = rows.into_iter().filter(|row| !made.contains(&mix(row))).collect();
        (jobs, faults) = all(&rows, &base, defaults);
    }
    faults.extend(clashes(&jobs));
    if !faults.is_empty() {
        let more = faults.len().saturating_sub(TOLD);
        faults.truncate(TOLD);
        if more > 0 {
            faults.push(format!("and {more} more"));
        }
        let hint = format!("a row has mix, id, output, report, and {}", NAMES.join(", "));
        return Err(Error::asked(format!("nothing was done: {}", faults.join("\n  ")), hint));
    }
    if jobs.is_empty() {
        return Err(Error::asked("there is no row to do", "name a manifest (.jsonl, .csv, .toml) or mixes"));
    }
    Ok(jobs)
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
fn all(rows: &[Row], base: &Path, defaults: &Defaults) -> (Vec<Job>, Vec<String>) {
    let (mut jobs, mut faults) = (Vec::new(), Vec::new());
    for (row, number) in rows.iter().zip(1..) {
        match job(row, number, base, defaults) {
            Ok(job) => jobs.push(job),
            Err(error) => faults.push(format!("row {number}: {error}")),
        }
    }
    (jobs, faults)
}

/// The manifest among the names, where it is one.
pub fn manifest_of(sources: &[PathBuf]) -> Option<&Path> {
    let [one] = sources else { return None };
    let extension = one.extension()?.to_str()?.to_lowercase();
    ["jsonl", "ndjson", "csv", "toml"].contains(&extension.as_str()).then_some(one)
}

fn rows(manifest: &Path) -> Result<Vec<Row>, Error> {
    let wrong =
        |what: String| Error::asked(format!("{}: {what}", manifest.display()), "see docs/batch.md for what a manifest holds");
    let text = std::fs::read_to_string(manifest).map_err(|error| wrong(format!("the manifest cannot be read: {error}")))?;
    let text = text.trim_start_matches('\u{feff}');
    match manifest.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase().as_str() {
        "csv" => csv_rows(text).map_err(|error| wrong(error.to_string())),
        "toml" => toml_rows(text).map_err(wrong),
        _ => {
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            let row = |(line, number): (&str, u64)| {
                serde_json::from_str(line).map_err(|error| wrong(format!("line {number}: not an object of JSON: {error}")))
            };
            lines.map(row).collect()
        }
    }
}

/// A cell that is empty says nothing.
fn csv_rows(text: &str) -> Result<Vec<Row>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let names = reader.headers()?.clone();
    let row = |record: csv::StringRecord| {
        let cells = names.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), Value::String(cell.to_owned()))).collect()
    };
    reader.into_records().map(|record| Ok(row(record?))).collect()
}

/// `[defaults]`, and a `[[job]]` a row.
fn toml_rows(text: &str) -> Result<Vec<Row>, String> {
    let mut table: Row = toml::from_str(text).map_err(|error| error.to_string())?;
    let defaults = match table.remove("defaults") {
        None => Row::new(),
        Some(Value::Object(defaults)) => defaults,
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
        Value::Object(job) => Ok(defaults.clone().into_iter().chain(job).collect()),
        _ => Err("a [[job]] is a table".to_owned()),
    };
    jobs.into_iter().map(row).collect()
}

/// A row a mix; what is no file is a pattern.
fn names(sources: &[PathBuf]) -> Result<Vec<Row>, Error> {
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
        rows.extend(found.into_iter().map(|mix| Row::from_iter([("mix".to_owned(), Value::String(mix))])));
    }
    Ok(rows)
}

fn job(row: &Row, number: u64, base: &Path, defaults: &Defaults) -> Result<Job, String> {
    let at = |text: &str| store::place(text);
    let text = |name: &str| match row.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(Value::Number(number)) if name == "id" => Ok(Some(number.to_string())),
        Some(other) => Err(format!("{name}: expected a text, not {other}")),
    };
    let written = text("mix")?.ok_or("no mix")?;
    let mix = at(&written)?;
    let id = text("id")?.unwrap_or(written);
    let mut order = defaults.order.clone();
    if row.contains_key("profile") && (row.contains_key("genre") || row.contains_key("genres")) {
        return Err("a profile stands instead of genres: give one of them".into());
    }
    for (name, value) in row.iter().filter(|(name, _)| !["mix", "id", "output", "report", "reports"].contains(&name.as_str())) {
        // A place that cannot be is told by whoever opens it. What goes into no report is looked for right away.
        let resolved = !["ref", "refs", "reference", "references"].contains(&name.as_str());
        let place = |text: &str| match at(text) {
            Ok(place) if resolved && !is_url(&place) => base.join(place),
            Ok(place) => place,
            Err(_) => text.into(),
        };
        if !order.take(name, value, &place).map_err(|error| error.to_string())? {
            return Err(format!("there is no {name}"));
        }
    }
    let mut named = defaults.named.clone();
    if let Some(output) = text("output")? {
        named.output = Some(at(&output)?);
    }
    if let Some(reports) = row.get("report").or(row.get("reports")) {
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

/// Two rows of one id or of one output; an output that is some row's input.
fn clashes(jobs: &[Job]) -> Vec<String> {
    let (mut ids, mut outputs, mut faults) = (HashMap::new(), HashMap::new(), Vec::new());
    for job in jobs {
        if let Some(other) = ids.insert(&job.id, job.row) {
            faults.push(format!("row {}: row {other} is called '{}' too: give each an id", job.row, job.id));
        }
        for output in job.destination.files() {
            if let Some(other) = outputs.insert(plain(&job.at(output)), job.row) {
                let what = format!("row {}: {} is written by row {other} too", job.row, output.display());
                faults.push(format!("{what}: put {{id}} or {{row}} into output"));
            }
        }
    }
    for job in jobs {
        let read = std::iter::once(&job.mix).chain(job.order.references.iter().map(|(path, _)| path));
        for input in read {
            if let Some(other) = outputs.get(&plain(&job.at(input))) {
                faults.push(format!("row {}: {} is read, and written by row {other}", job.row, input.display()));
            }
        }
    }
    faults
}

/// A path without detours, for comparing; a URL as it is.
fn plain(path: &Path) -> PathBuf {
    if is_url(path) {
        return path.to_owned();
    }
    let mut out = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            std::path::Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str) -> Result<Vec<Job>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let jobs = read(&[path], &Defaults::default()).map_err(|error| error.to_string())?;
        Ok(jobs.into_iter().map(|job| Job { base: PathBuf::new(), ..job }).collect())
    }

    #[test]
    fn three_kinds_of_manifest_say_the_same() {
        let jsonl = r#"
{"id": "one", "mix": "a.wav", "ref": ["r.flac:2"], "loudness": -9, "output": "out/{row}-{stem}.flac", "report": ["out/{id}.json"]}
{"id": "two", "mix": "s3://m/b.wav", "genre": "rock", "output": "s3://m/{stem}.master.flac", "report": "none"}
"#;
        let csv = "id, mix, ref, genre, loudness, output, report\n\
                   one, a.wav, r.flac:2, , -9, out/{row}-{stem}.flac, out/{id}.json\n\
                   two, s3://m/b.wav, , rock, , s3://m/{stem}.master.flac, none\n";
        let toml = "[[job]]\nid = 'one'\nmix = 'a.wav'\nref = [{ file = 'r.flac', weight = 2 }]\nloudness_lufs = -9\n\
                    output = 'out/{row}-{stem}.flac'\nreport = 'out/{id}.json'\n\
                    [[job]]\nid = 'two'\nmix = 's3://m/b.wav'\ngenre = 'rock'\noutput = 's3://m/{stem}.master.flac'\nreport = false\n";
        let jobs = read_text("m.jsonl", jsonl).unwrap();
        assert_eq!(jobs[0].destination.master, Path::new("out/1-a.flac"));
        assert_eq!(jobs[0].destination.reports[0].0, Path::new("out/one.json"));
        assert_eq!(jobs[1].destination.files(), [Path::new("s3://m/b.master.flac")]);
        assert_eq!(read_text("m.csv", csv).unwrap(), jobs);
        assert_eq!(read_text("m.toml", toml).unwrap(), jobs);
    }

    #[test]
    fn a_tables_defaults_hold_where_a_job_says_nothing() {
        let toml = "[defaults]\nfor = 'spotify'\nreport = 'none'\n[[job]]\nmix = 'a.wav'\n[[job]]\nmix = 'b.wav'\nfor = 'cd'\n";
        let jobs = read_text("m.toml", toml).unwrap();
        assert_eq!(jobs.iter().map(|job| job.order.place.unwrap().name.as_str()).collect::<Vec<_>>(), ["spotify", "cd"]);
        assert_eq!(jobs[0].destination.files(), [Path::new("a.master.wav")]);
    }

    #[test]
    fn every_fault_is_told_before_anything_is_done() {
        for (rows, words) in [
            ("{\"mix\": \"a.wav\", \"loudnes\": -9}", "row 1: there is no loudnes"),
            ("{\"mix\": \"a.wav\"}\n{\"mix\": \"a.wav\", \"output\": \"b.wav\"}", "row 2: row 1 is called 'a.wav' too"),
            (
                "{\"mix\": \"a/x.wav\", \"output\": \"x.flac\"}\n{\"mix\": \"b/x.wav\", \"output\": \"./x.flac\"}",
                "written by row 1 too",
            ),
            ("{\"mix\": \"a.wav\", \"output\": \"b.wav\"}\n{\"mix\": \"b.wav\"}", "row 2: "),
            ("{\"mix\": \"a.wav\", \"output\": \"a.mp3\"}", "not written as .mp3"),
            ("{\"mix\": \"a.wav\", \"output\": \"a.flac\", \"bits\": \"32f\"}", "FLAC holds 16 or 24"),
            ("{\"mix\": \"a.wav\", \"genre\": \"rock\", \"profile\": \"mine\"}", "instead of genres"),
            ("{\"mix\": \"ftp://a/b.wav\"}", "nothing is read from ftp://"),
            ("{\"id\": \"x\"}", "no mix"),
            ("[1]", "line 1"),
            ("", "no row"),
        ] {
            let error = read_text("m.jsonl", rows).unwrap_err();
            assert!(error.contains(words), "{rows}: {error}");
        }
        assert!(read(&["nowhere/*.wav".into()], &Defaults::default()).unwrap_err().to_string().contains("no such file"));
        assert!(read_text("m.csv", "mix\na.wav,b.wav\n").is_err());
    }

    #[test]
    fn paths_of_rows_begin_from_the_manifest_and_those_of_the_command_line_from_here() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.jsonl");
        std::fs::write(&path, "{\"mix\": \"in/a.wav\", \"instructions\": \"n.txt\"}").unwrap();
        let named = Named { output: Some("out/".into()), reports: None };
        let order = Order { references: vec![("r.wav".into(), 1.0)], ..Order::default() };
        let jobs = read(&[path], &Defaults { order, named }).unwrap();
        let here = std::env::current_dir().unwrap();
        assert_eq!((jobs[0].mix.as_path(), jobs[0].at(&jobs[0].mix)), (Path::new("in/a.wav"), folder.path().join("in/a.wav")));
        assert_eq!(jobs[0].order.instructions, Some(folder.path().join("n.txt")));
        assert_eq!(jobs[0].destination.master, here.join("out/a.master.wav"));
        assert_eq!(jobs[0].order.references, [(here.join("r.wav"), 1.0)]);
        assert_eq!(jobs[0].at(Path::new("s3://m/a.wav")), Path::new("s3://m/a.wav"));
    }

    #[test]
    fn a_pattern_does_not_find_what_it_made() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.wav", "a.master.wav", "b.wav", "other.master.wav"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let jobs = read(&[folder.path().join("*.wav")], &Defaults::default()).unwrap();
        let names: Vec<_> = jobs.iter().map(|job| (job.row, job.mix.file_name().unwrap().to_str().unwrap())).collect();
        assert_eq!(names, [(1, "a.wav"), (2, "b.wav"), (3, "other.master.wav")]);
    }
}
