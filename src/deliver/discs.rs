//! Discs of masters with unusual names, texts, codes and lengths.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

use super::tests::{delivered, master_in};
use crate::audio::format::Container;
use crate::error::exit;
use lofty::tag::{ItemKey, Tag, TagType};
use std::process::Command;

#[cfg(not(windows))]
#[test]
fn a_name_with_quotes_is_the_same_in_the_folder_and_in_the_sheets() {
    let folder = tempfile::tempdir().unwrap();
    let mut song = master_in(&folder, Container::Wav, 2, None);
    let named = folder.path().join("Song (12\" Mix).wav");
    std::fs::rename(&song.path, &named).unwrap();
    song.path = named;
    let out = folder.path().join("out");
    delivered(&song, &["cd"], &out).unwrap();
    let at = |ending: &str| out.join(format!("cd/Song (12_ Mix).{ending}"));
    assert!(at("wav").is_file());
    let [cue, toc] = ["cue", "toc"].map(|ending| std::fs::read_to_string(at(ending)).unwrap());
    assert!(cue.contains("FILE \"Song (12_ Mix).wav\" WAVE") && cue.contains("TITLE \"Song (12' Mix)\""), "{cue}");
    assert!(toc.contains("FILE \"Song (12_ Mix).wav\" 00:00:00"), "{toc}");
}

#[test]
fn texts_that_do_not_fit_are_told_and_music_that_no_disc_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut tag = Tag::new(TagType::VorbisComments);
    tag.insert_text(ItemKey::TrackTitle, "x".repeat(4000));
    let mut song = master_in(&folder, Container::Flac, 2, Some(&tag));
    let out = folder.path().join("out");
    let made = delivered(&song, &["cd"], &out).unwrap();
    let notes = made.places[0].notes.join("\n");
    assert!(notes.contains("The DDP set has no CD-Text"), "{notes}");
    assert!(!out.join("cd/ddp/CDTEXT.BIN").exists() && out.join("cd/ddp/PQDESCR").is_file());
    // As if it lasted for 100 minutes.
    song.analysis.frames = 100 * 60 * u64::from(song.info.sample_rate_hz);
    let long = folder.path().join("long");
    let error = delivered(&song, &["cd"], &long).unwrap_err();
    assert!(error.exit_code() == exit::INPUT && error.to_string().contains("two discs"), "{error}");
    assert!(!long.join("cd/song.wav").exists(), "it was refused before any work");
}

#[test]
fn the_codes_of_the_tags_are_on_the_disc() {
    let folder = tempfile::tempdir().unwrap();
    let mut tag = Tag::new(TagType::VorbisComments);
    tag.insert_text(ItemKey::Isrc, "gb-aaa-26-00001".into());
    tag.insert_text(ItemKey::Barcode, "036000291452".into());
    let song = master_in(&folder, Container::Flac, 2, Some(&tag));
    let out = folder.path().join("out");
    let made = delivered(&song, &["cd"], &out).unwrap();
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let [cue, toc, pq] = ["cd/song.cue", "cd/song.toc", "cd/ddp/PQDESCR"].map(read);
    assert!(cue.starts_with("CATALOG 0036000291452\n") && cue.contains("    ISRC GBAAA2600001\n"), "{cue}");
    assert!(toc.contains("CATALOG \"0036000291452\"") && toc.contains("ISRC \"GBAAA2600001\""), "{toc}");
    assert!(pq.contains("0036000291452") && pq.contains("GBAAA2600001"), "{pq}");
    // Nobody is named, which is told, and the sheets have no empty lines.
    let notes = made.places[0].notes.join("\n");
    assert!(notes.contains("no artist: its CD-Text names none") && notes.contains("called \"song\", as its file is"), "{notes}");
    assert!(!notes.contains("left out") && !cue.contains("PERFORMER") && cue.contains("TITLE \"song\""), "{notes} {cue}");
    let Ok(output) = Command::new("cdrdao").args(["show-toc", "song.cue"]).current_dir(out.join("cd")).output() else {
        eprintln!("SKIPPED: cdrdao is not on this machine");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("GB AAA 26 00001"), "{text}");
}

#[test]
fn codes_that_are_none_are_left_out_aloud() {
    let folder = tempfile::tempdir().unwrap();
    let mut tag = Tag::new(TagType::VorbisComments);
    tag.insert_text(ItemKey::TrackArtist, "An Artist".into());
    tag.insert_text(ItemKey::Isrc, "GBAAA26".into());
    tag.insert_text(ItemKey::Barcode, "036000291453".into());
    let song = master_in(&folder, Container::Flac, 2, Some(&tag));
    let out = folder.path().join("out");
    let made = delivered(&song, &["cd"], &out).unwrap();
    let cue = std::fs::read_to_string(out.join("cd/song.cue")).unwrap();
    assert!(!cue.contains("ISRC") && !cue.contains("CATALOG") && cue.contains("PERFORMER \"An Artist\""), "{cue}");
    let notes = made.places[0].notes.join("\n");
    assert!(notes.contains("left out of the disc: 'GBAAA26' is no ISRC") && notes.contains("a wrong check digit"), "{notes}");
    assert!(!notes.contains("no artist"), "{notes}");
}
