//! Explanation: which figures of the mix made each decision, found by asking the engine again with them on target.
//!
//! ```text
//! groups of features, each off target (as measured) or on it ─ the engine's own first proposal ─▶ a value for each coalition
//!     ─ Shapley values ─▶ contributions      ─ all but one group ─▶ its counterfactual
//! ```
//!
//! Nothing here imitates rules or model: both are asked themselves, they are functions of figures. A group that makes no
//! difference, alone or last, is left out of the game; where too many make one, the smaller ones play as one player. What
//! auditions added afterwards is stated apart.

mod groups;
mod shapley;

pub use groups::{FeatureGroup, groups};

use super::Wishes;
use super::aim::Aim;
use super::first::{First, Proposer};
use super::refine::Refined;
use super::ride::Ride;
use super::traits::Traits;
use crate::analysis::{Analysis, Defect};
use crate::chain::{ChainSettings, registry};
use crate::inference::ModelError;
use crate::plan::{Attribution, Cause, Confidence, Decision, MainCause, Source};
use crate::target::Target;
use shapley::{Coalition, shapley};
use std::collections::HashMap;

/// Groups that play for themselves, at most, where rules propose and where the model does: 2 to their power are the coalitions
/// that are asked for.
const MOST_PLAYERS: usize = 7;
const MOST_PLAYERS_LEARNED: usize = 4;
/// A difference under this is none.
const LEAST: f64 = 1e-9;

/// What a proposal is made of.
pub(super) struct Case<'a> {
    /// The mix.
    pub(super) analysis: &'a Analysis,
    /// What the leveler would do to it.
    pub(super) ride: &'a Ride<'a>,
    /// What it should become.
    pub(super) target: &'a Target,
    /// What the person wants.
    pub(super) wishes: &'a Wishes,
}

/// Adds to each decision that is not the person's own what made it. Errors: the model fails.
pub(super) fn explain(
    decisions: &mut [Decision],
    proposer: &mut Proposer,
    first: &First,
    refined: &Refined,
    case: &Case,
) -> Result<(), ModelError> {
    let mut game = Game::new(proposer, case, first);
    let screen = Screen::new(&mut game)?;
    for decision in decisions.iter_mut().filter(|d| d.source != Source::User) {
        if let Some(param) = explained(&decision.param, &refined.chain) {
            decision.attribution = Some(game.attribute(param, &screen, first, refined)?);
        }
    }
    Ok(())
}

/// Place in the registry of the parameter that stands for a decision: its own; of a curve, the band that moves most.
fn explained(param: &str, chain: &ChainSettings) -> Option<usize> {
    let values = chain.values();
    let covers = |id: &str| id == param || id.strip_prefix(param).is_some_and(|rest| rest.starts_with(".gain_"));
    let covered = registry().iter().enumerate().filter(|(_, p)| covers(&p.id)).map(|(at, _)| at);
    covered.max_by(|a, b| values[*a].abs().total_cmp(&values[*b].abs()))
}

/// Asks for first proposals with some groups on target, each coalition once.
struct Game<'a> {
    proposer: &'a mut Proposer,
    mix: Traits,
    target: Traits,
    goal: Traits,
    has_image: bool,
    analysis: &'a Analysis,
    ride: &'a Ride<'a>,
    without_faults: Option<Analysis>,
    wishes: &'a Wishes,
    without_loudness: Wishes,
    players: usize,
    known: HashMap<Coalition, Vec<f64>>,
}

/// All groups as they were measured.
const ALL: Coalition = (1 << 23) - 1;

impl<'a> Game<'a> {
    fn new(proposer: &'a mut Proposer, case: &Case<'a>, first: &First) -> Self {
        let is_fault = |d: &Defect| matches!(d, Defect::Dc { .. } | Defect::ClippedRuns { .. } | Defect::Hum { .. });
        let without_faults = case.analysis.defects.iter().any(is_fault).then(|| {
            let mut analysis = case.analysis.clone();
            analysis.defects.retain(|d| !is_fault(d));
            analysis
        });
        let (mix, target) = Traits::pair(case.analysis, case.target);
        Self {
            proposer,
            mix,
            target,
            goal: Aim::new(case.analysis, case.target, case.wishes).goal,
            has_image: case.target.has_image_for(case.analysis),
            analysis: case.analysis,
            ride: case.ride,
            without_faults,
            wishes: case.wishes,
            without_loudness: Wishes { loudness_lufs: None, ..case.wishes.clone() },
            players: if first.distance.is_some() { MOST_PLAYERS_LEARNED } else { MOST_PLAYERS },
            known: HashMap::from([(ALL, first.chain.values())]),
        }
    }

    /// Values of all parameters, in the registry's order, when only the groups of `off` are off target.
    fn values(&mut self, off: Coalition) -> Result<&[f64], ModelError> {
        if !self.known.contains_key(&off) {
            let target = groups::with_on_target(&self.mix, &self.target, |i| off >> i & 1 == 0);
            let is_off = |is: fn(&FeatureGroup) -> bool| groups().iter().position(is).is_some_and(|i| off >> i & 1 == 1);
            let wishes = if is_off(FeatureGroup::is_loudness) { self.wishes } else { &self.without_loudness };
            let whole = if is_off(FeatureGroup::is_faults) { None } else { self.without_faults.as_ref() };
            let aim = Aim::between(self.mix.clone(), target, self.has_image, wishes);
            let first = self.proposer.first(whole.unwrap_or(self.analysis), self.ride, (&aim, wishes))?;
            self.known.insert(off, first.chain.values());
        }
        Ok(&self.known[&off])
    }

    fn value(&mut self, off: Coalition, param: usize) -> Result<f64, ModelError> {
        Ok(self.values(off)?[param])
    }

    fn attribute(&mut self, at: usize, screen: &Screen, first: &First, refined: &Refined) -> Result<Attribution, ModelError> {
        let param = &registry()[at];
        let (on_target, proposed) = (screen.none[at], screen.all[at]);
        let relevant = screen.relevant(at);
        let (alone, rest) = relevant.split_at(relevant.len().min(self.players));
        let mut players: Vec<Coalition> = alone.iter().map(|i| 1 << i).collect();
        let mut together = rest.iter().fold(0, |all, i| all | 1 << i);
        let silent = ALL & !relevant.iter().fold(0, |all, i| all | 1 << i);
        // What makes no difference first or last could still make one in between: then it plays along.
        let quiet = match silent {
            ALL => on_target == proposed,
            _ => self.value(silent, at)? == on_target && self.value(ALL & !silent, at)? == proposed,
        };
        if !quiet {
            together |= silent;
        }
        if together != 0 {
            players.push(together);
        }
        let base = if quiet { silent } else { 0 };
        let values = shapley(base, &players, &mut |off| self.value(off, at))?;
        let others = if together != 0 { values.last().copied().unwrap_or(0.0) } else { 0.0 };
        let mut causes: Vec<Cause> = alone.iter().zip(&values).map(|(i, c)| self.cause(*i, *c, screen.but[*i][at])).collect();
        let value = refined.chain.values()[at];
        let refinement = value - proposed;
        let main = main_cause(&mut causes, value - param.default, refinement, on_target - param.default);
        let certainty = first.certainty.iter().find(|(id, _)| *id == param.id).map(|(_, certainty)| *certainty);
        let confidence = match (certainty, first.distance) {
            (Some(certainty), Some(distance)) => Confidence::Model { certainty, distance },
            _ => Confidence::Rule,
        };
        Ok(Attribution {
            param: param.id.clone(),
            main,
            neutral: param.default,
            on_target,
            proposed,
            refinement,
            steered_by: groups::steers(&param.id).map(|group| group.id.to_owned()),
            others,
            confidence,
            causes,
        })
    }

    fn cause(&self, at: usize, contribution: f64, counterfactual: f64) -> Cause {
        let group = &groups()[at];
        let (measured, target) = if group.is_faults() {
            (group.figures(self.analysis).iter().sum(), 0.0)
        } else {
            (group.mean(&self.mix), group.mean(&self.goal))
        };
        Cause { group: group.id.to_owned(), measured, target, contribution, counterfactual }
    }
}

/// Puts the main cause first, the others by size; says what moved the value most in the direction that it took.
fn main_cause(causes: &mut Vec<Cause>, moved: f64, refinement: f64, always: f64) -> MainCause {
    let direction = if moved < 0.0 { -1.0 } else { 1.0 };
    causes.retain(|cause| cause.contribution.abs() > LEAST);
    causes.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    let best = causes.iter().enumerate().max_by(|a, b| (direction * a.1.contribution).total_cmp(&(direction * b.1.contribution)));
    let best = best.map(|(at, cause)| (at, direction * cause.contribution));
    let strongest = (direction * refinement).max(direction * always);
    match best {
        Some((at, contribution)) if contribution > LEAST && contribution >= strongest => {
            let main = causes.remove(at);
            causes.insert(0, main);
            MainCause::Group
        }
        _ if refinement * direction > LEAST && refinement * direction >= always * direction => MainCause::Refinement,
        _ => MainCause::Always,
    }
}

/// What each group does alone, and last of all.
struct Screen {
    none: Vec<f64>,
    all: Vec<f64>,
    only: Vec<Vec<f64>>,
    but: Vec<Vec<f64>>,
}

impl Screen {
    fn new(game: &mut Game) -> Result<Self, ModelError> {
        let (none, all) = (game.values(0)?.to_vec(), game.values(ALL)?.to_vec());
        let mut each = |off: &dyn Fn(usize) -> Coalition| {
            (0..groups().len()).map(|i| Ok(game.values(off(i))?.to_vec())).collect::<Result<Vec<_>, ModelError>>()
        };
        let only = each(&|i| 1 << i)?;
        let but = each(&|i| ALL & !(1 << i))?;
        Ok(Self { none, all, only, but })
    }

    /// The groups that make a difference to a parameter, the largest first.
    fn relevant(&self, at: usize) -> Vec<usize> {
        let effect = |i: usize| (self.only[i][at] - self.none[at]).abs() + (self.all[at] - self.but[i][at]).abs();
        let mut relevant: Vec<usize> = (0..groups().len()).filter(|i| effect(*i) > LEAST).collect();
        relevant.sort_by(|a, b| effect(*b).total_cmp(&effect(*a)));
        relevant
    }
}

#[cfg(test)]
mod tests;
