//! Hearing: what an audition of the excerpts says about the whole.

use super::super::excerpts::EXCERPT_S;
use super::super::ride::Ride;
use super::super::traits::Traits;
use super::bands::kept_ratio;
use super::levels::LevelMap;
use super::peaks::Peaks;
use crate::analysis::{ROW_S, SILENCE_LUFS, Timeline};
use crate::chain::ChainSettings;
use crate::dsp::kweight::power_to_lufs;
use crate::render::Audition;
use std::ops::Range;

/// Rows of an excerpt.
const PIECE_ROWS: usize = (EXCERPT_S / ROW_S) as usize;
/// Share of the excerpts, loudest first, that stand for the loud sections.
const LOUD_SHARE: f64 = 0.5;
/// Rows of a window of short-term loudness.
const WINDOW_ROWS: usize = (3.0 / ROW_S) as usize;

/// Under the integrated loudness of all by more than this, nothing counts in it (BS.1770).
const RELATIVE_GATE_LU: f64 = 10.0;

/// Compares auditions with the excerpts as they were.
pub(super) struct Hearing<'a> {
    mix: &'a Traits,
    ride: &'a Ride<'a>,
    pieces: Vec<Range<usize>>,
    loud: Vec<Range<usize>>,
    before: Traits,
    /// The pieces' rows in the mix.
    in_mix: Vec<Range<usize>>,
    /// All of the mix, in pieces as long.
    whole: Vec<Range<usize>>,
    /// By how much the whole is louder than the excerpts before the chain, LU.
    unlike_before_lu: f64,
}

/// What the master would measure.
pub(super) struct Prediction {
    /// All figures of the whole master.
    pub(super) traits: Traits,
    /// What all stages but the leveler make of levels.
    pub(super) levels: LevelMap,
    /// Peaks of the loud windows under the ceiling that was heard.
    pub(super) peaks: Peaks,
}

impl<'a> Hearing<'a> {
    /// Prepares for the excerpts of an audition.
    pub(super) fn new(audition: &'a dyn Audition, mix: &'a Traits, ride: &'a Ride<'a>) -> Self {
        let original = audition.original();
        let pieces = pieces_of(&(0..original.rows()));
        let levels_before = levels(original, &pieces);
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by(|a, b| levels_before[*b].total_cmp(&levels_before[*a]));
        let keep = ((LOUD_SHARE * pieces.len() as f64).ceil() as usize).max(1);
        let mut loud: Vec<Range<usize>> = order.into_iter().take(keep).map(|i| pieces[i].clone()).collect();
        loud.sort_by_key(|r| r.start);
        let before = hear(original, &pieces, &loud);
        let in_mix: Vec<Range<usize>> = audition.rows().iter().flat_map(pieces_of).collect();
        let whole = pieces_of(&ride.rows());
        let lufs = |pieces: &[Range<usize>]| gated_lufs(windows(&ride.powers(0.0, pieces)).into_iter());
        let unlike_before_lu = lufs(&whole) - lufs(&in_mix);
        Self { mix, ride, pieces, loud, before, in_mix, whole, unlike_before_lu }
    }

    /// What the whole master would measure if this chain made `after` of the excerpts.
    pub(super) fn predict(&self, after: &Timeline, chain: &ChainSettings) -> Prediction {
        let mut traits = self.mix.moved(&self.before, &hear(after, &self.pieces, &self.loud));
        let leveler_percent = if chain.leveler.bypass { 0.0 } else { chain.leveler.amount_percent };
        let leveled = windows(&self.ride.powers(leveler_percent, &self.in_mix));
        let played = windows(&powers(after, &self.pieces));
        let levels = LevelMap::heard(&leveled, &played, kept_ratio(chain));
        traits.lra_lu = levels.length_lu(&self.ride.range_lufs(leveler_percent));
        traits.loudness_lufs += self.unlike_lu(leveler_percent, &leveled, &levels);
        let loud = after.loud_windows(&self.loud);
        let peaks = Peaks::new(&loud, Some(chain.limiter.ceiling_dbtp), traits.psr_lu);
        Prediction { traits, levels, peaks }
    }

    /// By how much more the chain raises the integrated loudness of the whole than that of the excerpts, LU: a limiter takes more from loud
    /// parts, and soft ones that come nearer to them count.
    fn unlike_lu(&self, leveler_percent: f64, leveled: &[f64], levels: &LevelMap) -> f64 {
        let sounds = |lufs: &&f64| **lufs > SILENCE_LUFS;
        let played = |leveled: &[f64]| gated_lufs(leveled.iter().filter(sounds).map(|lufs| levels.relative_lu(*lufs)));
        let whole = windows(&self.ride.powers(leveler_percent, &self.whole));
        played(&whole) - played(leveled) - self.unlike_before_lu
    }
}

/// Integrated loudness of levels, LUFS: the mean power of those that pass the two gates of BS.1770; silence where none does.
fn gated_lufs(levels: impl Iterator<Item = f64> + Clone) -> f64 {
    let mean_over = |gate: f64| {
        let powers = levels.clone().filter(|lufs| *lufs > gate).map(|lufs| 10f64.powf(lufs / 10.0));
        let (sum, count) = powers.fold((0.0, 0u32), |(sum, count), power| (sum + power, count + 1));
        if count == 0 { SILENCE_LUFS } else { 10.0 * (sum / f64::from(count)).log10() }
    };
    mean_over(mean_over(SILENCE_LUFS) - RELATIVE_GATE_LU)
}

/// Rows in pieces of an excerpt's length; the last may be shorter.
fn pieces_of(rows: &Range<usize>) -> Vec<Range<usize>> {
    rows.clone().step_by(PIECE_ROWS).map(|start| start..(start + PIECE_ROWS).min(rows.end)).collect()
}

fn hear(timeline: &Timeline, whole: &[Range<usize>], loud: &[Range<usize>]) -> Traits {
    let mut loudness = timeline.loudness_of(whole);
    loudness.psr_lu = timeline.loudness_of(loud).psr_lu;
    Traits::from_parts(&loudness, &timeline.section(whole), &timeline.section(loud))
}

fn levels(timeline: &Timeline, pieces: &[Range<usize>]) -> Vec<f64> {
    pieces.iter().map(|p| timeline.loudness_of(std::slice::from_ref(p)).integrated_lufs).collect()
}

/// K-weighted power of each row of some pieces.
fn powers(timeline: &Timeline, pieces: &[Range<usize>]) -> Vec<Vec<f64>> {
    let powers = timeline.k_powers();
    pieces.iter().map(|piece| powers[piece.clone()].to_vec()).collect()
}

/// Loudness, LUFS, of all windows of 3 s in pieces of rows, as the loudness range takes them; of the whole piece where it is shorter.
fn windows(pieces: &[Vec<f64>]) -> Vec<f64> {
    let level = |rows: &[f64]| power_to_lufs(rows.iter().sum::<f64>() / rows.len() as f64).max(SILENCE_LUFS);
    pieces.iter().filter(|rows| !rows.is_empty()).flat_map(|rows| rows.windows(WINDOW_ROWS.min(rows.len())).map(level)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    const RATE_HZ: usize = 44_100;
    /// Six pieces.
    const HALF_S: usize = 33;

    /// Half a minute of loud noise, and as long 15 dB under it.
    fn song() -> Vec<f32> {
        let mut state = 9u32;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        });
        noise
            .take(2 * HALF_S * RATE_HZ)
            .enumerate()
            .map(|(n, x)| if n < HALF_S * RATE_HZ { 0.3 * x } else { 0.053 * x })
            .collect()
    }

    fn measured(samples: &[f32]) -> Timeline {
        let mut analyzer = Analyzer::new(RATE_HZ as u32, 1);
        analyzer.push(&[samples.to_vec()]);
        analyzer.finish()
    }

    /// Excerpts of which only the rows are asked for.
    struct Heard(Timeline, Vec<Range<usize>>);

    impl Audition for Heard {
        fn render(&self, _: &ChainSettings) -> Timeline {
            measured(&song())
        }
        fn original(&self) -> &Timeline {
            &self.0
        }
        fn rows(&self) -> &[Range<usize>] {
            &self.1
        }
    }

    /// Soft music that does not count in the mix does in the master, once levels are drawn together; what was heard whole needs no help.
    #[test]
    fn the_whole_is_told_from_its_excerpts_by_what_the_chain_makes_of_levels() {
        let mix = measured(&song());
        let ride = Ride::new(&mix, mix.loudness().integrated_lufs);
        let analysis = mix.analysis();
        let traits = Traits::from_parts(&analysis.loudness, &analysis.whole, &analysis.loud);
        let more_lu = |seconds: usize, slope: f64| {
            let heard = Heard(measured(&song()[..seconds * RATE_HZ]), std::iter::once(0..seconds * 10).collect());
            let hearing = Hearing::new(&heard, &traits, &ride);
            let levels = windows(&ride.powers(0.0, &hearing.in_mix));
            hearing.unlike_lu(0.0, &levels, &LevelMap::known(slope))
        };
        assert!(
            more_lu(2 * HALF_S, 0.5).abs() < 1e-9 && more_lu(HALF_S, 1.0).abs() < 0.05,
            "{} {}",
            more_lu(2 * HALF_S, 0.5),
            more_lu(HALF_S, 1.0)
        );
        // Half as far under: the mean of both counts, 10·lg((1 + 10^−0.75)/2).
        assert!((more_lu(HALF_S, 0.5) + 2.3).abs() < 0.2, "{}", more_lu(HALF_S, 0.5));
    }

    #[test]
    fn what_is_ten_units_under_the_rest_does_not_count() {
        let loudness = |soft_lufs: f64| gated_lufs([-10.0; 6].into_iter().chain([soft_lufs; 6]));
        assert!((loudness(-40.0) + 10.0).abs() < 1e-9);
        assert!((loudness(-20.0) - 10.0 * (0.5f64 * (0.1 + 0.01)).log10()).abs() < 1e-9);
        assert_eq!(gated_lufs([].into_iter()), SILENCE_LUFS);
    }

    #[test]
    fn windows_are_of_three_seconds_or_of_the_piece() {
        let level = power_to_lufs(0.01);
        assert_eq!(windows(&[vec![0.01; 55], vec![0.01; 12], Vec::new()]).len(), 26 + 1);
        assert!(windows(&[vec![0.01; 12]]).iter().all(|lufs| (lufs - level).abs() < 1e-9));
    }
}
