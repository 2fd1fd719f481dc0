//! automaster: masters a finished mix to a reference, with every move explained and every promise measured.
//!
//! [`job`] is the public face: listen, aim, suggest, render. `ARCHITECTURE.md` has the map of the rooms below it.
//!
//! ```rust,no_run
//! use automaster::job::{self, Progress, Wishes};
//! use std::path::Path;
//! use std::sync::atomic::AtomicBool;
//!
//! fn main() -> Result<(), automaster::error::Error> {
//!     let (tell, stop) = (|_, _| {}, AtomicBool::new(false));
//!     let progress = Progress { tell: &tell, stop: &stop, threads: 2 };
//!     let (mix, references) = job::listen(Path::new("mix.wav"), &["favorite.flac".into()], &progress)?;
//!     let target = job::aim(references.iter().map(|song| (song, 1.0)));
//!     if let Some(target) = target {
//!         let plan = job::suggest(&mix, &target, &Wishes::default(), &progress)?;
//!         let master = job::render(&mix, &plan, Path::new("master.wav"), false, &progress)?;
//!         println!("{:.1} LUFS", master.analysis.loudness.integrated_lufs);
//!     }
//!     Ok(())
//! }
//! ```

pub mod album;
pub mod analysis;
pub mod audio;
pub mod batch;
pub mod chain;
pub mod check;
pub mod deliver;
pub mod dsp;
pub mod error;
pub mod genre;
pub mod inference;
pub mod job;
pub mod musical;
pub mod order;
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
