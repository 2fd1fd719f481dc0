//! Files as they are: one, or two side by side.

use super::Look;
use crate::report::figures::of_source;
use crate::report::table::{Align, aligned};
use crate::report::{Comparison, Source, wording};
use std::fmt::Write;

/// What `analyze` prints of one file.
pub fn source(source: &Source, look: Look) -> String {
    let mut out = String::new();
    let seconds = source.analysis.frames as f64 / f64::from(source.analysis.sample_rate_hz.max(1));
    let info = format!(
        "{}, {}, {}",
        source.info.format,
        wording::pitch(f64::from(source.info.sample_rate_hz)),
        wording::duration(seconds)
    );
    let _ = writeln!(out, "{}  {}", look.strong(&source.file), look.faint(&info));
    if let Some(genres) = wording::genres(&source.genres) {
        let _ = writeln!(out, "  {} {genres}", look.faint("recognised as"));
    }
    let rows: Vec<Vec<String>> = of_source(source, source.analysis.reach_hz())
        .into_iter()
        .map(|(name, unit, value)| vec![name.to_owned(), wording::number(value, unit), look.faint(unit.symbol())])
        .collect();
    for line in aligned(&rows, &[Align::Left, Align::Right, Align::Left]) {
        let _ = writeln!(out, "  {line}");
    }
    for defect in &source.analysis.defects {
        let _ = writeln!(out, "  {} {}", look.warn("!"), wording::defect(defect));
    }
    if look.verbose {
        let row = |f: &crate::analysis::Feature| {
            vec![f.id.clone(), wording::number(f.value(&source.analysis), f.unit), f.unit.symbol().to_owned()]
        };
        let rows: Vec<_> = crate::analysis::features().iter().map(row).collect();
        out.push('\n');
        for line in aligned(&rows, &[Align::Left, Align::Right, Align::Left]) {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

/// What `compare` prints: the overview side by side, then every feature that differs by more than its tolerance.
pub fn comparison(comparison: &Comparison, look: Look) -> String {
    let mut out = String::new();
    let reach_hz = comparison.a.analysis.reach_hz().min(comparison.b.analysis.reach_hz());
    let (a, b) = (of_source(&comparison.a, reach_hz), of_source(&comparison.b, reach_hz));
    let _ = writeln!(out, "a  {}\nb  {}\n", look.strong(&comparison.a.file), look.strong(&comparison.b.file));
    let mut rows = vec![["", "a", "b", "b - a"].map(|h| look.faint(h)).to_vec()];
    for (name, unit, left) in a {
        let Some((_, _, right)) = b.iter().find(|(other, ..)| *other == name) else { continue };
        let (l, r) = (wording::number(left, unit), wording::number(*right, unit));
        let change = look.strong(&wording::change_number(right - left, unit));
        rows.push(vec![name.to_owned(), l, r, change, look.faint(unit.symbol())]);
    }
    for line in aligned(&rows, &[Align::Left, Align::Right, Align::Right, Align::Right, Align::Left]) {
        let _ = writeln!(out, "  {line}");
    }
    let differing: Vec<_> = comparison.rows.iter().filter(|r| !r.inside).collect();
    let _ =
        writeln!(out, "\n{} of {} figures differ by more than a listener would not mind", differing.len(), comparison.rows.len());
    let shown = if look.verbose { differing.len() } else { 0 };
    let rows: Vec<_> = differing
        .iter()
        .take(shown)
        .map(|r| {
            let unit = wording::feature_unit(&r.feature);
            vec![r.feature.clone(), wording::number(r.a, unit), wording::number(r.b, unit), wording::change(r.difference, unit)]
        })
        .collect();
    for line in aligned(&rows, &[Align::Left, Align::Right, Align::Right, Align::Right]) {
        let _ = writeln!(out, "  {line}");
    }
    if shown == 0 && !differing.is_empty() {
        let _ = writeln!(out, "  {}", look.faint("-v or --json shows them"));
    }
    out
}
