//! The report as one HTML file: opens from disk, needs no network and no script, prints.
//!
//! First what a musician wants to know, then the pictures, then everything for an engineer, folded. The pictures are SVG
//! drawn here, because their colours have to follow the reader's light or dark screen, and their labels the width of it.

mod bands;
mod curves;
mod depth;
mod first;
mod plot;
mod times;

use super::{Report, wording};

const STYLE: &str = include_str!("style.css");

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
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"made\">{program}</p>\n<h1>{title}</h1>\n{like}</header>\n<main>\n{first}\
         <section class=\"pictures\">\n<h2>In pictures</h2>\n{pictures}</section>\n{depth}</main>\n</body>\n</html>\n",
        title = escape(name),
        program = escape(&report.program),
        like = first::like(report),
        first = first::screen(report),
        pictures = pictures.concat(),
        depth = depth::folded(report),
    )
}

/// A text as HTML.
fn escape(text: &str) -> String {
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
fn table(head: &[&str], figures: std::ops::Range<usize>, rows: &[Vec<String>]) -> String {
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
