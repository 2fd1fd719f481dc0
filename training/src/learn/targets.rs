//! Genre targets: E[figures of the master | figures of the mix, genre], fitted by linfa, cross-validated by artist.
//!
//! One map for all genres, and for each genre an offset: the mean of what the map leaves unexplained of its records, shrunk
//! by `minutes / (minutes + κ)`, where κ, too, is what cross-validates best.

use super::pairs::{self, Pair};
use super::regress::{Affine, Method, fit};
use super::root;
use crate::rng::Rng;
use anyhow::{Context, Result, ensure};
use automaster::analysis::FEATURES_VERSION;
use automaster::genre::Genre;
use automaster::target::genre::model::{GenreModel, GenreOffset, MODEL_FORMAT};
use automaster::target::portrait::{self, FIGURES, LOUDNESS, PORTRAIT_VERSION, Portrait};
use clap::Args;
use ndarray::{Array1, Array2, Axis, Slice};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;
use std::path::PathBuf;

/// Fits the genre targets.
#[derive(Clone, Debug, Args)]
pub(super) struct Arguments {
    /// The pairs.
    #[arg(long, default_value = ".cache/learn/pairs.jsonl")]
    pairs: PathBuf,
    /// Seed of the folds.
    #[arg(long, default_value_t = 11)]
    seed: u64,
    /// The model to write.
    #[arg(long, default_value = "models/genre-targets.json")]
    out: PathBuf,
    /// Table of the competition, in Markdown.
    #[arg(long, default_value = "training/results/genre-targets.md")]
    table: PathBuf,
}

/// Folds of the cross-validation.
const FOLDS: usize = 5;
/// A genre needs records of this many artists to have an offset of its own.
const FEWEST_GROUPS: usize = 2;
/// Minutes at which a genre's own mean counts half; infinite: never.
const KAPPAS: [f64; 6] = [0.0, 15.0, 60.0, 200.0, 800.0, f64::INFINITY];

const METHODS: [Method; 13] = [
    Method::Mean,
    Method::Offset,
    Method::Net { penalty: 0.01, l1_ratio: 0.0, difference: false },
    Method::Net { penalty: 0.1, l1_ratio: 0.0, difference: false },
    Method::Net { penalty: 0.03, l1_ratio: 0.5, difference: false },
    Method::Net { penalty: 0.1, l1_ratio: 0.0, difference: true },
    Method::Net { penalty: 0.3, l1_ratio: 0.0, difference: true },
    Method::Net { penalty: 1.0, l1_ratio: 0.0, difference: true },
    Method::Net { penalty: 0.1, l1_ratio: 0.5, difference: true },
    Method::Net { penalty: 0.3, l1_ratio: 0.5, difference: true },
    Method::Pls { components: 8 },
    Method::Pls { components: 16 },
    Method::Pls { components: 32 },
];

/// What the score is drawn from: mean absolute error of each, against that of leaving the mix as it is. Third octaves from
/// 25 Hz to 12.5 kHz, as the evaluation counts them.
const GROUPS: [(&str, Range<usize>); 6] = [
    ("tone", 1..29),
    ("width", portrait::WIDTH.start + 1..portrait::WIDTH.start + 29),
    ("LRA", portrait::LRA..portrait::LRA + 1),
    ("PSR", portrait::PSR..portrait::PSR + 1),
    ("crest", portrait::BAND_CREST),
    ("spread", portrait::BAND_SPREAD),
];

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let path = root()?.join(&arguments.pairs);
    let pairs = pairs::read(&path).with_context(|| format!("{}: run automaster-learn pairs", path.display()))?;
    ensure!(pairs.len() > 20 * FOLDS, "{} pairs are too few", pairs.len());
    let data = Data::of(&pairs);
    let folds = folds(&pairs, arguments.seed);
    let mut table =
        String::from("| model | tone | width | LRA | PSR | crest | spread | mean |\n|:--|--:|--:|--:|--:|--:|--:|--:|\n");
    let mut best: Option<(f64, Method)> = None;
    for method in METHODS {
        let (score, _) = validate(&data, &folds, method, f64::INFINITY)?;
        score.line(&mut table, &method.name());
        if best.is_none_or(|b| score.mean() < b.0) {
            best = Some((score.mean(), method));
        }
    }
    let (_, method) = best.context("there are methods")?;
    let mut best: Option<(f64, f64, Array2<f64>)> = None;
    for kappa in KAPPAS {
        let (score, residuals) = validate(&data, &folds, method, kappa)?;
        score.line(&mut table, &format!("{} + genre, κ = {kappa} min", method.name()));
        if best.as_ref().is_none_or(|b| score.mean() < b.0) {
            best = Some((score.mean(), kappa, residuals));
        }
    }
    let (_, kappa, residuals) = best.context("there are values of κ")?;
    let all: Vec<usize> = (0..pairs.len()).collect();
    let affine = fit(method, &data.x, &data.y)?;
    let offsets = offsets(&data, &affine, &all, kappa);
    let model = model(&data, &affine, &offsets, &residuals);
    let out = root()?.join(&arguments.out);
    std::fs::create_dir_all(out.parent().context("models/ has a parent")?)?;
    std::fs::write(&out, serde_json::to_vec(&model)?)?;
    let text = format!(
        "Mean absolute error against leaving the mix as it is (1 = no better), {FOLDS} folds by artist, {} pairs of {} records of {} \
         artists.\n\n{table}\nTaken: {}, κ = {kappa} min.\n",
        pairs.len(),
        data.records.iter().collect::<BTreeSet<_>>().len(),
        data.groups.iter().collect::<BTreeSet<_>>().len(),
        method.name(),
    );
    std::fs::write(root()?.join(&arguments.table), &text)?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// The pairs as matrices: inputs are all figures but loudness, outputs are all.
struct Data {
    x: Array2<f64>,
    y: Array2<f64>,
    genres: Vec<Option<Genre>>,
    records: Vec<String>,
    groups: Vec<String>,
    seconds: Vec<f64>,
}

impl Data {
    fn of(pairs: &[Pair]) -> Self {
        let x = Array2::from_shape_fn((pairs.len(), LOUDNESS), |(r, i)| pairs[r].mix[i]);
        let y = Array2::from_shape_fn((pairs.len(), FIGURES), |(r, i)| pairs[r].master[i]);
        Self {
            x,
            y,
            genres: pairs.iter().map(|p| p.genre).collect(),
            records: pairs.iter().map(|p| p.record.clone()).collect(),
            groups: pairs.iter().map(|p| p.group.clone()).collect(),
            seconds: pairs.iter().map(|p| p.seconds).collect(),
        }
    }

    /// Minutes of the records among `rows`, and how many records and artists they are of.
    fn evidence(&self, rows: &[usize]) -> (f64, usize, usize) {
        let records: BTreeMap<&str, f64> = rows.iter().map(|r| (self.records[*r].as_str(), self.seconds[*r])).collect();
        let groups: BTreeSet<&str> = rows.iter().map(|r| self.groups[*r].as_str()).collect();
        (records.values().sum::<f64>() / 60.0, records.len(), groups.len())
    }

    fn of_genre(&self, genre: Genre, rows: &[usize]) -> Vec<usize> {
        rows.iter().copied().filter(|r| self.genres[*r] == Some(genre)).collect()
    }
}

/// Which fold each pair is in: an artist is in one alone; the next artist by lot goes to the smallest.
fn folds(pairs: &[Pair], seed: u64) -> Vec<usize> {
    let mut groups: Vec<&str> = pairs.iter().map(|p| p.group.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    Rng::named(seed, "folds").shuffle(&mut groups);
    let mut sizes = [0; FOLDS];
    let mut fold_of = BTreeMap::new();
    for group in groups {
        let fold = (0..FOLDS).min_by_key(|f| sizes[*f]).unwrap_or(0);
        sizes[fold] += pairs.iter().filter(|p| p.group == group).count();
        fold_of.insert(group, fold);
    }
    pairs.iter().map(|p| fold_of[p.group.as_str()]).collect()
}

/// Errors of each group of figures against the mix's own.
struct Score([f64; GROUPS.len()]);

impl Score {
    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    fn line(&self, table: &mut String, name: &str) {
        let _ = write!(table, "| {name} |");
        for value in self.0 {
            let _ = write!(table, " {value:.3} |");
        }
        let _ = writeln!(table, " {:.3} |", self.mean());
    }
}

/// Predicts every fold from the others; the score, and what each prediction left over.
fn validate(data: &Data, folds: &[usize], method: Method, kappa: f64) -> Result<(Score, Array2<f64>)> {
    let mut residuals = Array2::zeros(data.y.dim());
    for fold in 0..FOLDS {
        let (out, inside): (Vec<usize>, Vec<usize>) = (0..folds.len()).partition(|r| folds[*r] == fold);
        let affine = fit(method, &data.x.select(Axis(0), &inside), &data.y.select(Axis(0), &inside))?;
        let offsets = offsets(data, &affine, &inside, kappa);
        let predicted = affine.predict(&data.x.select(Axis(0), &out));
        for (row, r) in out.iter().enumerate() {
            let offset = data.genres[*r].and_then(|g| offsets.get(&g)).map_or_else(|| Array1::zeros(FIGURES), |o| o.mean.clone());
            residuals.row_mut(*r).assign(&(&data.y.row(*r) - &predicted.row(row) - &offset));
        }
    }
    let untouched = &data.y.slice_axis(Axis(1), Slice::from(..LOUDNESS)) - &data.x;
    let error = |a: &dyn Fn(usize, usize) -> f64, range: &Range<usize>| {
        (0..data.y.nrows()).flat_map(|r| range.clone().map(move |i| (r, i))).map(|(r, i)| a(r, i).abs()).sum::<f64>()
    };
    let score = GROUPS.map(|(_, range)| error(&|r, i| residuals[[r, i]], &range) / error(&|r, i| untouched[[r, i]], &range));
    Ok((Score(score), residuals))
}

/// A genre's mean residual, shrunk, and what it stands on.
struct Offset {
    mean: Array1<f64>,
    minutes: f64,
    records: usize,
    share: f64,
}

fn offsets(data: &Data, affine: &Affine, rows: &[usize], kappa: f64) -> BTreeMap<Genre, Offset> {
    let mut offsets = BTreeMap::new();
    for genre in Genre::ALL {
        let of_genre = data.of_genre(genre, rows);
        let (minutes, records, groups) = data.evidence(&of_genre);
        if of_genre.is_empty() {
            continue;
        }
        let left = &data.y.select(Axis(0), &of_genre) - &affine.predict(&data.x.select(Axis(0), &of_genre));
        let share = if groups < FEWEST_GROUPS { 0.0 } else { minutes / (minutes + kappa) };
        let mean = left.sum_axis(Axis(0)) * (share / of_genre.len() as f64);
        offsets.insert(genre, Offset { mean, minutes, records, share });
    }
    offsets
}

fn model(data: &Data, affine: &Affine, offsets: &BTreeMap<Genre, Offset>, residuals: &Array2<f64>) -> GenreModel {
    let all: Vec<usize> = (0..data.y.nrows()).collect();
    let (minutes, records, artists) = data.evidence(&all);
    let spread = |rows: &[usize]| {
        let mean_square = residuals.select(Axis(0), rows).mapv(|e| e * e).mean_axis(Axis(0));
        rounded(mean_square.unwrap_or_else(|| Array1::zeros(FIGURES)).mapv(f64::sqrt).iter())
    };
    let of_mixes = |f: fn(&Array2<f64>) -> Array1<f64>| rounded(f(&data.x).iter());
    GenreModel {
        format: MODEL_FORMAT,
        features_version: FEATURES_VERSION,
        portrait_version: PORTRAIT_VERSION,
        figures: Portrait::ids(),
        minutes: rounded_one(minutes),
        records,
        artists,
        intercept: rounded(affine.intercept.iter()),
        slopes: affine.slopes.rows().into_iter().map(|row| rounded(row.iter())).collect(),
        spread: spread(&all),
        master_mean: rounded((data.y.sum_axis(Axis(0)) / data.y.nrows() as f64).iter()),
        mix_mean: of_mixes(|x| x.sum_axis(Axis(0)) / x.nrows() as f64),
        mix_deviation: of_mixes(|x| x.std_axis(Axis(0), 0.0)),
        genres: offsets
            .iter()
            .map(|(genre, offset)| GenreOffset {
                genre: *genre,
                minutes: rounded_one(offset.minutes),
                records: offset.records,
                share: rounded_one(offset.share),
                offset: rounded(offset.mean.iter()),
                spread: spread(&data.of_genre(*genre, &all)),
            })
            .collect(),
    }
}

/// Five decimals are more than any figure deserves.
fn rounded<'a>(values: impl Iterator<Item = &'a f64>) -> Vec<f64> {
    values.map(|v| (v * 1e5).round() / 1e5).collect()
}

fn rounded_one(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
