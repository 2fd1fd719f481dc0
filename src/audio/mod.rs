//! Sound in and out: buffers, decoding, resampling, dither, encoding, tags, and the spill file of long jobs.
//!
//! ```text
//! file ─ decode ─▶ AudioBuffer blocks ─▶ spill ─▶ … ─▶ resample ─▶ dither ─▶ encode ─▶ file beside the target ─▶ target
//!                                                                                └ metadata (tags, cover) ┘
//! ```

pub mod buffer;
pub mod codec;
pub mod decode;
pub mod dither;
pub mod encode;
pub mod error;
pub mod fingerprint;
pub mod format;
pub mod metadata;
mod pcm;
pub mod resample;
pub mod spill;
pub(crate) mod temporary;
pub mod warning;
pub(crate) mod workshop;

pub use buffer::AudioBuffer;
pub use error::AudioError;
pub use warning::AudioWarning;
