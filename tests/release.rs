//! `check` and `deliver` from outside: what they say, how they end, what they leave.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

mod sounds;

use assert_cmd::Command;
use serde_json::Value;
use sounds::{Format, Sounds, mix, silence};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// Exit code, standard output, standard error.
fn run(folder: &Sounds, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    let output = command.env("NO_COLOR", "1").current_dir(folder.path()).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let end = (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr));
    assert!(!end.2.contains("panicked"), "{args:?}: {}", end.2);
    end
}

#[test]
fn a_check_ends_with_its_verdict_and_writes_its_letter() {
    let folder = Sounds::new();
    let quiet: Vec<Vec<f32>> = mix(12.0, 44_100, 2).iter().map(|c| c.iter().map(|x| 0.4 * x).collect()).collect();
    folder.wav("ready.wav", &quiet, 44_100, Format::Int24);
    let clipped: Vec<Vec<f32>> = quiet.iter().map(|c| c.iter().map(|x| (30.0 * x).clamp(-1.0, 1.0)).collect()).collect();
    folder.wav("clipped.wav", &clipped, 44_100, Format::Int16);

    let (code, out, err) = run(&folder, &["check", "ready.wav", "--json"]);
    let ready: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{err}"));
    assert_eq!(code, 0, "{out}");
    assert!(ready["verdict"] != "fail" && ready["passed"].as_array().unwrap().iter().any(|c| c == "clipped"), "{out}");

    let (code, out, err) = run(&folder, &["check", "clipped.wav", "--notes", "{stem}.notes.md"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("FAIL  clipped") && err.contains("not ready to be mastered: clipped"), "{out}{err}");
    let letter = folder.text("clipped.notes.md");
    assert!(letter.contains("To be mended first") && letter.contains("**00:00"), "{letter}");
    // The letter is not overwritten by accident, and other endings are refused.
    assert_eq!(run(&folder, &["check", "clipped.wav", "--notes", "clipped.notes.md"]).0, 2);
    assert_eq!(run(&folder, &["check", "clipped.wav", "--notes", "a.pdf"]).0, 2);
    assert_eq!(run(&folder, &["check", "clipped.wav", "--notes", "a.html", "--quiet"]).0, 1);
    assert!(folder.text("a.html").starts_with("<!doctype html>"));

    // Faults that end the reading are verdicts; what is no audio is an error.
    let mut broken = quiet.clone();
    broken[0][44_100] = f32::NAN;
    folder.wav("nan.wav", &broken, 44_100, Format::Float32);
    folder.wav("silent.wav", &silence(12.0, 44_100), 44_100, Format::Int24);
    folder.write("text.wav", b"hello");
    let (code, out, _) = run(&folder, &["check", "nan.wav"]);
    assert!(code == 1 && out.contains("00:01.0: a sample that is not a finite number"), "{out}");
    let (code, out, _) = run(&folder, &["check", "silent.wav", "--json"]);
    assert!(code == 1 && out.contains("\"silent\""), "{out}");
    assert_eq!(run(&folder, &["check", "text.wav"]).0, 3);
    assert_eq!(run(&folder, &["check", "none.wav"]).0, 3);
}

#[test]
fn a_delivery_fills_a_folder_and_can_be_repeated() {
    let folder = Sounds::new();
    folder.wav("song.wav", &mix(5.0, 44_100, 2), 44_100, Format::Int24);
    let args = ["deliver", "song.wav", "--for", "cd,vinyl", "-o", "out", "--json"];
    let (code, out, err) = run(&folder, &args);
    assert_eq!(code, 0, "{err}");
    let made: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(made["places"].as_array().unwrap().len(), 2);
    let names = folder.names();
    assert!(names.contains(&"out".to_owned()) && folder.text("out/DELIVERY.md").contains("## Compact disc"));
    let before = folder.bytes("out/cd/song.wav");
    let (code, again, err) = run(&folder, &args);
    assert!(code == 0 && again == out && folder.bytes("out/cd/song.wav") == before, "{err}");
    let (code, _, err) = run(&folder, &["deliver", "song.wav", "--for", "myspace", "-o", "out"]);
    assert!(code == 2 && err.contains("vinyl"), "{err}");
}

#[test]
fn a_killed_delivery_leaves_whole_files_and_the_next_one_goes_on() {
    let folder = Sounds::new();
    folder.wav("song.wav", &mix(8.0, 44_100, 2), 44_100, Format::Int24);
    let args = |out: &'static str| ["deliver", "song.wav", "--for", "cd,vinyl,archive", "-o", out, "--quiet"];
    let undisturbed = Instant::now();
    let (code, _, err) = run(&folder, &args("calm"));
    assert_eq!(code, 0, "{err}");
    let whole = undisturbed.elapsed();
    let calm = files(&folder.path().join("calm"));
    assert!(calm.keys().all(|name| !name.contains(".making")) && calm.len() > 5, "{:?}", calm.keys());
    for share in [0.2, 0.4, 0.6, 0.8] {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_automaster"));
        program.current_dir(folder.path()).args(args("out")).stderr(std::process::Stdio::null());
        let mut child = program.spawn().unwrap();
        std::thread::sleep(whole.mul_f64(share));
        // The hard way: no handler runs.
        let _ = child.kill();
        child.wait().unwrap();
        // The notes grow with the run; all else is whole or not there.
        for (name, bytes) in files(&folder.path().join("out")).iter().filter(|(name, _)| !name.starts_with(".making/")) {
            assert!(name == "delivery.json" || calm.get(name) == Some(bytes), "{name} after {share}");
        }
    }
    let (code, _, err) = run(&folder, &args("out"));
    assert_eq!(code, 0, "{err}");
    assert!(files(&folder.path().join("out")) == calm);
}

#[test]
fn a_folder_that_cannot_be_filled_is_usage_and_nobodys_file_is_replaced() {
    let folder = Sounds::new();
    folder.wav("song.wav", &mix(3.0, 44_100, 2), 44_100, Format::Int24);
    folder.wav("other.wav", &mix(3.1, 44_100, 2), 44_100, Format::Int24);
    let deliver = |master: &str, out: &str, more: &[&str]| {
        let args = ["deliver", master, "--for", "vinyl", "-o", out];
        run(&folder, &[&args[..], more].concat())
    };
    for out in ["song.wav", "song.wav/out"] {
        let (code, _, err) = deliver("song.wav", out, &[]);
        assert!(code == 2 && err.contains("no folder"), "{out}: {code} {err}");
    }
    assert_eq!(deliver("song.wav", "out", &[]).0, 0);
    folder.write("out/vinyl/other.vinyl.wav", b"mine");
    let (code, _, err) = deliver("other.wav", "out", &[]);
    assert!(code == 2 && err.contains("exists already") && folder.bytes("out/vinyl/other.vinyl.wav") == b"mine", "{code} {err}");
    let (code, _, err) = deliver("other.wav", "out", &["--overwrite"]);
    assert!(code == 0 && folder.bytes("out/vinyl/other.vinyl.wav") != b"mine", "{code} {err}");
    assert!(folder.text("out/DELIVERY.md").contains("Left from an earlier delivery"), "{}", folder.text("out/DELIVERY.md"));
}

#[test]
fn what_no_codec_was_there_to_check_is_checked_once_there_is_one() {
    if std::process::Command::new("ffmpeg").arg("-version").output().is_err() {
        eprintln!("SKIPPED: ffmpeg is not on this machine");
        return;
    }
    let folder = Sounds::new();
    folder.wav("song.wav", &mix(3.0, 44_100, 2), 44_100, Format::Int24);
    let checked = |path: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
        if let Some(path) = path {
            command.env("PATH", path);
        }
        command.current_dir(folder.path()).args(["deliver", "song.wav", "--for", "apple", "-o", "out", "--json"]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        let place = &made["places"][0];
        (place["codecs"].as_array().unwrap().len(), place["notes"].to_string().contains("was not checked"))
    };
    let nowhere = folder.path().to_string_lossy().into_owned();
    assert_eq!(checked(Some(&nowhere)), (0, true));
    assert_eq!(checked(None), (1, false));
}

#[cfg(target_os = "linux")]
#[test]
fn two_deliveries_do_not_fill_one_folder_at_once() {
    let folder = Sounds::new();
    folder.wav("song.wav", &mix(5.0, 44_100, 2), 44_100, Format::Int24);
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let other = std::fs::File::open(folder.path().join("out")).unwrap();
    other.lock().unwrap();
    let args = ["deliver", "song.wav", "--for", "cd", "-o", "out"];
    let (code, _, err) = run(&folder, &args);
    assert!(
        code == 2 && err.contains("another automaster works in this folder") && folder.names() == ["out", "song.wav"],
        "{err}"
    );
    assert!(files(&folder.path().join("out")).is_empty());
    drop(other);
    assert_eq!(run(&folder, &args).0, 0);
}

/// All files under a folder by their path in it, and their bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    found
}
