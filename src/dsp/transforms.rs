//! Transforms, planned once a process: the sines of a long one take longer to find than it takes to run.

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use rustfft::{Fft, FftDirection, FftNum, FftPlanner};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Transforms of samples of one precision, by their length; every length that was asked for is kept.
pub struct Transforms<T: FftNum>(Mutex<(FftPlanner<T>, RealFftPlanner<T>)>);

/// Transforms in single precision.
pub static SINGLE: LazyLock<Transforms<f32>> = LazyLock::new(Transforms::new);
/// Transforms in double precision.
pub static DOUBLE: LazyLock<Transforms<f64>> = LazyLock::new(Transforms::new);

impl<T: FftNum> Transforms<T> {
    fn new() -> Self {
        Self(Mutex::new((FftPlanner::new(), RealFftPlanner::new())))
    }

    fn plan<R>(&self, ask: impl FnOnce(&mut (FftPlanner<T>, RealFftPlanner<T>)) -> R) -> R {
        // A planner whose thread panicked has lost nothing: it only collects what is complete.
        ask(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Complex; unscaled.
    pub fn complex(&self, size: usize, direction: FftDirection) -> Arc<dyn Fft<T>> {
        self.plan(|(complex, _)| complex.plan_fft(size, direction))
    }

    /// Real to half a spectrum.
    pub fn forward(&self, size: usize) -> Arc<dyn RealToComplex<T>> {
        self.plan(|(_, real)| real.plan_fft_forward(size))
    }

    /// Half a spectrum to real; unscaled.
    pub fn inverse(&self, size: usize) -> Arc<dyn ComplexToReal<T>> {
        self.plan(|(_, real)| real.plan_fft_inverse(size))
    }
}
