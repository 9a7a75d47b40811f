//! Plots of the curves: SVG and PNG files, and braille characters in the terminal.

use std::path::Path;

use anyhow::Result;
use plotters::coord::Shift;
use plotters::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::symbols::Marker;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line};

use super::verdict::SweepPoint;
use crate::error::UserError;
use crate::picture::{self, Drawn};
use crate::run::files::write_atomically;

/// Names of the axes.
#[derive(Clone, Copy)]
pub struct Axes<'a> {
    pub diversity: &'a str,
    pub quality: &'a str,
}

/// A curve with its name.
pub struct SweepCurve<'a> {
    pub name: &'a str,
    pub points: &'a [SweepPoint],
}

const COLOURS: [RGBColor; 2] = [RGBColor(190, 60, 50), RGBColor(60, 90, 160)];
const SIZE: (u32, u32) = (800, 560);

/// Ranges of diversity (x) and quality (y) of all curves, with a margin.
fn bounds(curves: &[SweepCurve]) -> ((f64, f64), (f64, f64)) {
    let range = |of: &dyn Fn(&SweepPoint) -> f64| {
        let values = || curves.iter().flat_map(|curve| curve.points).map(of);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let margin = ((high - low) * 0.08).max(1e-3);
        (low - margin, high + margin)
    };
    (range(&|point| point.diversity.value), range(&|point| point.quality.value))
}

/// Writes the plot to `path` as PNG.
///
/// # Errors
/// A file that cannot be written.
pub fn png(path: &Path, curves: &[SweepCurve], axes: Axes) -> Result<()> {
    write(path, &picture::png(SIZE, |area| plot(area, curves, axes))?)
}

/// Writes the plot to `path` as SVG.
///
/// # Errors
/// A file that cannot be written.
pub fn svg(path: &Path, curves: &[SweepCurve], axes: Axes) -> Result<()> {
    write(path, picture::svg(SIZE, |area| plot(area, curves, axes))?.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically(path, bytes)
        .map_err(|cause| UserError(format!("cannot write {}: {cause}; check the path", path.display())).into())
}

fn plot<B: DrawingBackend>(area: &DrawingArea<B, Shift>, curves: &[SweepCurve], axes: Axes) -> Drawn<B> {
    let ((left, right), (bottom, top)) = bounds(curves);
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(left..right, bottom..top)?;
    chart.configure_mesh().x_desc(axes.diversity).y_desc(axes.quality).light_line_style(WHITE).draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let position = |point: &SweepPoint| (point.diversity.value, point.quality.value);
        let line = LineSeries::new(curve.points.iter().map(position), colour.stroke_width(2));
        let drawn = chart.draw_series(line)?.label(curve.name);
        drawn.legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(curve.points.iter().map(|point| Circle::new(position(point), 4, colour.filled())))?;
        chart.draw_series(curve.points.iter().filter_map(|point| {
            let (low, high) = point.quality.interval?;
            let x = point.diversity.value;
            Some(PathElement::new([(x, low), (x, high)], *colour))
        }))?;
        let label =
            |point: &SweepPoint| Text::new(format!("{:.2}", point.temperature), position(point), ("sans-serif", 12));
        chart.draw_series(curve.points.iter().map(label))?;
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw()?;
    Ok(())
}

/// The plot as lines of text, of `size` in cells.
pub fn text(curves: &[SweepCurve], Size { width, height }: Size) -> Vec<String> {
    let ((left, right), (bottom, top)) = bounds(curves);
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let canvas = Canvas::default().marker(Marker::Braille).x_bounds([left, right]).y_bounds([bottom, top]);
    let draw = |context: &mut ratatui::widgets::canvas::Context| {
        for curve in curves {
            for pair in curve.points.windows(2) {
                let [(x1, y1), (x2, y2)] = [pair[0], pair[1]].map(|p| (p.diversity.value, p.quality.value));
                context.draw(&Line { x1, y1, x2, y2, color: ratatui::style::Color::Reset });
            }
        }
        context.layer();
        for curve in curves {
            let initial: String = curve.name.chars().take(1).collect();
            for point in curve.points {
                context.print(point.diversity.value, point.quality.value, initial.clone());
            }
        }
    };
    canvas.paint(draw).render(area, &mut buffer);
    let row = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_string();
    (0..height).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::report::Figure;

    #[test]
    fn a_bitmap_has_curves_and_letters() {
        let point =
            |x: f64| SweepPoint { temperature: 1.0, diversity: Figure::exact(x), quality: Figure::exact(x * x) };
        let points: Vec<SweepPoint> = (1..6).map(|i| point(f64::from(i))).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sweep.png");
        let axes = Axes { diversity: "distinct-2", quality: "rhyme" };
        png(&path, &[SweepCurve { name: "model", points: &points }], axes).unwrap();
        let mut reader =
            png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&path).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        let count = |is: &dyn Fn(&[u8]) -> bool| pixels.chunks(3).filter(|pixel| is(pixel)).count();
        assert!(count(&|pixel| pixel == [190, 60, 50]) > 200);
        // Letters are black on the white margin.
        let margin: Vec<&[u8]> = pixels.chunks(3).skip((SIZE.0 * (SIZE.1 - 30)) as usize).collect();
        assert!(margin.iter().any(|pixel| pixel.iter().all(|&part| part < 100)));
    }
}
