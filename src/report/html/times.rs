//! Pictures over time: waveform, loudness, and what the dynamics stages did.

use super::plot::{Axis, Plot, figure};
use crate::analysis::Trace;
use crate::report::{Report, wording};

/// Quieter than this under the loudest moment is not drawn.
const LOUDNESS_RANGE_LU: f64 = 30.0;

fn seconds(trace: &Trace) -> f64 {
    (trace.step_s * trace.peak_dbfs.len() as f64).max(1.0)
}

/// Round times, about six; every second one is left out on a phone.
fn time_grid(plot: &mut Plot, length_s: f64) {
    const STEPS_S: [f64; 12] = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0];
    let step = STEPS_S.into_iter().find(|s| length_s / s <= 8.0).unwrap_or(length_s / 6.0);
    let grid: Vec<(f64, bool)> = (0..).map(|i| (f64::from(i) * step, i % 2 == 0)).take_while(|t| t.0 <= length_s).collect();
    plot.x_grid(&grid, |s| format!("{}:{:02}", s as u64 / 60, s as u64 % 60));
}

fn over_time<'a>(values: &'a [f64], trace: &Trace) -> impl Iterator<Item = (f64, f64)> + 'a {
    let step = trace.step_s;
    values.iter().enumerate().map(move |(i, v)| ((i as f64 + 0.5) * step, *v))
}

/// Peaks of mix and master over time, with the loudest true peak and the places that clip.
pub(super) fn waveforms(report: &Report) -> String {
    let ceiling = report.plan.delivery.ceiling_dbtp;
    let mut frames = vec![waveform(&report.mix.trace, "mix", "mix", None)];
    if let Some(master) = &report.master {
        frames.push(waveform(&master.trace, "master", "master", Some(ceiling)));
    }
    let mut legend = vec![("mix", "mix"), ("master", "master"), ("peak", "largest true peak")];
    if report.master.is_some() {
        legend.push(("ceiling", "ceiling"));
    } else {
        legend.remove(1);
    }
    let clipped = |t: &Trace| !t.clipped_s.is_empty();
    if clipped(&report.mix.trace) || report.master.as_ref().is_some_and(|m| clipped(&m.trace)) {
        legend.push(("clip", "clipped"));
    }
    figure("Waveform", "peaks", &legend, &frames)
}

fn waveform(trace: &Trace, class: &str, name: &str, ceiling_dbtp: Option<f64>) -> String {
    let gain = |db: f64| 10f64.powf(db / 20.0);
    let length = seconds(trace);
    let mut plot = Plot::new(Axis::linear(0.0, length), Axis::linear(-1.1, 1.45));
    time_grid(&mut plot, length);
    let envelope =
        |levels: &[f64]| -> Vec<(f64, f64, f64)> { over_time(levels, trace).map(|(t, db)| (t, -gain(db), gain(db))).collect() };
    plot.band(&format!("{class} soft"), &envelope(&trace.peak_dbfs));
    plot.band(class, &envelope(&trace.rms_dbfs));
    for level in ceiling_dbtp.into_iter().flat_map(|c| [gain(c), -gain(c)]) {
        plot.stroke("ceiling", (0.0, level), (length, level));
    }
    for clipped in &trace.clipped_s {
        plot.stroke("clip", (clipped + 0.5 * trace.step_s, 1.05), (clipped + 0.5 * trace.step_s, 1.18));
    }
    let largest = over_time(&trace.true_peak_dbtp, trace).max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((t, peak)) = largest {
        plot.stroke("peak", (t, gain(peak).min(1.3)), (t, gain(peak).min(1.3)));
        plot.note((t, 1.3), &format!("{peak:.1} dBTP"));
    }
    plot.y_grid(&[0.0], |_| name.to_owned());
    let says = format!("Waveform of the {name}: {} long", wording::duration(length));
    plot.frame(7.0, &says)
}

/// Short-term loudness of mix and master, and under it what the limiter took.
pub(super) fn loudness(report: &Report) -> String {
    let mix = &report.mix.trace;
    let master = report.master.as_ref().map(|m| &m.trace);
    let length = seconds(mix).max(master.map_or(0.0, seconds));
    let all = [Some(mix), master];
    let top = all.iter().flatten().flat_map(|t| &t.short_term_lufs).fold(-60.0, |a: f64, b| a.max(*b)) + 2.0;
    let mut plot = Plot::new(Axis::linear(0.0, length), Axis::linear(top - LOUDNESS_RANGE_LU, top));
    time_grid(&mut plot, length);
    plot.y_grid(&Axis::linear(top - LOUDNESS_RANGE_LU + 1.0, top - 1.0).ticks(5), |v| format!("{v:.0}"));
    plot.line("mix", over_time(&mix.short_term_lufs, mix));
    let mut legend = vec![("mix", "mix")];
    if let Some(master) = master {
        plot.line("master", over_time(&master.short_term_lufs, master));
        legend.push(("master", "master"));
    }
    let mut frames = vec![plot.frame(12.0, "Short-term loudness over time")];
    if let Some(limiter) = gain_of(report, "limiter") {
        legend.push(("reduction", "what the limiter took, dB"));
        frames.push(gain_over_time(limiter, length, 5.0, "Gain of the limiter over time"));
    }
    figure("Loudness over time", "LUFS, 3 s", &legend, &frames)
}

fn gain_of<'a>(report: &'a Report, stage: &str) -> Option<&'a [f32]> {
    let stage = report.master.as_ref()?.stages.iter().find(|s| s.stage == stage)?;
    stage.meter.gains.iter().map(|g| g.trace_db.as_slice()).find(|t| !t.is_empty())
}

/// One gain over the length of the file, drawn from 0 dB.
pub(super) fn gain_over_time(trace_db: &[f32], length_s: f64, height: f64, says: &str) -> String {
    let values: Vec<f64> = trace_db.iter().map(|v| f64::from(*v)).collect();
    let low = values.iter().copied().fold(-1.0, f64::min) * 1.1;
    let high = values.iter().copied().fold(0.0, f64::max) * 1.1;
    let mut plot = Plot::new(Axis::linear(0.0, length_s), Axis::linear(low, high));
    time_grid(&mut plot, length_s);
    let step = length_s / values.len().max(1) as f64;
    let point = |(i, v): (usize, &f64)| ((i as f64 + 0.5) * step, v.min(0.0), v.max(0.0));
    plot.band("reduction", &values.iter().enumerate().map(point).collect::<Vec<_>>());
    plot.y_grid(&Axis::linear(low, high).ticks(if height < 4.0 { 2 } else { 3 }), |v| format!("{v}"));
    plot.frame(height, says)
}
