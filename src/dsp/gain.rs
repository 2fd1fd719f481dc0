//! Decibels and linear factors.

/// Amplitude factor of a level in decibels: `10^(db/20)`.
pub fn db_to_gain(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

/// Level in decibels of an amplitude factor: `20·log10(gain)`; −∞ for 0.
pub fn gain_to_db(gain: f64) -> f64 {
    20.0 * gain.log10()
}

/// Level in decibels of a power: `10·log10(power)`; −∞ for 0.
pub fn power_to_db(power: f64) -> f64 {
    10.0 * power.log10()
}
