//! One pass of limiting: detect, wait, turn down.

use super::Character;
use super::gain::{GainPath, ramp};
use crate::dsp::chunk::Chunk;
use crate::dsp::interpolate::Interpolator;
use crate::dsp::true_peak::{PeakFinder, TILE, TILES};

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
    /// Peaks above the ceiling are brought down to here, linear …
    pub(super) target: f64,
    /// … and further by this share of the reduction: the more the gain moves, the higher the new peaks that it makes.
    pub(super) overshoot: f64,
}

/// From a peak to the reduction it wants.
#[derive(Clone, Copy)]
struct Threshold {
    /// As precise as the peaks that are compared with it, so that a peak just at the ceiling wants nothing.
    ceiling: f32,
    target: f64,
    /// 1 + the share by which a reduction is more than it takes to reach the target.
    surplus: f64,
}

impl Threshold {
    /// Reduction, 0 to 1, that brings `peak` to the target or below; none up to the ceiling.
    fn reduction(self, peak: f32) -> f64 {
        if peak > self.ceiling { (self.surplus * (1.0 - self.target / f64::from(peak))).min(1.0) } else { 0.0 }
    }

    /// The peak that wants `reduction`.
    fn peak(self, reduction: f64) -> f32 {
        if reduction > 0.0 { (self.target / (1.0 - reduction / self.surplus)) as f32 } else { self.ceiling }
    }
}

/// Look-ahead limiting of up to two channels, with the detector's fineness as its type.
pub(super) struct Pass<const PHASES: usize, const TAPS: usize> {
    interpolator: &'static Interpolator<PHASES, TAPS>,
    finders: Vec<PeakFinder<PHASES, TAPS>>,
    /// One for all channels where they are fully linked.
    paths: Vec<GainPath>,
    lookahead: usize,
    link: f64,
    threshold: Threshold,
}

/// Gains of a chunk at the end of each tile, for the meter: the smaller of the channels'.
pub(super) type TileGains = [f32; TILES];

impl<const PHASES: usize, const TAPS: usize> Pass<PHASES, TAPS> {
    pub(super) fn new(settings: &PassSettings, interpolator: &'static Interpolator<PHASES, TAPS>) -> Self {
        let tiles_per_ms = settings.sample_rate_hz / 1000.0 / TILE as f64;
        let lookahead = ((settings.lookahead_ms * tiles_per_ms).round() as usize).max(2);
        let release = (settings.release_ms * tiles_per_ms).max(0.01);
        let paths = if settings.link >= 1.0 { 1 } else { settings.channels };
        Self {
            interpolator,
            finders: vec![PeakFinder::new(lookahead + 1); settings.channels],
            paths: (0..paths).map(|_| GainPath::new(settings.character, lookahead, release)).collect(),
            lookahead,
            link: settings.link,
            threshold: Threshold { ceiling: settings.ceiling as f32, target: settings.target, surplus: 1.0 + settings.overshoot },
        }
    }

    /// Age, in tiles, of the newest tile that leaves.
    fn age_out(&self) -> usize {
        PeakFinder::<PHASES, TAPS>::NEWEST + self.lookahead
    }

    pub(super) fn latency_frames(&self) -> usize {
        self.age_out() * TILE
    }

    pub(super) fn process(&mut self, chunk: &mut Chunk) -> TileGains {
        let age_out = self.age_out();
        for (finder, lane) in self.finders.iter_mut().zip(chunk.iter_mut()) {
            finder.push(lane);
            lane.copy_from_slice(finder.chunk(age_out));
        }
        let mut lowest = [1f32; TILES];
        for (tile, lowest) in lowest.iter_mut().enumerate() {
            let gains = self.step(PeakFinder::<PHASES, TAPS>::NEWEST + TILES - 1 - tile);
            for (lane, gain) in chunk.iter_mut().zip(gains).take(self.finders.len()) {
                ramp(&mut lane[tile * TILE..(tile + 1) * TILE], gain);
                *lowest = lowest.min(gain.1);
            }
        }
        lowest
    }

    /// Takes the tile of this age into account; gives each channel's gain at the start and the end of the tile that leaves.
    fn step(&mut self, age: usize) -> [(f32, f32); 2] {
        let Self { interpolator, finders, paths, link, threshold, .. } = self;
        let bounds = finders.iter().map(|f| f.bounds(interpolator, age, threshold.peak(0.0)));
        let mut low = [0f64; 2];
        let mut high = [0f64; 2];
        for ((l, h), (low, high)) in bounds.zip(low.iter_mut().zip(&mut high)) {
            (*low, *high) = (threshold.reduction(l), threshold.reduction(h));
        }
        if let [path] = &mut paths[..] {
            let exact = |ago: usize, floor: f64| {
                let search = |peak, f: &PeakFinder<PHASES, TAPS>| f.peak_above(interpolator, age + ago, peak);
                threshold.reduction(finders.iter().fold(threshold.peak(floor), search)).max(floor)
            };
            return [path.step(low[0].max(low[1]), high[0].max(high[1]), exact); 2];
        }
        let follow = |wanted: [f64; 2], own: usize| wanted[own] + *link * (wanted[0].max(wanted[1]) - wanted[own]);
        let mut gains = [(1.0, 1.0); 2];
        for (own, (path, gain)) in paths.iter_mut().zip(&mut gains).enumerate() {
            let exact = |ago: usize, floor: f64| {
                let search = |f: &PeakFinder<PHASES, TAPS>| f.peak_above(interpolator, age + ago, threshold.peak(0.0));
                let wanted = [0, 1].map(|c| finders.get(c).map_or(0.0, |f| threshold.reduction(search(f))));
                follow(wanted, own).max(floor)
            };
            *gain = path.step(follow(low, own), follow(high, own), exact);
        }
        gains
    }

    pub(super) fn reset(&mut self) {
        self.finders.iter_mut().for_each(PeakFinder::reset);
        self.paths.iter_mut().for_each(GainPath::reset);
    }
}
