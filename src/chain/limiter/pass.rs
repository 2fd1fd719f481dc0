//! One pass of limiting: detect, wait, turn down.

use super::Character;
use super::gain::{GainPath, ramp};
use crate::dsp::chunk::{CHUNK, Chunk};
use crate::dsp::delay::Delay;
use crate::dsp::true_peak::{PeakDetector, TILE, TILES};

/// What a pass is told.
pub(super) struct PassSettings {
    pub(super) sample_rate_hz: f64,
    pub(super) channels: usize,
    pub(super) character: Character,
    pub(super) lookahead_ms: f64,
    pub(super) release_ms: f64,
    /// Share of the loudest channel's reduction that the others follow, 0 to 1.
    pub(super) link: f64,
    /// Peaks up to here pass untouched, linear.
    pub(super) ceiling: f64,
    /// Peaks above the ceiling are brought down to here, linear.
    pub(super) target: f64,
    /// Stopband of the detector's filter.
    pub(super) stopband_db: f64,
}

/// Look-ahead limiting of up to two channels, with the detector's fineness as its type.
pub(super) struct Pass<const PHASES: usize, const TAPS: usize> {
    detectors: Vec<PeakDetector<PHASES, TAPS>>,
    gains: Vec<GainPath>,
    delays: Vec<Delay>,
    link: f64,
    ceiling: f64,
    target: f64,
}

/// Gains of a chunk at the end of each tile, for the meter: the smaller of the channels'.
pub(super) type TileGains = [f32; TILES];

impl<const PHASES: usize, const TAPS: usize> Pass<PHASES, TAPS> {
    pub(super) fn new(settings: &PassSettings) -> Self {
        let tiles_per_ms = settings.sample_rate_hz / 1000.0 / TILE as f64;
        let lookahead = ((settings.lookahead_ms * tiles_per_ms).round() as usize).max(2);
        let release = (settings.release_ms * tiles_per_ms).max(0.01);
        let paths = if settings.link >= 1.0 { 1 } else { settings.channels };
        let latency = PeakDetector::<PHASES, TAPS>::LATENCY_FRAMES + lookahead * TILE;
        Self {
            detectors: vec![PeakDetector::new(settings.stopband_db); settings.channels],
            gains: vec![GainPath::new(settings.character, lookahead, release); paths],
            delays: vec![Delay::new(latency); settings.channels],
            link: settings.link,
            ceiling: settings.ceiling,
            target: settings.target,
        }
    }

    pub(super) fn latency_frames(&self) -> usize {
        self.delays[0].frames()
    }

    pub(super) fn process(&mut self, chunk: &mut Chunk) -> TileGains {
        let mut peaks = [[0f32; TILES]; 2];
        for ((detector, lane), peaks) in self.detectors.iter_mut().zip(chunk.iter()).zip(&mut peaks) {
            detector.process(lane, self.ceiling as f32, peaks);
        }
        for (delay, lane) in self.delays.iter_mut().zip(chunk.iter_mut()) {
            delay.process(lane);
        }
        let channels = self.detectors.len();
        let mut lowest = [1f32; TILES];
        for tile in 0..TILES {
            let wanted = [self.reduction(peaks[0][tile]), self.reduction(peaks[1][tile])];
            let linked = wanted[0].max(wanted[1]);
            let frames = tile * TILE..(tile + 1) * TILE;
            if let [path] = &mut self.gains[..] {
                let gain = path.step(linked);
                chunk[..channels].iter_mut().for_each(|lane| ramp(&mut lane[frames.clone()], gain));
                lowest[tile] = gain.1;
                continue;
            }
            for ((path, lane), own) in self.gains.iter_mut().zip(chunk.iter_mut()).zip(wanted) {
                let gain = path.step(own + self.link * (linked - own));
                ramp(&mut lane[frames.clone()], gain);
                lowest[tile] = lowest[tile].min(gain.1);
            }
        }
        lowest
    }

    /// Reduction, 0 to 1, that brings `peak` to the target; none up to the ceiling.
    fn reduction(&self, peak: f32) -> f64 {
        let peak = f64::from(peak);
        if peak > self.ceiling { 1.0 - self.target / peak } else { 0.0 }
    }

    pub(super) fn reset(&mut self) {
        self.detectors.iter_mut().for_each(PeakDetector::reset);
        self.gains.iter_mut().for_each(GainPath::reset);
        self.delays.iter_mut().for_each(Delay::reset);
    }
}

const _: () = assert!(CHUNK.is_multiple_of(TILE));
