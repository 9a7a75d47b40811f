//! Curves of a run as figures of a page. The style sheet gives them other colours on a dark page.

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::html::escape;
use crate::picture::{self, Drawn};
use crate::ui::{CurvePoint, MetricCurve};

/// Curves over the same steps.
pub struct PageChart<'a> {
    pub title: &'a str,
    pub lines: Vec<PageLine<'a>>,
    /// A value to compare with.
    pub level: Option<(&'a str, f64)>,
}

pub struct PageLine<'a> {
    pub name: &'a str,
    pub curve: &'a MetricCurve,
}

/// About twice the size that a page shows, since plotters draws on whole pixels: a chart is as wide as a small phone, and
/// wider windows show several side by side.
const SIZE: (u32, u32) = (720, 400);
/// Size of the letters, of which plotters makes 1 / 1.24 pixels (14 on a phone), and pixels of the areas of the labels.
const LETTERS: u32 = 38;
const LABELS: (u32, u32) = (52, 116);

/// Most points of a curve.
const MAX_POINTS: usize = 400;
/// A curve of at most this many points marks each of them.
const FEW_POINTS: usize = 40;

/// Colours on a light page; the style sheet selects the elements by them.
const LINES: [RGBColor; 2] = [RGBColor(0x1b, 0x6f, 0x94), RGBColor(0xb5, 0x44, 0x3a)];
const GRID: RGBColor = RGBColor(0xde, 0xda, 0xd0);
const LABEL: RGBColor = RGBColor(0x6d, 0x6a, 0x63);
const BOUNDARY: RGBColor = RGBColor(0x8d, 0x8a, 0x83);
const LEVEL: RGBColor = RGBColor(0x22, 0x20, 0x1c);

impl PageChart<'_> {
    /// The chart with its title and legend; empty without a value. `boundary` is the step at which adversarial training
    /// begins.
    ///
    /// # Errors
    /// When plotters cannot draw it.
    pub fn html(&self, boundary: Option<u64>) -> Result<String> {
        let lines: Vec<Vec<CurvePoint>> = self.lines.iter().map(|line| line.curve.thinned(MAX_POINTS)).collect();
        let level = self.level.map(|(_, value)| value);
        let Some(scale) = Scale::of(lines.iter().flatten(), level) else { return Ok(String::new()) };
        let svg = picture::svg(SIZE, |area| scale.draw(area, &lines, level, boundary))?;
        let (title, legend) = (escape(self.title), self.legend());
        // Read out as a picture with a name.
        let svg = svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{title}\" "), 1);
        Ok(format!("<figure>\n<figcaption>{title}{legend}</figcaption>\n{svg}</figure>\n"))
    }

    /// The names of the curves in their colours, with their latest values.
    fn legend(&self) -> String {
        let entry = |class: &str, name: &str, value: f64| {
            format!(" <span class=\"{class}\">{} {}</span>", escape(name), rounded(value))
        };
        let lines = self.lines.iter().zip(["one", "two"]);
        let mut legend: String =
            lines.filter_map(|(line, class)| Some(entry(class, line.name, line.curve.newest()?))).collect();
        legend.extend(self.level.map(|(name, value)| entry("dashed", name, value)));
        legend
    }
}

/// The ranges of both axes.
struct Scale {
    steps: (u64, u64),
    values: (f64, f64),
}

impl Scale {
    /// Ranges that hold the means of all points; outliers are clipped.
    fn of<'a>(points: impl Iterator<Item = &'a CurvePoint>, level: Option<f64>) -> Option<Scale> {
        let points: Vec<&CurvePoint> = points.collect();
        let (first, last) = (points.iter().map(|p| p.first).min()?, points.iter().map(|p| p.last).max()?);
        let values = || points.iter().map(|point| point.mean()).chain(level);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let margin = if high > low { (high - low) * 0.06 } else { high.abs().max(1.0) * 0.1 };
        Some(Scale { steps: (first, last.max(first + 1)), values: (low - margin, high + margin) })
    }

    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        lines: &[Vec<CurvePoint>],
        level: Option<f64>,
        boundary: Option<u64>,
    ) -> Drawn<B> {
        let ((first, last), (low, high)) = (self.steps, self.values);
        let mut chart = ChartBuilder::on(area)
            .margin(10)
            .margin_right(48)
            .x_label_area_size(LABELS.0)
            .y_label_area_size(LABELS.1)
            .build_cartesian_2d(first..last, low..high)?;
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh().bold_line_style(GRID).light_line_style(TRANSPARENT).axis_style(GRID);
        mesh.x_label_formatter(&|step| step_label(*step)).y_label_formatter(&|value| value_label(*value));
        mesh.x_labels(4).y_labels(5).label_style(("sans-serif", LETTERS).with_color(LABEL)).draw()?;
        let straight =
            |from, to, colour: RGBColor| std::iter::once(PathElement::new([from, to], colour.stroke_width(2)));
        if let Some(step) = boundary.filter(|step| first < *step && *step < last) {
            chart.draw_series(straight((step, low), (step, high), BOUNDARY))?;
        }
        if let Some(value) = level {
            chart.draw_series(straight((first, value), (last, value), LEVEL))?;
        }
        let place = |point: &CurvePoint, value: f64| (point.step(), value.clamp(low, high));
        for (points, colour) in lines.iter().zip(LINES) {
            // Around the means lie the extremes of the steps that have become one point.
            if points.iter().any(|point| point.low < point.high) {
                let above = points.iter().map(|point| place(point, point.high));
                let below = points.iter().rev().map(|point| place(point, point.low));
                chart.draw_series([Polygon::new(above.chain(below).collect::<Vec<_>>(), colour.mix(0.18))])?;
            }
            let means = || points.iter().map(|point| place(point, point.mean()));
            chart.draw_series(LineSeries::new(means(), colour.stroke_width(3)))?;
            if points.len() <= FEW_POINTS {
                chart.draw_series(means().map(|mean| Circle::new(mean, 5, colour.filled())))?;
            }
        }
        Ok(())
    }
}

/// A step in few characters: `800`, `2500`, `12.5k`, `1M`.
fn step_label(step: u64) -> String {
    match step {
        0..10_000 => step.to_string(),
        10_000..1_000_000 => format!("{}k", step as f64 / 1e3),
        _ => format!("{}M", step as f64 / 1e6),
    }
}

/// A value of an axis in few characters; its labels are round numbers.
fn value_label(value: f64) -> String {
    match value.abs() {
        // What is left of a sum of steps of the axis.
        size if size < 1e-9 => "0".to_string(),
        size if !(1e-3..1e5).contains(&size) => format!("{value:.1e}"),
        _ => format!("{:.4}", value).trim_end_matches('0').trim_end_matches('.').to_string(),
    }
}

/// A number with three significant digits or so.
pub fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.01 || size == 0.0 => format!("{value:.3}"),
        _ => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: &[f32]) -> MetricCurve {
        let mut curve = MetricCurve::default();
        values.iter().zip(1..).for_each(|(value, step)| curve.push(step, Some(*value)));
        curve
    }

    fn html(values: &[f32], level: Option<(&str, f64)>, boundary: Option<u64>) -> String {
        let curve = curve(values);
        let chart = PageChart { title: "a < b", lines: vec![PageLine { name: "x", curve: &curve }], level };
        chart.html(boundary).unwrap()
    }

    fn code(RGBColor(red, green, blue): RGBColor) -> String {
        format!("\"#{red:02X}{green:02X}{blue:02X}\"")
    }

    /// The points of a line from left to right.
    fn points(html: &str, colour: RGBColor) -> Vec<(i32, i32)> {
        let line = html.lines().find(|line| line.contains("<polyline") && line.contains(&code(colour))).unwrap();
        let list = line.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        let point = |pair: &str| pair.split_once(',').map(|(x, y)| (x.parse().unwrap(), y.parse().unwrap())).unwrap();
        list.split_whitespace().map(point).collect()
    }

    #[test]
    fn a_line_rises_evenly_from_edge_to_edge() {
        let html = html(&[1.0, 2.0, 3.0], Some(("real", 2.0)), Some(2));
        assert!(html.contains("<figcaption>a &lt; b <span class=\"one\">x 2.000</span>"), "{html}");
        let line = points(&html, LINES[0]);
        let [(left, bottom), (middle, centre), (right, top)] = line[..] else { panic!("{line:?}") };
        assert!(
            (middle - left).abs_diff(right - middle) <= 1 && (bottom - centre).abs_diff(centre - top) <= 1,
            "{line:?}"
        );
        assert_eq!(points(&html, LEVEL), [(left, centre), (right, centre)]);
        let boundary = points(&html, BOUNDARY);
        assert!(
            boundary.iter().all(|(x, _)| *x == middle) && boundary[0].1 > bottom && boundary[1].1 < top,
            "{boundary:?}"
        );
        assert_eq!(html.matches("<circle").count(), 3);
        assert!(!html.contains("<polygon") && !html.contains("NaN"), "{html}");
    }

    #[test]
    fn a_long_curve_is_drawn_with_few_points_and_its_extremes() {
        let values: Vec<f32> = (0..100_000).map(|i| (i % 10) as f32).collect();
        let html = html(&values, None, None);
        assert!(html.len() < 30_000, "{}", html.len());
        assert!(html.contains("<polygon"), "{html}");
        assert!(points(&html, LINES[0]).len() <= MAX_POINTS, "{html}");
    }

    #[test]
    fn labels_are_short() {
        let steps = [0, 2500, 12_500, 200_000, 1_500_000].map(step_label);
        assert_eq!(steps, ["0", "2500", "12.5k", "200k", "1.5M"]);
        let values = [1e-17, -0.5, 0.25, 7.0, 12_000.0, 0.00015, 3e6].map(value_label);
        assert_eq!(values, ["0", "-0.5", "0.25", "7", "12000", "1.5e-4", "3.0e6"]);
    }

    #[test]
    fn there_is_no_chart_without_a_number() {
        assert_eq!(html(&[], Some(("real", 1.0)), Some(1)), "");
    }

    #[test]
    fn one_value_alone_can_be_drawn() {
        let html = html(&[0.0], None, None);
        assert!(html.contains("<circle") && !html.contains("NaN") && !html.contains("inf"), "{html}");
    }

    #[test]
    fn the_style_sheet_knows_every_colour() {
        let style = include_str!("page.css");
        for colour in [LINES[0], LINES[1], GRID, BOUNDARY, LEVEL] {
            assert!(style.contains(&format!("[stroke={}]", code(colour))), "{colour:?}");
        }
        for colour in [LINES[0], LINES[1], LABEL] {
            assert!(style.contains(&format!("[fill={}]", code(colour))), "{colour:?}");
        }
    }
}
