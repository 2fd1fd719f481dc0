//! Everything for an engineer, folded: each stage with its settings, reasons and meters; what was missed; every feature.

use super::times::gain_over_time;
use super::{escape, stage_of, table};
use crate::chain::Stage;
use crate::plan::{Change, Decision, Entry};
use crate::report::plans::{history_line, setting_name, setting_value};
use crate::report::{Report, Source, StageReport, wording};

/// All folds.
pub(super) fn folded(report: &Report) -> String {
    let stages: String = Stage::ALL.iter().filter_map(|s| stage(*s, report)).collect();
    let features = rows(report);
    format!(
        "<section>\n<h2>In depth</h2>\n<h3>Stage by stage</h3>\n{stages}<h3>Figures and files</h3>\n{}{}{}{}</section>\n",
        fold("Not reached", &not_reached(report)),
        fold("Every feature", &features),
        fold("Files", &files(report)),
        story(report).map(|story| fold("How the plan came to be", &story)).unwrap_or_default()
    )
}

/// The steps of the plan's history, each with what it changed. None where there is none.
fn story(report: &Report) -> Option<String> {
    let step = |entry: &Entry| {
        let change =
            |c: &Change| vec![setting_name(&c.setting), setting_value(&c.setting, c.from), setting_value(&c.setting, c.to)];
        let rows: Vec<_> = entry.changes.iter().map(change).collect();
        let changed = if rows.is_empty() { String::new() } else { table(&["setting", "before", "after"], 1..3, &rows) };
        format!("<h4>{}</h4>\n{changed}", escape(&history_line(entry)))
    };
    let steps: String = report.plan.history.iter().map(step).collect();
    (!steps.is_empty()).then_some(steps)
}

fn fold(title: &str, inside: &str) -> String {
    format!("<details><summary>{}</summary>\n{inside}</details>\n", escape(title))
}

/// A stage: what it is, its settings, why, what it did. None where it is neutral and did nothing.
fn stage(stage: Stage, report: &Report) -> Option<String> {
    let name = stage.name();
    let settings: Vec<Vec<String>> = report
        .plan
        .settings
        .iter()
        .filter(|s| stage_of(&s.param) == name)
        .map(|s| vec![s.param.clone(), s.text.clone()])
        .collect();
    let notes = report.plan.notes.iter().filter(|(id, _)| stage_of(id) == name);
    let notes: Vec<Vec<String>> = notes.map(|(id, note)| vec![id.clone(), note.clone()]).collect();
    let decisions: Vec<&Decision> = report.plan.decisions.iter().filter(|d| stage_of(&d.param) == name).collect();
    let did = report.master.as_ref().and_then(|m| m.stages.iter().find(|s| s.stage == name));
    if settings.is_empty() && decisions.is_empty() && notes.is_empty() && did.is_none() {
        return None;
    }
    let mut inside = format!("<p>{}</p>\n", escape(stage.doc()));
    if !decisions.is_empty() {
        inside += "<h4>Why</h4>\n";
        inside += &table(
            &["setting", "value", "", "measured → target", "main cause", "parts", "held back"],
            1..2,
            &reasons(&decisions),
        );
    }
    if let Some(did) = did.filter(|d| !d.meter.gains.is_empty()) {
        inside += &format!("<h4>What it did</h4>\n{}", meters(did, report));
    }
    if let Some(master) = report.master.as_ref().filter(|_| name == "limiter") {
        inside += &format!("<p>Drive into the limiter after the loudness was met: {:.2} dB.</p>\n", master.drive_db);
    }
    if !settings.is_empty() {
        inside += "<h4>Settings</h4>\n";
        inside += &table(&["setting", "value"], 1..2, &settings);
    }
    if !notes.is_empty() {
        inside += "<h4>Notes</h4>\n";
        inside += &table(&["setting", "note"], 0..0, &notes);
    }
    Some(fold(wording::stage(name), &inside))
}

fn reasons(decisions: &[&Decision]) -> Vec<Vec<String>> {
    let row = |d: &&Decision| {
        vec![
            d.param.clone(),
            wording::decision_value(d),
            wording::source(d.source).to_owned(),
            wording::evidence(&d.evidence),
            wording::reason(d),
            [wording::parts(d)]
                .into_iter()
                .chain(wording::confidence(d))
                .filter(|w| !w.is_empty())
                .collect::<Vec<_>>()
                .join("; "),
            wording::held_back(d).unwrap_or_default(),
        ]
    };
    decisions.iter().map(row).collect()
}

fn meters(stage: &StageReport, report: &Report) -> String {
    let db = |v: f64| format!("{v:.2} dB");
    let row = |g: &crate::chain::GainMeter| vec![g.name.replace('_', " "), db(g.min_db), db(g.mean_db), db(g.max_db)];
    let rows: Vec<_> = stage.meter.gains.iter().map(row).collect();
    let length_s = report.mix.analysis.frames as f64 / f64::from(report.mix.analysis.sample_rate_hz.max(1));
    let pictures = stage.meter.gains.iter().filter(|g| !g.trace_db.is_empty()).map(|g| {
        let name = g.name.replace('_', " ");
        let says = format!("Gain of {name} over time");
        super::plot::figure(&name, "dB over time", &[], &[gain_over_time(&g.trace_db, length_s, 3.5, &says)])
    });
    table(&["gain", "least", "mean", "most"], 1..4, &rows) + &pictures.collect::<String>()
}

fn not_reached(report: &Report) -> String {
    if report.not_reached.is_empty() {
        return "<p>Nothing: every figure is within its tolerance of the aim.</p>\n".to_owned();
    }
    let row = |s: &crate::report::Shortfall| {
        let unit = wording::feature_unit(&s.feature);
        vec![
            wording::feature(&s.feature),
            wording::quantity(s.wanted, unit),
            wording::quantity(s.reached, unit),
            s.rule.map_or(String::new(), |rule| wording::rule(rule).to_owned()),
        ]
    };
    let rows: Vec<_> = report.not_reached.iter().map(row).collect();
    table(&["figure", "aim", "reached", "left on purpose because"], 1..3, &rows)
}

fn rows(report: &Report) -> String {
    let row = |r: &crate::report::Row| {
        let unit = wording::feature_unit(&r.feature);
        let number = |v: Option<f64>| v.map(|v| wording::number(v, unit)).unwrap_or_default();
        let inside = match r.inside {
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        vec![
            r.feature.clone(),
            r.unit.clone(),
            number(Some(r.before)),
            number(r.after),
            number(r.reference),
            number(r.aim),
            r.tolerance.map(|t| t.to_string()).unwrap_or_default(),
            inside.to_owned(),
        ]
    };
    let rows: Vec<_> = report.rows.iter().map(row).collect();
    let head = ["feature", "unit", "mix", "master", wording::aimed_at(report), "aim", "tolerance", "within"];
    table(&head, 2..7, &rows)
}

fn files(report: &Report) -> String {
    let row = |what: &str, source: &Source| {
        let rate = wording::pitch(f64::from(source.analysis.sample_rate_hz));
        let channels = if source.analysis.channels == 1 { "mono" } else { "stereo" };
        vec![
            what.to_owned(),
            source.file.clone(),
            format!("{}, {rate}, {channels}", source.info.format),
            super::length(&source.analysis),
        ]
    };
    let mut rows = vec![row("mix", &report.mix)];
    rows.extend(report.references.iter().map(|r| row("reference", r)));
    for genre in report.target.iter().flat_map(|t| &t.genres) {
        rows.push(vec!["genre".to_owned(), wording::genre_use(genre), String::new(), String::new()]);
    }
    if let Some(master) = &report.master {
        let format = wording::file_format(&report.plan.delivery);
        rows.push(vec!["master".to_owned(), master.file.clone(), format, super::length(&master.analysis)]);
    }
    table(&["", "file", "format", "length"], 3..4, &rows)
}
