//! Runs of the program, and what they end with.

use crate::sounds::{Format, Sounds, mix, reference};
use assert_cmd::Command;

pub(crate) fn automaster() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    command.env("NO_COLOR", "1");
    command
}

/// What a run ends with.
pub(crate) struct End {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn run(folder: &Sounds, args: &[&str]) -> End {
    let output = automaster().current_dir(folder.path()).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let end = End { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) };
    assert!(!end.err.contains("panicked"), "{args:?}: {}", end.err);
    end
}

/// Runs what must succeed.
pub(crate) fn done(folder: &Sounds, args: &[&str]) -> End {
    let end = run(folder, args);
    assert_eq!(end.code, 0, "{args:?}: {}", end.err);
    end
}

/// Runs what must fail: with this code, these words, and nothing new in the folder.
pub(crate) fn fails(folder: &Sounds, args: &[&str], code: i32, words: &[&str]) {
    let before = folder.names();
    let end = run(folder, args);
    assert_eq!(end.code, code, "{args:?}: {}{}", end.out, end.err);
    for word in words {
        assert!(end.err.contains(word), "{args:?} does not say '{word}': {}", end.err);
    }
    assert_eq!(folder.names(), before, "{args:?} left something behind");
}

pub(crate) fn pair() -> Sounds {
    let folder = Sounds::new();
    folder.wav("mix.wav", &mix(4.0, 44_100, 2), 44_100, Format::Int24);
    folder.wav("ref.wav", &reference(4.0, 44_100), 44_100, Format::Int16);
    folder
}
