//! `automaster-eval`: un-masters corpus records by seed, has each system master them, and prints how close each came.
//!
//! `corpus ─ un-master ─▶ mix ─ system ─▶ master ─ judge(master, mix, reference, truth) ─▶ table`
//!
//! Needs ffmpeg, the corpus (`scripts/fetch-corpus.sh dev`) and, for Matchering and the true-peak meter,
//! `scripts/setup-matchering.sh`.

use crate::cases::{self, Case, Prepared, Suite};
use crate::corpus;
use crate::learn::genre_of;
use crate::metrics;
use crate::own::{self, Goal};
use crate::peak::PeakMeter;
use crate::report::{Evaluation, Row};
use crate::systems::{self, Programs, System};
use crate::work::each;
use anyhow::{Context, Result};
use automaster::job::Engine;
use clap::Parser;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Judges mastering systems on records whose truth is known.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Split of the corpus.
    #[arg(long, default_value = "dev")]
    split: String,
    /// Systems to judge.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "identity,matchering,rules")]
    systems: Vec<System>,
    /// Cases that ask for the record itself.
    #[arg(long, default_value_t = 24)]
    restore: usize,
    /// Cases that ask for another record's sound.
    #[arg(long, default_value_t = 12)]
    transfer: usize,
    /// Cases that ask for the record itself, knowing only its genre.
    #[arg(long, default_value_t = 0)]
    genre: usize,
    /// A short version: so many cases in all, two thirds of them restore.
    #[arg(long, conflicts_with_all = ["restore", "transfer", "genre"])]
    cases: Option<usize>,
    /// Seed of cases and un-mastering.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds taken from the middle of each record.
    #[arg(long, default_value_t = 60.0)]
    span_s: f64,
    /// The automaster program.
    #[arg(long, default_value = "target/release/automaster")]
    automaster: PathBuf,
    /// Further options of the automaster program, for ablations: `--with "--set multiband.bypass=true"`
    #[arg(long, value_delimiter = ' ', allow_hyphen_values = true)]
    with: Vec<String>,
    /// Python with Matchering, scipy and soundfile.
    #[arg(long, default_value = ".cache/venv-matchering/bin/python")]
    python: PathBuf,
    /// Corpus folder [default: $AUTOMASTER_CORPUS or .cache/corpus].
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Folder for mixes and masters.
    #[arg(long, default_value = ".cache/eval")]
    cache: PathBuf,
    /// Folder for results.
    #[arg(long, default_value = "training/results")]
    out: PathBuf,
    /// Name of the results' files, NAME.json and NAME.md [default: the split].
    #[arg(long)]
    name: Option<String>,
    /// Cases at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Keep the masters of automaster.
    #[arg(long)]
    keep: bool,
    /// The folder that `training/fit.py --linear` made, for `regression0`.
    #[arg(long, default_value = ".cache/learn/linear")]
    linear: PathBuf,
    /// MIX REFERENCE OUT: masters by the model without refinement, and does nothing else.
    #[arg(long, hide = true, num_args = 3)]
    unheard: Option<Vec<PathBuf>>,
}

/// Runs the program.
pub fn run() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some([mix, reference, out]) = arguments.unheard.as_deref() {
        return own::master(mix, Goal::Record(reference), &own::rounds(Engine::Learned, 0), out);
    }
    // Paths are relative to the repository, wherever the program is called from.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("training/ has a parent")?;
    let counts = match arguments.cases {
        Some(cases) => [cases - cases / 3, cases / 3, 0],
        None => [arguments.restore, arguments.transfer, arguments.genre],
    };
    let corpus_folder = arguments.corpus.clone().or_else(|| std::env::var_os("AUTOMASTER_CORPUS").map(PathBuf::from));
    let corpus = corpus::read(
        &root.join("training/corpus.tsv"),
        &corpus_folder.unwrap_or_else(|| root.join(".cache/corpus")),
        &arguments.split,
    )?;
    let suite = cases::choose(corpus, arguments.seed, counts)?;
    let bench = Bench {
        programs: Programs {
            automaster: root.join(&arguments.automaster),
            options: arguments.with.clone(),
            linear: root.join(&arguments.linear),
            keep: arguments.keep,
            python: root.join(&arguments.python),
            scripts: root.join("scripts"),
        },
        cache: root.join(&arguments.cache),
        arguments: arguments.clone(),
        suite,
    };
    let evaluation =
        Evaluation { split: arguments.split.clone(), seed: arguments.seed, span_s: arguments.span_s, rows: bench.run()? };
    let out = root.join(&arguments.out);
    std::fs::create_dir_all(&out)?;
    let name = arguments.name.as_deref().unwrap_or(&evaluation.split);
    std::fs::write(out.join(format!("{name}.json")), serde_json::to_vec_pretty(&evaluation)?)?;
    let markdown = evaluation.markdown();
    std::fs::write(out.join(format!("{name}.md")), &markdown)?;
    std::io::stdout().write_all(markdown.as_bytes())?;
    Ok(())
}

/// Everything a worker needs.
struct Bench {
    programs: Programs,
    cache: PathBuf,
    arguments: Arguments,
    suite: Suite,
}

impl Bench {
    /// Works through the cases; rows come in the order of cases and systems, whoever finished first.
    fn run(&self) -> Result<Vec<Row>> {
        let prepared = each(self.arguments.jobs, self.suite.records.len(), &|at, _: &mut ()| {
            cases::prepare(&self.suite.records[at], &self.cache, self.arguments.seed, self.arguments.span_s)
        })?;
        let rows = each(self.arguments.jobs, self.suite.cases.len(), &|at, meter| {
            let case = self.suite.cases[at];
            self.judge(case, &prepared[case.mix], &prepared[case.reference], meter)
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn judge(&self, case: Case, mix: &Prepared, reference: &Prepared, meter: &mut Option<PeakMeter>) -> Result<Vec<Row>> {
        let mix_sound = cases::read(&mix.mix)?;
        let reference_sound = cases::read(&reference.record)?;
        let portrait = metrics::Portrait::of(&reference_sound)?;
        let truth = case.kind.knows_truth().then_some(&reference_sound);
        let names = [case.mix, case.reference].map(|at| self.suite.records[at].name.clone());
        let kind = case.kind.name();
        let genre = genre_of(&self.suite.records[case.mix].genre);
        let folder = mix.mix.parent().context("a mix lies in a folder")?;
        let case_name = format!("{kind}-{}", names[1]);

        let mut rows = Vec::new();
        for system in self.arguments.systems.iter().filter(|system| system.takes(case.kind)) {
            let judged = systems::master(*system, &self.programs, &mix.mix, &reference.record, folder, &case_name, genre)
                .and_then(|master| {
                    let sound = cases::read(&master.path)?;
                    if meter.is_none() && self.programs.python.is_file() {
                        *meter = Some(PeakMeter::start(&self.programs)?);
                    }
                    let true_peak = meter.as_mut().map(|meter| meter.true_peak_dbtp(&master.path)).transpose()?;
                    metrics::judge(&sound, &mix_sound, &portrait, truth, true_peak)
                });
            let (figures, error) = match judged {
                Ok(figures) => (Some(figures), None),
                Err(error) => (None, Some(format!("{error:#}"))),
            };
            let outcome = error.clone().unwrap_or_else(|| "done".into());
            writeln!(std::io::stderr(), "{kind} {} → {}: {}: {outcome}", names[0], names[1], system.name())?;
            let [mix, reference] = names.clone();
            rows.push(Row { kind: case.kind, mix, reference, system: *system, figures, error });
        }
        Ok(rows)
    }
}
