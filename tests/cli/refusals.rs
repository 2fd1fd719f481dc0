//! What the program refuses, with which code it ends, and what it leaves behind: nothing.

use crate::runs::{done, fails, pair, run};
use crate::sounds::{Format, mix, silence};
use assert_cmd::Command;

#[test]
fn usage_errors_end_with_2_and_say_what_to_do() {
    let folder = pair();
    fails(&folder, &["mix.wav", "--genre", "polka"], 2, &["polka", "house-techno", "classical-orchestral"]);
    fails(&folder, &["mix.wav", "--genre", "metl"], 2, &["did you mean 'metal'"]);
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

/// A slip in a command is no mix that is missing, and no second mix a command.
#[test]
fn a_misspelled_command_is_told_what_it_was_meant_to_be() {
    let folder = pair();
    fails(&folder, &["analyse", "mix.wav"], 2, &["no such command or file 'analyse'", "did you mean 'analyze'"]);
    fails(&folder, &["--json", "analyse", "mix.wav"], 2, &["did you mean 'analyze'"]);
    fails(&folder, &["param"], 2, &["no such command or file 'param'", "did you mean 'params'"]);
    fails(&folder, &["mix.wav", "ref.wav"], 2, &["ref.wav: a second mix", "automaster batch"]);
    fails(&folder, &["missing.wav"], 3, &["missing.wav", "no such file"]);
    fails(&folder, &["man", "--json"], 2, &["--json"]);
    fails(&folder, &["completions", "bash", "--json"], 2, &["--json"]);
    folder.write("param", b"a file of that name is what is meant");
    assert!(!run(&folder, &["param"]).err.contains("did you mean"));
}

#[test]
fn words_that_are_not_understood_are_told_once_and_never_as_their_opposite() {
    let folder = pair();
    done(&folder, &["suggest", "mix.wav", "--ref", "ref.wav", "-o", "p.toml"]);
    fails(&folder, &["revise", "p.toml", "mehr Bass"], 2, &["did you mean 'more bass'"]);
    fails(&folder, &["revise", "p.toml", "harsher"], 2, &["did you mean 'more present'"]);
    let told = run(&folder, &["revise", "p.toml", "more", "purple"]).err;
    assert_eq!(told.matches("automaster words").count(), 1, "{told}");
    assert!(!told.contains("did you mean"), "{told}");
    let both = done(&folder, &["revise", "p.toml", "2,5 dB louder", "more bass", "--dry-run"]);
    assert!(both.out.contains("2.5 db louder") && both.out.contains("more bass"), "{}", both.out);
    let nothing = done(&folder, &["revise", "p.toml", "louder, quieter", "--dry-run"]);
    assert!(nothing.err.contains("nothing is changed"), "{}", nothing.err);
    assert!(!both.err.contains("nothing is changed"), "{}", both.err);
}

#[test]
fn nothing_is_overwritten_and_nothing_writes_over_what_it_reads() {
    let folder = pair();
    folder.write("kept.wav", b"precious");
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "kept.wav"], 2, &["kept.wav", "exists already", "--overwrite"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "mix.wav", "--overwrite"], 2, &["mix.wav", "is read"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "./ref.wav", "--overwrite"], 2, &["ref.wav", "is read"]);
    fails(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "no/such/folder/a.wav"], 2, &["cannot be written"]);
    let told = run(&folder, &["mix.wav", "--ref", "ref.wav", "-o", "kept.wav"]).err;
    assert!(!told.contains("Python"), "{told}");
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
