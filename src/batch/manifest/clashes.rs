//! Rows that would be in each other's way.

use crate::batch::job::Job;
use crate::batch::store::is_url;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Two rows of one id or of one output; an output that is some row's input.
pub(super) fn clashes(jobs: &[Job]) -> Vec<String> {
    let (mut ids, mut outputs, mut faults) = (HashMap::new(), HashMap::new(), Vec::new());
    for job in jobs {
        if let Some(other) = ids.insert(&job.id, job.row) {
            faults.push(format!("row {}: row {other} is called '{}' too: give each an id", job.row, job.id));
        }
        for output in job.destination.files() {
            if let Some(other) = outputs.insert(plain(&job.at(output)), job.row) {
                let what = format!("row {}: {} is written by row {other} too", job.row, output.display());
                faults.push(format!("{what}: put {{id}} or {{row}} into output"));
            }
        }
    }
    for job in jobs {
        let read = std::iter::once(&job.mix).chain(job.order.references.iter().map(|(path, _)| path));
        for input in read {
            if let Some(other) = outputs.get(&plain(&job.at(input))) {
                faults.push(format!("row {}: {} is read, and written by row {other}", job.row, input.display()));
            }
        }
    }
    faults
}

/// A path without detours, for comparing; a URL as it is.
pub(super) fn plain(path: &Path) -> PathBuf {
    if is_url(path) {
        return path.to_owned();
    }
    let mut out = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            std::path::Component::ParentDir => drop(out.pop()),
            other => out.push(other),
        }
    }
    out
}
