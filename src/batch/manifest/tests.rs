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

/// A thing has several names; the row's own word goes before the defaults', whichever name either has taken.
#[test]
fn a_jobs_word_goes_before_a_default_of_another_name() {
    let job = |defaults: &str, own: &str| {
        let toml = format!("[defaults]\n{defaults}\n[[job]]\nmix = 'a.wav'\n{own}\n");
        read_text("m.toml", &toml).unwrap_or_else(|error| panic!("{toml}: {error}")).remove(0)
    };
    for (other, own) in [
        ("loudness_lufs = -9", "loudness = -14"),
        ("ceiling_dbtp = -3", "ceiling = -2"),
        ("amount_percent = 90", "amount = 50"),
        ("tone_amount_percent = 90", "tone_amount = 50"),
        ("sample_rate_hz = 96000", "rate = 48000"),
        ("references = 'y.flac'", "ref = 'x.flac'"),
        ("settings = 'limiter.release_ms=90'", "set = 'limiter.release_ms=80'"),
        ("place = 'spotify'", "for = 'cd'"),
        ("reports = 'y.json'", "report = 'x.json'"),
        ("profile = 'warm'", "genre = 'rock'"),
        ("genre = 'rock'", "profile = 'warm'"),
    ] {
        let expected = job("", own);
        assert_eq!(job(other, own), expected, "{other} and {own}");
        assert_ne!(job(other, ""), expected, "{other}");
    }
    let (other, own) = (job("loudness = -9", "loudness_lufs = -14"), job("", "loudness = -14"));
    assert_eq!(other, own);
}

#[test]
fn fixed_settings_of_a_row_replace_only_their_own() {
    let toml = "[defaults]\nset = { 'limiter.release_ms' = 90, 'limiter.lookahead_ms' = 3 }\n\
                [[job]]\nmix = 'a.wav'\nset = 'limiter.release_ms=80'\n[[job]]\nmix = 'b.wav'\n";
    let jobs = read_text("m.toml", toml).unwrap();
    let fixed = |job: &Job| {
        let mut fixed = job.order.fixed.clone();
        fixed.sort_by(|a, b| a.0.cmp(&b.0));
        fixed
    };
    let (lookahead, release) = ("limiter.lookahead_ms".to_owned(), "limiter.release_ms".to_owned());
    assert_eq!(fixed(&jobs[0]), [(lookahead.clone(), 3.0), (release.clone(), 80.0)]);
    assert_eq!(fixed(&jobs[1]), [(lookahead, 3.0), (release, 90.0)]);
}

#[test]
fn two_names_of_one_thing_in_one_row_are_refused() {
    for (name, text, words) in [
        ("m.jsonl", "{\"mix\": \"a.wav\", \"loudness\": -9, \"loudness_lufs\": -14}", "row 1: loudness and loudness_lufs say"),
        ("m.jsonl", "{\"mix\": \"a.wav\", \"report\": \"none\", \"reports\": \"x.md\"}", "row 1: report and reports say"),
        ("m.csv", "mix,ref,references\na.wav,x.wav,y.wav\n", "row 1: ref and references say"),
        ("m.csv", "mix,rate,rate\na.wav,48000,96000\n", "row 1: rate and rate say"),
        ("m.toml", "[defaults]\nrate = 48000\nrate_hz = 96000\n[[job]]\nmix = 'a.wav'\n", "[defaults]: rate and rate_hz say"),
        ("m.toml", "[defaults]\ngenre = 'rock'\nprofile = 'x'\n[[job]]\nmix = 'a.wav'\n", "[defaults]: a profile stands instead"),
    ] {
        let error = read_text(name, text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
    // An empty cell says nothing.
    assert!(read_text("m.csv", "mix,rate,rate_hz\na.wav,48000,\nb.wav,,96000\n").is_ok());
}

#[test]
fn what_a_row_reads_beside_its_references_is_not_written() {
    for row in [
        "{\"mix\": \"a.wav\", \"instructions\": \"n.md\", \"report\": \"./n.md\"}",
        "{\"mix\": \"a.wav\", \"ref\": \"in/../x.wav\", \"output\": \"x.wav\"}",
    ] {
        let error = read_text("m.jsonl", row).unwrap_err();
        assert!(error.contains("is read, and written by row 1"), "{row}: {error}");
    }
}

#[cfg(unix)]
#[test]
fn an_output_that_is_an_input_is_seen_through_links() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("in")).unwrap();
    for name in ["in/a.wav", "in/b.wav"] {
        std::fs::write(at(name), name).unwrap();
    }
    std::os::unix::fs::symlink("in", at("masters")).unwrap();
    std::os::unix::fs::symlink("in/a.wav", at("link.wav")).unwrap();
    std::fs::hard_link(at("in/b.wav"), at("hard.wav")).unwrap();
    let error = |rows: &str| {
        std::fs::write(at("m.jsonl"), rows).unwrap();
        read(&[at("m.jsonl")], &Defaults::default()).map(drop).map_err(|error| error.to_string())
    };
    let row = |mix: &str, output: &str| format!("{{\"mix\": \"{mix}\", \"output\": \"{output}\", \"report\": \"none\"}}\n");
    for (mix, output, words) in [
        ("in/a.wav", "masters/a.wav", "in/a.wav is read, and written by row 1"),
        ("link.wav", "in/a.wav", "link.wav is read, and written by row 1"),
        ("in/b.wav", "hard.wav", "hard.wav is the same file as in/b.wav, which row 1 reads"),
    ] {
        let error = error(&row(mix, output)).unwrap_err();
        assert!(error.contains(words), "{mix}, {output}: {error}");
    }
    let rows = row("in/a.wav", "in/new/x.wav") + &row("in/b.wav", "masters/new/x.wav");
    assert!(error(&rows).unwrap_err().contains("written by row 1 too"));
    assert_eq!(error(&row("in/a.wav", "masters/x.wav")), Ok(()));
}

/// As spreadsheets write it where numbers have a decimal comma; and as a table that was copied.
#[test]
fn cells_may_stand_between_semicolons_and_tabs() {
    let expected = read_text("m.csv", "mix,id,loudness\na.wav,one,-11\nb.wav,two,\n").unwrap();
    assert_eq!(read_text("m.csv", "mix;id;loudness\na.wav;one;-11\nb.wav;two;\n").unwrap(), expected);
    assert_eq!(read_text("m.csv", "\u{feff}mix\tid\tloudness\r\na.wav\tone\t-11\r\nb.wav\ttwo\t\r\n").unwrap(), expected);
    // Names by commas stay so, whatever the cells hold.
    let jobs = read_text("m.csv", "mix,ref\na.wav,x.flac;y.flac\n").unwrap();
    assert_eq!(jobs[0].order.references.len(), 2);
}

#[test]
fn the_names_are_told_to_who_took_another_and_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.jsonl");
    let told = |row: &str| {
        std::fs::write(&path, row).unwrap();
        let error = read(std::slice::from_ref(&path), &Defaults::default()).unwrap_err();
        (error.to_string(), error.hint().unwrap_or_default().to_owned())
    };
    let (error, hint) = told("{\"mix\": \"a.wav\", \"outpt\": \"b.wav\"}");
    assert!(error.contains("there is no outpt; did you mean 'output'?") && hint.contains("loudness, ceiling"), "{error} {hint}");
    let (error, hint) = told("{\"mix\": \"a.wav\", \"nonsense\": 1}");
    assert!(error.ends_with("there is no nonsense") && hint.contains("loudness, ceiling"), "{error} {hint}");
    assert!(told("{\"id\": \"x\"}").1.contains("a row has mix"));
    let (error, hint) = told("{\"mix\": \"a.wav\", \"loudness_lufs\": -90, \"reports\": \"none\"}");
    assert!(error.contains("from -40 to -3") && !hint.contains("ceiling"), "{error} {hint}");
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
