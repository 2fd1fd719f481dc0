//! The table of genres: what each target stands on.

use super::table::{Align, aligned};
use crate::genre::Genre;
use crate::target::GenreSource;
use crate::target::genre::knowledge;
use serde::Serialize;

#[derive(Serialize)]
struct Row {
    genre: Genre,
    minutes: f64,
    records: usize,
    source: GenreSource,
}

fn rows() -> Vec<Row> {
    let row = |genre| {
        let (minutes, records, source) = knowledge(genre);
        Row { genre, minutes, records, source }
    };
    Genre::ALL.into_iter().map(row).collect()
}

/// All genres as JSON. Errors: none that a table of plain numbers could cause.
pub fn json() -> Result<String, serde_json::Error> {
    super::json::pretty(&rows())
}

/// All genres for a terminal.
pub fn text() -> String {
    let mut lines = vec![["genre", "learned from", "records", ""].map(str::to_owned).to_vec()];
    lines.extend(rows().into_iter().map(|row| {
        let (minutes, records, words) = match row.source {
            GenreSource::Convention => ("\u{2013}".into(), "\u{2013}".into(), "by convention: no music to learn from"),
            _ => (format!("{:.0} min", row.minutes), row.records.to_string(), "learned"),
        };
        vec![row.genre.name().to_owned(), minutes, records, words.to_owned()]
    }));
    aligned(&lines, &[Align::Left, Align::Right, Align::Right, Align::Left]).join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_genre_is_listed_with_what_it_stands_on() {
        let text = text();
        assert_eq!(text.lines().count(), Genre::ALL.len() + 1);
        let line = |genre: Genre| text.lines().find(|l| l.starts_with(genre.name())).unwrap_or_default();
        assert!(line(Genre::Metal).contains(" min") && line(Genre::Metal).ends_with("learned"));
        assert!(line(Genre::Rock).contains("convention"));
        let rows: serde_json::Value = serde_json::from_str(&json().unwrap()).unwrap();
        assert_eq!(rows.as_array().map(Vec::len), Some(Genre::ALL.len()));
        assert_eq!(rows[0]["source"], "convention");
    }
}
