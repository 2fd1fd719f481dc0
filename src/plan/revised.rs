//! A plan that a person changed: the settings, and decisions that say so.

use super::{Decision, Plan, Source};
use crate::chain::ChainSettings;

impl Plan {
    /// This plan with other settings: every move that a person changed becomes theirs, and loses the evidence that no
    /// longer explains it. The decision on a curve is changed when one of its bands is.
    pub fn revised(&self, chain: ChainSettings) -> Self {
        let mut revised = Self { chain, ..self.clone() };
        let values = self.chain.values().into_iter().zip(revised.chain.values());
        let changed = crate::chain::registry().iter().zip(values).filter(|(_, (old, new))| old != new);
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
