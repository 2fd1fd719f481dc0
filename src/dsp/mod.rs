//! Signal-processing primitives with no opinion: they know no parameters, no files and no features.

pub mod band_split;
pub mod bands;
pub mod biquad;
pub mod chunk;
pub mod crossover;
pub mod curve;
pub mod delay;
pub mod edge;
pub mod envelope;
pub mod fir;
pub mod gain;
pub mod grid;
pub mod halfband;
pub mod interpolate;
pub mod kaiser;
pub mod kweight;
pub mod lanes;
pub mod matched;
pub mod oversample;
pub mod peak_hold;
mod quadratic;
pub mod saturate;
pub mod shelf;
pub mod smooth;
pub mod stft;
pub mod true_peak;
pub mod window;
