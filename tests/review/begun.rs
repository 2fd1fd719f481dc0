//! A page that begins with a plan: it plays what the render will be, tells what is odd, and keeps what the plan was. And one that
//! cannot begin.

use crate::served::{Served, head};
use automaster::audio::format::{Container, Dither, SampleFormat};
use automaster::chain::ChainSettings;
use automaster::job::{self, Aims, Progress, Song};
use automaster::plan::{Author, Decision, Delivery, Entry, Evidence, MixIdentity, Plan, Source};
use automaster::review::Review;
use automaster::words::revise;
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

/// Drive of the plans, which gives nothing that they promise.
const OLD_DRIVE_DB: f64 = 1.0;

/// Six seconds of beats over a chord.
fn music(folder: &Path, channels: u16) -> PathBuf {
    let file = folder.join("mix.wav");
    let spec = hound::WavSpec { channels, sample_rate: 44_100, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
    let mut wav = hound::WavWriter::create(&file, spec).unwrap();
    for n in 0..6 * 44_100u32 {
        let t = f64::from(n) / 44_100.0;
        let beat = 0.7 * (TAU * 60.0 * t).sin() * (-(t % 0.5) / 0.1).exp();
        for channel in 0..channels {
            let chord = 0.1 * (TAU * (220.0 + f64::from(channel)) * t).sin() + 0.05 * (TAU * 2000.0 * t).sin();
            wav.write_sample((32_000.0 * (beat + chord)) as i16).unwrap();
        }
    }
    wav.finalize().unwrap();
    file
}

fn quiet(stop: &AtomicBool) -> Progress<'_> {
    Progress { tell: &|_, _| {}, stop, threads: 2 }
}

fn song(file: &Path) -> Song {
    job::load_mix(file, &quiet(&AtomicBool::new(false))).unwrap()
}

/// A plan of a limiter alone.
pub(crate) fn plan(mix: MixIdentity, loudness_lufs: Option<f64>) -> Plan {
    let mut chain = ChainSettings::default();
    chain.set("limiter.ceiling_dbtp", -1.0).unwrap();
    chain.set("limiter.drive_db", OLD_DRIVE_DB).unwrap();
    let delivery = Delivery {
        container: Container::Wav,
        sample_format: SampleFormat::Int24,
        dither: Dither::Tpdf,
        sample_rate_hz: 44_100,
        loudness_lufs,
        ceiling_dbtp: -1.0,
        psr_floor_lu: None,
    };
    Plan { mix, delivery, chain, decisions: vec![], concessions: vec![], notes: BTreeMap::new(), history: vec![] }
}

fn identity(mix: &Song) -> MixIdentity {
    let info = &mix.info;
    let (sample_rate_hz, channels, frames) = (info.sample_rate_hz, info.channels, mix.analysis.frames);
    MixIdentity { file: "mix.wav".into(), sample_rate_hz, channels, frames }
}

/// Begins with this plan, and nothing to compare it with.
fn begin(review: &mut Review, plan: &Plan) {
    review.plan = Some(plan.clone());
    review.aims = Aims::default();
}

/// The drive that a render finds.
fn rendered_db(mix: &Song, plan: &Plan) -> f64 {
    let (folder, stop) = (tempfile::tempdir().unwrap(), AtomicBool::new(false));
    job::render(mix, plan, &folder.path().join("master.wav"), false, &quiet(&stop)).unwrap().drive_db
}

/// The drive that a page plays with, where it wants everything as it begins but for the loudness.
fn played_db(served: &Served, sequence: u64, loudness_lufs: Option<f64>) -> f64 {
    served.wait(|s| s["ready"] == true);
    let desk: serde_json::Value = serde_json::from_slice(&served.page("GET", "/api/desk", "").2).unwrap();
    let wanted = serde_json::json!({ "settings": desk["proposed"], "loudness_lufs": loudness_lufs });
    let asked = serde_json::json!({ "client": "d", "sequence": sequence, "start_s": 0.0, "wanted": wanted });
    let (status, _, body) = served.page("POST", "/api/preview", &asked.to_string());
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    head(&body)["drive_db"].as_f64().unwrap()
}

#[test]
fn a_revised_plan_is_heard_as_it_will_be_rendered() {
    let folder = tempfile::tempdir().unwrap();
    let file = music(folder.path(), 2);
    let mix = song(&file);
    let revised = revise(&plan(identity(&mix), Some(-12.0)), "2 dB louder").unwrap().plan;
    assert_eq!(revised.chain.limiter.drive_db, OLD_DRIVE_DB, "words move what is promised");
    let rendered = rendered_db(&mix, &revised);
    assert!((rendered - OLD_DRIVE_DB).abs() > 1.0, "the plan's own drive would do: {rendered} dB");
    let served = Served::with(&file, |review| begin(review, &revised));
    let played = played_db(&served, 1, revised.delivery.loudness_lufs);
    assert!((played - rendered).abs() < 0.3, "played with {played} dB, rendered with {rendered} dB");
}

#[test]
fn a_loudness_is_heard_where_the_plan_promises_none_and_a_long_plan_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let file = music(folder.path(), 2);
    let mix = song(&file);
    let own = plan(identity(&mix), None);
    let served = Served::with(&file, |review| begin(review, &own));
    assert_eq!(played_db(&served, 1, None), OLD_DRIVE_DB, "what the plan says");
    let wanted = mix.analysis.loudness.integrated_lufs - 4.0;
    let mut promised = own.clone();
    promised.delivery.loudness_lufs = Some(wanted);
    let (played, rendered) = (played_db(&served, 2, Some(wanted)), rendered_db(&mix, &promised));
    assert!((played - rendered).abs() < 0.3, "played with {played} dB, rendered with {rendered} dB");

    let step = Entry { by: Author::Words, when: None, said: Some("a bit brighter".into()), changes: vec![] };
    let long = Plan { history: vec![step; 3000], ..own };
    let asked = serde_json::json!({ "text": long.to_toml().unwrap() }).to_string();
    assert!(asked.len() > 100_000, "{}", asked.len());
    let (status, _, loaded) = served.page("POST", "/api/plan", &asked);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&loaded));
}

#[test]
fn what_is_odd_is_told_and_another_days_steps_get_no_date() {
    let folder = tempfile::tempdir().unwrap();
    let file = music(folder.path(), 1);
    // A file that was streamed: its header leaves the length open.
    let mut bytes = std::fs::read(&file).unwrap();
    let size = bytes.windows(4).position(|four| four == b"data").unwrap() + 4;
    bytes[size..size + 4].fill(0xFF);
    std::fs::write(&file, bytes).unwrap();

    let mix = identity(&song(&file));
    let mut given = plan(MixIdentity { file: "other.wav".into(), frames: mix.frames + 1, ..mix.clone() }, Some(-14.0));
    given.chain.set("stereo.high_width_percent", 120.0).unwrap();
    let evidence = vec![Evidence { feature: "loud.high.width_db".into(), measured: -9.0, target: -6.0, tolerance: 1.0 }];
    let param = "stereo.high_width_percent".to_owned();
    given.decisions = vec![Decision { param, value: 120.0, source: Source::Rules, evidence, clamped: None, attribution: None }];
    given.history = vec![Entry { by: Author::Proposed, when: None, said: None, changes: vec![] }];

    let warned = Arc::new(Mutex::new(Vec::new()));
    let lines = Arc::clone(&warned);
    let served = Served::with(&file, |review| {
        begin(review, &given);
        review.warn = Box::new(move |line: &str| lines.lock().unwrap().push(line.to_owned()));
    });
    served.wait(|s| s["ready"] == true);
    let desk: serde_json::Value = serde_json::from_slice(&served.page("GET", "/api/desk", "").2).unwrap();
    let shown: Vec<&str> = desk["heard"].as_array().unwrap().iter().filter_map(|line| line.as_str()).collect();
    for told in [
        "the plan was made for another mix, other.wav: length in frames 264601 there, 264600 here",
        "mix.wav: the header does not tell the length; the file was read to its end",
        "mix.wav: one channel has no image; stereo.high_width_percent does nothing",
    ] {
        assert!(shown.contains(&told), "{told}: {shown:?}");
        assert!(warned.lock().unwrap().iter().any(|line: &String| line.ends_with(told)), "{told}: {warned:?}");
    }

    let mut settings = desk["proposed"].clone();
    settings["limiter.release_ms"] = 77.0.into();
    let wanted = serde_json::json!({ "settings": settings, "loudness_lufs": -14.0, "when": "2026-11-25" });
    let (status, _, answer) = served.page("POST", "/api/save", &wanted.to_string());
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    let saved = Plan::from_toml(&std::fs::read_to_string(served.folder.path().join("plan.toml")).unwrap()).unwrap();
    assert_eq!(saved.mix, mix, "it is this mix's plan from here on");
    assert_eq!((saved.decisions[0].source, saved.decisions[0].evidence.len()), (Source::User, 0), "no word of the other mix");
    let steps: Vec<_> = saved.history.iter().map(|entry| (entry.by, entry.when.as_deref())).collect();
    assert_eq!(steps, [(Author::Proposed, None), (Author::Hand, Some("2026-11-25"))]);
}

#[test]
fn a_mix_that_cannot_be_read_is_told_on_the_page() {
    let mut served = Served::of(Path::new("missing.wav"));
    let state = served.wait(|s| s["error"].is_string());
    assert!(state["error"].as_str().unwrap().contains("missing.wav") && state["ready"] == false, "{state}");
    let ended = served.thread.take().unwrap().join().unwrap();
    assert!(ended.unwrap_err().contains("missing.wav"));
}
