//! Rhyme over diversity: the path of this run, and the point of real poems.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
    symbols::Marker,
    text::Line,
    widgets::{
        Widget,
        canvas::{Canvas, Line as Segment},
    },
};

use super::chart::bordered;
use crate::run::event::QualityFigure;
use crate::ui::model::run_model::QualityRecord;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

const DIVERSITY: &str = QualityFigure::DIVERSITY;
const QUALITY: &str = QualityFigure::RHYME;

/// Diversity and quality.
#[derive(Clone, Copy)]
struct PlanePoint {
    x: f64,
    y: f64,
}

/// One quality check on the plane.
#[derive(Clone, Copy)]
struct CheckPoints {
    model: PlanePoint,
    real: PlanePoint,
}

impl CheckPoints {
    fn of(check: &QualityRecord) -> Option<CheckPoints> {
        let figure = |name: &str| check.figures.iter().find(|figure| figure.name == name);
        let (diversity, quality) = (figure(DIVERSITY)?, figure(QUALITY)?);
        let point = |x: f32, y: f32| PlanePoint { x: x.into(), y: y.into() };
        let (model, real) = (point(diversity.model, quality.model), point(diversity.real, quality.real));
        let is_finite = [model.x, model.y, real.x, real.y].iter().all(|number| number.is_finite());
        is_finite.then_some(CheckPoints { model, real })
    }
}

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    // On the lower border, since both titles together need more than half of 80 columns.
    let legend = Line::styled(theme.padded("R real  P pretraining  ● now"), theme.faint());
    let block = bordered(theme).title_top(theme.title("rhyme over diversity")).title_bottom(legend);
    let inner = block.inner(area);
    block.render(area, buffer);
    let model = state.shown();
    let checks: Vec<_> = model.quality_checks.items().iter().filter_map(CheckPoints::of).collect();
    let Some(now) = checks.last() else {
        let remark = match model.quality_checks.items().is_empty() {
            true => theme.remark("not measured yet", inner.width),
            false => theme.remark("no lines rhyme", inner.width),
        };
        return remark.render(inner, buffer);
    };
    if inner.width < 8 || inner.height < 4 {
        return;
    }
    let label = |point, letter, style| PointLabel { point, letter, style };
    let pretrained = model.pretrained_quality().and_then(CheckPoints::of);
    let mut labels: Vec<PointLabel> =
        pretrained.map(|check| label(check.model, "P", theme.faint())).into_iter().collect();
    labels.extend([label(now.real, "R", theme.real()), label(now.model, "●", theme.strong())]);
    let path: Vec<PlanePoint> = checks.iter().map(|check| check.model).collect();
    let Bounds { x, y } = plot(&path, &labels, Rect { height: inner.height - 1, ..inner }, buffer, theme);
    let (diversity, quality) = (theme.translate(DIVERSITY), theme.translate(QUALITY));
    let ranges = format!(" {diversity} {:.2}-{:.2}, {quality} {:.2}-{:.2}", x[0], x[1], y[0], y[1]);
    let ranges = text::fit(&ranges, inner.width.into());
    buffer.set_line(inner.x, inner.bottom() - 1, &Line::styled(ranges, theme.faint()), inner.width);
}

/// A letter on the plane.
struct PointLabel {
    point: PlanePoint,
    letter: &'static str,
    style: Style,
}

/// The ranges of both axes.
struct Bounds {
    x: [f64; 2],
    y: [f64; 2],
}

impl Bounds {
    fn around(points: &[PlanePoint]) -> Bounds {
        let bounds = |of: fn(&PlanePoint) -> f64| {
            let low = points.iter().map(of).fold(f64::INFINITY, f64::min);
            let high = points.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
            // Both are shares.
            let margin = ((high - low) * 0.08).max(0.01);
            [(low - margin).max(low.min(0.0)), (high + margin).min(high.max(1.0))]
        };
        Bounds { x: bounds(|point| point.x), y: bounds(|point| point.y) }
    }
}

/// Draws the path and the labels.
fn plot(path: &[PlanePoint], labels: &[PointLabel], area: Rect, buffer: &mut Buffer, theme: Theme) -> Bounds {
    let all: Vec<PlanePoint> = path.iter().copied().chain(labels.iter().map(|label| label.point)).collect();
    let bounds = Bounds::around(&all);
    let canvas = Canvas::default().marker(Marker::Braille).x_bounds(bounds.x).y_bounds(bounds.y).paint(|canvas| {
        for pair in path.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let color = theme.gradient().fg.unwrap_or(Color::Reset);
            canvas.draw(&Segment { x1: from.x, y1: from.y, x2: to.x, y2: to.y, color });
        }
        canvas.layer();
        for label in labels {
            canvas.print(label.point.x, label.point.y, Line::styled(label.letter, label.style));
        }
    });
    canvas.render(area, buffer);
    bounds
}
