//! Discs of masters with unusual names, texts and lengths.

use super::tests::{delivered, master_in};
use crate::audio::format::Container;
use crate::error::exit;
use lofty::tag::{ItemKey, Tag, TagType};

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
