//! Deliveries into a folder that an earlier one has filled.

use super::shelf::Shelf;
use super::tests::{delivered, master_in, with_progress};
use super::{Delivered, deliver};
use crate::audio::format::Container;
use crate::error::exit;
use crate::job::Song;
use crate::target::delivery::profile_named;
use tempfile::TempDir;

/// A master with the samples of the other one, but not its file.
fn other_master(folder: &TempDir) -> Song {
    let mut song = master_in(folder, Container::Wav, 2, None);
    song.path = folder.path().join("other.wav");
    std::fs::write(&song.path, b"another file").unwrap();
    song
}

#[test]
fn places_of_another_master_are_told_apart_and_nobodys_file_is_replaced() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (song, other) = (master_in(&folder, Container::Wav, 2, None), other_master(&elsewhere));
    let out = folder.path().join("out");
    let page = || std::fs::read_to_string(out.join("DELIVERY.md")).unwrap();
    delivered(&song, &["vinyl"], &out).unwrap();
    assert!(!page().contains("**Made of"), "{}", page());
    let made = delivered(&other, &["cd"], &out).unwrap();
    let masters: Vec<&str> = made.places.iter().map(|place| place.master.as_str()).collect();
    assert_eq!(masters, ["other.wav", "song.wav"]);
    assert!(page().contains("## Vinyl\n\n**Made of song.wav, not of other.wav.**\n"), "{}", page());
    assert_eq!(page().matches("**Made of").count(), 1);

    // The folder is a delivery's, but the name is not.
    let mine = out.join("vinyl/other.vinyl.wav");
    std::fs::write(&mine, b"mine").unwrap();
    let error = delivered(&other, &["vinyl"], &out).unwrap_err();
    assert!(error.to_string().contains("exists already") && error.exit_code() == exit::USAGE, "{error}");
    assert_eq!(std::fs::read(&mine).unwrap(), b"mine");
    let vinyl = profile_named("vinyl").unwrap();
    let made: Delivered = with_progress(|progress| deliver(&other, &[vinyl], &out, true, progress)).unwrap();
    assert_ne!(std::fs::read(&mine).unwrap(), b"mine");
    let left: Vec<&str> = made.places[0].left.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(left, ["vinyl/song.vinyl.wav"]);
    assert!(page().contains("no part of this one: vinyl/song.vinyl.wav."), "{}", page());
    assert!(out.join("vinyl/song.vinyl.wav").is_file(), "nothing is deleted");
}

#[test]
fn what_an_earlier_delivery_made_is_known_after_another_one_was_stopped() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (song, other) = (master_in(&folder, Container::Wav, 2, None), other_master(&elsewhere));
    let out = folder.path().join("out");
    delivered(&song, &["vinyl"], &out).unwrap();
    let mut shelf = Shelf::open(&out, &other, false).unwrap();
    shelf.begin(profile_named("vinyl").unwrap()).unwrap();
    drop(shelf);
    let made = delivered(&song, &["vinyl"], &out).unwrap();
    assert!(made.places[0].complete && made.places[0].left.is_empty(), "{:?}", made.places[0]);
}

#[test]
fn somebodys_page_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let song = master_in(&folder, Container::Wav, 2, None);
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("DELIVERY.md"), b"mine").unwrap();
    let error = delivered(&song, &["vinyl"], &out).unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1, "nothing was done");
}
