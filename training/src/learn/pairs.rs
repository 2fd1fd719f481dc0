//! Pairs: portraits of un-mastered sections of train records, and of the records as they were mastered.

use super::root;
use super::selection::Selection;
use crate::corpus::Record;
use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use crate::unmaster::Recipe;
use crate::work::each;
use anyhow::Result;
use automaster::analysis::{Analysis, Analyzer};
use automaster::genre::Genre;
use automaster::target::portrait::Portrait;
use clap::Args;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Two sections need this much music.
const TWO_SECTIONS_S: f64 = 90.0;

/// Un-masters the train split.
#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    /// Seed of sections and recipes.
    #[arg(long, default_value_t = 11)]
    seed: u64,
    /// Seconds of a section.
    #[arg(long, default_value_t = 40.0)]
    section_s: f64,
    /// Recipes for each section.
    #[arg(long, default_value_t = 2)]
    recipes: usize,
    #[command(flatten)]
    selection: Selection,
    /// The file to write, a JSON object a line.
    #[arg(long, default_value = ".cache/learn/pairs.jsonl")]
    out: PathBuf,
}

/// One mix and its master.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pair {
    /// The record.
    pub(super) record: String,
    /// Artist, or package where the artist is unknown: what cross-validation holds out together.
    pub(super) group: String,
    /// Genre; none where the corpus names none of ours.
    pub(super) genre: Option<Genre>,
    /// Length of the record.
    pub(super) seconds: f64,
    /// Figures of the mix.
    pub(super) mix: Vec<f64>,
    /// Figures of the master.
    pub(super) master: Vec<f64>,
}

/// Our genre for the corpus' word.
pub(crate) fn genre_of(word: &str) -> Option<Genre> {
    Some(match word {
        "ambient" => Genre::Ambient,
        "electronic" | "electronic-industrial" | "game-synth" | "chiptune" => Genre::Electronic,
        "folk" => Genre::FolkAcoustic,
        "metal" | "metal-vocal" => Genre::Metal,
        "orchestral" | "classical-real" => Genre::ClassicalOrchestral,
        "jazz-blues-ragtime" => Genre::Jazz,
        "rock" => Genre::Rock,
        "pop" => Genre::Pop,
        "hiphop-downtempo" => Genre::HipHop,
        _ => return None,
    })
}

/// Reads pairs that were written.
pub(super) fn read(path: &Path) -> Result<Vec<Pair>> {
    std::fs::read_to_string(path)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// What the library measures of a sound.
pub(crate) fn analyse(sound: &Sound) -> Analysis {
    let mut analyzer = Analyzer::new(SAMPLE_RATE_HZ, 2);
    analyzer.push(&sound.channels);
    analyzer.finish().analysis()
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let records = arguments.selection.records(arguments.seed)?;
    let pairs = each(arguments.selection.jobs, records.len(), &|at, _: &mut ()| {
        let pairs = pairs_of(&records[at], arguments)?;
        writeln!(std::io::stderr(), "{} of {}: {}", at + 1, records.len(), records[at].name)?;
        Ok(pairs)
    })?;
    let out = root()?.join(&arguments.out);
    write_lines(&out, pairs.iter().flatten())
}

/// Writes a JSON object a line; the file appears when it is complete.
pub(super) fn write_lines<'a, T: Serialize + 'a>(out: &Path, rows: impl Iterator<Item = &'a T>) -> Result<()> {
    let folder = out.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    for row in rows {
        serde_json::to_writer(&mut file, row)?;
        file.write_all(b"\n")?;
    }
    file.persist(out)?;
    Ok(())
}

fn pairs_of(record: &Record, arguments: &Arguments) -> Result<Vec<Pair>> {
    let sound = record.decode()?;
    let mut rng = Rng::named(arguments.seed, &record.name);
    let sections = if record.seconds >= TWO_SECTIONS_S { 2 } else { 1 };
    let mut pairs = Vec::new();
    for section in 0..sections {
        let part = sound
            .section(rng.uniform(0.0, 1.0) / f64::from(sections) + f64::from(section) / f64::from(sections), arguments.section_s);
        let master = Portrait::of(&analyse(&part));
        for recipe in 0..arguments.recipes {
            let mix = Recipe::draw(arguments.seed, &format!("{}/{section}/{recipe}", record.name)).apply(&part);
            let mix = Portrait::of(&analyse(&mix));
            if !(mix.0.iter().chain(&master.0).all(|x| x.is_finite())) {
                continue;
            }
            pairs.push(Pair {
                record: record.name.clone(),
                group: record.group(),
                genre: genre_of(&record.genre),
                seconds: record.seconds,
                mix: mix.0.to_vec(),
                master: master.0.to_vec(),
            });
        }
    }
    Ok(pairs)
}
