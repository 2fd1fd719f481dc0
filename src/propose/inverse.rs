//! The inverse chain model: from what a mix measures and what it should measure to settings of the chain.
//!
//! `portrait of the mix, difference to the goal ─ network ─▶ position of each parameter on its scale, and a certainty`
//!
//! The model speaks only of parameters whose effect on the figures can be told apart; what depends on them in this music
//! (thresholds, times) follows by the same functions as in refinement. Loudness range needs minutes of music, so it is none
//! of the model's business.

use super::refine::dynamics::{complete_band, set_compressor};
use crate::analysis::Analysis;
use crate::chain::{ChainSettings, find};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS, THIRD_OCTAVE_HZ};
use crate::target::portrait::{FIGURES, LRA, Portrait};

/// Version of the model's inputs and outputs: raised whenever a meaning, an order or a dependent setting changes.
pub const INVERSE_VERSION: u32 = 1;
/// Length of the model's input.
pub const INPUTS: usize = 2 * FIGURES;

/// The model's input: the mix, and what the goal has more.
pub fn inputs(mix: &Portrait, goal: &Portrait) -> [f32; INPUTS] {
    std::array::from_fn(|i| match i % FIGURES {
        LRA => 0.0,
        figure if i < FIGURES => mix.0[figure] as f32,
        figure => (goal.0[figure] - mix.0[figure]) as f32,
    })
}

/// Ids of the parameters that the model speaks of, in its order.
pub fn param_ids() -> Vec<String> {
    let curve = |side: &'static str| THIRD_OCTAVE_HZ.iter().map(move |hz| format!("match_eq.{side}.gain_{hz}_hz_db"));
    let band = |figure: &'static str| DYNAMICS_BAND_NAMES.iter().map(move |name| format!("multiband.{name}.{figure}"));
    let width = DYNAMICS_BAND_NAMES.iter().map(|name| format!("stereo.{name}_width_percent"));
    let single = ["compressor.ratio", "limiter.drive_db", "limiter.ceiling_dbtp"].map(String::from);
    curve("mid").chain(curve("side")).chain(width).chain(band("high_ratio")).chain(band("transient_db")).chain(single).collect()
}

/// Position of each parameter on its scale, 0 to 1.
pub fn positions(chain: &ChainSettings) -> Vec<f64> {
    let position = |id: &String| Some(find(id).ok()?.domain.position(chain.get(id).ok()?));
    param_ids().iter().filter_map(position).collect()
}

/// Puts positions into a chain, and what goes with them in this mix. A position of `None` leaves its parameter alone.
pub fn apply(positions: &[Option<f64>], mix: &Analysis, chain: &mut ChainSettings) {
    for (id, position) in param_ids().iter().zip(positions) {
        if let (Some(position), Ok(param)) = (position, find(id)) {
            let value = param.domain.at(*position);
            // Hundredths: a plan is read by people. Every position is inside the range.
            let _ = chain.set(id, ((value * 100.0).round() / 100.0).clamp(param.domain.min, param.domain.max));
        }
    }
    let bands = &mix.loud.dynamics;
    if chain.compressor.ratio > 1.0 {
        let ratio = chain.compressor.ratio;
        set_compressor(&mut chain.compressor, ratio, bands);
    }
    for (number, band) in chain.multiband.bands_mut().into_iter().enumerate().take(DYNAMICS_BANDS) {
        complete_band(band, number, bands);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Analyzer;

    #[test]
    fn positions_survive_the_way_into_a_chain_and_back() {
        let mut analyzer = Analyzer::new(44_100, 2);
        let tone: Vec<f32> = (0..44_100 * 4).map(|n| (n as f32 * 0.05).sin() * if n % 9000 < 3000 { 0.5 } else { 0.1 }).collect();
        analyzer.push(&[tone.clone(), tone]);
        let mix = analyzer.finish().analysis();
        let ids = param_ids();
        assert_eq!(positions(&ChainSettings::default()).len(), ids.len(), "every id is in the registry");
        let wanted: Vec<f64> = (0..ids.len()).map(|i| 0.4 + 0.002 * i as f64).collect();
        let mut chain = ChainSettings::default();
        apply(&wanted.iter().map(|p| Some(*p)).collect::<Vec<_>>(), &mix, &mut chain);
        for ((id, back), wanted) in ids.iter().zip(positions(&chain)).zip(&wanted) {
            assert!((back - wanted).abs() < 0.01, "{id}: {back} for {wanted}");
        }
        assert!(chain.multiband.low.attack_ms > chain.multiband.high.attack_ms && chain.compressor.threshold_dbfs < 0.0);
        let mut untouched = ChainSettings::default();
        apply(&vec![None; ids.len()], &mix, &mut untouched);
        assert_eq!(untouched, ChainSettings::default());
    }
}
