//! A folder with a mix, a reference and a plan; what a whole job makes of them; and what must hold after any fault.

use crate::sounds::{Format, Sounds, mix, reference};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Seconds of music: long enough that a signal meets every step, short enough for hundreds of jobs.
const SECONDS: f64 = 1.5;
const RATE_HZ: u32 = 44_100;

/// What was tried and what came of it.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) fault: &'static str,
    pub(crate) tried: usize,
    pub(crate) outcome: String,
}

/// Says aloud what this machine does not allow.
pub(crate) fn skipped(fault: &'static str, why: &str) -> Row {
    eprintln!("SKIPPED: {fault}: {why}");
    Row { fault, tried: 0, outcome: format!("skipped: {why}") }
}

/// What every test begins with: bytes of the inputs, and of all that an undisturbed job writes.
pub(crate) struct Whole {
    inputs: BTreeMap<&'static str, Vec<u8>>,
    /// By name: the master and its reports.
    pub(crate) outputs: BTreeMap<String, Vec<u8>>,
    /// How long the job takes.
    pub(crate) takes: Duration,
}

/// The arguments of the job that is disturbed.
pub(crate) const JOB: [&str; 6] = ["render", "mix.wav", "--plan", "plan.toml", "-o", "out/master.wav"];

/// The undisturbed job, run once.
pub(crate) fn whole() -> &'static Whole {
    static WHOLE: OnceLock<Whole> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let sounds = Sounds::new();
        sounds.wav("mix.wav", &mix(SECONDS, RATE_HZ, 2), RATE_HZ, Format::Int24);
        sounds.wav("ref.wav", &reference(SECONDS, RATE_HZ), RATE_HZ, Format::Int16);
        succeed(&run(sounds.path(), &["suggest", "mix.wav", "--ref", "ref.wav", "-o", "plan.toml"]));
        let inputs = ["mix.wav", "ref.wav", "plan.toml"].map(|name| (name, sounds.bytes(name))).into();
        std::fs::create_dir(sounds.path().join("out")).unwrap();
        let began = Instant::now();
        succeed(&run(sounds.path(), &JOB));
        let takes = began.elapsed();
        let outputs: BTreeMap<String, Vec<u8>> = files(&sounds.path().join("out"));
        assert_eq!(outputs.len(), 4, "a master and three reports");
        Whole { inputs, outputs, takes }
    })
}

/// All files of a folder, hidden ones too.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
    entries.filter(|path| path.is_file()).map(file).collect()
}

/// A fresh folder with the inputs, an empty `out` and an empty `tmp`.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in &whole().inputs {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        for name in ["out", "tmp"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path().join("out")
    }

    /// The program, here, with its temporary files in `tmp`.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program(self.path(), args);
        command.env("TMPDIR", self.path().join("tmp"));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Inputs are as they were, and every output that bears its name is whole. Returns the names of the whole ones.
    #[track_caller]
    pub(crate) fn nothing_lost(&self) -> Vec<String> {
        for (name, bytes) in &whole().inputs {
            assert!(std::fs::read(self.path().join(name)).unwrap() == *bytes, "{name} has changed");
        }
        let found = files(&self.out()).into_iter().filter(|(name, _)| !name.starts_with('.'));
        found
            .map(|(name, bytes)| {
                assert!(whole().outputs.get(&name).is_some_and(|whole| *whole == bytes), "{name} is half written");
                name
            })
            .collect()
    }

    /// As [`Self::nothing_lost`], and nothing temporary is left either.
    #[track_caller]
    pub(crate) fn nothing_left(&self) -> Vec<String> {
        let names = self.nothing_lost();
        let all: Vec<String> = files(&self.out()).into_keys().chain(files(&self.path().join("tmp")).into_keys()).collect();
        assert_eq!(all.len(), names.len(), "left behind: {all:?}");
        names
    }
}

/// The program in a folder.
pub(crate) fn program(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    command.current_dir(folder).args(args).env("NO_COLOR", "1");
    command
}

pub(crate) fn run(folder: &Path, args: &[&str]) -> Output {
    program(folder, args).output().unwrap()
}

/// Standard error as text; a panic is never the answer.
#[track_caller]
pub(crate) fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked"), "{text}");
    text
}

#[track_caller]
pub(crate) fn succeed(output: &Output) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(0), "signal {:?}: {text}", output.status.signal());
}

/// Expects this exit code and these words.
#[track_caller]
pub(crate) fn fail(output: &Output, code: i32, words: &[&str]) {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for word in words {
        assert!(text.contains(word), "does not say '{word}': {text}");
    }
}

pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// Whether a command runs and succeeds.
pub(crate) fn succeeds(name: &str, args: &[&str]) -> bool {
    Command::new(name).args(args).output().is_ok_and(|output| output.status.success())
}

/// Writes `docs/faults.md` where `AUTOMASTER_BLESS` is set, else prints it.
pub(crate) fn write_table(rows: &[Row]) {
    let mut text = String::from(
        "# Faults\n\nWhat was tried and what came of it: `AUTOMASTER_KILLS=200 AUTOMASTER_BLESS=1 cargo test --test faults -- \
         --ignored the_table` writes this page. *Nothing lost*: inputs have their bytes, and a file that bears its name has all of its \
         own. A clock that jumps has nothing to disturb: no job reads one (`--when` is the caller's).\n\n| fault | tried | outcome |\n|---|---:|---|\n",
    );
    for Row { fault, tried, outcome } in rows {
        let _ = writeln!(text, "| {fault} | {tried} | {outcome} |");
    }
    let tried: usize = rows.iter().map(|row| row.tried).sum();
    let _ = writeln!(text, "\n{tried} tries in all; files lost: 0; files half written: 0. A try that finds one fails the test.");
    if std::env::var_os("AUTOMASTER_BLESS").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/faults.md"), text).unwrap();
    } else {
        eprintln!("{text}");
    }
}
