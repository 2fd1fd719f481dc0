//! The report for a terminal: short, in a musician's words.

mod features;
mod files;
mod moves;

pub use files::{comparison, source};

use super::figures::{Figure, Goal, overview};
use super::table::{Align, aligned};
use super::{Report, wording};
use moves::moves;
use std::fmt::Write;

/// How a text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// ANSI colours.
    pub colour: bool,
    /// Everything instead of the most important lines.
    pub verbose: bool,
}

/// Limits that a summary names before it refers to the report.
const SHORT_LINES: usize = 6;
impl Look {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
    pub(super) fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }
    pub(super) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }
    fn good(self, text: &str) -> String {
        self.paint("32", text)
    }
    fn warn(self, text: &str) -> String {
        self.paint("33", text)
    }
    fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }
    fn lines(self) -> usize {
        if self.verbose { usize::MAX } else { SHORT_LINES }
    }
}

/// The summary of a job.
pub fn summary(report: &Report, look: Look) -> String {
    let mut out = String::new();
    title(&mut out, report, look);
    figures(&mut out, report, look);
    warnings(&mut out, report, look);
    moves(&mut out, report, look);
    not_reached(&mut out, report, look);
    features::features(&mut out, report, look);
    promises(&mut out, report, look);
    out
}

fn heading(out: &mut String, look: Look, text: &str) {
    let _ = writeln!(out, "\n{}", look.strong(text));
}

fn title(out: &mut String, report: &Report, look: Look) {
    let mix = &report.mix;
    let seconds = mix.analysis.frames as f64 / f64::from(mix.analysis.sample_rate_hz.max(1));
    let _ = writeln!(
        out,
        "{}  {}",
        look.strong(&mix.file),
        look.faint(&format!("{}, {}", mix.info.format, wording::duration(seconds)))
    );
    if let Some(genres) = wording::genres(&mix.genres) {
        let _ = writeln!(out, "{} {genres}", look.faint("recognised as"));
    }
    for (i, reference) in report.references.iter().enumerate() {
        let weight = report.target.as_ref().and_then(|t| t.references.get(i)).map_or(1.0, |r| r.weight);
        let share = if weight < 1.0 { format!("  {:.0} %", 100.0 * weight) } else { String::new() };
        let _ = writeln!(out, "{} {}{}", look.faint("to sound like"), reference.file, look.faint(&share));
    }
    for genre in report.target.iter().flat_map(|t| &t.genres) {
        let _ = writeln!(out, "{} {}", look.faint("to sound like"), wording::genre_use(genre));
    }
    if let Some(caution) = report.target.as_ref().and_then(wording::strange) {
        let _ = writeln!(out, "{}", look.faint(caution));
    }
}

fn figures(out: &mut String, report: &Report, look: Look) {
    let has = (report.master.is_some(), report.target.is_some());
    let mut head = vec![String::new(), "mix".to_owned()];
    head.extend(has.0.then(|| "master".to_owned()));
    head.extend(has.1.then(|| wording::aimed_at(report).to_owned()));
    let mut rows = vec![head.iter().map(|h| look.faint(h)).collect()];
    rows.extend(overview(report).iter().map(|f| figure_row(f, look)));
    out.push('\n');
    let mut align = vec![Align::Left; 6];
    align[1..head.len()].fill(Align::Right);
    for line in aligned(&rows, &align) {
        let _ = writeln!(out, "  {line}");
    }
}

fn figure_row(figure: &Figure, look: Look) -> Vec<String> {
    let mut row = vec![figure.name.to_owned(), wording::number(figure.mix, figure.unit)];
    row.extend(figure.master.map(|v| look.strong(&wording::number(v, figure.unit))));
    if let Some(reference) = figure.reference {
        row.push(wording::number(reference, figure.unit));
    }
    row.push(look.faint(figure.unit.symbol()));
    row.push(match (figure.reached(), figure.goal.as_ref()) {
        (Some(true), _) if figure.held_back => look.warn("held back"),
        (Some(true), _) => look.good("ok"),
        (Some(false), Some(Goal::Near { value, .. })) => look.warn(&format!("aim {}", wording::number(*value, figure.unit))),
        (Some(false), Some(Goal::AtMost(_))) => look.bad("too high"),
        _ => String::new(),
    });
    row
}

fn warnings(out: &mut String, report: &Report, look: Look) {
    let lines = wording::heard(report);
    if lines.is_empty() {
        return;
    }
    heading(out, look, "Heard in the files");
    for line in lines {
        let _ = writeln!(out, "  {} {line}", look.warn("!"));
    }
}

/// What limits held back, each with its reason; what was simply not reached as a number.
fn not_reached(out: &mut String, report: &Report, look: Look) {
    let mut lines = Vec::new();
    for (shortfall, rule) in report.not_reached.iter().filter_map(|s| Some((s, s.rule?))) {
        let left = wording::left(&shortfall.feature, shortfall.reached, shortfall.wanted);
        lines.push(format!("{left}: {}", look.warn(wording::rule(rule))));
    }
    for decision in &report.plan.decisions {
        if let Some(held) = wording::held_back(decision) {
            let stage = wording::stage(decision.param.split('.').next().unwrap_or_default());
            lines.push(format!("{stage}, {}: {held}", wording::decision_name(decision, &report.plan.settings)));
        }
    }
    let missed = wording::missed(report);
    if lines.is_empty() && missed.is_none() {
        return;
    }
    heading(out, look, "Held back and not reached");
    for line in lines.iter().take(look.lines()) {
        let _ = writeln!(out, "  {line}");
    }
    if lines.len() > look.lines() {
        let _ =
            writeln!(out, "  {}", look.faint(&format!("and {} more: -v or the report shows them", lines.len() - look.lines())));
    }
    if let Some(missed) = missed {
        let _ = writeln!(out, "  {}", look.faint(&format!("{missed}; the report lists them")));
    }
}

fn promises(out: &mut String, report: &Report, look: Look) {
    let Some(master) = &report.master else { return };
    heading(out, look, if report.keeps_promises() { "Promises kept" } else { "Promises" });
    for promise in &master.promises {
        let mark = if promise.kept { look.good("ok") } else { look.bad("BROKEN") };
        let _ = writeln!(out, "  {mark} {}", wording::promise(promise));
    }
    let _ = writeln!(
        out,
        "\n{} {}  {}",
        look.strong("master"),
        master.file,
        look.faint(&wording::file_format(&report.plan.delivery))
    );
}
