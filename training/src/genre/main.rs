//! `automaster-genre`: fits the genre model on the train split and judges it on what it was not fitted on.

mod listen;
mod rows;

use anyhow::{Context, Result};
use clap::Parser;
use std::path::{Path, PathBuf};

/// Fits the genre model on labelled train rows and judges it.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Corpus folder [default: $AUTOMASTER_CORPUS or .cache/corpus].
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// What the network said of every piece; made where it does not exist.
    #[arg(long, default_value = ".cache/genre/heard.json")]
    heard: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // Paths are relative to the repository, wherever the program is called from.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("training/ has a parent")?;
    let corpus = arguments.corpus.or_else(|| std::env::var_os("AUTOMASTER_CORPUS").map(PathBuf::from));
    let rows = rows::read(&root.join("training/corpus.tsv"), &corpus.unwrap_or_else(|| root.join(".cache/corpus")))?;
    let pieces = listen::pieces(rows, &root.join(arguments.heard))?;
    println!("{}", pieces.len());
    Ok(())
}
