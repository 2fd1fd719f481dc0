//! One row, from its inputs to its line of results.

use super::identity::{Known, Stat, io_error, sha256, sha256_of};
use super::job::Job;
use super::journal::Journal;
use super::line::{Figures, LINE_VERSION, Line, Status};
use super::notes::notes;
use super::store::{Store, is_url};
use super::work::Work;
use crate::audio::AudioError;
use crate::error::{Error, exit};
use crate::job::{self, Aims, Progress, Song, Wishes};
use crate::order::Proposal;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// References that are kept, measured, for the next row: a catalogue is often mastered to a few.
const KEPT_REFERENCES: usize = 64;

/// What all rows of a run share.
pub(super) struct Bench<'a> {
    pub(super) journal: &'a Journal,
    pub(super) store: &'a Store,
    pub(super) rows: u64,
    pub(super) overwrite: bool,
    pub(super) verify: bool,
    references: Mutex<HashMap<(String, String), Arc<Song>>>,
}

/// How a row ended.
pub(super) enum End {
    /// Done, skipped or failed.
    Told(Box<Line>),
    /// Another process is at it.
    Elsewhere,
    /// The run was told to stop.
    Stopped,
}

/// A row's settings, read and checked.
pub(super) struct Asked {
    aims: Aims,
    wishes: Wishes,
    instructions: Option<String>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(journal: &'a Journal, store: &'a Store, rows: u64, overwrite: bool, verify: bool) -> Self {
        Self { journal, store, rows, overwrite, verify, references: Mutex::default() }
    }

    /// Does a row, unless it is done. Errors: the results cannot be written; all else is a line.
    pub(super) fn end_of(&self, job: &Job, progress: &Progress) -> Result<End, Error> {
        let begun = Instant::now();
        let mut inputs = Vec::new();
        match self.attempt(job, &mut inputs, begun, progress) {
            Ok(end) => Ok(end),
            Err(Error::Interrupted) => Ok(End::Stopped),
            Err(error) => {
                let line = Line {
                    status: Status::Failed,
                    code: error.exit_code(),
                    message: Some(in_known_names(job, &error.to_string())),
                    inputs,
                    seconds: begun.elapsed().as_secs_f64(),
                    ..self.line(job)
                };
                self.journal.append(&line)?;
                Ok(End::Told(Box::new(line)))
            }
        }
    }

    /// Ends a row as failed. Errors: the results cannot be written.
    pub(super) fn fail(&self, job: &Job, code: u8, message: &str) -> Result<End, Error> {
        let line = Line { status: Status::Failed, code, message: Some(message.to_owned()), ..self.line(job) };
        self.journal.append(&line)?;
        Ok(End::Told(Box::new(line)))
    }

    fn line(&self, job: &Job) -> Line {
        Line {
            schema_version: LINE_VERSION,
            id: job.id.clone(),
            row: job.row,
            rows: self.rows,
            status: Status::Done,
            code: exit::DONE,
            message: None,
            program: PROGRAM.to_owned(),
            key: String::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            figures: None,
            seconds: 0.0,
            ended_unix_ms: now_unix_ms(),
            notes: Vec::new(),
        }
    }

    fn attempt(&self, job: &Job, inputs: &mut Vec<Known>, begun: Instant, progress: &Progress) -> Result<End, Error> {
        let (name, place) = (job.destination.master.display().to_string(), job.at(&job.destination.master));
        let order = &job.order;
        let asked =
            Asked { aims: order.aims()?, wishes: order.wishes(job.destination.container)?, instructions: order.instructions()? };
        let mut known = self.journal.done(&name);
        if let Some(skipped) = self.unchanged(job, &asked, &known)? {
            Work::tidy(&place)?;
            return self.told_again(skipped);
        }
        let Some(work) = Work::open(&place)? else { return Ok(End::Elsewhere) };
        if self.any_there(job)? {
            // Another process may have done this row since this one has read the results; or another share, in an earlier run.
            self.journal.refresh()?;
            known = self.journal.done(&name);
            if let Some(skipped) = self.unchanged(job, &asked, &known)? {
                work.end()?;
                return self.told_again(skipped);
            }
        }
        let outputs = job.destination.files();
        let receipt = work.receipt();
        let read = self.read(job, &work, inputs)?;
        let key = key(job, &asked, inputs);
        let finished = receipt.clone().filter(|line| line.key == key);
        if finished.is_none() {
            // What it says is made is not what is asked for.
            work.void()?;
        }
        let ours: Vec<&Line> = known.iter().chain(&receipt).collect();
        self.in_the_way(job, &ours)?;
        if let Some(mut line) = finished
            && work.deliver(&there(job), &mut line, self.store)?
        {
            return self.told(work, line);
        }
        work.void()?;
        Work::make_folders(&there(job))?;
        // The mix that was fetched stays; what an earlier process has left goes.
        let line = self.make(job, &asked, &work, read, inputs, progress)?;
        let line = Line { key, inputs: inputs.clone(), seconds: begun.elapsed().as_secs_f64(), ..line };
        let mut line = work.finish(&outputs, line)?;
        // What has appeared while the row was made is somebody's.
        if let Err(error) = self.in_the_way(job, &ours) {
            work.void()?;
            return Err(error);
        }
        if !work.deliver(&there(job), &mut line, self.store)? {
            return Err(io_error(&job.destination.master, std::io::Error::other("the finished file has vanished; run again")));
        }
        self.told(work, line)
    }

    /// Ends a row that is done already. Where it failed in between (its mix was away, say), the results would end with that: they
    /// get its line once more.
    fn told_again(&self, skipped: Line) -> Result<End, Error> {
        if self.journal.has_failed(&skipped.id) {
            self.journal.append(&Line { status: Status::Done, ended_unix_ms: now_unix_ms(), ..skipped.clone() })?;
        }
        Ok(End::Told(Box::new(skipped)))
    }

    fn told(&self, work: Work, line: Line) -> Result<End, Error> {
        // A receipt may be older than this process.
        let line = Line { ended_unix_ms: now_unix_ms(), ..line };
        self.journal.append(&line)?;
        work.end()?;
        Ok(End::Told(Box::new(line)))
    }

    /// Where the row's inputs can be read on this machine; notes what they are. Errors: one cannot be read.
    fn read(&self, job: &Job, work: &Work, inputs: &mut Vec<Known>) -> Result<Vec<PathBuf>, Error> {
        let mut read = Vec::new();
        for (number, place) in job.inputs().enumerate() {
            let (file, stat) = if is_url(place) {
                let file = work.fetched(number, place);
                let stat = self.store.fetch(place, &file)?;
                (file, stat)
            } else {
                let file = job.at(place);
                let stat = Stat::of(&file)?.ok_or_else(|| AudioError::NotFound { path: place.to_owned() })?;
                (file, stat)
            };
            inputs.push(Known { file: place.display().to_string(), sha256: sha256(&file)?, stat });
            read.push(file);
        }
        Ok(read)
    }

    fn make(
        &self,
        job: &Job,
        asked: &Asked,
        work: &Work,
        read: Vec<PathBuf>,
        inputs: &[Known],
        progress: &Progress,
    ) -> Result<Line, Error> {
        let outputs = job.destination.files();
        for (number, output) in outputs.iter().enumerate() {
            let old = work.file(number, output);
            if old.exists() {
                std::fs::remove_file(&old).map_err(|source| io_error(&old, source))?;
            }
        }
        let mut songs = Vec::new();
        for ((place, file), known) in job.inputs().zip(&read).zip(inputs).skip(1) {
            songs.push(self.reference(place, file, known, progress)?);
        }
        let mut mix = job::load_mix(&read[0], progress)?;
        mix.path.clone_from(&job.mix);
        let (wishes, instructions) = (asked.wishes.clone(), asked.instructions.as_deref());
        let mut proposal = Proposal::new(mix, &songs, &asked.aims, wishes, instructions, progress)?;
        let file = work.file(0, outputs[0]);
        let mut master = proposal.render(|mix, plan| job::render(mix, plan, &file, true, progress))?;
        master.path.clone_from(&job.destination.master);
        let report = proposal.report(Some(&master));
        for ((number, output), (_, format)) in outputs.iter().enumerate().skip(1).zip(&job.destination.reports) {
            let file = work.file(number, output);
            std::fs::write(&file, format.text(&report)).map_err(|source| io_error(&file, source))?;
        }
        let notes = notes(&proposal, &master, asked.wishes.loudness_lufs);
        let figures = Figures::new(&master.analysis, proposal.plan.delivery.sample_rate_hz, master.promises);
        Ok(Line { figures: Some(figures), notes, ..self.line(job) })
    }

    /// A reference, measured once for all rows. Errors: it cannot be read; interrupted.
    fn reference(&self, place: &Path, file: &Path, known: &Known, progress: &Progress) -> Result<Arc<Song>, Error> {
        let name = (known.file.clone(), known.sha256.clone());
        let kept = || self.references.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(song) = kept().get(&name) {
            return Ok(Arc::clone(song));
        }
        let mut song = job::load_reference(file, progress)?;
        song.path = place.to_owned();
        let song = Arc::new(song);
        let mut kept = kept();
        if kept.len() >= KEPT_REFERENCES {
            kept.clear();
        }
        kept.insert(name, Arc::clone(&song));
        Ok(song)
    }
}

/// Program and version, as reports name them.
const PROGRAM: &str = concat!("automaster ", env!("CARGO_PKG_VERSION"));

/// A text about files of the row's own folder, with the names that a person knows.
fn in_known_names(job: &Job, text: &str) -> String {
    let inputs: Vec<&Path> = job.inputs().collect();
    Work::in_known_names(text, &job.at(&job.destination.master), &inputs, &job.destination.files())
}

/// Where the outputs are to lie, the master first.
fn there(job: &Job) -> Vec<PathBuf> {
    job.destination.files().into_iter().map(|output| job.at(output)).collect()
}

/// The time, in milliseconds since 1970.
fn now_unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64)
}

/// What makes a row's bytes: version, contents, names (they are in the reports), settings.
pub(super) fn key(job: &Job, asked: &Asked, inputs: &[Known]) -> String {
    let contents: Vec<_> = inputs.iter().map(|input| (&input.file, &input.sha256)).collect();
    let weights: Vec<_> = asked.aims.references.iter().map(|(_, weight)| weight).collect();
    let Asked { aims, wishes, instructions } = asked;
    let aim = (&aims.genres, aims.profile.as_ref().map(crate::target::genre::profile::SoundProfile::to_toml));
    let reports = &job.destination.reports;
    let text = format!("{PROGRAM} {LINE_VERSION} {contents:?} {weights:?} {aim:?} {wishes:?} {instructions:?} {reports:?}");
    sha256_of(&text)
}
