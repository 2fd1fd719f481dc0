//! What is asked of an album beside its sheet, what an earlier run has left, and what is refused; from outside.

mod sounds;

use serde_json::Value;
use sounds::{Format, Sounds, mix};
use std::process::Command;

const RATE: u32 = 44_100;

/// A folder with the mix `a.wav`, 3 s.
fn folder() -> Sounds {
    let folder = Sounds::new();
    folder.wav("a.wav", &mix(3.0, RATE, 2), RATE, Format::Int24);
    folder
}

/// Exit code, standard output, standard error of `automaster album …`.
fn album(folder: &Sounds, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    let output = command.env("NO_COLOR", "1").current_dir(folder.path()).arg("album").args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let end = (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr));
    assert!(!end.2.contains("panicked"), "{args:?}: {}", end.2);
    end
}

/// The album's report and what was said beside; it has to succeed.
fn made(folder: &Sounds, args: &[&str]) -> (Value, String) {
    let (code, out, err) = album(folder, &[args, &["--genre", "rock", "--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {err}");
    (serde_json::from_str(&out).unwrap(), err)
}

/// All notes on an album, a line each.
fn notes(album: &Value) -> String {
    let notes = album["notes"].as_array().unwrap();
    notes.iter().map(|note| format!("{}\n", note.as_str().unwrap())).collect()
}

#[test]
fn instructions_are_followed_and_other_ones_are_noticed() {
    let folder = folder();
    folder.write("words.txt", b"# for the label\n2 dB quieter\n");
    let plain = ["a.wav", "--loudness", "-20", "-o", "out"];
    let told = ["a.wav", "--loudness", "-20", "--instructions", "words.txt", "-o", "out"];
    let plan = || folder.text("out/plans/01 - a.plan.toml");
    let promised = || -> f64 {
        let plan = plan();
        plan.lines().find_map(|line| line.strip_prefix("loudness_lufs = ")).unwrap().parse().unwrap()
    };
    made(&folder, &plain);
    assert!((promised() + 20.0).abs() < 1e-6 && !plan().contains("instructions"), "{}", plan());
    let (album_told, _) = made(&folder, &told);
    assert!((promised() + 22.0).abs() < 1e-6 && plan().contains("instructions"), "{}", plan());
    let lufs = album_told["tracks"][0]["after"]["integrated_lufs"].as_f64().unwrap();
    assert!((lufs + 22.0).abs() < 0.2, "{lufs}");
    made(&folder, &plain);
    assert!((promised() + 20.0).abs() < 1e-6);

    folder.write("words.txt", b"more cowbell\n");
    let (code, _, err) = album(&folder, &["a.wav", "--genre", "rock", "--instructions", "words.txt", "-o", "new"]);
    assert!(code == 2 && err.contains("cowbell") && !folder.path().join("new").exists(), "{code} {err}");
}

#[test]
fn a_plan_gives_way_to_what_is_asked_for_and_says_what_does_not_reach_it() {
    let folder = folder();
    let (first, _) = made(&folder, &["a.wav", "-o", "one", "--dither", "shaped"]);
    assert!(first["cohesion_percent"] == 50.0 && !notes(&first).contains("follows the plan"), "{first}");
    let dither = |out: &str| {
        let plan = folder.text(&format!("{out}/plans/01 - a.plan.toml"));
        plan.lines().find_map(|line| line.strip_prefix("dither = ")).unwrap().trim_matches('"').to_owned()
    };
    assert_eq!(dither("one"), "shaped");
    let (second, _) = made(&folder, &["one/album.toml", "-o", "two", "--cohesion", "90"]);
    assert_eq!(dither("two"), "shaped");
    assert!(second["cohesion_percent"].is_null() && notes(&second).contains("Every track follows the plan"), "{second}");
    assert!(folder.text("two/album.html").contains("each by its own plan"));
    made(&folder, &["one/album.toml", "-o", "three", "--dither", "none"]);
    assert_eq!(dither("three"), "none");
    made(&folder, &["one/album.toml", "-o", "four", "--dither", "tpdf"]);
    assert_eq!(dither("four"), "tpdf", "what is asked for is not what is usual");
}

#[test]
fn masters_beside_their_mixes_are_no_mixes_and_old_ones_are_told() {
    let folder = folder();
    let again = || {
        // As if the run before had been stopped before its sheet.
        let _ = std::fs::remove_file(folder.path().join("album.toml"));
        let (album, _) = made(&folder, &[".", "-o", "."]);
        assert_eq!(album["tracks"].as_array().unwrap().len(), 1, "{album}");
        notes(&album)
    };
    assert!(!again().contains("earlier run"));
    assert!(!again().contains("earlier run"));
    std::fs::rename(folder.path().join("a.wav"), folder.path().join("b.wav")).unwrap();
    let notes = again();
    assert!(notes.contains("Made by an earlier run") && notes.contains(": 01 - a.wav, plans/01 - a.plan.toml."), "{notes}");
    assert!(folder.path().join("01 - a.wav").is_file() && folder.path().join("01 - b.wav").is_file(), "nothing is deleted");
    for gone in ["01 - a.wav", "plans/01 - a.plan.toml"] {
        std::fs::remove_file(folder.path().join(gone)).unwrap();
    }
    assert!(!again().contains("earlier run"));
}

#[test]
fn what_is_odd_about_a_mix_is_told_by_every_run() {
    let folder = folder();
    made(&folder, &["a.wav", "--format", "flac", "-o", "one"]);
    let mut bytes = folder.bytes("one/01 - a.flac");
    assert!(bytes.starts_with(b"fLaC"));
    // The checksum of the samples is the end of the first block.
    bytes[30] ^= 0x55;
    folder.write("odd.flac", &bytes);
    for _ in 0..2 {
        let (album, err) = made(&folder, &["odd.flac", "-o", "two"]);
        let warning = &album["tracks"][0]["warnings"][0];
        assert!(warning["file"] == "odd.flac" && warning["warning"]["code"] == "checksum_wrong", "{album}");
        assert!(err.contains("warning: odd.flac: ") && err.contains("checksum does not fit"), "{err}");
    }
    assert!(folder.text("two/album.html").contains("<li>odd.flac: the samples are not those"));
}

#[test]
fn a_soft_mix_is_asked_about_where_nothing_was_said() {
    let folder = folder();
    let soft: Vec<Vec<f32>> = mix(3.0, RATE, 2).iter().map(|c| c.iter().map(|x| 0.1 * x).collect()).collect();
    folder.wav("soft.wav", &soft, RATE, Format::Int24);
    let asked = |level: &str| {
        let sheet = format!("[[track]]\nfile = \"a.wav\"\n[[track]]\nfile = \"soft.wav\"\n{level}");
        folder.write("album.toml", sheet.as_bytes());
        notes(&made(&folder, &["album.toml", "-o", "out"]).0).contains("say level_lu")
    };
    assert!(asked("") && !asked("level_lu = -12.0\n"));
}

/// A pause belongs to the file and not to the music, so no figure of a master moves with it.
#[test]
fn the_pause_after_a_track_does_not_move_its_figures() {
    let folder = folder();
    let measured = |gap: &str| -> [f64; 4] {
        let sheet = format!("[[track]]\nfile = \"a.wav\"\n[[track]]\nfile = \"a.wav\"\ngap_s = {gap}\n");
        folder.write("album.toml", sheet.as_bytes());
        let out = format!("out-{gap}");
        let (album, _) = made(&folder, &["album.toml", "-o", out.as_str()]);
        let track = &album["tracks"][0];
        let after = ["integrated_lufs", "lra_lu", "psr_lu"].map(|figure| track["after"][figure].as_f64().unwrap());
        [after[0], after[1], after[2], track["seconds"].as_f64().unwrap()]
    };
    let (near, far) = (measured("0.0"), measured("6.0"));
    assert!((far[3] - near[3] - 6.0).abs() < 1e-6, "{near:?} {far:?}");
    near[..3].iter().zip(&far).for_each(|(near, far)| assert!((near - far).abs() < 1e-6, "{near} {far}"));
}

#[test]
fn what_cannot_be_is_refused_with_the_right_code() {
    let folder = folder();
    folder.wav("long.wav", &mix(8.0, RATE, 2), RATE, Format::Int24);
    folder.wav("short.wav", &mix(0.6, RATE, 2), RATE, Format::Int24);
    // The middle of the crossfade lies behind the end of the short one.
    let sheet = "[[track]]\nfile = \"long.wav\"\n[[track]]\nfile = \"short.wav\"\ncrossfade_s = 2.0\n\
                 [[track]]\nfile = \"a.wav\"\ngapless = true\n";
    folder.write("album.toml", sheet.as_bytes());
    let (code, _, err) = album(&folder, &["album.toml", "--genre", "rock", "-o", "joined"]);
    assert!(code == 3 && err.contains("short.wav") && err.contains("longer than the music"), "{code} {err}");
    // 3 s are no track of a disc, and that is known before anything is rendered.
    let (code, _, err) = album(&folder, &["a.wav", "--genre", "rock", "--deliver", "cd", "-o", "disc"]);
    assert!(code == 3 && err.contains("lasts 4 s at least") && !folder.path().join("disc/01 - a.wav").exists(), "{code} {err}");
    // A file where a folder should be is a fault of the command.
    for out in ["a.wav", "a.wav/out"] {
        let (code, _, err) = album(&folder, &["long.wav", "--genre", "rock", "-o", out]);
        assert!(code == 2 && err.contains("no folder"), "{out}: {code} {err}");
    }
}

/// One channel stands beside two of the same as loud as it is heard from two speakers: it is promised 3.01 LU less, as BS.1770 measures it.
#[test]
fn one_channel_is_as_loud_in_an_album_as_two_of_the_same() {
    let folder = Sounds::new();
    let channel = mix(4.0, RATE, 1).remove(0);
    folder.wav("one.wav", std::slice::from_ref(&channel), RATE, Format::Int24);
    folder.wav("two.wav", &[channel.clone(), channel], RATE, Format::Int24);
    let promised = |out: &str, track: &str| -> f64 {
        let plan = folder.text(&format!("{out}/plans/{track}.plan.toml"));
        plan.lines().find_map(|line| line.strip_prefix("loudness_lufs = ")).unwrap().parse().unwrap()
    };
    made(&folder, &["one.wav", "two.wav", "-o", "out"]);
    let (one, two) = (promised("out", "01 - one"), promised("out", "02 - two"));
    assert!((two - one - 3.01).abs() < 0.03, "{one} {two}");
    made(&folder, &["one.wav", "two.wav", "--loudness", "-16", "-o", "asked"]);
    let (one, two) = (promised("asked", "01 - one"), promised("asked", "02 - two"));
    assert!((two + 16.0).abs() < 0.011 && (one + 19.01).abs() < 0.011, "{one} {two}");
}
