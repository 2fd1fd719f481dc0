//! The steep low-pass of a lossy encoder, in the long-term spectrum.

use super::super::spectrum::FineSpectrum;

/// Where the edge may lie: encoders cut from about 15 kHz to 20 kHz.
const EDGE_HZ: (f64, f64) = (14_500.0, 20_100.0);
/// The spectrum just below the edge, as distances from it.
const BELOW_HZ: (f64, f64) = (1_300.0, 300.0);
/// Distance from the edge from which on nothing is left.
const ABOVE_HZ: f64 = 300.0;
/// Nothing next to the Nyquist frequency is looked at: converters fall off there too.
const TOP_HZ: f64 = 250.0;
/// Width over which bins are averaged.
const SMOOTH_HZ: f64 = 100.0;
/// Depth of the cliff over those 600 Hz; music falls by a few decibels there.
const CLIFF_DB: f64 = 24.0;

/// Fall that marks where the cliff begins.
const EDGE_DB: f64 = 10.0;

/// Frequency at which the spectrum ends in a cliff.
pub(super) fn find(spectrum: &FineSpectrum) -> Option<f64> {
    let group = (SMOOTH_HZ / spectrum.bin_hz).ceil().max(1.0) as usize;
    let step_hz = group as f64 * spectrum.bin_hz;
    let mean = |bins: &[f64]| 10.0 * (bins.iter().sum::<f64>() / bins.len() as f64).max(1e-20).log10();
    let levels_db: Vec<f64> = spectrum.powers.chunks_exact(group).map(mean).collect();
    let at = |freq_hz: f64| ((freq_hz / spectrum.bin_hz - spectrum.first as f64) / group as f64).max(0.0) as usize;
    let top = levels_db.len().saturating_sub((TOP_HZ / step_hz) as usize);
    let cliff_db = |edge: usize| {
        let (far, near, above) =
            ((BELOW_HZ.0 / step_hz) as usize, (BELOW_HZ.1 / step_hz) as usize, edge + (ABOVE_HZ / step_hz) as usize);
        let below = levels_db.get(edge.checked_sub(far)?..edge - near)?;
        let above = levels_db.get(above..top).filter(|a| a.len() >= 3)?;
        let loudest_above = above.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(below.iter().sum::<f64>() / below.len() as f64 - loudest_above)
    };
    let edges = (at(EDGE_HZ.0)..at(EDGE_HZ.1)).filter_map(|edge| Some((edge, cliff_db(edge)?)));
    let (edge, depth_db) = edges.max_by(|a, b| a.1.total_cmp(&b.1))?;
    let start = edge.checked_sub((BELOW_HZ.0 / step_hz) as usize)?;
    let before = levels_db.get(start..edge - ((BELOW_HZ.1 + BELOW_HZ.0) / 2.0 / step_hz) as usize)?;
    let passband_db = before.iter().sum::<f64>() / before.len() as f64;
    let end = (start..top).find(|&at| levels_db[at] < passband_db - EDGE_DB)?;
    (depth_db >= CLIFF_DB).then(|| (spectrum.first + end * group) as f64 * spectrum.bin_hz)
}
