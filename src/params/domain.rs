//! What one parameter may be: its unit, its range, how that is travelled.

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
