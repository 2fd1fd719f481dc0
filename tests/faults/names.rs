//! Names that shells, templates and old programs stumble over.

use crate::bench::{Place, Row, files, program, succeed};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Stems of files.
fn stems() -> Vec<OsString> {
    let long = "x".repeat(230);
    let text = [
        "a mix",
        " leading",
        "it's \"quoted\"",
        "héllo wörld",
        "音楽 🎧",
        "semi;colon & $(true) `x`",
        "two\nlines",
        "%s%n",
        "a.b..c",
        &long,
    ];
    text.iter().map(OsString::from).chain([OsStr::from_bytes(b"not-utf8-\xFF\xFE").to_owned()]).collect()
}

/// Mixes, references, plans and masters of odd names.
pub(crate) fn odd() -> Row {
    let stems = stems();
    for stem in &stems {
        let place = Place::new();
        let folder = place.path().join(stem);
        std::fs::create_dir(&folder).unwrap();
        let named = |end: &str| {
            let mut name = stem.clone();
            name.push(end);
            folder.join(name)
        };
        std::fs::copy(place.path().join("mix.wav"), named(".wav")).unwrap();
        std::fs::copy(place.path().join("plan.toml"), named(".toml")).unwrap();
        // Beside the mix, under the default name.
        let mut command = program(place.path(), &["render"]);
        command.arg(named(".wav")).arg("--plan").arg(named(".toml"));
        succeed(&command.output().unwrap());
        assert_eq!(files(&folder).len(), 6, "{stem:?}: {:?}", files(&folder).keys());
        assert!(std::fs::read(named(".master.wav")).unwrap() == crate::bench::whole().outputs["master.wav"], "{stem:?}");
        // Under a name that is given, in a folder that is given, measured again.
        let mut command = program(&folder, &["render", "--no-report"]);
        command.arg(named(".wav")).arg("--plan").arg(named(".toml")).arg("-o").arg(named(".2.flac"));
        succeed(&command.output().unwrap());
        let mut command = program(&folder, &["analyze", "--json"]);
        let output = command.arg(named(".2.flac")).output().unwrap();
        succeed(&output);
        assert!(serde_json::from_slice::<serde_json::Value>(&output.stdout).is_ok());
    }
    // A name that begins with a dash is a file behind `--`.
    let place = Place::new();
    std::fs::rename(place.path().join("mix.wav"), place.path().join("-mix.wav")).unwrap();
    succeed(
        &program(place.path(), &["render", "--plan", "plan.toml", "-o", "out/master.wav", "--no-report", "--", "-mix.wav"])
            .output()
            .unwrap(),
    );
    let tried = 3 * stems.len() + 1;
    Row {
        fault: "spaces, quotes, emoji, line breaks, 230 letters, not UTF-8",
        tried,
        outcome: "done, under exactly that name".into(),
    }
}
