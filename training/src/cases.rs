//! The cases: which record is un-mastered, and what its master is aimed at.
//!
//! *Restore*: the mix is an un-mastered record, the reference the record itself, so the truth is known.
//! *Transfer*: the reference is a record of another package and artist, of the same genre where there is one.
//! *Genre*: as restore, but all that is known of the record is its genre.

use crate::corpus::Record;
use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use crate::unmaster::Recipe;
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Shorter records make no case.
const SHORTEST_S: f64 = 60.0;
/// Quieter records were hardly mastered.
const QUIETEST_LUFS: f64 = -23.0;
/// Counted up whenever un-mastering changes, so that no stale file is used.
const VERSION: u32 = 3;

/// What a case asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Give the record back.
    Restore,
    /// Sound like another record.
    Transfer,
    /// Give the record back, knowing only its genre.
    Genre,
}

impl Kind {
    /// As files and tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::Transfer => "transfer",
            Self::Genre => "genre",
        }
    }

    /// Whether the record that was un-mastered is what the master should be.
    pub(crate) fn knows_truth(self) -> bool {
        self != Self::Transfer
    }
}

/// One case, by indices into the chosen records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// What it asks for.
    pub(crate) kind: Kind,
    /// The record that was un-mastered.
    pub(crate) mix: usize,
    /// The record to sound like.
    pub(crate) reference: usize,
}

/// The records and the cases made of them.
pub(crate) struct Suite {
    /// Records in use.
    pub(crate) records: Vec<Record>,
    /// Cases, restore first.
    pub(crate) cases: Vec<Case>,
}

/// Chooses records by seed, one package after the other so that none prevails, and makes cases of them.
/// Errors: the corpus does not hold enough.
pub(crate) fn choose(corpus: Vec<Record>, seed: u64, [restore, transfer, genre]: [usize; 3]) -> Result<Suite> {
    let mut packages: Vec<Vec<Record>> = Vec::new();
    for record in corpus.into_iter().filter(|r| r.seconds >= SHORTEST_S && r.lufs_excerpt >= QUIETEST_LUFS) {
        match packages.iter_mut().find(|package| package[0].package == record.package) {
            Some(package) => package.push(record),
            None => packages.push(vec![record]),
        }
    }
    for package in &mut packages {
        let name = package[0].package.clone();
        Rng::named(seed, &name).shuffle(package);
    }
    let mut records = Vec::new();
    let deepest = packages.iter().map(Vec::len).max().unwrap_or(0);
    for round in 0..deepest {
        records.extend(packages.iter().filter_map(|package| package.get(round)).cloned());
    }
    let needed = restore.max(transfer).max(genre);
    ensure!(records.len() >= needed, "{needed} records are needed, the corpus holds {}", records.len());
    records.truncate(needed);

    let mut cases: Vec<Case> = (0..restore).map(|i| Case { kind: Kind::Restore, mix: i, reference: i }).collect();
    let mut rng = Rng::named(seed, "transfer");
    let mut used = vec![0; records.len()];
    for mix in 0..transfer {
        let reference = reference_for(mix, &records, &used, &mut rng).context("transfer needs records of two packages")?;
        used[reference] += 1;
        cases.push(Case { kind: Kind::Transfer, mix, reference });
    }
    cases.extend((0..genre).map(|i| Case { kind: Kind::Genre, mix: i, reference: i }));
    Ok(Suite { records, cases })
}

/// A record of another package and artist: of the same genre if there is one, the least used so far, by chance among those.
fn reference_for(mix: usize, records: &[Record], used: &[usize], rng: &mut Rng) -> Option<usize> {
    let wanted = &records[mix];
    let foreign = |r: &Record| r.package != wanted.package && r.group() != wanted.group();
    let mut candidates: Vec<usize> = (0..records.len()).filter(|i| foreign(&records[*i])).collect();
    let distance = |i: usize| (records[i].genre != wanted.genre, used[i]);
    let nearest = candidates.iter().map(|i| distance(*i)).min()?;
    candidates.retain(|i| distance(*i) == nearest);
    Some(candidates[rng.index(candidates.len())])
}

/// A record's span and the mix made of it, on disk.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The record's middle, 32-bit float WAV.
    pub(crate) record: PathBuf,
    /// The un-mastered mix, 24-bit WAV.
    pub(crate) mix: PathBuf,
}

/// Makes the files of a record unless they are there; a folder appears only when it is complete.
pub(crate) fn prepare(record: &Record, folder: &Path, seed: u64, span_s: f64) -> Result<Prepared> {
    let folder = folder.join(format!("v{VERSION}-seed{seed}-{span_s}s")).join(&record.name);
    let prepared = Prepared { record: folder.join("record.wav"), mix: folder.join("mix.wav") };
    if folder.is_dir() {
        return Ok(prepared);
    }
    let parent = folder.parent().context("the folder has a parent")?;
    std::fs::create_dir_all(parent)?;
    let work = tempfile::tempdir_in(parent)?;
    let sound = record.decode()?.middle(span_s);
    ensure!(sound.frames() > 10 * SAMPLE_RATE_HZ as usize, "{} is too short", record.name);
    let recipe = Recipe::draw(seed, &record.name);
    // Un-master what the reference file holds, sample by sample.
    sound.write_float(&work.path().join("record.wav"))?;
    recipe.apply(&sound).write_24_bit(&work.path().join("mix.wav"))?;
    std::fs::write(work.path().join("recipe.json"), serde_json::to_vec_pretty(&recipe)?)?;
    std::fs::rename(work.keep(), &folder)?;
    Ok(prepared)
}

/// Reads one of the prepared files or a master.
pub(crate) fn read(path: &Path) -> Result<Sound> {
    Sound::decode(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_spread_over_packages_and_never_refer_to_their_own() {
        let record = |package: &str, n: usize| Record::fake(&format!("{package}-{n}"), package, "rock", 100.0, -12.0);
        let corpus: Vec<Record> = ["a", "b", "c"].iter().flat_map(|p| (0..5).map(|n| record(p, n))).collect();
        let suite = choose(corpus, 1, [6, 6, 6]).unwrap();
        let packages: Vec<&str> = suite.records.iter().map(|r| r.package.as_str()).collect();
        assert_eq!(packages, ["a", "b", "c", "a", "b", "c"]);
        for case in suite.cases {
            let same = suite.records[case.mix].package == suite.records[case.reference].package;
            assert_eq!(same, case.kind.knows_truth());
        }
    }
}
