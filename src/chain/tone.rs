//! What the chain's fixed filters do to the tone: known from the settings, without a sample.

use super::ChainSettings;
use super::eq::BandChannel;
use super::match_eq::curve_response_db;

impl ChainSettings {
    /// Gain in dB at a frequency that equaliser and matching curve together give the mid, or the side. Bands on one
    /// channel alone are left out.
    pub fn tone_response_db(&self, side: bool, freq_hz: f64) -> f64 {
        let matching = if side { &self.match_eq.side } else { &self.match_eq.mid };
        self.equaliser_response_db(side, freq_hz) + if self.match_eq.bypass { 0.0 } else { curve_response_db(matching, freq_hz) }
    }

    /// [`Self::tone_response_db`] of the equaliser alone.
    pub fn equaliser_response_db(&self, side: bool, freq_hz: f64) -> f64 {
        if self.eq.bypass {
            return 0.0;
        }
        let own = if side { BandChannel::Side } else { BandChannel::Mid };
        let acts = |channel: BandChannel| channel == BandChannel::Stereo || channel == own;
        let bands = self.eq.bands();
        bands.iter().filter(|b| !b.is_neutral() && acts(b.channel)).map(|b| b.prototype().response_db(freq_hz)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::eq::BandKind;

    #[test]
    fn equaliser_and_curve_add_up_and_a_side_band_leaves_the_mid_alone() {
        let mut chain = ChainSettings::default();
        assert_eq!(chain.tone_response_db(false, 1000.0), 0.0);
        let [shelf, bell, ..] = chain.eq.bands_mut();
        (shelf.on, shelf.kind, shelf.freq_hz, shelf.gain_db) = (true, BandKind::LowShelf, 100.0, 3.0);
        (bell.on, bell.freq_hz, bell.gain_db, bell.channel) = (true, 4000.0, 2.0, BandChannel::Side);
        chain.match_eq.mid.gains_db[0] = -1.0;
        assert!((chain.tone_response_db(false, 20.0) - 2.0).abs() < 0.1);
        assert!(chain.tone_response_db(false, 4000.0).abs() < 0.05);
        assert!((chain.tone_response_db(true, 4000.0) - 2.0).abs() < 0.05);
        chain.eq.bypass = true;
        assert_eq!(chain.tone_response_db(true, 4000.0), 0.0);
    }
}
