//! Crest factor and width in the four dynamics bands.

use crate::sound::{SAMPLE_RATE_HZ, Sound};
use automaster::dsp::bands::{DYNAMICS_BANDS, DYNAMICS_CROSSOVERS_HZ};
use automaster::dsp::crossover::Crossover;
use automaster::dsp::gain::power_to_db;

/// Crest factors are taken over windows of 400 ms.
const WINDOW_FRAMES: usize = SAMPLE_RATE_HZ as usize * 2 / 5;
/// Windows more than this below the loudest of their band do not count.
const WINDOW_GATE_DB: f64 = 20.0;
/// A side weaker than this against the mid sounds like none.
const LEAST_WIDTH_DB: f64 = -40.0;

/// One band of one file.
#[derive(Clone, Copy, Debug)]
pub(super) struct BandFigures {
    /// RMS level of left and right together.
    pub(super) level_db: f64,
    /// Peak over RMS, left and right together; median over the loud windows.
    pub(super) crest_db: f64,
    /// Power of the side over power of the mid, at least −40.
    pub(super) width_db: f64,
}

#[derive(Default)]
struct Gather {
    peak: f64,
    power: f64,
    windows: Vec<(f64, f64)>,
    mid: f64,
    side: f64,
}

impl Gather {
    fn add(&mut self, [l, r]: [f64; 2]) {
        self.peak = self.peak.max(l.abs()).max(r.abs());
        self.power += 0.5 * (l * l + r * r);
        self.mid += (l + r) * (l + r);
        self.side += (l - r) * (l - r);
    }

    fn end_window(&mut self) {
        let level_db = power_to_db(self.power / WINDOW_FRAMES as f64 + 1e-15);
        self.windows.push((level_db, power_to_db(self.peak * self.peak + 1e-15) - level_db));
        self.peak = 0.0;
        self.power = 0.0;
    }

    fn figures(self) -> BandFigures {
        let loudest_db = self.windows.iter().fold(f64::NEG_INFINITY, |max, (level, _)| max.max(*level));
        let loud = self.windows.iter().filter(|(level, _)| *level >= loudest_db - WINDOW_GATE_DB);
        let mean = self.windows.iter().map(|(level, _)| 10f64.powf(level / 10.0)).sum::<f64>() / self.windows.len().max(1) as f64;
        BandFigures {
            level_db: power_to_db(mean + 1e-15),
            crest_db: super::median(&mut loud.map(|(_, crest)| *crest).collect::<Vec<_>>()),
            width_db: power_to_db((self.side + 1e-15) / (self.mid + 1e-15)).max(LEAST_WIDTH_DB),
        }
    }
}

/// Measures the four bands, low to high.
pub(super) fn measure(sound: &Sound) -> [BandFigures; DYNAMICS_BANDS] {
    let mut crossover = Crossover::new(DYNAMICS_CROSSOVERS_HZ, f64::from(SAMPLE_RATE_HZ));
    let mut gathers: [Gather; DYNAMICS_BANDS] = Default::default();
    let [left, right] = &sound.channels;
    for (l, r) in left.chunks_exact(WINDOW_FRAMES).zip(right.chunks_exact(WINDOW_FRAMES)) {
        for (l, r) in l.iter().zip(r) {
            let split = crossover.process([f64::from(*l), f64::from(*r)]);
            gathers.iter_mut().zip(split).for_each(|(gather, lanes)| gather.add(lanes));
        }
        gathers.iter_mut().for_each(Gather::end_window);
    }
    gathers.map(Gather::figures)
}
