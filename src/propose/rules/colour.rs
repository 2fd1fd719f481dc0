//! Colour: harmonics and ambience where the mix has nothing that an equaliser or a side gain could raise.

use super::super::aim::Aim;
use crate::chain::exciter::ExciterSettings;
use crate::chain::saturation::{Character, SaturationSettings};
use crate::chain::stereo::StereoSettings;
use crate::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::plan::{Clamp, ClampRule};

/// A mix whose full-band crest is over the goal's by this much is to become denser than dynamics alone should make it.
const DENSER_DB: f64 = 5.0;
/// Strongest saturation that a rule proposes.
const STRONGEST_DRIVE_DB: f64 = 2.0;

/// Tape, in parallel, where the target is much denser than the mix.
pub(super) fn saturation(settings: &mut SaturationSettings, aim: &Aim) {
    let denser = aim.mix.crest_db - aim.goal.crest_db;
    if denser > DENSER_DB {
        settings.character = Character::Tape;
        settings.drive_db = (denser - DENSER_DB + 1.0).min(STRONGEST_DRIVE_DB);
        settings.mix_percent = 30.0;
    }
}

/// Most ambience that a rule proposes.
const MOST_DEPTH_PERCENT: f64 = 60.0;

/// The third octaves from one frequency to another.
fn third_octaves(from_hz: u32, to_hz: u32) -> Vec<usize> {
    (0..THIRD_OCTAVES).filter(|i| (from_hz..=to_hz).contains(&THIRD_OCTAVE_HZ[*i])).collect()
}

/// Mean shortfall in decibels, over a range of third octaves, that was held back because there is nothing to boost.
fn shortfall_db(clamps: &[Option<Clamp>; THIRD_OCTAVES], from_hz: u32, to_hz: u32) -> f64 {
    let inside = third_octaves(from_hz, to_hz);
    let short = |i: &usize| match clamps[*i] {
        Some(Clamp { wanted, rule: ClampRule::NothingThere, .. }) => wanted.max(0.0),
        _ => 0.0,
    };
    inside.iter().map(short).sum::<f64>() / inside.len().max(1) as f64
}

/// Harmonics where the target has presence or air and the mix has nothing.
pub(super) fn exciter(settings: &mut ExciterSettings, aim: &Aim) {
    settings.presence_percent = (4.0 * shortfall_db(&aim.tone_clamps, 3150, 6300)).min(40.0);
    settings.air_percent = (4.0 * shortfall_db(&aim.tone_clamps, 8000, 16000)).min(40.0);
}

/// Ambience where the target is wide and the mix has no side to widen: as much as is as wide there, less where that is in few places.
pub(super) fn depth(settings: &mut StereoSettings, aim: &Aim) {
    let inside = third_octaves(250, 8000);
    let missing_db: Vec<f64> = inside.iter().filter_map(|i| aim.missing_width_db(*i)).collect();
    if !aim.has_image || missing_db.is_empty() {
        return;
    }
    let width_db = missing_db.iter().sum::<f64>() / missing_db.len() as f64;
    let percent = StereoSettings::depth_percent_for(width_db) * missing_db.len() as f64 / inside.len() as f64;
    settings.depth_percent = percent.round().min(MOST_DEPTH_PERCENT);
}
