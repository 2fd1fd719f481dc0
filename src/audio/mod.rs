//! Sound in and out: buffers, decoding, resampling, dither, encoding, tags, and the spill file of long jobs.

pub mod buffer;
