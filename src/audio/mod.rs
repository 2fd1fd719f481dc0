//! Sound in and out: buffers, decoding, resampling, dither, encoding, tags, and the spill file of long jobs.

pub mod buffer;
pub mod decode;
pub mod encode;
pub mod error;
pub mod format;
pub mod metadata;
pub mod resample;
pub mod spill;

pub use buffer::AudioBuffer;
pub use error::AudioError;
