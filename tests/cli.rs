//! The program from outside: what it writes, what it refuses, with which code it ends, and what it leaves behind.

mod sounds;

use assert_cmd::Command;
use serde_json::Value;
use sounds::{Format, Sounds, mix, reference, silence};
use std::path::Path;

fn automaster() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    command.env("NO_COLOR", "1");
    command
}

/// What a run ends with.
struct End {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Sounds, args: &[&str]) -> End {
    let output = automaster().current_dir(folder.path()).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let end = End { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) };
    assert!(!end.err.contains("panicked"), "{args:?}: {}", end.err);
    end
}

/// Runs what must succeed.
fn done(folder: &Sounds, args: &[&str]) -> End {
    let end = run(folder, args);
    assert_eq!(end.code, 0, "{args:?}: {}", end.err);
    end
}

/// Runs what must fail: with this code, these words, and nothing new in the folder.
fn fails(folder: &Sounds, args: &[&str], code: i32, words: &[&str]) {
    let before = folder.names();
    let end = run(folder, args);
    assert_eq!(end.code, code, "{args:?}: {}{}", end.out, end.err);
    for word in words {
        assert!(end.err.contains(word), "{args:?} does not say '{word}': {}", end.err);
    }
    assert_eq!(folder.names(), before, "{args:?} left something behind");
}

fn pair() -> Sounds {
    let folder = Sounds::new();
    folder.wav("mix.wav", &mix(4.0, 44_100, 2), 44_100, Format::Int24);
    folder.wav("ref.wav", &reference(4.0, 44_100), 44_100, Format::Int16);
    folder
}

#[test]
fn the_default_writes_master_and_reports_beside_the_mix_and_tells_where() {
    let folder = pair();
    let end = done(&folder, &["mix.wav", "--ref", "ref.wav"]);
    assert_eq!(
        folder.names(),
        ["mix.master.report.html", "mix.master.report.json", "mix.master.report.md", "mix.master.wav", "mix.wav", "ref.wav"]
    );
    for name in ["mix.master.wav", "mix.master.report.html", "mix.master.report.json", "mix.master.report.md"] {
        assert!(end.out.contains(name), "{}", end.out);
    }
    for part in ["loudness", "true peak", "What was done", "Promises kept"] {
        assert!(end.out.contains(part), "{part}: {}", end.out);
    }
    assert!(end.err.is_empty(), "no terminal, no progress: {}", end.err);
    assert!(!end.out.contains('\x1b'), "no terminal, no colours");
    let report: Value = serde_json::from_str(&folder.text("mix.master.report.json")).unwrap();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["master"]["file"], "mix.master.wav");
    assert!(report["master"]["promises"].as_array().unwrap().iter().all(|p| p["kept"] == true));
    let (spec, frames) = folder.spec("mix.master.wav");
    assert_eq!((spec.sample_rate, spec.channels, spec.bits_per_sample, frames), (44_100, 2, 24, 4 * 44_100));
}

#[test]
fn usage_errors_end_with_2_and_say_what_to_do() {
    let folder = pair();
    fails(&folder, &["mix.wav", "--genre", "polka"], 2, &["polka", "house-techno", "classical-orchestral"]);
    fails(&folder, &["mix.wav", "--genre", "rock:0"], 2, &["not a positive number"]);
    fails(&folder, &["mix.wav", "--profile", "nosuch"], 2, &["nosuch", "automaster learn"]);
    fails(&folder, &["mix.wav", "--profile", "a", "--genre", "rock"], 2, &["cannot be used with"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--nonsense"], 2, &["--nonsense"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav:0"], 2, &["not a positive number"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--amount", "120"], 2, &["0 to 100"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--match", "taste"], 2, &["taste"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--match", "tone", "--width-amount", "5"], 2, &["width is not matched"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--set", "limiter.relase_ms=50"], 2, &["did you mean 'limiter.release_ms'"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--set", "limiter.release_ms=5000"], 2, &["outside 5 to 1000 ms"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--ceiling", "1"], 2, &["outside"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--loudness", "-90"], 2, &["-40 to -3"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--for", "myspace"], 2, &["spotify"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--rate", "100"], 2, &["100"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "a.mp3"], 2, &["a.mp3", ".wav or .flac"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "a.flac", "--bits", "32f"], 2, &["FLAC holds 16 or 24"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--report", "a.pdf"], 2, &["a.pdf", ".html, .md or .json"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "--quiet", "-v"], 2, &["--quiet"]);
    fails(&folder, &["suggest"], 2, &["<MIX>"]);
    fails(&folder, &["render", "mix.wav"], 2, &["--plan"]);
}

#[test]
fn nothing_is_overwritten_and_nothing_writes_over_what_it_reads() {
    let folder = pair();
    folder.write("kept.wav", b"precious");
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "kept.wav"], 2, &["kept.wav", "exists already", "--overwrite"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "mix.wav", "--overwrite"], 2, &["mix.wav", "is read"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "./ref.wav", "--overwrite"], 2, &["ref.wav", "is read"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "no/such/folder/a.wav"], 2, &["cannot be written"]);
    assert_eq!(folder.text("kept.wav"), "precious");
    folder.write("a.report.md", b"precious");
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "a.wav"], 2, &["a.report.md", "exists already"]);
    done(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "kept.wav", "--overwrite", "--no-report"]);
    assert_eq!(folder.spec("kept.wav").1, 4 * 44_100);
    fails(&folder, &["suggest", "mix.wav", "--ref", "ref.wav", "-o", "a.report.md"], 2, &["exists already"]);
}

#[test]
fn bad_input_ends_with_3_names_file_and_cause_and_leaves_nothing() {
    let folder = pair();
    folder.write("text.wav", b"Dear engineer, please make it loud.\n");
    folder.write("zero.wav", b"");
    folder.wav("silent.wav", &silence(2.0, 44_100), 44_100, Format::Int16);
    folder.wav("short.wav", &mix(0.05, 44_100, 2), 44_100, Format::Int16);
    let mut broken = mix(2.0, 44_100, 2);
    broken[1][3000] = f32::NAN;
    folder.wav("nan.wav", &broken, 44_100, Format::Float32);
    let whole = folder.bytes("mix.wav");
    folder.write("cut.wav", &whole[..whole.len() / 2]);
    let three: Vec<Vec<f32>> = std::iter::repeat_n(mix(1.0, 44_100, 1).remove(0), 3).collect();
    folder.wav("three.wav", &three, 44_100, Format::Int16);
    let cases = [
        ("missing.wav", "no such file"),
        ("text.wav", "not audio"),
        ("zero.wav", ""),
        ("silent.wav", "silent"),
        ("short.wav", "0.05 s"),
        ("nan.wav", "finite"),
        ("cut.wav", "truncated"),
        ("three.wav", "3 channels"),
    ];
    for (name, cause) in cases {
        fails(&folder, &[name, "--ref", "ref.wav"], 3, &[name, cause]);
        fails(&folder, &["mix.wav", "--ref", name], 3, &[name, cause]);
        fails(&folder, &["suggest", name, "--ref", "ref.wav"], 3, &[name, cause]);
    }
    for name in ["missing.wav", "text.wav", "zero.wav", "nan.wav", "cut.wav"] {
        fails(&folder, &["analyze", name], 3, &[name]);
        fails(&folder, &["compare", "mix.wav", name], 3, &[name]);
    }
    fails(&folder, &["render", "mix.wav", "--plan", "missing.toml"], 3, &["missing.toml"]);
    fails(&folder, &["render", "mix.wav", "--plan", "text.wav"], 3, &["text.wav", "not readable"]);
}

#[test]
fn a_plan_renders_to_the_bytes_of_the_one_step_run_with_any_number_of_threads() {
    let folder = pair();
    let reference = ["--ref", "ref.wav:2", "--ref", "ref.wav"];
    let with = |args: &[&'static str]| [args, &reference].concat();
    done(&folder, &with(&["mix.wav", "-o", "one.wav", "--no-report", "--threads", "1"]));
    done(&folder, &with(&["mix.wav", "-o", "two.wav", "--no-report", "--threads", "2"]));
    done(&folder, &with(&["suggest", "mix.wav", "-o", "one.toml", "--threads", "1"]));
    done(&folder, &with(&["suggest", "mix.wav", "-o", "two.toml", "--threads", "2"]));
    assert_eq!(folder.text("one.toml"), folder.text("two.toml"));
    for threads in ["1", "2"] {
        done(&folder, &["render", "mix.wav", "--plan", "one.toml", "-o", "again.wav", "--overwrite", "--threads", threads]);
        assert!(folder.bytes("one.wav") == folder.bytes("again.wav"), "{threads} threads");
    }
    assert!(folder.bytes("one.wav") == folder.bytes("two.wav"));
}

#[test]
fn a_changed_plan_changes_the_master_and_a_wrong_one_is_refused() {
    let folder = pair();
    done(&folder, &["suggest", "mix.wav", "--ref", "ref.wav"]);
    let plan = folder.text("mix.plan.toml");
    assert!(plan.starts_with("# automaster plan") && plan.contains("[chain.limiter]"), "{plan}");
    done(&folder, &["render", "mix.wav", "--plan", "mix.plan.toml", "-o", "a.wav"]);
    let mut changed: toml::Table = plan.parse().unwrap();
    let mut exciter = toml::Table::new();
    exciter.insert("air_percent".into(), 37.0.into());
    changed["chain"].as_table_mut().unwrap().insert("exciter".into(), exciter.into());
    folder.write("changed.toml", changed.to_string().as_bytes());
    done(&folder, &["render", "mix.wav", "--plan", "changed.toml", "-o", "b.wav"]);
    assert!(folder.bytes("a.wav") != folder.bytes("b.wav"));
    folder.write("wrong.toml", plan.replace("[chain.limiter]", "[chain.limiter]\nceiling = 1").as_bytes());
    fails(&folder, &["render", "mix.wav", "--plan", "wrong.toml", "-o", "c.wav"], 3, &["wrong.toml", "limiter.ceiling"]);
    folder.wav("other.wav", &mix(3.0, 44_100, 2), 44_100, Format::Int16);
    let end = done(&folder, &["render", "other.wav", "--plan", "mix.plan.toml"]);
    assert!(end.err.contains("made for another mix: length"), "{}", end.err);
}

#[test]
fn rates_words_and_channels_are_kept_or_as_asked() {
    let folder = pair();
    for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
        folder.wav("in.wav", &mix(2.0, rate, 2), rate, Format::Int24);
        done(&folder, &["in.wav", "--ref", "ref.wav", "-o", "out.wav", "--overwrite", "--no-report"]);
        let (spec, frames) = folder.spec("out.wav");
        assert_eq!((spec.sample_rate, frames), (rate, 2 * rate));
    }
    let words = [("16", 16, hound::SampleFormat::Int), ("24", 24, hound::SampleFormat::Int)];
    for (bits, length, kind) in
        words.into_iter().chain([("32", 32, hound::SampleFormat::Int), ("32f", 32, hound::SampleFormat::Float)])
    {
        done(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "out.wav", "--overwrite", "--no-report", "--bits", bits]);
        let (spec, _) = folder.spec("out.wav");
        assert_eq!((spec.bits_per_sample, spec.sample_format), (length, kind));
    }
    folder.wav("mono.wav", &mix(2.0, 48_000, 1), 48_000, Format::Int16);
    done(&folder, &["mono.wav", "--ref", "ref.wav"]);
    assert_eq!(folder.spec("mono.master.wav").0.channels, 1);
    done(&folder, &["mono.wav", "--ref", "ref.wav", "--for", "cd", "-o", "cd.wav", "--no-report"]);
    let (spec, frames) = folder.spec("cd.wav");
    assert_eq!((spec.sample_rate, spec.bits_per_sample, frames), (44_100, 16, 88_200));
    done(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "out.flac", "--no-report"]);
    assert_eq!(&folder.bytes("out.flac")[..4], b"fLaC");
}

#[test]
fn a_mono_reference_does_not_collapse_a_stereo_mix() {
    let folder = pair();
    folder.wav("mono.wav", &mix(4.0, 44_100, 1), 44_100, Format::Int16);
    done(&folder, &["mix.wav", "--ref", "mono.wav", "-o", "out.wav"]);
    let samples = folder.samples("out.wav");
    let power =
        |f: &dyn Fn(f32, f32) -> f32| samples[0].iter().zip(&samples[1]).map(|(l, r)| f64::from(f(*l, *r)).powi(2)).sum::<f64>();
    let width_db = 10.0 * (power(&|l, r| l - r) / power(&|l, r| l + r)).log10();
    assert!(width_db > -20.0, "side over mid {width_db} dB");
}

#[test]
fn loudness_and_ceiling_are_what_was_asked_for() {
    let folder = pair();
    for (args, loudness, ceiling) in [
        (&["--loudness", "-18", "--ceiling", "-2"][..], -18.0, -2.0),
        (&["--for", "ebu-r128"], -23.0, -1.0),
        (&["--for", "spotify", "--loudness", "-20"], -20.0, -1.0),
    ] {
        let all = [&["mix.wav", "--ref", "ref.wav", "-o", "out.wav", "--overwrite", "--json"][..], args].concat();
        let report: Value = serde_json::from_str(&done(&folder, &all).out).unwrap();
        let measured = &report["master"]["analysis"]["loudness"];
        assert!((measured["integrated_lufs"].as_f64().unwrap() - loudness).abs() <= 0.1, "{measured}");
        assert!(measured["true_peak_dbtp"].as_f64().unwrap() <= ceiling + 0.05, "{measured}");
    }
}

#[test]
fn settings_given_by_hand_stay() {
    let folder = pair();
    done(
        &folder,
        &["suggest", "mix.wav", "--ref", "ref.wav", "--set", "limiter.release_ms=77", "--set", "limiter.character=dense"],
    );
    let plan = folder.text("mix.plan.toml");
    assert!(plan.contains("release_ms = 77.0") && plan.contains("character = \"dense\""), "{plan}");
}

#[test]
fn json_is_json_and_quiet_is_quiet() {
    let folder = pair();
    let report: Value =
        serde_json::from_str(&done(&folder, &["mix.wav", "--ref", "ref.wav", "--json", "-o", "a.wav"]).out).unwrap();
    assert_eq!(report["master"]["file"], "a.wav");
    assert!(report["rows"].as_array().unwrap().len() > 100);
    let dry: Value = serde_json::from_str(&done(&folder, &["mix.wav", "--ref", "ref.wav", "--json", "--dry-run"]).out).unwrap();
    assert!(dry["master"].is_null() && dry["plan"]["settings"].is_array());
    let files: Value = serde_json::from_str(&done(&folder, &["analyze", "mix.wav", "ref.wav", "--json"]).out).unwrap();
    assert_eq!(files.as_array().unwrap().len(), 2);
    assert!(files[0]["analysis"]["loudness"]["integrated_lufs"].as_f64().unwrap() < 0.0);
    let both: Value = serde_json::from_str(&done(&folder, &["compare", "mix.wav", "ref.wav", "--json"]).out).unwrap();
    assert!(both["rows"].as_array().unwrap().iter().all(|r| r["difference"].is_f64()));
    let quiet = done(&folder, &["mix.wav", "--ref", "ref.wav", "--quiet", "-o", "b.wav"]);
    assert!(quiet.out.is_empty() && quiet.err.is_empty(), "{}{}", quiet.out, quiet.err);
    let told = done(&folder, &["mix.wav", "--ref", "ref.wav", "-v", "-o", "c.wav"]);
    assert!(told.err.contains("rendering"), "{}", told.err);
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = pair();
    let before = folder.names();
    let end = done(&folder, &["mix.wav", "--ref", "ref.wav", "--dry-run"]);
    assert!(end.out.contains("What is proposed") && end.out.contains("nothing was written"), "{}", end.out);
    done(&folder, &["suggest", "mix.wav", "--ref", "ref.wav", "--dry-run"]);
    assert_eq!(folder.names(), before);
}

#[test]
fn names_are_filled_in_and_reports_go_where_they_are_sent() {
    let folder = pair();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    done(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "out/{stem} final.flac", "--report", "out/{stem}.json"]);
    done(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "out", "--no-report"]);
    let mut names: Vec<_> = std::fs::read_dir(folder.path().join("out")).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["mix final.flac", "mix.json", "mix.master.wav"]);
}

#[test]
fn names_with_colons_and_spaces_are_names() {
    let folder = pair();
    std::fs::copy(folder.path().join("ref.wav"), folder.path().join("take: 2")).unwrap();
    std::fs::copy(folder.path().join("mix.wav"), folder.path().join("my mix.wav")).unwrap();
    let end = done(&folder, &["my mix.wav", "--ref", "take: 2", "--dry-run"]);
    assert!(end.out.contains("to sound like take: 2"), "{}", end.out);
}

/// With `--match tone`, the master's loudness is the mix's, its width is at most corrected for what the tone did to it, and
/// its tone is the reference's.
#[test]
fn what_is_not_matched_is_left() {
    let folder = pair();
    let args = ["mix.wav", "--ref", "ref.wav", "--match", "tone", "--json", "-o", "a.wav"];
    let report: Value = serde_json::from_str(&done(&folder, &args).out).unwrap();
    let figure = |of: &str, path: &str| report.pointer(&format!("/{of}/{path}")).and_then(Value::as_f64).unwrap();
    let (mix, master) = ("mix/analysis", "master/analysis");
    let loudness = "loudness/integrated_lufs";
    assert!(
        (figure(master, loudness) - figure(mix, loudness)).abs() < 0.5,
        "{} {}",
        figure(master, loudness),
        figure(mix, loudness)
    );
    for setting in report["plan"]["settings"].as_array().unwrap() {
        let name = setting["param"].as_str().unwrap();
        let percent = setting["value"].as_f64().unwrap();
        assert!(!name.ends_with("_width_percent") || (85.0..=115.0).contains(&percent), "{setting}");
    }
    let tilt = "loud/spectrum/tilt_db_per_octave";
    let off = |of: &str| (figure(of, tilt) - figure("target/value", tilt)).abs();
    assert!(off(master) < 0.5 * off(mix), "tilt {} of {}", off(master), off(mix));
}

/// A mix that already is its reference needs nothing but the level of its peaks.
#[test]
fn the_same_file_needs_no_tone_curve_and_no_dynamics() {
    let folder = pair();
    let report: Value =
        serde_json::from_str(&done(&folder, &["mix.wav", "--ref", "mix.wav", "--dry-run", "--json"]).out).unwrap();
    let settings = report["plan"]["settings"].as_array().unwrap();
    let stages = ["match_eq.", "multiband.", "compressor.", "leveler.", "stereo.", "exciter.", "saturation."];
    let moved: Vec<_> =
        settings.iter().filter(|s| stages.iter().any(|stage| s["param"].as_str().unwrap().starts_with(stage))).collect();
    assert!(moved.is_empty(), "{moved:?}");
}

/// `automaster … | head`: the reader goes, the program ends without a word.
#[test]
fn a_reader_that_goes_is_no_error() {
    let folder = pair();
    let command = format!("set -o pipefail; '{}' params | head -n 1", env!("CARGO_BIN_EXE_automaster"));
    let output = Command::new("bash").current_dir(folder.path()).args(["-c", &command]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Ctrl-C while a long mix is worked on: code 130, and neither output nor temporary files.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_130_and_leaves_nothing() {
    let folder = pair();
    folder.wav("long.wav", &mix(240.0, 44_100, 2), 44_100, Format::Int16);
    let before = folder.names();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_automaster"))
        .current_dir(folder.path())
        .env("TMPDIR", folder.path())
        .args(["long.wav", "--ref", "ref.wav", "--threads", "1"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(400));
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success(), "the job was over before it could be interrupted");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(folder.names(), before);
}

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

    std::fs::create_dir(folder.path().join("masters")).unwrap();
    std::fs::copy(folder.path().join("ref.wav"), folder.path().join("masters/one.wav")).unwrap();
    done(&folder, &["learn", "masters", "--name", "mysound", "-o", "mysound.toml"]);
    let profile = dry(&["--profile", "mysound.toml"]);
    assert_eq!(profile["target"]["genres"][0]["name"], "mysound");
    assert!((loudness(&profile) - loudness(&dry(&["--ref", "ref.wav"]))).abs() < 0.1);
}

#[test]
fn help_version_and_generated_texts() {
    let folder = Sounds::new();
    assert!(done(&folder, &["--version"]).out.starts_with("automaster "));
    assert!(done(&folder, &["--help"]).out.contains("Exit codes:"));
    assert_eq!(run(&folder, &[]).code, 2);
    for (shell, option) in [("bash", "--ref"), ("zsh", "--ref"), ("fish", "-l ref")] {
        assert!(done(&folder, &["completions", shell]).out.contains(option), "{shell}");
    }
    assert!(done(&folder, &["man"]).out.contains(".TH automaster 1"));
    assert!(done(&folder, &["params"]).out.contains("limiter.ceiling_dbtp"));
    assert!(done(&folder, &["features"]).out.contains("loudness.integrated_lufs"));
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md").exists());
}
