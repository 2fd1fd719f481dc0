//! Where in a stream a true peak may lie: bounds first, interpolation only where they leave a peak possible.
//!
//! The result is that of interpolating everywhere; the bound (see [`super::interpolate`]) only saves work. Tiles
//! are counted from the stream's start, so the division into blocks changes nothing. Silence lies before the stream.

use super::chunk::CHUNK;
use super::interpolate::{Interpolator, TILE};

/// Tiles of a chunk.
pub const TILES: usize = CHUNK / TILE;
/// Chunks that a [`PeakFinder`] takes before it moves its memory to the front.
const CHUNKS_PER_MOVE: usize = 16;

/// The recent past of one channel, searchable for peaks. Tiles are addressed by age: 0 is the newest.
#[derive(Clone, Debug)]
pub struct PeakFinder<const PHASES: usize, const TAPS: usize> {
    samples: Vec<f32>,
    /// Largest magnitude and largest second difference of each tile of `samples`.
    size: Vec<f32>,
    curvature: Vec<f32>,
    /// Largest second difference within reach of the tiles that the newest chunk completed.
    far: f32,
    /// Tiles taken so far; `samples` holds more room behind.
    tiles: usize,
    memory: usize,
}

impl<const PHASES: usize, const TAPS: usize> PeakFinder<PHASES, TAPS> {
    /// Tiles on each side of a tile that its interpolation reaches.
    const SIDE: usize = Interpolator::<PHASES, TAPS>::SIDE_TILES;
    /// Age of the newest tile whose peak can be found: its interpolation needs the tiles after it.
    pub const NEWEST: usize = Self::SIDE + 1;

    /// A finder at rest that remembers `memory_tiles` tiles beyond the newest chunk's.
    pub fn new(memory_tiles: usize) -> Self {
        const { assert!(TAPS.is_multiple_of(2 * TILE)) };
        let memory = memory_tiles + TILES + 2 * Self::NEWEST + 1;
        let tiles = memory + CHUNKS_PER_MOVE * TILES;
        let (size, curvature) = (vec![0.0; tiles], vec![0.0; tiles]);
        Self { samples: vec![0.0; tiles * TILE], size, curvature, far: 0.0, tiles: memory, memory }
    }

    /// Takes one chunk.
    pub fn push(&mut self, chunk: &[f32; CHUNK]) {
        if self.tiles + TILES > self.size.len() {
            let kept = self.tiles - self.memory..self.tiles;
            self.samples.copy_within(kept.start * TILE..kept.end * TILE, 0);
            self.size.copy_within(kept.clone(), 0);
            self.curvature.copy_within(kept, 0);
            self.tiles = self.memory;
        }
        let first = self.tiles;
        let start = first * TILE;
        self.samples[start..start + CHUNK].copy_from_slice(chunk);
        // The last second difference of a tile needs the frame after it: curvature is known one tile late.
        let around = &self.samples[start - TILE - 1..start + CHUNK - TILE + 1];
        let mut bend = [0f32; CHUNK];
        for (i, b) in bend.iter_mut().enumerate() {
            *b = (around[i] - 2.0 * around[i + 1] + around[i + 2]).abs();
        }
        for t in 0..TILES {
            self.size[first + t] = largest_of_tile(|i| chunk[t * TILE + i].abs());
            self.curvature[first + t - 1] = largest_of_tile(|i| bend[t * TILE + i]);
        }
        self.tiles += TILES;
        let newest = self.tiles - 1 - Self::NEWEST;
        self.far = self.curvature[newest + 1 - TILES - Self::SIDE..=newest + Self::SIDE].iter().fold(0.0, |m, c| larger(*c, m));
    }

    /// Bounds of the peak of one of the [`TILES`] tiles from [`Self::NEWEST`] on: its largest sample, and what no point
    /// between samples can pass, which is bounded closely only if it may be above `floor`.
    pub fn bounds(&self, interpolator: &Interpolator<PHASES, TAPS>, age: usize, floor: f32) -> (f32, f32) {
        let tile = self.tiles - 1 - age;
        let low = self.size[tile];
        let edge = larger(self.samples[(tile + 1) * TILE].abs(), low);
        let high = edge + interpolator.rise(self.near(tile), self.far);
        if high <= floor {
            return (low, high);
        }
        (low, edge + interpolator.near_rise(self.near(tile)) + interpolator.far_rise(self.reach(tile)))
    }

    /// The peak of a tile if it is above `floor`, else `floor`.
    pub fn peak_above(&self, interpolator: &Interpolator<PHASES, TAPS>, age: usize, floor: f32) -> f32 {
        let tile = self.tiles - 1 - age;
        let start = tile * TILE;
        let mut size = [0f32; TILE + 1];
        for (s, x) in size.iter_mut().zip(&self.samples[start..=start + TILE]) {
            *s = x.abs();
        }
        let mut peak = larger(self.size[tile], floor);
        let far_rise = interpolator.far_rise(self.reach(tile));
        let rise = far_rise + interpolator.near_rise(self.near(tile));
        // The likeliest intervals first: beside the largest sample. The order changes only how many others are left out.
        let top = (0..=TILE).fold(0, |best, i| if size[i] > size[best] { i } else { best });
        for n in [top.saturating_sub(1), top].into_iter().chain(0..TILE) {
            if n < TILE && larger(size[n], size[n + 1]) + rise > peak {
                let first = start + n + 1 - TAPS / 2;
                let window = &self.samples[first..first + TAPS];
                if interpolator.largest_near(window) + far_rise > peak {
                    peak = larger(interpolator.largest(window), peak);
                }
            }
        }
        peak
    }

    /// Second differences of the tiles that the interpolation of a tile reaches.
    fn reach(&self, tile: usize) -> &[f32] {
        &self.curvature[tile - Self::SIDE..=tile + Self::SIDE]
    }

    fn near(&self, tile: usize) -> f32 {
        larger(larger(self.curvature[tile - 1], self.curvature[tile]), self.curvature[tile + 1])
    }

    /// The chunk of samples whose last tile has this age.
    pub fn chunk(&self, age: usize) -> &[f32] {
        let end = (self.tiles - age) * TILE;
        &self.samples[end - CHUNK..end]
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
        self.size.fill(0.0);
        self.curvature.fill(0.0);
        (self.far, self.tiles) = (0.0, self.memory);
    }
}

/// The larger of two numbers; unlike [`f32::max`] one instruction, and `b` where either is not a number.
#[inline(always)]
pub(super) fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn largest_of_tile(at: impl Fn(usize) -> f32) -> f32 {
    let four: [f32; 4] = std::array::from_fn(|i| larger(at(i), at(i + 4)));
    larger(larger(four[0], four[2]), larger(four[1], four[3]))
}
