//! Corrective rules: what is wrong with the mix whatever the target, and the broad strokes of tone.

use super::super::Wishes;
use super::super::aim::Aim;
use crate::analysis::{Analysis, Defect};
use crate::chain::deess::DeessSettings;
use crate::chain::eq::{BandKind, EqSettings};
use crate::chain::repair::RepairSettings;
use crate::chain::resonance::ResonanceSettings;
use crate::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};

/// DC is removed by a high-pass at this corner, which passes 20 Hz with −0.3 dB.
const DC_HIGHPASS_HZ: f64 = 5.0;
/// Deepest notch on a hum partial.
const DEEPEST_NOTCH_DB: f64 = 12.0;
/// Quality of a notch: 3 Hz wide at 50 Hz.
const NOTCH_Q: f64 = 16.0;
/// A broad stroke is made when the mean of its region is off by this.
const STROKE_DB: f64 = 1.5;
/// Largest broad stroke; the rest is left to the matching curve.
const LARGEST_STROKE_DB: f64 = 4.0;

/// DC and clipped tops.
pub(super) fn repair(settings: &mut RepairSettings, analysis: &Analysis) {
    for defect in &analysis.defects {
        match defect {
            Defect::Dc { .. } => settings.highpass_hz = DC_HIGHPASS_HZ,
            Defect::ClippedRuns { .. } => settings.declip = true,
            _ => {}
        }
    }
}

/// Notches at the mains frequency and its next three harmonics, in bands 5 to 8.
pub(super) fn hum(settings: &mut EqSettings, analysis: &Analysis) {
    let hum = analysis.defects.iter().find_map(|d| match d {
        Defect::Hum { freq_hz, excess_db } => Some((*freq_hz, *excess_db)),
        _ => None,
    });
    let Some((freq_hz, excess_db)) = hum else { return };
    for (harmonic, band) in settings.bands_mut().into_iter().skip(4).enumerate() {
        band.on = true;
        band.kind = BandKind::Bell;
        band.freq_hz = freq_hz * (harmonic + 1) as f64;
        band.gain_db = -(excess_db - 6.0 * harmonic as f64).clamp(0.0, DEEPEST_NOTCH_DB);
        band.q = NOTCH_Q;
        band.on = band.gain_db != 0.0;
    }
}

/// A low shelf (band 1) and a high shelf (band 2) for what a person would do at the desk; half decibels.
pub(super) fn broad_strokes(settings: &mut EqSettings, aim: &Aim) {
    let (goal, mix) = (aim.goal.tone_db(), aim.mix.tone_db());
    let wanted = |from: u32, to: u32| {
        let inside = (0..THIRD_OCTAVES).filter(|i| (from..=to).contains(&THIRD_OCTAVE_HZ[*i]));
        let moves: Vec<f64> = inside.map(|i| goal[i] - mix[i]).collect();
        moves.iter().sum::<f64>() / moves.len() as f64
    };
    let body = wanted(400, 2500);
    let stroke = |region: f64| {
        let gain = (2.0 * (region - body)).round() / 2.0;
        if gain.abs() < STROKE_DB { 0.0 } else { gain.clamp(-LARGEST_STROKE_DB, LARGEST_STROKE_DB) }
    };
    let (low, high) = (stroke(wanted(31, 100)), stroke(wanted(6300, 12500)));
    let [first, second, ..] = settings.bands_mut();
    (first.on, first.kind, first.freq_hz, first.gain_db) = (low != 0.0, BandKind::LowShelf, 150.0, low);
    (second.on, second.kind, second.freq_hz, second.gain_db) = (high != 0.0, BandKind::HighShelf, 5000.0, high);
    for band in [first, second].into_iter().filter(|b| !b.on) {
        *band = Default::default();
    }
}

/// Highs whose loud moments stick out of their mean by this much more than the target's are sibilant.
const SIBILANT_DB: f64 = 5.0;
/// Deepest de-essing that a rule proposes.
const DEEPEST_DEESS_DB: f64 = 2.0;

/// De-essing where the highs' peaks stick out further than the target's.
pub(super) fn deess(settings: &mut DeessSettings, analysis: &Analysis, aim: &Aim, wishes: &Wishes) {
    let excess = wishes.dynamics * (aim.mix.spread[3] - aim.target.spread[3]);
    let crest = aim.mix.crest[3] - aim.target.crest[3];
    if excess < SIBILANT_DB || crest < 0.0 {
        return;
    }
    let bands = &analysis.loud.dynamics;
    let rest: f64 = bands[..3].iter().map(|b| 10f64.powf(b.rms_dbfs / 10.0)).sum();
    let relation_db = bands[3].p95_dbfs - 10.0 * rest.max(1e-15).log10();
    settings.range_db = (excess - SIBILANT_DB + 0.5).min(DEEPEST_DEESS_DB);
    settings.threshold_db = (relation_db - settings.range_db).clamp(-40.0, 20.0);
}

/// A third octave that sticks out of its neighbours by this much more than in the target is a resonance.
const RESONANT_DB: f64 = 8.0;

/// The third octave that sticks out of its neighbours furthest beyond what the goal asks for, from 200 Hz to 8 kHz, and by how much in dB.
pub(in super::super) fn worst_resonance(aim: &Aim) -> Option<(usize, f64)> {
    let prominence = |curve: &[f64; THIRD_OCTAVES], i: usize| curve[i] - 0.5 * (curve[i - 2] + curve[i + 2]);
    (2..THIRD_OCTAVES - 2)
        .filter(|i| (200..=8000).contains(&THIRD_OCTAVE_HZ[*i]))
        .map(|i| (i, prominence(&aim.mix.mid_db, i) - prominence(&aim.goal.mid_db, i)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Dynamic cuts where narrow bands stick out.
pub(super) fn resonance(settings: &mut ResonanceSettings, aim: &Aim) {
    let worst = worst_resonance(aim).map_or(0.0, |(_, excess_db)| excess_db);
    if worst > RESONANT_DB {
        settings.amount_percent = (5.0 * worst).min(40.0);
        settings.range_db = (0.3 * worst).min(3.0);
    }
}
