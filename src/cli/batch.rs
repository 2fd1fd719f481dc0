//! `automaster batch MANIFEST`: many orders, one job a row; and `automaster batch summary`.

use super::args::{BatchArgs, BatchCommand, SummaryArgs};
use super::failure::Failure;
use super::session::Session;
use super::suggest::order;
use super::{guard, reports, terminal};
use automaster::batch::{self, Defaults, Event, Job, Journal, Line, Options, Shard, Status, Summary};
use automaster::error::{Error, exit};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Share of the free memory that rows may take.
const MEMORY_SHARE: f64 = 0.8;

/// Runs the command.
pub(super) fn run(args: &BatchArgs, session: &Session) -> Result<(), Failure> {
    if let Some(BatchCommand::Summary(args)) = &args.command {
        return summary(args, session);
    }
    let shard = match &args.shard {
        Some(text) => Shard::read(text, |name| std::env::var(name).ok())?,
        None => Shard::WHOLE,
    };
    let defaults = Defaults { order: order(&args.order)?, named: args.output.named() };
    let jobs = batch::read(&args.manifest, &defaults)?;
    let mine: Vec<&Job> = jobs.iter().filter(|job| shard.holds(job.row)).collect();
    let results = batch::results_path(args.results.as_deref(), batch::manifest_of(&args.manifest), shard);
    let journal = Journal::open(&results)?;
    let options = Options {
        jobs: args.jobs.map_or(session.threads(), usize::from),
        threads: session.threads(),
        memory_bytes: memory_bytes(args),
        overwrite: args.output.overwrite,
        verify: args.verify,
    };
    let board = Board::new(mine.len() as u64, session);
    let tell = |event: Event| board.tell(event);
    let end = batch::run(&jobs, &mine, &journal, &options, &tell, session.stop());
    board.end();
    let tally = end?;
    session.say(|| {
        let batch::Tally { done, skipped, failed } = tally;
        format!("{done} done, {skipped} unchanged, {failed} failed\nresults {}\n", results.display())
    })?;
    match tally.failed {
        0 => Ok(()),
        failed => Err(Failure::Told {
            code: exit::INPUT,
            what: format!("{failed} of {} rows failed; {} says why", mine.len(), results.display()),
            hint: Some("a second run does only what is not done".into()),
        }),
    }
}

fn memory_bytes(args: &BatchArgs) -> Option<u64> {
    match args.memory {
        Some(megabytes) => Some(megabytes << 20),
        None => batch::available_bytes().map(|free| (free as f64 * MEMORY_SHARE) as u64),
    }
}

/// What a person sees of a run: a bar with the time that is left; failures as they happen; with `-v` every row; with `--json` every line.
struct Board<'a> {
    session: &'a Session,
    bar: ProgressBar,
    begun: Instant,
    rows: u64,
    ended: AtomicU64,
    /// Rows that took work: only they tell how long the others will take.
    worked: AtomicU64,
}

impl<'a> Board<'a> {
    fn new(rows: u64, session: &'a Session) -> Self {
        let target = if session.is_quiet() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(rows), target);
        if let Ok(style) = ProgressStyle::with_template("{pos}/{len} {bar:30} {msg}") {
            bar.set_style(style);
        }
        Self { session, bar, begun: Instant::now(), rows, ended: AtomicU64::new(0), worked: AtomicU64::new(0) }
    }

    fn tell(&self, event: Event) {
        let Event::Ended(line) = event else { return };
        let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        let skipped = line.status == Status::Skipped;
        let worked = self.worked.fetch_add(u64::from(!skipped), Ordering::Relaxed) + u64::from(!skipped);
        self.bar.set_position(ended);
        if let Some(left) = left(self.begun.elapsed(), worked, self.rows.saturating_sub(ended)) {
            self.bar.set_message(format!("{} left", HumanDuration(left)));
        }
        self.bar.suspend(|| self.print(line));
    }

    fn print(&self, line: &Line) {
        if self.session.json
            && let Ok(text) = serde_json::to_string(line)
        {
            // A reader that has gone away does not stop the work.
            let _ = terminal::print(&(text + "\n"));
        }
        match line.status {
            Status::Failed => {
                self.session.warn(&format!("row {} ({}): {}", line.row, line.id, line.message.as_deref().unwrap_or("")))
            }
            Status::Done => {
                for note in &line.notes {
                    self.session.warn(&format!("row {} ({}): {note}", line.row, line.id));
                }
                if self.session.is_verbose() {
                    terminal::complain("done", &format!("row {} ({}) {:.1} s", line.row, line.id, line.seconds));
                }
            }
            Status::Skipped if self.session.is_verbose() => {
                terminal::complain("unchanged", &format!("row {} ({})", line.row, line.id));
            }
            Status::Skipped => {}
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Time that is left, where one row at least has told how long rows take.
fn left(elapsed: Duration, worked: u64, remaining: u64) -> Option<Duration> {
    (worked > 0).then(|| Duration::from_secs_f64(elapsed.as_secs_f64() / worked as f64 * remaining as f64))
}

/// Runs `batch summary`.
fn summary(args: &SummaryArgs, session: &Session) -> Result<(), Failure> {
    if let Some(output) = &args.output {
        let read: Vec<&Path> = args.results.iter().map(AsRef::as_ref).collect();
        guard::outputs(&[output], &read, args.overwrite)?;
    }
    let summary = Summary::read(&args.results)?;
    let Some(output) = &args.output else { return session.show(&summary, |_| batch::markdown(&summary)) };
    let text = match output.extension().and_then(|extension| extension.to_str()) {
        Some("json") => automaster::report::json::pretty(&summary)?,
        Some("md") => batch::markdown(&summary),
        _ => {
            let what = format!("{}: a summary is .md or .json", output.display());
            return Err(Error::asked(what, "end its name in .md or .json").into());
        }
    };
    reports::write_text(output, &text, args.overwrite)
}
