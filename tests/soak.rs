//! Random valid plans on hard signals: never a panic, never NaN, never above the ceiling, never a frame more or less.
//!
//! 200 plans by default, each on 0.3 to 1 s; `AUTOMASTER_SOAK=10000 cargo test --release --test soak` for more,
//! `AUTOMASTER_SOAK_FIRST=1499 AUTOMASTER_SOAK=1` for one of them again, `AUTOMASTER_SOAK_S=0.3` for signals of 0.3 s at most.

mod common;

use automaster::chain::{ChainSettings, MasteringChain, Stage};
use automaster::dsp::edge::{settle_end, settle_start};
use automaster::dsp::gain::db_to_gain;
use common::{HARD_SIGNALS, Numbers, hard_signal, randomise, true_peak_db, true_peak_everywhere_db};
use std::thread;

/// Rates by how often they come: the common ones most.
const RATES_HZ: [f64; 8] = [44_100.0, 44_100.0, 44_100.0, 48_000.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];
/// The slowest and the fastest that are taken, and the share of plans that get one of them.
const EDGE_RATES_HZ: [f64; 2] = [8_000.0, 384_000.0];
const EDGE_SHARE: f64 = 0.08;

fn plan(numbers: &mut Numbers) -> ChainSettings {
    let mut settings = ChainSettings::default();
    for stage in Stage::ALL {
        if *stage == Stage::Limiter || numbers.chance(0.5) {
            let share_kept = numbers.pick(&[0.1, 0.5, 0.8]);
            randomise(&mut settings, *stage, numbers, share_kept);
        }
    }
    settings
}

/// What is wrong with the master that plan number `seed` makes of at most so much sound (at 44.1 kHz), if anything.
fn fault(seed: u64, longest_s: f64) -> Option<String> {
    let mut numbers = Numbers::new(seed);
    let settings = plan(&mut numbers);
    let (rate_hz, channels) = (numbers.pick(&RATES_HZ), if numbers.chance(0.25) { 1 } else { 2 });
    // By numbers of their own: all other plans stay what they were.
    let mut edge = Numbers::new(!seed);
    let rate_hz = if edge.chance(EDGE_SHARE) { edge.pick(&EDGE_RATES_HZ) } else { rate_hz };
    let name = numbers.pick(HARD_SIGNALS);
    let frames = ((0.3 + 0.7 * numbers.unit()) * longest_s * 44_100.0) as usize;
    let input = hard_signal(name, rate_hz, channels, frames, seed);

    let mut chain = MasteringChain::new(&settings, rate_hz, channels);
    let latency = chain.latency_frames();
    let mut out = vec![Vec::new(); channels];
    let mut start = 0;
    while start < frames + latency {
        let end = (start + 1 + numbers.below(8000)).min(frames + latency);
        let sample = |c: &Vec<f32>, n: usize| c.get(n).copied().unwrap_or(0.0);
        let mut block: Vec<Vec<f32>> = input.iter().map(|c| (start..end).map(|n| sample(c, n)).collect()).collect();
        chain.process(&mut block);
        out.iter_mut().zip(&block).for_each(|(out, block)| out.extend_from_slice(block));
        start = end;
    }
    let mut master: Vec<Vec<f32>> = out.into_iter().map(|c| c[latency..].to_vec()).collect();
    if !settings.limiter.bypass {
        // As a delivery does: what rings beyond the file is cut off, and the cut must not peak.
        settle_start(&mut master, db_to_gain(settings.limiter.ceiling_dbtp));
        settle_end(&mut master, db_to_gain(settings.limiter.ceiling_dbtp));
    }

    let describe = |what: String| Some(format!("plan {seed}: {what}; {name} at {rate_hz} Hz, {:?}", settings.changed()));
    if master.iter().any(|c| c.len() != frames) {
        return describe("another number of frames".into());
    }
    if !master.iter().flatten().all(|x| x.is_finite()) {
        return describe("not finite".into());
    }
    let over_db = master.iter().map(|c| true_peak_db(c)).fold(f64::NEG_INFINITY, f64::max) - settings.limiter.ceiling_dbtp;
    if over_db > 0.05 { describe(format!("{over_db:+.3} dB over the ceiling")) } else { None }
}

#[test]
fn random_plans_keep_their_promises() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().expect("a number"));
    let (first, plans) = (number("AUTOMASTER_SOAK_FIRST", 0.0) as u64, number("AUTOMASTER_SOAK", 200.0) as u64);
    let longest_s = number("AUTOMASTER_SOAK_S", 1.0);
    let workers = thread::available_parallelism().map_or(1, usize::from) as u64;
    let faults: Vec<String> = thread::scope(|scope| {
        let work = |worker: u64| {
            move || (worker..plans).step_by(workers as usize).filter_map(|n| fault(first + n, longest_s)).collect::<Vec<_>>()
        };
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(work(worker))).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a plan panicked")).collect()
    });
    assert!(faults.is_empty(), "{} of {plans} plans fail:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_meter_leaves_out_no_peak() {
    for (seed, name) in HARD_SIGNALS.iter().enumerate() {
        let channels = hard_signal(name, 44_100.0, 2, 5000, seed as u64);
        for (fast, everywhere) in channels.iter().map(|c| (true_peak_db(c), true_peak_everywhere_db(c))) {
            assert!(fast == everywhere, "{name}: {fast} for {everywhere}");
        }
    }
}
