//! Cost of the stages that shape peaks and of the true-peak meter: a second of stereo at 44.1 kHz in blocks of 4096
//! frames, so 1 ms is 22.2 ns a frame; the items counted are frames.

use automaster::chain::clipper::ClipperSettings;
use automaster::chain::exciter::ExciterSettings;
use automaster::chain::limiter::LimiterSettings;
use automaster::chain::saturation::{Character, SaturationSettings};
use automaster::chain::settings::StageSettings;
use automaster::dsp::true_peak::TruePeakMeter;
use divan::{Bencher, black_box, counter::ItemsCount};

const RATE_HZ: f64 = 44_100.0;
const BLOCK_FRAMES: usize = 4096;
const BLOCKS: usize = 11;

fn main() {
    divan::main();
}

/// Music's spectrum, roughly: noise through a one-pole low-pass at 1.2 kHz, with a beat of four hits a second.
fn channel(seed: u32) -> Vec<f32> {
    let (mut state, mut low) = (seed, 0f32);
    let sample = |n: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        low += 0.16 * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0 - low);
        let hit = (-((n % 11_025) as f32) / 2000.0).exp();
        low * (0.8 + 1.6 * hit)
    };
    (0..BLOCKS * BLOCK_FRAMES).map(sample).collect()
}

fn stage(bencher: Bencher, settings: &impl StageSettings) {
    let input = [channel(1), channel(2)];
    let mut processor = settings.processor(RATE_HZ, 2);
    let mut audio = vec![vec![0f32; BLOCK_FRAMES]; 2];
    bencher.counter(ItemsCount::new(BLOCKS * BLOCK_FRAMES)).bench_local(|| {
        for block in 0..BLOCKS {
            for (audio, input) in audio.iter_mut().zip(&input) {
                audio.copy_from_slice(&input[block * BLOCK_FRAMES..][..BLOCK_FRAMES]);
            }
            processor.process(black_box(&mut audio));
        }
    });
}

/// Nothing to limit, 3 dB on the hits, 9 dB on the hits and some throughout.
#[divan::bench(args = [-12.0, 3.0, 9.0])]
fn limiter(bencher: Bencher, drive_db: f64) {
    stage(bencher, &LimiterSettings { drive_db, ceiling_dbtp: -1.0, ..Default::default() });
}

#[divan::bench]
fn limiter_half_linked(bencher: Bencher) {
    stage(bencher, &LimiterSettings { drive_db: 3.0, ceiling_dbtp: -1.0, link_percent: 50.0, ..Default::default() });
}

#[divan::bench]
fn clipper(bencher: Bencher) {
    stage(bencher, &ClipperSettings { threshold_dbfs: -6.0, ..Default::default() });
}

#[divan::bench(args = ["tape", "tube", "transformer"])]
fn saturation(bencher: Bencher, name: &str) {
    let index = Character::NAMES.iter().position(|n| *n == name).unwrap_or(0);
    stage(bencher, &SaturationSettings { drive_db: 6.0, character: Character::ALL[index], ..Default::default() });
}

#[divan::bench]
fn exciter_presence(bencher: Bencher) {
    stage(bencher, &ExciterSettings { presence_percent: 30.0, ..Default::default() });
}

#[divan::bench]
fn exciter_both(bencher: Bencher) {
    stage(bencher, &ExciterSettings { presence_percent: 30.0, air_percent: 30.0, ..Default::default() });
}

/// One channel: a running maximum over the second.
#[divan::bench]
fn true_peak_meter(bencher: Bencher) {
    let input = channel(1);
    bencher.counter(ItemsCount::new(input.len())).bench_local(|| {
        let mut meter = TruePeakMeter::new();
        meter.push(black_box(&input));
        meter.peak()
    });
}
