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

/// Name of the network in the manifest.
const NETWORK: &str = "musicnn";
/// Length of the embedding.
pub const EMBEDDING: usize = 200;

/// What the network says of a piece of music: means over its patches.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    /// Probability of each of [`TAGS`].
    pub tags: Vec<f64>,
    /// The layer before the last: what the tags are made of.
    pub embedding: Vec<f64>,
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

    /// What the network says of one spectrogram, [`PATCH_FRAMES`] × [`BANDS`]: tags and embedding. Errors: the runtime's.
    pub fn hear(&mut self, mel: Vec<f32>) -> Result<(Vec<f32>, Vec<f32>), ModelError> {
        let outputs = self.network.run(&[("mel", &[1, PATCH_FRAMES, BANDS], mel)])?;
        let take = |name: &str, length: usize| match outputs.iter().find(|(output, _)| output == name) {
            Some((_, Tensor { values, .. })) if values.len() == length => Ok(values.clone()),
            _ => Err(ModelError::Content { name: NETWORK.into(), what: format!("has no output {name} of {length} values") }),
        };
        Ok((take("tags", TAG_COUNT)?, take("embedding", EMBEDDING)?))
    }

    /// Listens to a piece of music. Errors: the disk fails; the runtime's.
    pub fn listen(&mut self, audio: &Spill, timeline: &Timeline) -> Result<Heard, Error> {
        let patches = patches::cut(audio, timeline)?;
        let mut heard = Heard { tags: vec![0.0; TAG_COUNT], embedding: vec![0.0; EMBEDDING] };
        let share = 1.0 / patches.len() as f64;
        for patch in &patches {
            let (tags, embedding) = self.hear(self.bank.log_mel(patch))?;
            let add = |sum: &mut Vec<f64>, new: Vec<f32>| sum.iter_mut().zip(new).for_each(|(s, n)| *s += share * f64::from(n));
            add(&mut heard.tags, tags);
            add(&mut heard.embedding, embedding);
        }
        Ok(heard)
    }
}
