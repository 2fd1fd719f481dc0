//! The one registry of chain parameters.
//!
//! Every stage declares its parameters once, with [`stage_settings!`](crate::stage_settings), beside its processor: id, unit, range, scale,
//! default (= neutral) and one line of documentation. From that declaration come the settings struct, validation,
//! the plan file's keys, `--set`, the reference page, and the ranges of the soak tests.
//!
//! A value travels as `f64` in the registry's order: numbers as they are, switches as 0/1, choices as their index.

mod domain;
mod slip;

pub use domain::{Domain, Scale, Unit, choice, linear, log, switch};
pub(crate) use slip::edits;
pub use slip::nearest;

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
