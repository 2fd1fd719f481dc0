//! What the chain's fixed parts (equaliser, matching curve, width) make of a mix: known from the settings, without an audition.

use super::super::traits::Traits;
use crate::chain::ChainSettings;
use crate::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES};
use crate::dsp::kweight::k_weighting;

/// Rate at which the K-weighting is read; its curve is the same at every rate up to 20 kHz within hundredths.
const RATE_HZ: f64 = 96_000.0;

/// The mix's tone behind the equaliser.
pub(super) fn equalised(mix: &Traits, chain: &ChainSettings) -> Traits {
    let mut traits = mix.clone();
    for (i, hz) in THIRD_OCTAVE_HZ.iter().enumerate() {
        traits.mid_db[i] += chain.equaliser_response_db(false, f64::from(*hz));
        traits.side_db[i] += chain.equaliser_response_db(true, f64::from(*hz));
    }
    traits
}

/// How much louder tone and width make the mix, in LU: its third octaves, K-weighted, before and after.
pub(super) fn louder_lu(mix: &Traits, chain: &ChainSettings) -> f64 {
    let weighting = k_weighting(RATE_HZ);
    let (mut before, mut after) = (0.0, 0.0);
    for (i, hz) in THIRD_OCTAVE_HZ.iter().map(|hz| f64::from(*hz)).enumerate().take(THIRD_OCTAVES) {
        let weight: f64 = weighting.iter().map(|section| section.magnitude(hz, RATE_HZ).powi(2)).product();
        let power = |level_db: f64| 10f64.powf(level_db / 10.0);
        before += weight * (power(mix.mid_db[i]) + power(mix.side_db[i]));
        after += weight * power(mix.mid_db[i] + chain.tone_response_db(false, hz));
        after += weight * power(mix.side_db[i] + chain.tone_response_db(true, hz) + chain.stereo.width_response_db(hz));
    }
    if before > 0.0 && after > 0.0 { 10.0 * (after / before).log10() } else { 0.0 }
}
