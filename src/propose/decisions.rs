//! Decisions: for every stage that acts, the moves with the figures that moved them.

use super::Wishes;
use super::aim::Aim;
use super::first::First;
use super::refine::Refined;
use super::traits::{Traits, anchor_db};
use crate::analysis::{Analysis, Defect};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, THIRD_OCTAVE_HZ, THIRD_OCTAVES};
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
    let tolerance = |feature: &str| target.tolerance(feature);
    let mut notes = Notes { aim, first, refined, wishes, tolerance: &tolerance, decisions: Vec::new() };
    notes.repair(analysis);
    notes.eq(analysis);
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
    aim: &'a Aim,
    first: &'a First,
    refined: &'a Refined,
    wishes: &'a Wishes,
    tolerance: &'a dyn Fn(&str) -> f64,
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
        let source = if self.wishes.fixed.iter().any(|(id, _)| id == param) {
            Source::User
        } else if value(&self.refined.start) == Some(now) {
            if self.first.certainty.iter().any(|(id, _)| *id == param) { Source::Model } else { Source::Rules }
        } else {
            Source::Refinement
        };
        self.decisions.push(Decision { param: param.into(), value: now, source, evidence, clamped, attribution: None });
    }

    fn evidence(&self, feature: String, read: impl Fn(&Traits) -> f64) -> Evidence {
        let tolerance = (self.tolerance)(&feature);
        Evidence { feature, measured: read(&self.aim.mix), target: read(&self.aim.target), tolerance }
    }

    fn repair(&mut self, analysis: &Analysis) {
        for defect in &analysis.defects {
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

    fn eq(&mut self, analysis: &Analysis) {
        let at = |hz: u32| THIRD_OCTAVE_HZ.iter().position(|f| *f == hz).unwrap_or(0);
        for (band, hz) in [(1, 63), (2, 8000)] {
            let evidence = vec![self.tone_evidence(at(hz))];
            self.note(&format!("eq.band{band}.gain_db"), evidence, None);
        }
        for defect in &analysis.defects {
            if let Defect::Hum { excess_db, .. } = defect {
                for band in 5..=8 {
                    self.note(&format!("eq.band{band}.gain_db"), defect_evidence("defects.hum_excess_db", *excess_db), None);
                }
            }
        }
        let high = vec![self.evidence("loud.high.spread_db".into(), |t| t.spread[3])];
        self.note("deess.range_db", high, None);
        let worst = (2..THIRD_OCTAVES - 2).max_by(|a, b| {
            let off = |i: usize| self.aim.mix.mid_db[i] - self.aim.goal.mid_db[i];
            off(*a).total_cmp(&off(*b))
        });
        let evidence = worst.map(|i| self.tone_evidence(i)).into_iter().collect();
        self.note("resonance.amount_percent", evidence, None);
    }

    fn dynamics(&mut self) {
        let range = vec![self.evidence("loudness.lra_lu".into(), |t| t.lra_lu)];
        self.note("leveler.amount_percent", range, None);
        let spread = vec![self.evidence("loud.low_mid.spread_db".into(), |t| t.spread[1])];
        self.note("compressor.ratio", spread, None);
        for (b, name) in DYNAMICS_BAND_NAMES.iter().enumerate() {
            let spread = vec![self.evidence(format!("loud.{name}.spread_db"), |t| t.spread[b])];
            // What goes with the ratio (thresholds, times, the lower ratio) follows from it.
            self.note(&format!("multiband.{name}.high_ratio"), spread, None);
            let crest = vec![self.evidence(format!("loud.{name}.crest_db"), |t| t.crest[b])];
            self.note(&format!("multiband.{name}.transient_db"), crest, None);
        }
    }

    fn tone_evidence(&self, i: usize) -> Evidence {
        let feature = format!("loud.mid_{}_hz_dbfs", THIRD_OCTAVE_HZ[i]);
        let tolerance = (self.tolerance)(&feature);
        // Levels as the target would have at the mix's level: tone is compared without loudness.
        let level = self.aim.mix.mid_db[i] - self.aim.mix.tone_db()[i];
        Evidence { feature, measured: self.aim.mix.mid_db[i], target: self.aim.target.tone_db()[i] + level, tolerance }
    }

    fn curves(&mut self) {
        let curve = self.refined.chain.match_eq.mid.gains_db;
        if curve.iter().any(|g| *g != 0.0) {
            let evidence = (0..THIRD_OCTAVES).map(|i| self.tone_evidence(i)).collect();
            self.group("match_eq.mid", &curve, evidence, worst(&self.aim.tone_clamps));
        }
        let curve = self.refined.chain.match_eq.side.gains_db;
        if self.aim.has_image && curve.iter().any(|g| *g != 0.0) {
            // As for the mid: what the target's side would be at the mix's level.
            let louder = anchor_db(&self.aim.mix.mid_db) - anchor_db(&self.aim.target.mid_db);
            let at_mix_level = |i: usize| {
                let evidence = self.evidence(format!("loud.side_{}_hz_dbfs", THIRD_OCTAVE_HZ[i]), |t| t.side_db[i]);
                Evidence { target: evidence.target + louder, ..evidence }
            };
            let evidence = (0..THIRD_OCTAVES).map(at_mix_level).collect();
            self.group("match_eq.side", &curve, evidence, worst(&self.aim.width_clamps));
        }
    }

    fn group(&mut self, param: &str, values: &[f64], evidence: Vec<Evidence>, clamped: Option<Clamp>) {
        let value = values.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
        self.decisions.push(Decision {
            param: param.into(),
            value,
            source: Source::Refinement,
            evidence,
            clamped,
            attribution: None,
        });
    }

    fn colour(&mut self) {
        let crest = vec![self.evidence("loud.crest_db".into(), |t| t.crest_db)];
        self.note("saturation.drive_db", crest, None);
        for (param, hz) in [("exciter.presence_percent", 4000), ("exciter.air_percent", 10000)] {
            let i = THIRD_OCTAVE_HZ.iter().position(|f| *f == hz).unwrap_or(0);
            let evidence = vec![self.tone_evidence(i)];
            self.note(param, evidence, self.aim.tone_clamps[i]);
        }
    }

    fn image(&mut self) {
        for (b, name) in DYNAMICS_BAND_NAMES.iter().enumerate() {
            let width = |t: &Traits| {
                let inside: Vec<f64> =
                    (0..THIRD_OCTAVES).filter(|i| super::traits::band_of(*i) == b).map(|i| t.width_db()[i]).collect();
                inside.iter().sum::<f64>() / inside.len() as f64
            };
            let evidence = vec![self.evidence(format!("loud.{name}.width_db"), width)];
            self.note(&format!("stereo.{name}_width_percent"), evidence, None);
        }
        let balance = vec![self.evidence("loud.balance_db".into(), |t| t.balance_db)];
        self.note("stereo.balance_db", balance, None);
        self.note("stereo.depth_percent", Vec::new(), worst(&self.aim.width_clamps));
    }

    fn level(&mut self) {
        let psr = self.evidence("loudness.psr_lu".into(), |t| t.psr_lu);
        self.note("clipper.threshold_dbfs", vec![psr.clone()], None);
        let loudness = Evidence {
            target: self.refined.loudness_lufs,
            ..self.evidence("loudness.integrated_lufs".into(), |t| t.loudness_lufs)
        };
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
