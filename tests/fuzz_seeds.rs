//! What fuzzers are given and what they have found goes through the same functions in every test run, without a fuzzer: no panic, not
//! even one that is caught; no more time and memory than the bytes warrant. `fuzz/README.md` says how to fuzz.

#![allow(clippy::print_stderr, reason = "every panic is shown, caught or not")]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Panics since the start, caught or not.
static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Time that any bytes may take on a busy machine, and more for each MiB.
const LEAST_TIME: Duration = Duration::from_secs(4);
const TIME_PER_MIB: Duration = Duration::from_secs(2);
/// Memory that any bytes may take, and how many times their number more.
const LEAST_MEMORY_BYTES: u64 = 100 << 20;
const MEMORY_TIMES: u64 = 20;

/// All files below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Runs a target on a file; what is wrong, if anything.
fn fault(name: &str, target: fn(&[u8]), file: &Path) -> Option<String> {
    let bytes = std::fs::read(file).unwrap();
    let (before, began) = (PANICS.load(Ordering::SeqCst), Instant::now());
    let memory = allocation_counter::measure(|| drop(std::panic::catch_unwind(|| target(&bytes))));
    let took = began.elapsed();
    let wrong = |what: String| Some(format!("{name} on {}: {what}", file.display()));
    if PANICS.load(Ordering::SeqCst) > before {
        return wrong("panics".into());
    }
    if took > LEAST_TIME + TIME_PER_MIB.mul_f64(bytes.len() as f64 / f64::from(1 << 20)) {
        return wrong(format!("takes {took:?}"));
    }
    if memory.bytes_max > LEAST_MEMORY_BYTES + MEMORY_TIMES * bytes.len() as u64 {
        return wrong(format!("takes {} bytes of memory", memory.bytes_max));
    }
    None
}

#[test]
fn nothing_that_was_kept_panics_hangs_or_swells() {
    std::panic::set_hook(Box::new(|panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        eprintln!("{panic}");
    }));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut faults, mut tried) = (Vec::new(), 0);
    for (name, target) in targets::TARGETS {
        let kept = ["seeds", "regressions"].map(|kind| files_below(&root.join("fuzz").join(kind).join(name))).concat();
        tried += kept.len();
        faults.extend(kept.iter().filter_map(|file| fault(name, target, file)));
    }
    // The sound files of the tests, which the fuzzers begin with; the first bytes decide on the reader.
    let sounds = files_below(&root.join("tests/data"));
    tried += sounds.len();
    faults.extend(sounds.iter().filter_map(|file| fault("wav", targets::wav, file)));
    drop(std::panic::take_hook());
    assert!(tried > 150, "only {tried} files");
    assert!(faults.is_empty(), "{} of {tried}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_examples_are_understood() {
    let seed = |name: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name)).unwrap();
    let text = |name: &str| String::from_utf8(seed(name)).unwrap();
    automaster::plan::Plan::from_toml(&text("plan/example.toml")).unwrap();
    serde_json::from_slice::<automaster::report::Report>(&seed("report/example.json")).unwrap();
    automaster::target::genre::profile::SoundProfile::from_toml(&text("profile/example.toml")).unwrap();
    assert!(automaster::inference::models_listed(&text("manifest/example.toml")).unwrap() > 1);
    for name in ["mix", "figures", "preview", "words", "goodbye", "save", "plan"] {
        let request = text(&format!("request/{name}"));
        let (path, body) = request.split_once('\n').unwrap();
        automaster::review::understand(path, body.as_bytes()).unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}
