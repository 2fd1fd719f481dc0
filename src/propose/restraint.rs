//! Restraint: how much of a difference in tone and width is mastering's to take, and what is arrangement.

use super::slope::eased;
use crate::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::plan::{Clamp, ClampRule};

/// A tone difference up to this is taken over whole …
const FULL_TONE_DB: f64 = 8.0;
/// … and what is beyond it by this share, …
const BEYOND_SHARE: f64 = 0.5;
/// … up to this.
const LARGEST_TONE_DB: f64 = 12.0;
/// Largest change of the side against the mid.
const LARGEST_WIDTH_DB: f64 = 12.0;
/// No side is widened further beyond the mid than this: the channels would cancel in mono.
const WIDEST_DB: f64 = 3.0;
/// A band this far under the mix's loudest band has nothing to boost.
const NOTHING_THERE_DB: f64 = 62.0;
/// Side this far under mid is no image to widen.
pub(super) const NO_SIDE_DB: f64 = 40.0;
/// What may still be boosted where there is nothing.
const BOOST_OF_NOTHING_DB: f64 = 2.0;
/// What the slope's limit takes from a move is said from here on.
const TAKEN_DB: f64 = 1.0;

/// Moves of the third octaves, and where each was held back.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    /// By how much each is to change.
    pub(super) moves_db: [f64; THIRD_OCTAVES],
    /// What held it back.
    pub(super) clamps: [Option<Clamp>; THIRD_OCTAVES],
}

/// The moves from the mix's tone toward the target's, `share` of the way. Above the first `full_bands` third octaves one file
/// says nothing: what the last full band got is held.
pub(super) fn tone(mix_db: &Curve, target_db: &Curve, share: f64, full_bands: usize) -> Held {
    let (wanted, mut held) = (differences(mix_db, target_db, share), Held::default());
    let loudest = mix_db.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    let mut last_move = 0.0;
    for i in 0..THIRD_OCTAVES {
        let (mut moved, mut rule) = limited_tone(wanted[i]);
        if mix_db[i] < loudest - NOTHING_THERE_DB && moved > BOOST_OF_NOTHING_DB {
            (moved, rule) = (BOOST_OF_NOTHING_DB, Some(ClampRule::NothingThere));
        }
        if i >= full_bands {
            (moved, rule) = (last_move, None);
        }
        last_move = moved;
        held.take(i, moved, wanted[i], rule);
    }
    held.eased(&wanted, full_bands)
}

/// The changes of width (side over mid) from the mix's toward the target's, `share` of the way; none above the first `full_bands`.
pub(super) fn width(mix_db: &Curve, target_db: &Curve, share: f64, full_bands: usize) -> Held {
    let (mut wanted, mut held) = (differences(mix_db, target_db, share), Held::default());
    for i in 0..THIRD_OCTAVES {
        let mut moved = wanted[i].clamp(-LARGEST_WIDTH_DB, LARGEST_WIDTH_DB);
        let mut rule = ClampRule::LargestMove;
        let room = (WIDEST_DB - mix_db[i]).max(0.0);
        if moved > room {
            (moved, rule) = (room, ClampRule::MonoSafe);
        }
        let heard = i < full_bands;
        if mix_db[i] < -NO_SIDE_DB && moved > BOOST_OF_NOTHING_DB {
            // What is asked for counts from where a side begins to be one: further down there is nothing to compare.
            wanted[i] = (share * (target_db[i] + NO_SIDE_DB)).max(0.0);
            let rule = (heard && wanted[i] > 0.0).then_some(ClampRule::NothingThere);
            held.take(i, if heard { BOOST_OF_NOTHING_DB } else { 0.0 }, wanted[i], rule);
        } else if heard {
            held.take(i, moved, wanted[i], (moved != wanted[i]).then_some(rule));
        } else {
            held.take(i, 0.0, wanted[i], None);
        }
    }
    held.eased(&wanted, full_bands)
}

type Curve = [f64; THIRD_OCTAVES];

fn differences(mix_db: &Curve, target_db: &Curve, share: f64) -> Curve {
    std::array::from_fn(|i| share * (target_db[i] - mix_db[i]))
}

impl Held {
    fn take(&mut self, i: usize, moved: f64, wanted: f64, rule: Option<ClampRule>) {
        self.moves_db[i] = moved;
        self.clamps[i] = rule.map(|rule| Clamp { wanted, freq_hz: Some(f64::from(THIRD_OCTAVE_HZ[i])), rule });
    }

    /// The same, no steeper than mastering's curves are.
    fn eased(mut self, wanted: &Curve, full_bands: usize) -> Self {
        let eased = eased(&self.moves_db);
        for i in 0..THIRD_OCTAVES {
            let freq_hz = f64::from(THIRD_OCTAVE_HZ[i]);
            if self.clamps[i].is_none() && i < full_bands && (self.moves_db[i] - eased[i]).abs() > TAKEN_DB {
                self.clamps[i] = Some(Clamp { wanted: wanted[i], freq_hz: Some(freq_hz), rule: ClampRule::Steepness });
            }
        }
        self.moves_db = eased;
        self
    }
}

/// A tone move within limits, and the limit that held it.
fn limited_tone(wanted: f64) -> (f64, Option<ClampRule>) {
    let size = wanted.abs();
    if size <= FULL_TONE_DB {
        return (wanted, None);
    }
    let held = (FULL_TONE_DB + BEYOND_SHARE * (size - FULL_TONE_DB)).min(LARGEST_TONE_DB);
    (held.copysign(wanted), Some(ClampRule::LargestMove))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_is_asked_for_from_where_a_side_begins_to_be_one() {
        let (mix, mut target) = ([-95.0; THIRD_OCTAVES], [-60.0; THIRD_OCTAVES]);
        assert_eq!(
            width(&mix, &target, 1.0, THIRD_OCTAVES).clamps,
            [None; THIRD_OCTAVES],
            "nothing there, and nothing is aimed for"
        );
        target[15] = -10.0;
        let held = width(&mix, &target, 0.5, THIRD_OCTAVES);
        let clamp = held.clamps[15].unwrap();
        assert_eq!((clamp.wanted, clamp.rule, held.moves_db[15]), (15.0, ClampRule::NothingThere, BOOST_OF_NOTHING_DB));
        assert_eq!(held.clamps.iter().flatten().count(), 1);
    }

    #[test]
    fn large_tone_moves_are_held_back_and_said_so() {
        assert_eq!(limited_tone(-3.0), (-3.0, None));
        assert_eq!(limited_tone(12.0), (10.0, Some(ClampRule::LargestMove)));
        assert_eq!(limited_tone(-40.0).0, -LARGEST_TONE_DB);
    }

    #[test]
    fn a_note_that_the_target_lacks_is_no_notch_and_that_is_said() {
        let (mix, mut target) = ([-30.0; THIRD_OCTAVES], [-30.0; THIRD_OCTAVES]);
        target[12] = -42.0;
        let held = tone(&mix, &target, 1.0, THIRD_OCTAVES);
        assert_eq!(held.moves_db[12], -6.0);
        assert!(held.moves_db.iter().enumerate().all(|(i, moved)| i == 12 || *moved == 0.0));
        let clamp = held.clamps[12].unwrap();
        assert_eq!((clamp.wanted, clamp.freq_hz, clamp.rule), (-12.0, Some(315.0), ClampRule::LargestMove));
        target[12] = -38.0;
        assert_eq!(tone(&mix, &target, 1.0, THIRD_OCTAVES).clamps[12].unwrap().rule, ClampRule::Steepness);
    }
}
