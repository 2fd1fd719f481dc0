//! The table: by engine, then by setting.

use super::Row;
use super::check::Checked;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The parts of a reason must add up within this share of the way from neutral.
const SUM_SHARE: f64 = 0.01;

/// The tables in Markdown.
pub(super) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "\n| | decisions | sum within 1 % | counterfactuals asked again | the same | group named | by refinement | it moves toward the target | and on from where it would be without |\n\
         |:--|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let of = |engine: &str| rows.iter().filter(|r| r.engine == engine).flat_map(|r| &r.decisions).collect::<Vec<_>>();
    for engine in ["rules", "learned"] {
        line(&mut text, engine, &of(engine));
    }
    line(&mut text, "both", &rows.iter().flat_map(|r| &r.decisions).collect::<Vec<_>>());
    let mut params: BTreeMap<String, Vec<&Checked>> = BTreeMap::new();
    for decision in rows.iter().flat_map(|r| &r.decisions) {
        params.entry(format!("`{}`", decision.param)).or_default().push(decision);
    }
    for (param, decisions) in params {
        line(&mut text, &param, &decisions);
    }
    text
}

fn line(text: &mut String, name: &str, decisions: &[&Checked]) {
    let sums = decisions.iter().filter(|d| d.sum_error <= SUM_SHARE).count();
    let asked: usize = decisions.iter().map(|d| d.counterfactuals).sum();
    let wrong: usize = decisions.iter().map(|d| d.wrong).sum();
    let heard: Vec<bool> = decisions.iter().filter_map(|d| d.agrees).collect();
    let refined = decisions.iter().filter(|d| d.agrees.is_some() && d.refined).count();
    let of_heard = |is: fn(&Checked) -> Option<bool>| match decisions.iter().filter(|d| is(d) == Some(true)).count() {
        _ if heard.is_empty() => "–".to_owned(),
        count => format!("{count} ({:.1} %)", 100.0 * count as f64 / heard.len() as f64),
    };
    let (agree, nearer) = (of_heard(|d| d.agrees), of_heard(|d| d.nearer));
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "| {name} | {} | {sums} | {asked} | {} | {} | {refined} | {agree} | {nearer} |",
        decisions.len(),
        asked - wrong,
        heard.len()
    );
}
