//! What is delivered and what is promised of it.

use crate::audio::format::{Container, Dither, SampleFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// File format and promises of the master.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// File format.
    pub container: Container,
    /// Word length.
    pub sample_format: SampleFormat,
    /// Dither where the word gets shorter.
    pub dither: Dither,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// Integrated loudness that is promised within 0.1 LU; none: whatever the chain gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness_lufs: Option<f64>,
    /// True peak that no sample of the delivered file implies.
    pub ceiling_dbtp: f64,
    /// Smallest peak to short-term loudness; loudness yields to it. None: loudness is forced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub psr_floor_lu: Option<f64>,
}
