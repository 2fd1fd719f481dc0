//! What other pages of the house are made of: the frame of a page, tables, plots.

pub(crate) use super::curves::frequency_grid;
pub(crate) use super::plot::{Axis, Plot, figure};
pub(crate) use super::{escape, table};

const STYLE: &str = include_str!("style.css");

/// A page in the report's style. `title` and `program` are texts, `body` is HTML.
pub(crate) fn page(title: &str, program: &str, body: &str) -> String {
    with_header(title, program, "", body)
}

/// The same with more HTML under the title.
pub(super) fn with_header(title: &str, program: &str, under: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"made\">{program}</p>\n<h1>{title}</h1>\n{under}</header>\n<main>\n{body}</main>\n</body>\n</html>\n",
        title = escape(title),
        program = escape(program),
    )
}
