//! The inverse chain model: from what a mix measures and what it should measure to settings of the chain.
//!
//! `portrait of the mix, difference to the goal ─ network ─▶ position of each parameter on its scale, and a certainty`
//!
//! The model knows the parameters whose effect on the figures can be told apart. It is heard on the limiter and on dynamics, where
//! it is certain; curves and widths do what they say, so rules compute them. What depends on the model's parameters in this
//! music (thresholds, times) follows by the same functions as in refinement. Loudness range needs minutes of music, so it is
//! none of the model's business.

use super::Wishes;
use super::aim::Aim;
use super::reach::Reach;
use super::refine::dynamics::{complete_band, set_compressor};
use crate::analysis::Analysis;
use crate::chain::{ChainSettings, PARAMS_VERSION, find};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS, THIRD_OCTAVE_HZ};
use crate::inference::{Model, ModelError, Tensor};
use crate::params::ParamGroup;
use crate::target::portrait::{FIGURES, LRA, PORTRAIT_VERSION, Portrait};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Version of the model's inputs and outputs: raised whenever a meaning, an order or a dependent setting changes.
pub const INVERSE_VERSION: u32 = 1;
/// Length of the model's input.
pub const INPUTS: usize = 2 * FIGURES;

/// The model's input: the mix, and what the goal has more.
pub fn inputs(mix: &Portrait, goal: &Portrait) -> [f32; INPUTS] {
    std::array::from_fn(|i| match i % FIGURES {
        LRA => 0.0,
        figure if i < FIGURES => mix.0[figure] as f32,
        figure => (goal.0[figure] - mix.0[figure]) as f32,
    })
}

/// Ids of the parameters that the model speaks of, in its order.
pub fn param_ids() -> &'static [String] {
    static IDS: LazyLock<Vec<String>> = LazyLock::new(param_names);
    &IDS
}

fn param_names() -> Vec<String> {
    let curve = |side: &'static str| THIRD_OCTAVE_HZ.iter().map(move |hz| format!("match_eq.{side}.gain_{hz}_hz_db"));
    let band = |figure: &'static str| DYNAMICS_BAND_NAMES.iter().map(move |name| format!("multiband.{name}.{figure}"));
    let width = DYNAMICS_BAND_NAMES.iter().map(|name| format!("stereo.{name}_width_percent"));
    let single = ["compressor.ratio", "limiter.drive_db", "limiter.ceiling_dbtp"].map(String::from);
    curve("mid").chain(curve("side")).chain(width).chain(band("high_ratio")).chain(band("transient_db")).chain(single).collect()
}

/// Position of each parameter on its scale, 0 to 1.
pub fn positions(chain: &ChainSettings) -> Vec<f64> {
    let position = |id: &String| Some(find(id).ok()?.domain.position(chain.get(id).ok()?));
    param_ids().iter().filter_map(position).collect()
}

/// A parameter whose certainty is less stays where rules have put it.
const CERTAIN: f64 = 0.6;
/// How far under the delivery's ceiling the model may hold peaks.
const LOWEST_CEILING_DB: f64 = 12.0;

/// The model, opened, and how far the music that it was fitted on reaches.
pub(super) struct Inverse {
    model: Model,
    reach: Reach,
}

impl Inverse {
    /// Opens the model. Errors: it is missing, damaged or of another version.
    pub(super) fn load() -> Result<Self, ModelError> {
        let versions = [("inverse", INVERSE_VERSION), ("portrait", PORTRAIT_VERSION), ("params", PARAMS_VERSION)];
        Ok(Self { model: Model::load("inverse", &versions)?, reach: Reach::load()? })
    }

    /// Asks the model. Errors: it fails, or is not the model that was expected.
    pub(super) fn propose(&mut self, aim: &Aim) -> Result<Proposal, ModelError> {
        let figures = inputs(&aim.mix.portrait(), &aim.goal.portrait());
        let outputs = self.model.run(&[("figures", &[1, INPUTS], figures.to_vec())])?;
        let find = |name: &str| outputs.iter().find(|(n, _)| n == name).map(|(_, tensor)| tensor);
        match (find("position"), find("certainty")) {
            (Some(position), Some(certainty)) => Ok(Proposal {
                positions: trusted(position, certainty),
                certainty: certainty.values.clone(),
                distance: self.reach.distance(&figures),
            }),
            _ => Err(ModelError::Content { name: "inverse".into(), what: "has no outputs 'position' and 'certainty'".into() }),
        }
    }
}

/// What the model proposes for a mix and its aim.
pub(super) struct Proposal {
    positions: Vec<Option<f64>>,
    certainty: Vec<f32>,
    distance: f64,
}

impl Proposal {
    /// How certain the model is of each parameter that it has a say in.
    pub(super) fn certainty(&self) -> Vec<(&'static str, f64)> {
        let all = param_ids().iter().zip(&self.positions).zip(&self.certainty);
        all.filter(|((_, position), _)| position.is_some()).map(|((id, _), c)| (id.as_str(), f64::from(*c))).collect()
    }

    /// How far the figures lie from those that the model was fitted on: [`Reach::distance`].
    pub(super) fn distance(&self) -> f64 {
        self.distance
    }

    /// Puts into a chain what is proposed with certainty, within the delivery's ceiling.
    pub(super) fn apply(&self, mix: &Analysis, wishes: &Wishes, chain: &mut ChainSettings) {
        apply(&worthwhile(&self.positions), mix, chain);
        let ceiling = wishes.ceiling_dbtp;
        chain.limiter.ceiling_dbtp = chain.limiter.ceiling_dbtp.clamp(ceiling - LOWEST_CEILING_DB, ceiling);
    }
}

/// Whether a parameter's effect is known without a model: fixed filters and widths do to the figures what they say.
fn is_known(id: &str) -> bool {
    id.starts_with("match_eq.") || id.starts_with("stereo.")
}

/// The positions that are certain enough, of parameters that there is something to learn about.
fn trusted(position: &Tensor, certainty: &Tensor) -> Vec<Option<f64>> {
    let rows = param_ids().iter().zip(&position.values).zip(&certainty.values);
    rows.map(|((id, p), c)| (!is_known(id) && f64::from(*c) >= CERTAIN && p.is_finite()).then_some(f64::from(*p))).collect()
}

/// Positions whose values do so little that they are noise of the model become neutral.
fn worthwhile(positions: &[Option<f64>]) -> Vec<Option<f64>> {
    let neutral = |(id, position): (&String, &Option<f64>)| {
        let (position, param) = ((*position)?, find(id).ok()?);
        let least = match id.rsplit('_').next()? {
            "ratio" => LEAST_BEND,
            "db" if id.ends_with(".transient_db") => LEAST_TRANSIENT_DB,
            _ => 0.0,
        };
        let little = (param.domain.at(position) - param.default).abs() < least;
        Some(if little { param.domain.position(param.default) } else { position })
    };
    param_ids().iter().zip(positions).map(neutral).collect()
}

/// Compression and bands that do less are left out.
const LEAST_RATIO: f64 = 1.03;
const LEAST_BEND: f64 = 0.06;
const LEAST_TRANSIENT_DB: f64 = 0.5;

/// Puts positions into a chain, and what goes with them in this mix. A position of `None` leaves its parameter alone.
pub fn apply(positions: &[Option<f64>], mix: &Analysis, chain: &mut ChainSettings) {
    let wanted: BTreeMap<&str, f64> =
        param_ids().iter().zip(positions).filter_map(|(id, position)| Some((id.as_str(), (*position)?))).collect();
    chain.update(&mut |id, spec| {
        let value = spec.domain.at(*wanted.get(id)?);
        // Hundredths: a plan is read by people.
        Some(((value * 100.0).round() / 100.0).clamp(spec.domain.min, spec.domain.max))
    });
    let bands = &mix.loud.dynamics;
    let ratio = chain.compressor.ratio;
    chain.compressor.ratio = if ratio < LEAST_RATIO { 1.0 } else { ratio };
    if chain.compressor.ratio > 1.0 {
        set_compressor(&mut chain.compressor, ratio, bands);
    }
    let multiband = chain.multiband.bands_mut();
    if multiband.iter().all(|b| (b.high_ratio - 1.0).abs() < LEAST_BEND && b.transient_db.abs() < LEAST_TRANSIENT_DB) {
        // Not worth the crossover's phase.
        multiband.into_iter().for_each(|band| (band.high_ratio, band.transient_db) = (1.0, 0.0));
    }
    for (number, band) in chain.multiband.bands_mut().into_iter().enumerate().take(DYNAMICS_BANDS) {
        complete_band(band, number, bands);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    #[test]
    fn positions_survive_the_way_into_a_chain_and_back() {
        let mut analyzer = Analyzer::new(44_100, 2);
        let tone: Vec<f32> = (0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * if n % 9000 < 3000 { 0.5 } else { 0.1 }).collect();
        analyzer.push(&[tone.clone(), tone]);
        let mix = analyzer.finish().analysis();
        let ids = param_ids();
        assert_eq!(positions(&ChainSettings::default()).len(), ids.len(), "every id is in the registry");
        let wanted: Vec<f64> = (0..ids.len()).map(|i| 0.4 + 0.002 * i as f64).collect();
        let mut chain = ChainSettings::default();
        apply(&wanted.iter().map(|p| Some(*p)).collect::<Vec<_>>(), &mix, &mut chain);
        for ((id, back), wanted) in ids.iter().zip(positions(&chain)).zip(&wanted) {
            assert!((back - wanted).abs() < 0.01, "{id}: {back} for {wanted}");
        }
        assert!(chain.multiband.low.attack_ms > chain.multiband.high.attack_ms && chain.compressor.threshold_dbfs < 0.0);
        let mut untouched = ChainSettings::default();
        apply(&vec![None; ids.len()], &mix, &mut untouched);
        assert_eq!(untouched, ChainSettings::default());
    }
}
