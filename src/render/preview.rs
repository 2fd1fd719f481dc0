//! A section of a mix while a person changes settings: rendered in memory by the real chain, stage by stage.
//!
//! `section with roll ─ stage ─ kept ─ stage ─ kept ─ … ─ drive ─ limiter ─▶ section`
//!
//! As in the whole render, the latency of stages is taken out where a part of the chain ends (before the tone matching and
//! before the limiter), and the section begins on the grid on which slow stages decide; so each stage decides at the same
//! frames as there. What every acting stage gave is kept, so that a change renders only from its stage on. The whole render finds the drive
//! that makes the *file* as loud as promised; a section cannot know it. So the drive of the plan, which was found on the
//! loud parts, is moved by as much as the stages before the limiter made *this section* quieter or louder than the plan's
//! own settings do: what is heard keeps the loudness that the render will keep.

use super::excerpt::ROLL_S;
use crate::analysis::{LoudnessMeter, SILENCE_LUFS};
use crate::audio::AudioBuffer;
use crate::audio::spill::Spill;
use crate::chain::{ChainSettings, MasteringChain, Stage, StageMeter};
use crate::dsp::grid::STEP_FRAMES;
use crate::error::Error;
use std::ops::Range;

/// Audio before the section: long releases and the leveler's window settle in it.
const ROLL_IN_S: f64 = 6.0;
/// Hop of the slowest grid in the chain, the leveler's.
const SLOWEST_HOP_S: f64 = 0.02;

/// A section and what its stages gave last.
pub struct Preview {
    source: AudioBuffer,
    section: Range<usize>,
    kept: Vec<Kept>,
    /// Loudness before the limiter, as long as what is kept is the same.
    before_limiter_lufs: Option<f64>,
}

/// What an acting stage gave, and with which settings.
struct Kept {
    stage: Stage,
    values: Vec<f64>,
    audio: AudioBuffer,
    /// Frames by which this lags behind the mix.
    delay: usize,
    meter: StageMeter,
}

/// Parts of the chain that the whole render runs one after another.
fn part(stage: Stage) -> usize {
    usize::from(stage >= Stage::MatchEq) + usize::from(stage == Stage::Limiter)
}

/// A section as it would be in the master.
pub struct Heard {
    /// The samples, at the mix's rate.
    pub audio: AudioBuffer,
    /// What each acting stage did in the section.
    pub meters: Vec<(Stage, StageMeter)>,
    /// Loudness of the section before the limiter.
    pub before_limiter_lufs: f64,
    /// Stages that were rendered anew.
    pub rendered: usize,
}

impl Preview {
    /// Cuts frames out of a mix, with what is around them so that filters and envelopes settle. Errors: the spill file
    /// cannot be read.
    pub fn cut(mix: &Spill, frames: Range<u64>) -> Result<Self, Error> {
        let rate = f64::from(mix.sample_rate_hz());
        let grid = STEP_FRAMES as u64 * (SLOWEST_HOP_S * rate).round().max(1.0) as u64;
        let (from, to) = (frames.start.min(mix.frames()), frames.end.min(mix.frames()));
        let start = from.saturating_sub((ROLL_IN_S * rate) as u64) / grid * grid;
        let end = (to + (ROLL_S * rate) as u64).min(mix.frames());
        let mut source = AudioBuffer::silence(mix.sample_rate_hz(), mix.channels(), 0);
        mix.read(start, &mut source, (end - start) as usize)?;
        Ok(Self { source, section: (from - start) as usize..(to - start) as usize, kept: Vec::new(), before_limiter_lufs: None })
    }

    /// The section as the mix has it.
    pub fn original(&self) -> AudioBuffer {
        self.section_of(None)
    }

    /// Renders the section; `drive_db` is given the loudness before the limiter and says how far to drive it. None where
    /// `stop` says so between two stages.
    pub fn render(
        &mut self,
        settings: &ChainSettings,
        drive_db: impl FnOnce(f64) -> f64,
        stop: impl Fn() -> bool,
    ) -> Option<Heard> {
        let mut settings = settings.clone();
        let before: Vec<Stage> = Stage::ALL.iter().copied().filter(|s| *s != Stage::Limiter).collect();
        let mut rendered = self.update(&before, &settings, &stop)?;
        let before_limiter_lufs = self.loudness_before_limiter();
        settings.limiter.drive_db = drive_db(before_limiter_lufs);
        rendered += self.update(Stage::ALL, &settings, &stop)?;
        let section = self.section_of(self.kept.last());
        let meters = self.kept.iter().map(|k| (k.stage, self.in_section(&k.meter))).collect();
        Some(Heard { audio: section, meters, before_limiter_lufs, rendered })
    }

    /// Loudness of the section as these settings give it to the limiter. None where `stop` says so.
    pub fn before_limiter_lufs(&mut self, settings: &ChainSettings, stop: impl Fn() -> bool) -> Option<f64> {
        let before: Vec<Stage> = Stage::ALL.iter().copied().filter(|s| *s != Stage::Limiter).collect();
        self.update(&before, settings, &stop)?;
        Some(self.loudness_before_limiter())
    }

    /// Brings what is kept up to date for some stages; gives how many were rendered.
    fn update(&mut self, stages: &[Stage], settings: &ChainSettings, stop: &impl Fn() -> bool) -> Option<usize> {
        let limited = |kept: &Vec<Kept>| kept.iter().any(|k| k.stage == Stage::Limiter);
        let before = self.kept.len() - usize::from(limited(&self.kept));
        let (rate, channels) = (f64::from(self.source.sample_rate_hz), self.source.channels.len());
        let mut at = 0;
        let mut rendered = 0;
        for stage in stages {
            let values = stage.values(settings);
            if self.kept.get(at).is_none_or(|k| k.stage != *stage || k.values != values) {
                let mut chain = MasteringChain::of(&[*stage], settings, rate, channels);
                if chain.is_empty() {
                    continue;
                }
                if stop() {
                    return None;
                }
                self.kept.truncate(at);
                let (mut audio, before) = self.input(*stage);
                let latency = chain.latency_frames();
                audio.channels.iter_mut().for_each(|c| c.resize(c.len() + latency, 0.0));
                chain.process(&mut audio.channels);
                let meter = chain.meters().into_iter().map(|(_, m)| m).next().unwrap_or_default();
                self.kept.push(Kept { stage: *stage, values, audio, delay: before + latency, meter });
                rendered += 1;
            }
            at += 1;
        }
        // What follows is kept only where its input still is the one that it was rendered from.
        let keep = stages.len() < Stage::ALL.len() && self.kept.get(at).is_some_and(|k| k.stage == Stage::Limiter);
        self.kept.truncate(at + usize::from(keep));
        let only_limiter = rendered == 0 || (rendered == 1 && self.kept.last().is_some_and(|k| k.stage == Stage::Limiter));
        if !only_limiter || self.kept.len() - usize::from(limited(&self.kept)) != before {
            self.before_limiter_lufs = None;
        }
        Some(rendered)
    }

    /// What a stage is given, and the frames by which it lags.
    fn input(&self, stage: Stage) -> (AudioBuffer, usize) {
        let Some(last) = self.kept.last() else { return (self.source.clone(), 0) };
        if part(last.stage) == part(stage) {
            return (last.audio.clone(), last.delay);
        }
        let aligned = |c: &Vec<f32>| c[last.delay..].to_vec();
        let channels = last.audio.channels.iter().map(aligned).collect();
        (AudioBuffer { sample_rate_hz: self.source.sample_rate_hz, channels }, 0)
    }

    fn section_of(&self, kept: Option<&Kept>) -> AudioBuffer {
        section_of(&self.source, &self.section, kept)
    }

    fn loudness_before_limiter(&mut self) -> f64 {
        let last = self.kept.iter().rev().find(|k| k.stage != Stage::Limiter);
        *self.before_limiter_lufs.get_or_insert_with(|| section_lufs(&section_of(&self.source, &self.section, last)))
    }

    /// A meter's trace without the roll; its figures are those of the section.
    fn in_section(&self, meter: &StageMeter) -> StageMeter {
        let all = self.source.frames().max(1);
        let mut meter = meter.clone();
        for gain in meter.gains.iter_mut().filter(|g| !g.trace_db.is_empty()) {
            let at = |frame: usize| frame * gain.trace_db.len() / all;
            let part = gain.trace_db[at(self.section.start)..at(self.section.end).max(at(self.section.start) + 1)].to_vec();
            let (low, high) = part.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
            (gain.min_db, gain.max_db, gain.trace_db) = (low.into(), high.into(), part);
        }
        meter
    }
}

/// The section of what a stage gave; of the mix where there is none.
fn section_of(source: &AudioBuffer, section: &Range<usize>, kept: Option<&Kept>) -> AudioBuffer {
    let (audio, delay) = kept.map_or((source, 0), |k| (&k.audio, k.delay));
    let range = section.start + delay..section.end + delay;
    let channels = audio.channels.iter().map(|c| c[range.clone()].to_vec()).collect();
    AudioBuffer { sample_rate_hz: audio.sample_rate_hz, channels }
}

/// Integrated loudness of a few seconds; −70 where nothing passes the gate.
pub fn section_lufs(audio: &AudioBuffer) -> f64 {
    let mut meter = LoudnessMeter::new(audio.sample_rate_hz, &vec![1.0; audio.channels.len()]);
    meter.push(&audio.channels);
    meter.integrated_lufs().max(SILENCE_LUFS)
}
