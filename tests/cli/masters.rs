//! What the program writes.

use crate::runs::{done, fails, pair, run};
use crate::sounds::{Format, Sounds, mix};
use serde_json::Value;
use std::path::Path;

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

/// Every stage whose loops are compiled for wide vectors too is at work.
#[test]
fn narrow_and_wide_vectors_give_the_same_bytes() {
    let folder = pair();
    let acting = ["saturation.drive_db=6", "exciter.air_percent=20", "clipper.threshold_dbfs=-6", "limiter.drive_db=9"];
    let settings: Vec<&str> = acting.iter().flat_map(|setting| ["--set", *setting]).collect();
    for simd in ["on", "off"] {
        let end = std::process::Command::new(env!("CARGO_BIN_EXE_automaster"))
            .current_dir(folder.path())
            .env("AUTOMASTER_SIMD", simd)
            .args(["mix.wav", "--ref", "ref.wav", "--no-report", "--force-loudness", "-o"])
            .arg(format!("{simd}.wav"))
            .args(&settings)
            .output()
            .unwrap();
        assert!(folder.path().join(format!("{simd}.wav")).exists(), "{}", String::from_utf8_lossy(&end.stderr));
    }
    assert!(folder.bytes("on.wav") == folder.bytes("off.wav"));
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

/// Side over mid of a file's samples, in dB.
fn width_db(folder: &Sounds, name: &str) -> f64 {
    let samples = folder.samples(name);
    let power = |sign: f32| samples[0].iter().zip(&samples[1]).map(|(l, r)| f64::from(l + sign * r).powi(2)).sum::<f64>();
    10.0 * (power(-1.0) / power(1.0)).log10()
}

/// A mono mix in two channels is not made stereo because the reference is; where there is next to no side, ambience may stand for one, and
/// what has no hold on ambience is not moved against it.
#[test]
fn mono_stays_mono_and_ambience_is_not_fought() {
    let folder = pair();
    let stereo = mix(4.0, 44_100, 2);
    let centre: Vec<f32> = stereo[0].iter().zip(&stereo[1]).map(|(l, r)| 0.5 * (l + r)).collect();
    let with_side = |share: f32| -> Vec<Vec<f32>> {
        stereo.iter().map(|c| c.iter().zip(&centre).map(|(x, m)| m + share * (x - m)).collect()).collect()
    };
    folder.wav("mono.wav", &with_side(0.0), 44_100, Format::Int24);
    folder.wav("narrow.wav", &with_side(0.01), 44_100, Format::Int24);
    let mono = done(&folder, &["mono.wav", "--ref", "ref.wav", "-o", "mono.master.wav", "--no-report"]);
    assert!(mono.out.contains("mix: both channels hold the same; mono stays mono"), "{}", mono.out);
    done(&folder, &["mono.wav", "--ref", "ref.wav", "-o", "again.wav", "--report", "mono.json"]);
    let report: Value = serde_json::from_str(&folder.text("mono.json")).unwrap();
    let missed = report["not_reached"].as_array().unwrap();
    assert!(missed.iter().all(|missed| !missed["feature"].as_str().unwrap().contains("side_")), "{missed:?}");
    assert!(width_db(&folder, "mono.master.wav") < -90.0, "dither alone differs: {}", width_db(&folder, "mono.master.wav"));

    folder.wav("one.wav", &mix(4.0, 44_100, 1), 44_100, Format::Int24);
    let one = done(&folder, &["one.wav", "--ref", "ref.wav", "--set", "stereo.depth_percent=30", "--no-report"]);
    assert!(one.err.contains("stereo.depth_percent does nothing") && !one.out.contains("depth"), "{}{}", one.err, one.out);

    done(&folder, &["suggest", "mono.wav", "--ref", "ref.wav", "-o", "image.toml", "--set", "stereo.low_width_percent=50"]);
    let again = done(&folder, &["render", "one.wav", "--plan", "image.toml", "-o", "one.again.wav", "--no-report"]);
    assert!(again.err.contains("one channel has no image; stereo.low_width_percent does nothing"), "{}", again.err);

    done(&folder, &["suggest", "narrow.wav", "--ref", "ref.wav", "-o", "narrow.toml"]);
    let plan: toml::Table = folder.text("narrow.toml").parse().unwrap();
    let stereo = plan["chain"]["stereo"].as_table().unwrap();
    assert!((1.0..=60.0).contains(&stereo["depth_percent"].as_float().unwrap()), "{stereo:?}");
    let narrowed = stereo.iter().find(|(name, value)| name.contains("mid_width") && value.as_float() < Some(100.0));
    assert!(narrowed.is_none(), "{narrowed:?}");
}

/// One channel of a record needs nothing to sound like the record's two: it is as loud from two speakers as they are, and as punchy.
#[test]
fn one_channel_is_not_limited_to_sound_like_two_of_the_same() {
    let folder = pair();
    let channel = mix(6.0, 44_100, 1);
    folder.wav("one.wav", &channel, 44_100, Format::Int24);
    folder.wav("two.wav", &[channel[0].clone(), channel[0].clone()], 44_100, Format::Int24);
    done(&folder, &["one.wav", "--ref", "two.wav", "-o", "out.wav", "--report", "one.json"]);
    let report: Value = serde_json::from_str(&folder.text("one.json")).unwrap();
    let row = |feature: &str| report["rows"].as_array().unwrap().iter().find(|row| row["feature"] == feature).unwrap().clone();
    let moved = |feature: &str| row(feature)["after"].as_f64().unwrap() - row(feature)["before"].as_f64().unwrap();
    for feature in ["loudness.integrated_lufs", "loudness.psr_lu"] {
        assert!(moved(feature).abs() < 0.5, "{feature}: {}", row(feature));
    }
    assert_eq!(row("loudness.integrated_lufs")["inside"], true);
}
