//! automaster: masters a finished mix to a reference, with every move explained and every promise measured.

pub mod analysis;
pub mod audio;
pub mod chain;
pub mod dsp;
pub mod params;
