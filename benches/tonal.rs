//! Speed of the stages that shape tone: a second of stereo noise at 44.1 kHz in blocks of 4096 frames.
//! `cargo bench --bench tonal`; frames per second is the figure: 10⁹ divided by it are nanoseconds a stereo frame.

use automaster::chain::deess::DeessSettings;
use automaster::chain::eq::{BandChannel, BandKind, EqSettings};
use automaster::chain::match_eq::{Curve, MatchEqSettings, Phase};
use automaster::chain::repair::RepairSettings;
use automaster::chain::resonance::ResonanceSettings;
use automaster::chain::{Processor, StageSettings};
use divan::counter::ItemsCount;

const SAMPLE_RATE_HZ: f64 = 44_100.0;
const BLOCKS: usize = 11;
const BLOCK_FRAMES: usize = 4096;

fn main() {
    divan::main();
}

/// Noise over a tone, different in both channels.
fn sound() -> Vec<Vec<Vec<f32>>> {
    let mut state = 1u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut channel = |block: usize| -> Vec<f32> {
        let tone = |n: usize| 0.3 * (0.1 * (block * BLOCK_FRAMES + n) as f32).sin();
        (0..BLOCK_FRAMES).map(|n| tone(n) + 0.2 * random()).collect()
    };
    (0..BLOCKS).map(|block| vec![channel(block), channel(block)]).collect()
}

fn run(bencher: divan::Bencher, settings: &impl StageSettings) {
    let mut processor: Box<dyn Processor> = settings.processor(SAMPLE_RATE_HZ, 2);
    bencher.counter(ItemsCount::new(BLOCKS * BLOCK_FRAMES)).with_inputs(sound).bench_local_refs(|blocks| {
        for block in blocks.iter_mut() {
            processor.process(block);
        }
    });
}

#[divan::bench]
fn repair_gain_highpass(bencher: divan::Bencher) {
    run(bencher, &RepairSettings { gain_db: 1.0, highpass_hz: 20.0, ..RepairSettings::default() });
}

#[divan::bench]
fn repair_declip(bencher: divan::Bencher) {
    run(bencher, &RepairSettings { declip: true, ..RepairSettings::default() });
}

/// Eight bells below the range where one section is too few.
fn eq(channels: [BandChannel; 8]) -> EqSettings {
    let mut settings = EqSettings::default();
    for (i, (band, channel)) in settings.bands_mut().into_iter().zip(channels).enumerate() {
        (band.on, band.kind, band.gain_db, band.channel) = (true, BandKind::Bell, 2.0, channel);
        band.freq_hz = 60.0 * 2f64.powi(i as i32);
    }
    settings
}

#[divan::bench]
fn eq_8_stereo_bands(bencher: divan::Bencher) {
    run(bencher, &eq([BandChannel::Stereo; 8]));
}

#[divan::bench]
fn eq_8_mid_and_side_bands(bencher: divan::Bencher) {
    let (mid, side) = (BandChannel::Mid, BandChannel::Side);
    run(bencher, &eq([mid, side, mid, side, mid, side, mid, side]));
}

#[divan::bench]
fn eq_design_of_an_extreme_band(bencher: divan::Bencher) {
    let mut settings = eq([BandChannel::Stereo; 8]);
    settings.bands_mut().into_iter().skip(1).for_each(|band| band.on = false);
    (settings.band1.freq_hz, settings.band1.gain_db) = (16_000.0, 12.0);
    bencher.bench(|| settings.processor(SAMPLE_RATE_HZ, 2));
}

#[divan::bench]
fn deess(bencher: divan::Bencher) {
    run(bencher, &DeessSettings { range_db: 6.0, threshold_db: -10.0, ..DeessSettings::default() });
}

#[divan::bench]
fn resonance_one_tone(bencher: divan::Bencher) {
    run(bencher, &ResonanceSettings { amount_percent: 100.0, ..ResonanceSettings::default() });
}

#[divan::bench]
fn resonance_idle(bencher: divan::Bencher) {
    run(bencher, &ResonanceSettings { amount_percent: 100.0, threshold_db: 24.0, ..ResonanceSettings::default() });
}

fn curve(tilt_db: f64) -> Curve {
    Curve { gains_db: std::array::from_fn(|i| tilt_db * (i as f64 / 15.0 - 1.0)) }
}

#[divan::bench]
fn match_eq_mid_and_side(bencher: divan::Bencher) {
    run(bencher, &MatchEqSettings { mid: curve(3.0), side: curve(-3.0), ..MatchEqSettings::default() });
}

#[divan::bench]
fn match_eq_alike(bencher: divan::Bencher) {
    run(bencher, &MatchEqSettings { mid: curve(3.0), side: curve(3.0), ..MatchEqSettings::default() });
}

#[divan::bench]
fn match_eq_linear(bencher: divan::Bencher) {
    run(bencher, &MatchEqSettings { phase: Phase::Linear, mid: curve(3.0), side: curve(-3.0), ..MatchEqSettings::default() });
}

#[divan::bench]
fn match_eq_design(bencher: divan::Bencher) {
    let settings = MatchEqSettings { mid: curve(3.0), side: curve(-3.0), ..MatchEqSettings::default() };
    bencher.bench(|| settings.processor(SAMPLE_RATE_HZ, 2));
}
