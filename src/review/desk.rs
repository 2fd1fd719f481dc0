//! The desk: what the pages share. One mix, one proposal, one section in work, one render at a time.

use super::wire::{RenderState, State};
use super::{Review, wire};
use crate::analysis::{Analyzer, ROW_S, Timeline};
use crate::audio::AudioBuffer;
use crate::error::Error;
use crate::genre::GenreWeights;
use crate::job::{Progress, Song, Step};
use crate::plan::Plan;
use crate::render::{BLOCK_FRAMES, Driven, Preview};
use crate::report::{Outcome, Report, Source};
use crate::target::Target;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Length of a section.
pub(super) const SECTION_S: f64 = 20.0;
/// A page in the background is heard of once a minute; this long after the last sign it is gone.
const GONE_AFTER: Duration = Duration::from_secs(150);
/// A page that says goodbye may be a reload.
const GOODBYE: Duration = Duration::from_secs(6);

/// What the pages share.
pub(super) struct Desk {
    pub(super) review: Review,
    pub(super) ready: OnceLock<Ready>,
    pub(super) state: Mutex<State>,
    pub(super) section: Mutex<Option<Section>>,
    /// Largest sequence that each page has asked for.
    pub(super) latest: Mutex<HashMap<String, u64>>,
    /// Plans that were loaded, in the order in which they came.
    pub(super) loaded: Mutex<Vec<Plan>>,
    /// What each page was given last, with its sequence: to be measured while it is heard.
    pub(super) heard: Mutex<HashMap<String, (u64, Arc<AudioBuffer>)>>,
    pub(super) stop: AtomicBool,
    pub(super) stop_render: AtomicBool,
    /// Whether this session has written the master itself.
    pub(super) wrote: AtomicBool,
    /// Whether a page was told why it cannot go on.
    pub(super) told: AtomicBool,
    pub(super) report: Mutex<Option<String>>,
    pages: Mutex<Pages>,
}

#[derive(Default)]
struct Pages {
    seen: HashMap<String, Instant>,
    /// Pages that were closed; what they asked before may be answered after.
    closed: HashSet<String>,
    last: Option<Instant>,
}

/// The music and the proposal.
pub(super) struct Ready {
    pub(super) mix: Song,
    /// The genres, where they were recognised.
    pub(super) genres: Option<GenreWeights>,
    pub(super) references: Vec<Song>,
    pub(super) target: Option<Target>,
    pub(super) plan: Plan,
    /// How a render of the plan drives its limiter, and how loud that is.
    pub(super) driven: Driven,
    /// What is odd about the files and the plan.
    pub(super) odd: Vec<String>,
}

/// The section in work.
pub(super) struct Section {
    pub(super) start: u64,
    pub(super) preview: Preview,
    /// Loudness before the limiter that the plan's own settings give.
    pub(super) planned_lufs: f64,
}

/// A lock that a panic elsewhere does not spoil: what it guards is always whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub(super) fn new(review: Review) -> Self {
        Self {
            review,
            ready: OnceLock::new(),
            state: Mutex::new(State { step: "opening the files".into(), ..State::default() }),
            section: Mutex::new(None),
            latest: Mutex::new(HashMap::new()),
            loaded: Mutex::new(Vec::new()),
            heard: Mutex::new(HashMap::new()),
            stop: AtomicBool::new(false),
            stop_render: AtomicBool::new(false),
            wrote: AtomicBool::new(false),
            told: AtomicBool::new(false),
            report: Mutex::new(None),
            pages: Mutex::new(Pages::default()),
        }
    }

    pub(super) fn state(&self) -> State {
        lock(&self.state).clone()
    }

    pub(super) fn set_render(&self, change: impl FnOnce(&mut RenderState)) {
        change(&mut lock(&self.state).render);
    }

    /// Tells how far the first listening is.
    pub(super) fn tell(&self, step: Step, done: f64) {
        let words = match step {
            Step::ListenMix | Step::ListenReference => "listening",
            Step::Recognise => "recognising the genre",
            Step::Propose => "proposing settings and trying them",
            Step::Render => "rendering",
            Step::Verify => "measuring the file",
            // A review has one piece.
            Step::Piece { .. } => return,
        };
        self.tell_words(words, done);
    }

    /// Tells in words how far the first listening is.
    pub(super) fn tell_words(&self, words: &str, done: f64) {
        let mut state = lock(&self.state);
        if words != state.step {
            (state.step, state.done) = (words.to_owned(), 0.0);
        }
        state.done = state.done.max(done);
    }

    /// The page cannot begin: it is told why.
    pub(super) fn fail(&self, error: &Error) {
        let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        lock(&self.state).error = Some(format!("{error}{hint}"));
    }

    /// A page shows that it is there.
    pub(super) fn seen(&self, client: &str) {
        let now = Instant::now();
        let mut pages = lock(&self.pages);
        if !pages.closed.contains(client) {
            pages.last = Some(now);
            pages.seen.insert(client.to_owned(), now);
        }
    }

    /// A page closes.
    pub(super) fn goodbye(&self, client: &str) {
        let mut pages = lock(&self.pages);
        if pages.seen.remove(client).is_some() {
            pages.closed.insert(client.to_owned());
            lock(&self.heard).remove(client);
        }
    }

    /// Whether pages were open and none is any more. A render is finished for whoever closed the page meanwhile.
    pub(super) fn abandoned(&self) -> bool {
        if lock(&self.state).render.running {
            return false;
        }
        let mut pages = lock(&self.pages);
        pages.seen.retain(|client, at| {
            let here = at.elapsed() < GONE_AFTER;
            if !here {
                lock(&self.heard).remove(client);
            }
            here
        });
        pages.seen.is_empty() && pages.last.is_some_and(|at| at.elapsed() > GOODBYE)
    }

    /// Asks for the newest preview of a page; true as long as no newer one was asked for.
    pub(super) fn newest(&self, client: &str, sequence: u64) -> bool {
        let mut latest = lock(&self.latest);
        let newest = latest.entry(client.to_owned()).or_default();
        *newest = (*newest).max(sequence);
        *newest == sequence && !self.stop.load(Ordering::Relaxed)
    }

    /// The sound that a page was given as this sequence, as long as it has asked for no newer one.
    pub(super) fn heard(&self, client: &str, sequence: u64) -> Option<Arc<AudioBuffer>> {
        let current = self.newest(client, sequence);
        lock(&self.heard).get(client).filter(|heard| current && heard.0 == sequence).map(|heard| Arc::clone(&heard.1))
    }

    pub(super) fn progress<'a>(&'a self, tell: &'a (dyn Fn(Step, f64) + Sync)) -> Progress<'a> {
        Progress { tell, stop: &self.stop, threads: self.review.threads }
    }
}

impl Ready {
    /// The report of what is planned, or of a master.
    pub(super) fn report(&self, plan: &Plan, wishes: &crate::job::Wishes, master: Option<&crate::render::Master>) -> Report {
        Report::new(Outcome {
            mix: match &self.genres {
                Some(genres) => Source::from(&self.mix).recognised(genres),
                None => Source::from(&self.mix),
            },
            references: self.references.iter().map(Source::from).collect(),
            target: self.target.as_ref(),
            wishes: self.target.is_some().then_some(wishes),
            plan,
            master,
        })
    }

    pub(super) fn desk(&self, review: &Review) -> wire::Desk {
        let report = self.report(&self.plan, &review.wishes, None);
        wire::Desk {
            mix: version(&self.mix),
            reference: self.references.first().map(version),
            output: review.output.display().to_string(),
            plan_file: review.plan_file.display().to_string(),
            section_s: SECTION_S,
            heard: heard(&self.odd, &report),
            marks: super::marks::marks(&self.mix.analysis, &self.mix.timeline.trace()),
            codecs: super::ears::codecs(),
            notes: self.plan.notes.clone(),
            stages: wire::stages(&self.plan, &report),
            proposed: wire::settings(&self.plan.chain),
            loudness_lufs: self.plan.delivery.loudness_lufs,
            frequencies_hz: crate::dsp::bands::THIRD_OCTAVE_HZ.to_vec(),
        }
    }
}

/// What is odd about the files and was heard in them; they are told by their names.
fn heard(odd: &[String], report: &Report) -> Vec<String> {
    let files: Vec<&str> = std::iter::once(&report.mix).chain(&report.references).map(|source| source.file.as_str()).collect();
    let name = |file: &str| file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let short = |line: String| files.iter().fold(line, |line, file| line.replace(*file, &name(file)));
    odd.iter().cloned().chain(crate::report::wording::heard(report)).map(short).collect()
}

fn version(song: &Song) -> wire::Version {
    wire::Version {
        name: song.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        seconds: song.timeline.frames() as f64 / f64::from(song.timeline.sample_rate_hz()),
        trace: song.timeline.trace(),
        loudest_s: loudest_s(&song.timeline),
    }
}

/// Beginning of the loudest section.
fn loudest_s(timeline: &Timeline) -> f64 {
    let rows = (SECTION_S / ROW_S) as usize;
    let power: Vec<f64> = timeline.short_term_lufs().iter().map(|lufs| 10f64.powf(lufs / 10.0)).collect();
    let starts = 0..=power.len().saturating_sub(rows);
    let sum = |start: usize| power[start..(start + rows).min(power.len())].iter().sum::<f64>();
    let loudest = starts.map(|s| (s, sum(s))).max_by(|a, b| a.1.total_cmp(&b.1));
    loudest.map_or(0.0, |(start, _)| start as f64 * ROW_S)
}

/// The frames of the section that begins about here; the whole of a short file.
pub(super) fn section_frames(song: &Song, start_s: f64) -> std::ops::Range<u64> {
    let rate = f64::from(song.timeline.sample_rate_hz());
    let (length, all) = ((SECTION_S * rate) as u64, song.timeline.frames());
    let start = ((start_s.max(0.0) * rate) as u64).min(all.saturating_sub(length));
    start..(start + length).min(all)
}

/// Reads a section of a file. Errors: the spill file cannot be read.
pub(super) fn section_audio(song: &Song, start_s: f64) -> Result<AudioBuffer, Error> {
    let frames = section_frames(song, start_s);
    let mut audio = AudioBuffer::default();
    if let Some(spill) = &song.audio {
        audio = AudioBuffer::silence(spill.sample_rate_hz(), spill.channels(), 0);
        spill.read(frames.start, &mut audio, (frames.end - frames.start) as usize)?;
    }
    Ok(audio)
}

/// Figures of a section. None where `stop` says so before it is measured.
pub(super) fn measure(audio: &AudioBuffer, stop: impl Fn() -> bool) -> Option<wire::Figures> {
    let mut analyzer = Analyzer::new(audio.sample_rate_hz, audio.channels.len());
    for start in (0..audio.frames()).step_by(BLOCK_FRAMES) {
        if stop() {
            return None;
        }
        let range = start..audio.frames().min(start + BLOCK_FRAMES);
        let block: Vec<Vec<f32>> = audio.channels.iter().map(|channel| channel[range.clone()].to_vec()).collect();
        analyzer.push(&block);
    }
    Some(wire::Figures::of(&analyzer.finish().analysis()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Aims, Wishes};

    fn desk() -> Desk {
        Desk::new(Review {
            mix: "mix.wav".into(),
            aims: Aims::default(),
            wishes: Wishes::default(),
            instructions: None,
            plan: None,
            output: "master.wav".into(),
            plan_file: "plan.toml".into(),
            overwrite: false,
            threads: 1,
            warn: Box::new(|_| {}),
            write: Box::new(|_, _| Ok(())),
            write_reports: Box::new(|_| Ok(())),
        })
    }

    #[test]
    fn a_page_that_is_closed_while_a_render_runs_does_not_end_it() {
        let desk = desk();
        assert!(!desk.abandoned(), "nobody was there yet");
        desk.seen("a");
        desk.goodbye("a");
        assert!(!desk.abandoned(), "it may be a reload");
        lock(&desk.pages).last = Instant::now().checked_sub(2 * GOODBYE);
        desk.set_render(|render| render.running = true);
        assert!(!desk.abandoned(), "a master is being written");
        desk.set_render(|render| render.running = false);
        assert!(desk.abandoned(), "it is written, and nobody is there");
    }
}
