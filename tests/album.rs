//! Albums from outside: joins to the frame, what is written, what a second run does, and what a killed one leaves.

#![allow(clippy::print_stderr, reason = "what is skipped is said aloud")]

mod sounds;

use serde_json::Value;
use sounds::{Format, Sounds, mix, reference};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const RATE: u32 = 44_100;
/// Where the recording is cut in two: on no sector, no block, no round number.
const CUT: usize = 181_213;
/// Frames of that recording.
const WHOLE: usize = 374_850;
const CROSSFADE: usize = RATE as usize;

const SHEET: &str = "\
title = \"An \\\"Album\\\"\"
artist = \"The Band\"
upc = \"036000291452\"

[[track]]
file = \"one.wav\"
title = \"One\"
isrc = \"GB-AAA-26-00001\"
[[track]]
file = \"two.wav\"
title = \"Two\"
gapless = true
[[track]]
file = \"loud.wav\"
title = \"Loud/Bright\"
artist = \"A Guest\"
gap_s = 1.5
fade_out_s = 0.5
[[track]]
file = \"soft.wav\"
crossfade_s = 1.0
[[track]]
file = \"ghost.wav\"
hidden_pause_s = 2.0
trim_start_s = 1.0
trim_end_s = 0.5
";

/// The mixes of [`SHEET`], and the recording that its first two are halves of.
fn album() -> Sounds {
    let folder = Sounds::new();
    let whole = mix(8.5, RATE, 2);
    let part = |range: std::ops::Range<usize>| whole.iter().map(|c| c[range.clone()].to_vec()).collect::<Vec<_>>();
    folder.wav("whole.wav", &whole, RATE, Format::Int24);
    folder.wav("one.wav", &part(0..CUT), RATE, Format::Int24);
    folder.wav("two.wav", &part(CUT..whole[0].len()), RATE, Format::Int24);
    let louder = |gain: f32, sound: Vec<Vec<f32>>| -> Vec<Vec<f32>> {
        sound.iter().map(|c| c.iter().map(|x| gain * x).collect()).collect()
    };
    folder.wav("loud.wav", &louder(0.6, reference(6.0, RATE)), RATE, Format::Int24);
    folder.wav("soft.wav", &louder(0.5, mix(6.5, RATE, 2)), RATE, Format::Int24);
    folder.wav("ghost.wav", &louder(0.7, mix(4.0, RATE, 2)), RATE, Format::Int24);
    folder.write("album.toml", SHEET.as_bytes());
    folder
}

const ARGS: [&str; 9] = ["album", "album.toml", "--genre", "rock", "--loudness", "-14", "-o", "out", "--json"];

fn program(folder: &Sounds, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_automaster"));
    command.env("NO_COLOR", "1").current_dir(folder.path()).args(args);
    command
}

/// Exit code, standard output, standard error.
fn run(folder: &Sounds, args: &[&str]) -> (i32, String, String) {
    let output = program(folder, args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let end = (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr));
    assert!(!end.2.contains("panicked"), "{args:?}: {}", end.2);
    end
}

/// An independent reader; none, said aloud, where it is not installed.
fn reader(program: &str, args: &[&str], folder: &Path) -> Option<Output> {
    match Command::new(program).args(args).current_dir(folder).output() {
        Ok(output) => Some(output),
        Err(_) => {
            eprintln!("SKIPPED: {program} is not on this machine");
            None
        }
    }
}

const ONE: &str = "out/01 - One.wav";
const TWO: &str = "out/02 - Two.wav";
const LOUD: &str = "out/03 - Loud_Bright.wav";
const SOFT: &str = "out/04 - soft.wav";

#[test]
fn an_album_is_joined_to_the_frame_and_written_as_a_release() {
    let folder = album();
    let mut args = ARGS.to_vec();
    args.extend(["--deliver", "cd,vinyl"]);
    let (code, out, err) = run(&folder, &args);
    assert_eq!(code, 0, "{err}");
    let made: Value = serde_json::from_str(&out).unwrap();

    // Gapless: both halves are, sample for sample, what the recording in one piece gives with the same plan.
    let one = folder.samples(ONE);
    let two = folder.samples(TWO);
    let pause = 3 * RATE as usize / 2;
    assert_eq!((one[0].len(), two[0].len()), (CUT, WHOLE - CUT + pause));
    folder.write("whole.toml", b"[[track]]\nfile = \"whole.wav\"\nplan = \"out/plans/01 - One.plan.toml\"\n");
    let (code, _, err) = run(&folder, &["album", "whole.toml", "--genre", "rock", "-o", "whole"]);
    assert_eq!(code, 0, "{err}");
    let whole = folder.samples("whole/01 - whole.wav");
    for c in 0..2 {
        assert!(whole[c][..CUT] == one[c][..] && whole[c][CUT..] == two[c][..WHOLE - CUT], "a seam");
        assert!(two[c][two[c].len() - pause..].iter().all(|x| *x == 0.0), "the pause is silence");
    }

    // Crossfade and hidden pause: every length is what the sheet says.
    let (loud, soft) = (folder.samples(LOUD), folder.samples(SOFT));
    assert_eq!(loud[0].len(), 6 * RATE as usize - CROSSFADE / 2);
    let music = 13 * RATE as usize / 2 - CROSSFADE / 2;
    assert_eq!(soft[0].len(), music + 2 * RATE as usize + 5 * RATE as usize / 2);
    // Nothing but the dither of the programme in the hidden pause, and music again after it.
    let peak = |samples: &[f32]| samples.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    assert!(peak(&soft[0][music + 100..music + 2 * RATE as usize - 100]) < 1e-6);
    assert!(peak(&soft[0][music + 2 * RATE as usize + 1000..]) > 0.01);

    // The loudest track stands at the target, the others in their order and not nearer than 3 LU.
    let tracks = made["tracks"].as_array().unwrap();
    let lufs = |n: usize, when: &str| tracks[n][when]["integrated_lufs"].as_f64().unwrap();
    assert!((lufs(2, "after") + 14.0).abs() < 0.3, "{out}");
    assert_eq!(made["order_kept"], true);
    let (before, after) = (lufs(2, "before") - lufs(0, "before"), lufs(2, "after") - lufs(0, "after"));
    assert!(before > 3.0 && after > before - 3.5 && after < before + 0.5, "{before} before, {after} after");
    let spread = |when: &str| made[when]["tone_db"].as_f64().unwrap();
    assert!(spread("after") < spread("before"), "{out}");
    let aes = made["places"].as_array().unwrap().iter().find(|place| place["place"] == "aes").unwrap();
    let gain = aes["album_gain_db"].as_f64().unwrap();
    assert!((gain - (-14.0 - lufs(2, "after")).min(0.0)).abs() < 1e-6, "the loudest track to -14 LUFS: {gain}");
    assert!(folder.text("out/album.html").contains("An &quot;Album&quot;"));
    let (notes, releases) = (made["notes"].to_string(), made["releases"].to_string());
    assert!(
        notes.contains("soft\\\" ends with hidden music") && releases.contains(" (min:s:frames) in all, "),
        "{notes} {releases}"
    );

    tags_and_discs(&folder);
}

fn tags_and_discs(folder: &Sounds) {
    let out = folder.path().join("out");
    let probe = ["-v", "error", "-show_entries", "format_tags", "03 - Loud_Bright.wav"];
    if let Some(said) = reader("ffprobe", &probe, &out) {
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        for tag in ["title=Loud/Bright", "artist=A Guest", "album=An \"Album\"", "track=3/4"] {
            assert!(text.contains(tag), "{tag} in {text}");
        }
    }
    if let Some(said) = reader("ffprobe", &["-v", "error", "-show_entries", "format_tags", "01 - One.wav"], &out) {
        assert!(String::from_utf8_lossy(&said.stdout).contains("GBAAA2600001"), "{said:?}");
    }
    let disc = folder.spec("out/cd/An _Album_.wav");
    assert_eq!((disc.0.sample_rate, disc.0.bits_per_sample, disc.1 % 588), (RATE, 16, 0));
    let cue = folder.text("out/cd/An _Album_.cue");
    assert!(cue.contains("CATALOG 0036000291452") && cue.contains("ISRC GBAAA2600001") && cue.contains("INDEX 00"), "{cue}");
    // The gapless index lies on the nearest sector, and the pause before track 3 is heard.
    let sector = (CUT + 294) / 588;
    let time = format!("INDEX 01 00:{:02}:{:02}", sector / 75, sector % 75);
    assert!(cue.contains(&time), "{time} in {cue}");
    if let Some(said) = reader("cdrdao", &["show-toc", "An _Album_.toc"], &out.join("cd")) {
        let text = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success() && !text.contains("ERROR"), "{text}");
        assert!(text.contains("CATALOG NUMBER: 0036000291452") && text.contains("TRACK  4") && text.contains("PREGAP"), "{text}");
    }
    if let Some(said) = reader("cdrdao", &["toc-size", "An _Album_.toc"], &out.join("cd")) {
        assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), (disc.1 / 588).to_string(), "sectors as cdrdao counts them");
    }
    if let Some(said) = reader("md5sum", &["-c", "checksums.md5"], &out.join("cd")) {
        assert!(said.status.success(), "{said:?}");
    }
    if let Some(said) = reader("md5sum", &["-c", "CHECKSUM.MD5"], &out.join("cd/ddp")) {
        assert!(said.status.success(), "{said:?}");
    }
    let (wav, image) = (folder.bytes("out/cd/An _Album_.wav"), folder.bytes("out/cd/ddp/IMAGE.DAT"));
    assert!(image.len() == 150 * 2352 + 4 * disc.1 as usize && wav.ends_with(&image[150 * 2352..]), "the plant's image");
    let list = String::from_utf8(folder.bytes("out/cd/ddp/PQDESCR")).unwrap();
    let sector = sector + 150;
    let packet = format!("VVVS0201  00{:02}{:02}01", sector / 75, sector % 75);
    assert!(list.contains(&packet) && list.contains("VVVS0000  00000001              0036000291452"), "{packet} in {list}");
    assert!(list.contains("VVVS0100  00000001  GBAAA2600001"), "{list}");
    assert_eq!(folder.spec("out/vinyl/side B/vinyl/side B.vinyl.wav").0.bits_per_sample, 24);
}

#[test]
fn a_second_run_makes_what_is_missing_and_the_written_sheet_makes_the_same() {
    let folder = album();
    let (code, first, err) = run(&folder, &ARGS);
    assert_eq!(code, 0, "{err}");
    let time = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().modified().unwrap();
    let (one, soft) = (time(ONE), time(SOFT));
    let bytes = folder.bytes(LOUD);
    std::fs::remove_file(folder.path().join(LOUD)).unwrap();
    let (code, again, err) = run(&folder, &ARGS);
    assert!(code == 0 && again == first, "{err}");
    assert!(time(ONE) == one && folder.bytes(LOUD) == bytes && time(SOFT) > soft, "its whole group is rendered again, no other");
    let soft = time(SOFT);
    assert!(run(&folder, &ARGS).0 == 0 && time(SOFT) == soft);

    let (code, _, err) = run(&folder, &["album", "out/album.toml", "-o", "again", "--threads", "1"]);
    assert_eq!(code, 0, "{err}");
    for name in [ONE, TWO, LOUD, SOFT] {
        assert!(folder.bytes(name) == folder.bytes(&name.replace("out/", "again/")), "{name}");
    }

    // A plan that a person changed is followed, in the same folder too: its group is made anew, no other.
    let plan = "again/plans/03 - Loud_Bright.plan.toml";
    let text = folder.text(plan);
    let changed = text.replace("ceiling_dbtp = -1.0", "ceiling_dbtp = -3.0");
    assert!(changed != text && changed.contains("ceiling_dbtp = -3.0"), "{text}");
    folder.write(plan, changed.as_bytes());
    let (two, loud) = (time("again/02 - Two.wav"), time("again/03 - Loud_Bright.wav"));
    let (code, _, err) = run(&folder, &["album", "again/album.toml", "-o", "again"]);
    assert!(code == 0 && folder.text(plan) == changed, "{err}");
    assert!(time("again/02 - Two.wav") == two && time("again/03 - Loud_Bright.wav") > loud);
    let peak = folder.samples("again/03 - Loud_Bright.wav").concat().iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    assert!(20.0 * peak.log10() < -2.9, "{peak}");

    // A person's file is left alone, and so is one that was changed after it was made.
    folder.write(TWO, b"mine");
    let (code, _, err) = run(&folder, &ARGS);
    assert!(code == 2 && err.contains("exists already") && folder.bytes(TWO) == b"mine", "{err}");
    let mut insist = ARGS.to_vec();
    insist.push("--overwrite");
    assert!(run(&folder, &insist).0 == 0 && folder.bytes(TWO) == folder.bytes("again/02 - Two.wav"));
}

/// A limiter this slow is proposed for -8 LUFS and brings 0.2 LU less: that is an album's end only where a person insists.
#[test]
fn a_loudness_that_the_whole_does_not_reach_is_conceded() {
    let folder = Sounds::new();
    let example = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).display().to_string();
    // What the second track concedes lowers the first, which is made by then.
    let track = |title: &str, more: &str| format!("[[track]]\nfile = '{}'\ntitle = \"{title}\"\n{more}", example("mix.flac"));
    folder.write("album.toml", (track("One", "level_lu = -1.0\n") + &track("Two", "")).as_bytes());
    let reference = example("reference.flac");
    let mut args = vec!["album", "album.toml", "--ref", &reference, "--loudness", "-8", "-o", "out"];
    args.extend(["--set", "limiter.character=transparent", "--set", "limiter.release_ms=1000"]);
    let (code, out, err) = run(&folder, &args);
    assert!(code == 0 && out.contains("Loudness was held back in 1 of 2 plans: the limiter takes away"), "{out}{err}");
    let planned = |name: &str, value: &str| -> f64 {
        let plan = folder.text(&format!("out/plans/{name}.plan.toml"));
        let (_, text) = plan.split_once(&format!("\n{value} = ")).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    };
    let conceded = planned("02 - Two", "planned");
    assert!(
        planned("02 - Two", "feature = \"loudness.integrated_lufs\"\nwanted") == -8.0 && (-8.4..-8.1).contains(&conceded),
        "{conceded}"
    );
    assert_eq!([planned("02 - Two", "loudness_lufs"), planned("01 - One", "loudness_lufs")], [conceded, conceded - 1.0]);
    let written = || {
        let names = [ONE, TWO, "out/plans/02 - Two.plan.toml"];
        names.map(|name| (std::fs::metadata(folder.path().join(name)).unwrap().modified().unwrap(), folder.bytes(name)))
    };
    let made = written();
    assert_eq!(run(&folder, &args).0, 0);
    assert!(written()[..2] == made[..2] && written()[2].1 == made[2].1, "a second run knows, and makes nothing again");
    // Another fade is another loudness, and nothing that was found without it counts.
    let sheet = folder.text("album.toml");
    folder.write("album.toml", format!("{sheet}fade_out_s = 12.0\n").as_bytes());
    let (code, _, err) = run(&folder, &args);
    assert!(code == 0 && planned("02 - Two", "loudness_lufs") < conceded - 0.2, "{err}");
    folder.write("album.toml", sheet.as_bytes());
    let (code, _, err) = run(&folder, &args);
    assert!(code == 0 && planned("02 - Two", "loudness_lufs") == conceded, "{err}");
    args.extend(["--force-loudness", "--overwrite"]);
    let (code, _, err) = run(&folder, &args);
    assert!(code == 4 && err.contains("loudness"), "{err}");
}

#[test]
fn a_killed_run_leaves_whole_files_and_the_next_one_goes_on() {
    let folder = album();
    let undisturbed = Instant::now();
    let mut elsewhere = ARGS.to_vec();
    elsewhere[7] = "calm";
    assert_eq!(run(&folder, &elsewhere).0, 0);
    let whole = undisturbed.elapsed();
    let names = [ONE, TWO, LOUD, SOFT];
    let calm = |name: &str| folder.bytes(&name.replace("out/", "calm/"));
    let mut kept = 0;
    for share in [0.2, 0.35, 0.45, 0.5] {
        let mut child = program(&folder, &ARGS).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_secs_f64(share * whole.as_secs_f64()));
        // The hard way: no handler runs.
        let _ = child.kill();
        child.wait().unwrap();
        let there: Vec<&str> = names.into_iter().filter(|name| folder.path().join(name).exists()).collect();
        there.iter().for_each(|name| assert!(folder.bytes(name) == calm(name), "{name} is half-written"));
        assert!(there.len() >= kept, "what was finished stays");
        kept = there.len();
    }
    let (code, _, err) = run(&folder, &ARGS);
    assert_eq!(code, 0, "{err}");
    names.iter().for_each(|name| assert!(folder.bytes(name) == calm(name), "{name}"));
    assert_eq!(folder.bytes("out/album.json"), folder.bytes("calm/album.json"));
    let left = std::fs::read_dir(folder.path().join("out/.album/making")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "temporary files are swept");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_what_is_there_and_the_same_command_goes_on() {
    let folder = album();
    let mut child = program(&folder, &ARGS).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !folder.path().join(ONE).exists() {
        assert!(begun.elapsed() < Duration::from_secs(300), "the first track does not come");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut err = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{err}");
    assert!(err.contains("out keeps what is finished") && err.contains("of 4 tracks") && err.contains("goes on"), "{err}");
    assert!(!err.contains("0 of 4") && !err.contains("nothing was written"), "{err}");
    let one = std::fs::metadata(folder.path().join(ONE)).unwrap().modified().unwrap();
    let (code, _, err) = run(&folder, &ARGS);
    assert!(code == 0 && one == std::fs::metadata(folder.path().join(ONE)).unwrap().modified().unwrap(), "{err}");
}

#[test]
fn an_order_is_proposed_with_reasons_and_joins_stay_together() {
    let folder = album();
    let (code, out, err) = run(&folder, &["album", "album.toml", "--suggest-order", "-o", "order", "--json"]);
    assert_eq!(code, 0, "{err}");
    let order: Value = serde_json::from_str(&out).unwrap();
    let numbers: Vec<u64> = order["order"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
    let place = |n: u64| numbers.iter().position(|at| *at == n).unwrap();
    assert!(place(2) == place(1) + 1 && place(4) == place(3) + 1 && place(5) == place(4) + 1, "{numbers:?}");
    let tempo = order["tracks"][place(3)]["musical"]["tempo"]["bpm"].as_f64().unwrap();
    assert!((tempo / 120.0 - 1.0).abs() < 0.04, "{tempo}");
    assert!(order["transitions"][0]["says"].as_str().unwrap().contains("BPM"), "{out}");
    assert!(!folder.path().join("order/album.json").exists(), "nothing is mastered");
    let before = folder.names();
    let bare = run(&folder, &["album", "album.toml", "--suggest-order", "--json"]);
    assert_eq!((bare.0, &bare.1), (0, &out), "without a folder: {}", bare.2);
    assert_eq!(folder.names(), before, "without a folder nothing is left");
    assert!(run(&folder, &["album", "album.toml"]).2.contains("--output"), "an album needs its folder");
}

#[test]
fn what_cannot_be_is_refused_before_any_work() {
    let folder = album();
    for (sheet, code, says) in [
        ("[[track]]\nfile = \"one.wav\"\nfadeout = 1\n", 3, "fadeout"),
        ("[[track]]\nfile = \"none.wav\"\n", 3, "none.wav"),
        ("[[track]]\nfile = \"one.wav\"\n[[track]]\nfile = \"two.wav\"\ncrossfade_s = 20\n", 3, "longer than the music"),
        ("[[track]]\nfile = \"one.wav\"\nplan = \"other.toml\"\n", 3, "cannot be read"),
        ("upc = \"036000291453\"\n[[track]]\nfile = \"one.wav\"\n", 3, "check digit"),
        (
            "[[track]]\nfile = \"one.wav\"\nisrc = \"GBAAA2600001\"\n[[track]]\nfile = \"two.wav\"\nisrc = \"gb-aaa-26-00001\"\n",
            3,
            "track 2: its ISRC GBAAA2600001 is that of track 1",
        ),
    ] {
        folder.write("wrong.toml", sheet.as_bytes());
        let (ended, _, err) = run(&folder, &["album", "wrong.toml", "-o", "wrong", "--genre", "rock"]);
        assert!(ended == code && err.contains(says), "{sheet}: {ended} {err}");
    }
    assert!(run(&folder, &["album", "one.wav"]).0 == 2, "a folder has to be named");
    // No master is written over its mix, whatever is insisted on.
    std::fs::rename(folder.path().join("one.wav"), folder.path().join("01 - one.wav")).unwrap();
    let mix = folder.bytes("01 - one.wav");
    let (code, _, err) = run(&folder, &["album", "01 - one.wav", "-o", ".", "--genre", "rock", "--overwrite"]);
    assert!(code == 2 && err.contains("would be written") && folder.bytes("01 - one.wav") == mix, "{code} {err}");
}
