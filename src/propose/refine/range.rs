//! Loudness range, by the leveler.

use super::super::aim::Aim;
use super::super::ride::{Ride, set_leveler};
use super::Prediction;
use crate::chain::leveler::LevelerSettings;

/// Loudness range that is off by less is right.
const LRA_TOLERANCE_LU: f64 = 0.5;
/// A shorter range is no range to steer.
const SHORTEST_RANGE_LU: f64 = 0.2;

/// Corrects the loudness range; whether it was out of tolerance. What the leveler does is computed, what the other stages keep of the
/// range was heard.
pub(super) fn correct_range(settings: &mut LevelerSettings, ride: &Ride, predicted: &Prediction, aim: &Aim) -> bool {
    let (now, goal) = (predicted.traits.lra_lu, aim.goal.lra_lu);
    if (now - goal).abs() < LRA_TOLERANCE_LU || now < SHORTEST_RANGE_LU {
        return false;
    }
    let before = settings.amount_percent;
    set_leveler(settings, ride.amount_percent(goal, |range_lufs| predicted.levels.length_lu(range_lufs)), aim.mix.loudness_lufs);
    settings.amount_percent != before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;
    use crate::propose::Wishes;
    use crate::propose::refine::levels::LevelMap;
    use crate::propose::refine::peaks::Peaks;
    use crate::propose::ride::tests::length_lu;
    use crate::target::Target;

    #[test]
    fn what_the_other_stages_keep_is_allowed_for_and_half_a_unit_is_left_alone() {
        // Noise, loud and quiet in turn for eight seconds each.
        let mut state = 7u32;
        let noise = (0..44_100 * 64).map(|n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let level = if n / (44_100 * 8) % 2 == 0 { 0.3 } else { 0.1 };
            level * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
        });
        let mut analyzer = Analyzer::new(44_100, 1);
        analyzer.push(&[noise.collect()]);
        let mix = analyzer.finish();
        let analysis = mix.analysis();
        let target = Target::blend(&[("itself".into(), analysis.clone(), 1.0)]).unwrap();
        let mut aim = Aim::new(&analysis, &target, &Wishes::default());
        let ride = Ride::new(&mix, analysis.loudness.integrated_lufs);
        let corrected = |aim: &Aim, kept_ratio: f64| {
            let mut settings = LevelerSettings::default();
            let traits = crate::propose::traits::Traits { lra_lu: kept_ratio * aim.mix.lra_lu, ..aim.mix.clone() };
            let moved = correct_range(
                &mut settings,
                &ride,
                &Prediction { traits, levels: LevelMap::known(kept_ratio), peaks: Peaks::new(&[], None, 0.0) },
                aim,
            );
            (moved, kept_ratio * length_lu(&ride.range_lufs(settings.amount_percent)))
        };
        assert_eq!(corrected(&aim, 0.97), (false, 0.97 * aim.mix.lra_lu));
        aim.goal.lra_lu = 0.5 * aim.mix.lra_lu;
        for kept_ratio in [1.0, 0.8] {
            let (moved, left_lu) = corrected(&aim, kept_ratio);
            assert!(moved && (left_lu - aim.goal.lra_lu).abs() < 0.3, "{left_lu} LU left at {kept_ratio}");
        }
    }
}
