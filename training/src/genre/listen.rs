//! What the network says of every piece; kept, since listening takes minutes and fitting takes none.

use super::rows::Row;
use anyhow::{Context, Result};
use automaster::job::{self, Progress};
use automaster::tagger::{Heard, Tagger};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A piece of music and what the network says of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Piece {
    /// Where it comes from and what it is.
    pub(super) row: Row,
    /// What it says, patch by patch.
    pub(super) patches: Vec<Heard>,
}

impl Piece {
    /// Whether somebody who knows has named the genre.
    pub(super) fn is_labelled(&self) -> bool {
        self.row.is_labelled()
    }

    /// What the network says on the mean.
    pub(super) fn heard(&self) -> Heard {
        Heard::mean(&self.patches)
    }
}

/// Listens to all rows, or takes what `kept` holds of an earlier call. Errors: music that cannot be read; the tagger's.
pub(super) fn pieces(rows: Vec<Row>, kept: &Path) -> Result<Vec<Piece>> {
    if let Ok(text) = std::fs::read_to_string(kept) {
        return serde_json::from_str(&text).with_context(|| format!("{}: remove it to listen again", kept.display()));
    }
    let mut tagger = Tagger::load()?;
    let (tell, stop) = (|_, _| {}, AtomicBool::new(false));
    let progress = Progress { tell: &tell, stop: &stop, threads: 1 };
    let mut pieces = Vec::new();
    for row in rows {
        writeln!(std::io::stderr(), "{}", row.path.display())?;
        let mix = match job::load_mix(&row.path, &progress) {
            Ok(mix) => mix,
            // Some pieces are shorter than a loudness window, or silent.
            Err(error) => {
                writeln!(std::io::stderr(), "  left out: {error}")?;
                continue;
            }
        };
        let audio = mix.audio.as_ref().context("a mix keeps its samples")?;
        pieces.push(Piece { row, patches: tagger.listen(audio, &mix.timeline)? });
    }
    std::fs::create_dir_all(kept.parent().context("a file lies in a folder")?)?;
    std::fs::write(kept, serde_json::to_vec(&pieces)?)?;
    Ok(pieces)
}
