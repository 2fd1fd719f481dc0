//! Cost of the dynamics and stereo stages and of the crossover: a second of stereo at 44.1 kHz in blocks of 4096 frames,
//! so 1 ms is 22.7 ns a frame; the items counted are frames.

use automaster::chain::compressor::CompressorSettings;
use automaster::chain::leveler::LevelerSettings;
use automaster::chain::multiband::{BandSettings, MultibandSettings};
use automaster::chain::settings::StageSettings;
use automaster::chain::stereo::StereoSettings;
use automaster::dsp::band_split::BandSplit;
use automaster::dsp::crossover::Crossover;
use divan::{Bencher, black_box, counter::ItemsCount};

const RATE_HZ: f64 = 44_100.0;
const BLOCK_FRAMES: usize = 4096;
const BLOCKS: usize = 11;

fn main() {
    divan::main();
}

/// Noise that swells, so that gains move.
fn block(seed: u32) -> Vec<f32> {
    let mut state = seed;
    let noise = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let swell = 0.5 + 0.45 * (n as f32 * 0.003).sin();
        swell * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
    };
    (0..BLOCK_FRAMES).map(noise).collect()
}

fn stage(bencher: Bencher, settings: &impl StageSettings) {
    let input = vec![block(1), block(2)];
    let mut processor = settings.processor(RATE_HZ, 2);
    let mut audio = input.clone();
    bencher.counter(ItemsCount::new(BLOCKS * BLOCK_FRAMES)).bench_local(|| {
        for _ in 0..BLOCKS {
            audio.iter_mut().zip(&input).for_each(|(a, i)| a.copy_from_slice(i));
            processor.process(black_box(&mut audio));
        }
    });
}

#[divan::bench]
fn copy_only(bencher: Bencher) {
    let input = vec![block(1), block(2)];
    let mut audio = input.clone();
    bencher.counter(ItemsCount::new(BLOCKS * BLOCK_FRAMES)).bench_local(|| {
        for _ in 0..BLOCKS {
            audio.iter_mut().zip(&input).for_each(|(a, i)| a.copy_from_slice(i));
            black_box(&mut audio);
        }
    });
}

#[divan::bench]
fn leveler(bencher: Bencher) {
    stage(bencher, &LevelerSettings { amount_percent: 50.0, ..Default::default() });
}

#[divan::bench]
fn compressor(bencher: Bencher) {
    stage(bencher, &CompressorSettings { threshold_dbfs: -20.0, ratio: 2.0, ..Default::default() });
}

#[divan::bench]
fn multiband_four_bands(bencher: Bencher) {
    let band = BandSettings { high_ratio: 2.0, low_ratio: 0.7, transient_db: 3.0, ..Default::default() };
    let mut settings = MultibandSettings::default();
    settings.bands_mut().into_iter().for_each(|b| *b = band.clone());
    stage(bencher, &settings);
}

#[divan::bench]
fn multiband_one_band(bencher: Bencher) {
    let low = BandSettings { high_ratio: 2.0, ..Default::default() };
    stage(bencher, &MultibandSettings { low, ..Default::default() });
}

#[divan::bench]
fn stereo_everything(bencher: Bencher) {
    let settings = StereoSettings {
        low_width_percent: 50.0,
        low_mid_width_percent: 90.0,
        high_mid_width_percent: 110.0,
        high_width_percent: 130.0,
        mono_below_hz: 100.0,
        balance_db: 0.5,
        depth_percent: 30.0,
        ..Default::default()
    };
    stage(bencher, &settings);
}

#[divan::bench]
fn stereo_widths(bencher: Bencher) {
    stage(bencher, &StereoSettings { low_width_percent: 50.0, high_width_percent: 130.0, ..Default::default() });
}

#[divan::bench]
fn crossover_frames(bencher: Bencher) {
    let mut crossover = Crossover::new([120.0, 800.0, 5000.0], RATE_HZ);
    let input: Vec<[f64; 2]> = block(1).into_iter().zip(block(2)).map(|(l, r)| [f64::from(l), f64::from(r)]).collect();
    bencher.counter(ItemsCount::new(BLOCKS * BLOCK_FRAMES)).bench_local(|| {
        for _ in 0..BLOCKS {
            for x in &input {
                black_box(crossover.process(*x));
            }
        }
    });
}

#[divan::bench]
fn band_split_frames(bencher: Bencher) {
    let mut split = BandSplit::new([120.0, 800.0, 5000.0], RATE_HZ);
    let (left, right) = (block(1), block(2));
    bencher.counter(ItemsCount::new(BLOCKS * BLOCK_FRAMES)).bench_local(|| {
        for _ in 0..BLOCKS {
            let mut running = split.clone();
            for (l, r) in left.iter().zip(&right) {
                black_box(running.process(*l, *r));
            }
            split = running;
        }
    });
}
