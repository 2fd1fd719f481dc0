//! Disks that are full, read-only or not ours.

use crate::bench::{JOB, Place, Row, fail, is_root, said, skipped, succeeds};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Points at which a disk is full, evenly from nothing to enough.
const FULL_POINTS: u64 = 22;

/// A small file system in memory; unmounted in the end.
struct Mounted(PathBuf);

impl Mounted {
    fn new(at: PathBuf, kib: u64) -> Option<Self> {
        let size = format!("size={kib}k");
        succeeds("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", at.to_str()?]).then_some(Self(at))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// KiB of all that a job writes beside its target.
fn whole_kib() -> u64 {
    crate::bench::whole().outputs.values().map(|bytes| bytes.len() as u64).sum::<u64>() / 1024
}

/// A disk of the output that fills up after any share of what is written.
pub(crate) fn full() -> Row {
    const FAULT: &str = "disk full, in the output's folder";
    let mut kept = 0;
    for point in 0..FULL_POINTS {
        let place = Place::new();
        // One page is the smallest; 0 would mean no limit.
        let Some(_mounted) = Mounted::new(place.out(), 4 + point * (whole_kib() + 64) / FULL_POINTS) else {
            return skipped(FAULT, "a small tmpfs cannot be mounted here");
        };
        let output = place.run(&JOB);
        let names = place.nothing_left();
        let done = names.len() == 4;
        kept += usize::from(names.contains(&"master.wav".to_owned()) && !done);
        if done {
            crate::bench::succeed(&output);
        } else {
            fail(&output, 1, &["No space left", "out/master."]);
        }
    }
    let outcome = format!(
        "exit 1 and the file's name; nothing lost, nothing left ({kept} times the master was whole and a report did not fit)"
    );
    Row { fault: FAULT, tried: FULL_POINTS as usize, outcome }
}

/// A limit on the length of any file: the same without the right to mount.
pub(crate) fn full_file() -> Row {
    const FAULT: &str = "file too large for the system";
    let points = 12;
    for point in 1..=points {
        let place = Place::new();
        // In units of 1024 bytes in bash; the signal that comes with it is ignored, as a full disk sends none.
        let limit = point * whole_kib() / 16;
        let shell = format!("ulimit -f {limit}; trap '' XFSZ; exec \"$0\" \"$@\"");
        let mut command = Command::new("bash");
        command.args(["-c", &shell, env!("CARGO_BIN_EXE_automaster")]).args(JOB).current_dir(place.path());
        let output = command.env("TMPDIR", place.path().join("tmp")).env("NO_COLOR", "1").output().unwrap();
        let names = place.nothing_left();
        if names.len() == 4 { crate::bench::succeed(&output) } else { fail(&output, 1, &["too large"]) }
    }
    Row { fault: FAULT, tried: points as usize, outcome: "exit 1 and the file's name; nothing lost, nothing left".into() }
}

/// A disk of the temporary files that fills up.
pub(crate) fn full_temporary() -> Row {
    const FAULT: &str = "disk full, in the temporary folder";
    let points = 6;
    for point in 0..points {
        let place = Place::new();
        let Some(_mounted) = Mounted::new(place.path().join("tmp"), 4 + point * 120) else {
            return skipped(FAULT, "a small tmpfs cannot be mounted here");
        };
        fail(&place.run(&JOB), 1, &["No space left", "TMPDIR"]);
        assert!(place.nothing_left().is_empty());
    }
    Row { fault: FAULT, tried: points as usize, outcome: "exit 1 and what to do; nothing written, nothing left".into() }
}

/// A folder on a read-only file system.
pub(crate) fn read_only() -> Row {
    const FAULT: &str = "read-only target";
    let place = Place::new();
    let Some(mounted) = Mounted::new(place.out(), 4_096) else {
        return skipped(FAULT, "nothing can be mounted here");
    };
    if !succeeds("mount", &["-o", "remount,ro", mounted.0.to_str().unwrap()]) {
        return skipped(FAULT, "a file system cannot be made read-only here");
    }
    fail(&place.run(&JOB), 2, &["out/master.wav", "cannot be written", "choose another"]);
    fail(&place.run(&["suggest", "mix.wav", "--ref", "ref.wav", "-o", "out/p.toml"]), 2, &["out/p.toml", "cannot be written"]);
    assert!(place.nothing_left().is_empty());
    Row { fault: FAULT, tried: 2, outcome: "exit 2 before any work; nothing written".into() }
}

/// Runs a job as somebody who owns nothing; none where that cannot be.
fn as_nobody(place: &Place, args: &[&str]) -> Option<Output> {
    if !is_root() {
        return Some(place.run(args));
    }
    // The program itself may lie where nobody may look.
    let program = place.path().join("program");
    std::fs::copy(env!("CARGO_BIN_EXE_automaster"), &program).ok()?;
    for folder in [place.path(), &place.path().join("tmp")] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).ok()?;
    }
    let somebody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    if !succeeds("setpriv", &[&somebody[..], &[program.to_str()?, "--version"]].concat()) {
        return None;
    }
    let mut command = Command::new("setpriv");
    command.args(somebody).arg(&program).args(args).current_dir(place.path());
    Some(command.env("TMPDIR", place.path().join("tmp")).env("NO_COLOR", "1").output().unwrap())
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A folder that may be read but not written.
pub(crate) fn no_permission_to_write() -> Row {
    const FAULT: &str = "no permission to write";
    let place = Place::new();
    set_mode(&place.out(), 0o555);
    let Some(output) = as_nobody(&place, &JOB) else { return skipped(FAULT, "no other user can be taken on here") };
    fail(&output, 2, &["out/master.wav", "cannot be written", "allow writing"]);
    assert!(place.nothing_left().is_empty());
    set_mode(&place.out(), 0o755);
    Row { fault: FAULT, tried: 1, outcome: "exit 2 before any work; nothing written".into() }
}

/// A mix and a plan that may not be read.
pub(crate) fn no_permission_to_read() -> Row {
    const FAULT: &str = "no permission to read";
    for name in ["mix.wav", "plan.toml"] {
        let place = Place::new();
        set_mode(&place.out(), 0o777);
        set_mode(&place.path().join(name), 0o000);
        let Some(output) = as_nobody(&place, &JOB) else { return skipped(FAULT, "no other user can be taken on here") };
        set_mode(&place.path().join(name), 0o644);
        fail(&output, 3, &[name, "ermission denied"]);
        assert!(place.nothing_left().is_empty());
    }
    Row { fault: FAULT, tried: 2, outcome: "exit 3 and the file's name; nothing written".into() }
}

/// A temporary folder that is not there.
pub(crate) fn no_temporary_folder() -> Row {
    let place = Place::new();
    let output = place.command(&JOB).env("TMPDIR", place.path().join("nowhere")).output().unwrap();
    fail(&output, 1, &["nowhere", "TMPDIR"]);
    assert!(place.nothing_left().is_empty());
    let output = place.command(&JOB).env("TMPDIR", place.path().join("mix.wav")).output().unwrap();
    fail(&output, 1, &["mix.wav", "TMPDIR"]);
    assert!(place.nothing_left().is_empty());
    Row { fault: "no temporary folder", tried: 2, outcome: "exit 1 and what to do; nothing written".into() }
}

/// A home in which no profile can be kept; nothing else is kept between two jobs, there is no cache.
pub(crate) fn no_home() -> Row {
    let place = Place::new();
    let masters = place.path().join("masters");
    std::fs::create_dir(&masters).unwrap();
    std::fs::copy(place.path().join("ref.wav"), masters.join("ref.wav")).unwrap();
    let home = place.path().join("mix.wav");
    let mut command = place.command(&["learn", "masters", "--name", "mine"]);
    let output = command.env("HOME", &home).env("XDG_CONFIG_HOME", &home).env("XDG_DATA_HOME", &home).output().unwrap();
    assert!(matches!(output.status.code(), Some(1 | 2)), "{}", said(&output));
    assert!(said(&output).contains("mix.wav"), "{}", said(&output));
    place.nothing_left();
    let output = place.command(&JOB).env("HOME", &home).env_remove("XDG_CONFIG_HOME").output().unwrap();
    crate::bench::succeed(&output);
    Row { fault: "no home folder", tried: 2, outcome: "`learn` says where it cannot write; a master needs none".into() }
}
