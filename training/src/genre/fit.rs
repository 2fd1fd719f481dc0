//! The fit: multinomial logistic regression on the standardised embedding, by linfa.
//!
//! Loss: Σ cross-entropy + α/2 · ‖weights‖². A class's own weight is then lowered by the logarithm of its share among the
//! rows: how many pieces of a genre the corpus holds says nothing about the next mix.

use super::labels::Labelled;
use anyhow::{Context, Result};
use automaster::genre::Genre;
use automaster::tagger::{Class, Classifier, EMBEDDING};
use linfa::prelude::*;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2};
use std::collections::BTreeMap;

/// Genres with fewer pieces are not fitted.
const LEAST_PIECES: usize = 5;
const MAX_ITERATIONS: u64 = 1000;
const GRADIENT_TOLERANCE: f64 = 1e-6;

/// What is chosen, not fitted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Choice {
    /// Weight of the penalty.
    pub(super) alpha: f64,
    /// See [`Classifier`].
    pub(super) trust: f64,
}

/// Fits. The result depends on the pieces and their order alone. Errors: fewer than two genres have enough pieces.
pub(super) fn fit(pieces: &[Labelled], choice: Choice) -> Result<Classifier> {
    let mut counts: BTreeMap<Genre, usize> = BTreeMap::new();
    pieces.iter().for_each(|piece| *counts.entry(piece.genre).or_default() += 1);
    counts.retain(|_, count| *count >= LEAST_PIECES);
    let pieces: Vec<_> = pieces.iter().filter(|piece| counts.contains_key(&piece.genre)).collect();
    let rows: Vec<f64> = pieces.iter().flat_map(|p| p.piece.heard().embedding).collect();
    let raw = Array2::from_shape_vec((pieces.len(), EMBEDDING), rows)?;
    let mean = raw.mean_axis(ndarray::Axis(0)).context("no genre has enough pieces")?;
    let scale = raw.std_axis(ndarray::Axis(0), 0.0).mapv(|s| s.max(1e-6));
    let standard = (&raw - &mean) / &scale;
    let genres: Array1<usize> = pieces.iter().map(|p| p.genre as usize).collect();
    let fitted = MultiLogisticRegression::default()
        .alpha(choice.alpha)
        .max_iterations(MAX_ITERATIONS)
        .gradient_tolerance(GRADIENT_TOLERANCE)
        .fit(&Dataset::new(standard, genres))?;

    let class = |(place, genre): (usize, &usize)| {
        let genre = Genre::ALL[*genre];
        let share = counts[&genre] as f64 / pieces.len() as f64;
        let weights = fitted.params().column(place).to_vec();
        Class { genre, weights, intercept: fitted.intercept()[place] - share.ln() }
    };
    let classes = fitted.classes().iter().enumerate().map(class).collect();
    Ok(Classifier { mean: mean.to_vec(), scale: scale.to_vec(), classes, trust: choice.trust })
}
