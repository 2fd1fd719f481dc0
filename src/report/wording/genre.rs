//! Words for genres and targets without a reference.

use crate::report::{GenreShare, Report};
use crate::target::{GenreSource, GenreUse, Target};

/// Genres that were recognised: `metal 71 %, rock 20 %`; `None` where none were asked for.
pub fn genres(shares: &[GenreShare]) -> Option<String> {
    const WORTH_TELLING: f64 = 0.05;
    let told = shares.iter().filter(|s| s.share >= WORTH_TELLING);
    let words: Vec<String> = told.map(|s| format!("{} {:.0} %", s.genre.name(), 100.0 * s.share)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// What the column of the target's figures is called.
pub(in crate::report) fn aimed_at(report: &Report) -> &'static str {
    let with_genres = report.target.as_ref().is_some_and(|t| !t.genres.is_empty());
    match (report.references.is_empty(), with_genres) {
        (true, true) => "expected",
        (false, true) => "aimed at",
        _ => "reference",
    }
}

/// The genres of a target, largest share first: `metal`, or, beside others or references, `metal 70 %, punk 30 %`.
pub(in crate::report) fn as_genres(report: &Report) -> Option<String> {
    let genres = &report.target.as_ref()?.genres;
    let alone = genres.len() == 1 && report.references.is_empty();
    let share = |genre: &GenreUse| match alone {
        true => genre.name.clone(),
        false => format!("{} {:.0} %", genre.name, 100.0 * genre.weight),
    };
    (!genres.is_empty()).then(|| genres.iter().map(share).collect::<Vec<_>>().join(", "))
}

/// A genre of the target and what stands behind it: `metal 70 %, learned from 69 min of music`.
pub(in crate::report) fn genre_use(genre: &GenreUse) -> String {
    let GenreUse { name, weight, evidence_minutes, source } = genre;
    let behind = match source {
        GenreSource::Learned => format!("learned from {evidence_minutes:.0} min of music"),
        GenreSource::Convention => "by convention, not learned".to_owned(),
        GenreSource::Profile => format!("from {evidence_minutes:.0} min of your own records"),
    };
    format!("{name} {:.0} %, {behind}", 100.0 * weight)
}

/// What the target says of its own reach, where the mix is unlike what was learned from.
pub(in crate::report) fn strange(target: &Target) -> Option<&'static str> {
    const STRANGE: f64 = 2.0;
    let strange = target.strangeness.is_some_and(|s| s > STRANGE);
    strange.then_some("this mix is unlike the music that the genre targets were learned from: take them with caution")
}
