//! Leveler: slow level riding with look-ahead: the fader hand of a mastering engineer.
//!
//! `L, R ┬ K-weighting ─▶ power of hops ─▶ mean of the window around now ─▶ map ─▶ smoothing ─▶ gain`
//! `     └ delay ──────────────────────────────────────────────────────────────────────────────── × ─▶`
//!
//! The level is the loudness (ITU-R BS.1770-5) of a window *centred* on the frame it acts on, so the hand moves before a
//! loud part begins rather than after. Time runs in hops of 20 ms counted from the stream's start. A hop below the gate is
//! taken as absent: pauses, noise, and what lies before the start and after the end do not pull the mean down, the window
//! averages over the hops it has. Where it has none the gain is held.
//!
//! The gain follows the map [`predicted_gain_db`], smoothed by a raised cosine over half a window: it can move by at most
//! `8 · range / window` dB a second, and in practice far less because the level itself is a mean over the window.

use super::processor::{GainStats, Processor, StageMeter};
use super::settings::StageSettings;
use crate::dsp::delay::Delay;
use crate::dsp::gain::db_to_gain;
use crate::dsp::grid::FrameGrid;
use crate::dsp::kweight::{KWeighting, power_to_lufs};
use crate::dsp::smooth::hann_weights;
use crate::params::{Unit, linear, log, switch};
use crate::stage_settings;
use std::collections::VecDeque;

stage_settings! {
    /// Settings of the leveler stage.
    pub struct LevelerSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        /// Share of each deviation from the pivot that is taken away (negative: added); 0 is neutral.
        amount_percent: f64 = 0.0, linear(Unit::Percent, -100.0, 100.0);
        /// Level that is left where it is: short-term loudness at this stage's input.
        pivot_lufs: f64 = -20.0, linear(Unit::Lufs, -60.0, 0.0);
        /// Largest gain change in either direction.
        range_db: f64 = 6.0, linear(Unit::Db, 0.0, 18.0);
        /// Length of the centred window that measures the level.
        window_s: f64 = 3.0, log(Unit::S, 0.4, 10.0);
        /// What is quieter is not listened to: noise and silence are not lifted, the gain is held through them.
        gate_lufs: f64 = -50.0, linear(Unit::Lufs, -80.0, -10.0);
    }
}

impl StageSettings for LevelerSettings {
    fn is_neutral(&self) -> bool {
        self.amount_percent == 0.0 || self.range_db == 0.0
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(Leveler::new(self, sample_rate_hz, channels))
    }
}

/// Gain that the leveler settles on at a steady short-term loudness:
/// `−amount · (loudness − pivot)`, within ±range; 0 below the gate, where the processor holds what it had.
///
/// Applied to a series of short-term values (any hop) it predicts the loudness range after the stage without its audio.
/// The processor itself smooths this over half a window and measures pauses shorter than its window as absent.
pub fn predicted_gain_db(settings: &LevelerSettings, short_term_lufs: f64) -> f64 {
    if short_term_lufs >= settings.gate_lufs {
        let wanted_db = -settings.amount_percent / 100.0 * (short_term_lufs - settings.pivot_lufs);
        wanted_db.clamp(-settings.range_db, settings.range_db)
    } else {
        0.0
    }
}

/// Length of a hop.
const HOP_S: f64 = 0.02;

struct Leveler {
    settings: LevelerSettings,
    grid: FrameGrid,
    hop_frames: usize,
    kweighting: KWeighting,
    hop_energy: f64,
    /// Mean powers of the window's hops, oldest first; 0 where absent.
    powers: VecDeque<f64>,
    /// Wanted gains around the hop that plays next, oldest first.
    targets_db: VecDeque<f64>,
    weights: Vec<f64>,
    /// Hops between a gain's own time and the newest power of its window.
    ahead_hops: u64,
    /// Hops by which the sound is late.
    latency_hops: u64,
    /// Gain at the start and at the end of the hop that plays.
    line: [f64; 2],
    delays: Vec<Delay>,
    stats: GainStats,
}

impl Leveler {
    fn new(settings: &LevelerSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let hop_frames = (HOP_S * sample_rate_hz).round().max(1.0) as usize;
        let half_window = (0.5 * settings.window_s / HOP_S).round() as usize;
        let half_smoothing = half_window / 2;
        let weights = hann_weights(half_smoothing);
        let latency_hops = half_window + half_smoothing + 1;
        Self {
            settings: settings.clone(),
            grid: FrameGrid::new(hop_frames),
            hop_frames,
            kweighting: KWeighting::new(sample_rate_hz),
            hop_energy: 0.0,
            powers: VecDeque::from(vec![0.0; 2 * half_window]),
            targets_db: VecDeque::from(vec![0.0; weights.len()]),
            weights,
            ahead_hops: half_window as u64,
            latency_hops: latency_hops as u64,
            line: [1.0; 2],
            delays: vec![Delay::new(latency_hops * hop_frames); channels],
            stats: GainStats::default(),
        }
    }

    /// Adds the K-weighted energy of some frames to the hop's.
    fn listen(&mut self, left: &[f32], right: Option<&[f32]>) {
        let (mut kweighting, mut energy) = (self.kweighting.clone(), self.hop_energy);
        let mut hear = |l: f32, r: f32| {
            let y = kweighting.process([f64::from(l), f64::from(r)]);
            energy += y[0] * y[0] + y[1] * y[1];
        };
        match right {
            Some(right) => left.iter().zip(right).for_each(|(l, r)| hear(*l, *r)),
            None => left.iter().for_each(|l| hear(*l, 0.0)),
        }
        (self.kweighting, self.hop_energy) = (kweighting, energy);
    }

    /// Ends a hop: takes its power into the window and moves the gain's line on by one hop.
    fn decide(&mut self) {
        let power = self.hop_energy / self.hop_frames as f64;
        self.hop_energy = 0.0;
        self.powers.pop_front();
        self.powers.push_back(if power_to_lufs(power) >= self.settings.gate_lufs { power } else { 0.0 });
        let heard_hops = self.grid.cells();
        if heard_hops < self.ahead_hops {
            return;
        }
        let target_db = match self.window_lufs() {
            Some(loudness_lufs) => predicted_gain_db(&self.settings, loudness_lufs),
            None => self.targets_db[self.targets_db.len() - 1],
        };
        if heard_hops == self.ahead_hops {
            self.targets_db.iter_mut().for_each(|t| *t = target_db);
        }
        self.targets_db.pop_front();
        self.targets_db.push_back(target_db);
        let gain_db = self.targets_db.iter().zip(&self.weights).map(|(t, w)| t * w).sum();
        self.line = [self.line[1], db_to_gain(gain_db)];
        // The meter runs with the sound: its first value is the gain at the end of the first hop that was heard.
        if heard_hops >= self.latency_hops {
            self.stats.push(gain_db);
        }
    }

    /// Loudness of the hops that are present in the window; `None` where none is.
    fn window_lufs(&self) -> Option<f64> {
        let present = self.powers.iter().filter(|p| **p > 0.0).count();
        (present > 0).then(|| power_to_lufs(self.powers.iter().sum::<f64>() / present as f64))
    }
}

impl Processor for Leveler {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        let frames = channels[0].len();
        let mut at = 0;
        while let Some(piece) = self.grid.piece(at, frames) {
            at = piece.block.end;
            self.listen(&channels[0][piece.block.clone()], channels.get(1).map(|c| &c[piece.block.clone()]));
            let [from, to] = self.line;
            let slope = (to - from) / self.hop_frames as f64;
            for (channel, delay) in channels.iter_mut().zip(&mut self.delays) {
                let part = &mut channel[piece.block.clone()];
                delay.process(part);
                for (x, n) in part.iter_mut().zip(piece.cell.clone()) {
                    *x = (*x * (from + slope * n as f64) as f32).clamp(f32::MIN, f32::MAX);
                }
            }
            if piece.ends_cell {
                self.decide();
                self.kweighting.flush();
            }
        }
    }

    fn grid_frames(&self) -> usize {
        self.hop_frames
    }

    fn latency_frames(&self) -> usize {
        self.delays[0].frames()
    }

    fn reset(&mut self) {
        self.grid.reset();
        self.kweighting.reset();
        self.hop_energy = 0.0;
        self.powers.iter_mut().for_each(|p| *p = 0.0);
        self.targets_db.iter_mut().for_each(|t| *t = 0.0);
        self.line = [1.0; 2];
        self.delays.iter_mut().for_each(Delay::reset);
        self.stats = GainStats::default();
    }

    fn meter(&self) -> StageMeter {
        StageMeter { gains: vec![self.stats.meter("gain")] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::mini_contract::{RATE_HZ, any_settings_stay_finite, holds, level_db, stepped_sine};

    fn settings() -> LevelerSettings {
        LevelerSettings { amount_percent: 50.0, range_db: 12.0, ..Default::default() }
    }

    /// What comes out, with the latency taken off.
    fn run(settings: &LevelerSettings, mut audio: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
        let mut leveler = settings.processor(RATE_HZ, audio.len());
        audio.iter_mut().for_each(|c| c.extend(vec![0.0; leveler.latency_frames()]));
        leveler.process(&mut audio);
        audio.iter_mut().for_each(|c| _ = c.drain(..leveler.latency_frames()));
        audio
    }

    #[test]
    fn contract() {
        any_settings_stay_finite::<LevelerSettings>();
        holds(&settings(), true);
        holds(&LevelerSettings { amount_percent: -100.0, window_s: 0.4, range_db: 18.0, ..Default::default() }, true);
    }

    /// A stereo 997 Hz sine of peak level p has a loudness of p LUFS (BS.1770: −3.01 + 3.01 dB, −0.691 cancels the shelf).
    #[test]
    fn steady_parts_get_the_predicted_gain_from_their_first_to_their_last_frame() {
        for amount_percent in [-60.0, 50.0, 100.0] {
            let settings = LevelerSettings { amount_percent, ..settings() };
            let parts = [(-30.0, 12.0), (-14.0, 12.0), (-22.0, 12.0)];
            let out = run(&settings, stepped_sine(997.0, &parts));
            for (i, (level, _)) in parts.iter().enumerate() {
                let expected = level + predicted_gain_db(&settings, *level);
                let middle = level_db(&out[0], 12.0 * i as f64 + 5.0, 12.0 * i as f64 + 7.0);
                assert!((middle - expected).abs() < 0.1, "{amount_percent} % at {level}: {middle} vs {expected}");
            }
            for (from_s, level) in [(0.0, -30.0), (35.8, -22.0)] {
                let expected = level + predicted_gain_db(&settings, level);
                let edge = level_db(&out[0], from_s, from_s + 0.2);
                assert!((edge - expected).abs() < 0.15, "{amount_percent} % at {from_s} s: {edge} vs {expected}");
            }
        }
    }

    #[test]
    fn the_range_narrows_by_the_amount_and_is_bounded() {
        let out = run(&settings(), stepped_sine(997.0, &[(-28.0, 10.0), (-16.0, 10.0)]));
        let difference = level_db(&out[0], 14.0, 16.0) - level_db(&out[0], 4.0, 6.0);
        assert!((difference - 6.0).abs() < 0.2, "{difference}");
        let bounded = LevelerSettings { range_db: 1.0, ..settings() };
        let out = run(&bounded, stepped_sine(997.0, &[(-28.0, 10.0)]));
        assert!((level_db(&out[0], 4.0, 6.0) + 27.0).abs() < 0.05);
    }

    #[test]
    fn the_hand_moves_before_the_change_and_slowly() {
        let out = run(&settings(), stepped_sine(997.0, &[(-28.0, 10.0), (-16.0, 10.0)]));
        let gain_db = |s: f64| level_db(&out[0], s, s + 0.05) - if s < 10.0 { -28.0 } else { -16.0 };
        assert!(gain_db(9.9) < gain_db(6.0) - 1.0, "ahead of the loud part: {} after {}", gain_db(9.9), gain_db(6.0));
        let gains: Vec<f64> = (0..199).filter(|i| *i != 99).map(|i| gain_db(0.1 * f64::from(i))).collect();
        let steepest = gains.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f64::max);
        assert!(steepest < 8.0 * 12.0 / 3.0 * 0.2, "{steepest} dB in 0.1 s");
    }

    /// Where the meter has its gain half way between two parts, the sound has it too, counted from the sound's own start.
    #[test]
    fn the_meter_runs_with_the_sound() {
        for window_s in [0.4, 3.0, 10.0] {
            let settings = LevelerSettings { window_s, ..settings() };
            let input = stepped_sine(997.0, &[(-28.0, 14.0), (-16.0, 10.0)]);
            let mut leveler = settings.processor(RATE_HZ, 2);
            let mut out = input.clone();
            out.iter_mut().for_each(|c| c.extend(vec![0.0; leveler.latency_frames()]));
            leveler.process(&mut out);
            let out = &out[0][leveler.latency_frames()..];
            let heard = |s: f64| level_db(out, s, s + 0.05) - level_db(&input[0], s, s + 0.05);
            // 4 dB before, −2 dB after.
            let sound_s = (0..480).map(|i| 0.05 * f64::from(i)).find(|s| heard(*s) < 1.0).unwrap();
            let meter = leveler.meter().gains.remove(0);
            assert!((meter.min_db + 2.0).abs() < 0.1 && (meter.max_db - 4.0).abs() < 0.1, "{meter:?}");
            let turn = meter.trace_db.iter().position(|db| *db < 1.0).unwrap();
            let meter_s = 24.0 * turn as f64 / meter.trace_db.len() as f64;
            assert!((meter_s - sound_s).abs() < 0.2, "window of {window_s} s: {meter_s} s for {sound_s} s");
        }
    }

    #[test]
    fn below_the_gate_the_gain_is_held() {
        let out = run(&settings(), stepped_sine(997.0, &[(-30.0, 10.0), (-60.0, 10.0)]));
        let held = level_db(&out[0], 17.0, 18.0) + 60.0;
        assert!(held > 4.0 && held < 6.5, "{held}: neither dropped nor raised towards the range");
    }
}
