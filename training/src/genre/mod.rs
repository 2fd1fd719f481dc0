//! `automaster-genre`: fits the genre model on the train split and judges it on what it was not fitted on.
//!
//! `corpus ─ listen (musicnn) ─▶ tags, embedding ─ fit on labelled train rows ─▶ models/genre.json, training/results/genre.md`

mod fit;
mod judge;
mod labels;
mod listen;
mod rows;

use self::fit::Choice;
use self::judge::Group;
use self::listen::Piece;
use anyhow::{Context, Result};
use clap::Parser;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Weights of the penalty to choose from.
const ALPHAS: [f64; 5] = [30.0, 100.0, 300.0, 1000.0, 3000.0];
/// Shares of the model to choose from.
const TRUSTS: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];

/// Fits the genre model on labelled train rows and judges it.
#[derive(Clone, Debug, Parser)]
struct Arguments {
    /// Corpus folder [default: $AUTOMASTER_CORPUS or .cache/corpus].
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// What the network said of every piece; made where it does not exist.
    #[arg(long, default_value = ".cache/genre/heard.json")]
    heard: PathBuf,
    /// Folder of the model.
    #[arg(long, default_value = "models")]
    models: PathBuf,
    /// Folder of the results.
    #[arg(long, default_value = "training/results")]
    out: PathBuf,
}

/// Runs the program. Errors: no corpus, a piece that cannot be read, no model.
pub fn run() -> Result<()> {
    let arguments = Arguments::parse();
    // Paths are relative to the repository, wherever the program is called from.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("training/ has a parent")?;
    let corpus = arguments.corpus.or_else(|| std::env::var_os("AUTOMASTER_CORPUS").map(PathBuf::from));
    let rows = rows::read(&root.join("training/corpus.tsv"), &corpus.unwrap_or_else(|| root.join(".cache/corpus")))?;
    let pieces = listen::pieces(rows, &root.join(arguments.heard))?;

    let train = labels::of(&pieces, "train", Piece::is_labelled);
    let choice = choose(&train)?;
    let classifier = fit::fit(&train, choice)?;
    std::fs::write(root.join(arguments.models).join("genre.json"), serde_json::to_vec(&classifier)?)?;
    let report = report(&pieces, choice)?;
    std::fs::write(root.join(arguments.out).join("genre.md"), &report)?;
    std::io::stdout().write_all(report.as_bytes())?;
    Ok(())
}

/// Penalty and share of the model with the least log loss on packages that the fit has not seen.
fn choose(train: &[labels::Labelled]) -> Result<Choice> {
    let mut best: Option<(f64, Choice)> = None;
    for alpha in ALPHAS {
        for trust in TRUSTS {
            let choice = Choice { alpha, trust };
            let loss = judge::log_loss(&judge::cross_validated(train, Group::Package, choice)?);
            writeln!(std::io::stderr(), "penalty {alpha}, trust {trust}: log loss {loss:.3}")?;
            if best.is_none_or(|(least, _)| loss < least) {
                best = Some((loss, choice));
            }
        }
    }
    Ok(best.context("there is something to choose from")?.1)
}

/// The report in Markdown.
fn report(pieces: &[Piece], choice: Choice) -> Result<String> {
    let train = labels::of(pieces, "train", Piece::is_labelled);
    let by_package = judge::cross_validated(&train, Group::Package, choice)?;
    let by_artist = judge::cross_validated(&train, Group::Artist, choice)?;
    let dev = labels::of(pieces, "dev", Piece::is_labelled);
    let hints = labels::of(pieces, "dev", |piece| !piece.is_labelled());
    let mut out = format!(
        "# How well genres are recognised\n\nMade by `automaster-genre`; {} labelled train pieces, penalty {}, \
         trust {}.\n",
        train.len(),
        choice.alpha,
        choice.trust
    );
    for (title, pieces) in [("Dev, labels by documentation or artist", &dev), ("Dev, genre guessed from titles", &hints)] {
        let model = judge::fitted(&train, pieces, choice)?;
        let systems = [
            ("commonest genre of train", &*judge::majority(&train, pieces)),
            ("tags alone", &*judge::tags(pieces)?),
            ("tags and model", &*model),
        ];
        out += &format!("\n## {title}\n\n{}\n{}", judge::table(&systems), judge::confusion(&model));
    }
    let systems = [
        ("commonest genre of train, in sample", &*judge::majority(&train, &train)),
        ("tags alone", &*judge::tags(&train)?),
        ("tags and model, without the piece's artist", &*by_artist),
        ("tags and model, without the piece's package", &*by_package),
    ];
    out += &format!("\n## Train, each piece judged by a model that was fitted without its kin\n\n{}", judge::table(&systems));
    out += &format!("\nWithout the artist:\n\n{}", judge::confusion(&by_artist));
    out += &format!("\nWithout the package:\n\n{}", judge::confusion(&by_package));
    Ok(out)
}
