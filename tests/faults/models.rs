//! Models that are not there, or not as they should be.

use crate::bench::{Place, Row, fail, succeed};
use std::path::{Path, PathBuf};
use std::process::Output;

/// A copy of the models that ship.
fn copy(to: &Path) -> PathBuf {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("models")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
    to.to_owned()
}

/// Models that are missing or damaged: a job that needs one ends with 5, a job by rules does not.
pub(crate) fn missing_or_damaged() -> Row {
    let place = Place::new();
    let folder = |name: &str| copy(&place.path().join(name));
    let nowhere = place.path().join("nowhere");
    let no_file = folder("no-file");
    std::fs::remove_file(no_file.join("musicnn.onnx")).unwrap();
    std::fs::remove_file(no_file.join("inverse.onnx")).unwrap();
    let flipped = folder("flipped");
    for name in ["musicnn.onnx", "inverse.onnx"] {
        let mut bytes = std::fs::read(flipped.join(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(flipped.join(name), bytes).unwrap();
    }
    let cut = folder("cut");
    let bytes = std::fs::read(cut.join("musicnn.onnx")).unwrap();
    std::fs::write(cut.join("musicnn.onnx"), &bytes[..bytes.len() / 2]).unwrap();
    std::fs::write(cut.join("inverse.onnx"), b"").unwrap();
    let garbled = folder("garbled");
    std::fs::write(garbled.join("manifest.toml"), b"\xFF\xFE no manifest [").unwrap();

    let job = |models: &Path, args: &[&str]| -> Output {
        let args = [&["mix.wav", "-o", "out/master.wav", "--no-report"], args].concat();
        place.command(&args).env("AUTOMASTER_MODELS", models).output().unwrap()
    };
    let cases = [(&nowhere, "nowhere"), (&no_file, "onnx"), (&flipped, "damaged"), (&cut, "damaged"), (&garbled, "manifest")];
    for (models, word) in cases {
        fail(&job(models, &[]), 5, &[word]);
        fail(&job(models, &["--ref", "ref.wav", "--engine", "learned"]), 5, &[word]);
        assert!(place.nothing_left().is_empty());
        for by_rules in [&["--ref", "ref.wav"][..], &["--genre", "rock", "--engine", "rules"]] {
            succeed(&job(models, by_rules));
            std::fs::remove_file(place.out().join("master.wav")).unwrap();
        }
    }
    Row {
        fault: "model missing or damaged",
        tried: 4 * cases.len(),
        outcome: "exit 5 and which; nothing written; by rules (`--engine rules`, the default) it works without".into(),
    }
}
