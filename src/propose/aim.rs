//! The aim: the target, scaled by the wishes and held back where mix and target differ by arrangement, not by mastering.

use super::Wishes;
use super::restraint::{self, Held, NO_SIDE_DB};
use super::traits::Traits;
use crate::analysis::Analysis;
use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVES};
use crate::plan::{Clamp, ClampRule, Concession};
use crate::target::Target;

/// Largest change of loudness range, and the least range that is left.
const LARGEST_LRA_LU: f64 = 10.0;
const SMALLEST_LRA_LU: f64 = 1.5;
/// A range that is held back by more is told.
const TOLD_LRA_LU: f64 = 1.0;
/// The same of a PSR.
const TOLD_PSR_LU: f64 = 0.1;
/// Largest change of a band's crest or spread, and of the PSR.
const LARGEST_CREST_DB: f64 = 6.0;
pub(crate) const LARGEST_SPREAD_DB: f64 = 4.0;
const LARGEST_PSR_LU: f64 = 8.0;

/// What refinement steers to, and what it was held back from.
#[derive(Clone, Debug)]
pub(super) struct Aim {
    /// The mix.
    pub(super) mix: Traits,
    /// The target before restraint, for the report.
    pub(super) target: Traits,
    /// Where to go.
    pub(super) goal: Traits,
    /// What loudness range and PSR were held back from.
    pub(super) conceded: Vec<Concession>,
    /// Where the tone of the mid was held back.
    pub(super) tone_clamps: [Option<Clamp>; THIRD_OCTAVES],
    /// Where the width was held back.
    pub(super) width_clamps: [Option<Clamp>; THIRD_OCTAVES],
    /// Whether there is an image to work on: both mix and target have one. Mono stays mono, in two channels too.
    pub(super) has_image: bool,
}

impl Aim {
    /// The aim for a mix.
    pub(super) fn new(analysis: &Analysis, target: &Target, wishes: &Wishes) -> Self {
        let (mix, target_traits) = Traits::pair(analysis, target);
        Self::between(mix, target_traits, target.has_image_for(analysis), wishes)
    }

    /// The aim from one set of figures to another, a [pair](Traits::pair).
    pub(super) fn between(mix: Traits, target_traits: Traits, has_image: bool, wishes: &Wishes) -> Self {
        let full_bands = mix.full_bands;
        let mut goal = mix.clone();

        let tone = restraint::tone(&mix.tone_db(), &target_traits.tone_db(), wishes.tone, full_bands);
        let width = match has_image {
            true => restraint::width(&mix.width_db(), &target_traits.width_db(), wishes.width, full_bands),
            false => Held::default(),
        };
        let mix_width = mix.width_db();
        for (i, mix_width) in mix_width.iter().enumerate() {
            goal.mid_db[i] = mix.mid_db[i] + tone.moves_db[i];
            goal.side_db[i] = goal.mid_db[i] + mix_width + width.moves_db[i];
        }

        let toward = |m: f64, t: f64, share: f64, most: f64| m + (share * (t - m)).clamp(-most, most);
        let d = wishes.dynamics;
        goal.lra_lu = toward(mix.lra_lu, target_traits.lra_lu, d, LARGEST_LRA_LU).max(SMALLEST_LRA_LU.min(mix.lra_lu));
        let lra_lu = toward(mix.lra_lu, target_traits.lra_lu, d, f64::INFINITY);
        // What a target asks for under the floor is not aimed for, but what a mix is under it as it came stays.
        let floor_lu = wishes.psr_floor_lu.unwrap_or(f64::NEG_INFINITY).min(mix.psr_lu);
        let psr_lu = toward(mix.psr_lu, target_traits.psr_lu, d, LARGEST_PSR_LU);
        goal.psr_lu = psr_lu.max(floor_lu);
        goal.crest_db = toward(mix.crest_db, target_traits.crest_db, d, LARGEST_CREST_DB);
        for b in 0..DYNAMICS_BANDS {
            goal.crest[b] = toward(mix.crest[b], target_traits.crest[b], d, LARGEST_CREST_DB);
            goal.spread[b] = toward(mix.spread[b], target_traits.spread[b], d, LARGEST_SPREAD_DB);
        }
        if has_image {
            goal.balance_db = mix.balance_db + wishes.width * (target_traits.balance_db - mix.balance_db);
        }
        goal.loudness_lufs = wishes
            .loudness_lufs
            .unwrap_or(mix.loudness_lufs + wishes.loudness * (target_traits.loudness_lufs - mix.loudness_lufs));
        let (tone_clamps, width_clamps) = (tone.clamps, width.clamps);
        let range = conceded("loudness.lra_lu", (lra_lu, goal.lra_lu), ClampRule::LargestMove, TOLD_LRA_LU);
        let density = conceded("loudness.psr_lu", (psr_lu, goal.psr_lu), ClampRule::PsrFloor, TOLD_PSR_LU);
        let conceded = range.into_iter().chain(density).collect();
        Self { mix, target: target_traits, goal, conceded, tone_clamps, width_clamps, has_image }
    }
}

impl Aim {
    /// Whether the mix has next to nothing in a third octave, so that what was aimed for there was held back.
    pub(super) fn has_nothing(&self, third_octave: usize) -> bool {
        self.tone_clamps[third_octave].is_some_and(|clamp| clamp.rule == ClampRule::NothingThere)
    }

    /// Side over mid that was aimed for in a third octave, where the mix has next to no side to widen.
    pub(super) fn missing_width_db(&self, third_octave: usize) -> Option<f64> {
        let clamp = self.width_clamps[third_octave].filter(|clamp| clamp.rule == ClampRule::NothingThere)?;
        Some(clamp.wanted - NO_SIDE_DB)
    }
}

/// What was wanted and what is aimed for, where they differ by more than `told`.
fn conceded(feature: &str, (wanted, planned): (f64, f64), rule: ClampRule, told: f64) -> Option<Concession> {
    ((wanted - planned).abs() > told).then(|| Concession { feature: feature.into(), wanted, planned, rule })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Analyzer, Defect, NOTHING_DBFS};

    fn noise(channels: usize, sample_rate_hz: u32) -> Analysis {
        let mut state = 1u32;
        let mut sample = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.2 * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
        };
        let channel: Vec<f32> = (0..12 * sample_rate_hz).map(|_| sample()).collect();
        let mut analyzer = Analyzer::new(sample_rate_hz, channels);
        analyzer.push(&vec![channel; channels]);
        analyzer.finish().analysis()
    }

    /// What a codec cut from a reference is no tone of it: the bands above go with the last that it has.
    #[test]
    fn a_references_low_pass_is_not_copied() {
        let (mix, whole) = (noise(2, 44_100), noise(2, 44_100));
        let mut cut = whole.clone();
        cut.defects = vec![Defect::LossyLowpass { freq_hz: 15_000.0 }];
        for section in [&mut cut.whole, &mut cut.loud] {
            section.spectrum.mid_dbfs[29] -= 6.0;
            section.spectrum.mid_dbfs[30] = NOTHING_DBFS;
        }
        let moves = |references: &[(String, Analysis, f64)]| {
            let aim = Aim::new(&mix, &Target::blend(references).unwrap(), &Wishes::default());
            std::array::from_fn::<f64, 2, _>(|i| aim.goal.mid_db[29 + i] - aim.mix.mid_db[29 + i])
        };
        for references in [vec![("cut".into(), cut.clone(), 1.0)], vec![("whole".into(), whole, 1.0), ("cut".into(), cut, 1.0)]] {
            let moved = moves(&references);
            assert!(moved.iter().all(|db| db.abs() < 0.1), "{moved:?}");
        }
    }

    /// A mix that was squashed already is not squashed further, turned down or not, unless a person insists.
    #[test]
    fn no_density_is_aimed_for_under_the_floor() {
        let with_psr = |psr_lu: f64| {
            let mut analysis = noise(2, 44_100);
            analysis.loudness.psr_lu = psr_lu;
            analysis
        };
        let target = Target::blend(&[("dense".into(), with_psr(3.5), 1.0)]).unwrap();
        let goal = |psr_lu: f64, wishes: &Wishes| Aim::new(&with_psr(psr_lu), &target, wishes).goal.psr_lu;
        assert_eq!((goal(4.9, &Wishes::default()), goal(8.0, &Wishes::default())), (4.9, 6.0));
        let told = Aim::new(&with_psr(4.9), &target, &Wishes::default()).conceded;
        assert!(matches!(&told[..], [c] if (c.wanted, c.planned, c.rule) == (3.5, 4.9, ClampRule::PsrFloor)), "{told:?}");
        let insisting = Wishes { psr_floor_lu: None, ..Wishes::default() };
        assert_eq!((goal(4.9, &insisting), goal(8.0, &insisting)), (3.5, 3.5));
    }

    /// Two channels of a record ask one channel of the same for nothing, and the other way round.
    #[test]
    fn one_channel_and_two_of_the_same_ask_each_other_for_nothing() {
        let (one, two) = (noise(1, 44_100), noise(2, 44_100));
        for (mix, reference) in [(&one, &two), (&two, &one)] {
            let target = Target::blend(&[("same".into(), reference.clone(), 1.0)]).unwrap();
            let aim = Aim::new(mix, &target, &Wishes::default());
            assert!((aim.goal.loudness_lufs - aim.mix.loudness_lufs).abs() < 0.01);
            assert!((aim.goal.psr_lu - aim.mix.psr_lu).abs() < 0.01);
        }
    }

    /// Where a mix ends at 4 kHz, what lies above moves no anchor.
    #[test]
    fn a_low_sample_rate_does_not_tilt_the_tone() {
        let (mix, reference) = (noise(2, 8_000), noise(2, 44_100));
        let aim = Aim::new(&mix, &Target::blend(&[("same".into(), reference, 1.0)]).unwrap(), &Wishes::default());
        let worst = (12..aim.mix.full_bands).map(|i| (aim.goal.mid_db[i] - aim.mix.mid_db[i]).abs()).fold(0.0, f64::max);
        assert!(worst < 1.0, "{worst}");
        assert!(aim.tone_clamps.iter().flatten().all(|clamp| clamp.rule != ClampRule::LargestMove), "{:?}", aim.tone_clamps);
    }

    #[test]
    fn a_range_that_is_held_back_is_told_from_one_unit_on() {
        let range = |wanted, planned| conceded("loudness.lra_lu", (wanted, planned), ClampRule::LargestMove, TOLD_LRA_LU);
        assert_eq!([range(6.0, 6.0), range(1.2, 1.5)], [None, None]);
        let conceded = range(2.7, 7.1).unwrap();
        assert_eq!((conceded.wanted, conceded.planned, conceded.rule), (2.7, 7.1, ClampRule::LargestMove));
    }
}
