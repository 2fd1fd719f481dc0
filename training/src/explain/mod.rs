//! `automaster-explain`: are the reasons true? Proposes for un-mastered records and checks every decision's reason.
//!
//! `case, engine ─ propose ─▶ decisions ─ sums · counterfactuals asked for again · main causes heard in a render ─▶ table`
//!
//! - *Sum*: the parts of a reason add up to the way from neutral to the value, within 1 %.
//! - *Counterfactual*: the group is set on target in the target itself, and the public face proposes again.
//! - *Sign*: the excerpts are rendered with the setting and with the setting moved back by what its main cause moved it; the named group of
//!   figures must move toward the target by the setting (the change's projection on the way to the target is positive).
//!
//! Needs ffmpeg and the corpus (`scripts/fetch-corpus.sh dev`).

mod check;
mod scratch;
mod table;

use crate::cases::{self, Case};
use crate::corpus;
use crate::work::each;
use anyhow::{Context, Result};
use automaster::job::{self, Engine, Progress, Wishes};
use check::Checked;
use clap::Parser;
use serde::Serialize;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Checks the reasons of decisions on records of the corpus.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Split of the corpus.
    #[arg(long, default_value = "dev")]
    split: String,
    /// Cases that ask for the record itself.
    #[arg(long, default_value_t = 24)]
    restore: usize,
    /// Cases that ask for another record's sound.
    #[arg(long, default_value_t = 12)]
    transfer: usize,
    /// Seed of cases and un-mastering.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds taken from the middle of each record.
    #[arg(long, default_value_t = 60.0)]
    span_s: f64,
    /// Corpus folder [default: $AUTOMASTER_CORPUS or .cache/corpus].
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Folder for mixes.
    #[arg(long, default_value = ".cache/eval")]
    cache: PathBuf,
    /// Folder for results.
    #[arg(long, default_value = "training/results")]
    out: PathBuf,
    /// Name of the results' files, NAME.json and NAME.md.
    #[arg(long, default_value = "explain")]
    name: String,
    /// Cases at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
}

/// The decisions of one case by one engine.
#[derive(Clone, Debug, Serialize)]
struct Row {
    kind: cases::Kind,
    mix: String,
    reference: String,
    engine: &'static str,
    decisions: Vec<Checked>,
}

/// Runs the program.
pub fn run() -> Result<()> {
    let arguments = Arguments::parse();
    // Paths are relative to the repository, wherever the program is called from.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("training/ has a parent")?;
    let folder = arguments.corpus.clone().or_else(|| std::env::var_os("AUTOMASTER_CORPUS").map(PathBuf::from));
    let folder = folder.unwrap_or_else(|| root.join(".cache/corpus"));
    let corpus = corpus::read(&root.join("training/corpus.tsv"), &folder, &arguments.split)?;
    let suite = cases::choose(corpus, arguments.seed, [arguments.restore, arguments.transfer, 0])?;
    let cache = root.join(&arguments.cache);
    let prepared = each(arguments.jobs, suite.records.len(), &|at, _: &mut ()| {
        cases::prepare(&suite.records[at], &cache, arguments.seed, arguments.span_s)
    })?;
    let rows = each(arguments.jobs, suite.cases.len(), &|at, _: &mut ()| {
        let Case { kind, mix, reference } = suite.cases[at];
        let names = [mix, reference].map(|at| suite.records[at].name.clone());
        writeln!(std::io::stderr(), "{} {} → {}", kind.name(), names[0], names[1])?;
        let row = |(engine, decisions)| Row { kind, mix: names[0].clone(), reference: names[1].clone(), engine, decisions };
        Ok(check_case(&prepared[mix].mix, &prepared[reference].record)?.into_iter().map(row).collect::<Vec<_>>())
    })?;
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let out = root.join(&arguments.out);
    std::fs::create_dir_all(&out)?;
    std::fs::write(out.join(format!("{}.json", arguments.name)), serde_json::to_vec_pretty(&rows)?)?;
    let about = format!("Split {}, seed {}, {} s of each record.\n", arguments.split, arguments.seed, arguments.span_s);
    let text = about + &table::markdown(&rows);
    std::fs::write(out.join(format!("{}.md", arguments.name)), &text)?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// The decisions of both engines, checked.
fn check_case(mix: &Path, reference: &Path) -> Result<Vec<(&'static str, Vec<Checked>)>> {
    let (tell, stop) = (|_, _| {}, AtomicBool::new(false));
    let progress = Progress { tell: &tell, stop: &stop, threads: 1 };
    let (song, references) = job::listen(mix, &[reference.into()], &progress)?;
    let target = job::aim(references.iter().map(|song| (song, 1.0))).context("a reference gives a target")?;
    let excerpts = check::cut(&song)?;
    let engines = [("rules", Engine::Rules), ("learned", Engine::Learned)];
    let check = |(name, engine)| {
        let wishes = Wishes { engine, ..Wishes::default() };
        Ok((name, check::Job::new(&song, &target, &wishes, &excerpts)?.check()?))
    };
    engines.into_iter().map(check).collect()
}

#[cfg(test)]
mod tests;
