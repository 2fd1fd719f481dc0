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

/// Largest magnitude of `samples`; 0 for none. Magnitudes compare like the integers of their bits, which, unlike a maximum
/// of floats, is computed several at a time.
pub fn largest_magnitude(samples: &[f32]) -> f32 {
    let bits = samples.iter().fold(0i32, |most, x| most.max((x.to_bits() & 0x7fff_ffff) as i32));
    f32::from_bits(bits as u32)
}
