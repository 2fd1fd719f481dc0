//! From what a job leaves to the report.

use super::rows::{Row, rows};
use super::wording;
use super::{Asked, MasterReport, PlanReport, REPORT_VERSION, Report, Setting, Shortfall, Source, StageReport};
use crate::chain::{ChainSettings, Stage, find};
use crate::plan::{self, Decision, Plan};
use crate::propose::Wishes;
use crate::render::Master;
use crate::target::Target;

/// What a job leaves, whole or half done.
pub struct Outcome<'a> {
    /// The mix.
    pub mix: Source,
    /// The references; none where a plan was rendered.
    pub references: Vec<Source>,
    /// What the references ask for; none where a plan was rendered.
    pub target: Option<&'a Target>,
    /// What the person asked for; none where a plan was rendered.
    pub wishes: Option<&'a Wishes>,
    /// What was proposed.
    pub plan: &'a Plan,
    /// What came out; none after a dry run.
    pub master: Option<&'a Master>,
}

impl Report {
    /// Puts the report together.
    pub fn new(outcome: Outcome) -> Self {
        let Outcome { mix, references, target, wishes, plan, master } = outcome;
        let asked = wishes.map(asked).unwrap_or_default();
        let promised = plan.delivery.loudness_lufs;
        let rows = rows(&mix.analysis, master.map(|m| &m.analysis), target, &asked, promised);
        Self {
            schema_version: REPORT_VERSION,
            program: concat!("automaster ", env!("CARGO_PKG_VERSION")).to_owned(),
            not_reached: not_reached(plan, &rows),
            mix,
            references,
            target: target.cloned(),
            asked,
            plan: plan_report(plan, master),
            master: master.map(master_report),
            rows,
        }
    }

    /// Whether every promise is kept; true where nothing was rendered.
    pub fn keeps_promises(&self) -> bool {
        self.master.iter().all(|m| m.promises.iter().all(|p| p.kept))
    }
}

fn asked(wishes: &Wishes) -> Asked {
    Asked { tone: wishes.tone, loudness: wishes.loudness, dynamics: wishes.dynamics, width: wishes.width }
}

fn plan_report(plan: &Plan, master: Option<&Master>) -> PlanReport {
    let mut decisions = plan.decisions.clone();
    if let Some(master) = master {
        decisions.iter_mut().for_each(|decision| as_rendered(decision, plan, master));
    }
    decisions.sort_by_key(stage_order);
    PlanReport {
        delivery: plan.delivery,
        settings: settings(&plan.chain),
        decisions,
        concessions: plan.concessions.clone(),
        notes: plan.notes.clone(),
        history: plan.history.clone(),
    }
}

/// What a render made of a setting: a promised loudness finds its own drive, whatever the plan says, and no peak is over the delivery's ceiling.
fn as_rendered(decision: &mut Decision, plan: &Plan, master: &Master) {
    // A drive that nothing explains any more was found anew.
    let found_anew = decision.source != plan::Source::User && decision.evidence.is_empty();
    match decision.param.as_str() {
        "limiter.drive_db" if found_anew => decision.value = master.drive_db,
        "limiter.drive_db" if wording::is_overruled(decision, master) => {
            (decision.value, decision.source) = (master.drive_db, plan::Source::Refinement);
        }
        "limiter.ceiling_dbtp" => decision.value = decision.value.min(plan.delivery.ceiling_dbtp),
        _ => {}
    }
}

fn settings(chain: &ChainSettings) -> Vec<Setting> {
    let text = |param: &str, value: f64| find(param).map_or_else(|_| value.to_string(), |p| wording::param_value(p, value));
    chain.changed().into_iter().map(|(param, value)| Setting { text: text(&param, value), param, value }).collect()
}

/// Place of a decision's stage in the chain.
fn stage_order(decision: &Decision) -> usize {
    let stage = decision.param.split('.').next().unwrap_or_default();
    Stage::ALL.iter().position(|s| s.name() == stage).unwrap_or(Stage::ALL.len())
}

fn master_report(master: &Master) -> MasterReport {
    let stage = |(stage, meter): &(Stage, _)| StageReport { stage: stage.name().to_owned(), meter: Clone::clone(meter) };
    MasterReport {
        file: master.path.display().to_string(),
        analysis: master.analysis.clone(),
        trace: master.trace.clone(),
        drive_db: master.drive_db,
        stages: master.meters.iter().map(stage).collect(),
        promises: master.promises.clone(),
        warnings: master.warnings.clone(),
    }
}

/// First what was left on purpose, then what simply was not reached.
fn not_reached(plan: &Plan, rows: &[Row]) -> Vec<Shortfall> {
    let measured = |feature: &str| rows.iter().find(|r| r.feature == feature).and_then(|r| r.after);
    let left = plan.concessions.iter().map(|c| Shortfall {
        feature: c.feature.clone(),
        wanted: c.wanted,
        reached: measured(&c.feature).unwrap_or(c.planned),
        rule: Some(c.rule),
    });
    let known = |feature: &str| plan.concessions.iter().any(|c| c.feature == feature);
    let missed = rows
        .iter()
        .filter(|r| r.inside == Some(false) && !known(&r.feature))
        .filter_map(|r| Some(Shortfall { feature: r.feature.clone(), wanted: r.aim?, reached: r.after?, rule: None }));
    left.chain(missed).collect()
}
