//! The registry's sweep: every parameter survives the plan file, changes the sound when it is moved, and is transparent at
//! its neutral value.

mod common;

use automaster::audio::format::{Container, Dither, SampleFormat};
use automaster::chain::{ChainSettings, Stage, registry};
use automaster::params::Unit;
use automaster::plan::{Delivery, MixIdentity, Plan};
use common::{choice, music, params_of};
use std::collections::BTreeSet;

const RATE_HZ: f64 = 44_100.0;
const FRAMES: usize = 88_200;
/// Where along its range each parameter is tried.
const POSITIONS: [f64; 5] = [0.0, 0.3, 0.5, 0.8, 1.0];

fn plan(chain: ChainSettings) -> Plan {
    let delivery = Delivery {
        container: Container::Wav,
        sample_format: SampleFormat::Int24,
        dither: Dither::Tpdf,
        sample_rate_hz: 44_100,
        loudness_lufs: None,
        ceiling_dbtp: -1.0,
        psr_floor_lu: None,
    };
    let mix = MixIdentity { file: "mix.wav".into(), sample_rate_hz: 44_100, channels: 2, frames: 1 };
    Plan { mix, delivery, chain, decisions: vec![], concessions: vec![], notes: Default::default(), history: vec![] }
}

#[test]
fn every_parameter_goes_from_the_struct_to_the_plan_and_back() {
    for param in registry() {
        for position in POSITIONS {
            let value = param.domain.at(position);
            let mut chain = ChainSettings::default();
            chain.set(&param.id, value).unwrap();
            assert_eq!(chain.get(&param.id).unwrap(), value, "{}", param.id);
            let changed: Vec<_> = if value == param.default { vec![] } else { vec![(param.id.clone(), value)] };
            assert_eq!(chain.changed(), changed);
            let before = plan(chain);
            let text = before.to_toml().unwrap();
            assert_eq!(Plan::from_toml(&text).unwrap(), before, "{} = {value}", param.id);
        }
    }
}

#[test]
fn ids_are_unique_and_wear_their_unit() {
    let ids: BTreeSet<&str> = registry().iter().map(|p| p.id.as_str()).collect();
    assert_eq!(ids.len(), registry().len());
    for param in registry() {
        let suffix = match param.domain.unit {
            Unit::Db => "_db",
            Unit::Dbfs => "_dbfs",
            Unit::Dbtp => "_dbtp",
            Unit::Lufs => "_lufs",
            Unit::Hz => "_hz",
            Unit::Ms => "_ms",
            Unit::S => "_s",
            Unit::Percent => "_percent",
            _ => "",
        };
        assert!(param.id.ends_with(suffix), "{} does not say its unit {suffix}", param.id);
        assert!(param.domain.contains(param.default), "{}: the default is not valid", param.id);
        assert!(!param.doc.is_empty() && param.doc.ends_with('.'), "{}: no documentation", param.id);
        assert!(Stage::ALL.iter().any(|s| param.id.starts_with(&format!("{}.", s.name()))), "{}", param.id);
    }
}

/// Settings under which every parameter of a stage has something to act on: the rest of the stage at work.
fn context(stage: Stage) -> ChainSettings {
    let values: &[(&str, f64)] = match stage {
        Stage::Repair => &[("repair.gain_db", 1.0)],
        Stage::Eq => &[],
        Stage::Deess => &[("deess.range_db", 6.0), ("deess.threshold_db", -20.0)],
        Stage::Resonance => &[("resonance.amount_percent", 60.0), ("resonance.threshold_db", 3.0), ("resonance.range_db", 6.0)],
        Stage::Leveler => &[("leveler.amount_percent", 60.0), ("leveler.window_s", 0.5)],
        Stage::Compressor => &[("compressor.threshold_dbfs", -25.0), ("compressor.ratio", 4.0), ("compressor.mix_percent", 90.0)],
        Stage::Multiband | Stage::MatchEq => &[],
        Stage::Saturation => &[("saturation.drive_db", 6.0), ("saturation.mix_percent", 80.0)],
        Stage::Exciter => &[("exciter.presence_percent", 40.0), ("exciter.air_percent", 40.0)],
        Stage::Stereo => &[
            ("stereo.low_width_percent", 90.0),
            ("stereo.low_mid_width_percent", 80.0),
            ("stereo.high_mid_width_percent", 120.0),
            ("stereo.high_width_percent", 130.0),
            ("stereo.depth_percent", 30.0),
        ],
        Stage::Clipper => &[("clipper.threshold_dbfs", -9.0)],
        Stage::Limiter => &[("limiter.drive_db", 9.0), ("limiter.ceiling_dbtp", -2.0), ("limiter.link_percent", 50.0)],
    };
    let mut settings = common::settings(values);
    if stage == Stage::Eq {
        for band in 1..=8 {
            settings.set(&format!("eq.band{band}.on"), 1.0).unwrap();
            settings.set(&format!("eq.band{band}.gain_db"), 4.0).unwrap();
        }
    }
    if stage == Stage::Multiband {
        for band in ["low", "low_mid", "high_mid", "high"] {
            for (field, value) in [
                ("high_threshold_dbfs", -25.0),
                ("high_ratio", 3.0),
                ("low_threshold_dbfs", -30.0),
                ("low_ratio", 0.5),
                ("transient_db", 3.0),
            ] {
                settings.set(&format!("multiband.{band}.{field}"), value).unwrap();
            }
        }
    }
    if stage == Stage::MatchEq {
        settings.set("match_eq.mid.gain_1000_hz_db", 3.0).unwrap();
        settings.set("match_eq.side.gain_1000_hz_db", 3.0).unwrap();
        assert_eq!(settings.get("match_eq.phase").unwrap(), choice("match_eq.phase", "minimum"));
    }
    settings
}

/// What a stage makes of the sound, without its latency; the sound itself where the stage is left out.
fn sound(stage: Stage, settings: &ChainSettings, input: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut audio = input.to_vec();
    let Some(mut processor) = stage.build(settings, RATE_HZ, input.len()) else { return audio };
    let latency = processor.latency_frames();
    audio.iter_mut().for_each(|c| c.extend(std::iter::repeat_n(0.0, latency)));
    processor.process(&mut audio);
    audio.iter().map(|c| c[latency..].to_vec()).collect()
}

#[test]
fn every_parameter_changes_the_sound() {
    let input = music(RATE_HZ, 2, FRAMES, 23);
    let mut idle = Vec::new();
    for stage in Stage::ALL {
        let context = context(*stage);
        let before = sound(*stage, &context, &input);
        for param in params_of(*stage) {
            let moved = |position: &f64| {
                let mut settings = context.clone();
                settings.set(&param.id, param.domain.at(*position)).unwrap();
                settings != context && sound(*stage, &settings, &input) != before
            };
            if !POSITIONS.iter().any(moved) {
                idle.push(param.id.as_str());
            }
        }
    }
    assert!(idle.is_empty(), "these parameters change nothing: {idle:?}");
}

#[test]
fn a_neutral_stage_is_bit_transparent() {
    let mut input = music(RATE_HZ, 2, FRAMES, 29);
    // Below the limiter's ceiling, so that it has nothing to guard against.
    input.iter_mut().flatten().for_each(|x| *x *= 0.8);
    for stage in Stage::ALL {
        assert!(sound(*stage, &ChainSettings::default(), &input) == input, "{} at its defaults", stage.name());
    }
}

#[test]
fn a_stage_whose_switch_is_neutral_is_transparent_whatever_the_rest_says() {
    let input = music(RATE_HZ, 2, FRAMES / 4, 31);
    let neutral: &[(Stage, &[(&str, f64)])] = &[
        (Stage::Deess, &[("deess.range_db", 0.0)]),
        (Stage::Resonance, &[("resonance.amount_percent", 0.0)]),
        (Stage::Leveler, &[("leveler.amount_percent", 0.0)]),
        (Stage::Compressor, &[("compressor.mix_percent", 0.0)]),
        (Stage::Saturation, &[("saturation.drive_db", 0.0)]),
        (Stage::Saturation, &[("saturation.mix_percent", 0.0)]),
        (Stage::Exciter, &[("exciter.presence_percent", 0.0), ("exciter.air_percent", 0.0)]),
        (Stage::Clipper, &[("clipper.threshold_dbfs", 24.0)]),
    ];
    for (stage, values) in neutral {
        let mut settings = context(*stage);
        values.iter().for_each(|(id, value)| settings.set(id, *value).unwrap());
        assert!(sound(*stage, &settings, &input) == input, "{} with {values:?}", stage.name());
    }
}
