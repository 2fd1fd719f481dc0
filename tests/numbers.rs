//! Whole jobs on signals that numbers stumble over: listen, propose, render. The master keeps its ceiling and its length, holds finite
//! numbers alone, and has the same bytes with 1, 2 and 8 threads; or the job says what is wrong with the music.

use automaster::audio::decode::Decoder;
use automaster::error::Error;
use automaster::job::{self, Progress, Wishes};
use automaster::plan::Plan;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const RATE_HZ: u32 = 44_100;
const FRAMES: usize = 36_000;
/// Loudness that is asked of these cannot be had: a job says so and delivers nothing.
const MAY_BE_REFUSED: [&str; 4] =
    ["one impulse in silence", "a tone that dies away into denormals", "far beyond full scale", "from 1e-30 to 1e6"];

/// A signal by its name: the sample of frame `n`; right differs from left.
type Signal = (&'static str, fn(usize) -> f32);

fn sign(high: bool) -> f32 {
    if high { 1.0 } else { -1.0 }
}

const SIGNALS: [Signal; 9] = [
    ("full-scale square", |n| sign(n / 100 % 2 == 0)),
    ("alternating ±1", |n| sign(n % 2 == 0)),
    ("DC steps", |n| [0.9, -0.9, 0.0, 0.5][n / 4_000 % 4]),
    ("one impulse in silence", |n| if n == 18_000 { 1.0 } else { 0.0 }),
    ("impulses", |n| if n % 997 == 0 { sign(n % 2 == 0) } else { 0.0 }),
    ("a storm of denormals behind a tone", |n| if n < 20_000 { (n as f32 * 0.03).sin() * 0.5 } else { sign(n % 2 == 0) * 1e-40 }),
    ("a tone that dies away into denormals", |n| (n as f32 * 0.05).sin() * 0.9 * (-(n as f32) * 0.004).exp()),
    ("far beyond full scale", |n| (n as f32 * 0.02).sin() * 1e4),
    ("from 1e-30 to 1e6", |n| (n as f32 * 0.07).sin() * 10f32.powf(-30.0 + n as f32 / 1_000.0)),
];

fn write(path: &Path, signal: fn(usize) -> f32) {
    let spec =
        hound::WavSpec { channels: 2, sample_rate: RATE_HZ, bits_per_sample: 32, sample_format: hound::SampleFormat::Float };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for n in 0..FRAMES {
        writer.write_sample(signal(n)).unwrap();
        writer.write_sample(-0.7 * signal((n + 300) % FRAMES)).unwrap();
    }
    writer.finalize().unwrap();
}

/// What a job with so many threads writes: the plan as text and the bytes of the master.
fn job(folder: &Path, mix: &Path, reference: &Path, threads: usize) -> Result<(String, Vec<u8>), Error> {
    let stop = AtomicBool::new(false);
    let progress = Progress { tell: &|_, _| {}, stop: &stop, threads };
    let (song, references) = job::listen(mix, &[reference.to_owned()], &progress)?;
    let target = job::aim(references.iter().map(|song| (song, 1.0))).unwrap();
    let plan: Plan = job::suggest(&song, &target, &Wishes::default(), &progress)?;
    let output = folder.join(format!("master-{threads}.wav"));
    let master = job::render(&song, &plan, &output, true, &progress)?;
    assert!(master.promises.iter().all(|promise| promise.kept));
    Ok((plan.to_toml().unwrap(), std::fs::read(output).unwrap()))
}

#[test]
fn whole_jobs_on_hard_numbers_keep_their_promises_at_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let reference = folder.path().join("reference.wav");
    write(&reference, |n| (n as f32 * 0.031).sin() * 0.3 + (n as f32 * 0.4).sin() * 0.1 * (n / 5_000 % 2) as f32);
    for (name, signal) in SIGNALS {
        let mix = folder.path().join("mix.wav");
        write(&mix, signal);
        let [one, two, eight] = [1, 2, 8].map(|threads| job(folder.path(), &mix, &reference, threads));
        let (plan, master) = match one {
            Ok(made) => made,
            Err(error) => {
                // A promise that cannot be kept, or music that is none: said, and nothing is written.
                assert!(matches!(error, Error::Promise { .. } | Error::Music { .. }), "{name}: {error}");
                assert!(two.is_err() && eight.is_err(), "{name}: refused with one thread alone");
                assert!(MAY_BE_REFUSED.contains(&name), "{name}: {error}");
                continue;
            }
        };
        for other in [two, eight] {
            let other = other.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(other.0 == plan, "{name}: another plan with more threads");
            assert!(other.1 == master, "{name}: other bytes with more threads");
        }
        let info = Decoder::open(&folder.path().join("master-1.wav")).unwrap().info().clone();
        assert_eq!(info.frames, Some(FRAMES as u64), "{name}");
    }
}
