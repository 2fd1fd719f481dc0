//! The dither figures: level, harmonics, noise modulation, shape, and words that never wrap.

use super::*;
use realfft::RealFftPlanner;

const RATE_HZ: u32 = 44_100;

fn words(bits: u32, dither: Dither, samples: &[f32]) -> Vec<i32> {
    let mut words = Vec::new();
    Quantiser::new(bits, dither, RATE_HZ, 1).quantise(0, samples, &mut words);
    words
}

fn error_lsb(bits: u32, dither: Dither, samples: &[f32]) -> Vec<f64> {
    let scale = f64::from(2.0_f32.powi(bits as i32 - 1));
    words(bits, dither, samples).iter().zip(samples).map(|(&word, &sample)| f64::from(word) - f64::from(sample) * scale).collect()
}

fn power(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64
}

/// A sine of an exact number of periods in `frames`.
fn sine(periods: usize, frames: usize, peak: f64) -> Vec<f32> {
    let step = std::f64::consts::TAU * periods as f64 / frames as f64;
    (0..frames).map(|frame| (peak * (step * frame as f64).sin()) as f32).collect()
}

/// Amplitudes of all partials, full scale 1.
fn spectrum(signal: &[f64]) -> Vec<f64> {
    let plan = RealFftPlanner::<f64>::new().plan_fft_forward(signal.len());
    let mut time = signal.to_vec();
    let mut bins = plan.make_output_vec();
    plan.process(&mut time, &mut bins).expect("lengths match");
    bins.iter().map(|bin| bin.norm() * 2.0 / signal.len() as f64).collect()
}

#[test]
fn triangular_dither_at_16_bits_has_a_total_noise_of_minus_93_3_db() {
    // Over a full-scale sine's own RMS (−3.01 dBFS), as converters are specified; absolute −96.3 dBFS.
    let error = error_lsb(16, Dither::Tpdf, &sine(997, 1 << 18, 0.5));
    let noise_db = 10.0 * (power(&error) / (32_768.0_f64 * 32_768.0)).log10() + 3.01;
    assert!((noise_db + 93.3).abs() < 0.1, "{noise_db}");
}

#[test]
fn triangular_dither_leaves_no_harmonics_of_a_minus_90_db_tone() {
    // Averaged over whole periods of the tone, the noise falls below −150 dBFS a partial, and harmonics stay.
    let (period, periods) = (64_usize, 1 << 18);
    let tone = sine(1, period, 10.0_f64.powf(-90.0 / 20.0));
    let signal: Vec<f32> = tone.iter().copied().cycle().take(period * periods).collect();
    let harmonics_db = |dither| {
        let mut mean = vec![0.0; period];
        for (index, word) in words(16, dither, &signal).into_iter().enumerate() {
            mean[index % period] += f64::from(word) / 32_768.0 / periods as f64;
        }
        20.0 * spectrum(&mean)[2..].iter().fold(0.0, |worst: f64, &partial| worst.max(partial)).log10()
    };
    assert!(harmonics_db(Dither::Tpdf) < -120.0, "{}", harmonics_db(Dither::Tpdf));
    assert!(harmonics_db(Dither::None) > -110.0, "without dither they would be there: {}", harmonics_db(Dither::None));
}

#[test]
fn triangular_dither_does_not_modulate_the_noise() {
    let expected = 3.0 / 12.0;
    for step in 0..16 {
        let offset = (step as f32 / 16.0) / 32_768.0;
        let noise = power(&error_lsb(16, Dither::Tpdf, &vec![offset; 1 << 17]));
        assert!((noise / expected - 1.0).abs() < 0.015, "{noise} LSB² at {step}/16 LSB");
    }
}

#[test]
fn shaped_dither_moves_the_noise_above_10_khz() {
    let frames = 1 << 17;
    let bins = |dither| spectrum(&error_lsb(16, dither, &sine(997, frames, 0.25)));
    let band_db = |bins: &[f64], low_hz: f64, high_hz: f64| {
        let bin = |hz: f64| (hz / f64::from(RATE_HZ) * frames as f64) as usize;
        let band = &bins[bin(low_hz)..bin(high_hz)];
        10.0 * (band.iter().map(|amplitude| amplitude * amplitude).sum::<f64>() / band.len() as f64).log10()
    };
    let (flat, shaped) = (bins(Dither::Tpdf), bins(Dither::Shaped));
    let change = |low_hz, high_hz| band_db(&shaped, low_hz, high_hz) - band_db(&flat, low_hz, high_hz);
    assert!(change(50.0, 1_000.0) < -10.0, "{}", change(50.0, 1_000.0));
    assert!(change(3_000.0, 5_000.0) < -15.0, "{}", change(3_000.0, 5_000.0));
    assert!(change(15_000.0, 20_000.0) > 10.0, "{}", change(15_000.0, 20_000.0));
}

#[test]
fn shaped_dither_stays_bounded_over_clipping() {
    let loud: Vec<f32> = sine(441, RATE_HZ as usize, 4.0);
    let quiet = vec![0.0; RATE_HZ as usize];
    let mut quantiser = Quantiser::new(16, Dither::Shaped, RATE_HZ, 1);
    let mut out = Vec::new();
    quantiser.quantise(0, &loud, &mut out);
    assert!(quantiser.clipped_samples() > 30_000);
    out.clear();
    quantiser.quantise(0, &quiet, &mut out);
    assert!(out.iter().all(|word| word.abs() <= 16), "the loop has settled at once");
}

#[test]
fn words_never_wrap() {
    for bits in [16, 24, 32] {
        let top = ((1_i64 << (bits - 1)) - 1) as i32;
        for dither in [Dither::None, Dither::Tpdf, Dither::Shaped] {
            let odd_nan = f32::from_bits(0x7FC1_2347);
            let out = words(bits, dither, &[1.0, 2.0, f32::MAX, -1.5, -2.0, f32::MIN, f32::NAN, odd_nan]);
            assert_eq!(out[1..6], [top, top, -top - 1, -top - 1, -top - 1], "{bits} bits, {dither:?}");
            assert!(out[0] >= top - 40, "{bits} bits, {dither:?}: {}", out[0]);
            assert_eq!(out[6..], [0, 0], "what is no number is silence: {bits} bits, {dither:?}");
        }
    }
}

#[test]
fn plain_rounding_is_exact_on_the_grid_and_ties_go_to_even() {
    let samples: Vec<f32> = (-32_768..32_768).map(|word| word as f32 / 32_768.0).collect();
    assert!(words(16, Dither::None, &samples).into_iter().eq(-32_768..32_768));
    assert_eq!(words(16, Dither::None, &[0.5 / 32_768.0, 1.5 / 32_768.0, -0.5 / 32_768.0]), [0, 2, 0]);
}

#[test]
fn channels_differ_and_blocks_do_not_matter() {
    let samples = sine(10, 5_000, 0.1);
    for dither in [Dither::Tpdf, Dither::Shaped] {
        let mut whole = Quantiser::new(24, dither, 48_000, 2);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        whole.quantise(0, &samples, &mut left);
        whole.quantise(1, &samples, &mut right);
        assert_ne!(left, right);
        let mut pieces = Quantiser::new(24, dither, 48_000, 2);
        let mut out = Vec::new();
        for block in samples.chunks(37) {
            pieces.quantise(0, block, &mut out);
        }
        assert_eq!(left, out);
    }
}

/// Halves of SplitMix64's numbers, converted one by one.
#[test]
fn the_noise_is_the_difference_of_two_uniform_numbers() {
    let mut noise = [0.0; 300];
    let mut state = 7;
    triangular(&mut state, &mut noise);
    for (n, noise) in (1..).zip(noise) {
        let mut bits = 7u64.wrapping_add(0x9E37_79B9_7F4A_7C15u64.wrapping_mul(n));
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^= bits >> 31;
        let [low, high] = [bits as u32, (bits >> 32) as u32].map(|half| f64::from(half) / 2f64.powi(32));
        assert_eq!(noise, low - high);
    }
}

#[test]
fn shaped_dither_falls_back_where_its_curve_does_not_fit() {
    assert_eq!(Quantiser::new(16, Dither::Shaped, 96_000, 2).dither(), Dither::Tpdf);
    assert_eq!(Quantiser::new(16, Dither::Shaped, 48_000, 2).dither(), Dither::Shaped);
    assert_eq!(Quantiser::new(32, Dither::Tpdf, 48_000, 2).dither(), Dither::None);
}
