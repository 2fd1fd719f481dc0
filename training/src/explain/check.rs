//! One job's decisions, checked: sums, counterfactuals asked for again, main causes heard.

use super::scratch;
use anyhow::{Context, Result};
use automaster::analysis::{Analysis, find_feature};
use automaster::chain::{ChainSettings, find, registry};
use automaster::job::{Song, Wishes};
use automaster::plan::{Attribution, Decision, MainCause};
use automaster::propose::{FeatureGroup, excerpt_rows, groups, propose};
use automaster::render::{Audition, Excerpts};
use automaster::target::Target;
use serde::Serialize;
use std::collections::BTreeMap;

/// A counterfactual that is off by less is the same: a hundredth is the finest step of any setting.
const SAME: f64 = 1e-6;

/// What became of one decision.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Checked {
    /// Which setting.
    pub(super) param: String,
    /// The group that is named as the reason; none where no figure is.
    pub(super) named: Option<String>,
    /// Whether refinement is the main cause.
    pub(super) refined: bool,
    /// What the parts miss of the way from neutral to the value, as a share of it.
    pub(super) sum_error: f64,
    /// Counterfactuals that were asked for again.
    pub(super) counterfactuals: usize,
    /// Those that came out otherwise.
    pub(super) wrong: usize,
    /// Whether the named group moves toward the target by the setting; none where no group is named.
    pub(super) agrees: Option<bool>,
    /// Whether the setting takes it on from where it would be without: stricter where other settings do the same.
    pub(super) nearer: Option<bool>,
    /// How far the group moves, and how far it is from the target without the setting: root mean squares in its unit.
    pub(super) moved: f64,
    /// See `moved`.
    pub(super) gap: f64,
    /// The value, and what it was moved back to.
    pub(super) values: (f64, f64),
}

/// One mix, one target, one engine.
pub(super) struct Job<'a> {
    song: &'a Song,
    target: &'a Target,
    wishes: &'a Wishes,
    excerpts: &'a Excerpts,
    whole: &'a Excerpts,
    first: ChainSettings,
    without: BTreeMap<&'static str, Option<ChainSettings>>,
}

/// Cuts what is rendered: excerpts as a job does, and the whole.
pub(super) fn cut(song: &Song) -> Result<[Excerpts; 2]> {
    let audio = song.audio.as_ref().context("a mix keeps its samples")?;
    let whole = std::iter::once(0..song.timeline.rows()).collect::<Vec<_>>();
    Ok([Excerpts::cut(audio, &excerpt_rows(&song.timeline), 1)?, Excerpts::cut(audio, &whole, 1)?])
}

impl<'a> Job<'a> {
    pub(super) fn new(
        song: &'a Song,
        target: &'a Target,
        wishes: &'a Wishes,
        [excerpts, whole]: &'a [Excerpts; 2],
    ) -> Result<Self> {
        let first = scratch::first(&song.timeline, target, wishes, excerpts.original())?;
        Ok(Self { song, target, wishes, excerpts, whole, first, without: BTreeMap::new() })
    }

    /// Proposes, and checks every decision that is explained.
    pub(super) fn check(&mut self) -> Result<Vec<Checked>> {
        let proposal = propose(&self.song.timeline, self.target, self.wishes, self.excerpts)?;
        let with = self.excerpts.render(&proposal.chain).analysis();
        let mut with_whole = None;
        let mut all = Vec::new();
        for decision in &proposal.decisions {
            let Some(attribution) = &decision.attribution else { continue };
            let mut checked = self.figures(decision, attribution)?;
            if let Some(group) = attribution.named().and_then(by_id) {
                let mut without = self.moved_back(decision, attribution, &proposal.chain)?;
                checked.values = (proposal.chain.get(&attribution.param)?, without.get(&attribution.param)?);
                let mut alone = ChainSettings::default();
                if group.id == "faults" {
                    // What is repaired is heard before other stages hide it.
                    alone.set(&attribution.param, checked.values.0)?;
                    without = ChainSettings::default();
                }
                // Loudness range and faults are no matter of excerpts.
                let of_whole = ["leveler.", "repair."].iter().any(|stage| decision.param.starts_with(stage));
                let heard = if of_whole { self.whole } else { self.excerpts };
                let alone = (group.id == "faults").then(|| self.whole.render(&alone).analysis());
                let with = if let Some(alone) = &alone {
                    alone
                } else if std::ptr::eq(heard, self.whole) {
                    with_whole.get_or_insert_with(|| self.whole.render(&proposal.chain).analysis())
                } else {
                    &with
                };
                let without = heard.render(&without).analysis();
                let original = heard.original().analysis();
                let (of_mix, gap, moved) = self.motion(group, &decision.param, [&original, &without, with]);
                let along = |way: &[f64]| way.iter().zip(&moved).map(|(w, m)| w * m).sum::<f64>() > 0.0;
                // A cause speaks of what the mix measures, refinement of what it found.
                checked.agrees = Some(along(if checked.refined { &gap } else { &of_mix }));
                checked.nearer = Some(along(&gap));
                (checked.gap, checked.moved) = (rms(&gap), rms(&moved));
            }
            all.push(checked);
        }
        Ok(all)
    }

    /// Sum and counterfactuals.
    fn figures(&mut self, decision: &Decision, attribution: &Attribution) -> Result<Checked> {
        let way = decision.value - attribution.neutral;
        let sum_error = (attribution.sum() - decision.value).abs() / way.abs().max(1e-9);
        let (mut counterfactuals, mut wrong) = (1, 0);
        wrong += usize::from((self.first.get(&attribution.param)? - attribution.proposed).abs() > SAME);
        for cause in &attribution.causes {
            let group = by_id(&cause.group).context("a group of the table")?;
            if let Some(chain) = self.without(group)? {
                counterfactuals += 1;
                wrong += usize::from((chain.get(&attribution.param)? - cause.counterfactual).abs() > SAME);
            }
        }
        Ok(Checked {
            param: decision.param.clone(),
            named: attribution.named().map(str::to_owned),
            refined: attribution.main == MainCause::Refinement,
            sum_error,
            counterfactuals,
            wrong,
            agrees: None,
            nearer: None,
            moved: 0.0,
            gap: 0.0,
            values: (decision.value, decision.value),
        })
    }

    /// The first proposal with a group on target; none for faults.
    fn without(&mut self, group: &'static FeatureGroup) -> Result<Option<&ChainSettings>> {
        if !self.without.contains_key(group.id) {
            let target = scratch::on_target(&self.song.analysis, self.target, group)?;
            let chain = target
                .map(|target| scratch::first(&self.song.timeline, &target, self.wishes, self.excerpts.original()))
                .transpose()?;
            self.without.insert(group.id, chain);
        }
        Ok(self.without[group.id].as_ref())
    }

    /// The chain with the decision's setting moved back by what its main cause moved it; to neutral where that is nothing.
    fn moved_back(&mut self, decision: &Decision, attribution: &Attribution, chain: &ChainSettings) -> Result<ChainSettings> {
        let covers = |id: &str| id == decision.param || id.strip_prefix(&decision.param).is_some_and(|r| r.starts_with(".gain_"));
        let first = self.first.clone();
        let without = match attribution.main {
            MainCause::Group => by_id(&attribution.causes[0].group).map(|g| self.without(g)).transpose()?.flatten().cloned(),
            _ => None,
        };
        let mut back = chain.clone();
        for param in registry().iter().filter(|p| covers(&p.id)) {
            let (now, proposed) = (chain.get(&param.id)?, first.get(&param.id)?);
            let shift = match (&without, attribution.main) {
                (Some(without), _) => proposed - without.get(&param.id)?,
                (None, MainCause::Refinement) => now - proposed,
                _ => now - param.default,
            };
            back.set(&param.id, (now - shift).clamp(param.domain.min, param.domain.max))?;
        }
        if back == *chain {
            let neutral = find(&attribution.param)?.default;
            back.set(&attribution.param, neutral)?;
        }
        Ok(back)
    }

    /// The way to the target from the mix, the way from where the group would be without the setting, the way that the setting goes.
    /// The sides go with the middle: what tone does to the curve of the sides is heard in the sides.
    fn motion(&self, group: &FeatureGroup, param: &str, heard: [&Analysis; 3]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let target = group.aims(&self.song.analysis, self.target, self.wishes);
        let mix = group.figures(&self.song.analysis);
        let in_sides = param == "match_eq.side" && group.features().iter().all(|id| id.starts_with("loud.mid_"));
        let [original, without, with] = heard.map(|a| if in_sides { sides(group, a) } else { group.figures(a) });
        let of_mix = target.iter().zip(&mix).map(|(t, m)| t - m).collect();
        let gap = (0..target.len()).map(|i| target[i] - (mix[i] + without[i] - original[i])).collect();
        (of_mix, gap, with.iter().zip(&without).map(|(a, b)| a - b).collect())
    }
}

fn by_id(id: &str) -> Option<&'static FeatureGroup> {
    groups().iter().find(|group| group.id == id)
}

/// Levels of the sides in a group's third octaves.
fn sides(group: &FeatureGroup, analysis: &Analysis) -> Vec<f64> {
    let ids = group.features().into_iter().map(|id| id.replace("mid_", "side_"));
    let both = |id: &str| {
        [id.to_owned(), id.replacen("loud", "whole", 1)]
            .iter()
            .filter_map(|id| Some(find_feature(id)?.value(analysis)))
            .sum::<f64>()
    };
    ids.map(|id| 0.5 * both(&id)).collect()
}

fn rms(values: &[f64]) -> f64 {
    (values.iter().map(|v| v * v).sum::<f64>() / values.len().max(1) as f64).sqrt()
}
