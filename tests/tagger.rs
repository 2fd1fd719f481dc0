//! The tagger hears what its reference hears: the mel spectrogram by librosa's formulas, the network by ONNX Runtime
//! (`training/musicnn/reference.py` made both). With `ORT_DYLIB_PATH` set, the same tests hold for the user's runtime.
#![cfg(feature = "onnx")]

use automaster::inference::{Model, ModelError};
use automaster::tagger::{BANDS, MEL_VERSION, MelBank, PATCH_FRAMES, PATCH_SAMPLES, SAMPLE_RATE_HZ, Tagger};
use std::f64::consts::TAU;

fn stored(file: &str) -> Vec<f32> {
    let bytes = std::fs::read(format!("{}/tests/data/tagger/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// The signal of `reference.py`: a chord with a beat, a gliding tone, noise.
fn signal() -> Vec<f32> {
    let mut state = 1_u32;
    let sample = |n: usize| {
        let t = n as f64 / f64::from(SAMPLE_RATE_HZ);
        let partial = |f: f64, k: u32| (TAU * f * f64::from(k) * t).sin() / f64::from(k);
        let chord: f64 = [110.0, 164.8, 220.5].into_iter().flat_map(|f| (1..13).map(move |k| partial(f, k))).sum();
        let beat = (-8.0 * (t % 0.5)).exp();
        let glide = (TAU * (300.0 * t + 550.0 * t * t)).sin();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = f64::from(state) / f64::from(1_u32 << 31) - 1.0;
        (0.1 * chord * (0.3 + 0.7 * beat) + 0.1 * glide + 0.2 * noise * beat.powi(3)) as f32
    };
    (0..PATCH_SAMPLES).map(sample).collect()
}

fn worst(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn the_mel_spectrogram_is_librosas() {
    let difference = worst(&MelBank::new().log_mel(&signal()), &stored("mel.f32"));
    assert!(difference < 1e-4, "{difference}");
}

#[test]
fn the_network_says_what_its_reference_says() {
    let heard = Tagger::load().unwrap().hear(stored("mel.f32")).unwrap();
    let expected = stored("outputs.f32");
    let difference = |said: &[f64], expected: &[f32]| worst(&said.iter().map(|v| *v as f32).collect::<Vec<_>>(), expected);
    assert!(difference(&heard.tags, &expected[..50]) < 1e-4, "tags {}", difference(&heard.tags, &expected[..50]));
    assert!(difference(&heard.embedding, &expected[50..]) < 1e-4, "embedding {}", difference(&heard.embedding, &expected[50..]));
}

#[test]
fn a_model_refuses_what_it_was_not_made_for() {
    let wrong = Model::load("musicnn", &[("mel", MEL_VERSION + 1)]).err().unwrap();
    assert!(matches!(wrong, ModelError::Version { .. }), "{wrong}");
    assert!(matches!(Model::load("nosuch", &[]), Err(ModelError::Unknown { .. })));
    let mut model = Model::load("musicnn", &[("mel", MEL_VERSION)]).unwrap();
    let short = model.run(&[("mel", &[1, 3, BANDS], vec![0.0; 3 * BANDS])]);
    assert!(matches!(short, Err(ModelError::Runtime { .. })), "a patch of 3 frames");
    let other = model.run(&[("sound", &[1, PATCH_FRAMES, BANDS], vec![0.0; PATCH_FRAMES * BANDS])]);
    assert!(other.is_err(), "an input of another name");
}
