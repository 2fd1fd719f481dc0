//! How steep a curve may be: music differs from note to note, mastering does not.

use crate::dsp::bands::THIRD_OCTAVES;

/// Steepest rise of a boost or a cut from one third octave to the next: what a filter of a bell's or a shelf's kind does, not a notch for
/// each note. From a cut to a boost it may be twice that.
const STEEPEST_DB: f64 = 6.0;

/// The curve made less steep: where it moves by more than [`STEEPEST_DB`] beyond its neighbour, it moves by less. No band moves further
/// than it did, nor the other way.
pub(super) fn eased(curve: &[f64; THIRD_OCTAVES]) -> [f64; THIRD_OCTAVES] {
    let (up, down) = (held(&curve.map(|gain| gain.max(0.0))), held(&curve.map(|gain| (-gain).max(0.0))));
    std::array::from_fn(|i| up[i] - down[i])
}

/// The largest curve of that steepness under one that is nowhere negative.
fn held(curve: &[f64; THIRD_OCTAVES]) -> [f64; THIRD_OCTAVES] {
    let mut held = *curve;
    for i in 1..THIRD_OCTAVES {
        held[i] = held[i].min(held[i - 1] + STEEPEST_DB);
    }
    for i in (1..THIRD_OCTAVES).rev() {
        held[i - 1] = held[i - 1].min(held[i] + STEEPEST_DB);
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_made_small_and_a_slope_stays() {
        let note: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| if i == 10 { 12.0 } else { -1.0 });
        let slope: [f64; THIRD_OCTAVES] = std::array::from_fn(|i| (STEEPEST_DB * (i as f64 - 15.0)).clamp(-12.0, 12.0));
        assert_eq!(eased(&note)[10], STEEPEST_DB);
        assert_eq!(eased(&note)[9], -1.0);
        assert_eq!(eased(&slope), slope);
    }
}
