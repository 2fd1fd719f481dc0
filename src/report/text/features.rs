//! Every figure, for who asks for all.

use super::{Look, heading};
use crate::report::table::{Align, aligned};
use crate::report::{Report, Row, wording};
use std::fmt::Write;

/// Every feature: mix, master, what was aimed at, and whether it was reached. Nothing unless everything is asked for.
pub(super) fn features(out: &mut String, report: &Report, look: Look) {
    if !look.verbose {
        return;
    }
    heading(out, look, "Every figure");
    let head = ["", "mix", "master", wording::aimed_at(report), "aim", "", ""].map(|cell| look.faint(cell));
    let row = |row: &Row| {
        let unit = wording::feature_unit(&row.feature);
        let number = |value: Option<f64>| value.map(|value| wording::number(value, unit)).unwrap_or_default();
        let inside = match row.inside {
            Some(true) => look.good("ok"),
            Some(false) => look.warn("not reached"),
            None => String::new(),
        };
        let figures = [number(Some(row.before)), number(row.after), number(row.reference), number(row.aim)];
        std::iter::once(row.feature.clone()).chain(figures).chain([look.faint(&row.unit), inside]).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(head.to_vec()).chain(report.rows.iter().map(row)).collect();
    let align = [Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Left, Align::Left];
    for line in aligned(&rows, &align) {
        let _ = writeln!(out, "  {line}");
    }
}
