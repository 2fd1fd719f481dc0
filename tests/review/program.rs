//! The commands around the page, from outside.

use crate::begun::plan;
use assert_cmd::Command;
use automaster::plan::MixIdentity;
use std::path::Path;
use std::process::Output;

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_automaster")).env("NO_COLOR", "1").current_dir(folder).args(args).output().unwrap()
}

#[test]
fn a_plan_and_what_it_says_already_are_not_taken_together() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.toml"), plan(MixIdentity::default(), Some(-12.0)).to_toml().unwrap()).unwrap();
    for (option, value) in [("--ceiling", "-2"), ("--for", "spotify"), ("--set", "limiter.release_ms=80"), ("--bits", "16")] {
        let end = run(folder.path(), &["review", "mix.wav", "--plan", "plan.toml", "--no-open", option, value]);
        let told = String::from_utf8_lossy(&end.stderr);
        assert_eq!(end.status.code(), Some(2), "{option}: {told}");
        assert!(told.contains(&format!("{option}: --plan says already what is done")), "{told}");
        assert!(told.contains("leave --plan out"), "{told}");
    }
    // What it is compared with may be said: what is missing here is the mix.
    let end =
        run(folder.path(), &["review", "mix.wav", "--plan", "plan.toml", "--no-open", "--genre", "rock", "--match", "tone"]);
    assert_eq!(end.status.code(), Some(3), "{}", String::from_utf8_lossy(&end.stderr));
}

#[test]
fn the_vocabulary_is_json_where_that_is_asked_for() {
    let end = run(Path::new("."), &["words", "--json"]);
    let words: serde_json::Value = serde_json::from_slice(&end.stdout).unwrap();
    assert_eq!(words["words"].as_array().unwrap().len(), automaster::words::VOCABULARY.len());
}
