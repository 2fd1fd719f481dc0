//! The settings of the whole chain: one group a stage, in the chain's order, addressed by registry id.

use super::processor::Processor;
use super::registry::find;
use crate::params::{FieldSpec, ParamError, ParamGroup};

/// What a stage's settings know about their stage.
pub trait StageSettings: ParamGroup + Default {
    /// Whether these settings leave every sample as it is, so that the stage can be left out.
    fn is_neutral(&self) -> bool;
    /// The same for a single channel, which has no image: what acts on that alone has nothing to act on.
    fn is_neutral_in_mono(&self) -> bool {
        self.is_neutral()
    }
    /// A processor with these settings. `channels` is 1 or 2. Allocates all that processing needs.
    fn processor(&self, sample_rate_hz: f64, channels: usize) -> Box<dyn Processor>;
}

macro_rules! chain {
    ($($(#[doc = $doc:literal])+ $stage:ident / $variant:ident: $settings:ty;)+) => {
        /// Settings of every stage; the default is neutral.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct ChainSettings {
            $($(#[doc = $doc])+ pub $stage: $settings,)+
        }

        /// The stages of the chain, in order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Stage { $($(#[doc = $doc])+ $variant,)+ }

        impl Stage {
            /// All stages, in the order that audio passes them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stage's name: the first part of its parameters' ids.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($stage)),+ }
            }

            /// One line on what the stage does.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii()),+ }
            }

            /// The values of this stage's parameters, in the registry's order.
            pub fn values(self, settings: &ChainSettings) -> Vec<f64> {
                let mut values = Vec::new();
                let mut each = |_: &str, _: &FieldSpec, value: f64| values.push(value);
                match self { $(Self::$variant => settings.$stage.visit(&mut each)),+ }
                values
            }

            /// Whether these settings make the stage act on so many channels: it is neither bypassed nor neutral, and with one
            /// channel it does not work on the image alone.
            pub fn acts(self, settings: &ChainSettings, channels: usize) -> bool {
                match self {
                    $(Self::$variant => {
                        let own = &settings.$stage;
                        let neutral = if channels == 1 { own.is_neutral_in_mono() } else { own.is_neutral() };
                        !own.bypass && !neutral
                    })+
                }
            }

            /// The processor for this stage, or `None` where it would change nothing (see [`Stage::acts`]).
            pub fn build(self, settings: &ChainSettings, sample_rate_hz: f64, channels: usize) -> Option<Box<dyn Processor>> {
                let build = || match self { $(Self::$variant => settings.$stage.processor(sample_rate_hz, channels)),+ };
                self.acts(settings, channels).then(build)
            }
        }

        impl ParamGroup for ChainSettings {
            fn visit(&self, each: &mut dyn FnMut(&str, &FieldSpec, f64)) {
                $(self.$stage.visit(&mut |id, row, value| each(&format!("{}.{id}", stringify!($stage)), row, value));)+
            }
            fn update(&mut self, each: &mut dyn FnMut(&str, &FieldSpec) -> Option<f64>) {
                $(self.$stage.update(&mut |id, row| each(&format!("{}.{id}", stringify!($stage)), row));)+
            }
        }
    };
}

chain! {
    /// Input trim, subsonic high-pass, declipping of flagged samples.
    repair / Repair: super::repair::RepairSettings;
    /// Corrective equaliser, eight bands.
    eq / Eq: super::eq::EqSettings;
    /// Split-band de-esser.
    deess / Deess: super::deess::DeessSettings;
    /// Dynamic cuts on narrow build-ups.
    resonance / Resonance: super::resonance::ResonanceSettings;
    /// Slow level riding: narrows or widens the loudness range.
    leveler / Leveler: super::leveler::LevelerSettings;
    /// Glue compressor.
    compressor / Compressor: super::compressor::CompressorSettings;
    /// Four-band dynamics: compression and expansion, upward and downward, and transients.
    multiband / Multiband: super::multiband::MultibandSettings;
    /// Tonal matching curve, mid and side apart.
    match_eq / MatchEq: super::match_eq::MatchEqSettings;
    /// Tape, tube or transformer saturation.
    saturation / Saturation: super::saturation::SaturationSettings;
    /// Harmonics for presence and air.
    exciter / Exciter: super::exciter::ExciterSettings;
    /// Width per band, mono lows, depth.
    stereo / Stereo: super::stereo::StereoSettings;
    /// Soft clipper.
    clipper / Clipper: super::clipper::ClipperSettings;
    /// Look-ahead true-peak limiter.
    limiter / Limiter: super::limiter::LimiterSettings;
}

impl ChainSettings {
    /// The value of a parameter, in the registry's coding. Errors: [`ParamError::Unknown`].
    pub fn get(&self, id: &str) -> Result<f64, ParamError> {
        find(id)?;
        let mut found = 0.0;
        self.visit(&mut |row_id, _, value| {
            if row_id == id {
                found = value;
            }
        });
        Ok(found)
    }

    /// Sets a parameter. Errors: [`ParamError::Unknown`], [`ParamError::Range`].
    pub fn set(&mut self, id: &str, value: f64) -> Result<(), ParamError> {
        let value = find(id)?.check(value)?;
        self.update(&mut |row_id, _| (row_id == id).then_some(value));
        Ok(())
    }

    /// All values in the registry's order.
    pub fn values(&self) -> Vec<f64> {
        // Stage by stage: no ids are put together.
        Stage::ALL.iter().flat_map(|stage| stage.values(self)).collect()
    }

    /// What is set of the image, which one channel does not have: ids of parameters; for an equaliser's band, and for the side's
    /// curve where it is another than the mid's, the name of the group (`eq.band3`, `match_eq.side`).
    pub fn of_image(&self) -> Vec<String> {
        let bands = self.eq.bands().into_iter().zip(1..);
        let idle = bands.filter(|(band, _)| !self.eq.bypass && !band.is_neutral() && band.is_neutral_in_mono());
        let mut of_image: Vec<String> = idle.map(|(_, number)| format!("eq.band{number}")).collect();
        let (mid, side) = (&self.match_eq.mid.gains_db, &self.match_eq.side.gains_db);
        if !self.match_eq.bypass && side.iter().zip(mid).any(|(side, mid)| *side != 0.0 && side != mid) {
            of_image.push("match_eq.side".to_owned());
        }
        let of_stereo = |id: &String| id.split('.').next() == Some(Stage::Stereo.name());
        of_image.extend(self.changed().into_iter().map(|(id, _)| id).filter(of_stereo));
        of_image
    }

    /// (id, value) of every parameter that differs from its default.
    pub fn changed(&self) -> Vec<(String, f64)> {
        let mut rows = Vec::new();
        self.visit(&mut |id, spec, value| {
            if value != spec.default {
                rows.push((id.to_owned(), value));
            }
        });
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::MasteringChain;

    fn settings(values: &[(&str, f64)]) -> ChainSettings {
        let mut settings = ChainSettings::default();
        values.iter().for_each(|(id, value)| settings.set(id, *value).unwrap());
        settings
    }

    const SIDE: &[(&str, f64)] = &[("match_eq.side.gain_1000_hz_db", 6.0)];
    const DEPTH: &[(&str, f64)] = &[("stereo.depth_percent", 50.0)];

    /// A band of +6 dB on one part of the image, by the index of that part.
    fn band(channel: f64) -> ChainSettings {
        settings(&[("eq.band3.on", 1.0), ("eq.band3.gain_db", 6.0), ("eq.band3.channel", channel)])
    }

    #[test]
    fn one_channel_passes_bit_for_bit_what_works_on_the_image_alone() {
        let sound: Vec<f32> = (0..20_000).map(|n| (0.05 * n as f32).sin()).collect();
        let mut image = vec![settings(SIDE), settings(DEPTH)];
        // Left, right, side.
        image.extend([1.0, 2.0, 4.0].map(band));
        for settings in image {
            let mut chain = MasteringChain::of(&[Stage::Eq, Stage::MatchEq, Stage::Stereo], &settings, 44_100.0, 1);
            let mut out = vec![sound.clone()];
            chain.process(&mut out);
            assert!(chain.is_empty() && chain.latency_frames() == 0 && out[0] == sound, "{:?}", settings.changed());
            assert!(Stage::ALL.iter().any(|s| *s != Stage::Limiter && s.build(&settings, 44_100.0, 2).is_some()));
        }
        // Both channels and the mid are what one channel is.
        for settings in [band(0.0), band(3.0), settings(&[("match_eq.mid.gain_1000_hz_db", 6.0)])] {
            let chain = MasteringChain::of(&[Stage::Eq, Stage::MatchEq], &settings, 44_100.0, 1);
            assert!(!chain.is_empty(), "{:?}", settings.changed());
        }
    }

    #[test]
    fn what_is_set_of_the_image_is_named() {
        assert_eq!(settings(SIDE).of_image(), ["match_eq.side"]);
        assert_eq!(settings(DEPTH).of_image(), ["stereo.depth_percent"]);
        for (channel, named) in [(0.0, false), (1.0, true), (2.0, true), (3.0, false), (4.0, true)] {
            assert_eq!(band(channel).of_image(), if named { vec!["eq.band3"] } else { Vec::new() }, "channel {channel}");
        }
        // A curve that goes with the mid's asks nothing of the image; what is off or bypassed does not either.
        let mut alike = settings(SIDE);
        alike.match_eq.mid = alike.match_eq.side.clone();
        assert_eq!(alike.of_image(), Vec::<String>::new());
        let mut off = band(4.0);
        off.eq.band3.on = false;
        assert_eq!(off.of_image(), Vec::<String>::new());
        let mut bypassed = band(4.0);
        bypassed.eq.bypass = true;
        assert_eq!(bypassed.of_image(), Vec::<String>::new());
    }
}
