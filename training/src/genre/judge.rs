//! How often the genre is right: top-1, top-2, mean recall over genres, mean log loss, and what is taken for what.

use super::fit::{Choice, fit};
use super::labels::Labelled;
use crate::corpus::artist_or_package;
use anyhow::Result;
use automaster::genre::{Genre, GenreWeights};
use automaster::tagger::shares_by_tags;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Which pieces may not teach about each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Those of one artist; those of a package whose artist is not known.
    Artist,
    /// Those of one package.
    Package,
}

impl Group {
    fn of(self, piece: &Labelled) -> String {
        let row = &piece.piece.row;
        match self {
            Self::Package => row.package.clone(),
            Self::Artist => artist_or_package(&row.artist, &row.package, &row.path.to_string_lossy()),
        }
    }
}

/// A guess and the truth.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    truth: Genre,
    ranked: Vec<Genre>,
    /// Share given to the truth.
    share: f64,
}

impl Verdict {
    fn new(truth: Genre, shares: &GenreWeights) -> Self {
        Self { truth, ranked: shares.ranked().into_iter().map(|(genre, _)| genre).collect(), share: shares.of(truth) }
    }
}

/// Always the commonest genre of `train`, then the next.
pub(super) fn majority(train: &[Labelled], pieces: &[Labelled]) -> Vec<Verdict> {
    let mut counts = [0.0; Genre::ALL.len()];
    train.iter().for_each(|piece| counts[piece.genre as usize] += 1.0);
    let shares = GenreWeights::new(counts).unwrap_or(GenreWeights::only(Genre::Pop));
    pieces.iter().map(|piece| Verdict::new(piece.genre, &shares)).collect()
}

/// What the tags alone say.
pub(super) fn tags(pieces: &[Labelled]) -> Result<Vec<Verdict>> {
    pieces.iter().map(|p| Ok(Verdict::new(p.genre, &shares_by_tags(&p.piece.heard())?))).collect()
}

/// What the classifier that is fitted on `train` says of `pieces`.
pub(super) fn fitted(train: &[Labelled], pieces: &[Labelled], choice: Choice) -> Result<Vec<Verdict>> {
    let classifier = fit(train, choice)?;
    pieces.iter().map(|p| Ok(Verdict::new(p.genre, &classifier.shares(&p.piece.heard())?))).collect()
}

/// What classifiers say of each group that were fitted without it.
pub(super) fn cross_validated(pieces: &[Labelled], group: Group, choice: Choice) -> Result<Vec<Verdict>> {
    let groups: BTreeSet<String> = pieces.iter().map(|piece| group.of(piece)).collect();
    let mut verdicts = Vec::new();
    for held_out in groups {
        let (out, rest): (Vec<_>, Vec<_>) = pieces.iter().partition(|piece| group.of(piece) == held_out);
        verdicts.extend(fitted(&rest, &out, choice)?);
    }
    Ok(verdicts)
}

/// Share of the verdicts whose truth is among the first `places`.
pub(super) fn hits(verdicts: &[Verdict], places: usize) -> f64 {
    let right = verdicts.iter().filter(|v| v.ranked[..places].contains(&v.truth)).count();
    right as f64 / verdicts.len().max(1) as f64
}

/// Mean over genres of the share of its pieces that are recognised.
pub(super) fn mean_recall(verdicts: &[Verdict]) -> f64 {
    let mut genres: BTreeMap<Genre, Vec<Verdict>> = BTreeMap::new();
    verdicts.iter().for_each(|v| genres.entry(v.truth).or_default().push(v.clone()));
    genres.values().map(|of_genre| hits(of_genre, 1)).sum::<f64>() / genres.len().max(1) as f64
}

/// Mean of −ln(share given to the truth), with shares of at least one per mille.
pub(super) fn log_loss(verdicts: &[Verdict]) -> f64 {
    verdicts.iter().map(|v| -v.share.max(1e-3).ln()).sum::<f64>() / verdicts.len().max(1) as f64
}

/// A table of systems.
pub(super) fn table(systems: &[(&str, &[Verdict])]) -> String {
    let mut out = "| | pieces | top-1 | top-2 | mean recall | log loss |\n|---|---:|---:|---:|---:|---:|\n".to_owned();
    for (name, verdicts) in systems {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let (one, two, recall) = (hits(verdicts, 1), hits(verdicts, 2), mean_recall(verdicts));
        let (one, two, recall) = (percent(one), percent(two), percent(recall));
        let _ = writeln!(out, "| {name} | {} | {one} | {two} | {recall} | {:.2} |", verdicts.len(), log_loss(verdicts));
    }
    out
}

/// What is taken for what: a row for each true genre, a column for each guess.
pub(super) fn confusion(verdicts: &[Verdict]) -> String {
    let truths: BTreeSet<Genre> = verdicts.iter().map(|v| v.truth).collect();
    let guesses: BTreeSet<Genre> = verdicts.iter().map(|v| v.ranked[0]).collect();
    let heads: Vec<&str> = guesses.iter().map(|genre| genre.name()).collect();
    let mut out = format!("| true ↓, recognised → | {} |\n|---|{}\n", heads.join(" | "), "---:|".repeat(heads.len()));
    for truth in truths {
        let count = |guess: &Genre| verdicts.iter().filter(|v| v.truth == truth && v.ranked[0] == *guess).count();
        let cells: Vec<String> = guesses.iter().map(|g| count(g).to_string()).collect();
        let _ = writeln!(out, "| {} | {} |", truth.name(), cells.join(" | "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_counted_by_hand() {
        let verdict = |truth, ranked: [Genre; 2], share| Verdict { truth, ranked: ranked.to_vec(), share };
        let verdicts = [
            verdict(Genre::Jazz, [Genre::Jazz, Genre::Rock], 1.0),
            verdict(Genre::Jazz, [Genre::Rock, Genre::Jazz], 0.0),
            verdict(Genre::Rock, [Genre::Rock, Genre::Pop], 1.0),
            verdict(Genre::Rock, [Genre::Rock, Genre::Pop], 1.0),
        ];
        assert_eq!((hits(&verdicts, 1), hits(&verdicts, 2), mean_recall(&verdicts)), (0.75, 1.0, 0.75));
        assert!((log_loss(&verdicts) - 1000_f64.ln() / 4.0).abs() < 1e-12);
        assert!(confusion(&verdicts).contains("| jazz | 1 | 1 |"), "{}", confusion(&verdicts));
    }
}
