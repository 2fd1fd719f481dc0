//! Listening: what a mix, a reference or a master *is*, in numbers.
//!
//! [`Analyzer`] takes blocks and keeps a compact [`Timeline`] (rows in time, not samples); every figure of an
//! [`Analysis`] is computed from it, for the whole file, for its loud sections, or for any set of excerpts.

mod analyzer;
mod bands;
mod decimate;
mod defects;
mod features;
mod grid;
mod levels;
mod loud_windows;
mod loudness;
mod onsets;
mod row;
mod section;
#[cfg(test)]
mod signals;
mod spans;
mod spectrum;
mod steps;
mod timeline;
mod tones;
mod trace;
mod true_peak;
mod windows;

pub use analyzer::Analyzer;
pub use features::{FEATURES_VERSION, Feature, features, find_feature};
pub use loud_windows::LoudWindow;
pub use loudness::{LoudnessMeter, SILENCE_LUFS};
pub use section::NOTHING_DBFS;
pub use timeline::{ROW_S, Timeline};
pub use trace::Trace;

use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVES};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything measured of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// Version of the feature table that these figures belong to.
    pub features_version: u32,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// 1 or 2.
    pub channels: usize,
    /// Length in frames.
    pub frames: u64,
    /// Loudness and peaks of the whole file.
    pub loudness: Loudness,
    /// Tone, dynamics and image of everything above the loudness gate.
    pub whole: Section,
    /// The same of the loud sections: what a person compares.
    pub loud: Section,
    /// Faults of the signal.
    pub defects: Vec<Defect>,
}

/// Side under mid by more than this in every band of dynamics is no image.
pub const MONO_WIDTH_DB: f64 = -50.0;

impl Analysis {
    /// Whether there is a stereo image. The same sound in both channels is mono, and so is one channel.
    pub fn has_image(&self) -> bool {
        self.channels == 2 && self.widest_db() > MONO_WIDTH_DB
    }

    /// By how much this music is louder from two speakers than it measures; see [`of_two_lu`].
    pub fn of_two_lu(&self) -> f64 {
        of_two_lu(self.channels)
    }

    /// Integrated loudness as it is heard from two speakers.
    pub fn heard_lufs(&self) -> f64 {
        self.loudness.integrated_lufs + self.of_two_lu()
    }

    /// Where a lossy codec cut the spectrum, in Hz.
    pub fn lowpass_hz(&self) -> Option<f64> {
        self.defects.iter().find_map(|defect| match defect {
            Defect::LossyLowpass { freq_hz } => Some(*freq_hz),
            _ => None,
        })
    }

    /// The highest centre of a third octave, in Hz, that this music says something about: under where a lossy codec cut the spectrum, or half
    /// the sample rate; a third octave reaches 12 % over its centre.
    pub fn reach_hz(&self) -> f64 {
        self.lowpass_hz().unwrap_or(0.5 * f64::from(self.sample_rate_hz)) / 1.12
    }

    /// Side over mid in the widest band of dynamics, over the whole file.
    pub fn widest_db(&self) -> f64 {
        self.whole.image.iter().map(|band| band.width_db).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// By how much music is louder from two speakers than it measures: one channel is played by both, and BS.1770 adds the powers of channels,
/// so that one measures 3.01 LU under the same sound in two. What is compared between files is compared with this added.
pub fn of_two_lu(channels: usize) -> f64 {
    10.0 * (2.0 / channels.max(1) as f64).log10()
}

/// Loudness and peaks (ITU-R BS.1770-5, EBU Tech 3342).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loudness {
    /// Integrated loudness; −70 where nothing passes the gate.
    pub integrated_lufs: f64,
    /// Largest momentary loudness (400 ms).
    pub max_momentary_lufs: f64,
    /// Largest short-term loudness (3 s).
    pub max_short_term_lufs: f64,
    /// Loudness range.
    pub lra_lu: f64,
    /// Largest true peak, at least the sample peak.
    pub true_peak_dbtp: f64,
    /// Largest sample.
    pub sample_peak_dbfs: f64,
    /// True peak minus integrated loudness; of one channel as it is heard from two speakers ([`of_two_lu`]).
    pub plr_lu: f64,
    /// Peak to short-term loudness: median over the loud windows of (peak in the window − short-term loudness); of one channel as it is
    /// heard from two speakers ([`of_two_lu`]).
    pub psr_lu: f64,
}

/// Tone, dynamics and image of a set of rows of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Section {
    /// Duration in seconds of what was measured.
    pub duration_s: f64,
    /// Long-term spectrum.
    pub spectrum: Spectrum,
    /// Dynamics per band, low to high.
    pub dynamics: [BandDynamics; DYNAMICS_BANDS],
    /// Image per band, low to high.
    pub image: [BandImage; DYNAMICS_BANDS],
    /// Crest factor of the full band: peak over RMS, median over windows.
    pub crest_db: f64,
    /// Onsets per second.
    pub transients_per_s: f64,
    /// Level of left against right.
    pub balance_db: f64,
    /// What is lost when both channels are summed, full band: 0 for mono, 3 for uncorrelated.
    pub mono_loss_db: f64,
}

/// Long-term average spectrum in third octaves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spectrum {
    /// Power of the mid, (L+R)/2, in each third octave, dBFS (a full-scale sine in the band reads −3.01).
    pub mid_dbfs: [f64; THIRD_OCTAVES],
    /// Power of the side, (L−R)/2; −150 where there is none.
    pub side_dbfs: [f64; THIRD_OCTAVES],
    /// Slope of the mid from 100 Hz to 10 kHz.
    pub tilt_db_per_octave: f64,
    /// Power-weighted mean frequency of the mid on the logarithmic axis.
    pub centroid_hz: f64,
}

/// Dynamics of one band.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandDynamics {
    /// RMS level, left and right together.
    pub rms_dbfs: f64,
    /// Crest factor: peak over RMS, median over 400 ms windows.
    pub crest_db: f64,
    /// Spread of the 100 ms level about its mean of the 1.1 s around it: 90th minus 10th percentile. Fader and arrangement have
    /// little part in it.
    pub spread_db: f64,
    /// 95th percentile of the 100 ms level.
    pub p95_dbfs: f64,
    /// 10th percentile of the 100 ms level.
    pub p10_dbfs: f64,
}

/// Stereo image of one band.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandImage {
    /// Side power over mid power; −60 at the least.
    pub width_db: f64,
    /// Correlation of left and right, −1 to 1.
    pub correlation: f64,
}

/// A fault of the signal, with a stable code; worded in `report`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Defect {
    /// Runs of at least three equal samples at full scale or at the file's own flat top.
    ClippedRuns {
        /// Number of runs.
        count: u64,
        /// Level of the flat top.
        level_dbfs: f64,
    },
    /// Constant offset.
    Dc {
        /// Largest offset of a channel, percent of full scale.
        offset_percent: f64,
    },
    /// Mains hum.
    Hum {
        /// 50 or 60 Hz.
        freq_hz: f64,
        /// Level of the hum above its surroundings in the quiet parts.
        excess_db: f64,
    },
    /// Silence at the beginning.
    SilentHead {
        /// Length of the silence.
        seconds: f64,
    },
    /// Silence at the end.
    SilentTail {
        /// Length of the silence.
        seconds: f64,
    },
    /// A steep low-pass as lossy encoders leave.
    LossyLowpass {
        /// Where the spectrum ends.
        freq_hz: f64,
    },
    /// A limiter already worked on this file: peak to short-term loudness under 8.
    AlreadyLimited {
        /// Measured PSR.
        psr_lu: f64,
    },
    /// Summing to mono loses more than 3 dB.
    MonoLoss {
        /// Measured loss.
        loss_db: f64,
    },
    /// Left and right cancel: correlation below 0 in the full band.
    OutOfPhase {
        /// Measured correlation.
        correlation: f64,
    },
}
