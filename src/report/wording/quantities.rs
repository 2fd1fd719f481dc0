//! Figures with their units, pitches, durations.

use crate::params::{Param, Unit};

/// A figure with its unit: `-9.3 LUFS`, `44100 Hz`, `2.50`.
pub fn quantity(value: f64, unit: Unit) -> String {
    with_symbol(number(value, unit), unit)
}

/// A change with its sign and unit: `+3.1 dB`.
pub fn change(value: f64, unit: Unit) -> String {
    with_symbol(change_number(value, unit), unit)
}

/// A change with its sign: `+3.1`.
pub fn change_number(value: f64, unit: Unit) -> String {
    let text = number(value, unit);
    let sign = if text.starts_with('-') { "" } else { "+" };
    format!("{sign}{text}")
}

/// A figure with as many decimals as its unit is worth.
pub fn number(value: f64, unit: Unit) -> String {
    let decimals = match unit {
        Unit::Hz | Unit::Count | Unit::Switch | Unit::Choice | Unit::Percent => 0,
        Unit::Ratio | Unit::PerSecond | Unit::DbPerOctave => 2,
        _ => 1,
    };
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(positive) if positive.chars().all(|c| matches!(c, '0' | '.')) => positive.to_owned(),
        _ => text,
    }
}

pub(super) fn with_symbol(text: String, unit: Unit) -> String {
    match unit.symbol() {
        "" => text,
        symbol => format!("{text} {symbol}"),
    }
}

/// A parameter's value for a person.
pub fn param_value(param: &Param, value: f64) -> String {
    match param.domain.unit {
        Unit::Switch => if value >= 0.5 { "on" } else { "off" }.to_owned(),
        Unit::Choice => param.text(value).replace('_', " "),
        unit => quantity(value, unit),
    }
}

/// A frequency as an engineer says it: `63 Hz`, `12.5 kHz`.
pub fn pitch(hz: f64) -> String {
    if hz < 1000.0 { format!("{hz:.0} Hz") } else { format!("{} kHz", (hz / 10.0).round() / 100.0) }
}

/// A duration: `3:41`, `1:02:10`, `0:00.4`.
pub fn duration(seconds: f64) -> String {
    let (hours, minutes, rest) = ((seconds / 3600.0) as u64, (seconds / 60.0) as u64 % 60, seconds % 60.0);
    match hours {
        0 if seconds < 10.0 => format!("0:{rest:04.1}"),
        0 => format!("{minutes}:{:02}", rest as u64),
        _ => format!("{hours}:{minutes:02}:{:02}", rest as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_unit_sign_and_no_negative_zero() {
        assert_eq!(quantity(-9.34, Unit::Lufs), "-9.3 LUFS");
        assert_eq!(quantity(-0.04, Unit::Db), "0.0 dB");
        assert_eq!(change(3.06, Unit::Db), "+3.1 dB");
        assert_eq!(change(-3.06, Unit::Db), "-3.1 dB");
        assert_eq!(quantity(44100.0, Unit::Hz), "44100 Hz");
        assert_eq!(quantity(2.5, Unit::Ratio), "2.50");
        assert_eq!(duration(221.3), "3:41");
        assert_eq!(duration(3730.0), "1:02:10");
        assert_eq!(duration(4.25), "0:04.2");
    }
}
