use super::super::{Engine, propose};
use super::*;
use crate::analysis::{Analyzer, Timeline};
use crate::plan::Attribution;
use crate::render::Audition;
use std::ops::Range;

/// Six seconds of pulsed noise: its brightness, how far it swells, how much of it is side.
fn heard(bright: f32, swell: f32, side: f32, gain: f32) -> Timeline {
    let mut state = 7u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut low = [0f32; 2];
    let mut channels = vec![Vec::new(), Vec::new()];
    for n in 0..44_100 * 6 {
        let level = gain * if n % 22_050 < 6000 { 1.0 } else { swell };
        let (mid, across) = (noise(), side * noise());
        for (c, sign) in [1.0, -1.0].into_iter().enumerate() {
            let x = mid + sign * across;
            low[c] += 0.1 * (x - low[c]);
            channels[c].push(level * (low[c] + bright * x));
        }
    }
    let mut analyzer = Analyzer::new(44_100, 2);
    analyzer.push(&channels);
    analyzer.finish()
}

struct Silent(Timeline);

impl Audition for Silent {
    fn render(&self, _: &ChainSettings) -> Timeline {
        self.0.clone()
    }
    fn original(&self) -> &Timeline {
        &self.0
    }
    fn rows(&self) -> &[Range<usize>] {
        &[]
    }
}

fn attributions(wishes: &Wishes) -> (Vec<(f64, Attribution)>, Vec<Decision>) {
    let mix = heard(0.1, 0.1, 0.2, 0.2);
    let target = Target::blend(&[("r".into(), heard(0.5, 0.4, 0.5, 0.5).analysis(), 1.0)]).unwrap();
    let proposal = propose(&mix, &target, wishes, &Silent(mix.clone())).unwrap();
    let all = proposal.decisions.iter().filter_map(|d| Some((d.value, d.attribution.clone()?))).collect();
    (all, proposal.decisions)
}

fn parts_add_up(engine: Engine) {
    let (all, decisions) = attributions(&Wishes { engine, rounds: Some(0), ..Wishes::default() });
    assert!(all.len() >= 6 && all.len() == decisions.len());
    for (value, attribution) in &all {
        assert!((attribution.sum() - value).abs() < 1e-9, "{attribution:?}");
        assert_eq!((attribution.refinement, attribution.proposed), (0.0, *value));
    }
    let drive = all.iter().find(|(_, a)| a.param == "limiter.drive_db").map(|(_, a)| a).unwrap();
    assert_eq!(drive.named(), Some("loudness"));
    let widths: Vec<_> = all.iter().filter(|(_, a)| a.param.starts_with("stereo.high_mid_width")).collect();
    assert!(widths.iter().all(|(_, a)| a.named().is_some_and(|group| group.starts_with("width"))), "{widths:?}");
}

#[test]
fn the_parts_of_a_rules_value_add_up_to_it() {
    parts_add_up(Engine::Rules);
}

#[cfg(feature = "onnx")]
#[test]
fn the_parts_of_a_models_value_add_up_to_it() {
    parts_add_up(Engine::Learned);
}

#[test]
fn a_rules_value_on_target_is_neutral_and_a_persons_own_is_not_explained() {
    let wishes =
        Wishes { fixed: vec![("limiter.release_ms".into(), 80.0), ("eq.band1.gain_db".into(), 1.5)], ..Wishes::default() };
    let (all, decisions) = attributions(&Wishes { rounds: Some(0), ..wishes });
    let drive = all.iter().find(|(_, a)| a.param == "limiter.drive_db").map(|(_, a)| a).unwrap();
    assert!(drive.named() == Some("loudness") && drive.on_target.abs() < 1e-9, "{drive:?}");
    let side = all.iter().find(|(_, a)| a.param.starts_with("stereo.high_mid_width")).map(|(_, a)| a).unwrap();
    assert_eq!((side.causes[0].counterfactual, side.on_target), (100.0, 100.0), "{side:?}");
    assert_eq!(drive.confidence, Confidence::Rule);
    let own: Vec<_> = decisions.iter().filter(|d| d.source == Source::User).collect();
    assert!(!own.is_empty() && own.iter().all(|d| d.attribution.is_none()));
}

#[test]
fn what_auditions_add_is_stated_apart() {
    // An audition that hears no change keeps correcting.
    let (all, _) = attributions(&Wishes::default());
    let (value, drive) = all.iter().find(|(_, a)| a.param == "limiter.drive_db").unwrap();
    assert!(drive.refinement.abs() > 1.0 && (drive.sum() - value).abs() < 1e-9, "{drive:?}");
}
