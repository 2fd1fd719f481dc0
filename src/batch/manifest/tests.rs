//! Three languages, one meaning; and every fault is told before anything is done.

use super::*;

fn read_text(name: &str, text: &str) -> Result<Vec<Job>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let jobs = read(&[path], &Defaults::default()).map_err(|error| error.to_string())?;
    Ok(jobs.into_iter().map(|job| Job { base: PathBuf::new(), ..job }).collect())
}

#[test]
fn three_kinds_of_manifest_say_the_same() {
    let jsonl = r#"
{"id": "one", "mix": "a.wav", "ref": ["r.flac:2"], "loudness": -9, "output": "out/{row}-{stem}.flac", "report": ["out/{id}.json"]}
{"id": "two", "mix": "s3://m/b.wav", "genre": "rock", "output": "s3://m/{stem}.master.flac", "report": "none"}
"#;
    let csv = "id, mix, ref, genre, loudness, output, report\n\
               one, a.wav, r.flac:2, , -9, out/{row}-{stem}.flac, out/{id}.json\n\
               two, s3://m/b.wav, , rock, , s3://m/{stem}.master.flac, none\n";
    let toml = "[[job]]\nid = 'one'\nmix = 'a.wav'\nref = [{ file = 'r.flac', weight = 2 }]\nloudness_lufs = -9\n\
                output = 'out/{row}-{stem}.flac'\nreport = 'out/{id}.json'\n\
                [[job]]\nid = 'two'\nmix = 's3://m/b.wav'\ngenre = 'rock'\noutput = 's3://m/{stem}.master.flac'\nreport = false\n";
    let jobs = read_text("m.jsonl", jsonl).unwrap();
    assert_eq!(jobs[0].destination.master, Path::new("out/1-a.flac"));
    assert_eq!(jobs[0].destination.reports[0].0, Path::new("out/one.json"));
    assert_eq!(jobs[1].destination.files(), [Path::new("s3://m/b.master.flac")]);
    assert_eq!(read_text("m.csv", csv).unwrap(), jobs);
    assert_eq!(read_text("m.toml", toml).unwrap(), jobs);
}

#[test]
fn a_tables_defaults_hold_where_a_job_says_nothing() {
    let toml = "[defaults]\nfor = 'spotify'\nreport = 'none'\n[[job]]\nmix = 'a.wav'\n[[job]]\nmix = 'b.wav'\nfor = 'cd'\n";
    let jobs = read_text("m.toml", toml).unwrap();
    assert_eq!(jobs.iter().map(|job| job.order.place.unwrap().name.as_str()).collect::<Vec<_>>(), ["spotify", "cd"]);
    assert_eq!(jobs[0].destination.files(), [Path::new("a.master.wav")]);
}

#[test]
fn every_fault_is_told_before_anything_is_done() {
    for (rows, words) in [
        ("{\"mix\": \"a.wav\", \"loudnes\": -9}", "row 1: there is no loudnes"),
        ("{\"mix\": \"a.wav\"}\n{\"mix\": \"a.wav\", \"output\": \"b.wav\"}", "row 2: row 1 is called 'a.wav' too"),
        (
            "{\"mix\": \"a/x.wav\", \"output\": \"x.flac\"}\n{\"mix\": \"b/x.wav\", \"output\": \"./x.flac\"}",
            "written by row 1 too",
        ),
        ("{\"mix\": \"a.wav\", \"output\": \"b.wav\"}\n{\"mix\": \"b.wav\"}", "row 2: "),
        ("{\"mix\": \"a.wav\", \"output\": \"a.mp3\"}", "not written as .mp3"),
        ("{\"mix\": \"a.wav\", \"output\": \"a.flac\", \"bits\": \"32f\"}", "FLAC holds 16 or 24"),
        ("{\"mix\": \"a.wav\", \"genre\": \"rock\", \"profile\": \"mine\"}", "instead of genres"),
        ("{\"mix\": \"ftp://a/b.wav\"}", "nothing is read from ftp://"),
        ("{\"id\": \"x\"}", "no mix"),
        ("[1]", "line 1"),
        ("", "no row"),
    ] {
        let error = read_text("m.jsonl", rows).unwrap_err();
        assert!(error.contains(words), "{rows}: {error}");
    }
    assert!(read(&["nowhere/*.wav".into()], &Defaults::default()).unwrap_err().to_string().contains("no such file"));
    assert!(read_text("m.csv", "mix\na.wav,b.wav\n").is_err());
}

#[test]
fn paths_of_rows_begin_from_the_manifest_and_those_of_the_command_line_from_here() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.jsonl");
    std::fs::write(&path, "{\"mix\": \"in/a.wav\", \"instructions\": \"n.txt\"}").unwrap();
    let named = Named { output: Some("out/".into()), reports: None };
    let order = Order { references: vec![("r.wav".into(), 1.0)], ..Order::default() };
    let jobs = read(&[path], &Defaults { order, named }).unwrap();
    let here = std::env::current_dir().unwrap();
    assert_eq!((jobs[0].mix.as_path(), jobs[0].at(&jobs[0].mix)), (Path::new("in/a.wav"), folder.path().join("in/a.wav")));
    assert_eq!(jobs[0].order.instructions, Some(folder.path().join("n.txt")));
    assert_eq!(jobs[0].destination.master, here.join("out/a.master.wav"));
    assert_eq!(jobs[0].order.references, [(here.join("r.wav"), 1.0)]);
    assert_eq!(jobs[0].at(Path::new("s3://m/a.wav")), Path::new("s3://m/a.wav"));
}

#[test]
fn a_pattern_does_not_find_what_it_made() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.wav", "a.master.wav", "b.wav", "other.master.wav"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let jobs = read(&[folder.path().join("*.wav")], &Defaults::default()).unwrap();
    let names: Vec<_> = jobs.iter().map(|job| (job.row, job.mix.file_name().unwrap().to_str().unwrap())).collect();
    assert_eq!(names, [(1, "a.wav"), (2, "b.wav"), (3, "other.master.wav")]);
}
