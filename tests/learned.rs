//! The learned engine from outside: what it proposes, and that it fails in order.
#![cfg(feature = "onnx")]

mod sounds;

use serde_json::Value;
use sounds::{Format, Sounds, mix, reference};
use std::path::Path;
use std::process::{Command, Output};

fn pair() -> Sounds {
    let folder = Sounds::new();
    folder.wav("mix.wav", &mix(12.0, 44_100, 2), 44_100, Format::Int24);
    folder.wav("ref.wav", &reference(12.0, 44_100), 44_100, Format::Int16);
    folder
}

fn propose(folder: &Sounds, more: &[&str], models: Option<&Path>) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_automaster"));
    program.current_dir(folder.path()).args(["mix.wav", "--ref", "ref.wav", "--dry-run", "--json"]).args(more);
    if let Some(models) = models {
        program.env("AUTOMASTER_MODELS", models);
    }
    program.output().unwrap()
}

fn decisions(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["plan"]["decisions"].as_array().unwrap().clone()
}

#[test]
fn the_model_proposes_the_same_again_and_something_else_than_rules() {
    let folder = pair();
    let learned = propose(&folder, &["--engine", "learned"], None);
    assert_eq!(learned.stdout, propose(&folder, &["--engine", "learned"], None).stdout);
    let (learned, rules) = (decisions(&learned), decisions(&propose(&folder, &[], None)));
    assert_ne!(learned, rules);
    assert!(rules.iter().all(|d| d["source"] != "model"));
    assert!(!learned.is_empty());
}

#[test]
fn what_a_person_fixed_the_model_leaves_alone() {
    let folder = pair();
    let fixed = decisions(&propose(&folder, &["--engine", "learned", "--set", "stereo.high_width_percent=140"], None));
    let width = fixed.iter().find(|d| d["param"] == "stereo.high_width_percent").unwrap();
    assert_eq!((width["value"].as_f64(), width["source"].as_str()), (Some(140.0), Some("user")));
}

#[test]
fn a_model_of_another_version_or_a_damaged_one_is_refused() {
    let folder = pair();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let models = folder.path().join("models");
    std::fs::create_dir(&models).unwrap();
    let manifest = std::fs::read_to_string(shipped.join("manifest.toml")).unwrap();
    let network = std::fs::read(shipped.join("inverse.onnx")).unwrap();
    let refused = |manifest: &str, network: &[u8], word: &str| {
        std::fs::write(models.join("manifest.toml"), manifest).unwrap();
        std::fs::write(models.join("inverse.onnx"), network).unwrap();
        let output = propose(&folder, &["--engine", "learned"], Some(&models));
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{told}");
        assert!(told.contains("inverse") && told.contains(word), "{told}");
    };
    let version = format!("inverse = {}", automaster::propose::inverse::INVERSE_VERSION);
    assert!(manifest.contains(&version));
    refused(&manifest.replace(&version, "inverse = 9"), &network, "version 9");
    let mut damaged = network.clone();
    damaged[network.len() / 2] ^= 1;
    refused(&manifest, &damaged, "damaged");
    // Rules need no model.
    assert!(propose(&folder, &[], Some(&models)).status.success());
}
