//! Plans between people: their history, two of them compared, instructions for a first master.

mod sounds;

use assert_cmd::Command;
use automaster::error::Error;
use automaster::job::{Aims, Progress, Wishes};
use automaster::order::Proposal;
use automaster::plan::{Author, Plan, Source};
use serde_json::Value;
use sounds::{Format, Sounds, mix, reference};

fn run(folder: &Sounds, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    let output = command.env("NO_COLOR", "1").current_dir(folder.path()).args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn done(folder: &Sounds, args: &[&str]) -> String {
    let (code, out, err) = run(folder, args);
    assert_eq!(code, 0, "{args:?}: {err}");
    out
}

fn suggested() -> Sounds {
    let folder = Sounds::new();
    folder.wav("mix.wav", &mix(4.0, 44_100, 2), 44_100, Format::Int24);
    folder.wav("ref.wav", &reference(4.0, 44_100), 44_100, Format::Int16);
    done(&folder, &["suggest", "mix.wav", "--ref", "ref.wav"]);
    folder
}

fn plan(folder: &Sounds, name: &str) -> Plan {
    Plan::from_toml(&folder.text(name)).unwrap()
}

#[test]
fn a_plan_knows_who_changed_what_and_reads_no_clock() {
    let folder = suggested();
    let proposed = plan(&folder, "mix.plan.toml");
    assert_eq!(proposed.history.iter().map(|e| (e.by, e.when.clone())).collect::<Vec<_>>(), [(Author::Proposed, None)]);
    done(&folder, &["suggest", "mix.wav", "--ref", "ref.wav", "-o", "again.toml"]);
    assert_eq!(folder.text("again.toml"), folder.text("mix.plan.toml"), "the same job writes the same plan");
    let words = ["revise", "mix.plan.toml", "a bit brighter, 1 dB quieter", "-o", "b.toml", "--when", "2026-11-25"];
    done(&folder, &words);
    let revised = plan(&folder, "b.toml");
    let step = revised.history.last().unwrap();
    assert_eq!((step.by, step.said.as_deref()), (Author::Words, Some("a bit brighter, 1 dB quieter")));
    assert_eq!(step.when.as_deref(), Some("2026-11-25"));
    assert_eq!(step.changes, proposed.changes_to(&revised));
    assert_eq!(step.changes[0].setting, "delivery.loudness_lufs");
    // A history is no sound: without it, the master has the same bytes.
    let mut bare = revised.clone();
    (bare.history, bare.notes) = (Vec::new(), [("limiter.release_ms".to_owned(), "as it is".to_owned())].into());
    std::fs::write(folder.path().join("bare.toml"), bare.to_toml().unwrap()).unwrap();
    done(&folder, &["render", "mix.wav", "--plan", "b.toml", "-o", "b.wav", "--no-report"]);
    done(&folder, &["render", "mix.wav", "--plan", "bare.toml", "-o", "bare.wav", "--no-report"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("b.wav") == bytes("bare.wav"));
}

#[test]
fn two_plans_are_compared_by_their_settings_and_by_what_their_masters_measure() {
    let folder = suggested();
    done(&folder, &["revise", "mix.plan.toml", "2 dB quieter", "-o", "b.toml"]);
    let names = folder.names();
    let out = done(&folder, &["compare", "mix.plan.toml", "b.toml"]);
    let row = out.lines().find(|line| line.contains("Loudness")).unwrap_or_else(|| panic!("{out}"));
    assert_eq!(row.matches("LUFS").count(), 2, "{row}");
    assert!(out.contains("words: \"2 dB quieter\" (1 setting)") && !out.contains("measured"), "{out}");
    assert!(done(&folder, &["compare", "b.toml", "b.toml"]).contains("no setting differs"));
    let json = done(&folder, &["compare", "mix.plan.toml", "b.toml", "--mix", "mix.wav", "--json"]);
    let both: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(both["settings"].as_array().unwrap().len(), 1, "{json}");
    let rows = both["measured"]["rows"].as_array().unwrap();
    let loudness = rows.iter().find(|r| r["feature"] == "loudness.integrated_lufs").unwrap();
    assert!((loudness["difference"].as_f64().unwrap() + 2.0).abs() < 0.2, "{loudness}");
    assert_eq!(folder.names(), names, "nothing is left behind");
    for (plan, name) in [("mix.plan.toml", "a"), ("b.toml", "b")] {
        let (wav, json) = (format!("{name}.wav"), format!("{name}.json"));
        done(&folder, &["render", "mix.wav", "--plan", plan, "-o", &wav, "--report", &json]);
    }
    let reported = done(&folder, &["compare", "a.json", "b.json", "--json"]);
    let reported: Value = serde_json::from_str(&reported).unwrap();
    assert_eq!(reported["settings"], both["settings"]);
    let of = |rows: &Value| rows.as_array().unwrap().iter().map(|r| r["difference"].clone()).collect::<Vec<_>>();
    assert_eq!(of(&reported["measured"]["rows"]), of(&both["measured"]["rows"]), "reports tell what a render measures");
    for (args, code) in [
        (&["compare", "mix.plan.toml", "mix.wav"][..], 2),
        (&["compare", "mix.plan.toml", "a.json"], 2),
        (&["compare", "a.json", "nowhere.json"], 3),
        (&["compare", "a.json", "b.json", "--mix", "mix.wav"], 2),
        (&["compare", "mix.wav", "ref.wav", "--mix", "mix.wav"], 2),
        (&["compare", "mix.plan.toml", "nowhere.toml"], 3),
        (&["compare", "mix.plan.toml", "b.toml", "--mix", "nowhere.wav"], 3),
    ] {
        assert_eq!(run(&folder, args).0, code, "{args:?}");
    }
}

#[test]
fn a_first_master_follows_a_file_of_instructions() {
    let folder = suggested();
    std::fs::write(folder.path().join("wishes.txt"), "# from the band\na bit brighter\n1 dB quieter  # radio\n").unwrap();
    done(&folder, &["suggest", "mix.wav", "--ref", "ref.wav", "--instructions", "wishes.txt", "-o", "told.toml"]);
    done(&folder, &["revise", "mix.plan.toml", "a bit brighter, 1 dB quieter", "-o", "revised.toml"]);
    let (told, revised) = (plan(&folder, "told.toml"), plan(&folder, "revised.toml"));
    assert_eq!((&told.chain, told.delivery), (&revised.chain, revised.delivery), "the same words, the same settings");
    assert_eq!(told.history.iter().map(|e| e.by).collect::<Vec<_>>(), [Author::Proposed, Author::Instructions]);
    done(&folder, &["mix.wav", "--ref", "ref.wav", "--instructions", "wishes.txt", "-o", "told.wav", "--report", "told.json"]);
    let report: Value = serde_json::from_str(&folder.text("told.json")).unwrap();
    let reached = report["master"]["analysis"]["loudness"]["integrated_lufs"].as_f64().unwrap();
    assert!((reached - told.delivery.loudness_lufs.unwrap()).abs() < 0.1, "{reached}");
    std::fs::write(folder.path().join("wrong.txt"), "brighter\nmore magic\n").unwrap();
    let before = folder.names();
    let (code, _, err) = run(&folder, &["mix.wav", "--ref", "ref.wav", "--instructions", "wrong.txt"]);
    assert!(code == 2 && err.contains("wrong.txt") && err.contains("more magic"), "{code} {err}");
    assert_eq!(run(&folder, &["mix.wav", "--ref", "ref.wav", "--instructions", "nowhere.txt"]).0, 3);
    assert_eq!(folder.names(), before);
}

/// A drive that a person wrote beside a promised loudness is not the one of the render; nobody is told that it was.
#[test]
fn a_drive_that_the_promise_overrules_is_told_as_what_was_used() {
    let folder = suggested();
    let mut edited: toml::Table = folder.text("mix.plan.toml").parse().unwrap();
    edited["chain"]["limiter"].as_table_mut().unwrap().insert("drive_db".into(), (-9.0).into());
    folder.write("edited.toml", edited.to_string().as_bytes());
    let args = ["render", "mix.wav", "--plan", "edited.toml", "-o", "edited.wav"];
    let (code, _, err) = run(&folder, &args);
    assert!(
        code == 0 && err.contains("in place of -9.0 dB") && err.contains("without loudness_lufs yours counts"),
        "{code} {err}"
    );
    let drive = |report: &str| {
        let report: Value = serde_json::from_str(&folder.text(report)).unwrap();
        let decisions = report["plan"]["decisions"].as_array().unwrap();
        let drive = decisions.iter().find(|decision| decision["param"] == "limiter.drive_db").unwrap().clone();
        (drive["value"].clone(), drive["source"].clone(), report["master"]["drive_db"].clone())
    };
    let (told, source, used) = drive("edited.report.json");
    assert!(told == used && source != "user", "{told} {source} {used}");
    // Where nothing is promised the person's drive is the one.
    edited["delivery"].as_table_mut().unwrap().remove("loudness_lufs");
    folder.write("free.toml", edited.to_string().as_bytes());
    let (_, _, err) = run(&folder, &["render", "mix.wav", "--plan", "free.toml", "-o", "free.wav"]);
    assert!(err.is_empty(), "{err}");
    let (told, source, used) = drive("free.report.json");
    assert!(told == -9.0 && source == "user" && used == -9.0, "{told} {source} {used}");
}

/// What a person fixed has their reason, not one that was thought of for what it would have been.
#[test]
fn a_setting_that_was_fixed_is_set_by_you() {
    let folder = suggested();
    done(&folder, &["suggest", "mix.wav", "--ref", "ref.wav", "--set", "stereo.low_width_percent=50", "-o", "fixed.toml"]);
    let plan = plan(&folder, "fixed.toml");
    let width = plan.decisions.iter().find(|decision| decision.param == "stereo.low_width_percent").unwrap();
    assert_eq!((width.value, width.source, width.evidence.len()), (50.0, Source::User, 0));
    assert!(width.attribution.is_none() && width.clamped.is_none());
}

/// A loudness that only the whole mix shows to be out of reach is conceded, unless a person insists.
#[test]
fn a_loudness_out_of_reach_is_conceded_once_and_never_where_a_person_insists() {
    let folder = suggested();
    let (mix, aims) =
        (folder.path().join("mix.wav"), Aims { references: vec![(folder.path().join("ref.wav"), 1.0)], ..Aims::default() });
    let (tell, stop) = (|_, _| (), std::sync::atomic::AtomicBool::new(false));
    let progress = Progress { tell: &tell, stop: &stop, threads: 1 };
    let rendered = |wishes: Wishes| {
        let mut proposal = Proposal::listen(&mix, &aims, wishes, None, &progress).unwrap();
        let promised = proposal.plan.delivery.loudness_lufs.unwrap();
        let mut asked = Vec::new();
        let ended = proposal.render(|_, plan| {
            asked.push(plan.delivery.loudness_lufs.unwrap());
            let (promised, reached) = (String::new(), String::new());
            let softer_lufs = Some(asked[0] - 0.303);
            match asked.len() {
                1 => Err(Error::Promise { path: mix.clone(), promised, reached, softer_lufs }),
                _ => Ok(()),
            }
        });
        (ended.is_ok(), promised, asked, proposal.plan)
    };
    let (made, promised, asked, plan) = rendered(Wishes::default());
    assert!(made && asked.len() == 2 && (asked[1] - (promised - 0.31)).abs() < 0.006, "{promised} {asked:?}");
    let conceded = plan.concessions.iter().find(|conceded| conceded.feature == "loudness.integrated_lufs").unwrap();
    assert_eq!(Some(conceded.planned), plan.delivery.loudness_lufs);
    assert!(conceded.wanted >= promised);
    let (made, _, asked, _) = rendered(Wishes { psr_floor_lu: None, ..Wishes::default() });
    assert!(!made && asked.len() == 1, "{asked:?}");
}
