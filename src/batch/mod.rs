//! Many orders: a manifest in, one deterministic job a row, a line of results for each.
//!
//! ```text
//! manifest, names ─ manifest.rs ─▶ Jobs ─ shard.rs ─▶ this process's share
//!                                            │ workers, as many as memory holds (run.rs, memory.rs)
//!        results of earlier runs ─ journal.rs ┤ unchanged? left alone
//!                                            ▼
//!    work.rs: a folder beside the output, locked ─ one.rs: master, reports ─ receipt ─ rename ─▶ line in the results
//!                             somebody's file in the way? known.rs ┘      └ again ┘
//! ```
//!
//! A row is done when its line is in the results and its files are as the line says. A run that is killed leaves at most a
//! locked folder behind, which the next run takes over: what has a receipt is only given its names, the rest is done again.
//! Two processes never work on one row: the folder's lock is the system's and goes with the process.

mod identity;
mod job;
mod journal;
mod known;
mod line;
mod manifest;
mod memory;
mod notes;
mod one;
mod page;
mod run;
mod shard;
mod store;
mod summary;
mod work;

pub use identity::{Known, Stat};
pub use job::Job;
pub use journal::{Journal, results_path};
pub use line::{Figures, LINE_VERSION, Line, Status};
pub use manifest::{Defaults, manifest_of, read};
pub use memory::available_bytes;
pub use page::markdown;
pub use run::{Event, Options, Tally, run};
pub use shard::Shard;
pub use store::{Store, is_url};
pub use summary::{Compliance, Outlier, Spread, Summary};
