//! The true-peak meter of another make: `scripts/true_peak.py`, kept running so that scipy is loaded once.

use crate::systems::Programs;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running meter.
pub(crate) struct PeakMeter {
    child: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl PeakMeter {
    /// Starts the meter. Errors: no such Python.
    pub(crate) fn start(programs: &Programs) -> Result<Self> {
        let mut child = Command::new(&programs.python)
            .arg(programs.scripts.join("true_peak.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", programs.python.display()))?;
        let answers = BufReader::new(child.stdout.take().context("the meter answers")?);
        Ok(Self { ask: child.stdin.take(), answers, child })
    }

    /// True peak of a file.
    pub(crate) fn true_peak_dbtp(&mut self, path: &Path) -> Result<f64> {
        let ask = self.ask.as_mut().context("the meter listens")?;
        writeln!(ask, "{}", path.display())?;
        ask.flush()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let answer = answer.trim();
        answer.parse().with_context(|| format!("no true peak of {}: {answer:?}", path.display()))
    }
}

impl Drop for PeakMeter {
    fn drop(&mut self) {
        // Its input closed, the meter ends by itself.
        self.ask = None;
        let _ = self.child.wait();
    }
}
