//! Curves as SVG inside a page, whose style sheet gives the colours: so they fit a light and a dark page.

use super::html::escape;
use crate::ui::{Curve, Point};

/// Curves over the same steps.
pub struct Chart<'a> {
    pub title: &'a str,
    pub lines: Vec<Line<'a>>,
    /// A value to compare with.
    pub level: Option<(&'a str, f64)>,
}

pub struct Line<'a> {
    pub name: &'a str,
    pub curve: &'a Curve,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 58.0;
/// Half of the longest number below an edge has to fit in.
const RIGHT: f64 = 28.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 26.0;

/// Points of a curve: as many as there is room for.
const MOST_POINTS: usize = 400;
/// A curve of so few points shows each of them.
const FEW_POINTS: usize = 40;
/// Colours that the style sheet has.
const COLOURS: [&str; 2] = ["one", "two"];

impl Chart<'_> {
    /// The chart with its title and legend; nothing where there is no number yet. `boundary` is the step at which adversarial training
    /// begins.
    pub fn html(&self, boundary: Option<u64>) -> String {
        let lines: Vec<(&Line, Vec<Point>)> =
            self.lines.iter().map(|line| (line, line.curve.thinned(MOST_POINTS))).collect();
        let Some(scale) = Scale::of(lines.iter().flat_map(|(_, points)| points), self.level.map(|(_, value)| value))
        else {
            return String::new();
        };
        let mut drawing = scale.axes();
        let inside = |step: &u64| scale.left < *step as f64 && (*step as f64) < scale.right;
        if let Some(step) = boundary.filter(inside) {
            let x = scale.x(step as f64);
            let (top, bottom) = (TOP, HEIGHT - BOTTOM);
            drawing.push_str(&format!("<path class=\"boundary\" d=\"M{x:.1} {top}V{bottom}\"/>\n"));
        }
        if let Some((_, value)) = self.level {
            let (y, right) = (scale.y(value), WIDTH - RIGHT);
            drawing.push_str(&format!("<path class=\"level\" d=\"M{LEFT} {y:.1}H{right}\"/>\n"));
        }
        for ((_, points), colour) in lines.iter().zip(COLOURS) {
            drawing.push_str(&scale.line(points, colour));
        }
        let (title, legend) = (escape(self.title), self.legend());
        format!(
            "<figure>\n<figcaption>{title}{legend}</figcaption>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
             aria-label=\"{title}\">\n{drawing}</svg>\n</figure>\n"
        )
    }

    /// The names of the lines in their colours, with their newest values.
    fn legend(&self) -> String {
        let entry = |class: &str, name: &str, value: f64| {
            format!(" <span class=\"{class}\">{} {}</span>", escape(name), rounded(value))
        };
        let lines = self.lines.iter().zip(COLOURS);
        let mut legend: String =
            lines.filter_map(|(line, colour)| Some(entry(colour, line.name, line.curve.recent()?))).collect();
        legend.extend(self.level.map(|(name, value)| entry("dashed", name, value)));
        legend
    }
}

/// What part of the plane is drawn.
struct Scale {
    left: f64,
    right: f64,
    low: f64,
    high: f64,
}

impl Scale {
    /// Wide enough for the means of all points: single outliers would make everything else flat.
    fn of<'a>(points: impl Iterator<Item = &'a Point>, level: Option<f64>) -> Option<Scale> {
        let points: Vec<&Point> = points.collect();
        let (first, last) = (points.iter().map(|p| p.first).min()?, points.iter().map(|p| p.last).max()?);
        let values = || points.iter().map(|point| point.mean()).chain(level);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let margin = if high > low { (high - low) * 0.06 } else { high.abs().max(1.0) * 0.1 };
        let right = last.max(first + 1) as f64;
        Some(Scale { left: first as f64, right, low: low - margin, high: high + margin })
    }

    fn x(&self, step: f64) -> f64 {
        LEFT + (step - self.left) / (self.right - self.left) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }

    /// Lines at round values, and what they are.
    fn axes(&self) -> String {
        let mut axes = String::new();
        let (values, decimals) = ticks(self.low, self.high, 5);
        for value in values {
            let (x, y, right) = (LEFT - 6.0, self.y(value), WIDTH - RIGHT);
            axes.push_str(&format!("<path class=\"grid\" d=\"M{LEFT} {y:.1}H{right}\"/>"));
            axes.push_str(&format!("<text class=\"y\" x=\"{x}\" y=\"{:.1}\">{value:.decimals$}</text>\n", y + 4.0));
        }
        let (steps, decimals) = ticks(self.left, self.right, 7);
        // There is nothing between two steps.
        for value in steps.into_iter().filter(|_| decimals == 0) {
            let (x, y) = (self.x(value), HEIGHT - 8.0);
            axes.push_str(&format!("<text class=\"x\" x=\"{x:.1}\" y=\"{y}\">{value:.0}</text>\n"));
        }
        axes
    }

    /// The means, and around them the extremes of the steps that have become one point.
    fn line(&self, points: &[Point], colour: &str) -> String {
        let place = |x: f64, y: f64| format!("{:.1} {:.1}", self.x(x), self.y(y));
        let path = |places: Vec<String>| places.join("L");
        let mean = path(points.iter().map(|point| place(point.step() as f64, point.mean())).collect());
        let mut line = String::new();
        if points.iter().any(|point| point.low < point.high) {
            let above = points.iter().map(|point| place(point.step() as f64, point.high));
            let below = points.iter().rev().map(|point| place(point.step() as f64, point.low));
            line.push_str(&format!("<path class=\"band {colour}\" d=\"M{}Z\"/>\n", path(above.chain(below).collect())));
        }
        if !points.is_empty() {
            line.push_str(&format!("<path class=\"line {colour}\" d=\"M{mean}\"/>\n"));
        }
        if points.len() <= FEW_POINTS {
            for point in points {
                let (x, y) = (self.x(point.step() as f64), self.y(point.mean()));
                line.push_str(&format!("<circle class=\"{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>\n"));
            }
        }
        line
    }
}

/// About `n` round values from `low` to `high`, and how many decimals they need.
fn ticks(low: f64, high: f64, n: usize) -> (Vec<f64>, usize) {
    let rough = (high - low) / n as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let decimals = (-step.log10() - 1e-9).ceil().max(0.0) as usize;
    // A sum with zero, since zero times a negative number is a negative zero.
    let value = |i: i64| i as f64 * step + 0.0;
    let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
    ((first..=last).map(value).collect(), decimals)
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

    fn curve(values: &[f32]) -> Curve {
        let mut curve = Curve::default();
        values.iter().zip(1..).for_each(|(value, step)| curve.push(step, Some(*value)));
        curve
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(0.0, 1.0, 5), (vec![0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0], 1));
        assert_eq!(ticks(4.7, 9.6, 5), (vec![5.0, 6.0, 7.0, 8.0, 9.0], 0));
        assert_eq!(ticks(1.0, 9375.0, 7), (vec![2000.0, 4000.0, 6000.0, 8000.0], 0));
        assert_eq!(ticks(-0.03, 0.03, 5).1, 2);
    }

    #[test]
    fn a_line_begins_and_ends_at_the_edges() {
        let curve = curve(&[1.0, 2.0, 3.0]);
        let chart =
            Chart { title: "a < b", lines: vec![Line { name: "x", curve: &curve }], level: Some(("real", 2.0)) };
        let html = chart.html(Some(2));
        assert!(html.contains("<figcaption>a &lt; b <span class=\"one\">x 2.000</span>"), "{html}");
        assert!(html.contains(&format!("class=\"line one\" d=\"M{LEFT:.1} ")), "{html}");
        let middle = TOP + (HEIGHT - TOP - BOTTOM) / 2.0;
        assert!(html.contains(&format!("class=\"level\" d=\"M58 {middle:.1}H612\"")), "{html}");
        let x = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
        assert!(html.contains(&format!("class=\"boundary\" d=\"M{x:.1} ")), "{html}");
        assert_eq!(html.matches("<circle").count(), 3);
        assert!(!html.contains("band") && !html.contains("NaN"), "{html}");
    }

    #[test]
    fn a_long_curve_is_drawn_with_few_points_and_its_extremes() {
        let values: Vec<f32> = (0..100_000).map(|i| (i % 10) as f32).collect();
        let curve = curve(&values);
        let html = Chart { title: "t", lines: vec![Line { name: "x", curve: &curve }], level: None }.html(None);
        assert!(html.len() < 30_000, "{}", html.len());
        assert!(html.contains("class=\"band one\""), "{html}");
        assert!(html.matches('L').count() <= 3 * MOST_POINTS, "{html}");
    }

    #[test]
    fn there_is_no_chart_without_a_number() {
        let curve = curve(&[]);
        let lines = vec![Line { name: "x", curve: &curve }];
        assert_eq!(Chart { title: "t", lines, level: Some(("real", 1.0)) }.html(Some(1)), "");
    }

    #[test]
    fn one_value_alone_can_be_drawn() {
        let curve = curve(&[0.0]);
        let html = Chart { title: "t", lines: vec![Line { name: "x", curve: &curve }], level: None }.html(None);
        assert!(html.contains("<circle") && !html.contains("NaN") && !html.contains("inf"), "{html}");
    }
}
