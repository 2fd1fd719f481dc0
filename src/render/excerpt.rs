//! Excerpts: representative parts of a mix, rendered in memory by the real chain and measured, so that a proposal can be
//! corrected before the whole is rendered.

use super::BLOCK_FRAMES;
use super::stream::{Aligned, QUEUE_BLOCKS};
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
    /// Where the excerpts lie in the mix: rows of its timeline, in the order of time.
    fn rows(&self) -> &[Range<usize>];
}

/// Parts of a mix in memory.
pub struct Excerpts {
    parts: Vec<Part>,
    rows: Vec<Range<usize>>,
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
        Ok(Self { parts, rows: rows.to_vec(), original: OnceLock::new(), threads })
    }
}

impl Audition for Excerpts {
    /// Parts go to the threads in turn, and each is measured as it comes, after all before it.
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
                    parts.for_each(|part| part.render(&mut chain, |block| drop(done.send(block))));
                });
                queue
            });
            let queues: Vec<_> = queues.collect();
            let mut analyzer = self.analyzer();
            let listen = |hear: &mut dyn FnMut(Vec<Vec<f32>>)| {
                for (part, queue) in self.parts.iter().zip(queues.iter().cycle()) {
                    let mut left = part.measured.len();
                    while left > 0 {
                        // A thread that panicked has sent less than its parts; the scope passes its panic on.
                        let Ok(block) = queue.recv() else { break };
                        left -= block.frames();
                        hear(block.channels);
                    }
                }
            };
            match self.threads {
                0 | 1 => listen(&mut |block| analyzer.push(&block)),
                _ => analyzer.beside(QUEUE_BLOCKS, listen),
            }
            analyzer.finish()
        })
    }

    fn original(&self) -> &Timeline {
        self.original.get_or_init(|| {
            let mut analyzer = self.analyzer();
            self.parts.iter().for_each(|part| analyzer.push(&part.measured_of(0, part.audio.clone()).channels));
            analyzer.finish()
        })
    }

    fn rows(&self) -> &[Range<usize>] {
        &self.rows
    }
}

impl Excerpts {
    fn analyzer(&self) -> Analyzer {
        let shape = self.parts.first().map_or((44_100, 1), |part| (part.audio.sample_rate_hz, part.audio.channels.len()));
        Analyzer::new(shape.0, shape.1)
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

    /// Hands what is measured to `take`, block by block. The chain works up to the end of that: what comes later than its latency reaches
    /// none of it. Beyond the part is silence.
    fn render(&self, chain: &mut MasteringChain, mut take: impl FnMut(AudioBuffer)) {
        chain.reset();
        let frames = self.measured.end + chain.latency_frames();
        let mut aligned = Aligned::new(chain);
        let mut at = 0;
        for start in (0..frames).step_by(BLOCK_FRAMES) {
            let end = frames.min(start + BLOCK_FRAMES);
            let heard = |channel: &Vec<f32>| {
                let mut heard = channel[start.min(channel.len())..end.min(channel.len())].to_vec();
                heard.resize(end - start, 0.0);
                heard
            };
            let channels = self.audio.channels.iter().map(heard).collect();
            let mut block = AudioBuffer { sample_rate_hz: self.audio.sample_rate_hz, channels };
            aligned.process(&mut block);
            let rendered = block.frames();
            let measured = self.measured_of(at, block);
            at += rendered;
            if measured.frames() > 0 {
                take(measured);
            }
        }
    }

    /// What is measured of a block that begins at frame `at`, faded at both ends of the part.
    fn measured_of(&self, at: usize, mut block: AudioBuffer) -> AudioBuffer {
        let Range { start, end } = self.measured;
        let (from, to) = (start.clamp(at, at + block.frames()), end.clamp(at, at + block.frames()));
        let fade = ((FADE_S * f64::from(block.sample_rate_hz)) as usize).min((end - start) / 2);
        let gain = |frames: usize| (frames as f32 + 0.5) / fade as f32;
        for channel in &mut block.channels {
            channel.truncate(to - at);
            channel.drain(..from - at);
            (from..to.min(start + fade)).zip(channel.iter_mut()).for_each(|(frame, x)| *x *= gain(frame - start));
            (from.max(end - fade)..to).rev().zip(channel.iter_mut().rev()).for_each(|(frame, x)| *x *= gain(end - 1 - frame));
        }
        block
    }
}
