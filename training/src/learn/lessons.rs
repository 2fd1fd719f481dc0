//! Lessons for the inverse chain model: un-mastered sections of train records, an aim, the settings that rules propose, and those
//! that refinement ends at when it hears the whole section and takes its time.
//!
//! Aims are the record itself, another artist's record, and what is expected of the genre. Where the aim is the record's own, known or expected,
//! ratios and transients of the bands are not those of refinement but those that take the recipe's expansion and sharpening back: the truth; but
//! transients of a band without attacks, which do nothing there, are none.
//! The file is 32-bit floats, little-endian, a row each: inputs, positions proposed, positions refined, number of the artist.

use super::pairs::genre_of;
use super::root;
use super::selection::Selection;
use crate::corpus::Record;
use crate::rng::Rng;
use crate::sound::{SAMPLE_RATE_HZ, Sound};
use crate::unmaster::Recipe;
use crate::work::each;
use anyhow::{Context, Result};
use automaster::chain::find;
use automaster::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS};
use automaster::genre::{Genre, GenreWeights};
use automaster::job::{self, Progress, Song, Wishes};
use automaster::propose::{inverse, lesson};
use automaster::render::Excerpts;
use automaster::target::Target;
use clap::Args;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Has rules propose and refinement correct.
#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    /// Seed of everything.
    #[arg(long, default_value_t = 21)]
    seed: u64,
    /// Seconds of each section.
    #[arg(long, default_value_t = 60.0)]
    section_s: f64,
    /// Sections of each record; each gives two lessons.
    #[arg(long, default_value_t = 2)]
    sections: usize,
    /// Rounds of refinement.
    #[arg(long, default_value_t = 6)]
    rounds: usize,
    #[command(flatten)]
    selection: Selection,
    /// The file to write.
    #[arg(long, default_value = ".cache/learn/lessons.f32")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let records = arguments.selection.records(arguments.seed)?;
    let groups: Vec<String> = records.iter().map(Record::group).collect::<BTreeSet<_>>().into_iter().collect();
    let rows = each(arguments.selection.jobs, records.len(), &|at, _: &mut ()| {
        let number = groups.iter().position(|g| *g == records[at].group()).context("every record has a group")?;
        let mut rows = rows_of(at, &records, arguments)?;
        rows.iter_mut().for_each(|row| row.push(number as f32));
        writeln!(std::io::stderr(), "{} of {}: {}", at + 1, records.len(), records[at].name)?;
        Ok(rows)
    })?;
    let out = root()?.join(&arguments.out);
    let folder = out.parent().context("a file lies in a folder")?;
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let bytes: Vec<u8> = rows.iter().flatten().flatten().flat_map(|x| x.to_le_bytes()).collect();
    file.write_all(&bytes)?;
    file.persist(&out)?;
    let about = serde_json::json!({
        "rows": rows.iter().map(Vec::len).sum::<usize>(),
        "inputs": inverse::input_count(),
        "figures": inverse::KNOWN_FIGURES,
        "params": inverse::param_ids(),
        "records": records.len(),
        "inverse_version": inverse::INVERSE_VERSION,
        "params_version": automaster::chain::PARAMS_VERSION,
        "seed": arguments.seed,
    });
    std::fs::write(out.with_extension("json"), serde_json::to_vec_pretty(&about)?)?;
    Ok(())
}

/// The lessons of one record.
fn rows_of(at: usize, records: &[Record], arguments: &Arguments) -> Result<Vec<Vec<f32>>> {
    let (record, seconds) = (&records[at], arguments.section_s);
    let sound = record.decode()?;
    let mut rng = Rng::named(arguments.seed, &record.name);
    let mut rows = Vec::new();
    for number in 0..arguments.sections {
        let section = sound.section(rng.uniform(0.0, 1.0), seconds);
        let recipe = Recipe::draw(arguments.seed, &format!("{}/{number}", record.name));
        let mut mix = recipe.apply(&section);
        mix.scale(10f64.powf(rng.uniform(-9.0, 3.0) / 20.0));
        let Ok(mix) = song(&mix, true) else { continue };
        let itself = job::aim([(&song(&section, false)?, 1.0)].into_iter());
        let (other, is_own) = if number % 2 == 0 {
            let strangers: Vec<&Record> = records.iter().filter(|r| r.group() != record.group()).collect();
            let stranger = strangers[rng.index(strangers.len())].decode()?.section(rng.uniform(0.0, 1.0), seconds);
            (song(&stranger, false).ok().and_then(|song| job::aim([(&song, 1.0)].into_iter())), false)
        } else {
            let genre = genre_of(&record.genre).unwrap_or(Genre::ALL[rng.index(Genre::ALL.len())]);
            (Some(Target::of_genre(&mix.analysis, &GenreWeights::only(genre))), true)
        };
        for (target, is_own) in [(itself, true), (other, is_own)] {
            let Some(target) = target else { continue };
            let row = lesson_row(&mix, &target, is_own.then_some(&recipe), arguments.rounds)?;
            if row.iter().all(|x| x.is_finite()) {
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

/// One lesson; `undoing` is the recipe that it takes to undo, where the aim is the record's own.
fn lesson_row(mix: &Song, target: &Target, undoing: Option<&Recipe>, rounds: usize) -> Result<Vec<f32>> {
    let wishes = Wishes { rounds: Some(rounds), ..Wishes::default() };
    let samples = mix.audio.as_ref().context("a mix keeps its samples")?;
    let whole = Excerpts::cut(samples, std::slice::from_ref(&(0..mix.timeline.rows())), 1)?;
    let mut lesson = lesson(&mix.timeline, target, &wishes, &whole)?;
    for (id, value) in undoing.into_iter().flat_map(settings_that_undo).filter(|(id, _)| inverse::acts(id, &mix.analysis)) {
        let at =
            inverse::param_ids().iter().position(|known| *known == id).with_context(|| format!("the model knows no {id}"))?;
        lesson.refined[at] = find(&id)?.domain.position(value);
    }
    let positions = lesson.situation.proposed.iter().chain(&lesson.refined).map(|p| *p as f32);
    Ok(lesson.situation.inputs.iter().copied().chain(positions).collect())
}

/// The settings of the bands that take a recipe back: all ratios, and transients above the lowest band, which has none to steer.
fn settings_that_undo(recipe: &Recipe) -> Vec<(String, f64)> {
    let named = |figure: &str, values: [f64; DYNAMICS_BANDS]| -> Vec<(String, f64)> {
        DYNAMICS_BAND_NAMES.iter().map(|name| format!("multiband.{name}.{figure}")).zip(values).collect()
    };
    let transients = named("transient_db", recipe.transients_db()).into_iter().skip(1);
    named("high_ratio", recipe.ratios()).into_iter().chain(transients).collect()
}

fn song(sound: &Sound, keep: bool) -> Result<Song> {
    let (tell, stop) = (|_, _| {}, AtomicBool::new(false));
    let progress = Progress { tell: &tell, stop: &stop, threads: 1 };
    let [left, right] = &sound.channels;
    let samples: Vec<f32> = left.iter().zip(right).flat_map(|(l, r)| [*l, *r]).collect();
    Ok(job::load_samples(Path::new("section"), SAMPLE_RATE_HZ, 2, &samples, keep, &progress)?)
}
