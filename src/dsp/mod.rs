//! Signal-processing primitives with no opinion: they know no parameters, no files and no features.

pub mod bands;
pub mod biquad;
pub mod delay;
pub mod gain;
pub mod true_peak;
