//! Pictures of the four bands: dynamics and image, before, after and reference.

use super::plot::{Axis, Plot, figure};
use crate::analysis::{Analysis, Section, find_feature};
use crate::dsp::bands::{DYNAMICS_BAND_NAMES, DYNAMICS_BANDS};
use crate::report::{Report, wording};

/// A figure of each band.
struct Measure {
    title: &'static str,
    unit: &'static str,
    /// Name in the ids of the feature table.
    feature: &'static str,
    read: fn(&Section, usize) -> f64,
    share: f64,
}

/// How dense each band is.
pub(super) fn dynamics(report: &Report) -> String {
    let share = report.asked.dynamics;
    let crest = Measure {
        title: "Peaks over level, by band",
        unit: "dB; further right is punchier",
        feature: "crest_db",
        read: |s, b| s.dynamics[b].crest_db,
        share,
    };
    let spread = Measure {
        title: "Movement of the level, by band",
        unit: "dB within a second; further right is more dynamic",
        feature: "spread_db",
        read: |s, b| s.dynamics[b].spread_db,
        share,
    };
    picture(report, &crest) + &picture(report, &spread)
}

/// How wide each band is; nothing for a mono mix.
pub(super) fn image(report: &Report) -> String {
    if report.mix.analysis.channels != 2 {
        return String::new();
    }
    let share = report.asked.width;
    let width = Measure {
        title: "Width by band",
        unit: "dB, sides against middle",
        feature: "width_db",
        read: |s, b| s.image[b].width_db,
        share,
    };
    let correlation = Measure {
        title: "Correlation by band",
        unit: "1 is mono, under 0 cancels",
        feature: "correlation",
        read: |s, b| s.image[b].correlation,
        share,
    };
    picture(report, &width) + &picture(report, &correlation)
}

fn picture(report: &Report, measure: &Measure) -> String {
    let read = |a: &Analysis, band: usize| (measure.read)(&a.loud, band);
    let mix = &report.mix.analysis;
    let master = report.master.as_ref().map(|m| &m.analysis);
    let with_image = measure.feature != "width_db" && measure.feature != "correlation";
    let target = report.target.as_ref().filter(|t| with_image || t.has_image_for(mix)).map(|t| &t.value);
    let bands = 0..DYNAMICS_BANDS;
    let values: Vec<f64> = [Some(mix), master, target].iter().flatten().flat_map(|a| bands.clone().map(|b| read(a, b))).collect();
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let room = ((high - low) * 0.12).max(0.1);
    let x = Axis::linear(low - room, high + room);
    let mut plot = Plot::new(x, Axis::linear(-0.6, DYNAMICS_BANDS as f64 - 0.4));
    let ticks: Vec<(f64, bool)> = x.ticks(5).into_iter().map(|v| (v, true)).collect();
    plot.x_grid(&ticks, |v| format!("{}", (v * 100.0).round() / 100.0));
    let rows: Vec<f64> = bands.clone().map(|b| b as f64).collect();
    plot.y_grid(&rows, |row| wording::band_name(DYNAMICS_BAND_NAMES[row as usize]).to_owned());
    for band in bands {
        let (row, before) = (band as f64, read(mix, band));
        if let Some(target) = target {
            let aim = before + measure.share * (read(target, band) - before);
            let id = format!("loud.{}.{}", DYNAMICS_BAND_NAMES[band], measure.feature);
            let tolerance = find_feature(&id).map_or(0.0, |f| f.tolerance);
            if tolerance.is_finite() {
                plot.stroke("tolerance", (aim - tolerance, row), (aim + tolerance, row));
            }
            plot.upright("mark reference", (read(target, band), row), 0.28);
        }
        if let Some(master) = master {
            let after = read(master, band);
            plot.stroke("way", (before, row), (after, row));
            dot(&mut plot, "mix", (before, row));
            plot.stroke("dot master", (after, row), (after, row));
        } else {
            dot(&mut plot, "mix", (before, row));
        }
    }
    let mut legend = vec![("ring mix", "mix")];
    legend.extend(master.map(|_| ("disc master", "master")));
    if target.is_some() {
        legend.extend([("bar reference", wording::aimed_at(report)), ("aim", "aim and its tolerance")]);
    }
    let says = format!("{}: {}", measure.title, measure.unit);
    figure(measure.title, measure.unit, &legend, &[plot.frame(9.0, &says)])
}

/// A ring: a dot with a hole.
fn dot(plot: &mut Plot, class: &str, at: (f64, f64)) {
    plot.stroke(&format!("dot {class}"), at, at);
    plot.stroke("hole", at, at);
}
