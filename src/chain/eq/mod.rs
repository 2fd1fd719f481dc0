//! Corrective equaliser: eight matched-magnitude bands, each on both channels, left, right, mid or side.

mod processor;

pub use processor::EqProcessor;

use super::processor::Processor;
use super::settings::StageSettings;
use crate::params::{Unit, choice, linear, log, switch};
use crate::{choice_param, stage_settings};

choice_param! {
    /// Shape of a band.
    pub enum BandKind {
        /// Peak or dip around the frequency.
        Bell = "bell",
        /// Everything below the frequency.
        LowShelf = "low_shelf",
        /// Everything above the frequency.
        HighShelf = "high_shelf",
        /// High-pass, 12 dB per octave; `gain_db` has no meaning.
        LowCut = "low_cut",
        /// Low-pass, 12 dB per octave; `gain_db` has no meaning.
        HighCut = "high_cut",
    }
}

choice_param! {
    /// Which part of the stereo image a band acts on.
    pub enum BandChannel {
        /// Both channels alike.
        Stereo = "stereo",
        /// Left only.
        Left = "left",
        /// Right only.
        Right = "right",
        /// The sum of both.
        Mid = "mid",
        /// The difference of both.
        Side = "side",
    }
}

stage_settings! {
    /// Settings of one band.
    pub struct EqBandSettings {
        /// Whether the band acts.
        on: bool = false, switch();
        /// Shape of the band.
        kind: BandKind = BandKind::Bell, choice(BandKind::NAMES);
        /// Centre of a bell, corner of a shelf or a cut.
        freq_hz: f64 = 1000.0, log(Unit::Hz, 10.0, 22000.0);
        /// Boost or cut at the centre, or of the shelf.
        gain_db: f64 = 0.0, linear(Unit::Db, -18.0, 18.0);
        /// Quality: centre frequency over bandwidth; 0.71 is a Butterworth shelf or cut.
        q: f64 = 0.71, log(Unit::Ratio, 0.1, 20.0);
        /// Which part of the image.
        channel: BandChannel = BandChannel::Stereo, choice(BandChannel::NAMES);
    }
}

stage_settings! {
    /// Settings of the equaliser.
    pub struct EqSettings {
        /// Leaves the stage out.
        bypass: bool = false, switch();
        groups {
            /// Band 1.
            band1: EqBandSettings = EqBandSettings::default();
            /// Band 2.
            band2: EqBandSettings = EqBandSettings::default();
            /// Band 3.
            band3: EqBandSettings = EqBandSettings::default();
            /// Band 4.
            band4: EqBandSettings = EqBandSettings::default();
            /// Band 5.
            band5: EqBandSettings = EqBandSettings::default();
            /// Band 6.
            band6: EqBandSettings = EqBandSettings::default();
            /// Band 7.
            band7: EqBandSettings = EqBandSettings::default();
            /// Band 8.
            band8: EqBandSettings = EqBandSettings::default();
        }
    }
}

impl EqBandSettings {
    /// Whether the band changes nothing.
    pub fn is_neutral(&self) -> bool {
        !self.on || (self.gain_db == 0.0 && !matches!(self.kind, BandKind::LowCut | BandKind::HighCut))
    }

    /// Whether the band changes nothing of a single channel, which is its own mid.
    pub fn is_neutral_in_mono(&self) -> bool {
        self.is_neutral() || !matches!(self.channel, BandChannel::Stereo | BandChannel::Mid)
    }
}

impl EqSettings {
    /// The eight bands in order.
    pub fn bands(&self) -> [&EqBandSettings; 8] {
        [&self.band1, &self.band2, &self.band3, &self.band4, &self.band5, &self.band6, &self.band7, &self.band8]
    }

    /// The eight bands in order, to change.
    pub fn bands_mut(&mut self) -> [&mut EqBandSettings; 8] {
        [
            &mut self.band1,
            &mut self.band2,
            &mut self.band3,
            &mut self.band4,
            &mut self.band5,
            &mut self.band6,
            &mut self.band7,
            &mut self.band8,
        ]
    }
}

impl StageSettings for EqSettings {
    fn is_neutral(&self) -> bool {
        self.bands().iter().all(|b| b.is_neutral())
    }
    fn is_neutral_in_mono(&self) -> bool {
        self.bands().iter().all(|b| b.is_neutral_in_mono())
    }
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor> {
        Box::new(EqProcessor::new(self, sample_rate_hz, channels))
    }
}
