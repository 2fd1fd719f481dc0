//! What a render does where the limiter, whose drive it would search, is left out.

use super::{Master, render};
use crate::audio::format::{Container, Dither, SampleFormat};
use crate::audio::spill::{Spill, SpillWriter};
use crate::chain::ChainSettings;
use crate::error::Error;
use crate::plan::{Delivery, MixIdentity, Plan};
use crate::progress::{Progress, Step};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

const RATE_HZ: u32 = 44_100;
const FRAMES: usize = 3 * RATE_HZ as usize;

/// Noise in both channels, far from full scale.
fn noise() -> Spill {
    let mut state = 7u32;
    let sound: Vec<f32> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        0.1 * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
    })
    .take(FRAMES)
    .collect();
    let mut spill = SpillWriter::create(RATE_HZ, 2).unwrap();
    spill.push(&[sound.clone(), sound]).unwrap();
    spill.finish().unwrap()
}

/// A plan whose limiter is bypassed.
fn plan(loudness_lufs: Option<f64>, ceiling_dbtp: f64) -> Plan {
    let mut chain = ChainSettings::default();
    chain.limiter.bypass = true;
    let delivery = Delivery {
        container: Container::Wav,
        sample_format: SampleFormat::Int24,
        dither: Dither::Tpdf,
        sample_rate_hz: RATE_HZ,
        loudness_lufs,
        ceiling_dbtp,
        psr_floor_lu: None,
    };
    let mix = MixIdentity { file: "mix.wav".into(), sample_rate_hz: RATE_HZ, channels: 2, frames: FRAMES as u64 };
    Plan { mix, delivery, chain, decisions: vec![], concessions: vec![], notes: BTreeMap::new(), history: vec![] }
}

/// What a plan makes of the noise, and how often the whole was delivered.
fn rendered(mix: &Spill, plan: &Plan) -> (Result<Master, Error>, usize) {
    let (folder, stop, told) = (tempfile::tempdir().unwrap(), AtomicBool::new(false), Mutex::new(vec![0.0]));
    let tell = |step: Step, done: f64| {
        if step == Step::Render {
            told.lock().unwrap().push(done);
        }
    };
    let progress = Progress { tell: &tell, stop: &stop, threads: 1 };
    let master = render(mix, None, plan, &folder.path().join("master.wav"), false, &progress);
    let written = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(written, usize::from(master.is_ok()), "a master, or nothing at all");
    let deliveries = told.lock().unwrap().windows(2).filter(|pair| pair[0] < 1.0 && pair[1] == 1.0).count();
    (master, deliveries)
}

#[test]
fn without_the_limiter_a_loudness_is_met_or_not_but_never_searched_for() {
    let mix = noise();
    let (as_it_is, _) = rendered(&mix, &plan(None, 0.0));
    let loudness_lufs = as_it_is.unwrap().analysis.loudness.integrated_lufs;
    for off_lu in [0.0, 0.09] {
        let (master, deliveries) = rendered(&mix, &plan(Some(loudness_lufs + off_lu), 0.0));
        assert!(master.is_ok() && deliveries == 1, "{off_lu} LU off: {:?} after {deliveries} deliveries", master.err());
    }
    let (master, deliveries) = rendered(&mix, &plan(Some(loudness_lufs + 6.0), 0.0));
    let error = master.unwrap_err();
    assert!(matches!(error, Error::Promise { .. }) && error.to_string().contains("turn limiter.bypass off"), "{error}");
    assert_eq!(deliveries, 1);
}

#[test]
fn peaks_that_nothing_held_are_told_apart() {
    let (master, deliveries) = rendered(&noise(), &plan(None, -30.0));
    let error = master.unwrap_err();
    assert!(error.to_string().contains("only the limiter holds it there"), "{error}");
    assert_eq!(deliveries, 1);
}
