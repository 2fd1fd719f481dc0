//! `automaster-faults`: plants faults of known kind and strength into music, and counts what `automaster check` finds.
//!
//! `record ─ prepare (known to be without the fault) ─┬ check ─▶ false alarms`
//! `                                                 └ plant ─ check ─▶ recall`
//!
//! Records are released masters in lossy files: they have some of the faults. Preparing takes out what would be rightly found:
//! offset and imbalance are removed, sides that cancel turned down, the edges faded and given room, the peak lowered, the treble above the encoder's cut filled
//! with noise that follows the music's level. What cannot be taken out (a limiter) is told apart.

mod base;
mod plant;

use crate::corpus;
use crate::rng::Rng;
use crate::work::each;
use anyhow::{Context, Result};
use automaster::check::{Check, RULES, check_samples};
use base::prepare;
use clap::Parser;
use plant::{FAULTS, Fault};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Plants faults and counts what is found.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Split of the corpus.
    #[arg(long, default_value = "dev")]
    split: String,
    /// Seconds taken from the middle of each record.
    #[arg(long, default_value_t = 40.0)]
    span_s: f64,
    /// Records at most, spread over the split.
    #[arg(long, default_value_t = 60)]
    records: usize,
    /// Only faults whose rule is one of these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Threads.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Corpus folder.
    #[arg(long, default_value = ".cache/corpus")]
    corpus: PathBuf,
    /// Corpus table.
    #[arg(long, default_value = "training/corpus.tsv")]
    table: PathBuf,
    /// Markdown file to write.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// What one record gave.
struct Heard {
    name: String,
    /// Codes found without planting.
    alarms: Vec<&'static str>,
    /// Whether each fault at each strength was found.
    found: Vec<Vec<bool>>,
}

/// Runs the program. Errors: no corpus, no ffmpeg, a file that cannot be written.
pub fn run() -> Result<()> {
    let args = Arguments::parse();
    let all = corpus::read(&args.table, &args.corpus, &args.split)?;
    let all: Vec<_> = all.into_iter().filter(|record| record.seconds >= 25.0).collect();
    let step = all.len().div_ceil(args.records.max(1)).max(1);
    let records: Vec<_> = all.iter().step_by(step).collect();
    let faults: Vec<&Fault> =
        FAULTS.iter().filter(|fault| args.only.is_empty() || args.only.iter().any(|code| code == fault.code)).collect();
    let heard = each(args.jobs, records.len(), &|at, (): &mut ()| {
        let record = records[at];
        let base = prepare(&record.decode()?.middle(args.span_s), &mut Rng::named(1, &record.name));
        let alarms = codes(&check(&base)?);
        let mut found = Vec::new();
        for fault in &faults {
            let mut hits = Vec::new();
            for strength in fault.strengths {
                let mut rng = Rng::named(2, &format!("{}{}{strength}", record.name, fault.code));
                let planted = (fault.plant)(&base, *strength, &mut rng);
                hits.push(hit(&check_at(&planted.channels, planted.rate_hz)?, fault.code, &planted.times_s));
            }
            found.push(hits);
        }
        Ok(Heard { name: record.name.clone(), alarms, found })
    })?;
    let page = page(&args, &faults, &heard);
    print(&page)?;
    if let Some(out) = &args.out {
        std::fs::write(out, &page).with_context(|| format!("cannot write {}", out.display()))?;
    }
    Ok(())
}

fn print(text: &str) -> Result<()> {
    use std::io::Write;
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn check(channels: &[Vec<f32>]) -> Result<Check> {
    check_at(channels, crate::sound::SAMPLE_RATE_HZ)
}

fn check_at(channels: &[Vec<f32>], rate_hz: u32) -> Result<Check> {
    Ok(check_samples(Path::new("planted.wav"), channels, rate_hz, Some(24))?)
}

fn codes(check: &Check) -> Vec<&'static str> {
    let mut codes: Vec<_> = check.findings.iter().map(|finding| finding.code).collect();
    codes.dedup();
    codes
}

/// Found at all; and where the fault has times, at one of them at least half.
fn hit(check: &Check, code: &str, times_s: &[f64]) -> bool {
    let spans: Vec<_> = check.findings.iter().filter(|f| f.code == code).flat_map(|f| &f.spans).collect();
    let near = |t: &&f64| spans.iter().any(|span| span.from_s - 0.1 < **t && span.to_s + 0.1 > **t);
    check.findings.iter().any(|f| f.code == code) && 2 * times_s.iter().filter(near).count() >= times_s.len()
}

/// Rules that fire rightly on released masters: no truth can be had of them from this corpus.
const UNKNOWN: [&str; 1] = ["limited"];

fn page(args: &Arguments, faults: &[&Fault], heard: &[Heard]) -> String {
    let records = heard.len();
    let mut out = format!(
        "# What the mix check finds\n\nMade by `automaster-faults --split {}`: {records} records, {} s of each.\n\n\
         Recall is the share of records in which the planted fault is found (where it has times: at its times). The documented \
         strength is the first of each row.\n\n| rule | fault | strengths | recall |\n|---|---|---|---|\n",
        args.split, args.span_s
    );
    for (index, fault) in faults.iter().enumerate() {
        let recall = |s: usize| heard.iter().filter(|h| h.found[index][s]).count() as f64 / records as f64;
        let recalls: Vec<String> = (0..fault.strengths.len()).map(|s| format!("{:.2}", recall(s))).collect();
        let strengths: Vec<String> = fault.strengths.iter().map(|s| format!("{s}")).collect();
        let _ = writeln!(out, "| `{}` | {} | {} | {} |", fault.code, fault.what, strengths.join(", "), recalls.join(", "));
    }
    let mut alarms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    heard.iter().for_each(|h| h.alarms.iter().for_each(|code| alarms.entry(code).or_default().push(&h.name)));
    let _ =
        writeln!(out, "\n## Alarms without a planted fault\n\n| rule | records | of {records} | which |\n|---|---:|---:|---|");
    for rule in &RULES {
        let which = alarms.get(rule.code).map_or(&[][..], Vec::as_slice);
        let share = 100.0 * which.len() as f64 / records as f64;
        let note =
            if UNKNOWN.contains(&rule.code) { "these masters were limited: no truth".to_owned() } else { which.join(", ") };
        let _ = writeln!(out, "| `{}` | {} | {share:.0} % | {note} |", rule.code, which.len());
    }
    let any = |h: &&Heard| h.alarms.iter().any(|code| !UNKNOWN.contains(code));
    let with = heard.iter().filter(any).count();
    let _ = writeln!(
        out,
        "\n{with} of {records} records ({:.0} %) raise any alarm but `limited`.",
        100.0 * with as f64 / records as f64
    );
    out
}
