//! The matching curve at work: two responses, one fast convolution.
//!
//! `curve (mid, side) ─ smooth over log f ─ FIR design ─▶ StereoConvolver`

use super::{MatchEqSettings, Phase, curve_response_db};
use crate::chain::processor::{Processor, StageMeter};
use crate::dsp::fir::{StereoConvolver, linear_phase, linear_phase_delay, minimum_phase};

/// Length of the responses at 44.1 and 48 kHz; the resolution, 5.4 Hz, is the distance of the lowest bands.
const TAPS: usize = 8192;

/// Taps at this rate: the same length in time, a power of two; twice that for linear phase, which has two sides.
fn taps(phase: Phase, sample_rate_hz: f64) -> usize {
    let octaves = (sample_rate_hz / 48_000.0).log2().ceil();
    let sides = match phase {
        Phase::Minimum => 1,
        Phase::Linear => 2,
    };
    sides * ((TAPS as f64 * octaves.exp2()) as usize).clamp(1024, 65_536)
}

/// The matching equaliser's processor.
pub struct MatchEqProcessor {
    convolver: StereoConvolver,
    latency_frames: usize,
}

impl MatchEqProcessor {
    /// Designs the responses for this rate; a mono signal gets the mid's.
    pub fn new(settings: &MatchEqSettings, sample_rate_hz: f64, channels: usize) -> Self {
        let taps = taps(settings.phase, sample_rate_hz);
        let design = |curve| {
            let level_db = |cycles: f64| curve_response_db(curve, cycles * sample_rate_hz);
            match settings.phase {
                Phase::Minimum => minimum_phase(&level_db, taps),
                Phase::Linear => linear_phase(&level_db, taps),
            }
        };
        let mid = design(&settings.mid);
        let alike = channels == 1 || settings.side == settings.mid;
        let side = if alike { mid.clone() } else { design(&settings.side) };
        let convolver = StereoConvolver::new(&mid, &side);
        let own_delay = match settings.phase {
            Phase::Minimum => 0,
            Phase::Linear => linear_phase_delay(taps),
        };
        let latency_frames = convolver.latency_frames() + own_delay;
        Self { convolver, latency_frames }
    }
}

impl Processor for MatchEqProcessor {
    fn process(&mut self, channels: &mut [Vec<f32>]) {
        self.convolver.process(channels);
    }

    fn latency_frames(&self) -> usize {
        self.latency_frames
    }

    fn reset(&mut self) {
        self.convolver.reset();
    }

    fn meter(&self) -> StageMeter {
        StageMeter::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::checks::{check, check_impulse, noise, run};
    use crate::chain::match_eq::Curve;
    use crate::chain::settings::StageSettings;
    use crate::dsp::bands::{THIRD_OCTAVES, third_octave_centre_hz};

    /// A tilt of −`db` at 20 Hz to +`db` at 20 kHz with a ripple.
    fn curve(tilt_db: f64, ripple_db: f64) -> Curve {
        Curve { gains_db: std::array::from_fn(|i| tilt_db * (i as f64 - 15.0) / 15.0 + ripple_db * (1.3 * i as f64).sin()) }
    }

    fn settings(phase: Phase) -> MatchEqSettings {
        MatchEqSettings { phase, mid: curve(6.0, 2.0), side: curve(-4.0, 1.0), ..MatchEqSettings::default() }
    }

    /// What comes out for an impulse in mid (`sign` 1) or side (−1), as its mid or side.
    fn response(processor: &mut dyn Processor, sign: f32, frames: usize) -> Vec<f64> {
        let mut impulse = vec![vec![0.0f32; frames]; 2];
        impulse[0][0] = 1.0;
        impulse[1][0] = sign;
        let out = run(processor, &impulse, 4096);
        out[0].iter().zip(&out[1]).map(|(l, r)| 0.5 * f64::from(l + sign * r)).collect()
    }

    fn level_db(response: &[f64], freq_hz: f64, sample_rate_hz: f64) -> f64 {
        let w = std::f64::consts::TAU * freq_hz / sample_rate_hz;
        let sum = response.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, h)| {
            let (sin, cos) = (w * n as f64).sin_cos();
            (re + h * cos, im - h * sin)
        });
        10.0 * (sum.0 * sum.0 + sum.1 * sum.1).log10()
    }

    #[test]
    fn keeps_the_contract() {
        for phase in [Phase::Minimum, Phase::Linear] {
            check(|channels| settings(phase).processor(44_100.0, channels));
            check_impulse(settings(phase).processor(44_100.0, 2).as_mut());
        }
    }

    /// A known tilt with ripple arrives as asked: 0.1 dB at every centre from 50 Hz, 0.3 dB below.
    #[test]
    fn gives_each_band_its_gain() {
        for sample_rate_hz in [44_100.0, 48_000.0, 96_000.0] {
            for phase in [Phase::Minimum, Phase::Linear] {
                let settings = settings(phase);
                let mut processor = settings.processor(sample_rate_hz, 2);
                for (sign, curve) in [(1.0, &settings.mid), (-1.0, &settings.side)] {
                    processor.reset();
                    let response = response(processor.as_mut(), sign, 3 * taps(phase, sample_rate_hz));
                    for i in 0..THIRD_OCTAVES {
                        let freq_hz = third_octave_centre_hz(i);
                        let error_db = level_db(&response, freq_hz, sample_rate_hz) - curve.gains_db[i];
                        let allowed_db = if freq_hz > 49.0 { 0.1 } else { 0.3 };
                        assert!(error_db.abs() <= allowed_db, "{phase:?} {sample_rate_hz}: {error_db} dB at {freq_hz} Hz");
                    }
                }
            }
        }
    }

    #[test]
    fn minimum_phase_does_not_ring_before() {
        let mut processor = settings(Phase::Minimum).processor(44_100.0, 2);
        // Inside a block of the convolution, so that its rounding counts as well.
        let mut impulse = vec![vec![0.0f32; 4 * TAPS]; 2];
        impulse.iter_mut().for_each(|channel| channel[5000] = 1.0);
        let arrival = 5000 + processor.latency_frames();
        let out = run(processor.as_mut(), &impulse, 4096);
        let energy = |part: &[f32]| part.iter().map(|h| f64::from(*h).powi(2)).sum::<f64>();
        let before_db = 10.0 * (energy(&out[0][..arrival]) / energy(&out[0])).log10();
        assert!(before_db <= -100.0, "{before_db} dB");
    }

    /// Curves alike on mid and side need no mid and side: the channels do not touch.
    #[test]
    fn alike_curves_keep_the_channels_apart() {
        let settings = MatchEqSettings { mid: curve(3.0, 1.0), side: curve(3.0, 1.0), ..MatchEqSettings::default() };
        let mut input = noise(30_000, 5);
        input[1].fill(0.0);
        let out = run(settings.processor(44_100.0, 2).as_mut(), &input, 4096);
        let energy = |c: &[f32]| c.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        assert!(10.0 * (energy(&out[1]) / energy(&out[0])).log10() < -120.0);
    }
}
