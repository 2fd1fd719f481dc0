//! Rows that would be in each other's way.

use super::places::{Place, Places};
use crate::batch::job::Job;
use crate::job::{Identity, identity};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Two rows of one id or of one output; an output that is some row's input, by whichever name.
pub(super) fn clashes(jobs: &[Job]) -> Vec<String> {
    let (mut ids, mut outputs, mut faults) = (HashMap::new(), HashMap::new(), Vec::new());
    let mut places = Places::default();
    for job in jobs {
        if let Some(other) = ids.insert(&job.id, job.row) {
            faults.push(format!("row {}: row {other} is called '{}' too: give each an id", job.row, job.id));
        }
        for output in job.destination.files() {
            if let Some(other) = outputs.insert(places.of(&job.at(output)), job.row) {
                let what = format!("row {}: {} is written by row {other} too", job.row, output.display());
                faults.push(format!("{what}: put {{id}} or {{row}} into output"));
            }
        }
    }
    read_and_written(jobs, &outputs, &mut places, &mut faults);
    faults
}

/// Tells inputs that are outputs; `outputs` are their places and rows.
fn read_and_written(jobs: &[Job], outputs: &HashMap<Place, u64>, places: &mut Places, faults: &mut Vec<String>) {
    // Each file is looked at once: a catalogue is often mastered to few references.
    let mut writers: HashMap<PathBuf, Option<u64>> = HashMap::new();
    let mut read: HashMap<Identity, (u64, &Path)> = HashMap::new();
    for job in jobs {
        for (input, path) in job.reads() {
            let writer = match writers.get(&path) {
                Some(writer) => *writer,
                None => {
                    let writer = places.of_read(&path).iter().find_map(|place| outputs.get(place).copied());
                    if let Some(file) = identity(&path).filter(|_| writer.is_none()) {
                        read.insert(file, (job.row, input));
                    }
                    writers.insert(path, writer);
                    writer
                }
            };
            if let Some(other) = writer {
                faults.push(format!("row {}: {} is read, and written by row {other}", job.row, input.display()));
            }
        }
    }
    // By another name of the same file: a hard link, letters in another case. What is itself a link is replaced, not what it leads to.
    for job in jobs {
        for output in job.destination.files().into_iter().filter(|output| !job.at(output).is_symlink()) {
            if let Some((row, input)) = identity(&job.at(output)).and_then(|file| read.get(&file)) {
                let (output, input) = (output.display(), input.display());
                faults.push(format!("row {}: {output} is the same file as {input}, which row {row} reads", job.row));
            }
        }
    }
}
