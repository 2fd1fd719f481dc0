//! What a person asks for.

use crate::audio::format::{Container, Dither, SampleFormat};
use crate::chain::find;
use crate::params::ParamError;

/// Where the settings come from that refinement starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Physics and standards alone.
    #[default]
    Rules,
    /// The inverse chain model, rules where it is not certain; half the rounds of refinement.
    Learned,
}

/// What a person asks for; the default asks for nothing but the reference's sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Wishes {
    /// Share of the difference in tone that is taken over, 0 to 1.
    pub tone: f64,
    /// Share of the difference in loudness.
    pub loudness: f64,
    /// Share of the difference in dynamics.
    pub dynamics: f64,
    /// Share of the difference in width.
    pub width: f64,
    /// Integrated loudness to deliver instead of the reference's.
    pub loudness_lufs: Option<f64>,
    /// True-peak ceiling.
    pub ceiling_dbtp: f64,
    /// PSR floor that loudness yields to; none: forced.
    pub psr_floor_lu: Option<f64>,
    /// File format.
    pub container: Container,
    /// Word length; none: the mix's, at least 24 bits.
    pub sample_format: Option<SampleFormat>,
    /// Dither; none: triangular.
    pub dither: Option<Dither>,
    /// Sample rate; none: the mix's.
    pub sample_rate_hz: Option<u32>,
    /// Where refinement starts.
    pub engine: Engine,
    /// Most rounds of refinement; none: as many as the engine takes. Up to two follow that correct the level alone.
    pub rounds: Option<usize>,
    /// Settings that a person fixed: (registry id, value).
    pub fixed: Vec<(String, f64)>,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            tone: 1.0,
            loudness: 1.0,
            dynamics: 1.0,
            width: 1.0,
            loudness_lufs: None,
            ceiling_dbtp: -1.0,
            psr_floor_lu: Some(6.0),
            container: Container::Wav,
            sample_format: None,
            dither: None,
            sample_rate_hz: None,
            engine: Engine::Rules,
            rounds: None,
            fixed: Vec::new(),
        }
    }
}

impl Wishes {
    /// Checks the fixed settings against the registry. Errors: [`ParamError`].
    pub fn check(&self) -> Result<(), ParamError> {
        self.fixed.iter().try_for_each(|(id, value)| find(id)?.check(*value).map(drop))
    }
}
