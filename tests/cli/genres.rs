//! Masters without a reference, and models that cannot be used.

use crate::runs::{done, pair};
use crate::sounds::Sounds;
use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

/// Models that are damaged, of another version or absent, and a native runtime that is none, end with 5 and say what to do.
#[cfg(feature = "onnx")]
#[test]
fn models_and_runtimes_that_cannot_be_used_end_with_5() {
    let folder = pair();
    let analyze = |variable: &str, value: &Path| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_automaster"));
        let output = program.current_dir(folder.path()).env(variable, value).args(["analyze", "--genre", "mix.wav"]).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let ends_with_5 = |(code, told): (Option<i32>, String), words: &[&str]| {
        assert_eq!(code, Some(5), "{told}");
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    };
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let models = folder.path().join("models");
    std::fs::create_dir(&models).unwrap();
    for file in ["manifest.toml", "musicnn.onnx", "genre.json"] {
        std::fs::copy(shipped.join(file), models.join(file)).unwrap();
    }
    assert_eq!(analyze("AUTOMASTER_MODELS", &models).0, Some(0));

    let mut damaged = std::fs::read(models.join("musicnn.onnx")).unwrap();
    damaged[1_000_000] ^= 1;
    std::fs::write(models.join("musicnn.onnx"), damaged).unwrap();
    ends_with_5(analyze("AUTOMASTER_MODELS", &models), &["musicnn", "damaged", "SHA-256"]);
    let manifest = std::fs::read_to_string(models.join("manifest.toml")).unwrap();
    std::fs::write(models.join("manifest.toml"), manifest.replace("mel = 1", "mel = 2")).unwrap();
    ends_with_5(analyze("AUTOMASTER_MODELS", &models), &["musicnn", "mel version 2", "has 1"]);
    std::fs::remove_file(models.join("genre.json")).unwrap();
    ends_with_5(analyze("AUTOMASTER_MODELS", &models), &["genre.json", "AUTOMASTER_MODELS"]);

    ends_with_5(analyze("ORT_DYLIB_PATH", &folder.path().join("absent.so")), &["absent.so", "ORT_DYLIB_PATH"]);
    ends_with_5(analyze("ORT_DYLIB_PATH", &folder.path().join("mix.wav")), &["mix.wav", "1.24"]);
}

/// Recognised genres come as shares, in JSON and in words.
#[cfg(feature = "onnx")]
#[test]
fn genres_are_recognised_as_shares() {
    let folder = Sounds::new();
    let mix = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mix.flac");
    let files: Value = serde_json::from_str(&done(&folder, &["analyze", "--genre", "--json", mix]).out).unwrap();
    let shares: Vec<f64> = files[0]["genres"].as_array().unwrap().iter().map(|g| g["share"].as_f64().unwrap()).collect();
    assert_eq!(shares.len(), automaster::genre::GENRE_COUNT);
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && shares.is_sorted_by(|a, b| a >= b), "{shares:?}");
    assert!(done(&folder, &["analyze", "--genre", mix]).out.contains("recognised as"));
    assert!(!done(&folder, &["analyze", mix]).out.contains("recognised as"));
}

/// Without a reference the genres say what to aim for: recognised where none are named. The master keeps what it promises.
#[cfg(feature = "onnx")]
#[test]
fn a_mix_alone_becomes_a_master_of_its_genre() {
    let folder = Sounds::new();
    let mix = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/mix.flac");
    let report: Value = serde_json::from_str(&done(&folder, &[mix, "-o", "a.wav", "--json"]).out).unwrap();
    let promises = report["master"]["promises"].as_array().unwrap();
    assert!(promises.len() >= 3 && promises.iter().all(|promise| promise["kept"] == true), "{promises:?}");
    assert_eq!(report["mix"]["genres"].as_array().unwrap().len(), automaster::genre::GENRE_COUNT);
    let aimed = report["target"]["genres"].as_array().unwrap();
    assert_eq!(aimed[0]["name"], report["mix"]["genres"][0]["genre"]);
    assert!((aimed.iter().map(|g| g["weight"].as_f64().unwrap()).sum::<f64>() - 1.0).abs() < 1e-9);
    let louder = |of: &str| report[of]["analysis"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    assert!(louder("master") > louder("mix") + 3.0, "{} {}", louder("master"), louder("mix"));
    let told = done(&folder, &[mix, "-o", "b.wav", "--threads", "1"]);
    assert!(told.out.contains("recognised as") && folder.bytes("a.wav") == folder.bytes("b.wav"), "{}", told.out);
    assert!(folder.text("b.report.md").contains("Recognised in the mix:"));
}

#[test]
fn genres_profiles_and_references_blend_by_their_weights() {
    let folder = pair();
    let dry = |args: &[&str]| -> Value {
        serde_json::from_str(&done(&folder, &[&["mix.wav", "--dry-run", "--json"], args].concat()).out).unwrap()
    };
    let shares = |report: &Value, of: &str| -> Vec<f64> {
        let all = report["target"][of].as_array();
        all.into_iter().flatten().map(|part| (part["weight"].as_f64().unwrap() * 1000.0).round() / 1000.0).collect()
    };
    let named = dry(&["--genre", "metal:2,rock"]);
    assert_eq!(shares(&named, "genres"), [0.667, 0.333]);
    assert!(named["mix"]["genres"].is_null(), "what is named is not recognised");
    assert!(dry(&["--ref", "ref.wav"])["target"]["genres"].is_null());
    let both = dry(&["--ref", "ref.wav:3", "--genre", "metal"]);
    assert_eq!((shares(&both, "references"), shares(&both, "genres")), (vec![0.75], vec![0.25]));
    let loudness = |report: &Value| report["target"]["value"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    let parts = 0.75 * loudness(&dry(&["--ref", "ref.wav"])) + 0.25 * loudness(&dry(&["--genre", "metal"]));
    assert!((loudness(&both) - parts).abs() < 1e-9, "{} {parts}", loudness(&both));

    let told = done(&folder, &["mix.wav", "--ref", "ref.wav:3", "--genre", "metal", "-o", "b.wav", "--report", "b.html", "-v"]);
    assert!(told.out.contains("aimed at") && told.out.contains("loud.mid_1000_hz_dbfs"), "{}", told.out);
    let page = folder.text("b.html");
    assert!(page.contains("<b>ref.wav (75 %)</b>, and as <b>metal 25 %</b>") && page.contains("aimed at"));

    std::fs::create_dir(folder.path().join("masters")).unwrap();
    std::fs::copy(folder.path().join("ref.wav"), folder.path().join("masters/one.wav")).unwrap();
    done(&folder, &["learn", "masters", "--name", "mysound", "-o", "mysound.toml"]);
    let profile = dry(&["--profile", "mysound.toml"]);
    assert_eq!(profile["target"]["genres"][0]["name"], "mysound");
    assert!((loudness(&profile) - loudness(&dry(&["--ref", "ref.wav"]))).abs() < 0.1);
}
