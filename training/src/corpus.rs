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
