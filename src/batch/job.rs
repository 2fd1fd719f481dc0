//! One row: what to master, how, and where to.

use crate::order::{Destination, Order};
use std::path::PathBuf;

/// One row of a manifest, read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its place in the manifest, counted from 1.
    pub row: u64,
    /// Its name in the results; no two rows share one.
    pub id: String,
    /// The mix: a path or a URL.
    pub mix: PathBuf,
    /// What is asked for.
    pub order: Order,
    /// Where the master and its reports go: paths or URLs.
    pub destination: Destination,
}
