//! The genre model: from what the network says to shares of the genres.
//!
//! A multinomial logistic regression on the standardised embedding (`automaster-genre` fits it on the corpus), for the
//! genres that the corpus has. What it knows nothing about stays with the tags:
//!
//! ```text
//! t: shares by the tags, of all genres             q: probabilities by the model, of its genres
//! P = (1 − m) · t + m · q, where m = trust · T and T = Σ t over the model's genres:
//! music whose tags speak for other genres is none of the model's business
//! ```

use super::Heard;
use super::tags;
use crate::genre::{GENRE_COUNT, Genre, GenreWeights};
use crate::inference::{self, ModelError};
use serde::{Deserialize, Serialize};

/// Name of the model in the manifest.
const MODEL: &str = "genre";
/// Version of the embedding; models that take it name it.
pub const EMBEDDING_VERSION: u32 = 1;

/// A genre that the model knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The genre.
    pub genre: Genre,
    /// Weight of each value of the standardised embedding.
    pub weights: Vec<f64>,
    /// The class's own weight.
    pub intercept: f64,
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classifier {
    /// Mean of each value of the embedding.
    pub mean: Vec<f64>,
    /// What each value is divided by.
    pub scale: Vec<f64>,
    /// The classes.
    pub classes: Vec<Class>,
    /// Largest share of the result that the model decides.
    pub trust: f64,
}

impl Classifier {
    /// Reads the model. Errors: [`ModelError`].
    pub fn load() -> Result<Self, ModelError> {
        let content = |what: String| ModelError::Content { name: MODEL.into(), what };
        let bytes = inference::read(MODEL, &[("embedding", EMBEDDING_VERSION)])?;
        let model: Self = serde_json::from_slice(&bytes).map_err(|error| content(error.to_string()))?;
        let length = model.mean.len();
        if model.classes.is_empty() || model.scale.len() != length || model.classes.iter().any(|c| c.weights.len() != length) {
            return Err(content("lengths that do not fit together".into()));
        }
        Ok(model)
    }

    /// Probability of each class, in their order.
    pub fn probabilities(&self, embedding: &[f64]) -> Vec<f64> {
        let standard: Vec<f64> =
            embedding.iter().zip(&self.mean).zip(&self.scale).map(|((value, mean), scale)| (value - mean) / scale).collect();
        let logit = |c: &Class| c.intercept + c.weights.iter().zip(&standard).map(|(w, x)| w * x).sum::<f64>();
        let logits: Vec<f64> = self.classes.iter().map(logit).collect();
        let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let odds: Vec<f64> = logits.iter().map(|l| (l - top).exp()).collect();
        let total: f64 = odds.iter().sum();
        odds.iter().map(|o| o / total).collect()
    }

    /// Shares of the genres of a piece of music. Errors: the network gave something that is no number.
    pub fn shares(&self, heard: &Heard) -> Result<GenreWeights, ModelError> {
        let by_tags = tags::shares(&heard.tags);
        let mut by_model = [0.0; GENRE_COUNT];
        for (class, probability) in self.classes.iter().zip(self.probabilities(&heard.embedding)) {
            by_model[class.genre as usize] = probability;
        }
        let known: f64 = self.classes.iter().map(|class| by_tags[class.genre as usize]).sum();
        let mass = self.trust * known;
        checked(std::array::from_fn(|g| (1.0 - mass) * by_tags[g] + mass * by_model[g]))
    }
}

/// What the tags alone say; the yardstick for the model.
pub fn shares_by_tags(heard: &Heard) -> Result<GenreWeights, ModelError> {
    checked(tags::shares(&heard.tags))
}

fn checked(shares: [f64; GENRE_COUNT]) -> Result<GenreWeights, ModelError> {
    GenreWeights::new(shares).ok_or_else(|| ModelError::Content { name: MODEL.into(), what: "gives no numbers".into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tagger::{EMBEDDING, TAG_COUNT, TAGS};

    /// Knows metal and jazz by the first value of the embedding.
    fn classifier() -> Classifier {
        let class = |genre, weight| {
            let mut weights = vec![0.0; EMBEDDING];
            weights[0] = weight;
            Class { genre, weights, intercept: 0.0 }
        };
        let classes = vec![class(Genre::Metal, 2.0), class(Genre::Jazz, -2.0)];
        Classifier { mean: vec![1.0; EMBEDDING], scale: vec![2.0; EMBEDDING], classes, trust: 0.5 }
    }

    fn heard(tags: &[(&str, f64)], value: f64) -> Heard {
        let mut heard = Heard::mean(&[]);
        for (tag, probability) in tags {
            heard.tags[TAGS.iter().position(|(name, _)| name == tag).unwrap()] = *probability;
        }
        heard.embedding[0] = value;
        heard
    }

    #[test]
    fn the_model_decides_its_share_of_what_it_knows() {
        let shares = classifier().shares(&heard(&[("jazz", 0.2)], 3.0)).unwrap();
        let metal = 1.0 / (1.0 + (-4.0_f64).exp());
        assert!((shares.of(Genre::Metal) - 0.5 * metal).abs() < 1e-12);
        assert!((shares.of(Genre::Jazz) - 0.5 - 0.5 * (1.0 - metal)).abs() < 1e-12);
        let undecided = classifier().shares(&heard(&[("jazz", 0.2)], 1.0)).unwrap();
        assert!((undecided.of(Genre::Metal) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn tags_of_other_genres_are_none_of_its_business() {
        let shares = classifier().shares(&heard(&[("country", 0.3)], 9.0)).unwrap();
        assert_eq!(shares.of(Genre::Country), 1.0);
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        let mut noise = heard(&[], 0.0);
        noise.tags = vec![f64::NAN; TAG_COUNT];
        assert!(matches!(classifier().shares(&noise), Err(ModelError::Content { .. })));
    }

    #[cfg(feature = "onnx")]
    #[test]
    fn the_shipped_model_is_readable_and_knows_what_its_card_says() {
        let genres: Vec<Genre> = Classifier::load().unwrap().classes.iter().map(|class| class.genre).collect();
        let card = include_str!("../../models/genre.md");
        assert!(genres.len() > 3 && genres.iter().all(|genre| card.contains(genre.name())), "{genres:?}");
    }
}
