//! The report as one HTML file: opens from disk, needs no network and no script, prints.
//!
//! First what a musician wants to know, then the pictures, then everything for an engineer, folded. The pictures are SVG
//! drawn here, because their colours have to follow the reader's light or dark screen, and their labels the width of it.

mod bands;
mod curves;
mod depth;
mod first;
pub(crate) mod parts;
mod plot;
mod times;

use super::{Report, wording};

/// The whole report.
pub fn report(report: &Report) -> String {
    let file = report.master.as_ref().map_or(&report.mix.file, |m| &m.file);
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let pictures = [
        curves::spectrum(report),
        curves::correction(report),
        times::loudness(report),
        times::waveforms(report),
        format!("<div class=\"pair bands\">{}</div>", bands::dynamics(report)),
        format!("<div class=\"pair bands\">{}</div>", bands::image(report)),
    ];
    let body = format!(
        "{first}<section class=\"pictures\">\n<h2>In pictures</h2>\n{pictures}</section>\n{depth}",
        first = first::screen(report),
        pictures = pictures.concat(),
        depth = depth::folded(report),
    );
    parts::with_header(name, &report.program, &first::like(report), &body)
}

/// A text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            // Control characters are not allowed in HTML; file names may hold them.
            c if c.is_control() && c != '\n' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A table; the first cell of a row is its heading, and the columns in `figures` hold numbers.
pub(crate) fn table(head: &[&str], figures: std::ops::Range<usize>, rows: &[Vec<String>]) -> String {
    let class = |c: usize| if figures.contains(&c) { " class=\"n\"" } else { "" };
    let heads: String =
        head.iter().enumerate().map(|(c, h)| format!("<th scope=\"col\"{}>{}</th>", class(c), escape(h))).collect();
    let cell = |(c, text): (usize, &String)| match c {
        0 => format!("<th scope=\"row\">{}</th>", escape(text)),
        _ => format!("<td{}>{}</td>", class(c), escape(text)),
    };
    let row = |r: &Vec<String>| format!("<tr>{}</tr>\n", r.iter().enumerate().map(cell).collect::<String>());
    let rows: String = rows.iter().map(row).collect();
    format!("<div class=\"wide\"><table><thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n")
}

/// The name of the stage that a parameter belongs to.
fn stage_of(param: &str) -> &str {
    param.split('.').next().unwrap_or_default()
}

fn list_of(class: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("<li>{}</li>\n", escape(&line))).collect();
    if lines.is_empty() { lines } else { format!("<ul class=\"{class}\">\n{lines}</ul>\n") }
}

/// How long a file is.
fn length(analysis: &crate::analysis::Analysis) -> String {
    wording::duration(analysis.frames as f64 / f64::from(analysis.sample_rate_hz.max(1)))
}
