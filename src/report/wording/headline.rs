//! The first lines of a report: what came out, in a musician's words.

use super::quantity;
use crate::params::Unit;
use crate::report::Report;
use crate::report::figures::{Figure, overview};

/// A change of loudness that is worth a word, in LU.
const LOUDNESS_LU: f64 = 0.3;
/// A change of a tone band or of the width that is worth a word, in dB.
const CHANGE_DB: f64 = 0.7;
/// A change of dynamics that is worth a word, in LU.
const DYNAMICS_LU: f64 = 0.7;

/// What the master is against the mix; of a dry run, what is planned.
pub fn headline(report: &Report) -> String {
    if report.master.is_none() {
        return match report.plan.decisions.len() {
            0 => "Nothing is proposed: every figure is right as it is.".to_owned(),
            1 => "One move is proposed; nothing is rendered yet.".to_owned(),
            moves => format!("{moves} moves are proposed; nothing is rendered yet."),
        };
    }
    let figures = overview(report);
    let change = |name: &str| figures.iter().find(|f| f.name == name).and_then(|f| Some(f.master? - f.mix)).unwrap_or(0.0);
    let mut words = vec![loudness(change("loudness"))];
    words.extend(tone(&figures));
    words.extend(either(change("punch (PSR)"), DYNAMICS_LU, "denser", "punchier"));
    words.extend(either(change("loudness range"), DYNAMICS_LU, "more even", "wider between loud and quiet"));
    words.extend(either(change("width"), CHANGE_DB, "narrower", "wider"));
    format!("The master is {} than the mix.", list(&words))
}

fn loudness(change: f64) -> String {
    match change {
        c if c >= LOUDNESS_LU => format!("{} louder", quantity(c, Unit::Lu)),
        c if c <= -LOUDNESS_LU => format!("{} quieter", quantity(-c, Unit::Lu)),
        _ => "no louder".to_owned(),
    }
}

/// Bass, body, presence and air that changed: `has more air`, put as a comparison.
fn tone(figures: &[Figure]) -> Vec<String> {
    let words = [
        ("bass", "lighter in the bass", "fuller in the bass"),
        ("body", "leaner", "warmer"),
        ("presence", "softer in the presence", "more present"),
        ("air", "darker on top", "airier"),
    ];
    let change = |name: &str| figures.iter().find(|f| f.name == name).and_then(|f| Some(f.master? - f.mix)).unwrap_or(0.0);
    words.iter().filter_map(|(name, less, more)| either(change(name), CHANGE_DB, less, more)).collect()
}

fn either(change: f64, worth: f64, less: &str, more: &str) -> Option<String> {
    let word = if change <= -worth { less } else { more };
    (change.abs() >= worth).then(|| word.to_owned())
}

fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// How many of the figures that have an aim are there.
pub fn reached(report: &Report) -> Option<String> {
    let figures = overview(report);
    let judged: Vec<&Figure> = figures.iter().filter(|f| f.reached().is_some()).collect();
    let there = judged.iter().filter(|f| f.reached() == Some(true) && !f.held_back).count();
    let held = judged.iter().filter(|f| f.held_back).map(|f| f.name);
    let missed = judged.iter().filter(|f| f.reached() == Some(false)).map(|f| f.name.to_owned());
    let mut sentence = match (judged.len(), there) {
        (0, _) => return None,
        (all, there) if all == there => return Some(format!("All {all} figures of this overview are where they should be.")),
        (all, there) => format!("{there} of {all} figures of this overview are where they should be"),
    };
    let (held, missed): (Vec<_>, Vec<_>) = (held.map(str::to_owned).collect(), missed.collect());
    if !missed.is_empty() {
        sentence += &format!("; not reached: {}", list(&missed));
    }
    if !held.is_empty() {
        sentence += &format!("; held back on purpose: {}", list(&held));
    }
    Some(sentence + ".")
}

/// How many of all figures that were measured, band by band, are not there; none where all are.
pub fn missed(report: &Report) -> Option<String> {
    let missed = report.not_reached.iter().filter(|s| s.rule.is_none()).count();
    let judged = report.rows.iter().filter(|r| r.inside.is_some()).count();
    (missed > 0).then(|| format!("{missed} of {judged} figures are not within their tolerance of the aim"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_listed_as_one_says_them() {
        let words = |n: usize| list(&["a", "b", "c"][..n].iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        assert_eq!([words(0), words(1), words(2), words(3)], ["", "a", "a and b", "a, b and c"]);
        assert_eq!(loudness(0.1), "no louder");
        assert_eq!(loudness(-2.04), "2.0 LU quieter");
        assert_eq!(either(-1.0, 0.7, "less", "more").as_deref(), Some("less"));
        assert_eq!(either(0.5, 0.7, "less", "more"), None);
    }
}
