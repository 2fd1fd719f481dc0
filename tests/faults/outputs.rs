//! Outputs that are inputs, and names that two want.

use crate::bench::{JOB, Place, Row, fail, said, succeed, whole};
use std::process::Stdio;

/// An output that is the mix or the plan: by its name, another spelling, a symbolic link, a hard link, a link to its folder.
pub(crate) fn is_an_input() -> Row {
    let place = Place::new();
    let at = |name: &str| place.path().join(name);
    std::os::unix::fs::symlink(at("mix.wav"), at("symbolic.wav")).unwrap();
    std::fs::hard_link(at("mix.wav"), at("hard.wav")).unwrap();
    std::os::unix::fs::symlink(place.path(), at("folder")).unwrap();
    let names = ["mix.wav", "./mix.wav", "out/../mix.wav", "symbolic.wav", "hard.wav", "folder/mix.wav"];
    for name in names {
        let args = ["render", "mix.wav", "--plan", "plan.toml", "-o", name, "--overwrite", "--no-report"];
        fail(&place.run(&args), 2, &[name, "is read and would be written", "choose another name"]);
        let args = ["mix.wav", "--ref", "ref.wav", "-o", name, "--overwrite", "--no-report"];
        fail(&place.run(&args), 2, &[name, "is read and would be written"]);
        assert!(place.nothing_left().is_empty());
    }
    // The other way round: the mix is given by a link to what is written.
    fail(&place.run(&["render", "hard.wav", "--plan", "plan.toml", "-o", "mix.wav", "--overwrite"]), 2, &["mix.wav", "is read"]);
    place.nothing_left();
    Row {
        fault: "output is an input",
        tried: 2 * names.len() + 1,
        outcome: "exit 2 before any work, through links too; the input is untouched".into(),
    }
}

/// Two programs that write to one name at once: one master, and the other program says so.
pub(crate) fn two_programs() -> Row {
    let times = 3;
    for _ in 0..times {
        let place = Place::new();
        let start = || place.command(&JOB).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let outputs = [start(), start()].map(|child| child.wait_with_output().unwrap());
        let mut codes = outputs.each_ref().map(|output| output.status.code());
        codes.sort();
        assert_eq!(codes, [Some(0), Some(2)], "{} {}", said(&outputs[0]), said(&outputs[1]));
        let second = outputs.iter().find(|output| output.status.code() == Some(2)).unwrap();
        fail(second, 2, &["out/master.wav", "exists already"]);
        assert_eq!(place.nothing_left().len(), 4);
    }
    Row {
        fault: "two programs write to one name",
        tried: times,
        outcome: "one whole master; the other ends with exit 2 and `exists already`".into(),
    }
}

/// A name that is taken between the look at it and the end of the job: of the master, and of a report.
pub(crate) fn taken_meanwhile() -> Row {
    for name in ["master.wav", "master.report.html"] {
        let place = Place::new();
        let child = place.command(&JOB).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(whole().takes.mul_f64(0.4));
        let theirs = place.out().join(name);
        std::fs::write(&theirs, b"somebody's").unwrap();
        let output = child.wait_with_output().unwrap();
        if output.status.code() == Some(0) {
            // This machine was faster than the somebody: then it is the somebody who has replaced it.
            succeed(&output);
        } else {
            fail(&output, 2, &[name]);
        }
        assert_eq!(std::fs::read(&theirs).unwrap(), b"somebody's", "{name} was somebody's");
        std::fs::remove_file(&theirs).unwrap();
        place.nothing_left();
    }
    Row { fault: "name is taken while a job runs", tried: 2, outcome: "exit 2; what is there stays".into() }
}
