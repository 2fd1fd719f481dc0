//! Inputs that change, vanish or are no files.

use crate::bench::{JOB, Place, Row, fail, said, succeed, whole};
use std::fs::File;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

/// Tries of what depends on the moment.
const TIMES: usize = 6;

/// Does something to the mix while it is read, at several moments; what comes out is told by code and words.
fn meanwhile(change: impl Fn(&Place)) -> Vec<(Option<i32>, String, Place)> {
    (0..TIMES)
        .map(|index| {
            let place = Place::new();
            let child = place.command(&JOB).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            std::thread::sleep(whole().takes.mul_f64(0.5 * index as f64 / TIMES as f64));
            change(&place);
            let output = child.wait_with_output().unwrap();
            (output.status.code(), said(&output), place)
        })
        .collect()
}

/// The mix grows while it is read.
pub(crate) fn changed() -> Row {
    let longer = |place: &Place| {
        let mut mix = File::options().append(true).open(place.path().join("mix.wav")).unwrap();
        mix.write_all(b"more").unwrap();
    };
    let mut told = 0;
    for (code, text, place) in meanwhile(longer) {
        // As the bytes were when it was read, or not at all.
        match code {
            Some(0) => {}
            Some(3) => {
                assert!(text.contains("changed while it was read"), "{text}");
                told += 1;
            }
            other => panic!("{other:?}: {text}"),
        }
        let mix = place.path().join("mix.wav");
        let bytes = std::fs::read(&mix).unwrap();
        std::fs::write(&mix, &bytes[..bytes.len() - 4]).unwrap();
        assert_eq!(place.nothing_left().len(), if code == Some(0) { 4 } else { 0 });
    }
    // A moment that is sure to be in the middle is tried on the decoder itself, in tests/classes.
    let outcome = format!("{told} times exit 3 and `changed while it was read`, else it was read before or after; nothing lost");
    Row { fault: "mix is written to while it is read", tried: TIMES, outcome }
}

/// The mix is removed while it is read.
pub(crate) fn removed() -> Row {
    let mut missed = 0;
    for (code, text, place) in
        meanwhile(|place| std::fs::rename(place.path().join("mix.wav"), place.path().join("gone")).unwrap())
    {
        match code {
            Some(0) => {}
            Some(3) => {
                assert!(text.contains("mix.wav: no such file"), "{text}");
                missed += 1;
            }
            other => panic!("{other:?}: {text}"),
        }
        std::fs::rename(place.path().join("gone"), place.path().join("mix.wav")).unwrap();
        assert_eq!(place.nothing_left().len(), if code == Some(0) { 4 } else { 0 });
    }
    let outcome = format!("{missed} times exit 3 and `no such file`, else the whole master of what was open; nothing lost");
    Row { fault: "mix is removed while it is read", tried: TIMES, outcome }
}

/// A mix from a pipe, with and without a name.
pub(crate) fn piped() -> Row {
    let place = Place::new();
    let pipe = place.path().join("pipe.wav");
    assert!(crate::bench::succeeds("mkfifo", &[pipe.to_str().unwrap()]));
    let job = |mix: &str| {
        place.command(&["render", mix, "--plan", "plan.toml", "-o", "out/master.wav"]).stdin(Stdio::piped()).spawn_and_wait()
    };
    for mix in ["pipe.wav", "/dev/stdin", "/dev/zero"] {
        fail(&job(mix), 3, &[mix, "a pipe or a device", "to a file first"]);
        assert!(place.nothing_left().is_empty());
    }
    fail(&place.run(&["analyze", "pipe.wav"]), 3, &["a pipe or a device"]);
    // A file on standard input is a file.
    let mix = File::open(place.path().join("mix.wav")).unwrap();
    let mut command = place.command(&["render", "/dev/stdin", "--plan", "plan.toml", "-o", "out/master.wav", "--no-report"]);
    succeed(&command.stdin(mix).output().unwrap());
    assert_eq!(place.nothing_left(), ["master.wav"]);
    Row {
        fault: "mix from a pipe or a device",
        tried: 5,
        outcome: "exit 3 at once, never a wait; a file as standard input is read".into(),
    }
}

/// A mix that ends early is no mix, but is measured; one whose own checksum does not fit is mastered; both are told.
pub(crate) fn damaged() -> Row {
    let place = Place::new();
    let at = |name: &str| place.path().join(name);
    let whole = std::fs::read(at("mix.wav")).unwrap();
    std::fs::write(at("cut.wav"), &whole[..whole.len() * 2 / 3]).unwrap();
    for args in
        [&["cut.wav", "--ref", "ref.wav"][..], &["render", "cut.wav", "--plan", "plan.toml"], &["mix.wav", "--ref", "cut.wav"]]
    {
        fail(&place.run(args), 3, &["cut.wav", "truncated at 1.000 s of 1.500 s"]);
    }
    for args in [
        &["analyze", "cut.wav", "--json", "--keep-truncated"][..],
        &["compare", "cut.wav", "mix.wav", "--json", "--keep-truncated"],
    ] {
        let output = place.run(args);
        succeed(&output);
        assert!(said(&output).contains("warning: cut.wav: the file ends at 1.000 s of 1.500 s"), "{}", said(&output));
        assert!(String::from_utf8_lossy(&output.stdout).contains("\"code\": \"truncated\""));
    }
    // The master as a FLAC file, with one bit of its MD5 turned over.
    succeed(&place.run(&["render", "mix.wav", "--plan", "plan.toml", "-o", "whole.flac", "--no-report"]));
    let mut flac = std::fs::read(at("whole.flac")).unwrap();
    flac[26] ^= 1;
    std::fs::write(at("wrong.flac"), flac).unwrap();
    let output = place.run(&["wrong.flac", "--ref", "ref.wav", "-o", "new.wav", "--report", "new.json"]);
    succeed(&output);
    assert!(said(&output).contains("warning: wrong.flac: the samples are not those that were encoded"), "{}", said(&output));
    assert!(std::fs::read_to_string(at("new.json")).unwrap().contains("\"code\": \"checksum_wrong\""));
    place.nothing_left();
    let outcome =
        "truncated: exit 3, `analyze --keep-truncated` measures what is there and warns; wrong checksum: a warning".into();
    Row { fault: "mix is truncated, or not what its checksum says", tried: 6, outcome }
}

/// Runs with an open standard input, and does not wait for ever.
trait SpawnAndWait {
    fn spawn_and_wait(&mut self) -> std::process::Output;
}

impl SpawnAndWait for std::process::Command {
    fn spawn_and_wait(&mut self) -> std::process::Output {
        let mut child = self.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        for _ in 0..600 {
            if child.try_wait().unwrap().is_some() {
                drop(input);
                return child.wait_with_output().unwrap();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        child.kill().unwrap();
        panic!("it waits for ever");
    }
}
