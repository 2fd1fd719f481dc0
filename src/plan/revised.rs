//! A plan that a person changed: the settings, and decisions that say so.

use super::{ClampRule, Concession, Decision, Delivery, MixIdentity, Plan, Source};
use crate::chain::{ChainSettings, find, registry};

/// Differences that are none: what writing and reading a number leaves.
const LEAST: f64 = 1e-6;
/// The feature whose value a plan may promise.
const LOUDNESS: &str = "loudness.integrated_lufs";

impl Plan {
    /// This plan with other settings: every move that a person changed becomes theirs, and loses the evidence that no
    /// longer explains it. The decision on a curve is changed when one of its bands is.
    pub fn revised(&self, chain: ChainSettings) -> Self {
        let mut revised = Self { chain, ..self.clone() };
        let values = self.chain.values().into_iter().zip(revised.chain.values());
        let changed = registry().iter().zip(values).filter(|(_, (old, new))| old != new);
        for (id, value) in changed.map(|(param, (_, new))| (param.id.as_str(), new)) {
            let covers =
                |d: &Decision| d.param == id || id.strip_prefix(d.param.as_str()).is_some_and(|rest| rest.starts_with('.'));
            match revised.decisions.iter_mut().find(|d| covers(d)) {
                Some(decision) if decision.param == id => *decision = by_person(id, value),
                Some(group) => {
                    let largest =
                        if group.source == Source::User && group.value.abs() > value.abs() { group.value } else { value };
                    *group = by_person(&group.param.clone(), largest);
                }
                None => revised.decisions.push(by_person(id, value)),
            }
        }
        revised
    }

    /// This plan with no reason that is not so any more: a setting that is not what its decision says (a person wrote in the file) is a
    /// person's, the drive that gave one loudness says nothing of how another one is reached, and what kept the loudness from its aim says
    /// nothing of the one that a person put there.
    pub fn explained(mut self) -> Self {
        for decision in &mut self.decisions {
            let now = now(&self.chain, &decision.param);
            if (now - decision.value).abs() > LEAST && !is_curve_of_person(decision) {
                *decision = by_person(&decision.param.clone(), now);
            }
            let aims = |feature: &str| decision.evidence.iter().find(|evidence| evidence.feature == feature).map(|e| e.target);
            let aimed = aims(LOUDNESS).filter(|_| decision.param == "limiter.drive_db");
            if aimed.is_some_and(|lufs| !self.delivery.promises(lufs)) {
                (decision.evidence, decision.attribution) = (Vec::new(), None);
            }
        }
        self.concessions.retain(|concession| concession.feature != LOUDNESS || self.delivery.promises(concession.planned));
        self
    }

    /// This plan with another loudness to promise, in LUFS; what it says of a loudness that was not reached speaks of this one.
    pub fn promising(mut self, loudness_lufs: f64) -> Self {
        let conceded = self.concessions.iter_mut().filter(|concession| concession.feature == LOUDNESS);
        conceded.for_each(|concession| concession.planned = loudness_lufs);
        self.delivery.loudness_lufs = Some(loudness_lufs);
        self.explained()
    }

    /// This plan promising no more than its limiter gives, in LUFS, and saying so.
    pub fn conceding(mut self, loudness_lufs: f64) -> Self {
        let known = self.concessions.iter().any(|concession| concession.feature == LOUDNESS);
        if let Some(wanted) = self.delivery.loudness_lufs.filter(|_| !known) {
            let rule = if self.chain.limiter.bypass { ClampRule::FixedByPerson } else { ClampRule::NoLouder };
            self.concessions.push(Concession { feature: LOUDNESS.to_owned(), wanted, planned: loudness_lufs, rule });
        }
        self.promising(loudness_lufs)
    }

    /// This plan as another mix's own: where that is of another shape the moves stay, and the reasons, which speak of the first, go.
    pub fn taken_over(self, mix: MixIdentity) -> Self {
        if self.mix.difference(&mix).is_none() {
            return Self { mix, ..self };
        }
        let decisions = self.decisions.iter().map(|decision| by_person(&decision.param, decision.value)).collect();
        Self { mix, decisions, concessions: Vec::new(), ..self }
    }
}

impl Delivery {
    /// Whether this loudness, in LUFS, is the one that is promised.
    fn promises(&self, loudness_lufs: f64) -> bool {
        self.loudness_lufs.is_some_and(|promised| (promised - loudness_lufs).abs() <= LEAST)
    }
}

/// The value of a parameter; of a curve that of the band that moves most.
fn now(chain: &ChainSettings, param: &str) -> f64 {
    if find(param).is_ok() {
        return chain.get(param).unwrap_or_default();
    }
    let is_band = |id: &str| id.strip_prefix(param).is_some_and(|rest| rest.starts_with(".gain_"));
    let values = registry().iter().zip(chain.values()).filter(|(row, _)| is_band(&row.id)).map(|(_, value)| value);
    values.max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or_default()
}

/// Of a curve that a person has changed the decision tells the band that they moved most, which need not be the largest.
fn is_curve_of_person(decision: &Decision) -> bool {
    decision.source == Source::User && find(&decision.param).is_err()
}

fn by_person(param: &str, value: f64) -> Decision {
    Decision { param: param.to_owned(), value, source: Source::User, evidence: Vec::new(), clamped: None, attribution: None }
}

#[cfg(test)]
mod tests {
    use super::super::{Delivery, Evidence, MixIdentity};
    use super::*;
    use crate::audio::format::{Container, Dither, SampleFormat};

    #[test]
    fn a_reason_that_is_not_so_any_more_is_left_out() {
        let evidence = |feature: &str| vec![Evidence { feature: feature.into(), measured: -17.0, target: -10.0, tolerance: 0.5 }];
        let decision = |param: &str, value, feature: &str| Decision {
            param: param.into(),
            value,
            source: Source::Refinement,
            evidence: evidence(feature),
            clamped: None,
            attribution: None,
        };
        let mut chain = ChainSettings::default();
        chain.set("eq.band2.gain_db", 4.0).unwrap();
        chain.set("limiter.drive_db", 9.0).unwrap();
        chain.match_eq.mid.gains_db[3] = -5.0;
        let delivery = Delivery {
            container: Container::Wav,
            sample_format: SampleFormat::Int24,
            dither: Dither::Tpdf,
            sample_rate_hz: 44_100,
            loudness_lufs: Some(-10.0),
            ceiling_dbtp: -1.0,
            psr_floor_lu: None,
        };
        let decisions = vec![
            decision("eq.band2.gain_db", 4.0, "loud.mid_8000_hz_dbfs"),
            decision("match_eq.mid", -5.0, "loud.mid_1000_hz_dbfs"),
            decision("limiter.drive_db", 9.0, "loudness.integrated_lufs"),
        ];
        let conceded = Concession { feature: LOUDNESS.into(), wanted: -9.0, planned: -10.0, rule: ClampRule::PsrFloor };
        let (concessions, notes, history) = (vec![conceded], Default::default(), Vec::new());
        let plan = Plan { mix: MixIdentity::default(), delivery, chain, decisions, concessions, notes, history };
        assert_eq!(plan.clone().explained(), plan, "all of it is so");
        let lower = plan.clone().conceding(-10.5);
        assert_eq!((lower.delivery.loudness_lufs, lower.concessions.len()), (Some(-10.5), 1));
        assert_eq!((lower.concessions[0].wanted, lower.concessions[0].planned), (-9.0, -10.5), "wanted all along");
        let first = Plan { concessions: Vec::new(), ..plan.clone() }.conceding(-10.5);
        assert_eq!((first.concessions[0].wanted, first.concessions[0].rule), (-10.0, ClampRule::NoLouder));
        // As a person would in the file.
        let mut edited = plan.clone();
        edited.chain.set("eq.band2.gain_db", -2.0).unwrap();
        edited.chain.match_eq.mid.gains_db[3] = 1.0;
        edited.delivery.loudness_lufs = Some(-12.0);
        let edited = edited.explained();
        assert_eq!(edited.concessions, [], "what kept it from another loudness does not keep it from this one");
        let [shelf, curve, drive] = &edited.decisions[..] else { panic!("three decisions") };
        assert_eq!((shelf.value, shelf.source, shelf.evidence.len()), (-2.0, Source::User, 0));
        assert_eq!((curve.value, curve.source, curve.evidence.len()), (1.0, Source::User, 0));
        assert_eq!(
            (drive.value, drive.source, drive.evidence.len()),
            (9.0, Source::Refinement, 0),
            "another loudness needs another drive"
        );
        // Of a mix of another shape nothing is a reason.
        let other = MixIdentity { channels: 2, frames: 7, ..MixIdentity::default() };
        let taken = plan.clone().taken_over(other.clone());
        assert!(taken.mix == other && taken.chain == plan.chain && taken.decisions.iter().all(|d| d.evidence.is_empty()));
        assert_eq!(
            plan.clone().taken_over(MixIdentity { file: "again.wav".into(), ..plan.mix.clone() }).decisions,
            plan.decisions
        );
    }

    #[test]
    fn what_a_person_changed_is_theirs_and_the_rest_stays_as_it_was() {
        let evidence = vec![Evidence { feature: "loudness.lra_lu".into(), measured: 9.0, target: 6.0, tolerance: 1.0 }];
        let decision = |param: &str, value| Decision {
            param: param.into(),
            value,
            source: Source::Rules,
            evidence: evidence.clone(),
            clamped: None,
            attribution: None,
        };
        let mut chain = ChainSettings::default();
        chain.set("compressor.ratio", 1.5).unwrap();
        chain.set("match_eq.mid.gain_1000_hz_db", 2.0).unwrap();
        let delivery = Delivery {
            container: Container::Wav,
            sample_format: SampleFormat::Int24,
            dither: Dither::Tpdf,
            sample_rate_hz: 44_100,
            loudness_lufs: None,
            ceiling_dbtp: -1.0,
            psr_floor_lu: None,
        };
        let decisions = vec![decision("compressor.ratio", 1.5), decision("match_eq.mid", 2.0)];
        let (concessions, notes, history) = (vec![], Default::default(), vec![]);
        let plan = Plan { mix: MixIdentity::default(), delivery, chain: chain.clone(), decisions, concessions, notes, history };
        assert_eq!(plan.revised(chain.clone()), plan);
        chain.set("match_eq.mid.gain_1000_hz_db", -3.0).unwrap();
        chain.set("limiter.release_ms", 60.0).unwrap();
        let revised = plan.revised(chain.clone());
        assert_eq!(revised.chain, chain);
        assert_eq!(revised.decisions[0], plan.decisions[0]);
        assert_eq!(revised.decisions[1], by_person("match_eq.mid", -3.0));
        assert_eq!(revised.decisions[2], by_person("limiter.release_ms", 60.0));
    }
}
