//! The first proposal: what rules and, where asked for, the inverse chain model say from figures alone, before anything is
//! auditioned. A pure function of mix, aim and wishes, so that it can be asked again under other circumstances.

use super::aim::Aim;
use super::inverse::Inverse;
use super::ride::Ride;
use super::{Engine, Wishes, apply_fixed, refine, rules};
use crate::analysis::Analysis;
use crate::chain::ChainSettings;
use crate::inference::ModelError;

/// Proposes, as often as it is asked.
pub(super) struct Proposer {
    inverse: Option<Inverse>,
}

/// A first proposal.
pub(super) struct First {
    /// The settings.
    pub(super) chain: ChainSettings,
    /// How certain the model is of each parameter that it has a say in; none where rules alone propose.
    pub(super) certainty: Vec<(&'static str, f64)>,
    /// How far the figures lie from those that the model was fitted on, 1 at its edge; none where rules alone propose.
    pub(super) distance: Option<f64>,
}

impl Proposer {
    /// Opens the engine. Errors: the model is missing, damaged or of another version.
    pub(super) fn new(engine: Engine) -> Result<Self, ModelError> {
        let inverse = match engine {
            Engine::Rules => None,
            Engine::Learned => Some(Inverse::load()?),
        };
        Ok(Self { inverse })
    }

    /// The first proposal. Errors: the model fails.
    pub(super) fn first(
        &mut self,
        analysis: &Analysis,
        ride: &Ride,
        (aim, wishes): (&Aim, &Wishes),
    ) -> Result<First, ModelError> {
        let mut chain = rules::settings(analysis, aim, wishes);
        refine::correct_untouched(&mut chain, analysis, ride, (aim, wishes));
        let Some(inverse) = &mut self.inverse else {
            return Ok(First { chain, certainty: Vec::new(), distance: None });
        };
        let correction = inverse.correct(aim, &chain)?;
        correction.apply(analysis, aim, &mut chain);
        apply_fixed(&mut chain, wishes);
        Ok(First { chain, certainty: correction.certainty(), distance: Some(correction.distance()) })
    }
}
