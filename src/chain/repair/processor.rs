//! The repair stage at work: `x ─ declip ─ gain ─ high-pass ─▶ y`.

use super::RepairSettings;
use super::declip::{Declipper, LATENCY};
use crate::chain::processor::{Processor, StageMeter};
use crate::dsp::biquad::{Biquad, Coefficients};
use crate::dsp::gain::db_to_gain;
use crate::dsp::grid::FrameGrid;
use crate::dsp::lanes::{CHUNK_FRAMES, load, store};

/// Largest sample: what f32 can hold, so that finite sound stays finite.
const LARGEST: f64 = f32::MAX as f64;

/// The repair stage's processor.
pub struct RepairProcessor {
    /// One a channel; none when off.
    declippers: Vec<Declipper>,
    gain: f64,
    highpass: Option<Biquad>,
    grid: FrameGrid,
}

impl RepairProcessor {
    /// A repair stage at rest.
    pub fn new(settings: &RepairSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let declippers = if settings.declip { channels } else { 0 };
        let highpass = || Biquad::new(Coefficients::butterworth_highpass(settings.highpass_hz, sample_rate_hz));
        Self {
            declippers: (0..declippers).map(|_| Declipper::new()).collect(),
            gain: db_to_gain(settings.gain_db),
            highpass: (settings.highpass_hz > 0.0).then(highpass),
            grid: FrameGrid::new(CHUNK_FRAMES),
        }
    }
}

impl Processor for RepairProcessor {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        for (declipper, channel) in self.declippers.iter_mut().zip(channels.iter_mut()) {
            declipper.process(channel);
        }
        let Some(highpass) = &mut self.highpass else {
            if self.gain != 1.0 {
                channels.iter_mut().flatten().for_each(|x| *x = (f64::from(*x) * self.gain).clamp(-LARGEST, LARGEST) as f32);
            }
            return;
        };
        let total = channels.first().map_or(0, Vec::len);
        let mut lanes = [[0.0; 2]; CHUNK_FRAMES];
        let mut start = 0;
        while let Some(piece) = self.grid.piece(start, total) {
            let lanes = &mut lanes[..piece.block.len()];
            load(channels, start, lanes);
            lanes.iter_mut().for_each(|x| *x = highpass.process([self.gain * x[0], self.gain * x[1]]));
            store(lanes, channels, start);
            if piece.ends_cell {
                highpass.flush();
            }
            start = piece.block.end;
        }
    }

    fn latency_frames(&self) -> usize {
        if self.declippers.is_empty() { 0 } else { LATENCY }
    }

    fn reset(&mut self) {
        self.declippers.iter_mut().for_each(Declipper::reset);
        self.highpass.iter_mut().for_each(Biquad::reset);
        self.grid.reset();
    }

    fn meter(&self) -> StageMeter {
        StageMeter::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::checks::{amplitude_at, check, check_impulse, run, sine};
    use crate::chain::settings::StageSettings;

    #[test]
    fn keeps_the_contract() {
        let all = RepairSettings { gain_db: 3.0, highpass_hz: 20.0, declip: true, ..RepairSettings::default() };
        check(|channels| all.processor(44_100.0, channels));
        check_impulse(all.processor(44_100.0, 2).as_mut());
        let gain = RepairSettings { gain_db: -5.0, ..RepairSettings::default() };
        check(|channels| gain.processor(44_100.0, channels));
    }

    #[test]
    fn removes_dc_and_subsonics_and_keeps_the_bass() {
        let settings = RepairSettings { highpass_hz: 20.0, ..RepairSettings::default() };
        let mut input = sine(80.0, 0.5, 44_100.0, 100_000);
        input.iter_mut().flatten().for_each(|x| *x += 0.1);
        let out = run(settings.processor(44_100.0, 2).as_mut(), &input, 4096);
        // One second holds a whole number of periods.
        let mean: f64 = out[0][50_000..94_100].iter().map(|x| f64::from(*x)).sum::<f64>() / 44_100.0;
        assert!(mean.abs() < 5e-4, "{mean}");
        assert!((20.0 * (amplitude_at(&out[0][50_000..], 80.0, 44_100.0) / 0.5).log10()).abs() < 0.05);
        let corner = run(settings.processor(44_100.0, 2).as_mut(), &sine(20.0, 0.5, 44_100.0, 200_000), 4096);
        let level_db = 20.0 * (amplitude_at(&corner[0][100_000..], 20.0, 44_100.0) / 0.5).log10();
        assert!((level_db + 3.01).abs() < 0.05, "{level_db}");
    }

    #[test]
    fn trims_by_exactly_its_gain() {
        let settings = RepairSettings { gain_db: -6.0, ..RepairSettings::default() };
        let input = sine(1000.0, 0.5, 44_100.0, 1000);
        let out = run(settings.processor(44_100.0, 2).as_mut(), &input, 100);
        assert!(out[0].iter().zip(&input[0]).all(|(y, x)| *y == (f64::from(*x) * db_to_gain(-6.0)) as f32));
    }
}
