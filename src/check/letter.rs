//! The letter to the mix engineer: when, which band, how much, what to try.

use super::words::{conclusion, praise, times};
use super::{Check, Finding, Verdict};
use crate::analysis::SILENCE_LUFS;
use std::fmt::Write;

/// The letter as Markdown.
pub fn markdown(check: &Check) -> String {
    let mut out = format!("# Notes on the mix {}\n\n{}\n", check.file, opening(check));
    for (heading, verdict) in HEADINGS {
        let mut findings = check.findings.iter().filter(|f| f.verdict == verdict).peekable();
        if findings.peek().is_some() {
            let _ = writeln!(out, "\n## {heading}\n");
        }
        for finding in findings {
            let _ = writeln!(out, "- **{}** {}: {}.", when(finding), finding.says, finding.advice);
        }
    }
    let fine = fine(check);
    if !fine.is_empty() {
        let _ = writeln!(out, "\n## Fine as it is\n\n{fine}.");
    }
    out
}

/// The letter as a page of its own.
pub fn html(check: &Check) -> String {
    let mut body = format!("<h1>Notes on the mix {}</h1>\n<p>{}</p>\n", escaped(&check.file), escaped(&opening(check)));
    for (heading, verdict) in HEADINGS {
        let findings: Vec<&Finding> = check.findings.iter().filter(|f| f.verdict == verdict).collect();
        if findings.is_empty() {
            continue;
        }
        let _ = writeln!(body, "<h2>{heading}</h2>\n<table><tr><th>when</th><th>what</th><th>what to try</th></tr>");
        for finding in findings {
            let cells = [when(finding), finding.says.clone(), finding.advice.to_owned()].map(|cell| escaped(&cell));
            let _ = writeln!(body, "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", cells[0], cells[1], cells[2]);
        }
        body.push_str("</table>\n");
    }
    let fine = fine(check);
    if !fine.is_empty() {
        let _ = writeln!(body, "<h2>Fine as it is</h2>\n<p>{}.</p>", escaped(&fine));
    }
    let title = escaped(&check.file);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mix notes: {title}</title><style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )
}

const HEADINGS: [(&str, Verdict); 2] = [("To be mended first", Verdict::Fail), ("Worth a look", Verdict::Warn)];
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #ccc}\
    td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}";

fn opening(check: &Check) -> String {
    let measured = match (check.integrated_lufs, check.true_peak_dbtp) {
        (Some(lufs), Some(dbtp)) if lufs > SILENCE_LUFS => {
            let seconds = check.duration_s.round() as u64;
            format!(" It is {} min {} s long, {lufs:.1} LUFS, {dbtp:.1} dBTP.", seconds / 60, seconds % 60)
        }
        _ => String::new(),
    };
    let follows = if check.findings.is_empty() { "" } else { " What follows is better mended in the mix than in the master." };
    format!("This mix {}.{measured}{follows}", conclusion(check))
}

/// What is fine, in words; empty where nothing was looked at. Headroom is passed over where a fault of the peaks stands for it.
fn fine(check: &Check) -> String {
    let of_peaks = |finding: &Finding| ["clipped", "peak", "true_peak"].contains(&finding.code);
    let stands_for = check.findings.iter().any(of_peaks);
    let passed = check.passed.iter().filter(|code| !(stands_for && **code == "headroom"));
    passed.map(|code| praise(code)).collect::<Vec<_>>().join(", ")
}

/// Times of a finding; all through where it has none.
fn when(finding: &Finding) -> String {
    match times(&finding.spans) {
        none if none.is_empty() => "all through".to_owned(),
        times => times,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::rules::RULES;
    use super::*;

    fn check(findings: Vec<Finding>) -> Check {
        let found: Vec<&str> = findings.iter().map(|finding| finding.code).collect();
        let passed = RULES.iter().map(|rule| rule.code).filter(|code| !found.contains(code)).collect();
        Check {
            version: 1,
            file: "mix.wav".to_owned(),
            verdict: findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Pass),
            duration_s: 100.0,
            integrated_lufs: Some(-18.0),
            true_peak_dbtp: Some(-5.0),
            findings,
            passed,
        }
    }

    /// A list of codes under "Fine as it is" reads as if the mix were clipped, silent and short.
    #[test]
    fn what_passed_is_told_as_what_is_good() {
        let of = |text: String| text.split("Fine as it is").nth(1).unwrap_or_default().to_owned();
        for told in [of(markdown(&check(Vec::new()))), of(html(&check(Vec::new())))] {
            for words in ["no clipping", "long enough", "no mains hum", "enough headroom"] {
                assert!(told.contains(words), "{words}: {told}");
            }
            for word in told.split(['\n', '.', ',']).map(str::trim) {
                assert!(RULES.iter().all(|rule| rule.code.replace('_', " ") != word), "the bare code {word}: {told}");
            }
        }
        let (code, verdict, unit, band_hz, spans, advice) = ("peak", Verdict::Warn, "dBFS", None, Vec::new(), "lower it");
        let says = "peaks leave no room".to_owned();
        let loud = check(vec![Finding { code, verdict, value: -0.5, limit: -1.0, unit, band_hz, spans, says, advice }]);
        assert!(!of(markdown(&loud)).contains("headroom"), "{}", markdown(&loud));
        for rule in RULES {
            assert_ne!(praise(rule.code), rule.code, "{} has no words of its own", rule.code);
        }
    }
}
