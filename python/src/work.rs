//! Work beside the interpreter: in threads of the library, while Python runs on, hears how far it is, and may stop it.

use crate::failure::raised;
use automaster::error::Error;
use automaster::job::{Progress, Step};
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often Python is asked for Ctrl-C, and is told how far the work is.
const LOOK: Duration = Duration::from_millis(50);

/// What a caller wants to be told, and with how many threads the work is done; none: one a core.
pub(crate) type Call = (Option<Py<PyAny>>, Option<usize>);

/// Runs `job` without holding the interpreter. Errors: the job's; what the callback raised; `KeyboardInterrupt`.
pub(crate) fn work<T: Send>(
    py: Python<'_>,
    (tell, threads): Call,
    job: impl FnOnce(&Progress) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    let now = Mutex::new(None);
    let threads = threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get())).max(1);
    let (result, failed) = py.detach(|| {
        let (end, ended) = channel::<()>();
        let (now, stop) = (&now, &stop);
        std::thread::scope(|scope| {
            let worker = scope.spawn(move || {
                // Dropped at the end of the work, whatever the end: that wakes the waiter.
                let _end = end;
                let hear = |step: Step, done: f64| *now.lock().unwrap_or_else(PoisonError::into_inner) = Some((step, done));
                job(&Progress { tell: &hear, stop, threads })
            });
            let mut failed = None;
            let mut told = None;
            loop {
                let over = ended.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout);
                let heard = *now.lock().unwrap_or_else(PoisonError::into_inner);
                let news = heard.filter(|_| heard != told && failed.is_none());
                told = heard;
                if let Err(error) = Python::attach(|py| pass_on(py, tell.as_ref(), news)) {
                    stop.store(true, Ordering::Relaxed);
                    failed.get_or_insert(error);
                }
                if over {
                    break (worker.join(), failed);
                }
            }
        })
    });
    match (result, failed) {
        (_, Some(error)) => Err(error),
        (Ok(result), None) => result.map_err(|error| raised(py, &error)),
        (Err(panic), None) => std::panic::resume_unwind(panic),
    }
}

fn pass_on(py: Python<'_>, tell: Option<&Py<PyAny>>, news: Option<(Step, f64)>) -> PyResult<()> {
    py.check_signals()?;
    match (tell, news) {
        (Some(tell), Some((step, done))) => tell.call1(py, (name(step), done)).map(drop),
        _ => Ok(()),
    }
}

const fn name(step: Step) -> &'static str {
    match step {
        Step::ListenMix => "listen_mix",
        Step::ListenReference => "listen_reference",
        Step::Recognise => "recognise",
        Step::Propose => "propose",
        Step::Render => "render",
        Step::Verify => "verify",
        Step::Piece { .. } => "piece",
    }
}
