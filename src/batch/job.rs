//! One row: what to master, how, and where to.

use super::store::is_url;
use crate::order::{Destination, Order};
use std::path::{Path, PathBuf};

/// One row of a manifest, read and checked. Paths of mix, references and destination are as they were written, and go into
/// reports and results so: the same row makes the same bytes wherever the manifest lies and whoever calls from where.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its place in the manifest, counted from 1.
    pub row: u64,
    /// The folder that relative paths begin from.
    pub base: PathBuf,
    /// Its name in the results; no two rows share one.
    pub id: String,
    /// The mix: a path or a URL.
    pub mix: PathBuf,
    /// What is asked for.
    pub order: Order,
    /// Where the master and its reports go: paths or URLs.
    pub destination: Destination,
}

impl Job {
    /// Where a path of this row lies.
    pub fn at(&self, place: &Path) -> PathBuf {
        if is_url(place) { place.to_owned() } else { self.base.join(place) }
    }

    /// The mix, then the references, as they are written.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(self.mix.as_path()).chain(self.order.references.iter().map(|(path, _)| path.as_path()))
    }

    /// Everything that the row reads: as it is written, and where it lies.
    pub(super) fn reads(&self) -> impl Iterator<Item = (&Path, PathBuf)> {
        // Profile and instructions were looked for when the row was read.
        let others = self.order.files().skip(self.order.references.len());
        self.inputs().map(|path| (path, self.at(path))).chain(others.map(|path| (path, path.to_owned())))
    }
}
