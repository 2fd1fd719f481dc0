//! automaster: masters a finished mix to a reference, with every move explained and every promise measured.
//!
//! [`job`] is the public face: listen, aim, suggest, render. `ARCHITECTURE.md` has the map of the rooms below it.

pub mod analysis;
pub mod audio;
pub mod chain;
pub mod dsp;
pub mod error;
pub mod genre;
pub mod inference;
pub mod job;
pub mod params;
pub mod plan;
pub mod progress;
pub mod propose;
pub mod render;
pub mod report;
#[cfg(feature = "review")]
pub mod review;
pub mod tagger;
pub mod target;
pub mod words;
