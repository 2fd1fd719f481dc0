//! Passband, aliases, length, alignment at head and tail, block independence.

use super::*;
use std::f64::consts::TAU;

fn convert(from_hz: u32, to_hz: u32, input: &[f32], block: usize) -> Vec<f32> {
    let mut resampler = Resampler::new(from_hz, to_hz, 1);
    let mut output = vec![Vec::new()];
    for piece in input.chunks(block) {
        resampler.push(&[piece.to_vec()], &mut output);
    }
    resampler.finish(&mut output);
    output.swap_remove(0)
}

fn tone(hz: f64, rate_hz: u32, frames: usize) -> Vec<f32> {
    let step = TAU * hz / f64::from(rate_hz);
    (0..frames).map(|frame| (0.5 * (step * frame as f64).sin()) as f32).collect()
}

/// Amplitude of a partial by a Hann-windowed projection over the middle of a signal.
fn amplitude(signal: &[f32], rate_hz: u32, hz: f64) -> f64 {
    let middle = &signal[signal.len() / 4..signal.len() * 3 / 4];
    let step = TAU * hz / f64::from(rate_hz);
    let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
    for (frame, &sample) in middle.iter().enumerate() {
        let window = 0.5 - 0.5 * (TAU * frame as f64 / middle.len() as f64).cos();
        let (sin, cos) = (step * frame as f64).sin_cos();
        re += window * f64::from(sample) * cos;
        im += window * f64::from(sample) * sin;
        weight += window;
    }
    2.0 * re.hypot(im) / weight
}

const PAIRS: [(u32, u32); 6] =
    [(44_100, 48_000), (48_000, 44_100), (96_000, 44_100), (44_100, 96_000), (192_000, 48_000), (88_200, 44_100)];

#[test]
fn the_passband_is_flat_within_0_01_db_to_20_khz() {
    for (from_hz, to_hz) in PAIRS {
        for hz in [20.0, 997.0, 10_007.0, 19_001.0, 20_000.0] {
            let output = convert(from_hz, to_hz, &tone(hz, from_hz, from_hz as usize), 4096);
            let gain_db = 20.0 * (amplitude(&output, to_hz, hz) / 0.5).log10();
            assert!(gain_db.abs() < 0.01, "{from_hz} → {to_hz}: {gain_db} dB at {hz} Hz");
        }
    }
}

#[test]
fn what_folds_back_is_below_minus_140_db() {
    for (from_hz, to_hz) in PAIRS.into_iter().filter(|(from_hz, to_hz)| from_hz > to_hz) {
        let nyquist_hz = f64::from(to_hz) / 2.0;
        for hz in [nyquist_hz + 600.0, nyquist_hz + 1_500.0, f64::from(from_hz) / 2.0 - 500.0] {
            let output = convert(from_hz, to_hz, &tone(hz, from_hz, from_hz as usize), 4096);
            let folded_hz = (hz - f64::from(to_hz) * (hz / f64::from(to_hz)).round()).abs();
            let alias_db = 20.0 * (amplitude(&output, to_hz, folded_hz) / 0.5).log10();
            assert!(alias_db < -140.0, "{from_hz} → {to_hz}: {alias_db} dB at {folded_hz} Hz of {hz} Hz");
        }
    }
}

#[test]
fn images_and_rounding_are_below_minus_140_db() {
    for (from_hz, to_hz) in PAIRS.into_iter().filter(|(from_hz, to_hz)| from_hz < to_hz) {
        let hz = 15_000.0;
        let output = convert(from_hz, to_hz, &tone(hz, from_hz, from_hz as usize), 4096);
        let image_hz = f64::from(from_hz) - hz;
        let image_hz = if image_hz < f64::from(to_hz) / 2.0 { image_hz } else { f64::from(to_hz) - image_hz };
        let image_db = 20.0 * (amplitude(&output, to_hz, image_hz) / 0.5).log10();
        assert!(image_db < -140.0, "{from_hz} → {to_hz}: {image_db} dB at {image_hz} Hz");
    }
}

#[test]
fn the_length_is_exact() {
    for (from_hz, to_hz) in PAIRS.into_iter().chain([(8_000, 384_000), (384_000, 8_000), (44_100, 44_100), (11_025, 48_000)]) {
        for frames in [0_usize, 1, 2, 441, 8_191, 8_193, 30_011] {
            let expected = (frames as f64 * f64::from(to_hz) / f64::from(from_hz)).round() as usize;
            assert_eq!(
                convert(from_hz, to_hz, &vec![0.25; frames], 1000).len(),
                expected,
                "{from_hz} → {to_hz}, {frames} frames"
            );
        }
    }
}

#[test]
fn a_swell_stays_in_time_at_head_middle_and_tail() {
    // Gaussian pulses of 1 ms are far below Nyquist, so the output must equal the pulse taken at its own times.
    let frames = 40_000;
    for (from_hz, to_hz) in PAIRS {
        let seconds = f64::from(frames) / f64::from(from_hz);
        let centres = [0.0, 0.004, seconds / 2.0, seconds - 0.004];
        let pulse = |time_s: f64| centres.iter().map(|centre| (-((time_s - centre) / 0.001).powi(2)).exp()).sum::<f64>();
        let input: Vec<f32> = (0..frames).map(|frame| pulse(f64::from(frame) / f64::from(from_hz)) as f32).collect();
        let output = convert(from_hz, to_hz, &input, 999);
        let head_frames = (0.003 * f64::from(to_hz)) as usize;
        for (frame, &sample) in output.iter().enumerate() {
            let error = (f64::from(sample) - pulse(frame as f64 / f64::from(to_hz))).abs();
            // The half pulse that begins at frame 0 with full level rings; the rest is exact.
            if frame > 20 * head_frames {
                assert!(error < 1e-5, "{from_hz} → {to_hz}: {error} at frame {frame}");
            }
        }
        let peak = |from_s: f64, to_s: f64| {
            let at = |time_s: f64| (time_s * f64::from(to_hz)) as usize;
            let range = at(from_s)..at(to_s).min(output.len());
            let top = range.clone().max_by(|&a, &b| output[a].total_cmp(&output[b])).expect("not empty");
            top as f64 / f64::from(to_hz)
        };
        let frame_s = 1.0 / f64::from(to_hz);
        assert!((peak(0.002, 0.006) - 0.004).abs() <= frame_s, "head of {from_hz} → {to_hz}");
        assert!((peak(seconds - 0.006, seconds) - (seconds - 0.004)).abs() <= frame_s, "tail of {from_hz} → {to_hz}");
    }
}

#[test]
fn a_ramp_is_a_ramp_from_the_first_block_on() {
    let frames = 60_000_usize;
    let input: Vec<f32> = (0..frames).map(|frame| frame as f32 / frames as f32).collect();
    for (from_hz, to_hz) in PAIRS {
        let output = convert(from_hz, to_hz, &input, 4096);
        let ratio = f64::from(from_hz) / f64::from(to_hz);
        for (frame, &sample) in output.iter().enumerate().take(output.len() - output.len() / 8).skip(200) {
            let expected = frame as f64 * ratio / frames as f64;
            assert!((f64::from(sample) - expected).abs() < 2e-5, "{from_hz} → {to_hz}: {sample} for {expected} at {frame}");
        }
    }
}

#[test]
fn block_division_does_not_matter() {
    let input = tone(1_234.5, 44_100, 50_021);
    let whole = convert(44_100, 48_000, &input, usize::MAX);
    for block in [1, 63, 4_096, 8_232, 20_000] {
        assert_eq!(whole, convert(44_100, 48_000, &input, block), "blocks of {block}");
    }
}

#[test]
fn channels_stay_apart() {
    let (left, right) = (tone(500.0, 44_100, 20_000), vec![0.0; 20_000]);
    let mut resampler = Resampler::new(44_100, 48_000, 2);
    let mut output = vec![Vec::new(), Vec::new()];
    resampler.push(&[left.clone(), right], &mut output);
    resampler.finish(&mut output);
    assert_eq!(output[0], convert(44_100, 48_000, &left, usize::MAX));
    assert!(output[1].iter().all(|&sample| sample == 0.0));
}
