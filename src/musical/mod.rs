//! What is played: tempo and key of a piece, by methods of the literature, with nothing fitted here.
//!
//! ```text
//! blocks ┬ short spectra ─ onset strength ─ autocorrelation ─ comb, prior ─▶ tempo     (tempo.rs)
//!        └ long spectra ─ peaks ─ tuning ─ harmonic pitch classes ─ profiles ─▶ key    (key.rs)
//! ```

mod key;
mod tempo;

pub use key::{Key, Mode};
pub use tempo::Tempo;

use crate::dsp::stft::PowerSpectrum;
use serde::{Deserialize, Serialize};

/// Tempo and key of a piece.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Musical {
    /// Tempo; none where nothing repeats or the piece is shorter than 4 s.
    pub tempo: Option<Tempo>,
    /// Key; none where nothing has a pitch.
    pub key: Option<Key>,
}

/// Listens to a stream.
pub struct MusicalListener {
    short: PowerSpectrum,
    long: PowerSpectrum,
    onsets: tempo::Onsets,
    pitches: key::Pitches,
}

impl MusicalListener {
    /// For a stream of this rate.
    pub fn new(sample_rate_hz: u32) -> Self {
        // 1024 and 16,384 frames at 44.1 kHz: 23 ms and 0.37 s.
        let scale = (f64::from(sample_rate_hz) / 44_100.0).log2().round().exp2();
        let size = |frames: f64| (frames * scale).max(64.0) as usize;
        let (short, long) = (size(1024.0), size(16_384.0));
        Self {
            short: PowerSpectrum::new(short),
            long: PowerSpectrum::new(long),
            onsets: tempo::Onsets::new(sample_rate_hz, short),
            pitches: key::Pitches::new(sample_rate_hz, long),
        }
    }

    /// Takes a block: one vector a channel, 1 or 2 of one length.
    pub fn push(&mut self, channels: &[Vec<f32>]) {
        let onsets = &mut self.onsets;
        each(&mut self.short, channels, |power| onsets.push(power));
        let pitches = &mut self.pitches;
        each(&mut self.long, channels, |power| pitches.push(power));
    }

    /// What was heard.
    pub fn finish(self) -> Musical {
        Musical { tempo: self.onsets.tempo(), key: self.pitches.key() }
    }
}

fn each(spectrum: &mut PowerSpectrum, channels: &[Vec<f32>], mut take: impl FnMut(&[f32])) {
    let frames = channels.first().map_or(0, Vec::len);
    let mut at = 0;
    while at < frames {
        let to = frames.min(at + spectrum.frames_to_next());
        let right = channels.get(1).map_or(&[][..], |right| &right[at..to]);
        if let Some(power) = spectrum.push(&channels[0][at..to], right) {
            take(power);
        }
        at = to;
    }
}
