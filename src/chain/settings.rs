//! The settings of the whole chain: one group a stage, in the chain's order, addressed by registry id.

use super::processor::Processor;
use super::registry::find;
use crate::params::{FieldSpec, ParamError, ParamGroup};

/// What a stage's settings know about their stage.
pub trait StageSettings: ParamGroup + Default {
    /// Whether these settings leave every sample as it is, so that the stage can be left out.
    fn is_neutral(&self) -> bool;
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

            /// Whether these settings make the stage act: it is neither bypassed nor neutral.
            pub fn acts(self, settings: &ChainSettings) -> bool {
                match self { $(Self::$variant => !settings.$stage.bypass && !settings.$stage.is_neutral()),+ }
            }

            /// The processor for this stage, or `None` where it would change nothing (neutral, bypassed).
            pub fn build(self, settings: &ChainSettings, sample_rate_hz: f64, channels: usize) -> Option<Box<dyn Processor>> {
                let build = || match self { $(Self::$variant => settings.$stage.processor(sample_rate_hz, channels)),+ };
                self.acts(settings).then(build)
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

    /// Ids of what is set of the image, which one channel does not have.
    pub fn of_image(&self) -> Vec<String> {
        let of_image = |id: &String| id.split('.').next() == Some(Stage::Stereo.name());
        self.changed().into_iter().map(|(id, _)| id).filter(of_image).collect()
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
