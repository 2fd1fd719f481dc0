//! The rows of the corpus that say something about genre.

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A piece of music of the corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    /// `train` or `dev`.
    pub(super) split: String,
    /// The package it comes from.
    pub(super) package: String,
    /// The file.
    pub(super) path: PathBuf,
    /// Genre as the corpus names it.
    pub(super) genre: String,
    /// How the genre is known: `doc` and `artist` count as a label, `title` and `inferred` do not.
    pub(super) genre_evidence: String,
    /// Artist, or empty.
    pub(super) artist: String,
    /// Name of the stem; whole pieces have none.
    pub(super) stem: String,
}

impl Row {
    /// Whether somebody who knows says so.
    pub(super) fn is_labelled(&self) -> bool {
        ["doc", "artist"].contains(&self.genre_evidence.as_str())
    }
}

/// Rows of whole pieces whose files lie under `folder`, in the table's order. Errors: no table, a missing column, no music.
pub(super) fn read(table: &Path, folder: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(table).with_context(|| format!("cannot read {}", table.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().context("the corpus table is empty")?.split('\t').collect();
    let row = |line: &str| -> Result<Row> {
        let fields: serde_json::Map<_, _> =
            header.iter().zip(line.split('\t')).map(|(name, field)| ((*name).to_owned(), field.into())).collect();
        let row: Row = serde_json::from_value(fields.into()).with_context(|| format!("row {line}"))?;
        Ok(Row { path: folder.join(&row.package).join(&row.path), ..row })
    };
    let mut rows = lines.map(row).collect::<Result<Vec<_>>>()?;
    rows.retain(|row| row.stem.is_empty() && row.path.is_file());
    if rows.is_empty() {
        bail!("no music under {}: run scripts/fetch-corpus.sh all", folder.display());
    }
    Ok(rows)
}
