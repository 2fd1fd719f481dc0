//! Which tracks go on which side of a record: the order is kept and the sides are as equal as it allows; what would sound better on
//! vinyl is told.
//!
//! Toward the centre of a record a groove runs slower and its highs distort, so what is loud and bright is best outside (first on
//! a side) and what is soft inside (practice of cutting engineers). Tracks that go on into each other stay together where they can.

use super::figures::Track;
use std::ops::Range;

/// A 12-inch side at 33 1/3 rpm holds this much at a fair level (practice).
const SIDE_MINUTES: f64 = 22.0;
/// What a brighter tilt of 1 dB an octave counts beside 1 LU of loudness.
const TILT_WEIGHT: f64 = 1.0;
/// Up to so many pieces all ways to part them are tried.
const MOST_TRIED: usize = 20;

/// How much a track needs the outside of a side.
pub(super) fn demand(track: &Track) -> f64 {
    track.heard_lufs(&track.after) + TILT_WEIGHT * track.after.tilt_db_per_octave
}

/// How many sides so much music needs: an even number.
pub(super) fn sides_for(seconds: f64) -> usize {
    2 * ((seconds / 60.0 / SIDE_MINUTES / 2.0).ceil() as usize).max(1)
}

/// What is wrong with a way to part tracks, the worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
struct Cost {
    /// Sides that are longer than one can be.
    too_long: usize,
    /// Sides that end within music that goes on.
    torn: usize,
    /// Length of the longest side.
    longest_s: f64,
}

impl Cost {
    fn with(self, side: Self) -> Self {
        Self {
            too_long: self.too_long + side.too_long,
            torn: self.torn + side.torn,
            longest_s: self.longest_s.max(side.longest_s),
        }
    }
}

/// Ends of the sides of tracks in their order, strictly rising: no side is longer than `most_s` where that can be, then none ends
/// where the next track `goes_on`, then the longest side is as short as it can be. There are no more sides than tracks, and fewer than
/// asked for where only those spare a track.
pub(super) fn split(seconds: &[f64], goes_on: &[bool], sides: usize, most_s: f64) -> Vec<usize> {
    let tracks = seconds.len();
    let sides = sides.min(tracks);
    let side = |from: usize, to: usize| {
        let longest_s: f64 = seconds[from..to].iter().sum();
        let torn = goes_on.get(to).is_some_and(|goes_on| *goes_on);
        Cost { too_long: usize::from(longest_s > most_s), torn: usize::from(torn), longest_s }
    };
    // best[k][n]: the least cost of the first n tracks on k sides, none of them empty, and where the last one begins.
    let mut best: Vec<Vec<Option<(Cost, usize)>>> = vec![vec![None; tracks + 1]; sides + 1];
    best[0][0] = Some((Cost::default(), 0));
    for k in 1..=sides {
        for n in k..=tracks {
            for from in k - 1..n {
                let Some((before, _)) = best[k - 1][from] else { continue };
                let cost = before.with(side(from, n));
                if best[k][n].is_none_or(|(least, _)| cost < least) {
                    best[k][n] = Some((cost, from));
                }
            }
        }
    }
    // Fewer sides, but for one, where only they are cut between tracks.
    let faults = |k: usize| best[k][tracks].map_or((usize::MAX, usize::MAX), |(cost, _)| (cost.too_long, cost.torn));
    let sides = (sides.min(2)..=sides).rev().min_by_key(|k| faults(*k)).unwrap_or(sides);
    let mut ends = vec![tracks];
    for k in (2..=sides).rev() {
        let begin = best[k][ends[ends.len() - 1]].map_or(0, |(_, from)| from);
        ends.push(begin);
    }
    ends.reverse();
    ends
}

/// An order for vinyl: two sides of lengths as equal as can be (of up to 20 pieces every way is tried), each from loud and bright
/// to soft; tracks that go on into each other are one piece. Gives the tracks' indices by side.
pub(super) fn arranged(tracks: &[Track]) -> Vec<Vec<usize>> {
    let pieces = pieces(tracks);
    let seconds: Vec<f64> = pieces.iter().map(|piece| tracks[piece.clone()].iter().map(|track| track.seconds).sum()).collect();
    let total: f64 = seconds.iter().sum();
    if pieces.len() > MOST_TRIED || pieces.len() < 2 || sides_for(total) > 2 {
        return Vec::new();
    }
    let demands: Vec<f64> = pieces.iter().map(|piece| mean_demand(&tracks[piece.clone()])).collect();
    // Of two halves of about the same length, the one that keeps the first piece on side A.
    let of = |set: u32| (0..pieces.len()).filter(move |piece| set & (1 << piece) != 0);
    let unequal = |set: u32| (2.0 * of(set).map(|piece| seconds[piece]).sum::<f64>() - total).abs();
    let sets = (1..1u32 << pieces.len()).step_by(2).filter(|set| set.count_ones() as usize != pieces.len());
    let chosen = sets.min_by(|a, b| unequal(*a).total_cmp(&unequal(*b)).then(a.cmp(b))).unwrap_or(1);
    let side = |set: u32| -> Vec<usize> {
        let mut side: Vec<usize> = of(set).collect();
        side.sort_by(|a, b| demands[*b].total_cmp(&demands[*a]).then(a.cmp(b)));
        side.into_iter().flat_map(|piece| pieces[piece].clone()).collect()
    };
    vec![side(chosen), side(((1u32 << pieces.len()) - 1) & !chosen)]
}

/// Tracks that go on into each other, as ranges of indices.
fn pieces(tracks: &[Track]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (index, track) in tracks.iter().enumerate() {
        match pieces.last_mut() {
            Some(piece) if track.goes_on => piece.end = index + 1,
            _ => pieces.push(index..index + 1),
        }
    }
    pieces
}

/// The mean over time.
fn mean_demand(tracks: &[Track]) -> f64 {
    let seconds: f64 = tracks.iter().map(|track| track.seconds).sum();
    tracks.iter().map(|track| demand(track) * track.seconds).sum::<f64>() / seconds.max(1e-3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without joins and without a limit.
    fn plain(minutes: &[f64], sides: usize) -> Vec<usize> {
        split(minutes, &vec![false; minutes.len()], sides, f64::INFINITY)
    }

    #[test]
    fn sides_are_as_equal_as_the_order_allows() {
        assert_eq!(plain(&[3.0, 3.0, 3.0, 3.0], 2), [2, 4]);
        assert_eq!(plain(&[10.0, 1.0, 1.0, 1.0, 1.0], 2), [1, 5]);
        assert_eq!(plain(&[1.0, 1.0, 5.0, 4.0, 1.0, 2.0], 4).len(), 4);
        assert_eq!((sides_for(40.0 * 60.0), sides_for(60.0 * 60.0), sides_for(10.0)), (2, 4, 2));
    }

    #[test]
    fn no_side_is_empty() {
        for minutes in [&[24.0, 7.0, 8.0, 6.0][..], &[7.0, 24.0, 8.0, 6.0], &[23.7, 4.5, 5.5, 5.4, 13.0], &[45.0, 3.0, 2.0]] {
            let sides = sides_for(60.0 * minutes.iter().sum::<f64>());
            let ends = plain(minutes, sides);
            assert_eq!((sides, ends.len(), ends.last()), (4, sides.min(minutes.len()), Some(&minutes.len())), "{minutes:?}");
            assert!(ends[0] > 0 && ends.windows(2).all(|pair| pair[0] < pair[1]), "{minutes:?}: {ends:?}");
        }
        assert_eq!(plain(&[5.0], 2), [1]);
    }

    #[test]
    fn sides_break_within_music_only_where_they_must() {
        // The most equal halves would part the second track from the third.
        let joined = [false, false, true, false];
        assert_eq!(plain(&[6.0, 5.0, 5.0, 6.0], 2), [2, 4]);
        let ends = split(&[6.0, 5.0, 5.0, 6.0], &joined, 2, 25.0);
        assert!(ends == [1, 4] || ends == [3, 4], "{ends:?}");
        // Both together would be more than a side holds; and where all is joined, there is no other place.
        assert_eq!(split(&[13.0, 9.0, 9.0, 13.0], &joined, 2, 25.0), [2, 4]);
        assert_eq!(split(&[8.0, 8.0, 8.0, 8.0], &[false, true, true, true], 2, 25.0), [2, 4]);
        // Two sides that spare the join, where more would tear it.
        assert_eq!(split(&[20.0, 3.0, 25.0], &[false, true, false], 4, 25.0), [2, 3]);
    }

    #[test]
    fn an_order_for_vinyl_keeps_joined_tracks_together() {
        let track = |seconds: f64, lufs: f64, goes_on: bool| {
            let mut track = crate::album::figures::tests::track(seconds, lufs);
            track.goes_on = goes_on;
            track
        };
        let each = [(-20.0, false), (-9.0, true), (-10.0, false), (-8.0, false)];
        let tracks = each.map(|(lufs, goes_on)| track(100.0, lufs, goes_on));
        assert_eq!(arranged(&tracks), [vec![0, 1], vec![3, 2]]);
        assert_eq!(pieces(&tracks), [0..2, 2..3, 3..4]);
        // One piece alone cannot be arranged.
        assert!(arranged(&tracks[..2]).is_empty());
    }
}
