//! What is odd about a file but does not stop a job: data with stable codes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A peculiarity of a file that was read or written. Positions and lengths are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AudioWarning {
    /// The header leaves the length open (a streamed file); everything to the end of the file was taken.
    LengthUnknown,
    /// The file ends early and the caller asked to keep what is there.
    Truncated {
        /// How much there is.
        at_s: f64,
        /// How much the header promises, where it does.
        declared_s: Option<f64>,
    },
    /// Packets of a lossy stream could not be decoded; silence stands in for them.
    DamagedPackets {
        /// How many.
        packets: u64,
        /// Where the first one is.
        first_s: f64,
    },
    /// Pages of an Ogg stream are damaged or missing and the caller asked to keep what is there: the sound around them is joined.
    PagesMissing {
        /// How many.
        pages: u64,
        /// Where the first one is.
        first_s: f64,
    },
    /// The stream ends without its end mark; it may have been cut at a packet boundary.
    NoEndMark,
    /// A whole stream whose last page counts more frames than there are.
    CountedMore {
        /// How many more.
        frames: u64,
    },
    /// What was decoded is not what the encoder was given: the file's own checksum (FLAC: MD5) does not fit.
    ChecksumWrong,
    /// An AAC stream at a rate at which it may be HE-AAC, of which the lower half of the band alone is decoded.
    PerhapsHeAac {
        /// The rate that is decoded, in Hz; that of the music may be twice it.
        sample_rate_hz: u32,
    },
    /// Samples beyond full scale were clipped on writing.
    ClippedSamples {
        /// How many.
        samples: u64,
    },
    /// Tags cannot be written to this kind of file and were left out.
    TagsSkipped,
}

impl AudioWarning {
    /// The stable code, as in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LengthUnknown => "length_unknown",
            Self::Truncated { .. } => "truncated",
            Self::DamagedPackets { .. } => "damaged_packets",
            Self::PagesMissing { .. } => "pages_missing",
            Self::NoEndMark => "no_end_mark",
            Self::CountedMore { .. } => "counted_more",
            Self::ChecksumWrong => "checksum_wrong",
            Self::PerhapsHeAac { .. } => "perhaps_he_aac",
            Self::ClippedSamples { .. } => "clipped_samples",
            Self::TagsSkipped => "tags_skipped",
        }
    }
}

impl std::fmt::Display for AudioWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LengthUnknown => write!(f, "the header does not tell the length; the file was read to its end"),
            Self::Truncated { at_s, declared_s: Some(declared_s) } => {
                write!(f, "the file ends at {at_s:.3} s of {declared_s:.3} s; what is there was kept")
            }
            Self::Truncated { at_s, declared_s: None } => {
                write!(f, "the file ends abruptly at {at_s:.3} s; what is there was kept")
            }
            Self::DamagedPackets { packets, first_s } => {
                write!(f, "{packets} damaged packets, the first at {first_s:.3} s, were replaced by silence")
            }
            Self::PagesMissing { pages, first_s } => {
                write!(f, "{pages} Ogg pages are damaged or missing, the first at {first_s:.3} s; what is there was kept")
            }
            Self::NoEndMark => write!(f, "the stream has no end mark; it may have been cut"),
            Self::CountedMore { frames } => {
                write!(f, "the last page counts {frames} more frames than the stream has; all that is there was read")
            }
            Self::ChecksumWrong => {
                write!(f, "the samples are not those that were encoded: the file's checksum does not fit; export it again")
            }
            Self::PerhapsHeAac { sample_rate_hz } => write!(
                f,
                "AAC at {sample_rate_hz} Hz: where it is HE-AAC, only the lower half of its band was decoded; convert it to WAV with \
                 another program if it sounds dull"
            ),
            Self::ClippedSamples { samples } => write!(f, "{samples} samples beyond full scale were clipped"),
            Self::TagsSkipped => write!(f, "the file is beyond 4 GiB, or would be with tags and cover, and they were left out"),
        }
    }
}
