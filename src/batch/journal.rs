//! The results: a file of lines that only ever grows, read by later runs to know what is done.

use super::identity::io_error;
use super::line::{Line, Status};
use super::shard::Shard;
use crate::error::Error;
use std::collections::HashMap;
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
    /// How much of each file was read.
    read: HashMap<PathBuf, u64>,
    /// The last line that says done, by its master.
    done: HashMap<String, Line>,
}

impl Journal {
    /// Opens the results at `own`, creating them, and reads what they say. Errors: the file cannot be made or read.
    pub fn open(own: &Path) -> Result<Self, Error> {
        let folder = own.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        std::fs::create_dir_all(&folder).map_err(|source| io_error(&folder, source))?;
        OpenOptions::new().create(true).append(true).open(own).map_err(|source| io_error(own, source))?;
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

    /// What is known of the row that makes `master`.
    pub fn done(&self, master: &str) -> Option<Line> {
        self.locked().done.get(master).cloned()
    }

    /// Reads what others have written since, of this share and of all shares. Errors: a file cannot be read.
    pub fn refresh(&self) -> Result<(), Error> {
        let entries = std::fs::read_dir(&self.folder).map_err(|source| io_error(&self.folder, source))?;
        let mut state = self.locked();
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let of_family = name.strip_prefix(&self.family).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(".jsonl"));
            if of_family {
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
        let from = self.read.get(path).copied().unwrap_or(0);
        let bytes = added(path, from).map_err(|source| io_error(path, source))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in bytes[..whole].split(|byte| *byte == b'\n') {
            // What a killed process left unfinished is no line; its row is done again.
            if let Ok(line) = serde_json::from_slice(line) {
                self.take(line);
            }
        }
        self.read.insert(path.to_owned(), from + whole as u64);
        Ok(())
    }

    fn take(&mut self, line: Line) {
        let Some(master) = line.outputs.first().map(|output| output.file.clone()) else { return };
        if line.status == Status::Done {
            self.done.insert(master, line);
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
        assert!(journal.done("a.wav").is_some());
        journal.append(&line("b")).unwrap();
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.done("b.wav"), Some(line("b")));
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3);
    }

    #[test]
    fn shares_read_each_other_when_asked_to() {
        let folder = tempfile::tempdir().unwrap();
        let of = |index| results_path(None, Some(&folder.path().join("m.csv")), Shard { index, of: 2 });
        assert_eq!(of(1), folder.path().join("m.results.1-of-2.jsonl"));
        let (one, two) = (Journal::open(&of(0)).unwrap(), Journal::open(&of(1)).unwrap());
        two.append(&line("a")).unwrap();
        assert_eq!(one.done("a.wav"), None);
        one.refresh().unwrap();
        assert!(one.done("a.wav").is_some());
        std::fs::write(folder.path().join("m2.results.jsonl"), serde_json::to_string(&line("z")).unwrap() + "\n").unwrap();
        one.refresh().unwrap();
        assert_eq!(one.done("z.wav"), None, "another manifest's results");
    }
}
