//! What was done, or is proposed.

use super::{Look, heading};
use crate::plan::Decision;
use crate::report::table::{Align, aligned};
use crate::report::{MasterReport, Report, wording};
use std::fmt::Write;

/// Moves that a summary names of each stage.
const MOVES_A_STAGE: usize = 2;

/// The moves: one line a stage; in the verbose look one line a setting.
pub(super) fn moves(out: &mut String, report: &Report, look: Look) {
    heading(out, look, if report.master.is_some() { "What was done" } else { "What is proposed" });
    let decisions = &report.plan.decisions;
    if decisions.is_empty() {
        let _ = writeln!(out, "  nothing: every figure is right as it is");
        return;
    }
    let stage_of = |d: &Decision| d.param.split('.').next().unwrap_or_default().to_owned();
    let mut rows = Vec::new();
    for stage in decisions.chunk_by(|a, b| stage_of(a) == stage_of(b)) {
        let name = wording::stage(stage[0].param.split('.').next().unwrap_or_default());
        if look.verbose {
            rows.extend(stage.iter().enumerate().map(|(i, d)| {
                let name = if i == 0 { name } else { "" };
                vec![name.to_owned(), one_move(d, report, look), look.faint(&wording::reason(d))]
            }));
        } else {
            let stage = wording::heaviest_first(stage);
            rows.push(vec![name.to_owned(), some_moves(&stage, report, look), look.faint(&wording::reason(stage[0]))]);
        }
    }
    for line in aligned(&rows, &[Align::Left, Align::Left, Align::Left]) {
        let _ = writeln!(out, "  {line}");
    }
    if let Some(deepest) = report.master.as_ref().and_then(limiter_reduction_db) {
        let _ = writeln!(out, "  {}", look.faint(&format!("the limiter reduced peaks by {deepest:.1} dB at most")));
    }
}

fn one_move(decision: &Decision, report: &Report, look: Look) -> String {
    let name = wording::decision_name(decision, &report.plan.settings);
    format!("{name} {}", look.strong(&wording::decision_value(decision)))
}

/// The first of these moves, and how many more there are.
fn some_moves(stage: &[&Decision], report: &Report, look: Look) -> String {
    let shown: Vec<String> = stage.iter().take(MOVES_A_STAGE).map(|d| one_move(d, report, look)).collect();
    match stage.len().saturating_sub(MOVES_A_STAGE) {
        0 => shown.join(", "),
        more => format!("{} {}", shown.join(", "), look.faint(&format!("and {more} more"))),
    }
}

fn limiter_reduction_db(master: &MasterReport) -> Option<f64> {
    let gains = master.stages.iter().filter(|s| s.stage == "limiter").flat_map(|s| &s.meter.gains);
    let deepest = gains.map(|g| g.min_db).fold(0.0, f64::min);
    (deepest < -0.05).then_some(-deepest)
}
