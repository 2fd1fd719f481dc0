//! The inverse chain model: from what a mix measures and what it should measure to the settings that refinement would end at.
//!
//! ```text
//! portrait of the mix, difference to the goal ─ network ─▶ a correction of each parameter on its scale, and a certainty
//! rules' proposal + corrections of what is certain ─▶ first proposal
//! ```
//!
//! Rules know what fixed filters and widths do. The model, fitted on refined proposals ([`super::lesson()`]), adds what the stages do to each
//! other's figures: limiter and bands to tone, loudness and range. The side's curve goes with the mid's, so that the image is none of its business.
//! What depends on its parameters in this music (thresholds, times) follows by the same functions as in refinement. What rules leave neutral,
//! because it is right, stays so. The limiter is none of its business: the drive is told as well by rules (R2 0.97), and the ceiling follows from
//! where the peaks of the loud windows stand, which rules know and no figure tells.

use super::aim::Aim;
use super::reach::Reach;
use super::refine::attacks::{LOWEST_WITH_ATTACKS, has_attacks};
use super::refine::bands::{LEAST_BEND, complete_band};
use super::refine::level::set_clipper;
use super::refine::tone::{LARGEST_GAIN_DB, ease};
use super::ride::set_leveler;
use super::traits::Traits;
use crate::analysis::Analysis;
use crate::chain::{ChainSettings, PARAMS_VERSION, find};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS, THIRD_OCTAVE_HZ};
use crate::inference::{Model, ModelError, Tensor};
use crate::params::ParamGroup;
use crate::target::portrait::{FIGURES, PORTRAIT_VERSION};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Version of the model's inputs and outputs: raised whenever a meaning, an order or a dependent setting changes.
pub const INVERSE_VERSION: u32 = 6;
/// Figures by which the reach of the model is told: the mix's, and what the goal has more.
pub const KNOWN_FIGURES: usize = 2 * FIGURES;

/// Length of the model's input, [`Situation::inputs`].
pub fn input_count() -> usize {
    2 * FIGURES + param_ids().len()
}

/// What the model is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Situation {
    /// Three parts, [`input_count`] numbers: the mix's figures; what the goal has more; where each parameter is proposed.
    pub inputs: Vec<f32>,
    /// Where rules propose each of the model's parameters, on its scale.
    pub proposed: Vec<f64>,
}

impl Situation {
    /// The situation in which rules have proposed `rules`.
    pub(super) fn new(aim: &Aim, rules: &ChainSettings) -> Self {
        let (mix, goal) = (aim.mix.portrait().0, aim.goal.portrait().0);
        let proposed = positions(rules);
        let more: [f64; FIGURES] = std::array::from_fn(|i| goal[i] - mix[i]);
        let all = mix.iter().chain(&more).chain(&proposed);
        Self { inputs: all.map(|x| *x as f32).collect(), proposed }
    }
}

/// Ids of the parameters that the model speaks of, in its order.
pub fn param_ids() -> &'static [String] {
    static IDS: LazyLock<Vec<String>> = LazyLock::new(param_names);
    &IDS
}

fn param_names() -> Vec<String> {
    let curve = THIRD_OCTAVE_HZ.iter().map(|hz| format!("match_eq.mid.gain_{hz}_hz_db"));
    let band = |figure: &'static str| DYNAMICS_BAND_NAMES.iter().map(move |name| format!("multiband.{name}.{figure}"));
    let transients = band("transient_db").skip(LOWEST_WITH_ATTACKS);
    curve.chain(band("high_ratio")).chain(transients).chain(["leveler.amount_percent".to_owned()]).collect()
}

/// Position of each parameter on its scale, 0 to 1.
pub fn positions(chain: &ChainSettings) -> Vec<f64> {
    let position = |id: &String| Some(find(id).ok()?.domain.position(chain.get(id).ok()?));
    param_ids().iter().filter_map(position).collect()
}

/// A parameter whose certainty is less stays where rules have put it.
const CERTAIN: f64 = 0.3;

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

    /// Asks the model how to correct what rules propose. Errors: it fails, or is not the model that was expected.
    pub(super) fn correct(&mut self, aim: &Aim, rules: &ChainSettings) -> Result<Correction, ModelError> {
        let situation = Situation::new(aim, rules);
        let size = situation.inputs.len();
        let distance = self.reach.distance(&situation.inputs[..KNOWN_FIGURES]);
        let outputs = self.model.run(&[("situation", &[1, size], situation.inputs)])?;
        let find = |name: &str| outputs.iter().find(|(n, _)| n == name).map(|(_, tensor)| tensor);
        match (find("correction"), find("certainty")) {
            (Some(by), Some(certainty)) => Ok(Correction {
                positions: corrected(rules, &situation.proposed, (by, certainty)),
                certainty: certainty.values.clone(),
                distance,
            }),
            _ => Err(ModelError::Content { name: "inverse".into(), what: "has no outputs 'correction' and 'certainty'".into() }),
        }
    }
}

/// What the model makes of a proposal of the rules.
pub(super) struct Correction {
    positions: Vec<Option<f64>>,
    certainty: Vec<f32>,
    distance: f64,
}

impl Correction {
    /// How certain the model is of each parameter that it has a say in.
    pub(super) fn certainty(&self) -> Vec<(&'static str, f64)> {
        let all = param_ids().iter().zip(&self.positions).zip(&self.certainty);
        all.filter(|((_, position), _)| position.is_some()).map(|((id, _), c)| (id.as_str(), f64::from(*c))).collect()
    }

    /// How far the figures lie from those that the model was fitted on: [`Reach::distance`].
    pub(super) fn distance(&self) -> f64 {
        self.distance
    }

    /// Puts into a chain what is proposed with certainty.
    pub(super) fn apply(&self, mix: &Analysis, aim: &Aim, chain: &mut ChainSettings) {
        apply(&worthwhile(&self.positions, &aim.mix.crest), mix, chain);
        set_clipper(chain, aim, aim.goal.loudness_lufs);
    }
}

/// Where rules, corrected, put each parameter; none where the model is not certain, and where rules leave alone what is right.
fn corrected(rules: &ChainSettings, proposed: &[f64], (by, certainty): (&Tensor, &Tensor)) -> Vec<Option<f64>> {
    let neutral = positions(&ChainSettings::default());
    let has_level = rules.limiter.drive_db != 0.0;
    let position = |(at, id): (usize, &String)| {
        let (by, certainty) = (f64::from(*by.values.get(at)?), f64::from(*certainty.values.get(at)?));
        let acts = proposed[at] != neutral[at] || (is_dynamics(id) && has_level);
        let certain = certainty >= CERTAIN && by.is_finite();
        (acts && certain).then_some((proposed[at] + by).clamp(0.0, 1.0))
    };
    param_ids().iter().enumerate().map(position).collect()
}

/// Whether a stage answers to what the limiter is asked for, even where rules leave it neutral.
fn is_dynamics(id: &str) -> bool {
    id.starts_with("multiband.")
}

/// Whether a parameter has a hold on this mix: transients of a band without attacks have none.
pub fn acts(id: &str, mix: &Analysis) -> bool {
    acts_at(id, &Traits::of(mix).crest)
}

fn acts_at(id: &str, crest_db: &[f64; DYNAMICS_BANDS]) -> bool {
    let band = id.strip_prefix("multiband.").and_then(|rest| rest.strip_suffix(".transient_db"));
    let number = band.and_then(|band| DYNAMICS_BAND_NAMES.iter().position(|name| *name == band));
    number.is_none_or(|number| has_attacks(number, crest_db[number]))
}

/// Positions whose values do so little that they are noise of the model become neutral, as do those of parameters that have no hold on a mix
/// whose bands have this `crest_db`.
fn worthwhile(positions: &[Option<f64>], crest_db: &[f64; DYNAMICS_BANDS]) -> Vec<Option<f64>> {
    let neutral = |(id, position): (&String, &Option<f64>)| {
        let (position, param) = ((*position)?, find(id).ok()?);
        let least = match id.rsplit('_').next()? {
            // So near 1 a ratio differs from it by its bend.
            "ratio" => LEAST_BEND,
            "db" if id.ends_with(".transient_db") => LEAST_TRANSIENT_DB,
            _ => 0.0,
        };
        let little = !acts_at(id, crest_db) || (param.domain.at(position) - param.default).abs() < least;
        Some(if little { param.domain.position(param.default) } else { position })
    };
    param_ids().iter().zip(positions).map(neutral).collect()
}

/// Transients that do less are left out.
const LEAST_TRANSIENT_DB: f64 = 0.5;

/// Puts positions into a chain, and what goes with them in this mix. A position of `None` leaves its parameter alone.
pub fn apply(positions: &[Option<f64>], mix: &Analysis, chain: &mut ChainSettings) {
    let wanted: BTreeMap<&str, f64> =
        param_ids().iter().zip(positions).filter_map(|(id, position)| Some((id.as_str(), (*position)?))).collect();
    let before = chain.match_eq.mid.gains_db;
    chain.update(&mut |id, spec| {
        let value = spec.domain.at(*wanted.get(id)?);
        // Hundredths: a plan is read by people.
        Some(((value * 100.0).round() / 100.0).clamp(spec.domain.min, spec.domain.max))
    });
    let (mid, side) = (&chain.match_eq.mid.gains_db, &mut chain.match_eq.side.gains_db);
    for ((side, now), before) in side.iter_mut().zip(mid).zip(before) {
        *side = ((100.0 * (*side + now - before)).round() / 100.0).clamp(-LARGEST_GAIN_DB, LARGEST_GAIN_DB);
    }
    ease(&mut chain.match_eq);
    if chain.leveler.amount_percent != 0.0 {
        let amount_percent = chain.leveler.amount_percent;
        set_leveler(&mut chain.leveler, amount_percent, mix.loudness.integrated_lufs);
    }
    for (number, band) in chain.multiband.bands_mut().into_iter().enumerate().take(DYNAMICS_BANDS) {
        complete_band(band, number, mix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use crate::propose::Wishes;

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
        assert!(chain.multiband.low.attack_ms > chain.multiband.high.attack_ms && chain.multiband.low.low_ratio != 1.0);
        let (mid, side) = (&chain.match_eq.mid.gains_db, &chain.match_eq.side.gains_db);
        assert!(
            mid.iter().zip(side).all(|(m, s)| (m - s).abs() < 0.011 && *m != 0.0),
            "the side goes with the mid: {mid:?} {side:?}"
        );
        let mut untouched = ChainSettings::default();
        apply(&vec![None; ids.len()], &mix, &mut untouched);
        assert_eq!(untouched, ChainSettings::default());
    }

    #[test]
    fn a_situation_tells_of_mix_and_goal_and_of_where_rules_put_each_parameter() {
        let mut analyzer = Analyzer::new(44_100, 2);
        let tone: Vec<f32> = (0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect();
        analyzer.push(&[tone.clone(), tone]);
        let analysis = analyzer.finish().analysis();
        let target = crate::target::Target::blend(&[("itself".into(), analysis.clone(), 1.0)]).unwrap();
        let aim = Aim::new(&analysis, &target, &Wishes::default());
        let (settings, mut rules) = (ChainSettings::default(), ChainSettings::default());
        rules.leveler.amount_percent = 30.0;
        let [before, after] = [&settings, &rules].map(|chain| Situation::new(&aim, chain));
        assert_eq!([before.inputs.len(), after.inputs.len()], [input_count(); 2]);
        assert!(before.inputs[FIGURES..2 * FIGURES].iter().all(|x| x.abs() < 1e-3), "the goal is the mix itself");
        let moved: Vec<&str> = param_ids()
            .iter()
            .zip(before.proposed.iter().zip(&after.proposed))
            .filter(|(_, (b, a))| a != b)
            .map(|(id, _)| id.as_str())
            .collect();
        assert_eq!(moved, ["leveler.amount_percent"]);
        assert_eq!(before.inputs[..2 * FIGURES], after.inputs[..2 * FIGURES]);
    }

    #[test]
    fn the_model_is_silent_where_rules_leave_all_as_it_is_and_where_it_is_not_certain() {
        let tensor = |value: f32| Tensor { shape: vec![1, param_ids().len()], values: vec![value; param_ids().len()] };
        let (neutral, mut louder) = (ChainSettings::default(), ChainSettings::default());
        louder.limiter.drive_db = 6.0;
        let count = |rules: &ChainSettings, certainty: f32| {
            corrected(rules, &positions(rules), (&tensor(0.1), &tensor(certainty))).iter().flatten().count()
        };
        assert_eq!(count(&neutral, 1.0), 0);
        assert_eq!(count(&louder, CERTAIN as f32 - 0.01), 0);
        let dynamics = param_ids().iter().filter(|id| is_dynamics(id)).count();
        assert_eq!(count(&louder, 1.0), dynamics);
    }

    #[test]
    fn transients_are_for_bands_with_attacks() {
        let all = vec![Some(0.9); param_ids().len()];
        let moved = |crest_db: [f64; DYNAMICS_BANDS]| -> Vec<&str> {
            let ids = param_ids().iter().zip(worthwhile(&all, &crest_db));
            let ids = ids.filter(|(id, position)| id.ends_with("transient_db") && *position == Some(0.9));
            ids.map(|(id, _)| id.as_str()).collect()
        };
        assert_eq!(moved([20.0, 12.0, 16.0, 12.0]), ["multiband.high_mid.transient_db"]);
        assert_eq!(moved([20.0; DYNAMICS_BANDS]).len(), DYNAMICS_BANDS - LOWEST_WITH_ATTACKS);
    }
}
