//! The run: workers that take rows one by one, as many at once as memory holds.

use super::job::Job;
use super::journal::Journal;
use super::line::{Line, Status};
use super::memory::{Gate, needed_bytes};
use super::one::{Bench, End};
use super::store::{Store, is_url};
use super::work::Work;
use crate::audio::decode::Decoder;
use crate::error::{Error, exit};
use crate::job::{Progress, Step};
use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often a row is looked at that another process holds.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How a run works; nothing here changes a byte of what it makes.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Rows at once.
    pub jobs: usize,
    /// Threads of all rows together.
    pub threads: usize,
    /// Memory that all rows together may take, in bytes; none: no bound.
    pub memory_bytes: Option<u64>,
    /// Whether files that this manifest has not made are replaced.
    pub overwrite: bool,
    /// Whether unchanged files are known by their content instead of size and time.
    pub verify: bool,
}

/// What a run tells while it works; from any thread.
#[derive(Debug)]
pub enum Event<'a> {
    /// A row was begun.
    Began(&'a Job),
    /// A row ended.
    Ended(&'a Line),
}

/// What became of all rows of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that were done in this run.
    pub done: u64,
    /// Rows that were done before.
    pub skipped: u64,
    /// Rows that failed.
    pub failed: u64,
}

/// Does `mine`, a share of all `jobs` of a manifest. Errors: the results cannot be written; [`Error::Paused`] when `stop` was set
/// before all was done, with every finished row in the results and nothing left of the others.
pub fn run(
    jobs: &[Job],
    mine: &[&Job],
    journal: &Journal,
    options: &Options,
    tell: &(dyn Fn(Event) + Sync),
    stop: &AtomicBool,
) -> Result<Tally, Error> {
    let store = Store::default();
    sweep(jobs, mine);
    // What other shares have told counts from the beginning, a failure too.
    journal.refresh()?;
    let bench = Bench::new(journal, &store, jobs.len() as u64, options.overwrite, options.verify);
    let workers = options.jobs.clamp(1, mine.len().max(1));
    let shared = Shared {
        bench: &bench,
        queue: Mutex::new(mine.iter().copied().collect()),
        gate: Gate::new(options.memory_bytes),
        threads: (options.threads / workers).max(1),
        tally: Mutex::default(),
        tell,
        stop,
        broken: AtomicBool::new(false),
    };
    let ends: Vec<Result<(), Error>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| shared.work())).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    ends.into_iter().collect::<Result<(), _>>()?;
    let tally = *shared.tally.lock().unwrap_or_else(PoisonError::into_inner);
    let Tally { done, skipped, failed } = tally;
    if stop.load(Ordering::Relaxed) && done + skipped + failed < mine.len() as u64 {
        let done = format!("{done} done, {skipped} unchanged, {failed} failed, of {} rows", mine.len());
        return Err(Error::Paused { folder: journal.path().to_owned(), done });
    }
    Ok(tally)
}

/// Removes what killed runs have left for rows that are gone from the manifest.
fn sweep(jobs: &[Job], mine: &[&Job]) {
    let master = |job: &Job| job.at(&job.destination.master);
    let all: HashSet<PathBuf> = jobs.iter().map(master).collect();
    let folder = |job: &&Job| master(job).parent().map(Path::to_owned);
    let local = mine.iter().filter(|job| !is_url(&job.destination.master));
    let folders: HashSet<PathBuf> = local.filter_map(folder).collect();
    for folder in folders {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        Work::sweep(here, |master| all.contains(master.strip_prefix(".").unwrap_or(master)) || all.contains(master));
    }
}

struct Shared<'a> {
    bench: &'a Bench<'a>,
    queue: Mutex<VecDeque<&'a Job>>,
    gate: Gate,
    threads: usize,
    tally: Mutex<Tally>,
    tell: &'a (dyn Fn(Event) + Sync),
    stop: &'a AtomicBool,
    /// The results cannot be written: nobody goes on.
    broken: AtomicBool,
}

impl<'a> Shared<'a> {
    fn next(&self) -> Option<&'a Job> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn work(&self) -> Result<(), Error> {
        while let Some(job) = self.next() {
            if self.stop.load(Ordering::Relaxed) || self.broken.load(Ordering::Relaxed) {
                return Ok(());
            }
            let end = self.one(job).inspect_err(|_| self.broken.store(true, Ordering::Relaxed))?;
            match end {
                End::Stopped => return Ok(()),
                End::Elsewhere => {
                    // Its turn comes again: either the other process has done it by then, or it has died.
                    self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
                    std::thread::sleep(LOOK_AGAIN);
                }
                End::Told(line) => {
                    let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
                    match line.status {
                        Status::Done => tally.done += 1,
                        Status::Skipped => tally.skipped += 1,
                        Status::Failed => tally.failed += 1,
                    }
                    drop(tally);
                    (self.tell)(Event::Ended(&line));
                }
            }
        }
        Ok(())
    }

    fn one(&self, job: &Job) -> Result<End, Error> {
        let _inside = self.gate.enter(needed_bytes(rate_hz(&job.at(&job.mix))));
        let quiet = |_: Step, _: f64| {};
        let progress = Progress { tell: &quiet, stop: self.stop, threads: self.threads };
        // A row that hits a bug must not take the others with it.
        let row = || {
            (self.tell)(Event::Began(job));
            self.bench.end_of(job, &progress)
        };
        catch_unwind(AssertUnwindSafe(row))
            .unwrap_or_else(|_| self.bench.fail(job, exit::UNEXPECTED, "a bug in automaster: this row's thread panicked"))
    }
}

/// Sample rate of a mix on this machine, by its header; none where it cannot be told.
fn rate_hz(mix: &Path) -> Option<u32> {
    Some((!is_url(mix)).then(|| Decoder::open(mix).ok())??.info().sample_rate_hz)
}
