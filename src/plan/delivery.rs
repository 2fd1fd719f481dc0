//! What is delivered and what is promised of it.

use crate::audio::decode::RATES_HZ;
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

/// What is out of range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DeliveryError {
    /// The sample rate.
    #[error("sample_rate_hz is {0}; it may be {first} to {last} Hz", first = RATES_HZ.start(), last = RATES_HZ.end())]
    Rate(u32),
    /// A number that is promised.
    #[error("{what} is {value}; it may be {least} to {most} {unit}")]
    Number {
        /// The key.
        what: &'static str,
        /// The value.
        value: f64,
        /// The least that makes sense.
        least: f64,
        /// The most that makes sense.
        most: f64,
        /// The unit of all three.
        unit: &'static str,
    },
}

impl Delivery {
    /// Checks what a person may have written. Errors: a number that is not finite or out of any sensible range.
    pub fn check(&self) -> Result<(), DeliveryError> {
        if !RATES_HZ.contains(&self.sample_rate_hz) {
            return Err(DeliveryError::Rate(self.sample_rate_hz));
        }
        let number = |what, value: f64, least: f64, most: f64, unit| {
            let fits = (least..=most).contains(&value);
            if fits { Ok(()) } else { Err(DeliveryError::Number { what, value, least, most, unit }) }
        };
        number("loudness_lufs", self.loudness_lufs.unwrap_or(-23.0), -70.0, 0.0, "LUFS")?;
        number("ceiling_dbtp", self.ceiling_dbtp, -40.0, 40.0, "dBTP")?;
        number("psr_floor_lu", self.psr_floor_lu.unwrap_or(0.0), 0.0, 40.0, "LU")
    }
}
