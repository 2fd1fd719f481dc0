//! The Kaiser window (Kaiser 1974, "Nonrecursive digital filter design using the I₀-sinh window function").

/// The window at `position` in −1..=1 (0 is the middle; 0 beyond), for filters whose stopband is `stopband_db` down.
pub fn kaiser(position: f64, stopband_db: f64) -> f64 {
    if position.abs() > 1.0 {
        return 0.0;
    }
    let beta = kaiser_beta(stopband_db);
    bessel_i0(beta * (1.0 - position * position).sqrt()) / bessel_i0(beta)
}

/// Kaiser's fit of the window's parameter β to the stopband attenuation, for 21 dB and more.
fn kaiser_beta(stopband_db: f64) -> f64 {
    if stopband_db > 50.0 {
        0.1102 * (stopband_db - 8.7)
    } else {
        let over = (stopband_db - 21.0).max(0.0);
        0.5842 * over.powf(0.4) + 0.07886 * over
    }
}

/// Modified Bessel function of the first kind, order zero, by its power series `Σ ((x/2)^k / k!)²`.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..200 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}
