//! The first screen: what came out, the figures, the moves in words, what was held back.

use super::{escape, list_of, stage_of};
use crate::plan::Decision;
use crate::report::figures::{Figure, Goal, overview};
use crate::report::plans::setting_name;
use crate::report::{Report, wording};

/// Moves that are named of each stage.
const MOVES_A_STAGE: usize = 3;

/// What it is to sound like.
pub(super) fn like(report: &Report) -> String {
    let share = |i: usize| match report.target.as_ref().and_then(|t| t.references.get(i)) {
        Some(used) if used.weight < 1.0 => format!(" ({:.0} %)", 100.0 * used.weight),
        _ => String::new(),
    };
    let names: Vec<String> =
        report.references.iter().enumerate().map(|(i, r)| format!("{}{}", base(&r.file), share(i))).collect();
    let from = format!("from <b>{}</b>, {}", escape(base(&report.mix.file)), super::length(&report.mix.analysis));
    let caution = report.target.as_ref().and_then(wording::strange);
    let caution = caution.map(|caution| format!("<p class=\"like\">{}</p>\n", escape(caution))).unwrap_or_default();
    let like = match names.as_slice() {
        [] => match wording::as_genres(report) {
            Some(genres) => format!("<p class=\"like\">{from}, mastered as <b>{}</b></p>\n", escape(&genres)),
            None => format!("<p class=\"like\">{from}</p>\n"),
        },
        names => {
            let genres =
                wording::as_genres(report).map(|genres| format!(", and as <b>{}</b>", escape(&genres))).unwrap_or_default();
            format!("<p class=\"like\">{from}, to sound like <b>{}</b>{genres}</p>\n", escape(&names.join(", ")))
        }
    };
    like + &caution
}

fn base(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

pub(super) fn screen(report: &Report) -> String {
    let mut out = format!("<p class=\"headline\">{}</p>\n", escape(&wording::headline(report)));
    if let Some(reached) = wording::reached(report) {
        let missed =
            wording::missed(report).map(|missed| format!(" In detail {missed}; they are listed below.")).unwrap_or_default();
        out += &format!("<p>{}</p>\n", escape(&(reached + &missed)));
    }
    out += &promises(report);
    let short = |line: String| report.references.iter().fold(line, |line, r| line.replace(&r.file, base(&r.file)));
    out += &list_of("heard", wording::heard(report).into_iter().map(short));
    out += &figures(report);
    out += &moves(report);
    out + &notes(report)
}

/// What the person noted.
fn notes(report: &Report) -> String {
    let line = |(id, note): (&String, &String)| format!("{}: {note}", setting_name(id));
    let lines = list_of("notes", report.plan.notes.iter().map(line));
    if lines.is_empty() { lines } else { format!("<section>\n<h2>Notes</h2>\n{lines}</section>\n") }
}

fn promises(report: &Report) -> String {
    let Some(master) = &report.master else { return String::new() };
    let class = if report.keeps_promises() { "kept" } else { "kept broken" };
    let title = if report.keeps_promises() { "Promises kept" } else { "Promises broken" };
    let words = master.promises.iter().map(|p| {
        let broken = if p.kept { "" } else { "BROKEN: " };
        format!("<li>{broken}{}</li>", escape(&wording::promise(p)))
    });
    format!("<div class=\"{class}\"><b>{title}</b><ul>{}</ul></div>\n", words.collect::<String>())
}

/// The overview: every figure before, after, reference, and the verdict in a word.
fn figures(report: &Report) -> String {
    let head = |text: &str, shown: bool| if shown { format!("<th scope=\"col\" class=\"n\">{text}</th>") } else { String::new() };
    let (master, reference) = (report.master.is_some(), report.target.is_some());
    let rows: String = overview(report).iter().map(|f| row(f, master, reference)).collect();
    format!(
        "<div class=\"wide\"><table class=\"overview\"><thead><tr><td></td>{}{}{}<td></td></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n",
        head("mix", true),
        head("master", master),
        head(wording::aimed_at(report), reference)
    )
}

fn row(figure: &Figure, master: bool, reference: bool) -> String {
    let cell = |value: Option<f64>, class: &str, shown: bool| {
        let text = value.map(|v| wording::number(v, figure.unit)).unwrap_or_default();
        if shown { format!("<td class=\"n {class}\">{text}</td>") } else { String::new() }
    };
    let verdict = match (figure.reached(), figure.goal.as_ref()) {
        (Some(true), _) if figure.held_back => ("held", "held back on purpose".to_owned()),
        (Some(true), _) => ("yes", "as aimed".to_owned()),
        (Some(false), Some(Goal::Near { value, .. })) => ("no", format!("aim {}", wording::number(*value, figure.unit))),
        (Some(false), Some(Goal::AtMost(limit))) => ("no", format!("at most {}", wording::number(*limit, figure.unit))),
        _ => ("", String::new()),
    };
    format!(
        "<tr><th scope=\"row\">{} <small>{}</small></th>{}{}{}<td class=\"verdict {}\">{}</td></tr>\n",
        escape(figure.name),
        figure.unit.symbol(),
        cell(Some(figure.mix), "", true),
        cell(figure.master, "strong", master),
        cell(figure.reference, "", reference),
        verdict.0,
        verdict.1
    )
}

/// The moves: stage by stage, what and why; and what was held back.
fn moves(report: &Report) -> String {
    let title = if report.master.is_some() { "What was done" } else { "What is proposed" };
    let decisions = &report.plan.decisions;
    let stages: String = decisions.chunk_by(|a, b| stage_of(&a.param) == stage_of(&b.param)).map(|s| stage(s, report)).collect();
    let stages = match stages.as_str() {
        "" => "<p>Nothing: every figure is right as it is.</p>".to_owned(),
        stages => format!("<dl class=\"moves\">\n{stages}</dl>\n"),
    };
    format!("<section>\n<h2>{title}</h2>\n{stages}{}</section>\n", held_back(report))
}

fn stage(decisions: &[Decision], report: &Report) -> String {
    let word = |d: &Decision| {
        let name = wording::decision_name(d, &report.plan.settings);
        format!("{} <b>{}</b>", escape(&name), escape(&wording::decision_value(d)))
    };
    let decisions = wording::heaviest_first(decisions);
    let mut words: Vec<String> = decisions.iter().take(MOVES_A_STAGE).map(|d| word(d)).collect();
    if decisions.len() > MOVES_A_STAGE {
        words.push(format!("and {} more", decisions.len() - MOVES_A_STAGE));
    }
    format!(
        "<div><dt>{}</dt><dd>{}<span class=\"why\">{}</span></dd></div>\n",
        escape(wording::stage(stage_of(&decisions[0].param))),
        words.join(", "),
        escape(&wording::reason(decisions[0]))
    )
}

fn held_back(report: &Report) -> String {
    let conceded = report.not_reached.iter();
    let conceded =
        conceded.filter_map(|s| Some(format!("{}: {}", wording::left(&s.feature, s.reached, s.wanted), wording::rule(s.rule?))));
    let held = report.plan.decisions.iter().filter_map(|d| {
        let name = wording::decision_name(d, &report.plan.settings);
        Some(format!("{}, {name}: {}", wording::stage(stage_of(&d.param)), wording::held_back(d)?))
    });
    let lines = list_of("held", conceded.chain(held));
    if lines.is_empty() { lines } else { format!("<h3>Held back on purpose</h3>\n{lines}") }
}
