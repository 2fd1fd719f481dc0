//! What a report says: made from figures set by hand, so that every sentence can be checked.

use automaster::analysis::{Analysis, Analyzer, Defect, Trace, find_feature};
use automaster::audio::decode::SourceInfo;
use automaster::audio::format::{Container, Dither, SampleFormat};
use automaster::chain::{ChainSettings, GainMeter, Stage, StageMeter};
use automaster::job::Wishes;
use automaster::plan::{Author, Change, Clamp, ClampRule, Concession, Decision, Delivery, Entry, Evidence, MixIdentity, Plan};
use automaster::render::{Master, Promise};
use automaster::report::text::{Look, summary};
use automaster::report::{Comparison, Outcome, Report, Source, json, markdown, text};
use automaster::target::Target;
use std::path::PathBuf;

const RATE_HZ: u32 = 48_000;

/// A stereo analysis with some figures set.
fn analysis(figures: &[(&str, f64)]) -> Analysis {
    let mut analyzer = Analyzer::new(RATE_HZ, 2);
    let tone = |step: f32| (0..4 * RATE_HZ).map(|n| 0.1 * (n as f32 * step).sin()).collect();
    analyzer.push(&[tone(0.05), tone(0.06)]);
    let mut analysis = analyzer.finish().analysis();
    analysis.defects.clear();
    for (id, value) in figures {
        find_feature(id).unwrap().set(&mut analysis, *value);
    }
    analysis
}

/// Four seconds in steps of half a second.
fn trace() -> Trace {
    let level = |db: f64| vec![db; 8];
    Trace {
        step_s: 0.5,
        short_term_lufs: level(-14.0),
        rms_dbfs: level(-17.0),
        peak_dbfs: level(-3.0),
        true_peak_dbtp: level(-2.5),
        clipped_s: vec![1.5],
    }
}

fn source(file: &str, analysis: Analysis) -> Source {
    let info = SourceInfo {
        format: "WAV 24-bit".into(),
        sample_rate_hz: RATE_HZ,
        channels: 2,
        frames: Some(analysis.frames),
        bits: Some(24),
        lossy: false,
    };
    Source { file: file.into(), info, warnings: Vec::new(), analysis, genres: Vec::new(), trace: trace() }
}

fn plan() -> Plan {
    let mut chain = ChainSettings::default();
    chain.set("limiter.drive_db", 8.2).unwrap();
    chain.set("match_eq.mid.gain_8000_hz_db", 3.1).unwrap();
    let evidence = |feature: &str, measured, target, tolerance| Evidence { feature: feature.into(), measured, target, tolerance };
    let drive = Decision {
        param: "limiter.drive_db".into(),
        value: 8.2,
        source: automaster::plan::Source::Refinement,
        evidence: vec![evidence("loudness.integrated_lufs", -18.3, -9.3, 0.3)],
        clamped: Some(Clamp { wanted: 9.4, freq_hz: None, rule: ClampRule::PsrFloor }),
        attribution: None,
    };
    let curve = Decision {
        param: "match_eq.mid".into(),
        value: 3.1,
        source: automaster::plan::Source::Refinement,
        evidence: vec![
            evidence("loud.mid_1000_hz_dbfs", -30.0, -30.2, 0.7),
            evidence("loud.mid_8000_hz_dbfs", -44.0, -40.9, 0.7),
        ],
        clamped: None,
        attribution: None,
    };
    let delivery = Delivery {
        container: Container::Wav,
        sample_format: SampleFormat::Int24,
        dither: Dither::Tpdf,
        sample_rate_hz: RATE_HZ,
        loudness_lufs: Some(-10.5),
        ceiling_dbtp: -1.0,
        psr_floor_lu: Some(6.0),
    };
    let conceded =
        Concession { feature: "loudness.integrated_lufs".into(), wanted: -9.3, planned: -10.5, rule: ClampRule::PsrFloor };
    // The limiter's move first: the report puts the moves in the order of the chain.
    let (decisions, concessions) = (vec![drive, curve], vec![conceded]);
    let change = Change { setting: "limiter.drive_db".into(), from: Some(7.0), to: Some(8.2) };
    let said = Some("a bit <louder>".to_owned());
    let history = vec![Entry { by: Author::Words, when: Some("2026-11-27".into()), said, changes: vec![change] }];
    let notes = [("limiter.drive_db".to_owned(), "the label & the band agreed".to_owned())].into();
    Plan { mix: MixIdentity::default(), delivery, chain, decisions, concessions, notes, history }
}

fn master(true_peak_dbtp: f64) -> Master {
    let promise =
        |what: &str, promised, reached: f64, tolerance, kept| Promise { what: what.into(), promised, reached, tolerance, kept };
    let gains =
        vec![GainMeter { name: "gain".into(), min_db: -4.13, mean_db: -0.6, max_db: 0.0, trace_db: vec![0.0, -4.13, -1.0] }];
    let figures = [("loudness.integrated_lufs", -10.52), ("loudness.true_peak_dbtp", true_peak_dbtp), ("loudness.lra_lu", 5.2)];
    Master {
        path: PathBuf::from("mix.master.wav"),
        analysis: analysis(&figures),
        trace: trace(),
        meters: vec![(Stage::Limiter, StageMeter { gains })],
        promises: vec![
            promise("true_peak_dbtp", -1.0, true_peak_dbtp, 0.05, true_peak_dbtp <= -0.95),
            promise("loudness_lufs", -10.5, -10.52, 0.1, true),
            promise("frames", 192_000.0, 192_000.0, 0.0, true),
        ],
        drive_db: 8.31,
        warnings: Vec::new(),
    }
}

fn report_of(master: Option<&Master>, wishes: &Wishes) -> Report {
    let mut heard = analysis(&[("loudness.integrated_lufs", -18.3), ("loudness.true_peak_dbtp", -0.8), ("loudness.lra_lu", 7.1)]);
    heard.defects.push(Defect::ClippedRuns { count: 31, level_dbfs: -0.1 });
    let reference = analysis(&[("loudness.integrated_lufs", -9.3), ("loudness.true_peak_dbtp", 0.3), ("loudness.lra_lu", 5.0)]);
    let target = Target::blend(&[("favorite.flac".into(), reference.clone(), 1.0)]).unwrap();
    Report::new(Outcome {
        mix: source("mix.wav", heard),
        references: vec![source("favorite.flac", reference)],
        target: Some(&target),
        wishes: Some(wishes),
        plan: &plan(),
        master,
    })
}

fn report() -> Report {
    report_of(Some(&master(-1.02)), &Wishes::default())
}

/// The line that begins with a word.
fn line<'a>(text: &'a str, start: &str) -> &'a str {
    let found = text.lines().find(|l| l.trim_start().starts_with(start));
    found.unwrap_or_else(|| panic!("no line begins with '{start}' in:\n{text}"))
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[test]
fn the_summary_tells_before_after_reference_and_verdict() {
    let text = summary(&report(), Look::default());
    assert_eq!(words(line(&text, "loudness ")), ["loudness", "-18.3", "-10.5", "-9.3", "LUFS", "held", "back"]);
    assert_eq!(words(line(&text, "true peak")), ["true", "peak", "-0.8", "-1.0", "0.3", "dBTP", "ok"]);
    assert_eq!(words(line(&text, "loudness range")), ["loudness", "range", "7.1", "5.2", "5.0", "LU", "ok"]);
    assert!(text.starts_with("mix.wav  WAV 24-bit, 0:04.0\nto sound like favorite.flac\n"), "{text}");
    for name in ["bass", "body", "presence", "air", "width"] {
        assert!(line(&text, name).contains("dB"), "{text}");
    }
    assert!(!text.contains('\x1b'), "no colour was asked for");
}

#[test]
fn the_summary_tells_the_moves_in_the_order_of_the_chain_with_their_reasons() {
    let text = summary(&report(), Look::default());
    let tone = line(&text, "Tone matching");
    assert!(tone.contains("curve of the middle"), "{tone}");
    assert!(tone.contains("up to +3.1 dB"), "{tone}");
    assert!(tone.contains("level at 8 kHz is -44.0 dBFS, aim -40.9 dBFS"), "the strongest evidence is told: {tone}");
    let limiter = line(&text, "Limiter");
    assert!(limiter.contains("drive") && limiter.contains("+8.2 dB"), "{limiter}");
    assert!(text.contains("  Limiter, drive: 9.4 dB was asked for, held back: peaks would be flattened"), "{text}");
    assert!(text.find("Tone matching") < text.find("Limiter"), "{text}");
    assert!(text.contains("the limiter reduced peaks by 4.1 dB at most"), "{text}");
}

#[test]
fn the_summary_tells_what_was_heard_not_reached_promised_and_where_it_is() {
    let text = summary(&report(), Look::default());
    assert!(text.contains("! mix: clipped in 31 places at -0.1 dBFS: export it with lower faders"), "{text}");
    assert!(text.contains("loudness -10.5 LUFS instead of -9.3 LUFS: peaks would be flattened"), "{text}");
    assert!(text.contains("Promises kept\n  ok true peak -1.02 dBTP, at most -1.00\n"), "{text}");
    assert!(text.contains("ok length exact to the sample"), "{text}");
    assert!(text.contains("master mix.master.wav  WAV, 24 bit, 48 kHz, TPDF dither"), "{text}");
}

#[test]
fn a_broken_promise_is_not_called_kept() {
    let report = report_of(Some(&master(-0.2)), &Wishes::default());
    assert!(!report.keeps_promises());
    let text = summary(&report, Look::default());
    assert!(text.contains("\nPromises\n  BROKEN true peak -0.20 dBTP"), "{text}");
    assert!(line(&text, "true peak").ends_with("too high"), "{text}");
    assert!(markdown::report(&report).contains("- **broken**: true peak -0.20 dBTP"));
}

#[test]
fn colours_only_where_asked_for_and_they_move_nothing() {
    let plain = summary(&report(), Look::default());
    let colour = summary(&report(), Look { colour: true, ..Look::default() });
    let mut stripped = String::new();
    let mut rest = colour.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped += before;
        rest = after.split_once('m').unwrap().1;
    }
    stripped += rest;
    assert!(colour.contains("\x1b[32mok\x1b[0m"));
    assert_eq!(stripped, plain);
}

#[test]
fn a_dry_run_has_no_master_and_says_proposed() {
    let report = report_of(None, &Wishes::default());
    let text = summary(&report, Look::default());
    assert!(text.contains("What is proposed") && !text.contains("Promises") && !text.contains("master "), "{text}");
    assert_eq!(words(line(&text, "loudness ")), ["loudness", "-18.3", "-9.3", "LUFS"]);
    assert!(report.rows.iter().all(|r| r.after.is_none() && r.inside.is_none()));
    assert_eq!(report.not_reached.len(), 1);
    assert_eq!(report.not_reached[0].reached, -10.5);
}

#[test]
fn what_was_not_asked_for_is_not_missed() {
    let row = |report: &Report, id: &str| report.rows.iter().find(|r| r.feature == id).cloned().unwrap();
    let all = report();
    assert_eq!(row(&all, "loudness.lra_lu").aim, Some(5.0));
    assert_eq!(row(&all, "loudness.integrated_lufs").aim, Some(-10.5), "the promise, not the reference");
    assert_eq!(row(&all, "loudness.true_peak_dbtp").aim, None, "peaks are kept in order, not matched");
    let half = report_of(Some(&master(-1.02)), &Wishes { dynamics: 0.5, ..Wishes::default() });
    let range = row(&half, "loudness.lra_lu");
    assert!((range.aim.unwrap() - 6.05).abs() < 1e-9 && range.inside == Some(true), "{range:?}");
    let none = report_of(Some(&master(-1.02)), &Wishes { dynamics: 0.0, ..Wishes::default() });
    assert_eq!(row(&none, "loudness.lra_lu").aim, Some(7.1));
    assert!(markdown::report(&none).contains("dynamics 0 %"));
}

#[test]
fn json_comes_back_equal_and_has_what_the_schema_requires() {
    let report = report();
    let text = json::pretty(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    let schema: serde_json::Value = serde_json::from_str(&json::report_schema().unwrap()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let required = schema["required"].as_array().unwrap();
    assert!(required.len() >= 7);
    for field in required {
        assert!(value.get(field.as_str().unwrap()).is_some(), "{field}");
    }
    for field in value.as_object().unwrap().keys() {
        assert!(schema["properties"].get(field).is_some(), "{field} is not in the schema");
    }
}

#[test]
fn a_range_that_was_held_back_is_held_back_where_it_is_near_what_was_planned() {
    let mut report = report();
    let measured = report.master.as_ref().unwrap().analysis.loudness.lra_lu;
    let range = |report: &Report| {
        let text = markdown::report(report);
        text.lines().find(|line| line.starts_with("| loudness range |")).unwrap().to_owned()
    };
    assert!(!range(&report).contains("held back"), "{}", range(&report));
    for (planned, held_back) in [(measured + 0.4, true), (measured + 4.0, false)] {
        let concession = Concession { feature: "loudness.lra_lu".into(), wanted: 1.0, planned, rule: ClampRule::LargestMove };
        report.plan.concessions = vec![concession];
        assert_eq!(range(&report).contains("held back"), held_back, "{}", range(&report));
    }
}

#[test]
fn markdown_holds_every_part() {
    let text = markdown::report(&report());
    let parts = ["Overview", "Promises", "Heard in the files", "Moves and their reasons", "Not reached", "What the stages did"];
    for part in parts.into_iter().chain(["Settings that are not neutral", "Notes", "How the plan came to be", "Every feature"]) {
        assert!(text.contains(&format!("\n## {part}\n")), "{part}");
    }
    assert!(text.contains("| loudness | -18.3 LUFS | -10.5 LUFS | -9.3 LUFS | held back |"), "{text}");
    assert!(text.contains("| Limiter | gain | -4.13 dB | -0.60 dB | 0.00 dB |"), "{text}");
    assert!(text.contains("| `limiter.drive_db` | 8.2 dB |"), "{text}");
    assert!(text.contains("level at 8 kHz: -44.0 dBFS → -40.9 dBFS |"), "only evidence outside its tolerance: {text}");
    assert!(text.contains("| `limiter.drive_db` | the label & the band agreed |"), "{text}");
    let step = "- words, 2026-11-27: \"a bit <louder>\" (1 setting)\n  - Limiter, drive: 7.0 dB → 8.2 dB\n";
    assert!(text.contains(step), "{text}");
    for feature in automaster::analysis::features() {
        assert!(text.contains(&format!("| `{}` |", feature.id)), "{}", feature.id);
    }
}

#[test]
fn a_comparison_knows_what_a_listener_would_mind() {
    let a = source("a.wav", analysis(&[("loudness.integrated_lufs", -14.0)]));
    let b = source("b.wav", analysis(&[("loudness.integrated_lufs", -12.5)]));
    let same = Comparison::new(a.clone(), a.clone());
    assert!(same.rows.iter().all(|r| r.inside && r.difference == 0.0));
    let comparison = Comparison::new(a, b);
    let outside: Vec<_> = comparison.rows.iter().filter(|r| !r.inside).collect();
    assert_eq!(outside.len(), 1);
    assert_eq!((outside[0].feature.as_str(), outside[0].difference), ("loudness.integrated_lufs", 1.5));
    let text = text::comparison(&comparison, Look::default());
    assert_eq!(words(line(&text, "loudness ")), ["loudness", "-14.0", "-12.5", "+1.5", "LUFS"]);
    assert!(text.contains("1 of 202 figures differ"), "{text}");
}

#[test]
fn one_file_is_told_with_its_faults() {
    let mut heard = analysis(&[("loudness.integrated_lufs", -18.3)]);
    heard.defects.push(Defect::Hum { freq_hz: 50.0, excess_db: 21.4 });
    let text = text::source(&source("mix.wav", heard), Look::default());
    assert_eq!(words(line(&text, "loudness ")), ["loudness", "-18.3", "LUFS"]);
    assert!(text.contains("! mains hum at 50 Hz, 21 dB above"), "{text}");
}

/// What a browser shows without following a link or running a script.
#[test]
fn html_stands_alone_and_holds_every_fact() {
    let page = automaster::report::html::report(&report());
    for outside in ["<script", "http:", "https:", "src=", "@import", "url(", "<link"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let facts =
        ["LU louder", "held back on purpose: loudness", "clipped in 31 places", "Promises kept", "peaks would be flattened"];
    for fact in facts.into_iter().chain(["Spectrum of the loud parts", "Waveform", "Width by band", "Drive into the limiter"]) {
        assert!(page.contains(fact), "{fact}");
    }
    for said in ["a bit &lt;louder&gt;", "Limiter, drive: the label &amp; the band agreed", "How the plan came to be"] {
        assert!(page.contains(said), "{said}");
    }
    for feature in automaster::analysis::features() {
        assert!(page.contains(&format!(">{}<", feature.id)), "{}", feature.id);
    }
    assert!(page.contains("<td class=\"n\">-18.3</td>") || page.contains("<td class=\"n \">-18.3</td>"), "the mix's loudness");
    assert!(
        page.contains("class=\"clip\"") && page.contains("class=\"area reduction\""),
        "clips and the limiter's work are drawn"
    );
    assert!(!page.contains("NaN") && !page.contains("inf\""), "a figure that is no number");
}

#[test]
fn html_of_a_dry_run_says_so_and_names_cannot_break_it() {
    let mut report = report_of(None, &Wishes::default());
    report.mix.file = "a<b>&\"'\u{1}.wav".into();
    let page = automaster::report::html::report(&report);
    assert!(page.contains("<h1>a&lt;b&gt;&amp;&quot;&#39;\u{fffd}.wav</h1>"), "{page}");
    assert!(page.contains("2 moves are proposed; nothing is rendered yet."));
    assert!(!page.contains("Promises kept") && !page.contains("class=\"line master\" d=\"M0.0 0"));
}

/// A fault that only the master has is told; what the mix had already is told of the mix.
#[test]
fn faults_that_came_with_the_master_are_told() {
    let mut master = master(-1.02);
    let clipped = Defect::ClippedRuns { count: 3, level_dbfs: -0.1 };
    master.analysis.defects = vec![clipped, Defect::Dc { offset_percent: 0.4 }, Defect::AlreadyLimited { psr_lu: 5.0 }];
    let told = markdown::report(&report_of(Some(&master), &Wishes::default()));
    let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("- master:")).collect();
    assert_eq!(lines, ["- master: a constant offset of 0.40 % of full scale"], "{told}");
}
