//! Tables: columns aligned for a terminal, pipes for Markdown.

/// How a column is aligned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// Rows of cells with columns as wide as their longest cell, two spaces apart; a first row may be a heading. Escape
/// sequences take no width.
pub(super) fn aligned(rows: &[Vec<String>], align: &[Align]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|cell| visible(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(c, cell)| {
            let space = " ".repeat(widths[c] - visible(cell));
            match align.get(c).copied().unwrap_or(Align::Left) {
                Align::Left => format!("{cell}{space}"),
                Align::Right => format!("{space}{cell}"),
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Characters that take room on a terminal.
fn visible(text: &str) -> usize {
    let mut count = 0;
    let mut escape = false;
    for c in text.chars() {
        match (escape, c) {
            (false, '\x1b') => escape = true,
            (true, 'm') => escape = false,
            (true, _) => {}
            (false, _) => count += 1,
        }
    }
    count
}

/// A Markdown table; pipes inside cells are escaped.
pub(super) fn markdown(heading: &[&str], align: &[Align], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule = |c: usize| if align.get(c) == Some(&Align::Right) { "---:".to_owned() } else { "---".to_owned() };
    let mut text = line(heading.iter().map(|h| (*h).to_owned()).collect());
    text += &line((0..heading.len()).map(rule).collect());
    for row in rows {
        text += &line(row.iter().map(|cell| cell.replace('|', "\\|")).collect());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_colour_takes_no_room() {
        let rows = vec![vec!["a".into(), "1.0".into()], vec!["\x1b[1mbbb\x1b[0m".into(), "-10.0".into()]];
        let lines = aligned(&rows, &[Align::Left, Align::Right]);
        assert_eq!(lines, ["a      1.0", "\x1b[1mbbb\x1b[0m  -10.0"]);
    }

    #[test]
    fn markdown_escapes_pipes() {
        let text = markdown(&["a", "b"], &[Align::Left, Align::Right], &[vec!["x|y".into(), "1".into()]]);
        assert_eq!(text, "| a | b |\n| --- | ---: |\n| x\\|y | 1 |\n");
    }
}
