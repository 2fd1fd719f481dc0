//! A check in words: sentences of findings, times, the result for a terminal.

use super::{Check, Finding, Span, Verdict};
use std::fmt::Write;

/// Times that are told before the rest is only counted.
const TOLD: usize = 6;

/// `m:ss.d` of a position, as players show it.
pub fn clock(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    format!("{:02}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

/// A finding for a person: times, then the sentence.
pub fn says(finding: &Finding) -> String {
    match times(&finding.spans).as_str() {
        "" => finding.says.clone(),
        times => format!("{times}: {}", finding.says),
    }
}

/// Where something is; empty where it is everywhere.
pub(super) fn times(spans: &[Span]) -> String {
    let one = |span: &Span| {
        let (from, to) = (clock(span.from_s), clock(span.to_s));
        if from == to { from } else { format!("{from}–{to}") }
    };
    let told: Vec<String> = spans.iter().take(TOLD).map(one).collect();
    let rest = spans.len().saturating_sub(TOLD);
    if rest > 0 { format!("{} and {rest} more", told.join(", ")) } else { told.join(", ") }
}

/// What was found, as a sentence without its times.
pub(super) fn sentence(code: &str, value: f64, band_hz: Option<[f64; 2]>, spans: &[Span]) -> String {
    let band = band_hz.map_or_else(String::new, |[from, to]| format!("{}–{}", pitch(from), pitch(to)));
    let from = band_hz.map_or_else(String::new, |[from, _]| pitch(from));
    let middle = band_hz.map_or_else(String::new, |[from, to]| pitch((from * to).sqrt()));
    match code {
        "not_finite" => "a sample that is not a finite number".to_owned(),
        "channels" => format!("{value:.0} channels instead of one or two"),
        "truncated" => format!("the file ends after {value:.1} s, before its header says so"),
        "silent" => "nothing in the file is loud enough to be heard".to_owned(),
        "short" => format!("only {value:.1} s long"),
        "clipped" => format!("clipped: {value:.0} flat tops"),
        "limited" => format!("a limiter seems to have worked on it already (PSR {value:.1} LU)"),
        "peak" => format!("peaks at {value:.1} dBFS leave no room"),
        "true_peak" => format!("the waveform between the samples reaches {value:+.1} dBTP"),
        "headroom" => format!("little headroom: the largest sample is at {value:.1} dBFS"),
        "dc" => format!("a constant offset of {value:.2} % of full scale"),
        "hum" => format!("mains hum at {from} and its harmonics, {value:.0} dB over its surroundings in the quiet parts"),
        "silent_channel" if value > 0.0 => "the right channel is silent".to_owned(),
        "silent_channel" => "the left channel is silent".to_owned(),
        "dual_mono" => "both channels hold the same: mono in a stereo file".to_owned(),
        "imbalance" if value > 0.0 => format!("the left side is {value:.1} dB louder than the right"),
        "imbalance" => format!("the right side is {:.1} dB louder than the left", -value),
        "negative_correlation" => format!("left and right cancel each other for {value:.0} % of the song"),
        "mono_loss" => format!("{band} loses {value:.1} dB when both sides are summed to mono"),
        "lossy" if band_hz.is_none() => "the file itself is coded with losses".to_owned(),
        "lossy" => format!("nothing above {from}, as lossy encoders leave it"),
        "word_length" => format!("only {value:.0} bits are used"),
        "upsampled" => format!("upsampled: the spectrum falls by {value:.0} dB at {from} and stays empty above"),
        "head_cut" => "the file begins in the middle of the sound".to_owned(),
        "tail_cut" => format!("the file ends before the sound does ({value:.0} dB under the loud parts)"),
        "silent_edge" => format!("{value:.1} s of silence"),
        "noisy_edge" => format!("steady noise at {value:.0} dBFS where nothing is played"),
        "clicks" => format!("{} clicks, the strongest {value:.0} times what is around it", spans.len()),
        "sibilance" => format!("sibilance around {middle}, up to {value:.1} dB over the song's own average of such moments"),
        other => format!("{other}: {value:.2}"),
    }
}

/// What is good where a rule has found nothing.
pub(super) fn praise(code: &str) -> &str {
    match code {
        "not_finite" => "every sample is a number",
        "channels" => "no channel too many",
        "truncated" => "the file is whole",
        "silent" => "there is music in it",
        "short" => "long enough",
        "clipped" => "no clipping",
        "limited" => "peaks not flattened by a limiter",
        "peak" => "samples under full scale",
        "true_peak" => "no overshoots between the samples",
        "headroom" => "enough headroom",
        "dc" => "no constant offset",
        "hum" => "no mains hum",
        "silent_channel" => "sound in every channel",
        "dual_mono" => "no mono in a stereo file",
        "imbalance" => "no side louder than the other",
        "negative_correlation" => "no sides that cancel each other",
        "mono_loss" => "nothing lost in mono",
        "lossy" => "no traces of lossy encoding",
        "word_length" => "enough bits",
        "upsampled" => "no sign of upsampling",
        "head_cut" => "a whole beginning",
        "tail_cut" => "a whole end",
        "silent_edge" => "no long silence at the ends",
        "noisy_edge" => "no noise at the ends",
        "clicks" => "no clicks",
        "sibilance" => "no sharp sibilance",
        other => other,
    }
}

fn pitch(hz: f64) -> String {
    if hz >= 1000.0 { format!("{:.1} kHz", hz / 1000.0) } else { format!("{hz:.0} Hz") }
}

/// The whole check for a terminal.
pub fn text(check: &Check) -> String {
    let mut out = format!("{} {}\n", check.file, conclusion(check));
    for finding in &check.findings {
        let mark = if finding.verdict == Verdict::Fail { "FAIL" } else { "warn" };
        let _ = writeln!(out, "  {mark}  {:<21} {}", finding.code, says(finding));
        let _ = writeln!(out, "        {:<21} {}", "", finding.advice);
    }
    if !check.passed.is_empty() {
        let _ = writeln!(out, "  pass  {}", check.passed.join(", "));
    }
    out
}

/// The verdict as a sentence.
pub(super) fn conclusion(check: &Check) -> &'static str {
    match check.verdict {
        Verdict::Pass => "is ready to be mastered",
        Verdict::Warn => "can be mastered; better after a look at this",
        Verdict::Fail => "is not ready to be mastered",
    }
}
