//! The fine spectrum of the whole file, for what shows only there: where an encoder has cut.

/// Lowest frequency that is kept.
const FINE_FROM_HZ: f64 = 10_000.0;

/// Mean power of mid and side together in fine bins, the whole file.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct FineSpectrum {
    /// Width of a bin.
    pub(in crate::analysis) bin_hz: f64,
    /// Number of the first bin.
    pub(in crate::analysis) first: usize,
    /// Mean power of each bin.
    pub(in crate::analysis) powers: Vec<f64>,
    windows: u64,
}

impl FineSpectrum {
    /// Nothing yet, for spectra of `bins` bins.
    pub(super) fn new(bin_hz: f64, bins: usize) -> Self {
        let first = ((FINE_FROM_HZ / bin_hz) as usize).min(bins);
        Self { bin_hz, first, powers: vec![0.0; bins - first], windows: 0 }
    }

    /// Takes the power in each bin of each signal.
    pub(super) fn add(&mut self, powers: &[Vec<f32>]) {
        self.windows += 1;
        for signal in powers {
            for (sum, &p) in self.powers.iter_mut().zip(&signal[self.first..]) {
                *sum += f64::from(p);
            }
        }
    }

    /// Sums to means.
    pub(super) fn mean(mut self) -> Self {
        let windows = self.windows.max(1) as f64;
        self.powers.iter_mut().for_each(|power| *power /= windows);
        self
    }
}
