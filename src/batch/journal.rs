//! The results: a file of lines that only ever grows, read by later runs to know what is done.

use super::identity::{io_error, output_error};
use super::line::{Line, Status};
use super::shard::Shard;
use crate::error::Error;
use crate::job;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The results of a manifest; `NAME.results.jsonl` beside it, where nothing else is asked for. A share of the rows has a
/// file of its own.
pub fn results_path(asked: Option<&Path>, manifest: Option<&Path>, shard: Shard) -> PathBuf {
    let whole = match (asked, manifest) {
        (Some(path), _) => path.to_owned(),
        (None, Some(manifest)) => manifest.with_extension("results.jsonl"),
        (None, None) => "batch.results.jsonl".into(),
    };
    match shard.name() {
        Some(name) => whole.with_extension(format!("{name}.jsonl")),
        None => whole,
    }
}

/// Results of this run and of earlier ones.
#[derive(Debug)]
pub struct Journal {
    own: PathBuf,
    folder: PathBuf,
    /// What the names of all results of one manifest begin with.
    family: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How much of each file was read, by its name: all lie in one folder.
    read: HashMap<OsString, u64>,
    /// The lines that say done, by their master. None goes before another: the files of shares have no order among them, and
    /// any line may be the one of what lies there.
    done: HashMap<String, Vec<Line>>,
    /// The last word on a row, by its id: when it was said, and whether it was that the row failed.
    last: HashMap<String, (u64, bool)>,
}

impl Journal {
    /// Opens the results at `own`, creating them, and reads what they say. Errors: the file cannot be made (usage) or read.
    pub fn open(own: &Path) -> Result<Self, Error> {
        let folder = job::folder(own);
        std::fs::create_dir_all(&folder).map_err(|source| output_error(own, source))?;
        OpenOptions::new().create(true).append(true).open(own).map_err(|source| output_error(own, source))?;
        let name = own.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let whole = name.strip_suffix(".jsonl").unwrap_or(&name);
        // A share's file is the whole's with `.I-of-N` behind.
        let family = match whole.rsplit_once('.') {
            Some((family, share)) if share.split_once("-of-").is_some_and(|(i, n)| is_number(i) && is_number(n)) => family,
            _ => whole,
        };
        let journal = Self { own: own.to_owned(), folder, family: family.to_owned(), state: Mutex::default() };
        journal.locked().read(own)?;
        Ok(journal)
    }

    /// The results that this process writes.
    pub fn path(&self) -> &Path {
        &self.own
    }

    /// What is known of the row that makes `master`: every line that says done, those of one file in their order.
    pub fn done(&self, master: &str) -> Vec<Line> {
        self.locked().done.get(master).cloned().unwrap_or_default()
    }

    /// Whether the last word on a row, of all that was read, is that it failed.
    pub fn has_failed(&self, id: &str) -> bool {
        self.locked().last.get(id).is_some_and(|(_, failed)| *failed)
    }

    /// Reads what others have written since, of this share and of all shares. Errors: a file cannot be read.
    pub fn refresh(&self) -> Result<(), Error> {
        let entries = std::fs::read_dir(&self.folder).map_err(|source| io_error(&self.folder, source))?;
        let mut state = self.locked();
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of_family = name.strip_prefix(&self.family).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".jsonl"));
            if of_family || path.file_name() == self.own.file_name() {
                state.read(&path)?;
            }
        }
        Ok(())
    }

    /// Appends a line, and only then takes it as told. Errors: the disk is full.
    pub fn append(&self, line: &Line) -> Result<(), Error> {
        let mut text = serde_json::to_string(line).map_err(|error| io_error(&self.own, io::Error::other(error)))?;
        text.push('\n');
        let mut state = self.locked();
        append(&self.own, &text).map_err(|source| io_error(&self.own, source))?;
        state.take(line.clone());
        Ok(())
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Appends a whole line under the file's lock. A line that a killed process left unfinished is closed first: it stays as a
/// line that nobody can read.
fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    file.lock()?;
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    let text = if last == [b'\n'] { text.to_owned() } else { format!("\n{text}") };
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

impl State {
    /// Reads the lines that were added to a file; a line without its end is left for later.
    fn read(&mut self, path: &Path) -> Result<(), Error> {
        let name = path.file_name().unwrap_or_default();
        let from = self.read.get(name).copied().unwrap_or(0);
        let bytes = added(path, from).map_err(|source| io_error(path, source))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in bytes[..whole].split(|byte| *byte == b'\n') {
            // What a killed process left unfinished is no line; its row is done again.
            if let Ok(line) = serde_json::from_slice(line) {
                self.take(line);
            }
        }
        self.read.insert(name.to_owned(), from + whole as u64);
        Ok(())
    }

    fn take(&mut self, line: Line) {
        let last = self.last.entry(line.id.clone()).or_default();
        if line.ended_unix_ms >= last.0 {
            *last = (line.ended_unix_ms, line.status == Status::Failed);
        }
        let Some(master) = line.outputs.first().filter(|_| line.status == Status::Done) else { return };
        let known = self.done.entry(master.file.clone()).or_default();
        // What this process has appended is read again with what others have.
        if !known.contains(&line) {
            known.push(line);
        }
    }
}

fn added(path: &Path, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::identity::{Known, Stat};
    use super::super::line::LINE_VERSION;
    use super::*;

    fn line(id: &str) -> Line {
        let stat = Stat { bytes: 1, stamp: "2".into() };
        Line {
            schema_version: LINE_VERSION,
            id: id.into(),
            row: 1,
            rows: 1,
            status: Status::Done,
            code: 0,
            message: None,
            program: "p".into(),
            key: "k".into(),
            inputs: vec![],
            outputs: vec![Known { file: format!("{id}.wav"), sha256: "s".into(), stat }],
            figures: None,
            seconds: 1.0,
            ended_unix_ms: 5,
            notes: vec![],
        }
    }

    #[test]
    fn a_torn_line_is_closed_and_costs_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.results.jsonl");
        let journal = Journal::open(&path).unwrap();
        journal.append(&line("a")).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{}", &whole[..20])).unwrap();
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.done("a.wav"), [line("a")]);
        journal.append(&line("b")).unwrap();
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.done("b.wav"), [line("b")]);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3);
    }

    #[test]
    fn shares_read_each_other_when_asked_to() {
        let folder = tempfile::tempdir().unwrap();
        let of = |index| results_path(None, Some(&folder.path().join("m.csv")), Shard { index, of: 2 });
        assert_eq!(of(1), folder.path().join("m.results.1-of-2.jsonl"));
        let (one, two) = (Journal::open(&of(0)).unwrap(), Journal::open(&of(1)).unwrap());
        two.append(&line("a")).unwrap();
        assert!(one.done("a.wav").is_empty());
        one.refresh().unwrap();
        assert_eq!(one.done("a.wav"), [line("a")]);
        std::fs::write(folder.path().join("m2.results.jsonl"), serde_json::to_string(&line("z")).unwrap() + "\n").unwrap();
        one.refresh().unwrap();
        assert!(one.done("z.wav").is_empty(), "another manifest's results");
    }

    /// Files of shares are read in no order that says which line is the later one: none may push another out.
    #[test]
    fn an_older_shares_line_stands_beside_a_newer_one_and_each_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("m.results.jsonl");
        let (old, new) = (Line { key: "old".into(), ..line("a") }, Line { key: "new".into(), ..line("a") });
        Journal::open(&whole).unwrap().append(&old).unwrap();
        let share = folder.path().join("m.results.0-of-2.jsonl");
        Journal::open(&share).unwrap().append(&new).unwrap();
        let journal = Journal::open(&share).unwrap();
        journal.append(&line("a")).unwrap();
        for _ in 0..2 {
            journal.refresh().unwrap();
            let keys: Vec<String> = journal.done("a.wav").into_iter().map(|line| line.key).collect();
            assert_eq!(keys, ["new", "k", "old"]);
        }
    }

    #[test]
    fn the_last_word_on_a_row_is_the_latest_of_all_files() {
        let folder = tempfile::tempdir().unwrap();
        let of = |share: &str| Journal::open(&folder.path().join(format!("m.results{share}.jsonl"))).unwrap();
        let at = |ended_unix_ms, status| Line { status, ended_unix_ms, ..line("a") };
        of("").append(&at(7, Status::Failed)).unwrap();
        of(".0-of-2").append(&at(6, Status::Done)).unwrap();
        let (whole, share) = (of(""), of(".0-of-2"));
        assert!(whole.has_failed("a") && !share.has_failed("a") && !whole.has_failed("b"));
        share.refresh().unwrap();
        assert!(share.has_failed("a"));
        share.append(&at(8, Status::Done)).unwrap();
        whole.refresh().unwrap();
        assert!(!whole.has_failed("a") && !share.has_failed("a"));
    }

    #[test]
    fn a_file_is_one_whichever_way_it_is_named() {
        let mut state = State::default();
        // Tests run in the crate's folder; nothing in this file is a line.
        for path in ["Cargo.toml", "./Cargo.toml"] {
            state.read(Path::new(path)).unwrap();
        }
        assert_eq!(state.read.len(), 1);
    }

    #[test]
    fn results_that_cannot_be_made_are_usage() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        let error = Journal::open(&folder.path().join("file/m.results.jsonl")).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
    }
}
