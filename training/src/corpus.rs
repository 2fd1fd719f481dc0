//! The records of the corpus: one row of `training/corpus.tsv` each, or two stems of one folder added up.

use crate::sound::Sound;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A record: what is known of it and where its files lie.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Package and file name: unique, and fit for a folder name.
    pub(crate) name: String,
    /// The package it comes from.
    pub(crate) package: String,
    /// Artist as the corpus names it, or empty.
    pub(crate) artist: String,
    /// Genre as the corpus names it.
    pub(crate) genre: String,
    /// Duration in seconds.
    pub(crate) seconds: f64,
    /// Loudness of an excerpt, in LUFS.
    pub(crate) lufs_excerpt: f64,
    /// Files that add up to the record.
    files: Vec<PathBuf>,
}

impl Record {
    /// Its artist, or its package where nobody is named; see [`artist_or_package`].
    pub(crate) fn group(&self) -> String {
        artist_or_package(&self.artist, &self.package, &self.name)
    }

    /// Decodes the record.
    pub(crate) fn decode(&self) -> Result<Sound> {
        let mut stems = self.files.iter().map(|file| Sound::decode(file));
        let mut sum = stems.next().context("a record has a file")??;
        for stem in stems {
            sum.add(&stem?);
        }
        Ok(sum)
    }
}

/// People that the corpus has under several names, or under none: a part of a name, of an address or of a file's name in small letters, and
/// what they are called here.
const KNOWN_AS: [(&str, &str); 7] = [
    ("elysis", "elysis"),
    ("klaus halfmann", "Klaus Halfmann"),
    ("crystan", "Crystan"),
    ("zhay", "Zhaytee"),
    ("vanethian", "Vanethian"),
    ("van_mission", "Vanethian"),
    ("van-mission", "Vanethian"),
];

/// Who may not teach about whom: the artist, under one name; the package where nobody is named.
pub(crate) fn artist_or_package(artist: &str, package: &str, file: &str) -> String {
    let (artist_in_small, file) = (artist.to_lowercase(), file.to_lowercase());
    let known = KNOWN_AS.iter().find(|(part, _)| artist_in_small.contains(part) || file.contains(part));
    match known {
        Some((_, name)) => (*name).to_owned(),
        None if artist.is_empty() || artist == "<Unknown>" => format!("package {package}"),
        None => artist.to_owned(),
    }
}

/// Reads the records of a split whose files lie under `folder` (`scripts/fetch-corpus.sh` puts them there), in the
/// table's order. Errors: no table, a missing column, not a single file there.
pub(crate) fn read(table: &Path, folder: &Path, split: &str) -> Result<Vec<Record>> {
    let text = std::fs::read_to_string(table).with_context(|| format!("cannot read {}", table.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().context("the corpus table is empty")?.split('\t').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).with_context(|| format!("no column {name}"));
    let [at_split, at_package, at_path, at_stem] = ["split", "package", "path", "stem"].map(column);
    let [at_artist, at_genre, at_seconds, at_lufs] = ["artist", "genre", "seconds", "lufs_excerpt"].map(column);
    let (at_split, at_package, at_path, at_stem) = (at_split?, at_package?, at_path?, at_stem?);
    let (at_artist, at_genre, at_seconds, at_lufs) = (at_artist?, at_genre?, at_seconds?, at_lufs?);

    let mut records: Vec<Record> = Vec::new();
    let mut of_folder: BTreeMap<String, usize> = BTreeMap::new();
    for fields in lines.map(|line| line.split('\t').collect::<Vec<_>>()) {
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        let file = folder.join(field(at_package)).join(field(at_path));
        if field(at_split) != split || !file.is_file() {
            continue;
        }
        let is_stem = !field(at_stem).is_empty();
        let parent = file.parent().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(index) = of_folder.get(&parent).filter(|_| is_stem) {
            records[*index].files.push(file);
            continue;
        }
        let title = if is_stem { file.parent().and_then(Path::file_name) } else { file.file_stem() };
        let title = title.unwrap_or_default().to_string_lossy();
        if is_stem {
            of_folder.insert(parent, records.len());
        }
        records.push(Record {
            name: format!("{}-{title}", field(at_package)).replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
            package: field(at_package).into(),
            artist: field(at_artist).into(),
            genre: field(at_genre).into(),
            seconds: field(at_seconds).parse().unwrap_or_default(),
            lufs_excerpt: field(at_lufs).parse().unwrap_or(f64::NEG_INFINITY),
            files: vec![file],
        });
    }
    if records.is_empty() {
        bail!("no music of split {split} under {}: run scripts/fetch-corpus.sh {split}", folder.display());
    }
    Ok(records)
}

#[cfg(test)]
impl Record {
    /// A record without files.
    pub(crate) fn fake(name: &str, package: &str, genre: &str, seconds: f64, lufs_excerpt: f64) -> Self {
        let [name, package, genre] = [name, package, genre].map(String::from);
        Self { name, package, artist: String::new(), genre, seconds, lufs_excerpt, files: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_under_several_names_is_one() {
        let of = |artist: &str, file: &str| artist_or_package(artist, "songs", file);
        for name in ["elysis", "Gerd (elysis) Raudenbusch", "www.elysis.de"] {
            assert_eq!(of(name, "a.ogg"), "elysis");
        }
        let crystan = [of("\"Christian \"\"Crystan\"\" Hoffmann\"", "a.ogg"), of("www.indiedb.com/members/crystan", "b.ogg")];
        assert_eq!([&crystan[0], &crystan[1], &of("", "music/Crystan-Credits.ogg")], ["Crystan"; 3]);
        assert_eq!(of("Klaus Halfmann", ""), of("Klaus Halfmann aka Hasi50", ""));
        assert_eq!(of("Manuel 'Vanethian' Marino", ""), of("", "music/van_mission3.ogg"));
        assert_eq!(of("Joseph G. Toscano (Zhaytee)", ""), of("http://zhaymusic.com/", ""));
        assert_eq!(
            (of("", "a.ogg"), of("<Unknown>", "b.ogg"), of("Somebody", "")),
            ("package songs".into(), "package songs".into(), "Somebody".into())
        );
    }
}
