//! Signals at random moments, by seed.

use crate::bench::{JOB, Place, Row, files, said, whole};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often each kind is tried: `AUTOMASTER_KILLS` in all.
fn times() -> usize {
    let all = std::env::var("AUTOMASTER_KILLS").map_or(16, |text| text.parse().expect("a whole number"));
    usize::div_ceil(all, 4)
}

/// A number from 0 to 1 by seed (splitmix64).
fn share(seed: usize) -> f64 {
    let mut x = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Runs a job and sends it the signal after `wait`. Returns its exit code (none: killed) and what it said.
fn disturbed(place: &Place, args: &[&str], signal: &str, wait: Duration) -> (Option<i32>, Option<i32>, String) {
    let child = place.command(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(wait);
    // It may have ended already: then there is nobody to hear, and its number is still its own until it is waited for.
    let _ = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).stderr(Stdio::null()).status();
    let output = child.wait_with_output().unwrap();
    let text = said(&output);
    (output.status.code(), output.status.signal(), text)
}

/// A moment anywhere in a job, a little beyond its end.
fn moment(seed: usize) -> Duration {
    whole().takes.mul_f64(1.1 * share(seed))
}

/// A signal that asks to end: the job ends in order, with 130, and takes everything temporary away.
fn asked(fault: &'static str, signal: &str, number: i32) -> Row {
    let (mut ended, mut early) = (0, 0);
    for seed in 0..times() {
        let place = Place::new();
        let (code, by, text) = disturbed(&place, &JOB, signal, moment(seed * 2 + number as usize));
        let names = place.nothing_left();
        match (code, by) {
            (Some(0), _) => assert_eq!(names.len(), 4, "{text}"),
            (Some(130), _) => {
                assert!(text.contains("interrupted") && names.is_empty(), "{text} {names:?}");
                ended += 1;
            }
            // Before the program listens to signals it has written nothing.
            (None, Some(by)) if by == number => {
                assert!(names.is_empty());
                early += 1;
            }
            other => panic!("{other:?}: {text}"),
        }
    }
    let outcome = format!("{ended} times exit 130, {early} times ended while starting, else done; nothing lost, nothing left");
    Row { fault, tried: times(), outcome }
}

/// Ctrl-C.
pub(crate) fn interrupted() -> Row {
    asked("SIGINT at a random moment", "INT", 2)
}

/// What a system sends when it shuts down.
pub(crate) fn terminated() -> Row {
    asked("SIGTERM at a random moment", "TERM", 15)
}

/// A signal that nobody can answer: what it leaves hidden is cleared by the next job that writes there.
pub(crate) fn killed() -> Row {
    let (mut dead, mut hidden) = (0, 0);
    for seed in 0..times() {
        let place = Place::new();
        let (code, _, text) = disturbed(&place, &JOB, "KILL", moment(1_000 + seed));
        let names = place.nothing_lost();
        assert!(matches!(code, None | Some(0)), "{code:?}: {text}");
        dead += usize::from(code.is_none());
        let left = files(&place.out()).len() > names.len();
        hidden += usize::from(left);
        // The next job is not disturbed by what is left, and takes it away.
        for name in &names {
            std::fs::remove_file(place.out().join(name)).unwrap();
        }
        if left || seed % 8 == 0 {
            crate::bench::succeed(&place.run(&JOB));
            assert_eq!(place.nothing_left().len(), 4);
        }
    }
    let outcome = format!(
        "{dead} times killed; nothing lost; {hidden} times a hidden temporary file was left, which the next job took away"
    );
    Row { fault: "SIGKILL at a random moment", tried: times(), outcome }
}

/// The same where a master is to be replaced: there is the old one or the new one, whole.
pub(crate) fn killed_while_overwriting() -> Row {
    let (mut old, mut new) = (0, 0);
    for seed in 0..times() {
        let place = Place::new();
        let target = place.out().join("master.wav");
        std::fs::write(&target, b"the old master").unwrap();
        let args = [&JOB[..], &["--overwrite"]].concat();
        let (code, _, text) = disturbed(&place, &args, "KILL", moment(2_000 + seed));
        assert!(matches!(code, None | Some(0)), "{code:?}: {text}");
        if std::fs::read(&target).unwrap() == b"the old master" {
            std::fs::remove_file(&target).unwrap();
            old += 1;
        } else {
            new += 1;
        }
        place.nothing_lost();
    }
    let outcome = format!("{old} times the old master, {new} times the new one, always whole");
    Row { fault: "SIGKILL while a master is replaced", tried: times(), outcome }
}
