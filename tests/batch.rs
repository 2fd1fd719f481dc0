//! `automaster batch` from outside: one job a row, whatever happens to the process.

#[path = "batch/outputs.rs"]
mod outputs;
mod sounds;

use automaster::batch;
use automaster::error::exit::UNEXPECTED;
use serde_json::Value;
use sounds::{Format, Sounds, mix, reference};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// How often the process is killed; more by the environment.
const KILLS: &str = "AUTOMASTER_BATCH_KILLS";

/// A folder with `rows` short mixes, a reference and a manifest that masters each to it.
fn folder(rows: usize) -> Sounds {
    let folder = Sounds::new();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    folder.wav("in/ref.wav", &reference(1.5, 44_100), 44_100, Format::Int16);
    let mut manifest = String::new();
    for row in 1..=rows {
        let gain = 1.0 / row as f32;
        let audio: Vec<Vec<f32>> = mix(0.8 + 0.1 * row as f64, 44_100, 2);
        let audio: Vec<Vec<f32>> = audio.into_iter().map(|c| c.into_iter().map(|x| x * gain).collect()).collect();
        folder.wav(&format!("in/{row}.wav"), &audio, 44_100, Format::Int16);
        manifest += &format!(
            "{{\"id\": \"song {row}\", \"mix\": \"in/{row}.wav\", \"ref\": \"in/ref.wav\", \"output\": \"out/{{stem}}.flac\", \"report\": \"out/{{stem}}.json\"}}\n"
        );
    }
    folder.write("m.jsonl", manifest.as_bytes());
    folder
}

fn command(folder: &Sounds, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    command.current_dir(folder.path()).env("NO_COLOR", "1").arg("batch").args(args);
    for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"] {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Sounds, args: &[&str]) -> Output {
    let output = command(folder, args).output().unwrap();
    assert!(!err(&output).contains("panicked"), "{}", err(&output));
    output
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Every file below a folder, with its bytes.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The rows' statuses of a run with `--json`, in the order of the manifest.
fn statuses(output: &Output) -> Vec<String> {
    let mut all = lines(&String::from_utf8_lossy(&output.stdout));
    all.sort_by_key(|line| line["row"].as_u64());
    all.iter().map(|line| line["status"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_row_that_panics_fails_alone() {
    let folder = folder(3);
    let jobs = batch::read(&[folder.path().join("m.jsonl")], &batch::Defaults::default()).unwrap();
    let mine: Vec<&batch::Job> = jobs.iter().collect();
    let results = folder.path().join("m.results.jsonl");
    let journal = batch::Journal::open(&results).unwrap();
    let options = batch::Options { jobs: 2, threads: 2, memory_bytes: None, overwrite: false, verify: false };
    // Whoever listens is called in the row's own thread.
    let tell = |event: batch::Event| assert!(!matches!(event, batch::Event::Began(job) if job.id == "song 2"), "as a bug would");
    let tally = batch::run(&jobs, &mine, &journal, &options, &tell, &AtomicBool::new(false)).unwrap();
    assert_eq!(tally, batch::Tally { done: 2, skipped: 0, failed: 1 });
    let failed: Vec<Value> =
        lines(&folder.text("m.results.jsonl")).into_iter().filter(|line| line["status"] == "failed").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0]["id"].as_str(), failed[0]["code"].as_u64()), (Some("song 2"), Some(u64::from(UNEXPECTED))));
    let made = tree(&folder.path().join("out"));
    assert_eq!(made.keys().map(String::as_str).collect::<Vec<_>>(), ["1.flac", "1.json", "3.flac", "3.json"]);
}

#[test]
fn a_manifest_becomes_masters_reports_and_results_and_a_second_run_does_nothing() {
    let folder = folder(3);
    let first = run(&folder, &["m.jsonl", "--jobs", "2", "--json"]);
    assert_eq!(first.status.code(), Some(0), "{}", err(&first));
    assert_eq!(statuses(&first), ["done", "done", "done"]);
    let made = tree(&folder.path().join("out"));
    assert_eq!(made.keys().map(String::as_str).collect::<Vec<_>>(), ["1.flac", "1.json", "2.flac", "2.json", "3.flac", "3.json"]);
    let results = lines(&folder.text("m.results.jsonl"));
    assert_eq!(results.len(), 3);
    for line in &results {
        let row = line["row"].as_u64().unwrap();
        assert_eq!(
            (&line["rows"], &line["code"], line["id"].as_str()),
            (&3.into(), &0.into(), Some(format!("song {row}").as_str()))
        );
        assert_eq!(line["outputs"][0]["file"], format!("out/{row}.flac"));
        assert!(line["figures"]["true_peak_dbtp"].as_f64().unwrap() <= -0.95 && line["seconds"].as_f64().unwrap() > 0.0);
        let report: Value = serde_json::from_slice(&made[&format!("{row}.json")]).unwrap();
        assert_eq!(report["master"]["file"], format!("out/{row}.flac"), "no report names a temporary file");
        assert_eq!(report["mix"]["file"], format!("in/{row}.wav"));
        assert_eq!(report["master"]["analysis"]["loudness"]["integrated_lufs"], line["figures"]["integrated_lufs"]);
    }
    let second = run(&folder, &["m.jsonl", "--json"]);
    assert_eq!(statuses(&second), ["skipped", "skipped", "skipped"]);
    assert_eq!(lines(&folder.text("m.results.jsonl")).len(), 3);
    assert_eq!(tree(&folder.path().join("out")), made);
    // The same job by the command line has the same bytes.
    let one = Command::new(env!("CARGO_BIN_EXE_automaster"))
        .current_dir(folder.path())
        .args(["in/2.wav", "--ref", "in/ref.wav", "-o", "one.flac", "--no-report", "--quiet"])
        .status()
        .unwrap();
    assert!(one.success());
    assert!(folder.bytes("one.flac") == made["2.flac"], "batch and the command line differ");
}

#[test]
fn only_what_changed_is_done_again_and_what_a_person_changed_is_left() {
    let folder = folder(3);
    assert!(run(&folder, &["m.jsonl"]).status.success());
    // A touched mix is known by its content; a changed one is done again; so is one whose settings changed.
    std::fs::write(folder.path().join("in/1.wav"), folder.bytes("in/1.wav")).unwrap();
    folder.wav("in/2.wav", &mix(1.3, 44_100, 2), 44_100, Format::Int24);
    let text = folder.text("m.jsonl").replace("\"mix\": \"in/3.wav\"", "\"mix\": \"in/3.wav\", \"loudness\": -16");
    folder.write("m.jsonl", text.as_bytes());
    let again = run(&folder, &["m.jsonl", "--json"]);
    assert_eq!(statuses(&again), ["skipped", "done", "done"], "{}", err(&again));
    // A lost master is made again; one that a person has changed is not touched, but by --overwrite.
    std::fs::remove_file(folder.path().join("out/1.flac")).unwrap();
    folder.write("out/2.flac", b"precious");
    let again = run(&folder, &["m.jsonl", "--json"]);
    assert_eq!(again.status.code(), Some(3));
    assert_eq!(statuses(&again), ["done", "failed", "skipped"], "{}", err(&again));
    assert!(err(&again).contains("exists already"), "{}", err(&again));
    assert_eq!(folder.text("out/2.flac"), "precious");
    assert_eq!(statuses(&run(&folder, &["m.jsonl", "--json", "--overwrite"])), ["skipped", "done", "skipped"]);
}

#[test]
fn a_failing_row_is_told_with_its_code_and_the_others_are_done() {
    let folder = folder(2);
    folder.write("in/text.wav", b"Dear engineer, please make it loud.\n");
    let text = folder.text("m.jsonl")
        + "{\"mix\": \"in/text.wav\", \"ref\": \"in/ref.wav\", \"output\": \"out/\"}\n{\"mix\": \"in/none.wav\", \"output\": \"out/\"}\n";
    folder.write("m.jsonl", text.as_bytes());
    let end = run(&folder, &["m.jsonl", "--json", "--jobs", "2"]);
    assert_eq!(end.status.code(), Some(3));
    assert_eq!(statuses(&end), ["done", "done", "failed", "failed"]);
    let failed: Vec<Value> = lines(&folder.text("m.results.jsonl")).into_iter().filter(|l| l["status"] == "failed").collect();
    assert!(failed.iter().all(|line| line["code"] == 3), "{failed:?}");
    assert!(failed.iter().any(|line| line["message"].as_str().unwrap().contains("in/text.wav: not audio")));
    assert!(failed.iter().any(|line| line["message"].as_str().unwrap().contains("in/none.wav: no such file")));
    assert_eq!(tree(&folder.path().join("out")).len(), 4, "nothing is left of failed rows");
    let page = run(&folder, &["summary", "m.results.jsonl"]);
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    assert!(page.contains("Rows: 4. Done: 2. Failed: 2. Missing: 0.") && page.contains("| true_peak_dbtp | 2 | 2 |"), "{page}");
}

#[test]
fn a_manifest_that_cannot_be_is_refused_before_anything_is_done() {
    let folder = folder(1);
    let text = folder.text("m.jsonl") + "{\"mix\": \"in/1.wav\", \"loudness\": \"loud\"}\n";
    folder.write("m.jsonl", text.as_bytes());
    let end = run(&folder, &["m.jsonl"]);
    assert_eq!(end.status.code(), Some(2));
    assert!(err(&end).contains("row 2: loudness: expected LUFS from -40 to -3, not 'loud'"), "{}", err(&end));
    assert!(!folder.path().join("out").exists() && !folder.path().join("m.results.jsonl").exists());
    let nothing = run(&folder, &["*.aiff"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert_eq!(run(&folder, &["m.jsonl", "--shard", "2/2"]).status.code(), Some(2));
    assert_eq!(run(&folder, &["m.jsonl", "--shard", "2"]).status.code(), Some(2), "no scheduler's variable");
}

/// Shards and processes that know nothing of each other make the same bytes, each row once.
#[test]
fn shards_and_rival_processes_make_each_row_once_and_the_same_bytes() {
    let whole = folder(5);
    assert!(run(&whole, &["m.jsonl", "--jobs", "1", "--threads", "1"]).status.success());
    let expected = tree(&whole.path().join("out"));

    let shared = folder(5);
    let start = |args: &[&str], index: Option<&str>| {
        let mut command = command(&shared, args);
        if let Some(index) = index {
            command.env("JOB_COMPLETION_INDEX", index);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    // Two shares, one of them twice at the same time, and one process that does all: four at once.
    let processes = [
        start(&["m.jsonl", "--shard", "0/2"], None),
        start(&["m.jsonl", "--shard", "2"], Some("1")),
        start(&["m.jsonl", "--shard", "1/2"], None),
        start(&["m.jsonl", "--jobs", "2"], None),
    ];
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", err(&output));
    }
    assert!(tree(&shared.path().join("out")) == expected, "other files or other bytes");
    let mut done = BTreeMap::<u64, usize>::new();
    for name in ["m.results.jsonl", "m.results.0-of-2.jsonl", "m.results.1-of-2.jsonl"] {
        for line in lines(&shared.text(name)) {
            *done.entry(line["row"].as_u64().unwrap()).or_default() += 1;
        }
    }
    assert_eq!(done, (1..=5).map(|row| (row, 1)).collect(), "a row was done twice or never");
    let summary = run(&shared, &["summary", "m.results.jsonl", "m.results.0-of-2.jsonl", "m.results.1-of-2.jsonl", "--json"]);
    let summary: Value = serde_json::from_slice(&summary.stdout).unwrap();
    assert_eq!((&summary["done"], &summary["missing"]), (&5.into(), &0.into()));
}

/// Whenever a process is killed: what was done is not done again, nothing is lost, nothing is left.
#[test]
fn a_killed_run_is_taken_up_where_it_was() {
    let kills: usize = std::env::var(KILLS).map_or(4, |text| text.parse().expect("a number of kills"));
    let whole = folder(4);
    let begun = Instant::now();
    assert!(run(&whole, &["m.jsonl", "--jobs", "2"]).status.success());
    let takes = begun.elapsed();
    let expected = tree(&whole.path().join("out"));

    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut struck = 0;
    for kill in 0..kills {
        let folder = folder(4);
        // Twice in one round, at moments spread over the whole run.
        for strike in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let share = (kill as f64 + (state >> 11) as f64 / (1u64 << 53) as f64) / kills as f64;
            let before = tree_or_none(&folder.path().join("out"));
            let results = std::fs::read_to_string(folder.path().join("m.results.jsonl")).unwrap_or_default();
            let mut process =
                command(&folder, &["m.jsonl", "--jobs", "2"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_secs_f64(takes.as_secs_f64() * share / (1.0 + f64::from(strike))));
            struck += usize::from(process.try_wait().unwrap().is_none());
            process.kill().unwrap();
            process.wait().unwrap();
            // What had its name and its line before is as it was, to the time of its last change.
            for line in lines(&results) {
                let file = line["outputs"][0]["file"].as_str().unwrap();
                let name = file.strip_prefix("out/").unwrap();
                assert_eq!(before.get(name), tree_or_none(&folder.path().join("out")).get(name), "{name} was done again");
            }
        }
        let end = run(&folder, &["m.jsonl", "--jobs", "2"]);
        assert!(end.status.success(), "{}", err(&end));
        let made = tree(&folder.path().join("out"));
        assert!(made.keys().eq(expected.keys()), "kill {kill}: {:?} in place of {:?}", made.keys(), expected.keys());
        assert!(made == expected, "kill {kill}: other bytes");
        let names: Vec<String> = folder.names();
        assert_eq!(names, ["in", "m.jsonl", "m.results.jsonl", "out"], "kill {kill}");
        let mut rows: Vec<u64> =
            lines(&folder.text("m.results.jsonl")).iter().map(|line| line["row"].as_u64().unwrap()).collect();
        rows.sort_unstable();
        assert_eq!(rows, [1, 2, 3, 4], "kill {kill}: a row that was done was done again, or one was lost");
    }
    assert!(struck >= kills / 2, "only {struck} of {} strikes hit a running process", 2 * kills);
}

/// A process that dies between a row's line and the end of its work leaves a folder that no later run needs: it goes, and nothing is done
/// again. What another process holds stays.
#[test]
fn what_was_left_of_a_row_that_is_done_goes() {
    let folder = folder(2);
    assert!(run(&folder, &["m.jsonl"]).status.success());
    let out = folder.path().join("out");
    let (before, results) = (tree(&out), folder.text("m.results.jsonl"));
    let master = |line: &Value| line["outputs"][0]["file"].as_str().unwrap().strip_prefix("out/").unwrap().to_owned();
    let masters: Vec<String> = lines(&results).iter().map(master).collect();
    let left = |name: &str, file: &str| out.join(format!(".{name}.making")).join(file);
    for name in &masters {
        std::fs::create_dir(out.join(format!(".{name}.making"))).unwrap();
        for file in ["lock", "receipt.json", "0.wav"] {
            std::fs::write(left(name, file), "").unwrap();
        }
    }
    let held = std::fs::File::open(left(&masters[1], "lock")).unwrap();
    held.lock().unwrap();
    assert!(run(&folder, &["m.jsonl"]).status.success());
    assert!(!out.join(format!(".{}.making", masters[0])).exists());
    assert!(left(&masters[1], "receipt.json").exists(), "held by another");
    drop(held);
    assert!(run(&folder, &["m.jsonl"]).status.success());
    assert!(tree(&out) == before && std::fs::read_dir(&out).unwrap().count() == before.len());
    assert_eq!(folder.text("m.results.jsonl"), results);
}

fn tree_or_none(folder: &Path) -> BTreeMap<String, std::time::SystemTime> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let entry = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().to_string_lossy().into_owned(), entry.metadata().unwrap().modified().unwrap())
    };
    entries.map(entry).collect()
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_in_order_and_leaves_whole_rows_only() {
    let folder = folder(4);
    let process = command(&folder, &["m.jsonl", "--jobs", "1"]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let waited = Instant::now();
    while lines(&std::fs::read_to_string(folder.path().join("m.results.jsonl")).unwrap_or_default()).is_empty() {
        assert!(waited.elapsed() < Duration::from_secs(60), "no row was done in a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
    let told = Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap();
    assert!(told.success());
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", err(&output));
    let rows = lines(&folder.text("m.results.jsonl")).len();
    assert!((1..4).contains(&rows), "{rows} rows");
    let words = format!("m.results.jsonl keeps what is finished ({rows} done, 0 unchanged, 0 failed, of 4 rows)");
    assert!(err(&output).contains(&words) && !err(&output).contains("nothing was written"), "{}", err(&output));
    assert_eq!(tree(&folder.path().join("out")).len(), 2 * rows, "half a row is left");
}

#[test]
fn names_and_patterns_are_rows_too() {
    let folder = folder(2);
    let args = ["in/[12].wav", "--ref", "in/ref.wav", "-o", "{row}-{stem}.wav", "--no-report", "--loudness", "-14", "--quiet"];
    let end = run(&folder, &args);
    assert!(end.status.success(), "{}", err(&end));
    assert_eq!(folder.names(), ["1-1.wav", "2-2.wav", "batch.results.jsonl", "in", "m.jsonl"]);
    let results = lines(&folder.text("batch.results.jsonl"));
    assert!(results.iter().all(|line| (line["figures"]["integrated_lufs"].as_f64().unwrap() + 14.0).abs() < 0.11), "{results:?}");
}
