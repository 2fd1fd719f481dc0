//! Cohesion: one work, and the relations that the artist made.
//!
//! The figures are those of [`Portrait`], the aims' and the mixes'; `k` is the cohesion, 0 to 1; a part counts by its length.
//!
//! - tone: `aim + k · (centre of the aims − aim)`. What is aimed for is drawn toward the album's own centre.
//! - dynamics (loudness range, PSR, crest, spread): the same, and where a record is copied the part keeps `(1 − k)` of its distance
//!   from the other mixes, up to [`LARGEST_KEPT`]: a record says nothing about which song is the ballad. An expectation by genre
//!   knows it already, since it is made from the mix.
//! - width: left as aimed; an image is a decision of the mix.
//! - loudness: see [`levels`].

use crate::analysis::Analysis;
use crate::target::Target;
use crate::target::portrait::{BAND_CREST, BAND_SPREAD, CREST, FIGURES, LRA, PSR, Portrait, TONE, repaint};

/// Cohesion where none is asked for: half the way.
pub const COHESION_PERCENT: f64 = 50.0;
/// The most of a part's own dynamics that is kept against a record, in the figure's unit (LU, dB).
pub(super) const LARGEST_KEPT: f64 = 4.0;
/// The most that a track is brought toward the loudest one, LU.
pub const LARGEST_CORRECTION_LU: f64 = 3.0;
/// A track this far under the loudest one is asked about.
pub(super) const STRANGELY_SOFT_LU: f64 = 10.0;

/// A part as cohesion sees it.
pub(super) struct Voice<'a> {
    /// What the mix measures.
    pub(super) mix: &'a Analysis,
    /// What its master is to measure by itself.
    pub(super) target: &'a Target,
}

impl Voice<'_> {
    fn weight(&self) -> f64 {
        (self.mix.frames as f64 / f64::from(self.mix.sample_rate_hz.max(1))).max(1e-3)
    }

    /// Share of the aim that is copied from records.
    fn copied(&self) -> f64 {
        self.target.references.iter().map(|reference| reference.weight).sum::<f64>().clamp(0.0, 1.0)
    }
}

/// The aims, drawn together; `cohesion` from 0 (each by itself) to 1 (one sound).
pub(super) fn drawn(voices: &[Voice], cohesion: f64) -> Vec<Target> {
    let aims: Vec<Portrait> = voices.iter().map(|voice| Portrait::of(&voice.target.value)).collect();
    let mixes: Vec<Portrait> = voices.iter().map(|voice| Portrait::of(voice.mix)).collect();
    let weights: Vec<f64> = voices.iter().map(Voice::weight).collect();
    let (centre, usual) = (centre(&aims, &weights), centre(&mixes, &weights));
    let dynamic = |i: usize| [LRA, PSR, CREST].contains(&i) || BAND_CREST.contains(&i) || BAND_SPREAD.contains(&i);
    let draw = |(n, voice): (usize, &Voice)| {
        let mut goal = aims[n];
        for i in 0..FIGURES {
            if TONE.contains(&i) || dynamic(i) {
                goal.0[i] += cohesion * (centre[i] - goal.0[i]);
            }
            if dynamic(i) {
                let own = (mixes[n].0[i] - usual[i]).clamp(-LARGEST_KEPT, LARGEST_KEPT);
                goal.0[i] += (1.0 - cohesion) * voice.copied() * own;
            }
        }
        let mut value = repaint(&voice.target.value, &goal, voice.target.value.loudness.true_peak_dbtp);
        // Where a record ends, and so says nothing, stays known.
        value.defects.clone_from(&voice.target.value.defects);
        Target { value, ..voice.target.clone() }
    };
    if voices.len() < 2 {
        voices.iter().map(|voice| voice.target.clone()).collect()
    } else {
        voices.iter().enumerate().map(draw).collect()
    }
}

/// Means, by weight.
fn centre(portraits: &[Portrait], weights: &[f64]) -> [f64; FIGURES] {
    let total: f64 = weights.iter().sum();
    std::array::from_fn(|i| portraits.iter().zip(weights).map(|(portrait, weight)| portrait.0[i] * weight).sum::<f64>() / total)
}

/// How loud each part is to be against the loudest one, LU (0 for that one). `mixes_lufs` are the mixes; `asked` what a person
/// wrote, which stands: of the others the loudest mix is the loudest track, and a mix `x` LU under it comes to `x − min(k·x, 3)`: the
/// order and most of the distance stay.
pub(super) fn levels(mixes_lufs: &[f64], asked: &[Option<f64>], cohesion: f64) -> Vec<f64> {
    let free = mixes_lufs.iter().zip(asked).filter(|(_, asked)| asked.is_none());
    let loudest = free.map(|(lufs, _)| *lufs).fold(f64::NEG_INFINITY, f64::max);
    let own = |lufs: f64| {
        let under = loudest - lufs;
        -(under - (cohesion * under).min(LARGEST_CORRECTION_LU))
    };
    let mut levels: Vec<f64> = mixes_lufs.iter().zip(asked).map(|(lufs, asked)| asked.unwrap_or_else(|| own(*lufs))).collect();
    // Where every level was written, the highest is the loudest track.
    let top = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    levels.iter_mut().for_each(|level| *level -= top);
    levels
}

/// Lowers what would come out of order: loudness that was planned lower than wished, for the sake of peaks, takes the softer tracks
/// along for half of what was wished between them at least. Nothing is raised.
pub(super) fn keep_order(wished_lufs: &[f64], planned_lufs: &mut [f64]) {
    let mut order: Vec<usize> = (0..wished_lufs.len()).collect();
    order.sort_by(|a, b| wished_lufs[*b].total_cmp(&wished_lufs[*a]).then(a.cmp(b)));
    for pair in order.windows(2) {
        let (louder, softer) = (pair[0], pair[1]);
        let most = planned_lufs[louder] - 0.5 * (wished_lufs[louder] - wished_lufs[softer]);
        planned_lufs[softer] = planned_lufs[softer].min(most);
    }
}

/// Puts the tracks whose level a person wrote that far under the loudest of the others as it is planned. Nothing is raised.
pub(super) fn keep_asked(asked: &[Option<f64>], planned_lufs: &mut [f64]) {
    let level = |asked: &Option<f64>| asked.unwrap_or(0.0);
    let highest = asked.iter().map(level).fold(f64::NEG_INFINITY, f64::max);
    let loudest = planned_lufs.iter().zip(asked).filter(|(_, asked)| level(asked) == highest).map(|(lufs, _)| *lufs);
    let top = loudest.fold(f64::NEG_INFINITY, f64::max);
    for (planned, asked) in planned_lufs.iter_mut().zip(asked) {
        if let Some(asked) = asked {
            *planned = planned.min(top + asked - highest);
        }
    }
}

/// How far tones of an album lie apart: root mean square over the third octaves from 100 Hz to 10 kHz of the standard deviation over
/// tracks, dB.
pub(super) fn tone_spread_db(analyses: &[&Analysis]) -> f64 {
    let portraits: Vec<Portrait> = analyses.iter().map(|analysis| Portrait::of(analysis)).collect();
    let variances = HEARD_TONE.map(|i| variance(portraits.iter().map(|portrait| portrait.0[TONE.start + i])));
    let bands = HEARD_TONE.len() as f64;
    (variances.sum::<f64>() / bands).sqrt()
}

/// How far one track's tone lies from the mean of all, dB (root mean square over the same bands).
pub(super) fn tone_distance_db(analyses: &[&Analysis], track: usize) -> f64 {
    let portraits: Vec<Portrait> = analyses.iter().map(|analysis| Portrait::of(analysis)).collect();
    let centre = centre(&portraits, &vec![1.0; portraits.len()]);
    let squares = HEARD_TONE.map(|i| (portraits[track].0[TONE.start + i] - centre[TONE.start + i]).powi(2));
    (squares.sum::<f64>() / HEARD_TONE.len() as f64).sqrt()
}

/// Third octaves from 100 Hz to 10 kHz.
const HEARD_TONE: std::ops::Range<usize> = 7..28;

/// Standard deviation.
pub(super) fn deviation(values: impl Iterator<Item = f64> + Clone) -> f64 {
    variance(values).sqrt()
}

fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / count;
    values.map(|value| (value - mean).powi(2)).sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    fn analysis(low: f32, high: f32) -> Analysis {
        let mut state = 1u32;
        // A floor of noise, so that no third octave is under the lowest tone that a portrait has.
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.02 * ((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
        };
        let mut analyzer = Analyzer::new(8000, 1);
        let sample = |n: u16| low * (f32::from(n) * 0.2).sin() + high * (f32::from(n) * 2.0).sin() + noise();
        analyzer.push(&[(0..16_000).map(sample).collect()]);
        analyzer.finish().analysis()
    }

    fn target(value: &Analysis) -> Target {
        Target::blend(&[("record".into(), value.clone(), 1.0)]).unwrap()
    }

    #[test]
    fn tone_comes_together_and_dynamics_against_a_record_stay_apart() {
        let (dark, bright) = (analysis(0.5, 0.05), analysis(0.3, 0.3));
        let aims = [target(&dark), target(&bright)];
        let voices = [Voice { mix: &dark, target: &aims[0] }, Voice { mix: &bright, target: &aims[1] }];
        let spread = |k: f64| {
            let drawn = drawn(&voices, k);
            tone_spread_db(&[&drawn[0].value, &drawn[1].value])
        };
        assert!((spread(0.0) - tone_spread_db(&[&dark, &bright])).abs() < 1e-6);
        assert!((spread(0.5) / spread(0.0) - 0.5).abs() < 0.02 && spread(1.0) < 1e-6, "{} {}", spread(0.0), spread(0.5));
        // One record for all, but one mix with more crest than the other.
        let with_psr = |psr_lu: f64| {
            let mut analysis = analysis(0.5, 0.1);
            analysis.loudness.psr_lu = psr_lu;
            analysis
        };
        let (calm, lively) = (with_psr(8.0), with_psr(14.0));
        let aim = target(&calm);
        let voices = [Voice { mix: &calm, target: &aim }, Voice { mix: &lively, target: &aim }];
        let drawn = drawn(&voices, 0.5);
        let apart = drawn[1].value.loudness.psr_lu - drawn[0].value.loudness.psr_lu;
        assert!((apart - 3.0).abs() < 1e-6, "{apart}");
    }

    #[test]
    fn loudness_keeps_its_order_and_corrections_are_bounded() {
        let mixes = [-20.0, -18.0, -25.0, -40.0];
        let levels = levels(&mixes, &[None; 4], 0.5);
        assert_eq!(levels, [-1.0, 0.0, -4.0, -19.0]);
        for k in [0.0, 0.3, 1.0] {
            let levels = super::levels(&mixes, &[None; 4], k);
            assert!(levels[1] >= levels[0] && levels[0] >= levels[2] && levels[2] > levels[3], "{levels:?}");
        }
        assert_eq!(super::levels(&mixes, &[None, Some(-6.0), None, None], 0.0), [0.0, -6.0, -5.0, -20.0]);
        let mut planned = [-12.0, -11.5, -15.0];
        keep_order(&[-10.0, -11.0, -15.0], &mut planned);
        assert_eq!(planned, [-12.0, -12.5, -15.0]);
    }

    #[test]
    fn a_level_that_was_written_is_against_the_loudest_of_the_others() {
        // The loudest mix is turned down: the next one is the loudest track, and does not come up to it.
        let levels = levels(&[-18.0, -20.0, -21.0], &[Some(-4.0), None, None], 0.5);
        assert_eq!(levels, [-4.0, 0.0, -0.5]);
        assert_eq!(super::levels(&[-18.0, -20.0], &[Some(-4.0), Some(-1.0)], 0.5), [-3.0, 0.0]);
        // Others yield for their peaks: what was written stays that far under them.
        let mut planned = [-14.0, -12.5, -13.0];
        keep_asked(&[Some(-4.0), None, None], &mut planned);
        assert_eq!(planned, [-16.5, -12.5, -13.0]);
        let mut planned = [-9.0, -12.0];
        keep_asked(&[Some(-4.0), None], &mut planned);
        assert_eq!(planned, [-16.0, -12.0], "not against itself");
        let mut planned = [-14.0, -11.0];
        keep_asked(&[Some(-4.0), Some(-1.0)], &mut planned);
        assert_eq!(planned, [-14.0, -11.0]);
    }
}
