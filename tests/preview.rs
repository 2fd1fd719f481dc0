//! What is heard in a preview is what is rendered: sample for sample below −80 dB, at any moment of a session.
//!
//! One thing a section cannot know: the drive into the limiter that makes the *whole file* as loud as promised. It is
//! accounted for by giving the preview the drive that the render converged on, or by promising no loudness, so that both
//! take the drive of the plan.
#![cfg(feature = "review")]

use automaster::audio::AudioBuffer;
use automaster::audio::decode::Decoder;
use automaster::audio::format::{Dither, SampleFormat};
use automaster::chain::ChainSettings;
use automaster::job::{self, Progress, Song, Wishes};
use automaster::plan::Plan;
use automaster::render::{Heard, Preview};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Level of the difference between preview and render against the render.
const RESIDUAL_DB: f64 = -80.0;
/// In the middle of the example, so that what a preview leaves out before and after it is music.
const SECTION: Range<u64> = 13 * 44_100..22 * 44_100;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn quiet(stop: &AtomicBool) -> Progress<'_> {
    Progress { tell: &|_, _| {}, stop, threads: 2 }
}

/// The example and what is proposed for it, delivered as float, so that no rounding is in the way.
fn proposal() -> (Song, Plan) {
    let stop = AtomicBool::new(false);
    let mix = job::load_mix(&example("mix.flac"), &quiet(&stop)).unwrap();
    let reference = job::load_reference(&example("reference.flac"), &quiet(&stop)).unwrap();
    let target = job::aim([(&reference, 1.0)].into_iter()).unwrap();
    let wishes = Wishes { sample_format: Some(SampleFormat::Float32), dither: Some(Dither::None), ..Wishes::default() };
    let plan = job::suggest(&mix, &target, &wishes, &quiet(&stop)).unwrap();
    (mix, plan)
}

fn render(mix: &Song, plan: &Plan) -> (AudioBuffer, f64) {
    let (folder, stop) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
    let file = folder.path().join("master.wav");
    let master = job::render(mix, plan, &file, false, &quiet(&stop)).unwrap();
    let mut written = AudioBuffer::default();
    Decoder::open(&file).unwrap().read(&mut written, usize::MAX >> 8).unwrap();
    (written, master.drive_db)
}

fn residual_db(heard: &AudioBuffer, written: &AudioBuffer) -> f64 {
    let range = SECTION.start as usize..SECTION.end as usize;
    let (mut signal, mut error) = (0.0, 0.0);
    for (heard, written) in heard.channels.iter().zip(&written.channels) {
        assert_eq!(heard.len(), range.len());
        for (x, y) in heard.iter().zip(&written[range.clone()]) {
            signal += f64::from(*y).powi(2);
            error += f64::from(x - y).powi(2);
        }
    }
    10.0 * (error / signal).max(1e-30).log10()
}

fn cut(mix: &Song, threads: usize) -> Preview {
    Preview::cut(mix.audio.as_ref().unwrap(), SECTION, threads).unwrap()
}

fn heard(preview: &mut Preview, chain: &ChainSettings, drive_db: f64) -> Heard {
    preview.render(chain, |_| drive_db, || false).unwrap()
}

#[test]
fn what_is_previewed_is_what_is_rendered() {
    let (mix, plan) = proposal();
    let (written, drive_db) = render(&mix, &plan);
    let mut preview = cut(&mix, 2);
    let proposed = heard(&mut preview, &plan.chain, drive_db);
    let residual = residual_db(&proposed.audio, &written);
    assert!(residual < RESIDUAL_DB, "as proposed: {residual:.1} dB");
    let again = heard(&mut preview, &plan.chain, drive_db);
    assert!(again.rendered.is_empty() && again.audio == proposed.audio);
    // Moved there and back, it is the same again: nothing kept is stale.
    let mut moved = plan.chain.clone();
    moved.set("stereo.bypass", 1.0).unwrap();
    let other = heard(&mut preview, &moved, drive_db);
    assert!(!other.rendered.is_empty() && other.audio != proposed.audio);
    assert!(heard(&mut preview, &plan.chain, drive_db).audio == proposed.audio);
}

/// Changes of every stage, forth and back through the chain, as a person makes them.
const SESSION: &[(&str, f64)] = &[
    ("limiter.release_ms", 200.0),
    ("match_eq.mid.gain_1000_hz_db", 3.0),
    ("eq.band3.on", 1.0),
    ("eq.band3.gain_db", -2.0),
    ("saturation.drive_db", 2.0),
    ("multiband.low.high_ratio", 1.5),
    ("leveler.window_s", 10.0),
    ("compressor.ratio", 2.0),
    ("compressor.release_ms", 600.0),
    ("compressor.bypass", 1.0),
    ("clipper.threshold_dbfs", -4.0),
    ("resonance.amount_percent", 40.0),
    ("exciter.air_percent", 12.0),
    ("stereo.low_width_percent", 60.0),
    ("deess.range_db", 4.0),
    ("compressor.bypass", 0.0),
    ("repair.highpass_hz", 25.0),
    ("limiter.ceiling_dbtp", -1.5),
];

#[test]
fn at_any_moment_of_a_session_the_preview_is_what_would_be_rendered() {
    let (mix, mut plan) = proposal();
    let mut preview = cut(&mix, 2);
    for (i, (id, value)) in SESSION.iter().enumerate() {
        plan.chain.set(id, *value).unwrap();
        let kept = heard(&mut preview, &plan.chain, plan.chain.limiter.drive_db);
        assert!(!kept.rendered.is_empty(), "{id} is heard");
        // Every third change is also rendered anew in one thread: nothing that was kept is stale, and threads change nothing.
        if i % 3 == 2 {
            let fresh = heard(&mut cut(&mix, 1), &plan.chain, plan.chain.limiter.drive_db);
            assert!(fresh.audio == kept.audio && fresh.meters == kept.meters, "after {id}");
            assert!(fresh.rendered.len() >= kept.rendered.len());
        }
        if i == SESSION.len() / 2 || i + 1 == SESSION.len() {
            plan.delivery.ceiling_dbtp = plan.delivery.ceiling_dbtp.max(plan.chain.limiter.ceiling_dbtp);
            let (written, drive_db) = render(&mix, &plan);
            let residual = residual_db(&heard(&mut preview, &plan.chain, drive_db).audio, &written);
            assert!(residual < RESIDUAL_DB, "after {id}: {residual:.1} dB");
        }
    }
}

#[test]
fn where_no_loudness_is_promised_nothing_has_to_be_accounted_for() {
    let (mix, mut plan) = proposal();
    plan.delivery.loudness_lufs = None;
    plan.chain.set("limiter.drive_db", 5.0).unwrap();
    let (written, drive_db) = render(&mix, &plan);
    assert_eq!(drive_db, 5.0);
    let residual = residual_db(&heard(&mut cut(&mix, 2), &plan.chain, 5.0).audio, &written);
    assert!(residual < RESIDUAL_DB, "{residual:.1} dB");
}

#[test]
fn a_stop_is_obeyed_between_two_blocks_and_spoils_nothing() {
    let (mix, plan) = proposal();
    let mut preview = cut(&mix, 2);
    for blocks in [0, 7, 100] {
        let asked = AtomicUsize::new(0);
        let stop = || asked.fetch_add(1, Ordering::Relaxed) >= blocks;
        assert!(preview.render(&plan.chain, |_| 5.0, stop).is_none(), "{blocks} blocks");
    }
    let whole = heard(&mut preview, &plan.chain, 5.0);
    assert!(whole.audio == heard(&mut cut(&mix, 2), &plan.chain, 5.0).audio);
}

/// A level that steps up in the middle of a section: the leveler's meter turns where its sound does.
#[test]
fn a_meter_is_cut_where_the_sound_is() {
    use automaster::audio::spill::SpillWriter;
    use automaster::chain::Stage;
    const RATE_HZ: usize = 44_100;
    let level = |n: usize| if n < 15 * RATE_HZ { 0.03 } else { 0.12 };
    let sound: Vec<f32> = (0..30 * RATE_HZ).map(|n| (level(n) * (0.142 * n as f64).sin()) as f32).collect();
    let mut spill = SpillWriter::create(RATE_HZ as u32, 2).unwrap();
    spill.push(&[sound.clone(), sound]).unwrap();
    let section = 11 * RATE_HZ as u64..19 * RATE_HZ as u64;
    let mut preview = Preview::cut(&spill.finish().unwrap(), section, 2).unwrap();
    let mut chain = ChainSettings::default();
    chain.set("leveler.amount_percent", 50.0).unwrap();
    let (original, heard) = (preview.original(), heard(&mut preview, &chain, 0.0));

    let part = RATE_HZ / 20;
    let gain_db = |i: usize| {
        let power =
            |of: &AudioBuffer| of.channels[0][i * part..(i + 1) * part].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        10.0 * (power(&heard.audio) / power(&original)).log10()
    };
    let gains_db: Vec<f64> = (0..160).map(gain_db).collect();
    let sound_s = 0.05 * gains_db.iter().position(|db| *db < 2.2).unwrap() as f64;
    let (_, meter) = heard.meters.iter().find(|(stage, _)| *stage == Stage::Leveler).unwrap();
    let gain = &meter.gains[0];
    let meter_s = 8.0 * gain.trace_db.iter().position(|db| *db < 2.2).unwrap() as f64 / gain.trace_db.len() as f64;
    assert!((meter_s - sound_s).abs() < 0.2, "the meter turns after {meter_s:.2} s, the sound after {sound_s:.2} s");
    let (first, last) = (gains_db[0], gains_db[159]);
    assert!((gain.max_db - first).abs() < 0.1 && (gain.min_db - last).abs() < 0.1, "{first} and {last} dB: {gain:?}");
    let mean_db = gains_db.iter().sum::<f64>() / 160.0;
    assert!((gain.mean_db - mean_db).abs() < 0.3, "{mean_db} dB: {}", gain.mean_db);
}
