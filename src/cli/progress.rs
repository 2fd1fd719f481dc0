//! The progress display: one bar on standard error, only where that is a terminal; with `-v` the time of each step.

use super::terminal;
use automaster::job::Step;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Mutex;
use std::time::Instant;

const TICKS: u64 = 1000;

/// Shows how far the job is; told from any thread.
pub(crate) struct Meter {
    bar: ProgressBar,
    current: Mutex<Current>,
    times: bool,
}

/// Where the job is.
#[derive(Default)]
struct Current {
    /// Which of several pieces, in words; empty where there is one.
    piece: String,
    step: Option<(Step, Instant)>,
}

impl Meter {
    /// A display at rest; hidden where `quiet` or where standard error is no terminal. `times` writes a line a step.
    pub(crate) fn new(quiet: bool, times: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(TICKS), target);
        if let Ok(style) = ProgressStyle::with_template("{msg:<36} {bar:30} {percent:>3} %") {
            bar.set_style(style);
        }
        Self { bar, current: Mutex::default(), times }
    }

    /// Takes what the job tells. Mix and reference are heard at the same time: a step only follows an earlier one, until the next piece
    /// begins.
    pub(crate) fn tell(&self, step: Step, done: f64) {
        let Ok(mut current) = self.current.lock() else { return };
        match (step, current.step) {
            (Step::Piece { number, of }, _) => {
                self.close(&current);
                *current = Current { piece: if of > 1 { format!("{number} of {of}: ") } else { String::new() }, step: None };
                return;
            }
            (_, Some((now, _))) if now == step => {}
            (_, Some((now, _))) if order(step) < order(now) => return,
            _ => {
                self.close(&current);
                current.step = Some((step, Instant::now()));
                self.bar.set_message(format!("{}{}", current.piece, words(step)));
            }
        }
        self.bar.set_position((done * TICKS as f64) as u64);
    }

    /// Ends the display and wipes the bar.
    pub(crate) fn end(&self) {
        if let Ok(mut current) = self.current.lock() {
            self.close(&current);
            *current = Current::default();
        }
        self.bar.finish_and_clear();
    }

    fn close(&self, current: &Current) {
        if let (true, Some((step, begun))) = (self.times, &current.step) {
            let line = format!("{}{} {:.2} s", current.piece, words(*step), begun.elapsed().as_secs_f64());
            self.bar.suspend(|| terminal::complain("time", &line));
        }
    }
}

/// Loudness may need a second render after the first was measured: both count as one step.
fn order(step: Step) -> usize {
    match step {
        Step::ListenMix | Step::Piece { .. } => 0,
        Step::ListenReference => 1,
        Step::Recognise => 2,
        Step::Propose => 3,
        Step::Render => 4,
        Step::Verify => 4,
    }
}

const fn words(step: Step) -> &'static str {
    match step {
        Step::ListenMix => "listening to the mix",
        Step::ListenReference => "listening to the reference",
        Step::Recognise => "recognising the genre",
        Step::Propose => "trying out settings",
        Step::Render => "rendering",
        Step::Verify => "measuring the written file",
        Step::Piece { .. } => "",
    }
}
