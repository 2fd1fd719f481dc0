//! The tagger: what kind of music this is, as shares of the genres.
//!
//! ```text
//! mix ─ a few patches of 3 s, loud and typical ─ mono, 16 kHz, one loudness ─ mel ─ musicnn ─▶ tags, embedding (means)
//!                                                       tags ─ table ─┐
//!                                               embedding ─ model ────┴─ blend ─▶ GenreWeights
//! ```
//!
//! musicnn (Pons and Serra, 2019) was trained by its authors on the Million Song Dataset; `models/musicnn.md` has its card.

mod mel;
mod model;
mod patches;
mod tags;

pub use model::{Class, Classifier, EMBEDDING_VERSION, shares_by_tags};
pub use tags::{TAG_COUNT, TAGS};

pub use mel::{BANDS, MEL_VERSION, MelBank, PATCH_FRAMES, PATCH_SAMPLES, SAMPLE_RATE_HZ};

use crate::analysis::Timeline;
use crate::audio::spill::Spill;
use crate::error::Error;
use crate::inference::{Model, ModelError, Tensor};
use serde::{Deserialize, Serialize};

/// Name of the network in the manifest.
const NETWORK: &str = "musicnn";
/// Length of the embedding.
pub const EMBEDDING: usize = 200;

/// What the network says of a patch, or on the mean of a piece of music.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Probability of each of [`TAGS`].
    pub tags: Vec<f64>,
    /// The layer before the last: what the tags are made of.
    pub embedding: Vec<f64>,
}

impl Heard {
    /// The mean of what was heard; noughts where nothing was.
    pub fn mean(patches: &[Self]) -> Self {
        let mut mean = Self { tags: vec![0.0; TAG_COUNT], embedding: vec![0.0; EMBEDDING] };
        let share = 1.0 / patches.len().max(1) as f64;
        for patch in patches {
            mean.tags.iter_mut().zip(&patch.tags).for_each(|(sum, tag)| *sum += share * tag);
            mean.embedding.iter_mut().zip(&patch.embedding).for_each(|(sum, value)| *sum += share * value);
        }
        mean
    }
}

/// The network and its front end.
pub struct Tagger {
    network: Model,
    bank: MelBank,
}

impl Tagger {
    /// Opens the network. Errors: [`ModelError`].
    pub fn load() -> Result<Self, ModelError> {
        Ok(Self { network: Model::load(NETWORK, &[("mel", MEL_VERSION)])?, bank: MelBank::new() })
    }

    /// What the network says of one spectrogram, [`PATCH_FRAMES`] × [`BANDS`]. Errors: the runtime's.
    pub fn hear(&mut self, mel: Vec<f32>) -> Result<Heard, ModelError> {
        let outputs = self.network.run(&[("mel", &[1, PATCH_FRAMES, BANDS], mel)])?;
        let take = |name: &str, length: usize| match outputs.iter().find(|(output, _)| output == name) {
            Some((_, Tensor { values, .. })) if values.len() == length => Ok(values.iter().map(|v| f64::from(*v)).collect()),
            _ => Err(ModelError::Content { name: NETWORK.into(), what: format!("has no output {name} of {length} values") }),
        };
        Ok(Heard { tags: take("tags", TAG_COUNT)?, embedding: take("embedding", EMBEDDING)? })
    }

    /// Listens to a few patches of a piece of music, at least one. Errors: the disk fails; the runtime's.
    pub fn listen(&mut self, audio: &Spill, timeline: &Timeline) -> Result<Vec<Heard>, Error> {
        let patches = patches::cut(audio, timeline)?;
        patches.iter().map(|patch| Ok(self.hear(self.bank.log_mel(patch))?)).collect()
    }
}
