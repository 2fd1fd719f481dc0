//! The full report as Markdown.

use super::figures::{Figure, overview};
use super::plans::{history_line, setting_name, setting_value};
use super::table::{Align, markdown as table};
use super::{Report, Source, wording};
use crate::plan::{Change, Decision};
use std::fmt::Write;

use Align::{Left, Right};

/// The whole report.
pub fn report(report: &Report) -> String {
    let mut out = String::new();
    let title = report.master.as_ref().map_or(&report.mix.file, |m| &m.file);
    let _ = writeln!(out, "# {title}\n");
    let _ = writeln!(out, "Made by {}. Version {} of this report.\n", report.program, report.schema_version);
    files(&mut out, report);
    overview_table(&mut out, report);
    promises(&mut out, report);
    defects(&mut out, report);
    moves(&mut out, report);
    not_reached(&mut out, report);
    stages(&mut out, report);
    settings(&mut out, report);
    notes_and_history(&mut out, report);
    features(&mut out, report);
    out
}

fn section(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n## {title}\n");
}

fn files(out: &mut String, report: &Report) {
    let row = |what: String, source: &Source| {
        let a = &source.analysis;
        let seconds = a.frames as f64 / f64::from(a.sample_rate_hz.max(1));
        let channels = if a.channels == 1 { "mono" } else { "stereo" };
        let rate = wording::pitch(f64::from(a.sample_rate_hz));
        vec![what, source.file.clone(), format!("{}, {rate}, {channels}", source.info.format), wording::duration(seconds)]
    };
    let mut rows = vec![row("mix".into(), &report.mix)];
    for (i, reference) in report.references.iter().enumerate() {
        let weight = report.target.as_ref().and_then(|t| t.references.get(i)).map_or(1.0, |r| r.weight);
        rows.push(row(format!("reference, {:.0} %", 100.0 * weight), reference));
    }
    for genre in report.target.iter().flat_map(|t| &t.genres) {
        rows.push(vec!["genre".into(), wording::genre_use(genre), String::new(), String::new()]);
    }
    if let Some(master) = &report.master {
        let seconds = master.analysis.frames as f64 / f64::from(master.analysis.sample_rate_hz.max(1));
        rows.push(vec![
            "master".into(),
            master.file.clone(),
            wording::file_format(&report.plan.delivery),
            wording::duration(seconds),
        ]);
    }
    *out += &table(&["", "file", "format", "length"], &[Left, Left, Left, Right], &rows);
    if let Some(genres) = wording::genres(&report.mix.genres) {
        let _ = writeln!(out, "\nRecognised in the mix: {genres}.");
    }
    if let Some(caution) = report.target.as_ref().and_then(wording::strange) {
        let _ = writeln!(out, "\nNote: {caution}.");
    }
}

fn overview_table(out: &mut String, report: &Report) {
    section(out, "Overview");
    let value = |v: Option<f64>, f: &Figure| v.map_or(String::new(), |v| wording::quantity(v, f.unit));
    let row = |f: &Figure| {
        let verdict = match f.reached() {
            Some(true) if f.held_back => "held back",
            Some(true) => "yes",
            Some(false) => "no",
            None => "",
        };
        vec![f.name.to_owned(), value(Some(f.mix), f), value(f.master, f), value(f.reference, f), verdict.to_owned()]
    };
    let rows: Vec<_> = overview(report).iter().map(row).collect();
    *out += &table(&["", "mix", "master", wording::aimed_at(report), "reached"], &[Left, Right, Right, Right, Left], &rows);
    *out += "\nBass, body, presence and air are the level of the middle in 30–120 Hz, 120–800 Hz, 0.8–5 kHz and 5–16 kHz \
             against its level from 100 Hz to 8 kHz, as far up as mix and target both reach; width is the level of the sides against the middle.\n";
    let asked = report.asked;
    if [asked.tone, asked.loudness, asked.dynamics, asked.width].iter().any(|share| *share != 1.0) {
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        let _ = writeln!(
            out,
            "\nTaken over of the difference: tone {}, loudness {}, dynamics {}, width {}.",
            percent(asked.tone),
            percent(asked.loudness),
            percent(asked.dynamics),
            percent(asked.width)
        );
    }
}

fn promises(out: &mut String, report: &Report) {
    let Some(master) = &report.master else { return };
    section(out, "Promises");
    for promise in &master.promises {
        let verdict = if promise.kept { "kept" } else { "**broken**" };
        let _ = writeln!(out, "- {verdict}: {}", wording::promise(promise));
    }
}

fn defects(out: &mut String, report: &Report) {
    let lines: Vec<String> = wording::heard(report).iter().map(|line| format!("- {line}")).collect();
    if !lines.is_empty() {
        section(out, "Heard in the files");
        let _ = writeln!(out, "{}", lines.join("\n"));
    }
}

fn moves(out: &mut String, report: &Report) {
    section(out, "Moves and their reasons");
    if report.plan.decisions.is_empty() {
        let _ = writeln!(out, "None: every figure is right as it is.");
        return;
    }
    let row = |d: &Decision| {
        let stage = wording::stage(d.param.split('.').next().unwrap_or_default());
        vec![
            stage.to_owned(),
            format!("`{}`", d.param),
            wording::decision_value(d),
            wording::source(d.source).to_owned(),
            wording::evidence(&d.evidence),
            wording::reason(d),
            wording::parts(d),
            wording::confidence(d).unwrap_or_default(),
            wording::held_back(d).unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = report.plan.decisions.iter().map(row).collect();
    let heading =
        ["stage", "setting", "value", "source", "evidence (measured → target)", "main cause", "parts", "confidence", "held back"];
    *out += &table(&heading, &[Left, Left, Right, Left, Left, Left, Left, Left, Left], &rows);
}

fn not_reached(out: &mut String, report: &Report) {
    section(out, "Not reached");
    if report.not_reached.is_empty() {
        let text = if report.master.is_some() {
            "Nothing: every figure is within its tolerance of the aim."
        } else {
            "Nothing is given up by the plan."
        };
        let _ = writeln!(out, "{text}");
        return;
    }
    let rows: Vec<_> = report
        .not_reached
        .iter()
        .map(|s| {
            let unit = wording::feature_unit(&s.feature);
            let why = s.rule.map_or("", wording::rule);
            vec![
                wording::feature(&s.feature),
                format!("`{}`", s.feature),
                wording::quantity(s.wanted, unit),
                wording::quantity(s.reached, unit),
                why.to_owned(),
            ]
        })
        .collect();
    *out += &table(&["", "feature", "aim", "reached", "left on purpose because"], &[Left, Left, Right, Right, Left], &rows);
}

fn stages(out: &mut String, report: &Report) {
    let Some(master) = &report.master else { return };
    section(out, "What the stages did");
    let mut rows = Vec::new();
    for stage in &master.stages {
        let name = wording::stage(&stage.stage);
        if stage.meter.gains.is_empty() {
            rows.push(vec![name.to_owned(), "static".into(), String::new(), String::new(), String::new()]);
        }
        for gain in &stage.meter.gains {
            let db = |v: f64| format!("{v:.2} dB");
            rows.push(vec![name.to_owned(), gain.name.replace('_', " "), db(gain.min_db), db(gain.mean_db), db(gain.max_db)]);
        }
    }
    *out += &table(&["stage", "gain", "least", "mean", "most"], &[Left, Left, Right, Right, Right], &rows);
    let _ = writeln!(out, "\nDrive into the limiter after the loudness was met: {:.2} dB.", master.drive_db);
}

fn settings(out: &mut String, report: &Report) {
    section(out, "Settings that are not neutral");
    let rows: Vec<_> = report.plan.settings.iter().map(|s| vec![format!("`{}`", s.param), s.text.clone()]).collect();
    *out += &table(&["setting", "value"], &[Left, Right], &rows);
}

fn notes_and_history(out: &mut String, report: &Report) {
    let plan = &report.plan;
    if !plan.notes.is_empty() {
        section(out, "Notes");
        let rows: Vec<_> = plan.notes.iter().map(|(id, note)| vec![format!("`{id}`"), note.clone()]).collect();
        *out += &table(&["setting", "note"], &[Left, Left], &rows);
    }
    if !plan.history.is_empty() {
        section(out, "How the plan came to be");
        for entry in &plan.history {
            let _ = writeln!(out, "- {}", history_line(entry));
            for Change { setting, from, to } in &entry.changes {
                let _ = writeln!(
                    out,
                    "  - {}: {} → {}",
                    setting_name(setting),
                    setting_value(setting, *from),
                    setting_value(setting, *to)
                );
            }
        }
    }
}

fn features(out: &mut String, report: &Report) {
    section(out, "Every feature");
    let value = |v: Option<f64>, unit| v.map_or(String::new(), |v| wording::number(v, unit));
    let rows: Vec<_> = report
        .rows
        .iter()
        .map(|r| {
            let unit = wording::feature_unit(&r.feature);
            let inside = match r.inside {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            };
            vec![
                format!("`{}`", r.feature),
                r.unit.clone(),
                value(Some(r.before), unit),
                value(r.after, unit),
                value(r.reference, unit),
                value(r.aim, unit),
                r.tolerance.map_or(String::new(), |t| t.to_string()),
                inside.to_owned(),
            ]
        })
        .collect();
    let heading = ["feature", "unit", "mix", "master", wording::aimed_at(report), "aim", "tolerance", "within"];
    *out += &table(&heading, &[Left, Left, Right, Right, Right, Right, Right, Left], &rows);
}
