//! Excerpts: representative parts of a mix, rendered in memory by the real chain and measured, so that a proposal can be
//! corrected before the whole is rendered.

use super::stream::Aligned;
use crate::analysis::{Analyzer, ROW_S, Timeline};
use crate::audio::AudioBuffer;
use crate::audio::spill::Spill;
use crate::chain::{ChainSettings, MasteringChain};
use crate::error::Error;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::mpsc::channel;

/// Audio before and after what is measured: filters, envelopes and the leveler's window (¾ of 3 s each way) settle in it.
pub(super) const ROLL_S: f64 = 2.4;
/// Fade at both ends of a measured part, so that the seam between two parts is no click.
const FADE_S: f64 = 0.02;

/// Renders with given settings and says what would be measured.
pub trait Audition: Sync {
    /// The timeline of what these settings make of the excerpts.
    fn render(&self, settings: &ChainSettings) -> Timeline;
    /// The timeline of the excerpts as they are, measured when first asked for.
    fn original(&self) -> &Timeline;
}

/// Parts of a mix in memory.
pub struct Excerpts {
    parts: Vec<Part>,
    original: OnceLock<Timeline>,
    threads: usize,
}

struct Part {
    audio: AudioBuffer,
    measured: Range<usize>,
}

impl Excerpts {
    /// Cuts the rows (100 ms each) out of a mix.
    pub fn cut(mix: &Spill, rows: &[Range<usize>], threads: usize) -> Result<Self, Error> {
        let parts = rows.iter().map(|r| Part::cut(mix, r)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { parts, original: OnceLock::new(), threads })
    }
}

impl Audition for Excerpts {
    /// Parts go to the threads in turn, and each is measured as soon as it and all before it are there.
    fn render(&self, settings: &ChainSettings) -> Timeline {
        let threads = self.threads.clamp(1, self.parts.len().max(1));
        std::thread::scope(|scope| {
            let queues = (0..threads).map(|thread| {
                let (done, queue) = channel();
                scope.spawn(move || {
                    let mut parts = self.parts.iter().skip(thread).step_by(threads).peekable();
                    let Some(first) = parts.peek().map(|p| &p.audio) else { return };
                    let mut chain = MasteringChain::new(settings, f64::from(first.sample_rate_hz), first.channels.len());
                    // Nobody waits any more only where another thread has panicked.
                    let _ = parts.try_for_each(|part| done.send(part.render(&mut chain)));
                });
                queue
            });
            let queues: Vec<_> = queues.collect();
            // A thread that panicked has sent less than its parts; the scope passes its panic on.
            let rendered = queues.iter().cycle().take(self.parts.len()).map_while(|queue| queue.recv().ok());
            measure(rendered, &self.parts)
        })
    }

    fn original(&self) -> &Timeline {
        self.original.get_or_init(|| measure(self.parts.iter().map(|p| p.audio.clone()), &self.parts))
    }
}

impl Part {
    fn cut(mix: &Spill, rows: &Range<usize>) -> Result<Self, Error> {
        let rate = f64::from(mix.sample_rate_hz());
        let frame = |row: usize| ((row as f64 * ROW_S * rate).round() as u64).min(mix.frames());
        let roll = (ROLL_S * rate) as u64;
        let (from, to) = (frame(rows.start), frame(rows.end));
        let (start, end) = (from.saturating_sub(roll), (to + roll).min(mix.frames()));
        let mut audio = AudioBuffer::silence(mix.sample_rate_hz(), mix.channels(), 0);
        mix.read(start, &mut audio, (end - start) as usize)?;
        Ok(Self { audio, measured: (from - start) as usize..(to - start) as usize })
    }

    /// Up to the end of what is measured: what comes later than the chain's latency reaches none of it. Beyond the part is silence.
    fn render(&self, chain: &mut MasteringChain) -> AudioBuffer {
        chain.reset();
        let frames = self.measured.end + chain.latency_frames();
        let heard = |c: &Vec<f32>| {
            let mut heard = c[..frames.min(c.len())].to_vec();
            heard.resize(frames, 0.0);
            heard
        };
        let channels = self.audio.channels.iter().map(heard).collect();
        let mut audio = AudioBuffer { sample_rate_hz: self.audio.sample_rate_hz, channels };
        Aligned::new(chain).process(&mut audio);
        audio
    }
}

fn measure(rendered: impl Iterator<Item = AudioBuffer>, parts: &[Part]) -> Timeline {
    let shape = parts.first().map(|p| (p.audio.sample_rate_hz, p.audio.channels.len())).unwrap_or((44100, 1));
    let mut analyzer = Analyzer::new(shape.0, shape.1);
    for (mut audio, part) in rendered.zip(parts) {
        audio.channels.iter_mut().for_each(|c| {
            c.truncate(part.measured.end);
            drop(c.drain(..part.measured.start));
            fade_ends(c, (FADE_S * f64::from(shape.0)) as usize);
        });
        analyzer.push(&audio.channels);
    }
    analyzer.finish()
}

fn fade_ends(samples: &mut [f32], frames: usize) {
    let frames = frames.min(samples.len() / 2);
    let gain = |i: usize| (i as f32 + 0.5) / frames as f32;
    samples.iter_mut().take(frames).enumerate().for_each(|(i, x)| *x *= gain(i));
    samples.iter_mut().rev().take(frames).enumerate().for_each(|(i, x)| *x *= gain(i));
}
