//! The summary for people, as Markdown.

use super::summary::{Compliance, Summary};
use std::fmt::Write;

/// Rows of a table that are shown; the JSON has all.
const SHOWN: usize = 50;

/// The summary as a page.
pub fn markdown(summary: &Summary) -> String {
    let Summary { rows, done, failed, missing, .. } = summary;
    let mut out = format!("# Batch\n\nRows: {rows}. Done: {done}. Failed: {}. Missing: {missing}.\n", failed.len());
    if !summary.missing_rows.is_empty() {
        let numbers: Vec<String> = summary.missing_rows.iter().map(u64::to_string).collect();
        let more = if *missing as usize > numbers.len() { " …" } else { "" };
        let _ = write!(out, "\nMissing rows: {}{more}. Run the batch again to do them.\n", numbers.join(", "));
    }
    if summary.unreadable_lines > 0 {
        let _ =
            write!(out, "\nLines that could not be read: {} (left by processes that were killed).\n", summary.unreadable_lines);
    }
    if !summary.notes.is_empty() {
        let _ = write!(out, "\nNotes: {}.\n", summary.notes.len());
    }
    let _ = write!(out, "\n{} of music in {} of work, rows added up.\n", hours(summary.music_s), hours(summary.work_s));
    table(
        &mut out,
        "Failures",
        "row | id | code | why",
        failed.len(),
        failed.iter().map(|row| format!("{} | {} | {} | {}", row.row, cell(&row.id), row.code, cell(&row.message))),
    );
    table(
        &mut out,
        "Notes",
        "row | id | note",
        summary.notes.len(),
        summary.notes.iter().map(|one| format!("{} | {} | {}", one.row, cell(&one.id), cell(&one.note))),
    );
    table(
        &mut out,
        "Promises",
        "promise | masters | kept | farthest off | row",
        summary.promises.len(),
        summary.promises.iter().map(|(what, Compliance { masters, kept, farthest, farthest_id })| {
            format!("{what} | {masters} | {kept} | {farthest:+.2} | {}", cell(farthest_id))
        }),
    );
    table(
        &mut out,
        "Outliers",
        "row | id | figure | value | median | deviations",
        summary.outliers.len(),
        summary.outliers.iter().map(|one| {
            let (id, value, median) = (cell(&one.id), one.value, one.median);
            format!("{} | {id} | {} | {value:.2} | {median:.2} | {:+.1}", one.row, one.feature, one.deviations)
        }),
    );
    table(
        &mut out,
        "Figures",
        "figure | min | P10 | median | P90 | max",
        summary.figures.len(),
        summary
            .figures
            .iter()
            .map(|(id, s)| format!("{id} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2}", s.min, s.p10, s.median, s.p90, s.max)),
    );
    out
}

fn table(out: &mut String, title: &str, head: &str, count: usize, rows: impl Iterator<Item = String>) {
    if count == 0 {
        return;
    }
    let line = vec!["---"; head.split('|').count()].join("|");
    let _ = write!(out, "\n## {title}\n\n| {head} |\n|{line}|\n");
    for row in rows.take(SHOWN) {
        let _ = writeln!(out, "| {row} |");
    }
    if count > SHOWN {
        let _ = write!(out, "\n… and {} more: `--json` has all.\n", count - SHOWN);
    }
}

/// A text that may stand in a cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn hours(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.1} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
