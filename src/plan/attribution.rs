//! Attribution: which figures of the mix made a value what it is, and what would be proposed without them.
//!
//! `neutral + (on_target − neutral) + contributions of all groups + refinement = value`, each in the parameter's own unit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Causes that a plan file keeps of each decision.
const KEPT: usize = 3;

/// What made a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    /// The parameter that is explained: the decision's own; of a curve, the band that moves most.
    pub param: String,
    /// What moved it most in the direction that it took.
    pub main: MainCause,
    /// The parameter's neutral value.
    pub neutral: f64,
    /// What would be proposed were everything on target.
    pub on_target: f64,
    /// What was proposed at first, from figures alone.
    pub proposed: f64,
    /// What auditions of the excerpts added to the first proposal.
    pub refinement: f64,
    /// The feature group that refinement steers this parameter by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steered_by: Option<String>,
    /// What the groups contribute that `causes` does not list.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub others: f64,
    /// How far this can be relied on.
    pub confidence: Confidence,
    /// The feature groups behind the first proposal; the main one first, then by size.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// What moved a value most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MainCause {
    /// The first of the causes.
    Group,
    /// What auditions of the excerpts said.
    Refinement,
    /// None of the figures: it would be proposed for any mix.
    Always,
}

/// A feature group's part in a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Id of the feature group.
    pub group: String,
    /// What the mix measures: the mean of the group's figures.
    pub measured: f64,
    /// What it should measure.
    pub target: f64,
    /// What it adds to the value (Shapley value of the first proposal).
    pub contribution: f64,
    /// What would be proposed had this group been on target.
    pub counterfactual: f64,
}

/// How far a value can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Confidence {
    /// A rule: as sure as the figures that it stands on.
    Rule,
    /// The learned model.
    Model {
        /// 1 − expected variance of the position over the variance of all training settings: 0 knows nothing, 1 is certain.
        certainty: f64,
        /// How far the figures lie from the training data: 1 at its farthest hundredth, more is unlike it.
        distance: f64,
    },
}

impl Attribution {
    /// The group that is named as the reason: the main cause, or what refinement steers by where that did more.
    pub fn named(&self) -> Option<&str> {
        match self.main {
            MainCause::Group => self.causes.first().map(|cause| cause.group.as_str()),
            MainCause::Refinement => self.steered_by.as_deref(),
            MainCause::Always => None,
        }
    }

    /// What the parts add up to: the value.
    pub fn sum(&self) -> f64 {
        self.on_target + self.causes.iter().map(|cause| cause.contribution).sum::<f64>() + self.others + self.refinement
    }

    /// The short form for a plan file: the first causes, in hundredths; the parts still add up.
    pub(super) fn brief(&self) -> Self {
        let round = |value: f64| (100.0 * value).round() / 100.0;
        let brief = |cause: &Cause| Cause {
            group: cause.group.clone(),
            measured: round(cause.measured),
            target: round(cause.target),
            contribution: round(cause.contribution),
            counterfactual: round(cause.counterfactual),
        };
        let causes: Vec<Cause> = self.causes.iter().take(KEPT).map(brief).collect();
        let confidence = match self.confidence {
            Confidence::Model { certainty, distance } => {
                Confidence::Model { certainty: round(certainty), distance: round(distance) }
            }
            Confidence::Rule => Confidence::Rule,
        };
        let (on_target, proposed) = (round(self.on_target), round(self.proposed));
        let others = round(proposed - on_target - causes.iter().map(|cause| cause.contribution).sum::<f64>());
        Self { on_target, proposed, refinement: round(self.refinement), others, confidence, causes, ..self.clone() }
    }
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_keeps_the_main_cause_and_the_sum() {
        let cause = |group: &str, contribution: f64| Cause {
            group: group.into(),
            measured: -1.234_5,
            target: 2.0,
            contribution,
            counterfactual: 0.5,
        };
        let whole = Attribution {
            param: "limiter.drive_db".into(),
            main: MainCause::Group,
            neutral: 0.0,
            on_target: 0.1,
            proposed: 3.1,
            refinement: -0.4,
            steered_by: Some("loudness".into()),
            others: 0.0,
            confidence: Confidence::Model { certainty: 0.812_3, distance: 0.455_5 },
            causes: vec![cause("loudness", 2.0), cause("air", 0.704_9), cause("punch", -0.2), cause("low_end", 0.495_1)],
        };
        assert!((whole.sum() - 2.7).abs() < 1e-9);
        assert_eq!(whole.named(), Some("loudness"));
        let brief = whole.brief();
        assert_eq!(brief.causes.len(), 3);
        assert_eq!((brief.causes[0].measured, brief.causes[1].contribution, brief.others), (-1.23, 0.7, 0.5));
        assert!((brief.sum() - 2.7).abs() < 0.005, "{}", brief.sum());
        assert_eq!(Attribution { main: MainCause::Refinement, ..whole.clone() }.named(), Some("loudness"));
        assert_eq!(Attribution { main: MainCause::Always, ..whole }.named(), None);
    }
}
