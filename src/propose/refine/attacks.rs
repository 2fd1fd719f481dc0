//! Attacks: how far the peaks of the bands stand out, by the transients of the multiband stage.
//!
//! Attacks are part of a band's tone: what they gain, the band gains by a share, and the matching curve gives that back.

use super::super::Wishes;
use super::super::aim::Aim;
use super::super::traits::band_of;
use super::Prediction;
use super::bands::{round_to, set_times};
use super::ceiling::softens;
use super::tone::{add, ease};
use crate::chain::ChainSettings;
use crate::chain::multiband::BandSettings;
use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVES};

/// What is left in a band's peaks is corrected down to this.
const CREST_TOLERANCE_DB: f64 = 0.5;
/// Largest transient gain, and what a decibel of crest asks for: few windows have their peak in an attack, so that peaks move by less.
const TRANSIENT_DB: f64 = 2.0;
const TRANSIENT_PER_CREST: f64 = 1.5;
/// The lowest band whose crest is steered: under it crest comes from few waves, not from attacks, and transients do not move it.
pub(in super::super) const LOWEST_WITH_ATTACKS: usize = 1;
/// What a decibel of an attack adds to its band's level, dB, for each decibel that the band's crest is over [`NO_ATTACKS_DB`]: by least squares
/// over three bands of the 24 mixes of the train split, correlation 0.92, rest 0.08 dB a decibel (a trial, not kept as a command).
const LIFT_PER_CREST: f64 = 0.051;
/// Crest of a band without attacks.
const NO_ATTACKS_DB: f64 = 11.5;
/// A band that a decibel of transients lifts by less has too few attacks to be steered by them.
const LEAST_LIFT_PER_DB: f64 = 0.05;

/// Whether transients have a hold on the band `number` of a mix whose peaks stand out so far in it.
pub(in super::super) fn has_attacks(number: usize, crest_db: f64) -> bool {
    number >= LOWEST_WITH_ATTACKS && lift_per_db(crest_db) >= LEAST_LIFT_PER_DB
}

fn lift_per_db(crest_db: f64) -> f64 {
    LIFT_PER_CREST * (crest_db - NO_ATTACKS_DB).max(0.0)
}

/// Corrects the bands' attacks by what was predicted; whether anything moved.
pub(super) fn correct(chain: &mut ChainSettings, predicted: &Prediction, aim: &Aim) -> bool {
    let (now, goal) = (&predicted.traits, &aim.goal);
    let mut moved = false;
    for (b, band) in chain.multiband.bands_mut().into_iter().enumerate().skip(LOWEST_WITH_ATTACKS) {
        moved |= has_attacks(b, aim.mix.crest[b]) && correct_crest(band, now.crest[b] - goal.crest[b]);
        set_times(band, b);
    }
    moved
}

/// Takes back by the matching curves what attacks that were changed do to the tone that was heard.
pub(super) fn keep_tone(chain: &mut ChainSettings, heard: &ChainSettings, aim: &Aim) {
    if chain.multiband.bypass {
        return;
    }
    let (now, before) = (chain.multiband.bands(), heard.multiband.bands());
    let lifts: [f64; DYNAMICS_BANDS] =
        std::array::from_fn(|b| lift_per_db(aim.mix.crest[b]) * (now[b].transient_db - before[b].transient_db));
    if lifts != [0.0; DYNAMICS_BANDS] {
        let moves: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| -lifts[band_of(i)]);
        add(&mut chain.match_eq.mid.gains_db, &moves);
        add(&mut chain.match_eq.side.gains_db, &moves);
        ease(&mut chain.match_eq);
    }
}

/// Leaves the softening of attacks to the limiter where its ceiling was lowered for that; whether there was anything to leave.
pub(super) fn soften_once(chain: &mut ChainSettings, aim: &Aim, wishes: &Wishes) -> bool {
    let mut moved = false;
    if softens(&chain.limiter, aim, wishes) {
        for band in chain.multiband.bands_mut().into_iter().filter(|band| band.transient_db < 0.0) {
            (band.transient_db, moved) = (0.0, true);
        }
    }
    moved
}

fn correct_crest(band: &mut BandSettings, too_much: f64) -> bool {
    if too_much.abs() < CREST_TOLERANCE_DB {
        return false;
    }
    let before = band.transient_db;
    band.transient_db = round_to((before - TRANSIENT_PER_CREST * too_much).clamp(-TRANSIENT_DB, TRANSIENT_DB), 10.0);
    band.transient_db != before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use crate::propose::refine::levels::LevelMap;
    use crate::propose::refine::peaks::Peaks;
    use crate::target::Target;

    /// The aim of a tone at itself.
    fn aim() -> Aim {
        let mut analyzer = Analyzer::new(44_100, 1);
        analyzer.push(&[(0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect()]);
        let analysis = analyzer.finish().analysis();
        let target = Target::blend(&[("itself".into(), analysis.clone(), 1.0)]).unwrap();
        Aim::new(&analysis, &target, &Wishes::default())
    }

    #[test]
    fn punch_is_steered_above_the_bass_from_half_a_decibel_on_and_never_far() {
        let mut aim = aim();
        aim.mix.crest = [20.0; DYNAMICS_BANDS];
        aim.goal.crest = [20.0; DYNAMICS_BANDS];
        let corrected = |aim: &Aim, too_much: f64| {
            let (mut chain, mut traits) = (ChainSettings::default(), aim.mix.clone());
            traits.crest = aim.goal.crest.map(|crest| crest + too_much);
            let predicted = Prediction { traits, levels: LevelMap::known(1.0), peaks: Peaks::new(&[], None, 0.0) };
            let moved = correct(&mut chain, &predicted, aim);
            (moved, chain.multiband.bands().map(|band| band.transient_db))
        };
        assert_eq!(corrected(&aim, 0.4), (false, [0.0; DYNAMICS_BANDS]));
        assert_eq!(corrected(&aim, 0.8), (true, [0.0, -1.2, -1.2, -1.2]));
        assert_eq!(corrected(&aim, -6.0), (true, [0.0, 2.0, 2.0, 2.0]));
        aim.mix.crest[1] = 12.0;
        assert_eq!(corrected(&aim, 0.8), (true, [0.0, 0.0, -1.2, -1.2]), "a band without attacks has none to steer");
    }

    #[test]
    fn what_attacks_do_to_the_tone_is_taken_back_where_they_sound() {
        let mut aim = aim();
        aim.mix.crest = [20.0, 11.0, 16.5, 21.5];
        let taken_back = |bypass: bool| {
            let (heard, mut chain) = (ChainSettings::default(), ChainSettings::default());
            let [_, low_mid, high_mid, high] = chain.multiband.bands_mut();
            [low_mid.transient_db, high_mid.transient_db, high.transient_db] = [2.0, 2.0, -1.0];
            chain.multiband.bypass = bypass;
            keep_tone(&mut chain, &heard, &aim);
            assert_eq!(chain.match_eq.mid.gains_db, chain.match_eq.side.gains_db);
            chain.match_eq.mid.gains_db
        };
        // A low mid without attacks, 0.051 · 5 dB · 2 and 0.051 · 10 dB · −1 above it.
        let expected: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| [0.0, 0.0, -0.51, 0.51][band_of(i)]);
        assert_eq!(taken_back(false), expected);
        assert_eq!(taken_back(true), [0.0; THIRD_OCTAVES], "attacks that are bypassed sound nowhere");
    }

    #[test]
    fn attacks_are_softened_once_by_limiter_or_bands() {
        let (mut aim, wishes) = (aim(), Wishes::default());
        let transients = |aim: &Aim, ceiling_dbtp: f64| {
            let mut chain = ChainSettings::default();
            chain.limiter.ceiling_dbtp = ceiling_dbtp;
            [chain.multiband.low_mid.transient_db, chain.multiband.high_mid.transient_db] = [-1.2, 1.2];
            let moved = soften_once(&mut chain, aim, &wishes);
            assert_eq!(moved, chain.multiband.low_mid.transient_db != -1.2);
            [chain.multiband.low_mid.transient_db, chain.multiband.high_mid.transient_db]
        };
        assert_eq!(transients(&aim, -8.0), [-1.2, 1.2], "the limiter has little to take");
        aim.mix.psr_lu = aim.goal.psr_lu + 3.0;
        assert_eq!(transients(&aim, -1.0), [-1.2, 1.2], "it holds what the delivery asks for, no more");
        assert_eq!(transients(&aim, -8.0), [0.0, 1.2]);
    }
}
