//! The two frequency grids of the house: third octaves for tone, four bands for dynamics and width.

/// Number of third-octave bands.
pub const THIRD_OCTAVES: usize = 31;

/// Nominal centres of the third-octave bands, in Hz (IEC 61260-1 names).
pub const THIRD_OCTAVE_HZ: [u32; THIRD_OCTAVES] = [
    20, 25, 31, 40, 50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000,
    6300, 8000, 10000, 12500, 16000, 20000,
];

/// Exact mid-band frequency of third-octave band `index`, in Hz: `10^((index + 13)/10)` (IEC 61260-1, base ten).
pub fn third_octave_centre_hz(index: usize) -> f64 {
    10f64.powf((index as f64 + 13.0) / 10.0)
}

/// Number of dynamics bands.
pub const DYNAMICS_BANDS: usize = 4;

/// Names of the dynamics bands, low to high.
pub const DYNAMICS_BAND_NAMES: [&str; DYNAMICS_BANDS] = ["low", "low_mid", "high_mid", "high"];

/// Crossovers between the dynamics bands, in Hz: bass | body | presence | air.
pub const DYNAMICS_CROSSOVERS_HZ: [f64; DYNAMICS_BANDS - 1] = [120.0, 800.0, 5000.0];
