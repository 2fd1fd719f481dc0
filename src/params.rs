//! The one registry of chain parameters.
//!
//! Every stage declares its parameters once, with [`stage_settings!`](crate::stage_settings), beside its processor: id, unit, range, scale,
//! default (= neutral) and one line of documentation. From that declaration come the settings struct, validation,
//! the plan file's keys, `--set`, the reference page, and the ranges of the soak tests.
//!
//! A value travels as `f64` in the registry's order: numbers as they are, switches as 0/1, choices as their index.

/// The unit of a parameter or a feature. Its suffix ends every name that carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A relative level in decibels.
    Db,
    /// A level in decibels relative to digital full scale.
    Dbfs,
    /// A true-peak level, decibels relative to full scale (ITU-R BS.1770-5 Annex 2).
    Dbtp,
    /// Loudness, K-weighted, relative to full scale (ITU-R BS.1770-5).
    Lufs,
    /// A loudness difference.
    Lu,
    /// Decibels per octave.
    DbPerOctave,
    /// Frequency in hertz.
    Hz,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// A ratio, dimensionless.
    Ratio,
    /// Percent.
    Percent,
    /// Events per second.
    PerSecond,
    /// A count.
    Count,
    /// On or off.
    Switch,
    /// One of a list of names.
    Choice,
}

impl Unit {
    /// The symbol shown to a person; empty for dimensionless values.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Db => "dB",
            Self::Dbfs => "dBFS",
            Self::Dbtp => "dBTP",
            Self::Lufs => "LUFS",
            Self::Lu => "LU",
            Self::DbPerOctave => "dB/oct",
            Self::Hz => "Hz",
            Self::Ms => "ms",
            Self::S => "s",
            Self::Percent => "%",
            Self::PerSecond => "1/s",
            Self::Ratio | Self::Count | Self::Switch | Self::Choice => "",
        }
    }
}

/// How a parameter's range is travelled: by a slider, by a model's output, by a random plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Equal steps are equal differences (decibel values are linear in decibels).
    Linear,
    /// Equal steps are equal ratios; needs `min > 0`.
    Log,
}

/// What one parameter may be: unit, range and scale, or a switch, or a choice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    /// Unit of the value.
    pub unit: Unit,
    /// How the range is travelled.
    pub scale: Scale,
    /// Smallest valid value, in `unit`.
    pub min: f64,
    /// Largest valid value, in `unit`.
    pub max: f64,
    /// Names of the choices; empty unless `unit` is [`Unit::Choice`].
    pub choices: &'static [&'static str],
}

/// A number with equal steps.
pub const fn linear(unit: Unit, min: f64, max: f64) -> Domain {
    Domain { unit, scale: Scale::Linear, min, max, choices: &[] }
}

/// A number with equal ratios; `min` must be positive.
pub const fn log(unit: Unit, min: f64, max: f64) -> Domain {
    Domain { unit, scale: Scale::Log, min, max, choices: &[] }
}

/// On or off.
pub const fn switch() -> Domain {
    Domain { unit: Unit::Switch, scale: Scale::Linear, min: 0.0, max: 1.0, choices: &[] }
}

/// One of `names`.
pub const fn choice(names: &'static [&'static str]) -> Domain {
    Domain { unit: Unit::Choice, scale: Scale::Linear, min: 0.0, max: (names.len() - 1) as f64, choices: names }
}

impl Domain {
    /// Whether `value` is finite, inside the range, and whole where only whole values mean something.
    pub fn contains(&self, value: f64) -> bool {
        let whole = !matches!(self.unit, Unit::Switch | Unit::Choice) || value.fract() == 0.0;
        value.is_finite() && value >= self.min && value <= self.max && whole
    }

    /// The value at `position` in 0..=1 along the scale.
    pub fn at(&self, position: f64) -> f64 {
        let p = position.clamp(0.0, 1.0);
        match (self.unit, self.scale) {
            (Unit::Switch | Unit::Choice, _) => (self.min + p * (self.max - self.min)).round(),
            (_, Scale::Linear) => self.min + p * (self.max - self.min),
            (_, Scale::Log) => (self.min * (self.max / self.min).powf(p)).clamp(self.min, self.max),
        }
    }

    /// The position in 0..=1 of `value` along the scale; the inverse of [`Domain::at`].
    pub fn position(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.min) / (self.max - self.min),
            Scale::Log => (value / self.min).ln() / (self.max / self.min).ln(),
        }
    }
}

/// One field of a group of parameters, as its stage declares it.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Name within the group, with its unit as suffix: `ceiling_dbtp`.
    pub name: &'static str,
    /// Unit, range, scale.
    pub domain: Domain,
    /// Default, which is the neutral value.
    pub default: f64,
    /// One line for a person.
    pub doc: &'static str,
}

/// A value that can live in a settings struct: a number, a switch, a choice.
pub trait ParamValue: Copy {
    /// The value as the registry carries it.
    fn to_f64(self) -> f64;
    /// The value from what the registry carries; the caller has checked the domain.
    fn from_f64(value: f64) -> Self;
}

impl ParamValue for f64 {
    fn to_f64(self) -> f64 {
        self
    }
    fn from_f64(value: f64) -> Self {
        value
    }
}

impl ParamValue for bool {
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
    fn from_f64(value: f64) -> Self {
        value >= 0.5
    }
}

/// A group of parameters: one stage's settings, or one band within a stage.
pub trait ParamGroup {
    /// Calls `each` with (id below the group, field, value) in the declared order.
    fn visit(&self, each: &mut dyn FnMut(&str, &FieldSpec, f64));
    /// Calls `each` with (id below the group, field) and stores what it returns, when it returns something.
    fn update(&mut self, each: &mut dyn FnMut(&str, &FieldSpec) -> Option<f64>);
}

/// Declares an enum that is a choice parameter; variants map to lower-case names.
#[macro_export]
macro_rules! choice_param {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }
        impl $name {
            /// All variants in the registry's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their names in the plan file.
            pub const NAMES: &'static [&'static str] = &[$($text),+];
        }
        impl $crate::params::ParamValue for $name {
            fn to_f64(self) -> f64 { Self::ALL.iter().position(|v| *v == self).unwrap_or(0) as f64 }
            fn from_f64(value: f64) -> Self { Self::ALL[(value as usize).min(Self::ALL.len() - 1)] }
        }
    };
}

/// Declares one stage's (or one band's) settings: the struct, its defaults and its registry rows, once.
///
/// `groups` holds nested groups (bands); their ids are `group.field`.
#[macro_export]
macro_rules! stage_settings {
    ($(#[doc = $sdoc:literal])* pub struct $name:ident {
        $($(#[doc = $doc:literal])+ $field:ident: $ty:ty = $default:expr, $domain:expr;)*
        $(groups { $($(#[doc = $gdoc:literal])+ $group:ident: $gty:ty = $gdefault:expr;)* })?
    }) => {
        $(#[doc = $sdoc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $field: $ty,)*
            $($($(#[doc = $gdoc])+ pub $group: $gty,)*)?
        }
        impl Default for $name {
            fn default() -> Self { Self { $($field: $default,)* $($($group: $gdefault,)*)? } }
        }
        impl $name {
            /// The registry rows of this group's own fields, in order.
            pub fn fields() -> &'static [$crate::params::FieldSpec] {
                static FIELDS: std::sync::LazyLock<Vec<$crate::params::FieldSpec>> = std::sync::LazyLock::new(|| vec![
                    $($crate::params::FieldSpec {
                        name: stringify!($field),
                        domain: $domain,
                        default: $crate::params::ParamValue::to_f64($default),
                        doc: concat!($($doc),+).trim_ascii(),
                    },)*
                ]);
                &FIELDS
            }
        }
        impl $crate::params::ParamGroup for $name {
            #[allow(unused_mut, unused_variables, unused_assignments)]
            fn visit(&self, each: &mut dyn FnMut(&str, &$crate::params::FieldSpec, f64)) {
                let mut rows = Self::fields().iter();
                $(if let Some(row) = rows.next() { each(row.name, row, $crate::params::ParamValue::to_f64(self.$field)); })*
                $($(self.$group.visit(&mut |id, row, value| each(&format!("{}.{id}", stringify!($group)), row, value));)*)?
            }
            #[allow(unused_mut, unused_variables, unused_assignments)]
            fn update(&mut self, each: &mut dyn FnMut(&str, &$crate::params::FieldSpec) -> Option<f64>) {
                let mut rows = Self::fields().iter();
                $(if let Some(row) = rows.next() && let Some(value) = each(row.name, row) {
                    self.$field = $crate::params::ParamValue::from_f64(value);
                })*
                $($(self.$group.update(&mut |id, row| each(&format!("{}.{id}", stringify!($group)), row));)*)?
            }
        }
    };
}

/// One row of the registry: a parameter of the whole chain.
#[derive(Clone, Debug)]
pub struct Param {
    /// Full id, `stage.field` or `stage.band.field`: `limiter.ceiling_dbtp`.
    pub id: String,
    /// Unit, range, scale, choices.
    pub domain: Domain,
    /// Default, in the registry's coding; the neutral value.
    pub default: f64,
    /// One line for a person.
    pub doc: &'static str,
}

/// What can be wrong with a parameter's name or value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParamError {
    /// No parameter has this id.
    #[error("no parameter is called '{id}'{}", nearest.as_ref().map(|n| format!("; did you mean '{n}'?")).unwrap_or_default())]
    Unknown {
        /// The id asked for.
        id: String,
        /// The most similar id that exists.
        nearest: Option<String>,
    },
    /// The number is outside the parameter's range.
    #[error("{id} = {value} is outside {min} to {max} {unit}")]
    Range {
        /// The parameter.
        id: String,
        /// What was given.
        value: f64,
        /// Smallest valid value.
        min: f64,
        /// Largest valid value.
        max: f64,
        /// Symbol of the unit.
        unit: &'static str,
    },
    /// The text is neither a number nor one of the choices.
    #[error("{id} = '{text}' is not understood: expected {expected}")]
    Text {
        /// The parameter.
        id: String,
        /// What was given.
        text: String,
        /// What would be understood.
        expected: String,
    },
}

impl Param {
    /// Checks a value against the domain. Errors: [`ParamError::Range`].
    pub fn check(&self, value: f64) -> Result<f64, ParamError> {
        if self.domain.contains(value) {
            return Ok(value);
        }
        let Domain { unit, min, max, .. } = self.domain;
        Err(ParamError::Range { id: self.id.clone(), value, min, max, unit: unit.symbol() })
    }

    /// Reads a value from text: a number, `true`/`false`, or a choice's name. Errors: [`ParamError::Text`], [`ParamError::Range`].
    pub fn parse(&self, text: &str) -> Result<f64, ParamError> {
        let fail = |expected: String| ParamError::Text { id: self.id.clone(), text: text.into(), expected };
        let value = match self.domain.unit {
            Unit::Switch => match text {
                "true" | "on" | "1" => 1.0,
                "false" | "off" | "0" => 0.0,
                _ => return Err(fail("true or false".into())),
            },
            Unit::Choice => {
                let names = self.domain.choices;
                names.iter().position(|n| *n == text).ok_or_else(|| fail(names.join(", ")))? as f64
            }
            _ => text.parse().map_err(|_| fail(format!("a number in {}", self.domain.unit.symbol())))?,
        };
        self.check(value)
    }

    /// The value as the plan file writes it.
    pub fn text(&self, value: f64) -> String {
        match self.domain.unit {
            Unit::Switch => (value >= 0.5).to_string(),
            Unit::Choice => self.domain.choices[value as usize].into(),
            _ => value.to_string(),
        }
    }
}
