//! A minute of stereo music at 44.1 kHz through the whole chain, and through each stage alone: `cargo bench --bench chain`.
//!
//! Every stage acts, with settings as a master would have them; 60 s divided by the time shown is the speed against real time, on one
//! core. `benches/table.sh` writes both into `benches/README.md`.

use automaster::chain::{ChainSettings, MasteringChain, Stage};
use divan::Bencher;

const RATE_HZ: f64 = 44_100.0;
const FRAMES: usize = 60 * 44_100;
const BLOCK_FRAMES: usize = 8192;

/// One setting of each stage that makes it act.
const SETTINGS: &[(&str, f64)] = &[
    ("repair.highpass_hz", 20.0),
    ("eq.band1.on", 1.0),
    ("eq.band1.gain_db", 2.0),
    ("deess.range_db", 3.0),
    ("resonance.amount_percent", 30.0),
    ("leveler.amount_percent", 30.0),
    ("compressor.ratio", 1.5),
    ("compressor.threshold_dbfs", -20.0),
    ("multiband.low.high_ratio", 1.3),
    ("multiband.high_mid.transient_db", 1.0),
    ("match_eq.mid.gain_100_hz_db", 2.0),
    ("match_eq.side.gain_4000_hz_db", -2.0),
    ("saturation.drive_db", 2.0),
    ("exciter.air_percent", 10.0),
    ("stereo.high_width_percent", 120.0),
    ("clipper.threshold_dbfs", -3.0),
    ("limiter.drive_db", 6.0),
    ("limiter.ceiling_dbtp", -1.0),
];

fn main() {
    divan::main();
}

/// Pulsed noise over a tone: something for every detector to do.
fn music(seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let sample = |n: usize| {
        let t = n as f64 / RATE_HZ;
        let pulse = (-12.0 * (t * 2.0).fract()).exp() as f32;
        0.3 * pulse * noise() + 0.2 * (std::f64::consts::TAU * 110.0 * t).sin() as f32
    };
    (0..FRAMES).map(sample).collect()
}

/// The minute in blocks.
fn blocks() -> Vec<Vec<Vec<f32>>> {
    let (left, right) = (music(1), music(2));
    left.chunks(BLOCK_FRAMES).zip(right.chunks(BLOCK_FRAMES)).map(|(l, r)| vec![l.to_vec(), r.to_vec()]).collect()
}

/// Times the minute with those of the settings whose stage is asked for.
fn run(bencher: Bencher, asked: impl Fn(&str) -> bool, stages: usize) {
    let mut settings = ChainSettings::default();
    for (id, value) in SETTINGS.iter().filter(|(id, _)| id.split('.').next().is_some_and(&asked)) {
        settings.set(id, *value).expect("the registry has it");
    }
    // The limiter acts unless it is told not to.
    settings.set("limiter.bypass", f64::from(u8::from(!asked("limiter")))).expect("the registry has it");
    let blocks = blocks();
    let mut chain = MasteringChain::new(&settings, RATE_HZ, 2);
    assert_eq!(chain.meters().len(), stages, "every stage that is asked for acts");
    bencher.with_inputs(|| blocks.clone()).bench_local_values(|mut blocks| {
        chain.reset();
        blocks.iter_mut().for_each(|block| chain.process(block));
        blocks
    });
}

#[divan::bench(sample_count = 5)]
fn a_minute_through_every_stage(bencher: Bencher) {
    run(bencher, |_| true, Stage::ALL.len());
}

#[divan::bench(sample_count = 5, args = Stage::ALL.iter().map(|stage| stage.name()))]
fn a_minute_through_one_stage(bencher: Bencher, name: &str) {
    run(bencher, |stage| stage == name, 1);
}
