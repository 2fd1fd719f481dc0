//! Declipping: finds flat tops and rebuilds them from what surrounds them; every other sample passes untouched.
//!
//! `x ─ flat-top detector ─ 384 frames ─▶ y`, flagged runs replaced on the way.
//!
//! A flat top is a run of at least three neighbours that lie within one 16-bit step of the largest level so far on their
//! side, above −1 dBFS, and that the wave enters or leaves with a real step (the round top of a low note does neither).
//! The run is rebuilt by autoregressive interpolation (A. Janssen, R. Veldhuis, L. Vries, "Adaptive interpolation of
//! discrete-time signals that can be modeled as autoregressive processes", IEEE Trans. ASSP 34, 1986): the samples that make
//! the prediction error over the run smallest. Here they may only rise above the flat top, and to twice its level at most.

use super::autoregression::{Gap, ORDER};
use std::collections::VecDeque;

/// Longest run that is rebuilt, in frames; a longer flat top is meant (a square wave).
pub(super) const MAX_RUN: usize = 128;
/// Frames before and after a run that it is rebuilt from.
pub(super) const CONTEXT: usize = 256;
/// Frames by which the output lags behind.
pub(super) const LATENCY: usize = MAX_RUN + CONTEXT;
/// Shortest run that counts.
const MIN_RUN: usize = 3;
/// One step of 16-bit audio.
const STEP: f32 = 1.0 / 32768.0;
/// Level that a flat top must reach: −1 dBFS.
const FLOOR: f32 = 0.891_25;
/// A step into or out of the run, in units of [`STEP`], that a round top does not have.
const EDGE_STEPS: f32 = 8.0;
/// Cells of the ring: context, run and context fit, and so does the delay.
const RING: usize = 1024;

const _: () = assert!(RING >= 2 * CONTEXT + MAX_RUN && CONTEXT > ORDER);

/// Declips one channel.
pub(super) struct Declipper {
    ring: Vec<f32>,
    /// Frames taken so far.
    position: u64,
    /// Largest level so far above and below zero.
    rails: [f32; 2],
    run_frames: usize,
    run_side: usize,
    /// Runs (first frame, frames) that wait for their following context.
    waiting: VecDeque<(u64, usize)>,
    gap: Gap,
}

impl Declipper {
    pub(super) fn new() -> Self {
        Self {
            ring: vec![0.0; RING],
            position: 0,
            rails: [0.0; 2],
            run_frames: 0,
            run_side: 0,
            waiting: VecDeque::with_capacity(LATENCY / (MIN_RUN + 1) + 2),
            gap: Gap::new(),
        }
    }

    pub(super) fn process(&mut self, samples: &mut [f32]) {
        for sample in samples {
            *sample = self.push(*sample);
        }
    }

    pub(super) fn reset(&mut self) {
        self.ring.fill(0.0);
        self.waiting.clear();
        (self.position, self.rails, self.run_frames) = (0, [0.0; 2], 0);
    }

    fn at(&mut self, position: u64) -> &mut f32 {
        &mut self.ring[position as usize % RING]
    }

    /// Takes one sample, gives the one [`LATENCY`] frames before.
    fn push(&mut self, x: f32) -> f32 {
        *self.at(self.position) = x;
        self.watch(x);
        self.position += 1;
        if let Some(&(start, frames)) = self.waiting.front()
            && self.position == start + (frames + CONTEXT) as u64
        {
            self.waiting.pop_front();
            self.rebuild(start, frames);
        }
        // Before the first LATENCY frames this reads cells not yet written: silence.
        *self.at(self.position + (RING - 1 - LATENCY) as u64)
    }

    /// Follows the runs at the rails.
    fn watch(&mut self, x: f32) {
        let (side, level) = (usize::from(x < 0.0), x.abs());
        let rail = self.rails[side];
        let on_rail = level >= FLOOR && (level - rail).abs() <= STEP;
        if self.run_frames > 0 && (!on_rail || side != self.run_side) {
            if (MIN_RUN..=MAX_RUN).contains(&self.run_frames) {
                self.waiting.push_back((self.position - self.run_frames as u64, self.run_frames));
            }
            self.run_frames = 0;
        }
        if on_rail || (level > rail && level >= FLOOR) {
            self.run_frames += 1;
            self.run_side = side;
        }
        self.rails[side] = rail.max(level);
    }

    fn rebuild(&mut self, start: u64, frames: usize) {
        let top = *self.at(start);
        let step_in = (top - *self.at(start + (RING - 1) as u64)).abs();
        let step_out = (*self.at(start + frames as u64 - 1) - *self.at(start + frames as u64)).abs();
        if step_in.max(step_out) < EDGE_STEPS * STEP {
            return;
        }
        let first = start + (RING - CONTEXT) as u64;
        let ring = &self.ring;
        let around = (0..frames + 2 * CONTEXT).map(|n| f64::from(ring[(first as usize + n) % RING]));
        let rebuilt = self.gap.interpolate(around, CONTEXT, frames);
        for (n, u) in rebuilt.iter().enumerate() {
            let cell = &mut self.ring[(start as usize + n) % RING];
            let level = (*u as f32 * cell.signum()).clamp(cell.abs(), 2.0 * cell.abs());
            if level.is_finite() {
                *cell = level.copysign(*cell);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// Some notes and a little noise, peaking above full scale.
    fn music(frames: usize) -> Vec<f32> {
        let noise = crate::chain::checks::noise(frames, 11);
        let notes = [(110.0, 0.5), (261.6, 0.35), (660.0, 0.25), (1319.0, 0.18), (2500.0, 0.1), (4100.0, 0.05)];
        let at = |n: usize| {
            let t = n as f64 / 44_100.0;
            let tones: f64 = notes.iter().map(|(f, a)| a * (TAU * f * t + f).sin()).sum();
            (tones + 0.003 * f64::from(noise[0][n])) as f32
        };
        (0..frames).map(at).collect()
    }

    fn snr_db(clean: &[f32], other: &[f32]) -> f64 {
        let energy = |f: &dyn Fn(usize) -> f64| (0..clean.len()).map(|n| f(n).powi(2)).sum::<f64>();
        10.0 * (energy(&|n| f64::from(clean[n])) / energy(&|n| f64::from(clean[n] - other[n]))).log10()
    }

    #[test]
    fn rebuilds_clipped_tops_and_touches_nothing_else() {
        let clean = music(60_000);
        let clipped: Vec<f32> = clean.iter().map(|x| x.clamp(-0.95, 0.95)).collect();
        let mut out = clipped.clone();
        out.extend([0.0; LATENCY]);
        Declipper::new().process(&mut out);
        let out = &out[LATENCY..];
        let changed: Vec<usize> = (0..clipped.len()).filter(|n| out[*n] != clipped[*n]).collect();
        assert!(changed.len() > 200, "{} samples rebuilt", changed.len());
        assert!(changed.iter().all(|n| clipped[*n].abs() >= 0.95 - STEP && out[*n].abs() > clipped[*n].abs()));
        let (before_db, after_db) = (snr_db(&clean, &clipped), snr_db(&clean, out));
        assert!(after_db > before_db + 15.0, "{before_db} dB before, {after_db} dB after");
    }

    #[test]
    fn leaves_round_tops_and_square_waves_alone() {
        let round: Vec<f32> = (0..20_000).map(|n| (TAU * 40.0 * f64::from(n) / 44_100.0).sin() as f32).collect();
        let square: Vec<f32> = (0..20_000).map(|n| if n / 300 % 2 == 0 { 0.99 } else { -0.99 }).collect();
        for input in [round, square] {
            let mut out = input.clone();
            Declipper::new().process(&mut out);
            assert!(out[LATENCY..] == input[..20_000 - LATENCY]);
        }
    }
}
