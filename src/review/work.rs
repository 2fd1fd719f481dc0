//! What the desk does: preview, measure, render.

use super::desk::{Desk, Ready, Section, lock, measure, section_audio, section_frames};
use super::wire::{Measured, Meter, SoundHead, Took, Wanted, WantedFigures, WantedPreview, WantedSection, sound};
use crate::chain::find;
use crate::error::Error;
use crate::job;
use crate::plan::Plan;
use crate::render::{Preview, section_lufs};
use crate::report::{html, wording};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum No {
    /// The page asks for something that is not there (yet): 409.
    NotNow(&'static str),
    /// This machine cannot do it: 409.
    Unavailable(String),
    /// A newer request took its place: 204.
    Superseded,
    /// The page asks for something impossible: 400.
    Wrong(String),
    /// Something failed here: 500.
    Failed(String),
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

impl From<Error> for No {
    fn from(error: Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<serde_json::Error> for No {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Desk {
    pub(super) fn ready(&self) -> Result<&Ready, No> {
        self.ready.get().ok_or(No::NotNow("still listening"))
    }

    /// The section of the master as it would be: sound, and what is known without measuring it.
    pub(super) fn preview(&self, asked: &WantedPreview) -> Result<Vec<u8>, No> {
        let began = Instant::now();
        let ready = self.ready()?;
        let plan = self.plan(&asked.wanted)?;
        let newest = || self.newest(&asked.client, asked.sequence);
        newest();
        let mut section = lock(&self.section);
        let stop = || !newest();
        if stop() {
            return Err(No::Superseded);
        }
        let frames = section_frames(&ready.mix, asked.start_s);
        let start_s = frames.start as f64 / f64::from(ready.mix.timeline.sample_rate_hz());
        if section.as_ref().is_none_or(|s| s.start != frames.start) {
            *section = None;
            let spill = ready.mix.audio.as_ref().ok_or(No::NotNow("the mix has no samples"))?;
            let mut preview = Preview::cut(spill, frames.clone(), self.review.threads)?;
            let planned_lufs = preview.before_limiter_lufs(&ready.plan.chain, stop).ok_or(No::Superseded)?;
            *section = Some(Section { start: frames.start, preview, planned_lufs });
        }
        let Some(Section { preview, planned_lufs, .. }) = section.as_mut() else { return Err(No::Superseded) };
        let waiting_ms = milliseconds(began);
        let mut drive_db = plan.chain.limiter.drive_db;
        let drive = |before_lufs: f64| {
            if let Some(now) = plan.delivery.loudness_lufs {
                let begun = &ready.driven;
                drive_db = begun.drive_db + (now - begun.loudness_lufs) - (before_lufs - *planned_lufs);
            }
            drive_db = find("limiter.drive_db").map_or(drive_db, |p| drive_db.clamp(p.domain.min, p.domain.max));
            drive_db
        };
        let heard = preview.render(&plan.chain, drive, stop).ok_or(No::Superseded)?;
        drop(section);
        let chain_ms = milliseconds(began) - waiting_ms;
        let audio = Arc::new(heard.audio);
        lock(&self.heard).insert(asked.client.clone(), (asked.sequence, Arc::clone(&audio)));
        let loudness_lufs = section_lufs(&audio);
        let head = SoundHead {
            sequence: asked.sequence,
            start_s,
            sample_rate_hz: audio.sample_rate_hz,
            channels: audio.channels.len(),
            frames: audio.frames(),
            loudness_lufs,
            figures: None,
            meters: heard.meters.into_iter().map(|(stage, meter)| Meter { stage: stage.name(), meter }).collect(),
            drive_db: Some(drive_db),
            took: Took {
                waiting_ms,
                chain_ms,
                measuring_ms: milliseconds(began) - waiting_ms - chain_ms,
                stages: heard.rendered.len(),
            },
        };
        Ok(sound(&head, &audio)?)
    }

    /// What the sound measures that a page hears.
    pub(super) fn figures(&self, asked: &WantedFigures) -> Result<Measured, No> {
        let stop = || !self.newest(&asked.client, asked.sequence);
        let audio = self.heard(&asked.client, asked.sequence).ok_or(No::Superseded)?;
        let figures = measure(&audio, stop).ok_or(No::Superseded)?;
        Ok(Measured { sequence: asked.sequence, figures })
    }

    /// A section of the mix, or of the first reference.
    pub(super) fn original(&self, reference: bool, asked: WantedSection) -> Result<Vec<u8>, No> {
        let began = Instant::now();
        let ready = self.ready()?;
        let song = if reference { ready.references.first().ok_or(No::NotNow("no reference"))? } else { &ready.mix };
        let frames = section_frames(song, asked.start_s);
        let audio = section_audio(song, asked.start_s)?;
        let stop = || self.stop.load(Ordering::Relaxed);
        let figures = measure(&audio, stop).ok_or(No::Superseded)?;
        let head = SoundHead {
            sequence: 0,
            start_s: frames.start as f64 / f64::from(audio.sample_rate_hz.max(1)),
            sample_rate_hz: audio.sample_rate_hz,
            channels: audio.channels.len(),
            frames: audio.frames(),
            loudness_lufs: section_lufs(&audio),
            figures: Some(figures),
            meters: Vec::new(),
            drive_db: None,
            took: Took { measuring_ms: milliseconds(began), ..Took::default() },
        };
        Ok(sound(&head, &audio)?)
    }

    /// Whether a render may begin; from here on it runs. Errors: one runs already; as of [`Desk::plan`].
    pub(super) fn begin_render(&self, wanted: &Wanted) -> Result<Plan, No> {
        let plan = self.plan(wanted)?;
        let mut state = lock(&self.state);
        if state.render.running {
            return Err(No::NotNow("a render is running"));
        }
        state.render = super::wire::RenderState { running: true, ..Default::default() };
        self.stop_render.store(false, Ordering::Relaxed);
        Ok(plan)
    }

    /// Renders; what came of it is told by the state.
    pub(super) fn render(&self, plan: &Plan) {
        // A render that ended without a word would seem to run for ever, and the program would wait for it.
        let outcome = catch_unwind(AssertUnwindSafe(|| self.try_render(plan)));
        let outcome = outcome.unwrap_or_else(|_| Err("something went wrong here".to_owned()));
        self.set_render(|render| {
            render.running = false;
            match outcome {
                Ok((file, headline)) => (render.done, render.file, render.headline) = (1.0, Some(file), Some(headline)),
                Err(error) => render.error = Some(error),
            }
        });
    }

    fn try_render(&self, plan: &Plan) -> Result<(String, String), String> {
        let ready = self.ready.get().ok_or("still listening")?;
        let tell = |_, done: f64| self.set_render(|r| r.done = done.min(0.99));
        let progress = job::Progress { tell: &tell, stop: &self.stop_render, threads: self.review.threads };
        let overwrite = self.review.overwrite || self.wrote.load(Ordering::Relaxed);
        let master = job::render(&ready.mix, plan, &self.review.output, overwrite, &progress).map_err(|e| e.to_string())?;
        self.wrote.store(true, Ordering::Relaxed);
        let report = ready.report(plan, &self.review.wishes, Some(&master));
        *lock(&self.report) = Some(html::report(&report));
        (self.review.write_reports)(&report)?;
        Ok((master.path.display().to_string(), wording::headline(&report)))
    }
}
