//! Tone and width: the matching curves of mid and side, and the width of the four bands.

use super::super::aim::Aim;
use super::super::slope::eased;
use super::super::traits::{Traits, anchor_db, band_of};
use super::Prediction;
use crate::chain::ChainSettings;
use crate::chain::match_eq::MatchEqSettings;
use crate::chain::stereo::StereoSettings;
use crate::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};

/// A third octave that is off by less is right.
const TONE_TOLERANCE_DB: f64 = 0.5;
/// The same at the ends, below 50 Hz and above 12.5 kHz, where levels are less certain.
const EDGE_TOLERANCE_DB: f64 = 1.0;
/// The same for side against mid.
const WIDTH_TOLERANCE_DB: f64 = 0.5;
/// Balance that is off by less is right, and the most that it is moved by.
const BALANCE_TOLERANCE_DB: f64 = 0.3;
const LARGEST_BALANCE_DB: f64 = 3.0;
/// End of the curves' range.
pub(in super::super) const LARGEST_GAIN_DB: f64 = 15.0;
/// Width of a band: from half to double.
const WIDTH_RANGE_PERCENT: (f64, f64) = (40.0, 250.0);
/// Side under mid by more than this is not heard as width: not steered.
const INAUDIBLE_SIDE_DB: f64 = 45.0;

fn tolerance_db(i: usize) -> f64 {
    if (4..29).contains(&i) { TONE_TOLERANCE_DB } else { EDGE_TOLERANCE_DB }
}

/// Corrects tone and width; whether anything was out of tolerance.
pub(super) fn correct(chain: &mut ChainSettings, predicted: &Prediction, aim: &Aim) -> bool {
    let tone = tone_error(&predicted.traits, aim, chain);
    let width = width_error(&predicted.traits, aim, &chain.stereo);
    let tone_off = (0..THIRD_OCTAVES).any(|i| tone[i].abs() > tolerance_db(i));
    let width_off = width.iter().any(|e| e.abs() > WIDTH_TOLERANCE_DB);
    if tone_off {
        add(&mut chain.match_eq.mid.gains_db, &tone);
        // The side goes with the mid: width is a matter of the next step.
        add(&mut chain.match_eq.side.gains_db, &tone);
    }
    if width_off {
        let rest = widen(&mut chain.stereo, &width);
        add(&mut chain.match_eq.side.gains_db, &rest);
    }
    ease(&mut chain.match_eq);
    let balance = off_balance_db(predicted.traits.balance_db, aim.goal.balance_db);
    let balance_off = aim.has_image && balance.abs() > BALANCE_TOLERANCE_DB;
    if balance_off {
        // Positive turns the left down; balance is left over right.
        let moved = (chain.stereo.balance_db + balance).clamp(-LARGEST_BALANCE_DB, LARGEST_BALANCE_DB);
        chain.stereo.balance_db = (100.0 * moved).round() / 100.0;
    }
    tone_off || width_off || balance_off
}

/// By how much music leans too far to the left, less than nothing to the right: it is brought toward the middle alone, and not past it. A record
/// that leans further or the other way is no reason to lean, and what width takes from the sides, or gives, is not taken back by turning
/// one side down.
fn off_balance_db(now_db: f64, goal_db: f64) -> f64 {
    let nearest_db = if now_db * goal_db > 0.0 { goal_db } else { 0.0 };
    if now_db.abs() > goal_db.abs() { now_db - nearest_db } else { 0.0 }
}

/// What each third octave of the mid still needs. What distortion and harmonics leave where the mix has nothing is no tone to
/// steer by: above a codec's low-pass the correction of the last full band goes on, elsewhere the curve does what was aimed at.
fn tone_error(predicted: &Traits, aim: &Aim, chain: &ChainSettings) -> [f64; THIRD_OCTAVES] {
    // The curve's own, and what the equaliser's shelves boost already; a cut there (a notch at the mains) is not filled up again.
    let boosted = |i: usize| chain.equaliser_response_db(false, f64::from(THIRD_OCTAVE_HZ[i])).max(0.0);
    let done = |i: usize| boosted(i) + chain.match_eq.mid.gains_db[i];
    let last = aim.mix.full_bands.max(1) - 1;
    let error: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| aim.goal.mid_db[i.min(last)] - predicted.mid_db[i.min(last)]);
    let anchor = anchor_db(&error, aim.mix.full_bands);
    std::array::from_fn(|i| match aim.has_nothing(i.min(last)) {
        true => aim.goal.mid_db[i] - aim.mix.mid_db[i] - done(i),
        false => error[i] - anchor,
    })
}

/// What the side of each third octave still needs against the mid. Widths and curves come before the ambience, and have no hold on it: where
/// it stands for a side that the mix has not got nothing is steered, and elsewhere it is no excess.
fn width_error(predicted: &Traits, aim: &Aim, stereo: &StereoSettings) -> [f64; THIRD_OCTAVES] {
    let (goal, now) = (aim.goal.width_db(), predicted.width_db());
    std::array::from_fn(|i| {
        let ambience_db = stereo.depth_response_db(f64::from(THIRD_OCTAVE_HZ[i]));
        let goal_db = goal[i].max(ambience_db.min(now[i]));
        let audible = goal_db.max(now[i]) > -INAUDIBLE_SIDE_DB;
        let steered = !aim.has_nothing(i) && (stereo.depth_percent == 0.0 || aim.missing_width_db(i).is_none());
        if aim.has_image && audible && i < aim.mix.full_bands && steered { goal_db - now[i] } else { 0.0 }
    })
}

/// Adds moves to a curve.
pub(super) fn add(curve: &mut [f64; THIRD_OCTAVES], moves: &[f64; THIRD_OCTAVES]) {
    for (gain, m) in curve.iter_mut().zip(moves) {
        // Hundredths of a decibel: a plan is read by people.
        *gain = ((*gain + m) * 100.0).round().clamp(-100.0 * LARGEST_GAIN_DB, 100.0 * LARGEST_GAIN_DB) / 100.0;
    }
}

/// Makes both curves no steeper than mastering's are.
pub(in super::super) fn ease(settings: &mut MatchEqSettings) {
    for curve in [&mut settings.mid, &mut settings.side] {
        curve.gains_db = eased(&curve.gains_db).map(|gain| (100.0 * gain).round() / 100.0);
    }
}

/// Moves the width of each band by the mean of its third octaves; returns what is left for the side curve.
fn widen(settings: &mut StereoSettings, error: &[f64; THIRD_OCTAVES]) -> [f64; THIRD_OCTAVES] {
    let before = settings.clone();
    let widths = [
        &mut settings.low_width_percent,
        &mut settings.low_mid_width_percent,
        &mut settings.high_mid_width_percent,
        &mut settings.high_width_percent,
    ];
    for (band, percent) in widths.into_iter().enumerate() {
        let inside: Vec<f64> = (0..THIRD_OCTAVES).filter(|i| band_of(*i) == band && error[*i] != 0.0).map(|i| error[i]).collect();
        let mean = inside.iter().sum::<f64>() / inside.len().max(1) as f64;
        let (min, max) = WIDTH_RANGE_PERCENT;
        *percent = (*percent * 10f64.powf(mean / 20.0)).round().clamp(min, max);
    }
    let done = |hz: f64| settings.width_response_db(hz) - before.width_response_db(hz);
    std::array::from_fn(|i| if error[i] == 0.0 { 0.0 } else { error[i] - done(f64::from(THIRD_OCTAVE_HZ[i])) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use crate::chain::eq::BandKind;
    use crate::chain::stereo::StereoSettings;
    use crate::plan::{Clamp, ClampRule};
    use crate::propose::Wishes;
    use crate::target::Target;

    #[test]
    fn width_goes_to_the_bands_and_only_the_rest_to_the_curve() {
        let mut settings = StereoSettings::default();
        let error: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| if band_of(i) == 2 { 6.0 } else { 0.0 });
        let rest = widen(&mut settings, &error);
        assert_eq!(settings.high_mid_width_percent, 200.0);
        assert_eq!(settings.low_width_percent, 100.0);
        // The bands meet in slopes: what one lacks at its edges is the curve's, where nothing is heard it does nothing.
        assert!(rest.iter().zip(error).all(|(r, e)| if e == 0.0 { *r == 0.0 } else { (-0.05..3.5).contains(r) }), "{rest:?}");
        assert!(rest[18..23].iter().all(|r| r.abs() < 0.1), "{rest:?}");
    }

    /// A shelf that boosts where there is next to nothing boosts no further with the curve.
    #[test]
    fn where_there_is_nothing_shelf_and_curve_together_do_what_was_aimed_for() {
        let mut analyzer = Analyzer::new(44_100, 1);
        analyzer.push(&[(0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * 0.2).collect()]);
        let analysis = analyzer.finish().analysis();
        let target = Target::blend(&[("itself".into(), analysis.clone(), 1.0)]).unwrap();
        let mut aim = Aim::new(&analysis, &target, &Wishes::default());
        let wanted = Clamp { wanted: 9.0, freq_hz: None, rule: ClampRule::NothingThere };
        (aim.tone_clamps[29], aim.goal.mid_db[29]) = (Some(wanted), aim.mix.mid_db[29] + 2.0);
        let mut chain = ChainSettings::default();
        assert!((tone_error(&aim.mix, &aim, &chain)[29] - 2.0).abs() < 1e-9);
        let mut shelf_of = |gain_db: f64| {
            let [_, shelf, ..] = chain.eq.bands_mut();
            (shelf.on, shelf.kind, shelf.freq_hz, shelf.gain_db) = (true, BandKind::HighShelf, 2000.0, gain_db);
            chain.clone()
        };
        let boosting = tone_error(&aim.mix, &aim, &shelf_of(4.0))[29];
        assert!((boosting + 2.0).abs() < 0.1, "{boosting}");
        let chain = shelf_of(-4.0);
        assert!((tone_error(&aim.mix, &aim, &chain)[29] - 2.0).abs() < 1e-9, "a cut is not filled up");
    }

    #[test]
    fn what_leans_is_brought_toward_the_middle_and_never_from_it() {
        assert_eq!([off_balance_db(3.0, 1.0), off_balance_db(-3.0, 0.0), off_balance_db(-3.0, 1.0)], [2.0, -3.0, -3.0]);
        assert_eq!([off_balance_db(0.0, 4.0), off_balance_db(3.7, 4.4), off_balance_db(-3.0, 4.0)], [0.0; 3]);
    }

    #[test]
    fn both_curves_are_eased_and_stay_in_hundredths() {
        let mut settings = MatchEqSettings::default();
        settings.mid.gains_db[10] = 9.37;
        settings.side.gains_db = [1.23; THIRD_OCTAVES];
        settings.side.gains_db[20] = -14.0;
        ease(&mut settings);
        assert_eq!((settings.mid.gains_db[9], settings.mid.gains_db[10]), (0.0, 6.0));
        assert_eq!((settings.side.gains_db[19], settings.side.gains_db[20]), (1.23, -6.0));
        settings.side.gains_db[20] = 14.0;
        ease(&mut settings);
        assert_eq!(settings.side.gains_db[20], 7.23);
    }

    #[test]
    fn width_beyond_the_range_is_left_to_the_curve() {
        let mut settings = StereoSettings::default();
        let rest = widen(&mut settings, &[12.0; THIRD_OCTAVES]);
        assert_eq!(settings.high_width_percent, WIDTH_RANGE_PERCENT.1);
        assert!(rest.iter().all(|r| (r - (12.0 - 20.0 * 2.5f64.log10())).abs() < 1e-9));
    }
}
