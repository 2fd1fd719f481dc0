//! Pictures over frequency: the spectra with what was aimed for, and the correction.

use super::plot::{Axis, Plot, figure};
use crate::analysis::{Analysis, find_feature};
use crate::chain::ChainSettings;
use crate::dsp::bands::{THIRD_OCTAVE_HZ, THIRD_OCTAVES, third_octave_centre_hz};
use crate::report::Report;
use crate::report::wording;

/// The spectra are drawn this far down from their largest band.
const SPECTRUM_RANGE_DB: f64 = 66.0;
/// Points of a curve.
const CURVE_POINTS: usize = 240;

fn frequencies() -> Axis {
    Axis::log(20.0, 20_000.0)
}

/// Lines at round frequencies.
pub(crate) fn frequency_grid(plot: &mut Plot) {
    let grid = [(20.0, false), (50.0, true), (100.0, false), (200.0, true), (500.0, false), (1000.0, true)];
    let upper = [(2000.0, false), (5000.0, true), (10_000.0, false), (20_000.0, true)];
    plot.x_grid(&[grid.as_slice(), upper.as_slice()].concat(), wording::pitch);
}

fn octave_line(levels: &[f64; THIRD_OCTAVES], shift_db: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
    levels.iter().enumerate().map(move |(band, level)| (third_octave_centre_hz(band), level + shift_db))
}

/// Spectrum of the loud parts: mix and references at the master's loudness, with the aim and its tolerance.
pub(super) fn spectrum(report: &Report) -> String {
    let (mix, master) = (&report.mix.analysis, report.master.as_ref().map(|m| &m.analysis));
    let reference = report.target.as_ref().map(|t| &t.value);
    let loudness = master.unwrap_or(mix).heard_lufs();
    let shift = |a: &Analysis| loudness - a.heard_lufs();
    let mid = |a: &Analysis| -> [f64; THIRD_OCTAVES] { a.loud.spectrum.mid_dbfs.map(|db| db + shift(a)) };
    let all = [Some(mix), master, reference];
    let top = all.iter().flatten().flat_map(|a| mid(a)).fold(f64::NEG_INFINITY, f64::max);
    let top = (top / 6.0).ceil() * 6.0 + 3.0;
    let mut plot = Plot::new(frequencies(), Axis::linear(top - SPECTRUM_RANGE_DB, top));
    frequency_grid(&mut plot);
    plot.y_grid(&Axis::linear(top - SPECTRUM_RANGE_DB + 4.0, top - 2.0).ticks(5), |v| format!("{v:.0}"));
    let mut legend = vec![("mix", "mix, at the same loudness")];
    if let (Some(target), Some(reference)) = (&report.target, reference) {
        let reach_hz = target.reach_hz_for(mix);
        let full = THIRD_OCTAVE_HZ.iter().filter(|hz| f64::from(**hz) <= reach_hz).count();
        let share = report.asked.tone;
        let (here, there) = (mid(mix), mid(reference));
        let edge = |band: usize| {
            let id = format!("loud.mid_{}_hz_dbfs", THIRD_OCTAVE_HZ[band]);
            let tolerance = find_feature(&id).map_or(1.0, |f| f.tolerance);
            let aim = here[band] + share * (there[band] - here[band]);
            (third_octave_centre_hz(band), aim - tolerance, aim + tolerance)
        };
        plot.band("aim", &(0..full).map(edge).collect::<Vec<_>>());
        legend.extend([("aim", "aim and its tolerance"), ("reference", wording::aimed_at(report))]);
        plot.line("reference", octave_line(&there, 0.0));
    }
    plot.line("mix", octave_line(&mid(mix), 0.0));
    if let Some(master) = master {
        plot.line("master", octave_line(&mid(master), 0.0));
        legend.insert(1, ("master", "master"));
    }
    let says = "Level in third octaves from 20 Hz to 20 kHz; the table of every feature below has the figures.";
    figure("Spectrum of the loud parts", "dBFS per third octave, middle", &legend, &[plot.frame(18.0, says)])
}

/// What the settings do to the spectrum: tone matching and equaliser together, for the middle and the sides.
pub(super) fn correction(report: &Report) -> String {
    let mut chain = ChainSettings::default();
    for setting in &report.plan.settings {
        // A report of another version may name settings that are no more: they are not drawn.
        let _ = chain.set(&setting.param, setting.value);
    }
    let at = |i: usize| 20.0 * 1000f64.powf(i as f64 / (CURVE_POINTS - 1) as f64);
    let curve =
        |side: bool| -> Vec<(f64, f64)> { (0..CURVE_POINTS).map(|i| (at(i), chain.tone_response_db(side, at(i)))).collect() };
    let (mid, side) = (curve(false), curve(true));
    let largest = mid.iter().chain(&side).map(|p| p.1.abs()).fold(0.0, f64::max);
    if largest < 0.05 {
        return String::new();
    }
    let range = (largest * 1.15).max(3.0);
    let mut plot = Plot::new(frequencies(), Axis::linear(-range, range));
    frequency_grid(&mut plot);
    plot.y_grid(&Axis::linear(-range, range).ticks(5), |v| if v > 0.0 { format!("+{v:.0}") } else { format!("{v:.0}") });
    plot.stroke("zero", (20.0, 0.0), (20_000.0, 0.0));
    let mut legend = vec![("master", "middle")];
    if report.mix.analysis.channels == 2 {
        plot.line("reference", side.into_iter());
        legend.push(("reference", "sides"));
    }
    plot.line("master", mid.into_iter());
    let says = "Gain over frequency of the tone matching and the equaliser together; the settings are listed below.";
    figure("What was done to the tone", "dB, equaliser and tone matching", &legend, &[plot.frame(12.0, says)])
}
