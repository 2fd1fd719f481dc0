//! What the desk does: listen, preview, save, render.

use super::desk::{Desk, Ready, Section, lock, measure, section_audio, section_frames};
use super::wire::{Measured, Meter, SoundHead, Took, Wanted, WantedFigures, WantedPreview, WantedSection, sound};
use crate::chain::find;
use crate::error::Error;
use crate::job;
use crate::plan::Plan;
use crate::render::{Preview, section_lufs};
use crate::report::{html, wording};
use crate::words::instruct;
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
    /// Listens to everything and proposes. Errors: those of the job.
    pub(super) fn prepare(&self) -> Result<(), Error> {
        let tell = |step, done| self.tell(step, done);
        let progress = self.progress(&tell);
        let review = &self.review;
        let mix = job::load_mix(&review.mix, &progress)?;
        let songs = review.aims.files().iter().map(|path| job::load_mix(path, &progress)).collect::<Result<Vec<_>, _>>()?;
        // A plan needs no target; its report shows one where references, genres or a profile give it.
        let aimless = songs.is_empty() && review.aims.genres.is_none() && review.aims.profile.is_none();
        let (target, genres, plan) = match &review.plan {
            Some(plan) if aimless => (None, None, plan.clone()),
            given => {
                let (target, genres) = review.aims.target(&mix, &songs, &progress)?;
                let plan = match given {
                    Some(plan) => plan.clone(),
                    None => {
                        let proposed = job::suggest(&mix, &target, &review.wishes, &progress)?;
                        // The words were read before; a proposal that cannot follow them stays as it is.
                        let said = review.instructions.as_deref().and_then(|text| instruct(&proposed, text).ok());
                        said.map_or(proposed, |revision| revision.plan)
                    }
                };
                (Some(target), genres, plan)
            }
        };
        let references = songs;
        // Nobody else fills it.
        let _ = self.ready.set(Ready { mix, genres, references, target, plan });
        let mut state = lock(&self.state);
        (state.step, state.done, state.ready) = (String::new(), 1.0, true);
        Ok(())
    }

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
            if let (Some(now), Some(planned)) = (plan.delivery.loudness_lufs, ready.plan.delivery.loudness_lufs) {
                drive_db = ready.plan.chain.limiter.drive_db + (now - planned) - (before_lufs - *planned_lufs);
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
        let outcome = self.try_render(plan);
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
