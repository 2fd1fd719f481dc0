//! Decisions: for every stage that acts, the moves with the figures that moved them.

use super::Wishes;
use super::aim::Aim;
use super::first::First;
use super::refine::Refined;
use super::rules::worst_resonance;
use super::traits::anchor_db;
use crate::analysis::{Analysis, Defect, find_feature};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, THIRD_OCTAVE_HZ};
use crate::plan::{Clamp, Decision, Evidence, Source};
use crate::target::Target;

/// The decisions behind a refined chain, in the order of the chain.
pub(super) fn of(
    analysis: &Analysis,
    target: &Target,
    aim: &Aim,
    (first, refined): (&First, &Refined),
    wishes: &Wishes,
) -> Vec<Decision> {
    let mut notes = Notes { analysis, target, aim, first, refined, wishes, decisions: Vec::new() };
    notes.repair();
    notes.eq();
    notes.dynamics();
    notes.curves();
    notes.colour();
    if analysis.channels == 2 {
        notes.image();
    }
    notes.level();
    notes.decisions
}

struct Notes<'a> {
    analysis: &'a Analysis,
    target: &'a Target,
    aim: &'a Aim,
    first: &'a First,
    refined: &'a Refined,
    wishes: &'a Wishes,
    decisions: Vec<Decision>,
}

impl Notes<'_> {
    /// Notes a parameter that is off its default, with its evidence and what held it back.
    fn note(&mut self, param: &str, evidence: Vec<Evidence>, clamped: Option<Clamp>) {
        let value = |chain: &crate::chain::ChainSettings| chain.get(param).ok();
        let Some(now) = value(&self.refined.chain) else { return };
        if crate::chain::find(param).is_ok_and(|p| p.default == now) {
            return;
        }
        let source = self.source(param, now);
        // What a person fixed has no reason of ours.
        let (evidence, clamped) = if source == Source::User { Default::default() } else { (evidence, clamped) };
        self.decisions.push(Decision { param: param.into(), value: now, source, evidence, clamped, attribution: None });
    }

    /// Who gave a parameter the value that it has.
    fn source(&self, param: &str, now: f64) -> Source {
        if self.wishes.fixed.iter().any(|(id, _)| id == param) {
            Source::User
        } else if self.refined.start.get(param).ok() == Some(now) {
            if self.first.certainty.iter().any(|(id, _)| *id == param) { Source::Model } else { Source::Rules }
        } else {
            Source::Refinement
        }
    }

    /// What the mix and the target measure, as the table of features has it.
    fn evidence(&self, feature: impl Into<String>) -> Evidence {
        let feature = feature.into();
        let of = |analysis: &Analysis| find_feature(&feature).map_or(0.0, |found| found.value(analysis));
        let (measured, target, tolerance) = (of(self.analysis), of(&self.target.value), self.target.tolerance(&feature));
        Evidence { feature, measured, target, tolerance }
    }

    /// The same of a level in the loud parts, the target's as it would be at the mix's level: tone is compared without loudness.
    fn level_evidence(&self, feature: String) -> Evidence {
        let anchor = |analysis: &Analysis| anchor_db(&analysis.loud.spectrum.mid_dbfs, self.aim.mix.full_bands);
        let louder = anchor(self.analysis) - anchor(&self.target.value);
        let evidence = self.evidence(feature);
        Evidence { target: evidence.target + louder, ..evidence }
    }

    fn repair(&mut self) {
        for defect in &self.analysis.defects {
            match defect {
                Defect::Dc { offset_percent } => {
                    let evidence = defect_evidence("defects.dc_percent", *offset_percent);
                    self.note("repair.highpass_hz", evidence, None);
                }
                Defect::ClippedRuns { count, .. } => {
                    let evidence = defect_evidence("defects.clipped_runs_count", *count as f64);
                    self.note("repair.declip", evidence, None);
                }
                _ => {}
            }
        }
    }

    fn eq(&mut self) {
        let at = |hz: u32| THIRD_OCTAVE_HZ.iter().position(|f| *f == hz).unwrap_or(0);
        for (band, hz) in [(1, 63), (2, 8000)] {
            let evidence = vec![self.tone_evidence(at(hz))];
            self.note(&format!("eq.band{band}.gain_db"), evidence, None);
        }
        for defect in &self.analysis.defects {
            if let Defect::Hum { excess_db, .. } = defect {
                for band in 5..=8 {
                    self.note(&format!("eq.band{band}.gain_db"), defect_evidence("defects.hum_excess_db", *excess_db), None);
                }
            }
        }
        let high = vec![self.evidence("loud.high.spread_db")];
        self.note("deess.range_db", high, None);
        let evidence = worst_resonance(self.aim).map(|(i, _)| self.tone_evidence(i)).into_iter().collect();
        self.note("resonance.amount_percent", evidence, None);
    }

    fn dynamics(&mut self) {
        let range = vec![self.evidence("loudness.lra_lu")];
        self.note("leveler.amount_percent", range, None);
        let spread = vec![self.evidence("loud.low_mid.spread_db")];
        self.note("compressor.ratio", spread, None);
        for name in DYNAMICS_BAND_NAMES {
            let spread = vec![self.evidence(format!("loud.{name}.spread_db"))];
            // What goes with the ratio (thresholds, times, the lower ratio) follows from it.
            self.note(&format!("multiband.{name}.high_ratio"), spread, None);
            let crest = vec![self.evidence(format!("loud.{name}.crest_db"))];
            self.note(&format!("multiband.{name}.transient_db"), crest, None);
        }
    }

    /// The level of a third octave, or of the last one that mix and target both reach.
    fn tone_evidence(&self, i: usize) -> Evidence {
        let i = i.min(self.aim.mix.full_bands.max(1) - 1);
        self.level_evidence(format!("loud.mid_{}_hz_dbfs", THIRD_OCTAVE_HZ[i]))
    }

    fn curves(&mut self) {
        let curve = self.refined.chain.match_eq.mid.gains_db;
        if curve.iter().any(|g| *g != 0.0) {
            let evidence = (0..self.aim.mix.full_bands).map(|i| self.tone_evidence(i)).collect();
            self.group("match_eq.mid", &curve, evidence, worst(&self.aim.tone_clamps));
        }
        let curve = self.refined.chain.match_eq.side.gains_db;
        if self.aim.has_image && curve.iter().any(|g| *g != 0.0) {
            let side = |hz: u32| self.level_evidence(format!("loud.side_{hz}_hz_dbfs"));
            let evidence = THIRD_OCTAVE_HZ.iter().take(self.aim.mix.full_bands).map(|hz| side(*hz)).collect();
            self.group("match_eq.side", &curve, evidence, worst(&self.aim.width_clamps));
        }
    }

    /// Notes a curve by the band that moves most.
    fn group(&mut self, param: &str, values: &[f64], evidence: Vec<Evidence>, clamped: Option<Clamp>) {
        let most = values.iter().copied().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let Some((band, value)) = most else { return };
        let source = self.source(&format!("{param}.gain_{}_hz_db", THIRD_OCTAVE_HZ[band]), value);
        self.decisions.push(Decision { param: param.into(), value, source, evidence, clamped, attribution: None });
    }

    fn colour(&mut self) {
        let crest = vec![self.evidence("loud.crest_db")];
        self.note("saturation.drive_db", crest, None);
        for (param, hz) in [("exciter.presence_percent", 4000), ("exciter.air_percent", 10000)] {
            let i = THIRD_OCTAVE_HZ.iter().position(|f| *f == hz).unwrap_or(0);
            let evidence = vec![self.tone_evidence(i)];
            self.note(param, evidence, self.aim.tone_clamps[i]);
        }
    }

    fn image(&mut self) {
        for name in DYNAMICS_BAND_NAMES {
            let evidence = vec![self.evidence(format!("loud.{name}.width_db"))];
            self.note(&format!("stereo.{name}_width_percent"), evidence, None);
        }
        let balance = vec![self.evidence("loud.balance_db")];
        self.note("stereo.balance_db", balance, None);
        self.note("stereo.depth_percent", Vec::new(), worst(&self.aim.width_clamps));
    }

    fn level(&mut self) {
        let psr = self.evidence("loudness.psr_lu");
        self.note("clipper.threshold_dbfs", vec![psr.clone()], None);
        let loudness = Evidence { target: self.refined.loudness_lufs, ..self.evidence("loudness.integrated_lufs") };
        self.note("limiter.drive_db", vec![loudness], None);
        self.note("limiter.ceiling_dbtp", vec![psr], None);
    }
}

fn defect_evidence(feature: &str, measured: f64) -> Vec<Evidence> {
    vec![Evidence { feature: feature.into(), measured, target: 0.0, tolerance: 0.0 }]
}

/// The clamp that held back most.
fn worst(clamps: &[Option<Clamp>]) -> Option<Clamp> {
    clamps.iter().flatten().copied().max_by(|a, b| a.wanted.abs().total_cmp(&b.wanted.abs()))
}
