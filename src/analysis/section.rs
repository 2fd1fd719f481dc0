//! Tone, dynamics and image of a set of rows.

use super::bands::MidSide;
use super::grid::ROWS_PER_CELL;
use super::loudness::percentile;
use super::row::{LevelRow, RowPowers, ToneRow};
use super::spectrum::Cell;
use super::{BandDynamics, BandImage, Section, Spectrum};
use crate::dsp::bands::{DYNAMICS_BANDS, THIRD_OCTAVES, third_octave_centre_hz};
use std::ops::Range;

/// Level that stands for nothing at all.
pub const NOTHING_DBFS: f64 = -150.0;
/// Narrowest and widest image.
const WIDTH_DB: f64 = 60.0;
/// Largest balance.
const BALANCE_DB: f64 = 60.0;
/// Largest loss in mono.
const MONO_LOSS_DB: f64 = 60.0;
/// Rows in a window of crest: 400 ms.
const CREST_ROWS: usize = 4;
/// Rows on either side that a level's own surroundings are made of: 1.1 s with its own.
const AROUND_ROWS: usize = 5;
/// Level under which a window has no crest, and lowest level that enters a percentile.
const QUIET_DBFS: f64 = -100.0;
/// Bands of the regression of the tilt: 100 Hz to 10 kHz.
const TILT_BANDS: Range<usize> = 7..28;

/// Level of a power, no lower than `floor_dbfs`.
fn level_dbfs(power: f64, floor_dbfs: f64) -> f64 {
    if power > 0.0 { (10.0 * power.log10()).max(floor_dbfs) } else { floor_dbfs }
}

/// Ratio of powers in decibels within ±`limit_db`; 0 for nothing against nothing.
fn ratio_db(a: f64, b: f64, limit_db: f64) -> f64 {
    match (a > 0.0, b > 0.0) {
        (true, true) => (10.0 * (a / b).log10()).clamp(-limit_db, limit_db),
        (true, false) => limit_db,
        (false, true) => -limit_db,
        (false, false) => 0.0,
    }
}

/// Powers over rows, weighted by their frames.
pub(super) fn mean_powers<'a>(rows: impl Iterator<Item = (&'a RowPowers, u32)>) -> MidSide {
    let (mut sum, mut frames) = (MidSide::default(), 0.0);
    for (powers, count) in rows {
        sum.add(&powers.mid_side(), f64::from(count));
        frames += f64::from(count);
    }
    let mut mean = MidSide::default();
    if frames > 0.0 {
        mean.add(&sum, 1.0 / frames);
    }
    mean
}

/// Every figure of some rows; `ranges` must lie within them.
pub(super) fn section(
    (levels, rows): (&[LevelRow], &[ToneRow]),
    cells: &[Cell],
    ranges: &[Range<usize>],
    sample_rate_hz: u32,
) -> Section {
    let chosen = || ranges.iter().flat_map(|r| &rows[r.clone()]);
    let frames: f64 = chosen().map(|r| f64::from(r.frames)).sum();
    let duration_s = frames / f64::from(sample_rate_hz);
    let full = mean_powers(chosen().map(|r| (&r.full, r.frames)));
    let (left, right) = full.left_right();
    let onsets: f64 = chosen().map(|r| f64::from(r.onsets)).sum();
    let bands: [MidSide; DYNAMICS_BANDS] = std::array::from_fn(|b| mean_powers(chosen().map(|r| (&r.bands[b], r.frames))));
    Section {
        duration_s,
        spectrum: spectrum(cells, ranges),
        dynamics: std::array::from_fn(|b| dynamics(rows, ranges, b, &bands[b])),
        image: bands.map(|band| BandImage { width_db: width_db(&band), correlation: band.correlation() }),
        crest_db: crest_db(rows, ranges, |at| (rows[at].full.power(), levels[at].sample_peak)),
        transients_per_s: if duration_s > 0.0 { onsets / duration_s } else { 0.0 },
        balance_db: ratio_db(left, right, BALANCE_DB),
        mono_loss_db: ratio_db(full.power(), full.mid, MONO_LOSS_DB),
    }
}

/// Side over mid; the floor for silence.
fn width_db(band: &MidSide) -> f64 {
    if band.power() > 0.0 { ratio_db(band.side, band.mid, WIDTH_DB) } else { -WIDTH_DB }
}

fn dynamics(rows: &[ToneRow], ranges: &[Range<usize>], band: usize, mean: &MidSide) -> BandDynamics {
    let level = |row: &ToneRow| level_dbfs(row.bands[band].power(), QUIET_DBFS);
    let (mut levels, mut moves) = (Vec::new(), Vec::new());
    for range in ranges {
        let first = levels.len();
        levels.extend(rows[range.clone()].iter().map(level));
        moves.extend(moves_db(&levels[first..]));
    }
    if levels.is_empty() {
        levels.push(QUIET_DBFS);
        moves.push(0.0);
    }
    BandDynamics {
        rms_dbfs: level_dbfs(mean.power(), NOTHING_DBFS),
        crest_db: crest_db(rows, ranges, |at| (rows[at].bands[band].power(), rows[at].band_peaks[band])),
        spread_db: percentile(&mut moves, 0.90) - percentile(&mut moves, 0.10),
        p95_dbfs: percentile(&mut levels, 0.95),
        p10_dbfs: percentile(&mut levels, 0.10),
    }
}

/// How far each level lies from the mean of those around it.
fn moves_db(levels: &[f64]) -> impl Iterator<Item = f64> {
    (0..levels.len()).map(|at| {
        let around = &levels[at.saturating_sub(AROUND_ROWS)..(at + AROUND_ROWS + 1).min(levels.len())];
        levels[at] - around.iter().sum::<f64>() / around.len() as f64
    })
}

/// Peak over RMS, median over the windows of 400 ms that begin in each row; 0 where all is quiet. `read` gives a row's power and peak.
fn crest_db(rows: &[ToneRow], ranges: &[Range<usize>], read: impl Fn(usize) -> (f64, f32)) -> f64 {
    let mut crests = Vec::new();
    for range in ranges.iter().filter(|r| !r.is_empty()) {
        let of_row = |at: usize| (read(at), f64::from(rows[at].frames));
        let figures: Vec<((f64, f32), f64)> = range.clone().map(of_row).collect();
        for window in figures.windows(CREST_ROWS.min(range.len())) {
            let (mut energy, mut frames, mut peak) = (0.0, 0.0, 0.0f32);
            for ((power, row_peak), row_frames) in window {
                energy += power * row_frames;
                frames += row_frames;
                peak = peak.max(*row_peak);
            }
            let rms_dbfs = level_dbfs(energy / frames, NOTHING_DBFS);
            if rms_dbfs > QUIET_DBFS {
                crests.push(20.0 * f64::from(peak).log10() - rms_dbfs);
            }
        }
    }
    percentile(&mut crests, 0.5)
}

fn spectrum(cells: &[Cell], ranges: &[Range<usize>]) -> Spectrum {
    let (mut mid, mut side, mut total) = ([0.0; THIRD_OCTAVES], [0.0; THIRD_OCTAVES], 0.0);
    for row in ranges.iter().cloned().flatten() {
        if let Some(cell) = cells.get(row / ROWS_PER_CELL) {
            total += 1.0;
            for band in 0..THIRD_OCTAVES {
                mid[band] += f64::from(cell.mid[band]);
                side[band] += f64::from(cell.side[band]);
            }
        }
    }
    let mean_dbfs = |sums: [f64; THIRD_OCTAVES]| sums.map(|s| level_dbfs(s / f64::max(total, 1.0), NOTHING_DBFS));
    let mid_dbfs = mean_dbfs(mid);
    let (tilt_db_per_octave, centroid_hz) = (tilt_db_per_octave(&mid_dbfs), centroid_hz(&mid));
    Spectrum { mid_dbfs, side_dbfs: mean_dbfs(side), tilt_db_per_octave, centroid_hz }
}

impl Spectrum {
    /// The spectrum of these levels of mid and side.
    pub fn of(mid_dbfs: [f64; THIRD_OCTAVES], side_dbfs: [f64; THIRD_OCTAVES]) -> Self {
        let centroid_hz = centroid_hz(&mid_dbfs.map(|level| 10f64.powf(level / 10.0)));
        Self { mid_dbfs, side_dbfs, tilt_db_per_octave: tilt_db_per_octave(&mid_dbfs), centroid_hz }
    }

    /// Side over mid, all third octaves together, in dB; −60 at the least.
    pub fn width_db(&self) -> f64 {
        (10.0 * self.side_over_mid().log10()).max(-WIDTH_DB)
    }

    /// The same as a ratio of powers.
    pub fn side_over_mid(&self) -> f64 {
        let power = |levels: &[f64]| levels.iter().map(|level| 10f64.powf(level / 10.0)).sum::<f64>();
        power(&self.side_dbfs) / power(&self.mid_dbfs)
    }
}

/// Least-squares slope over octaves; bands without signal are left out.
fn tilt_db_per_octave(mid_dbfs: &[f64; THIRD_OCTAVES]) -> f64 {
    let octave = |band: usize| (third_octave_centre_hz(band) / 1000.0).log2();
    let points: Vec<(f64, f64)> = TILT_BANDS.filter(|&b| mid_dbfs[b] > NOTHING_DBFS).map(|b| (octave(b), mid_dbfs[b])).collect();
    let count = points.len() as f64;
    let (mean_x, mean_y) = (points.iter().map(|p| p.0).sum::<f64>() / count, points.iter().map(|p| p.1).sum::<f64>() / count);
    let covariance: f64 = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum();
    let variance: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    if variance > 0.0 { covariance / variance } else { 0.0 }
}

/// `exp(Σ P·ln f / Σ P)`; 0 for silence.
fn centroid_hz(mid: &[f64; THIRD_OCTAVES]) -> f64 {
    let total: f64 = mid.iter().sum();
    let weighted: f64 = mid.iter().enumerate().map(|(b, p)| p * third_octave_centre_hz(b).ln()).sum();
    if total > 0.0 { (weighted / total).exp() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use crate::analysis::signals::{listen, sine};

    #[test]
    fn a_fader_moves_the_level_but_does_not_spread_it_and_a_beat_does() {
        let rate = 48_000;
        let dynamics = |gain_db: &dyn Fn(f64) -> f64| {
            let tone = sine(rate, 20 * rate as usize, 1000.0, 0.5);
            let gain = |n: usize| 10f64.powf(gain_db(n as f64 / f64::from(rate)) / 20.0) as f32;
            let ridden: Vec<f32> = tone.iter().enumerate().map(|(n, x)| x * gain(n)).collect();
            listen(rate, &[ridden]).analysis().whole.dynamics[2]
        };
        let faded = dynamics(&|t| -8.0 * t / 20.0);
        assert!(faded.spread_db < 0.05, "{}", faded.spread_db);
        assert!((faded.p95_dbfs - faded.p10_dbfs - 0.85 * 8.0).abs() < 0.1);
        // Three rows at each level.
        let beaten = dynamics(&|t| if ((t / 0.3) as usize).is_multiple_of(2) { 0.0 } else { -6.0 });
        assert!((beaten.spread_db - 6.0).abs() < 1.0, "{}", beaten.spread_db);
        assert!((beaten.p95_dbfs - beaten.p10_dbfs - 6.0).abs() < 0.1);
    }
}
