//! What lies there already: this row's and unchanged, this row's but old, or somebody's.

use super::identity::{Known, sha256};
use super::job::Job;
use super::line::{Line, Status};
use super::one::{Asked, Bench, key};
use super::store::is_url;
use crate::audio::AudioError;
use crate::error::Error;
use std::path::Path;

impl Bench<'_> {
    /// The line of a row that is done, where any of `known` says so: inputs, settings and version as they were, and all files as
    /// they were made. Errors: the system or the store will not tell.
    pub(super) fn unchanged(&self, job: &Job, asked: &Asked, known: &[Line]) -> Result<Option<Line>, Error> {
        // Of one file the last line is the newest, and the one to be told.
        for line in known.iter().rev() {
            if self.is_unchanged(job, asked, line)? {
                let now = Line { status: Status::Skipped, id: job.id.clone(), row: job.row, rows: self.rows, ..line.clone() };
                return Ok(Some(now));
            }
        }
        Ok(None)
    }

    fn is_unchanged(&self, job: &Job, asked: &Asked, line: &Line) -> Result<bool, Error> {
        let outputs = job.destination.files().into_iter();
        let same = same_names(job.inputs(), &line.inputs) && same_names(outputs, &line.outputs);
        if !same || line.key != key(job, asked, &line.inputs) {
            return Ok(false);
        }
        for file in line.inputs.iter().chain(&line.outputs) {
            if !self.is_as_it_was(job, file)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_as_it_was(&self, job: &Job, known: &Known) -> Result<bool, Error> {
        let place = &job.at(Path::new(&known.file));
        let same = self.store.stat(place)?.is_some_and(|now| now == known.stat);
        // A local file that was only touched, and one that is to be looked at closely, is known by its content.
        match (same, is_url(place)) {
            (true, _) if !self.verify => Ok(true),
            (same, true) => Ok(same),
            (_, false) => Ok(place.is_file() && sha256(place)? == known.sha256),
        }
    }

    /// Whether anything bears the name of an output. Errors: the system or the store will not tell.
    pub(super) fn any_there(&self, job: &Job) -> Result<bool, Error> {
        for output in job.destination.files() {
            if self.store.stat(&job.at(output))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Refuses to replace what this manifest has not made: what is as none of the lines `ours` says. Errors: such a file.
    pub(super) fn in_the_way(&self, job: &Job, ours: &[&Line]) -> Result<(), Error> {
        if self.overwrite {
            return Ok(());
        }
        for output in job.destination.files() {
            if self.store.stat(&job.at(output))?.is_some() && !self.is_ours(job, output, ours)? {
                return Err(AudioError::Exists { path: output.to_owned() }.into());
            }
        }
        Ok(())
    }

    fn is_ours(&self, job: &Job, output: &Path, ours: &[&Line]) -> Result<bool, Error> {
        let name = output.display().to_string();
        for made in ours.iter().flat_map(|line| &line.outputs).filter(|made| made.file == name) {
            if self.is_as_it_was(job, made)? || self.is_object_of(job, made)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether an object has the content that was made. A process that was killed between sending it and telling has left no
    /// entity tag. Errors: the store or the disk fails.
    fn is_object_of(&self, job: &Job, made: &Known) -> Result<bool, Error> {
        let place = &job.at(Path::new(&made.file));
        if !is_url(place) || self.store.stat(place)?.is_none_or(|now| now.bytes != made.stat.bytes) {
            return Ok(false);
        }
        let folder = tempfile::tempdir().map_err(|source| AudioError::Spill { source })?;
        let file = folder.path().join("object");
        self.store.fetch(place, &file)?;
        Ok(sha256(&file)? == made.sha256)
    }
}

/// Whether these are the names of known files, in their order.
fn same_names<'p>(mut places: impl Iterator<Item = &'p Path>, known: &[Known]) -> bool {
    let mut names = known.iter().map(|known| known.file.as_str());
    let same = places.all(|place| names.next() == Some(place.display().to_string().as_str()));
    same && names.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::super::journal::Journal;
    use super::super::manifest::{Defaults, read};
    use super::super::one::End;
    use super::super::store::Store;
    use super::*;
    use crate::error::exit;
    use crate::job::{Progress, Step};
    use std::sync::atomic::{AtomicBool, Ordering};
    use tempfile::TempDir;

    /// A second and a half of bass, chords and bursts, and a manifest of it.
    fn catalogue() -> (TempDir, Vec<Job>) {
        let folder = tempfile::tempdir().unwrap();
        let (rate, mut state) = (44_100_u32, 11_u32);
        let sample_format = hound::SampleFormat::Int;
        let spec = hound::WavSpec { channels: 2, sample_rate: rate, bits_per_sample: 24, sample_format };
        let mut writer = hound::WavWriter::create(folder.path().join("a.wav"), spec).unwrap();
        for n in 0..rate + rate / 2 {
            let t = f64::from(n) / f64::from(rate);
            let voice = |hz: f64| (std::f64::consts::TAU * hz * t).sin();
            for side in [0.0, 1.0] {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = f64::from(state >> 8) / f64::from(1_u32 << 23) - 1.0;
                let burst = noise * (-(t % 0.25) * 30.0).exp();
                let x = 0.15 * voice(55.0) + 0.1 * voice(330.0 + side) + 0.1 * burst + 0.01 * noise;
                writer.write_sample((x * f64::from(1 << 23)) as i32).unwrap();
            }
        }
        writer.finalize().unwrap();
        let manifest = folder.path().join("m.jsonl");
        let row = r#"{"mix": "a.wav", "genre": "pop", "loudness": -16, "output": "out/a.wav", "report": "none"}"#;
        std::fs::write(&manifest, row).unwrap();
        let jobs = read(&[manifest], &Defaults::default()).unwrap();
        (folder, jobs)
    }

    /// The line of the only row, by a process that knows what the results say.
    fn end(folder: &TempDir, job: &Job, overwrite: bool, tell: &(dyn Fn(Step, f64) + Sync)) -> Line {
        let (journal, store) = (Journal::open(&folder.path().join("m.results.jsonl")).unwrap(), Store::default());
        let stop = AtomicBool::new(false);
        let progress = Progress { tell, stop: &stop, threads: 1 };
        match Bench::new(&journal, &store, 1, overwrite, false).end_of(job, &progress).unwrap() {
            End::Told(line) => *line,
            End::Elsewhere | End::Stopped => panic!("the row is nobody else's, and nobody stopped it"),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = std::fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn what_appears_while_a_row_is_made_is_not_replaced() {
        let (folder, jobs) = catalogue();
        let master = folder.path().join("out/a.wav");
        let appear = |step: Step, _: f64| {
            if step == Step::Render {
                std::fs::write(&master, "precious").unwrap();
            }
        };
        let line = end(&folder, &jobs[0], false, &appear);
        assert_eq!((line.status, line.code), (Status::Failed, exit::USAGE), "{:?}", line.message);
        assert_eq!(std::fs::read(&master).unwrap(), b"precious");
        assert_eq!(names(&folder.path().join("out")), ["a.wav"], "a row that failed leaves nothing");
        let line = end(&folder, &jobs[0], true, &appear);
        assert_eq!(line.status, Status::Done, "{:?}", line.message);
        assert_ne!(std::fs::read(&master).unwrap(), b"precious");
    }

    /// A process died between receipt and names; before the next one comes, somebody takes a name.
    #[test]
    fn a_receipt_replaces_nobodys_file_either() {
        let (folder, jobs) = catalogue();
        let quiet = |_: Step, _: f64| {};
        let line = end(&folder, &jobs[0], false, &quiet);
        assert_eq!(line.status, Status::Done, "{:?}", line.message);
        let (master, making) = (folder.path().join("out/a.wav"), folder.path().join("out/.a.wav.making"));
        let made = std::fs::read(&master).unwrap();
        std::fs::create_dir(&making).unwrap();
        std::fs::rename(&master, making.join("0.wav")).unwrap();
        std::fs::write(making.join("receipt.json"), serde_json::to_string(&line).unwrap()).unwrap();
        std::fs::remove_file(folder.path().join("m.results.jsonl")).unwrap();
        std::fs::write(&master, "precious").unwrap();
        let worked = AtomicBool::new(false);
        let listen = |_: Step, _: f64| worked.store(true, Ordering::Relaxed);
        let refused = end(&folder, &jobs[0], false, &listen);
        assert_eq!((refused.status, refused.code), (Status::Failed, exit::USAGE), "{:?}", refused.message);
        assert_eq!(std::fs::read(&master).unwrap(), b"precious");
        // What is made is not lost: once it may be replaced, or is gone, only the name is given.
        let taken_up = end(&folder, &jobs[0], true, &listen);
        assert_eq!((taken_up.status, &taken_up.key), (Status::Done, &line.key), "{:?}", taken_up.message);
        assert!(std::fs::read(&master).unwrap() == made && taken_up.ended_unix_ms >= line.ended_unix_ms);
        assert_eq!(names(&folder.path().join("out")), ["a.wav"]);
        assert!(!worked.into_inner(), "it was made again");
    }
}
