//! From a moved slider to the sound of a section of 20 s at 44.1 kHz, stereo, and where the time goes:
//! `cargo bench --bench preview`.
//!
//! One slider of each acting stage is moved there and back, in a plan as it is usually proposed and in one where every stage
//! acts. Time counts from the settings to the samples and their loudness; the figures are measured while it is heard. Behind the
//! stages stands how long each worked, waiting for a core included; on a busy machine the best round says more than the median.

#![allow(clippy::print_stdout, reason = "a bench tells what it measured")]

use automaster::analysis::Analyzer;
use automaster::audio::spill::{Spill, SpillWriter};
use automaster::chain::{ChainSettings, Stage};
use automaster::render::{Heard, Preview, section_lufs};
use std::time::{Duration, Instant};

const RATE_HZ: u32 = 44_100;
const ROUNDS: usize = 5;
const THREADS: usize = 2;

/// Settings as they are proposed for a mix that misses its aim by much, and a second value for a slider of each stage.
const PROPOSED: &[(&str, f64, f64)] = &[
    ("eq.band1.on", 1.0, 1.0),
    ("eq.band1.gain_db", 2.0, 3.0),
    ("leveler.amount_percent", 30.0, 40.0),
    ("compressor.ratio", 1.5, 1.5),
    ("compressor.threshold_dbfs", -20.0, -22.0),
    ("match_eq.mid.gain_100_hz_db", 2.0, 3.0),
    ("match_eq.side.gain_4000_hz_db", -2.0, -2.0),
    ("stereo.high_width_percent", 120.0, 130.0),
    ("limiter.drive_db", 6.0, 6.0),
    ("limiter.ceiling_dbtp", -1.0, -1.5),
];
/// What the other stages get where every stage acts.
const OTHERS: &[(&str, f64, f64)] = &[
    ("repair.highpass_hz", 20.0, 25.0),
    ("deess.range_db", 3.0, 4.0),
    ("resonance.amount_percent", 30.0, 40.0),
    ("multiband.low.high_ratio", 1.3, 1.4),
    ("saturation.drive_db", 2.0, 3.0),
    ("exciter.air_percent", 10.0, 15.0),
    ("clipper.threshold_dbfs", -3.0, -4.0),
];

/// Pulsed noise over a tone: something for every detector to do.
fn music() -> Spill {
    let mut state = 1u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let mut channel = || -> Vec<f32> {
        let sample = |n: u32| {
            let t = f64::from(n) / f64::from(RATE_HZ);
            0.3 * (-12.0 * (t * 2.0).fract()).exp() as f32 * noise() + 0.2 * (691.2 * t).sin() as f32
        };
        (0..60 * RATE_HZ).map(sample).collect()
    };
    let mut spill = SpillWriter::create(RATE_HZ, 2).expect("a temporary file");
    spill.push(&[channel(), channel()]).expect("room for it");
    spill.finish().expect("written")
}

fn milliseconds(time: Duration) -> f64 {
    1e3 * time.as_secs_f64()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The sound of these settings, and the time until it can be heard at its loudness.
fn heard(preview: &mut Preview, chain: &ChainSettings) -> (Heard, Duration) {
    let began = Instant::now();
    let heard = preview.render(chain, |_| chain.limiter.drive_db, || false).expect("nobody stops it");
    std::hint::black_box(section_lufs(&heard.audio));
    (heard, began.elapsed())
}

fn sliders(title: &str, preview: &mut Preview, settings: &[(&str, f64, f64)]) {
    let mut chain = ChainSettings::default();
    settings.iter().for_each(|(id, value, _)| chain.set(id, *value).expect("the registry has it"));
    println!("\n{title}: all stages at first {:.0} ms", milliseconds(heard(preview, &chain).1));
    let (mut all, mut best) = (Vec::new(), Vec::new());
    for stage in Stage::ALL {
        let of_stage = |s: &&(&str, f64, f64)| s.0.split('.').next() == Some(stage.name()) && s.1 != s.2;
        let Some((id, value, other)) = settings.iter().find(of_stage) else { continue };
        let (mut times, mut trace) = (Vec::new(), Vec::new());
        for value in [other, value].into_iter().cycle().take(2 * ROUNDS) {
            chain.set(id, *value).expect("in its range");
            let (heard, time) = heard(preview, &chain);
            times.push(milliseconds(time));
            trace = heard.rendered;
        }
        let stages: Vec<String> = trace.iter().map(|(s, t)| format!("{} {:.0}", s.name(), milliseconds(*t))).collect();
        let quickest = times.iter().copied().fold(f64::INFINITY, f64::min);
        println!("{id:<30} {:>4.0} ms, at best {quickest:>4.0} ms   {}", median(times.clone()), stages.join(", "));
        best.push(quickest);
        all.extend(times);
    }
    let slowest = all.iter().copied().fold(0.0, f64::max);
    println!("median {:.0} ms, slowest {slowest:.0} ms; median of the best rounds {:.0} ms", median(all), median(best));
}

fn main() {
    let spill = music();
    let section = u64::from(20 * RATE_HZ)..u64::from(40 * RATE_HZ);
    let mut preview = Preview::cut(&spill, section, THREADS).expect("the section is there");
    sliders("as proposed", &mut preview, PROPOSED);
    sliders("every stage acts", &mut preview, &[PROPOSED, OTHERS].concat());
    let began = Instant::now();
    let mut analyzer = Analyzer::new(RATE_HZ, 2);
    analyzer.push(&preview.original().channels);
    std::hint::black_box(analyzer.finish().analysis());
    println!("\nmeasured while it is heard: {:.0} ms", milliseconds(began.elapsed()));
}
