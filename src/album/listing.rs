//! The mixes in a folder, in the order of their names.

use super::record::made_in;
use std::io;
use std::path::{Path, PathBuf};

/// What names of sound files end with: everything that is read (docs/formats.md).
const ENDINGS: [&str; 19] = [
    "wav", "wave", "bwf", "rf64", "bw64", "w64", "aif", "aiff", "aifc", "flac", "ogg", "oga", "opus", "mka", "m4a", "mp4", "aac",
    "caf", "mp3",
];

/// The sound files of a folder, numbers counted, without those that an album has put there. Errors: it cannot be read.
pub(super) fn mixes(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let ours = made_in(folder);
    let is_ours = |path: &Path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| ours.contains(name));
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_sound(path) && !is_ours(path)).collect();
    files.sort_by_key(|file| natural(&file.file_name().unwrap_or_default().to_string_lossy()));
    Ok(files)
}

fn is_sound(path: &Path) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    path.is_file() && !hidden && ENDINGS.contains(&ending.as_str())
}

/// A key that sorts `2 b` before `10 a`: runs of digits count as numbers.
fn natural(name: &str) -> Vec<(u64, String)> {
    let mut key = vec![(0, String::new())];
    let mut digits = String::new();
    for c in name.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            key.push((digits.parse().unwrap_or(u64::MAX), String::new()));
            digits.clear();
        }
        if let Some((_, text)) = key.last_mut() {
            text.extend(c.to_lowercase());
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::super::record::Record;
    use super::*;

    #[test]
    fn names_sort_as_people_count() {
        let mut names = vec!["10 z.wav", "2 b.wav", "1 a.wav", "B.wav", "a.wav"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["1 a.wav", "2 b.wav", "10 z.wav", "a.wav", "B.wav"]);
    }

    #[test]
    fn every_kind_of_sound_file_is_listed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = ENDINGS.iter().enumerate().map(|(n, ending)| format!("{n} a.{ending}")).collect();
        for name in names.iter().map(String::as_str).chain(["20 LOUD.WAV", ".hidden.wav", "cover.png", "album.txt", "wav"]) {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        std::fs::create_dir(folder.path().join("folder.wav")).unwrap();
        let listed = mixes(folder.path()).unwrap();
        let listed: Vec<String> = listed.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
        assert_eq!(listed[..names.len()], names);
        assert_eq!(listed[names.len()..], ["20 LOUD.WAV"]);
        for ending in ["w64", "mka", "wave", "aifc", "mp4", "bwf", "rf64"] {
            assert!(listed.iter().any(|name| name.ends_with(&format!(".{ending}"))), "{ending}");
        }
        assert!(mixes(&folder.path().join("none")).is_err());
    }

    #[test]
    fn the_masters_of_an_album_in_the_folder_of_its_mixes_are_no_mixes() {
        let folder = tempfile::tempdir().unwrap();
        let named = || -> Vec<String> {
            let files = mixes(folder.path()).unwrap();
            files.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        std::fs::write(folder.path().join("a.wav"), "mix").unwrap();
        let mut record = Record::open(folder.path(), false).unwrap();
        record.text("01 - a.wav", "master").unwrap();
        record.text("02 - b.wav", "master").unwrap();
        drop(record);
        assert_eq!(named(), ["a.wav"]);
        // Under a name that was a master's, somebody has put a mix.
        std::fs::write(folder.path().join("02 - b.wav"), "another mix").unwrap();
        assert_eq!(named(), ["02 - b.wav", "a.wav"]);
    }
}
