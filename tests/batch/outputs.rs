//! What a row may replace, where it cannot write, and what its line tells of it.

use super::*;

/// A share's masters are its own, whatever an older line of another file says of the same row.
#[test]
fn what_any_share_has_made_is_this_manifests_to_replace() {
    let folder = folder(1);
    let text = folder.text("m.jsonl");
    for (loudness, shard) in [(-16, "0/1"), (-17, "0/2"), (-18, "0/2")] {
        folder.write("m.jsonl", text.replace("\"ref\"", &format!("\"loudness\": {loudness}, \"ref\"")).as_bytes());
        let end = run(&folder, &["m.jsonl", "--json", "--shard", shard]);
        assert_eq!(statuses(&end), ["done"], "{loudness}: {}", err(&end));
    }
    assert_eq!(lines(&folder.text("m.results.jsonl")).len(), 1);
    assert_eq!(statuses(&run(&folder, &["m.jsonl", "--json"])), ["skipped"]);
    // Of what a share has made, a report alone is left.
    std::fs::remove_file(folder.path().join("out/1.flac")).unwrap();
    let end = run(&folder, &["m.jsonl", "--json"]);
    assert_eq!(statuses(&end), ["done"], "{}", err(&end));
}

#[test]
fn an_output_that_cannot_be_written_fails_its_row_as_it_does_a_single_master() {
    let folder = folder(1);
    folder.write("file", b"x");
    let row = |id: &str, output: &str, report: &str| {
        let files = "\"mix\": \"in/1.wav\", \"ref\": \"in/ref.wav\"";
        format!("{{\"id\": \"{id}\", {files}, \"output\": \"{output}\", \"report\": \"{report}\"}}\n")
    };
    folder.write("m.jsonl", (row("a", "file/a.flac", "none") + &row("b", "out/b.flac", "file/new/b.md")).as_bytes());
    let end = run(&folder, &["m.jsonl", "--json"]);
    assert_eq!(statuses(&end), ["failed", "failed"]);
    for line in lines(&String::from_utf8_lossy(&end.stdout)) {
        assert_eq!(line["code"], 2, "{line}");
        assert!(line["message"].as_str().unwrap().contains("cannot write here"), "{line}");
    }
    assert!(tree(&folder.path().join("out")).is_empty());
    let one = Command::new(env!("CARGO_BIN_EXE_automaster"))
        .current_dir(folder.path())
        .args(["in/1.wav", "--ref", "in/ref.wav", "-o", "file/a.flac", "--no-report", "--quiet"])
        .output()
        .unwrap();
    assert_eq!(one.status.code(), Some(2), "{}", err(&one));
}

/// `--overwrite` is for what lies there, never for what a master is made from.
#[cfg(unix)]
#[test]
fn a_mix_is_not_overwritten_through_a_linked_folder() {
    let folder = folder(1);
    std::os::unix::fs::symlink("in", folder.path().join("masters")).unwrap();
    let mix = folder.bytes("in/1.wav");
    let end = run(&folder, &["in/1.wav", "--ref", "in/ref.wav", "-o", "masters/{stem}.wav", "--no-report", "--overwrite"]);
    assert_eq!(end.status.code(), Some(2), "{}", err(&end));
    assert!(err(&end).contains("in/1.wav is read, and written by row 1"), "{}", err(&end));
    assert!(folder.bytes("in/1.wav") == mix);
}

#[test]
fn what_is_worth_a_word_about_a_row_is_in_its_line() {
    let folder = folder(1);
    folder.wav("in/mono.wav", &mix(0.9, 44_100, 1), 44_100, Format::Int16);
    // Its header leaves the length open, as of a file that was streamed.
    let mut open = folder.bytes("in/1.wav");
    let data = open.windows(4).position(|bytes| bytes == b"data").unwrap();
    open[4..8].fill(0xff);
    open[data + 4..data + 8].fill(0xff);
    folder.write("in/open.wav", &open);
    let row = |mix: &str, more: &str| {
        let files = "\"ref\": \"in/ref.wav\", \"output\": \"out/\", \"report\": \"none\"";
        format!("{{\"mix\": \"in/{mix}\", {files}{more}}}\n")
    };
    let set = ", \"set\": {\"stereo.high_width_percent\": 150, \"stereo.balance_db\": 1}";
    folder.write("m.jsonl", (row("mono.wav", set) + &row("open.wav", "") + &row("1.wav", set)).as_bytes());
    let end = run(&folder, &["m.jsonl", "--json"]);
    assert_eq!(statuses(&end), ["done", "done", "done"], "{}", err(&end));
    let mut told = lines(&folder.text("m.results.jsonl"));
    told.sort_by_key(|line| line["row"].as_u64());
    let idle = "in/mono.wav: one channel has no image; stereo.high_width_percent, stereo.balance_db do nothing";
    let open = "in/open.wav: the header does not tell the length; the file was read to its end";
    assert_eq!((&told[0]["notes"], &told[1]["notes"]), (&serde_json::json!([idle]), &serde_json::json!([open])));
    assert!(told[2].get("notes").is_none(), "{}", told[2]);
    assert!(err(&end).contains(&format!("row 1 (in/mono.wav): {idle}")), "{}", err(&end));
}

/// A loudness that is asked for and not reached, as a single master tells it.
#[test]
fn a_loudness_that_was_conceded_is_in_the_rows_line_and_in_the_summary() {
    let folder = folder(1);
    let row = |id: &str, lufs: f64| {
        format!(
            "{{\"id\": \"{id}\", \"mix\": \"in/1.wav\", \"ref\": \"in/ref.wav\", \"loudness\": {lufs}, \"output\": \"out/{id}.wav\", \"report\": \"none\"}}\n"
        )
    };
    folder.write("m.jsonl", (row("loud", -3.0) + &row("soft", -24.0)).as_bytes());
    let end = run(&folder, &["m.jsonl", "--json"]);
    assert_eq!(statuses(&end), ["done", "done"], "{}", err(&end));
    let mut told = lines(&folder.text("m.results.jsonl"));
    told.sort_by_key(|line| line["row"].as_u64());
    let note = told[0]["notes"][0].as_str().unwrap_or_default().to_owned();
    assert!(note.starts_with("out/loud.wav: loudness -") && note.contains("instead of -3.0 LUFS: "), "{}", told[0]);
    assert!(told[1].get("notes").is_none(), "{}", told[1]);
    assert!(err(&end).contains(&note), "{}", err(&end));
    let summary = String::from_utf8_lossy(&run(&folder, &["summary", "m.results.jsonl"]).stdout).into_owned();
    assert!(summary.contains("Notes: 1.") && summary.contains("instead of -3.0 LUFS"), "{summary}");
}

/// A disk that was away for a while does not leave rows in the results as failed whose masters are there.
#[test]
fn a_row_that_failed_in_between_is_done_once_it_is_found_unchanged() {
    let folder = folder(1);
    let (mix, away) = (folder.path().join("in/1.wav"), folder.path().join("away.wav"));
    let summary = || String::from_utf8_lossy(&run(&folder, &["summary", "m.results.jsonl"]).stdout).into_owned();
    assert_eq!(statuses(&run(&folder, &["m.jsonl", "--json"])), ["done"]);
    std::fs::rename(&mix, &away).unwrap();
    assert_eq!(statuses(&run(&folder, &["m.jsonl", "--json"])), ["failed"]);
    assert!(summary().contains("Done: 0. Failed: 1."), "{}", summary());
    std::fs::rename(&away, &mix).unwrap();
    for _ in 0..2 {
        assert_eq!(statuses(&run(&folder, &["m.jsonl", "--json"])), ["skipped"]);
        assert!(summary().contains("Done: 1. Failed: 0."), "{}", summary());
    }
    assert_eq!(lines(&folder.text("m.results.jsonl")).len(), 3);
}
