//! The table of rules: what is looked for, from where on, how bad it is, why, and what to try.

use super::Verdict::{self, Fail, Warn};
use crate::analysis::MONO_WIDTH_DB;
use serde::Serialize;
use std::fmt::Write;

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rule {
    /// Stable code.
    pub code: &'static str,
    /// What breaking it means.
    pub verdict: Verdict,
    /// Threshold: what lies beyond it is found.
    pub limit: f64,
    /// Unit of the threshold.
    pub unit: &'static str,
    /// What is measured against the threshold.
    pub measures: &'static str,
    /// What to try in the mix.
    pub advice: &'static str,
    /// Where the threshold comes from.
    pub source: &'static str,
}

const CHECKLIST: &str = "pre-mastering checklists (practice)";
const OWN: &str = "chosen here, on training music; see training/results/check.md";

const fn row(
    code: &'static str,
    verdict: Verdict,
    limit: f64,
    unit: &'static str,
    measures: &'static str,
    advice: &'static str,
    source: &'static str,
) -> Rule {
    Rule { code, verdict, limit, unit, measures, advice, source }
}

/// All rules, in the order of a report.
pub const RULES: [Rule; 26] = [
    row(
        "not_finite",
        Fail,
        0.0,
        "samples",
        "samples that are NaN or infinite",
        "render again; find the plugin that puts out NaN",
        CHECKLIST,
    ),
    row("channels", Fail, 2.0, "channels", "channels of the file", "export one stereo (or mono) file", CHECKLIST),
    row("truncated", Fail, 0.0, "s", "the file ends before its header says so", "export or send it again", CHECKLIST),
    row(
        "silent",
        Fail,
        -70.0,
        "LUFS",
        "integrated loudness under which nothing is heard",
        "check that the right file was exported",
        "ITU-R BS.1770-5, absolute gate",
    ),
    row("short", Fail, 10.0, "s", "length", "check that the whole song was exported", CHECKLIST),
    row(
        "clipped",
        Fail,
        0.0,
        "runs",
        "runs of at least 3 equal samples at the file's own top",
        "lower the faders before the converter or the export; a clipper belongs after the mix",
        CHECKLIST,
    ),
    row(
        "limited",
        Warn,
        8.0,
        "LU",
        "peak to short-term loudness (PSR) of the loud windows, below the limit",
        "export without the limiter of the mix bus; send it along as a reference",
        CHECKLIST,
    ),
    row("peak", Warn, -1.0, "dBFS", "largest sample", "lower the mix bus by the difference and 3 dB more", CHECKLIST),
    row(
        "true_peak",
        Warn,
        0.0,
        "dBTP",
        "largest true peak",
        "lower the mix bus until 1 dB stays free between the samples too",
        "ITU-R BS.1770-5, annex 2",
    ),
    row(
        "headroom",
        Warn,
        -3.0,
        "dBFS",
        "largest sample, without a louder fault of its peaks",
        "leave 3 to 6 dB above the highest peak",
        CHECKLIST,
    ),
    row("dc", Warn, 0.1, "%", "offset of a channel, of full scale", "high-pass the track that brings it, at 20 Hz", CHECKLIST),
    row(
        "hum",
        Warn,
        15.0,
        "dB",
        "mains lines above their surroundings in the quiet parts",
        "look for a ground loop; notch the noisy track rather than the mix",
        CHECKLIST,
    ),
    row(
        "silent_channel",
        Fail,
        50.0,
        "dB",
        "level of one channel over the other's, in the whole file",
        "export both channels; check the routing of the mix bus",
        CHECKLIST,
    ),
    row(
        "dual_mono",
        Warn,
        MONO_WIDTH_DB,
        "dB",
        "side against middle in the widest of four bands, below the limit",
        "export in stereo, if it is meant to be: a mono mix stays mono when it is mastered",
        CHECKLIST,
    ),
    row(
        "imbalance",
        Warn,
        2.0,
        "dB",
        "level of left against right over the loud parts",
        "pan or level the source that pulls to one side",
        OWN,
    ),
    row(
        "negative_correlation",
        Warn,
        15.0,
        "%",
        "share of the time (windows of 3 s) with a correlation under -0.05",
        "flip the polarity of one side, or narrow what is widened",
        CHECKLIST,
    ),
    row(
        "mono_loss",
        Warn,
        4.0,
        "dB",
        "what a band that counts (within 20 dB of the whole) loses in mono; 3 dB is two unrelated channels",
        "check wide synths, doubles and reverbs of that band in mono",
        CHECKLIST,
    ),
    row(
        "lossy",
        Warn,
        0.0,
        "Hz",
        "a steep low-pass at 14.5 to 20 kHz, or a lossy file",
        "use the original recording instead of an MP3 or AAC of it",
        CHECKLIST,
    ),
    row(
        "word_length",
        Warn,
        16.0,
        "bit",
        "bits that the samples really use",
        "export 24 bits or 32-bit float, without dither",
        CHECKLIST,
    ),
    row(
        "upsampled",
        Warn,
        24.0,
        "dB",
        "fall of the spectrum at half of a lower sample rate",
        "export at the session's own rate",
        OWN,
    ),
    row(
        "head_cut",
        Warn,
        -16.0,
        "dB",
        "level of the first half millisecond against the 20 ms after it",
        "start the export a little before the first note",
        OWN,
    ),
    row(
        "tail_cut",
        Warn,
        -35.0,
        "dB",
        "level of the last 50 ms against the loud parts",
        "let the last reverb die away in the export",
        OWN,
    ),
    row(
        "silent_edge",
        Warn,
        2.0,
        "s",
        "silence before (a quarter of this) or after the music",
        "trim the export to the music",
        CHECKLIST,
    ),
    row(
        "noisy_edge",
        Warn,
        -65.0,
        "dBFS",
        "steady noise before or after the music",
        "fade or gate the noisy track where nothing is played",
        OWN,
    ),
    row(
        "clicks",
        Warn,
        3.0,
        "ratio",
        "third difference of the samples against the 20 ms around it, where it has the shape of a lost sample or of a step",
        "repair the edit or the dropout on the track; crossfade edits",
        OWN,
    ),
    row(
        "sibilance",
        Warn,
        5.0,
        "dB",
        "short treble (5 to 10 kHz) over the song's own average of such moments",
        "de-ess the vocal rather than the mix",
        OWN,
    ),
];

/// The rule of a code; `RULES` holds every code that is asked for.
pub fn rule(code: &str) -> &'static Rule {
    RULES.iter().find(|rule| rule.code == code).unwrap_or(&RULES[0])
}

fn limit(rule: &Rule) -> String {
    format!("{} {}", rule.limit, rule.unit)
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Warn => "warn",
        Fail => "fail",
    }
}

/// The rules as a Markdown page.
pub fn rules_markdown() -> String {
    let mut page = "# What a mix is checked for\n\nMade by `automaster checks --markdown`. `automaster check MIX` measures each of these; \
        beyond the limit it warns or fails.\n\n| code | verdict | limit | measured | what to try | source |\n|---|---|---:|---|---|---|\n"
        .to_owned();
    for rule in &RULES {
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} |",
            rule.code,
            verdict(rule.verdict),
            limit(rule),
            rule.measures,
            rule.advice,
            rule.source
        );
    }
    page
}

/// The rules for a terminal.
pub fn rules_text() -> String {
    let line = |rule: &Rule| format!("{:<22}{:<6}{:>12}  {}\n", rule.code, verdict(rule.verdict), limit(rule), rule.measures);
    RULES.iter().map(line).collect()
}

/// The rules as JSON. Errors: none that the table can cause.
pub fn rules_json() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&serde_json::json!({ "rules": RULES })).map(|text| text + "\n")
}
