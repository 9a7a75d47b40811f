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

/// The picture of a sweep.
pub struct SweepPicture<'a> {
    pub title: String,
    /// Name of the x axis of all panels.
    pub diversity: &'a str,
    pub panels: Vec<Panel<'a>>,
}

/// The curves of one quality, the y axis.
pub struct Panel<'a> {
    pub quality: &'a str,
    pub curves: [SweepCurve<'a>; 2],
}

/// A curve with its name.
pub struct SweepCurve<'a> {
    pub name: &'a str,
    pub points: &'a [SweepPoint],
}

const COLOURS: [RGBColor; 2] = [RGBColor(190, 60, 50), RGBColor(60, 90, 160)];
/// Width and height of a panel, and height of the title, in pixels.
const PANEL: (u32, u32) = (640, 460);
const TITLE: u32 = 48;
/// Panels in a row, at most.
const IN_ROW: usize = 2;

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

impl SweepPicture<'_> {
    /// Writes the picture to `path` as PNG.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn png(&self, path: &Path) -> Result<()> {
        write(path, &picture::png(self.size(), |area| self.draw(area))?)
    }

    /// Writes the picture to `path` as SVG.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn svg(&self, path: &Path) -> Result<()> {
        write(path, picture::svg(self.size(), |area| self.draw(area))?.as_bytes())
    }

    /// Rows and columns of panels.
    fn grid(&self) -> (usize, usize) {
        let columns = self.panels.len().clamp(1, IN_ROW);
        (self.panels.len().div_ceil(columns), columns)
    }

    fn size(&self) -> (u32, u32) {
        // There are at most as many panels as qualities.
        let (rows, columns) = self.grid();
        (columns as u32 * PANEL.0, rows as u32 * PANEL.1 + TITLE)
    }

    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>) -> Drawn<B> {
        area.fill(&WHITE)?;
        let below = area.titled(&self.title, ("sans-serif", 20))?;
        let areas = below.split_evenly(self.grid());
        self.panels.iter().zip(&areas).try_for_each(|(panel, area)| panel.draw(area, self.diversity))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically(path, bytes)
        .map_err(|cause| UserError(format!("cannot write {}: {cause}; check the path", path.display())).into())
}

impl Panel<'_> {
    fn draw<B: DrawingBackend>(&self, area: &DrawingArea<B, Shift>, diversity: &str) -> Drawn<B> {
        let ((left, right), (bottom, top)) = bounds(&self.curves);
        let mut chart = ChartBuilder::on(area)
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d(left..right, bottom..top)?;
        chart.configure_mesh().x_desc(diversity).y_desc(self.quality).light_line_style(WHITE).draw()?;
        for (curve, colour) in self.curves.iter().zip(COLOURS) {
            let line = LineSeries::new(curve.points.iter().map(position), colour.stroke_width(2));
            let drawn = chart.draw_series(line)?.label(curve.name);
            drawn.legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
            chart.draw_series(curve.points.iter().map(|point| Circle::new(position(point), 4, colour.filled())))?;
            chart.draw_series(curve.points.iter().filter_map(|point| {
                let (low, high) = point.quality.interval?;
                let x = point.diversity.value;
                Some(PathElement::new([(x, low), (x, high)], colour))
            }))?;
            // The temperature, beside the point and its interval.
            chart.draw_series(curve.points.iter().map(|point| {
                let label = Text::new(format!("{:.2}", point.temperature), (6, -5), ("sans-serif", 12));
                EmptyElement::at(position(point)) + label
            }))?;
        }
        chart.configure_series_labels().background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3)).draw()?;
        Ok(())
    }
}

fn position(point: &SweepPoint) -> (f64, f64) {
    (point.diversity.value, point.quality.value)
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

    /// The RGB pixels of a picture with `n_panels` panels, and its size.
    fn pixels(n_panels: usize) -> (Vec<u8>, (u32, u32)) {
        let point =
            |x: f64| SweepPoint { temperature: 1.0, diversity: Figure::exact(x), quality: Figure::exact(x * x) };
        let points: Vec<SweepPoint> = (1..6).map(|i| point(f64::from(i))).collect();
        let curve = || SweepCurve { name: "model", points: &points };
        let panels = (0..n_panels).map(|_| Panel { quality: "rhyme", curves: [curve(), curve()] }).collect();
        let picture = SweepPicture { title: "tang on tang.txt".to_string(), diversity: "distinct-2", panels };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sweep.png");
        picture.png(&path).unwrap();
        let mut reader =
            png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&path).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        (pixels, picture.size())
    }

    fn has_black(pixels: &[u8]) -> bool {
        pixels.chunks(3).any(|pixel| pixel.iter().all(|&part| part < 100))
    }

    #[test]
    fn a_bitmap_has_curves_labels_and_a_title() {
        let (pixels, (width, height)) = pixels(1);
        let count = |is: &dyn Fn(&[u8]) -> bool| pixels.chunks(3).filter(|pixel| is(pixel)).count();
        // The second curve lies on the first one.
        assert!(count(&|pixel| pixel == [60, 90, 160]) > 200);
        let rows = |from: u32, to: u32| &pixels[(3 * from * width) as usize..(3 * to * width) as usize];
        assert!(has_black(rows(height - 30, height)), "the name of the axis below the chart");
        assert!(has_black(rows(0, 30)), "the title above it");
    }

    #[test]
    fn each_quality_has_its_panel() {
        let (pixels, (width, height)) = pixels(3);
        assert_eq!((width, height), (2 * PANEL.0, 2 * PANEL.1 + TITLE));
        let half = |right: bool| {
            let last_row = pixels.chunks(3 * width as usize).skip((TITLE + PANEL.1) as usize);
            let part = |row: &[u8]| row[if right { row.len() / 2..row.len() } else { 0..row.len() / 2 }].to_vec();
            last_row.flat_map(part).collect::<Vec<u8>>()
        };
        assert!(has_black(&half(false)) && !has_black(&half(true)), "the third panel is on the left");
    }
}
