//! Signal-processing primitives with no opinion: they know no parameters, no files and no features.

pub mod bands;
pub mod biquad;
pub mod chunk;
pub mod crossover;
pub mod delay;
pub mod gain;
pub mod interpolate;
pub mod kweight;
pub mod peak_hold;
pub mod true_peak;
pub mod window;
