//! A section of a mix while a person changes settings: rendered in memory by the real chain, stage by stage.
//!
//! `section with roll ─ stage ─ kept ─ stage ─ kept ─ … ─ drive ─ limiter ─▶ section`
//!
//! As in the whole render, the latency of each stage is taken out behind it, and every stage begins on the grid on which it decides; so
//! it decides at the same frames as there.
//! What every acting stage gave is kept, so that a change renders only from its stage on.
//!
//! The whole render finds the drive that makes the *file* as loud as promised; a section cannot know it. So the drive of the
//! plan, which was found on the loud parts, is moved by as much as the stages before the limiter made *this section* quieter
//! or louder than the plan's own settings do: what is heard keeps the loudness that the render will keep.

use super::line::{Station, Stop, run};
use crate::analysis::{LoudnessMeter, SILENCE_LUFS};
use crate::audio::AudioBuffer;
use crate::audio::spill::Spill;
use crate::chain::{ChainSettings, MasteringChain, Stage, StageMeter};
use crate::error::Error;
use std::ops::Range;
use std::sync::OnceLock;
use std::time::Duration;

/// Audio before and after the section in which a stage settles: the leveler's longest window reaches 7.5 s each way; gains of
/// the compressors return within seconds; what comes after them is filters and the limiter's release.
const ROLLS: [Roll; 3] = [
    Roll { last: Stage::Leveler, in_s: 8.0, out_s: 7.6 },
    Roll { last: Stage::Multiband, in_s: 6.0, out_s: 0.5 },
    Roll { last: Stage::Limiter, in_s: 2.0, out_s: 0.3 },
];
/// Stages that were rendered, and how long each worked.
type Worked = Vec<(Stage, Duration)>;

/// How far around the section the stages up to `last` work.
struct Roll {
    last: Stage,
    in_s: f64,
    out_s: f64,
}

/// A section and what its stages gave last.
pub struct Preview {
    source: Kept,
    /// The section in frames of the mix.
    section: Range<usize>,
    threads: usize,
    /// What the stages before the limiter gave, in their order.
    before: Vec<Kept>,
    limited: Option<Kept>,
}

/// What an acting stage gave, and with which settings.
struct Kept {
    /// None: the mix itself.
    stage: Option<Stage>,
    values: Vec<f64>,
    audio: AudioBuffer,
    /// Frame of the mix at which this begins.
    from: usize,
    /// Frames by which this lags behind the mix.
    delay: usize,
    meter: StageMeter,
    /// Loudness of the section, once it was asked for.
    lufs: OnceLock<f64>,
}

/// A section as it would be in the master.
pub struct Heard {
    /// The samples, at the mix's rate.
    pub audio: AudioBuffer,
    /// What each acting stage did in the section.
    pub meters: Vec<(Stage, StageMeter)>,
    /// Loudness of the section before the limiter.
    pub before_limiter_lufs: f64,
    /// Stages that were rendered anew, and how long each worked.
    pub rendered: Vec<(Stage, Duration)>,
}

impl Preview {
    /// Cuts frames out of a mix, with what is around them so that filters and envelopes settle. Errors: the spill file
    /// cannot be read.
    pub fn cut(mix: &Spill, frames: Range<u64>, threads: usize) -> Result<Self, Error> {
        let rate = f64::from(mix.sample_rate_hz());
        let section = frames.start.min(mix.frames()) as usize..frames.end.min(mix.frames()) as usize;
        let from = section.start.saturating_sub((ROLLS[0].in_s * rate) as usize);
        let end = (section.end + (ROLLS[0].out_s * rate) as usize).min(mix.frames() as usize);
        let mut audio = AudioBuffer::silence(mix.sample_rate_hz(), mix.channels(), 0);
        mix.read(from as u64, &mut audio, end - from)?;
        let (values, meter) = (Vec::new(), StageMeter::default());
        let source = Kept { stage: None, values, audio, from, delay: 0, meter, lufs: OnceLock::new() };
        Ok(Self { source, section, threads, before: Vec::new(), limited: None })
    }

    /// The section as the mix has it.
    pub fn original(&self) -> AudioBuffer {
        self.source.section(&self.section)
    }

    /// Renders the section; `drive_db` is given the loudness before the limiter and says how far to drive it. None where
    /// `stop` says so between two blocks.
    pub fn render(
        &mut self,
        settings: &ChainSettings,
        drive_db: impl FnOnce(f64) -> f64,
        stop: impl Fn() -> bool + Sync,
    ) -> Option<Heard> {
        let mut settings = settings.clone();
        let mut rendered = self.update_before(&settings, &stop)?;
        let before_limiter_lufs = self.loudness_before_limiter();
        settings.limiter.drive_db = drive_db(before_limiter_lufs);
        let values = Stage::Limiter.values(&settings);
        if self.limited.as_ref().is_none_or(|k| k.values != values) {
            self.limited = None;
            let (new, worked) = self.work(&[Stage::Limiter], &settings, &stop)?;
            self.limited = new.into_iter().next();
            rendered.extend(worked);
        }
        let kept = || self.before.iter().chain(&self.limited);
        let audio = kept().last().unwrap_or(&self.source).section(&self.section);
        let meters = kept().filter_map(|k| Some((k.stage?, k.meter_of(&self.section)))).collect();
        Some(Heard { audio, meters, before_limiter_lufs, rendered })
    }

    /// Loudness of the section as these settings give it to the limiter. None where `stop` says so.
    pub fn before_limiter_lufs(&mut self, settings: &ChainSettings, stop: impl Fn() -> bool + Sync) -> Option<f64> {
        self.update_before(settings, &stop)?;
        Some(self.loudness_before_limiter())
    }

    /// Brings what is kept before the limiter up to date; gives what was rendered for it.
    fn update_before(&mut self, settings: &ChainSettings, stop: Stop) -> Option<Worked> {
        let acts = |stage: &Stage| *stage != Stage::Limiter && stage.acts(settings, self.source.audio.channels.len());
        let acting: Vec<Stage> = Stage::ALL.iter().copied().filter(acts).collect();
        let same = |(kept, stage): &(&Kept, &Stage)| kept.stage == Some(**stage) && kept.values == stage.values(settings);
        let good = self.before.iter().zip(&acting).take_while(same).count();
        if good == acting.len() && good == self.before.len() {
            return Some(Vec::new());
        }
        self.before.truncate(good);
        self.limited = None;
        let (new, worked) = self.work(&acting[good..], settings, stop)?;
        self.before.extend(new);
        Some(worked)
    }

    /// Renders stages on top of what is kept before the limiter. None where `stop` says so.
    fn work(&self, stages: &[Stage], settings: &ChainSettings, stop: Stop) -> Option<(Vec<Kept>, Worked)> {
        let input = self.before.last().unwrap_or(&self.source);
        let (mut from, mut delay) = (input.from, input.delay);
        let (mut places, mut stations) = (Vec::new(), Vec::new());
        for stage in stages {
            if !stage.acts(settings, self.source.audio.channels.len()) {
                continue;
            }
            let chain = self.chain_of(*stage, settings);
            let range = self.range(*stage, from, chain.grid_frames());
            let skip = range.start - from + delay;
            (from, delay) = (range.start, chain.latency_frames());
            stations.push(Station::new(chain, self.source.audio.channels.len(), skip, range.len()));
            places.push((*stage, from, delay));
        }
        if !run(&input.audio.channels, &mut stations, self.threads, stop) {
            return None;
        }
        let worked = places.iter().zip(&stations).map(|((stage, ..), station)| (*stage, station.busy)).collect();
        let kept = |((stage, from, delay), station): ((Stage, usize, usize), Station)| Kept {
            stage: Some(stage),
            values: stage.values(settings),
            meter: station.chain.meters().into_iter().map(|(_, meter)| meter).next().unwrap_or_default(),
            audio: AudioBuffer { sample_rate_hz: self.source.audio.sample_rate_hz, channels: station.given },
            from,
            delay,
            lufs: OnceLock::new(),
        };
        Some((places.into_iter().zip(stations).map(kept).collect(), worked))
    }

    fn chain_of(&self, stage: Stage, settings: &ChainSettings) -> MasteringChain {
        let audio = &self.source.audio;
        MasteringChain::of(&[stage], settings, f64::from(audio.sample_rate_hz), audio.channels.len())
    }

    /// The frames of the mix that a stage works on, given what begins at frame `from`: as in the whole render, it decides on
    /// multiples of its grid.
    fn range(&self, stage: Stage, from: usize, grid_frames: usize) -> Range<usize> {
        let rate = f64::from(self.source.audio.sample_rate_hz);
        let roll = ROLLS.iter().find(|roll| stage <= roll.last).unwrap_or(&ROLLS[0]);
        let start = from.max(self.section.start.saturating_sub((roll.in_s * rate) as usize)).next_multiple_of(grid_frames);
        let end = self.source.from + self.source.audio.frames();
        start..(self.section.end + (roll.out_s * rate) as usize).min(end)
    }

    fn loudness_before_limiter(&self) -> f64 {
        let last = self.before.last().unwrap_or(&self.source);
        *last.lufs.get_or_init(|| section_lufs(&last.section(&self.section)))
    }
}

impl Kept {
    /// The section of what the stage gave.
    fn section(&self, section: &Range<usize>) -> AudioBuffer {
        let range = section.start - self.from + self.delay..section.end - self.from + self.delay;
        let channels = self.audio.channels.iter().map(|c| c[range.clone()].to_vec()).collect();
        AudioBuffer { sample_rate_hz: self.audio.sample_rate_hz, channels }
    }

    /// A meter's trace without the roll; its figures are those of that part of the trace.
    fn meter_of(&self, section: &Range<usize>) -> StageMeter {
        // A trace runs with the sound: the tail that brings the latency's frames out is no part of it. (Of stages that meter the
        // tail too, it is a few milliseconds.)
        let all = self.audio.frames().saturating_sub(self.delay).max(1);
        let mut meter = self.meter.clone();
        for gain in meter.gains.iter_mut().filter(|g| !g.trace_db.is_empty()) {
            let points = gain.trace_db.len();
            let at = |frame: usize| (frame - self.from) * points / all;
            let first = at(section.start).min(points - 1);
            let part = gain.trace_db[first..at(section.end).clamp(first + 1, points)].to_vec();
            let (low, high) = part.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
            gain.mean_db = part.iter().copied().map(f64::from).sum::<f64>() / part.len() as f64;
            (gain.min_db, gain.max_db, gain.trace_db) = (low.into(), high.into(), part);
        }
        meter
    }
}

/// Integrated loudness of a few seconds; −70 where nothing passes the gate.
pub fn section_lufs(audio: &AudioBuffer) -> f64 {
    let mut meter = LoudnessMeter::new(audio.sample_rate_hz, &vec![1.0; audio.channels.len()]);
    meter.push(&audio.channels);
    meter.integrated_lufs().max(SILENCE_LUFS)
}
