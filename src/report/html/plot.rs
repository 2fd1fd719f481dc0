//! A plot: SVG that stretches with the page, under labels that do not.
//!
//! The drawing is `1000 × 1000` units and stretched; strokes keep their width (`vector-effect`), and a stroke of no length
//! with round ends is a dot. Labels are HTML at percentages of the frame, so that they stay readable on a phone. All
//! colours are classes of the style sheet.

use super::escape;
use std::fmt::Write;

/// From a value to its place between 0 and 1.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) log: bool,
}

impl Axis {
    pub(crate) fn linear(min: f64, max: f64) -> Self {
        Self { min, max: max.max(min + 1e-6), log: false }
    }

    pub(crate) fn log(min: f64, max: f64) -> Self {
        Self { min, max, log: true }
    }

    /// Place of a value; values beyond the ends lie at the ends.
    fn at(&self, value: f64) -> f64 {
        let position = |v: f64| if self.log { v.max(1e-9).ln() } else { v };
        ((position(value) - position(self.min)) / (position(self.max) - position(self.min))).clamp(0.0, 1.0)
    }

    /// Round values inside the axis, about `count` of them.
    pub(crate) fn ticks(&self, count: usize) -> Vec<f64> {
        let rough = (self.max - self.min) / count.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|s| s * power).find(|s| *s >= rough * 0.999).unwrap_or(rough);
        let first = (self.min / step - 1e-9).ceil() as i64;
        (first..).map(|i| i as f64 * step).take_while(|v| *v <= self.max + 1e-9).collect()
    }
}

/// A plot that is being drawn.
pub(crate) struct Plot {
    x: Axis,
    y: Axis,
    drawing: String,
    labels: String,
}

impl Plot {
    pub(crate) fn new(x: Axis, y: Axis) -> Self {
        Self { x, y, drawing: String::new(), labels: String::new() }
    }

    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        (1000.0 * self.x.at(x), 1000.0 * (1.0 - self.y.at(y)))
    }

    fn points(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut text = String::new();
        for (x, y) in points {
            let (x, y) = self.place(x, y);
            let _ = write!(text, "{}{x:.1} {y:.1}", if text.is_empty() { "M" } else { "L" });
        }
        text
    }

    fn path(&mut self, class: &str, path: &str) {
        let _ = write!(self.drawing, "<path vector-effect=\"non-scaling-stroke\" class=\"{class}\" d=\"{path}\"/>");
    }

    /// A line through points.
    pub(crate) fn line(&mut self, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let path = self.points(points);
        self.path(&format!("line {class}"), &path);
    }

    /// The area between two lines: (x, low, high).
    pub(crate) fn band(&mut self, class: &str, points: &[(f64, f64, f64)]) {
        let there = points.iter().map(|p| (p.0, p.2));
        let back = points.iter().rev().map(|p| (p.0, p.1));
        let path = self.points(there.chain(back)) + "Z";
        self.path(&format!("area {class}"), &path);
    }

    /// A stroke from one place to another; where both are the same, a dot.
    pub(crate) fn stroke(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x, y) = self.place(from.0, from.1);
        let (to_x, to_y) = self.place(to.0, to.1);
        self.path(class, &format!("M{x:.1} {y:.1}L{to_x:.1} {to_y:.1}"));
    }

    /// A short upright mark through a place.
    pub(crate) fn upright(&mut self, class: &str, at: (f64, f64), half: f64) {
        self.stroke(class, (at.0, at.1 - half), (at.0, at.1 + half));
    }

    /// Horizontal grid lines, and labels beside them.
    pub(crate) fn y_grid(&mut self, values: &[f64], text: impl Fn(f64) -> String) {
        for &value in values {
            let (min, max) = (self.x.min, self.x.max);
            self.stroke("grid", (min, value), (max, value));
            let _ = write!(
                self.labels,
                "<span class=\"y\" style=\"bottom:{:.2}%\">{}</span>",
                100.0 * self.y.at(value),
                escape(&text(value))
            );
        }
    }

    /// Vertical grid lines, and labels under them; minor ones have no label on a narrow screen.
    pub(crate) fn x_grid(&mut self, values: &[(f64, bool)], text: impl Fn(f64) -> String) {
        for &(value, major) in values {
            let (min, max) = (self.y.min, self.y.max);
            self.stroke("grid", (value, min), (value, max));
            let minor = if major { "" } else { " minor" };
            let _ = write!(
                self.labels,
                "<span class=\"x{minor}\" style=\"left:{:.2}%\">{}</span>",
                100.0 * self.x.at(value),
                escape(&text(value))
            );
        }
    }

    /// A word inside the frame.
    pub(crate) fn note(&mut self, at: (f64, f64), text: &str) {
        let (left, bottom) = (100.0 * self.x.at(at.0), 100.0 * self.y.at(at.1));
        let side = if left > 60.0 { " before" } else { "" };
        let _ = write!(
            self.labels,
            "<span class=\"note{side}\" style=\"left:{left:.2}%;bottom:{bottom:.2}%\">{}</span>",
            escape(text)
        );
    }

    /// The frame, `height` in rem; `says` is for those who do not see it.
    pub(crate) fn frame(self, height: f64, says: &str) -> String {
        format!(
            "<div class=\"frame\" style=\"height:{height}rem\"><svg role=\"img\" aria-label=\"{}\" viewBox=\"0 0 1000 1000\" \
             preserveAspectRatio=\"none\">{}</svg>{}</div>",
            escape(says),
            self.drawing,
            self.labels
        )
    }
}

/// A figure of frames with title, unit and legend (class, name).
pub(crate) fn figure(title: &str, unit: &str, legend: &[(&str, &str)], frames: &[String]) -> String {
    let key = |(class, name): &(&str, &str)| format!("<li><i class=\"{class}\"></i>{}</li>", escape(name));
    let legend: String = legend.iter().map(key).collect();
    let legend = if legend.is_empty() { legend } else { format!("<ul class=\"legend\">{legend}</ul>") };
    let unit = if unit.is_empty() { String::new() } else { format!(" <small>{}</small>", escape(unit)) };
    format!("<figure><figcaption>{}{unit}</figcaption>{legend}{}</figure>\n", escape(title), frames.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Axis::linear(-23.0, 1.0).ticks(5), [-20.0, -15.0, -10.0, -5.0, 0.0]);
        assert_eq!(Axis::linear(0.0, 1.0).ticks(5).len(), 6);
        assert!(Axis::linear(3.0, 3.0).ticks(4).len() < 12);
    }

    #[test]
    fn values_beyond_the_axis_stay_in_the_frame() {
        let mut plot = Plot::new(Axis::log(20.0, 20_000.0), Axis::linear(-1.0, 1.0));
        plot.line("mix", [(2.0, 5.0), (632.455_532, 0.0), (1e6, -5.0)].into_iter());
        let text = plot.frame(10.0, "a & b");
        assert!(text.contains("M0.0 0.0L500.0 500.0L1000.0 1000.0"), "{text}");
        assert!(text.contains("a &amp; b"));
    }
}
