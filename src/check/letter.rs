//! The letter to the mix engineer: when, which band, how much, what to try.

use super::words::{conclusion, times};
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
    if !check.passed.is_empty() {
        let _ = writeln!(out, "\n## Fine as it is\n\n{}.", check.passed.join(", ").replace('_', " "));
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
    if !check.passed.is_empty() {
        let _ = writeln!(body, "<h2>Fine as it is</h2>\n<p>{}</p>", escaped(&check.passed.join(", ").replace('_', " ")));
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
