//! Which records of the train split are learned from.

use super::{corpus_folder, root};
use crate::corpus::{self, Record};
use crate::rng::Rng;
use anyhow::{Result, ensure};
use clap::Args;
use std::collections::BTreeMap;

/// Shorter records give no section.
const SHORTEST_S: f64 = 25.0;
/// Quieter records were hardly mastered.
const QUIETEST_LUFS: f64 = -28.0;

/// Chooses records.
#[derive(Clone, Debug, Args)]
pub(super) struct Selection {
    /// Most records of one artist (or of one package, where the artist is unknown).
    #[arg(long, default_value_t = 24)]
    per_artist: usize,
    /// Only so many records, for a short look.
    #[arg(long)]
    records: Option<usize>,
    /// Records at a time.
    #[arg(long, default_value_t = 2)]
    pub(super) jobs: usize,
}

impl Selection {
    /// The records, in an order drawn by seed. Errors: no corpus, or nothing in it is fit.
    pub(super) fn records(&self, seed: u64) -> Result<Vec<Record>> {
        let corpus = corpus::read(&root()?.join("training/corpus.tsv"), &corpus_folder()?, "train")?;
        let mut records = capped(corpus, seed, self.per_artist);
        records.truncate(self.records.unwrap_or(usize::MAX));
        ensure!(!records.is_empty(), "the train split is empty");
        Ok(records)
    }
}

/// Music that was mastered, long enough, no more than `per_artist` of one group, chosen by seed.
fn capped(corpus: Vec<Record>, seed: u64, per_artist: usize) -> Vec<Record> {
    let mut chosen: Vec<Record> =
        corpus.into_iter().filter(|r| r.seconds >= SHORTEST_S && r.lufs_excerpt >= QUIETEST_LUFS).collect();
    Rng::named(seed, "records").shuffle(&mut chosen);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    chosen.retain(|record| {
        let count = counts.entry(record.group()).or_default();
        *count += 1;
        *count <= per_artist
    });
    chosen
}
