//! File formats of a master: container, word length, dither.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// File format of the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// RIFF WAVE; RF64 beyond 4 GiB.
    Wav,
    /// FLAC.
    Flac,
}

/// Word length of the master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SampleFormat {
    /// 16-bit integer.
    Int16,
    /// 24-bit integer.
    Int24,
    /// 32-bit integer (WAV only).
    Int32,
    /// 32-bit float (WAV only).
    Float32,
}

impl SampleFormat {
    /// Word length in bits.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Int32 | Self::Float32 => 32,
        }
    }
}

/// Dither where the word gets shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dither {
    /// Plain rounding.
    None,
    /// Triangular, 2 LSB peak to peak.
    Tpdf,
    /// Triangular, with the error shaped away from where hearing is most sensitive.
    Shaped,
}
