//! Lossy codecs, there and back: what a listener of a platform hears of a master.
//!
//! ```text
//! blocks ─ to the codec's rate ─┬ mp3.rs     LAME          ┐
//!                               ├ vorbis.rs  libvorbis     ├▶ Coded (a whole file in memory) ─ decode ─▶ the same frames
//!                               ├ opus.rs    Opus          │
//!                               └ aac.rs     ffmpeg's AAC  ┘
//! ```
//!
//! Delay and padding of the encoders are cut off by what their files declare, so that what comes back lies sample by sample over
//! what went in (at the codec's rate). LAME and libvorbis are compiled with the feature `codecs`; Opus is pure Rust; there is
//! no AAC encoder of an acceptable licence to build along, so AAC is coded by the `ffmpeg` that the machine has, and is
//! refused in plain words where it has none.

mod aac;
mod loss;
#[cfg(feature = "codecs")]
mod mp3;
mod opus;
mod round_trip;
#[cfg(test)]
mod tests;
#[cfg(feature = "codecs")]
mod vorbis;

use super::resample::Resampler;
use super::{AudioBuffer, AudioError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;

pub use loss::Loss;
pub use round_trip::{RoundTrip, round_trip, round_trip_blocks, round_trip_heard, true_peak_dbtp};

/// A lossy codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// MPEG-1 layer III by LAME.
    Mp3,
    /// AAC-LC by the system's ffmpeg.
    Aac,
    /// Opus (RFC 6716), at 48 kHz.
    Opus,
    /// Vorbis by libvorbis with the aoTuV patches.
    Vorbis,
}

impl Codec {
    /// All codecs.
    pub const ALL: [Self; 4] = [Self::Mp3, Self::Aac, Self::Opus, Self::Vorbis];

    /// Name for a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mp3 => "MP3",
            Self::Aac => "AAC",
            Self::Opus => "Opus",
            Self::Vorbis => "Vorbis",
        }
    }

    /// Extension of its files, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Aac => "m4a",
            Self::Opus => "opus",
            Self::Vorbis => "ogg",
        }
    }

    /// The rate in Hz at which music of `rate_hz` is coded: its own where that is 44.1 or 48 kHz, else the nearest kin.
    pub const fn coding_rate_hz(self, rate_hz: u32) -> u32 {
        match (self, rate_hz) {
            (Self::Opus, _) => 48_000,
            (_, 44_100 | 88_200 | 176_400 | 352_800 | 22_050 | 11_025) => 44_100,
            _ => 48_000,
        }
    }

    /// Whether it can encode here and now; the error says what is missing.
    pub fn available(self) -> Result<(), CodecError> {
        match self {
            Self::Opus => Ok(()),
            Self::Mp3 | Self::Vorbis if cfg!(feature = "codecs") => Ok(()),
            Self::Mp3 | Self::Vorbis => Err(CodecError::NotBuilt { codec: self }),
            Self::Aac => aac::available(),
        }
    }
}

/// A codec at a bitrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coding {
    /// The codec.
    pub codec: Codec,
    /// Bitrate of a stereo stream: constant for MP3, nominal for the others.
    pub bitrate_kbps: u32,
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} kbit/s", self.codec.name(), self.bitrate_kbps)
    }
}

/// What can go wrong with a codec.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The program was built without the encoder.
    #[error("{}: this build has no encoder for it; build with the feature `codecs`", codec.name())]
    NotBuilt {
        /// The codec.
        codec: Codec,
    },
    /// AAC needs an ffmpeg, and there is none.
    #[error("AAC: needs the program ffmpeg, which is not on this machine; install it, or leave AAC out")]
    NoFfmpeg,
    /// The encoder refuses the bitrate, rate or channels, or fails on the way.
    #[error("{coding}: the encoder failed: {what}")]
    Encoder {
        /// What was asked for.
        coding: Coding,
        /// What the encoder says.
        what: String,
    },
    /// What was encoded cannot be decoded, or is not as long as what went in.
    #[error("{coding}: what was encoded does not decode: {source}")]
    Decode {
        /// What was encoded.
        coding: Coding,
        /// What the decoder says.
        source: AudioError,
    },
    /// The temporary file with the music that what comes back is compared with.
    #[error(transparent)]
    Kept(#[from] AudioError),
    /// The temporary file for the decoder.
    #[error("temporary file in {}: {source}; free some space or point TMPDIR elsewhere", std::env::temp_dir().display())]
    Temporary {
        /// What the system says.
        #[from]
        source: io::Error,
    },
}

impl CodecError {
    fn encoder(coding: Coding, what: impl fmt::Display) -> Self {
        Self::Encoder { coding, what: what.to_string() }
    }
}

/// A file of coded music, in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    /// What it is coded with.
    pub coding: Coding,
    /// Rate of the coded stream in Hz.
    pub sample_rate_hz: u32,
    /// Frames of music in it, at that rate.
    pub frames: u64,
    /// The whole file: MP3 with a LAME tag, Ogg Vorbis, Ogg Opus, or M4A.
    pub bytes: Vec<u8>,
}

impl Coded {
    /// Mean bitrate in kbit/s, the container's overhead included.
    pub fn mean_kbps(&self) -> f64 {
        self.bytes.len() as f64 * 8e-3 * f64::from(self.sample_rate_hz) / self.frames.max(1) as f64
    }
}

/// What each encoder does; audio arrives at its own rate.
trait Encode {
    /// Takes a block, one vector a channel.
    fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), CodecError>;
    /// Ends the stream; gives the file.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, CodecError>;
}

/// A stream on its way into a codec.
pub struct CodecEncoder {
    coding: Coding,
    sample_rate_hz: u32,
    resampler: Resampler,
    resampled: Vec<Vec<f32>>,
    frames: u64,
    inner: Box<dyn Encode>,
}

impl fmt::Debug for CodecEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodecEncoder({} at {} Hz)", self.coding, self.sample_rate_hz)
    }
}

impl CodecEncoder {
    /// An encoder of music at `rate_hz` with 1 or 2 channels. Errors: not available here; a bitrate that it does not know.
    pub fn new(coding: Coding, rate_hz: u32, channels: usize) -> Result<Self, CodecError> {
        coding.codec.available()?;
        let sample_rate_hz = coding.codec.coding_rate_hz(rate_hz);
        let inner: Box<dyn Encode> = match coding.codec {
            #[cfg(feature = "codecs")]
            Codec::Mp3 => Box::new(mp3::Mp3::new(coding, sample_rate_hz, channels)?),
            #[cfg(feature = "codecs")]
            Codec::Vorbis => Box::new(vorbis::Vorbis::new(coding, sample_rate_hz, channels)?),
            Codec::Opus => Box::new(opus::Opus::new(coding, rate_hz, channels)?),
            Codec::Aac => Box::new(aac::Aac::new(coding, sample_rate_hz, channels)?),
            #[cfg(not(feature = "codecs"))]
            codec => return Err(CodecError::NotBuilt { codec }),
        };
        let resampler = Resampler::new(rate_hz, sample_rate_hz, channels);
        Ok(Self { coding, sample_rate_hz, resampler, resampled: vec![Vec::new(); channels], frames: 0, inner })
    }

    /// Takes a block, one vector a channel. Errors: the encoder fails.
    pub fn push(&mut self, channels: &[Vec<f32>]) -> Result<(), CodecError> {
        self.resampler.push(channels, &mut self.resampled);
        self.pass_on()
    }

    /// Ends the stream. Errors: the encoder fails.
    pub fn finish(mut self) -> Result<Coded, CodecError> {
        self.resampler.finish(&mut self.resampled);
        self.pass_on()?;
        let Self { coding, sample_rate_hz, frames, inner, .. } = self;
        Ok(Coded { coding, sample_rate_hz, frames, bytes: inner.finish()? })
    }

    fn pass_on(&mut self) -> Result<(), CodecError> {
        let frames = self.resampled.first().map_or(0, Vec::len);
        if frames > 0 {
            self.inner.push(&self.resampled)?;
            self.resampled.iter_mut().for_each(Vec::clear);
        }
        self.frames += frames as u64;
        Ok(())
    }
}

/// Encodes music that is in memory. Errors as [`CodecEncoder::new`].
pub fn encode(audio: &AudioBuffer, coding: Coding) -> Result<Coded, CodecError> {
    let mut encoder = CodecEncoder::new(coding, audio.sample_rate_hz, audio.channels.len())?;
    encoder.push(&audio.channels)?;
    encoder.finish()
}

/// Appends planar audio as interleaved samples.
fn interleave(channels: &[Vec<f32>], to: &mut Vec<f32>) {
    let frames = channels.first().map_or(0, Vec::len);
    to.extend((0..frames).flat_map(|n| channels.iter().map(move |channel| channel[n])));
}
