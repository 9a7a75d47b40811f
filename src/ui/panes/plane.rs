//! The plane of quality and diversity: this run's way through it, and where real poems are.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Style},
    symbols::Marker,
    text::{Line, Span},
    widgets::{
        Widget,
        canvas::{Canvas, Line as Segment},
    },
};

use super::{chart::bordered, quality};
use crate::run::event::QualityFigure;
use crate::ui::model::run_model::Look;
use crate::ui::model::state::State;
use crate::ui::term::theme::Theme;
use crate::ui::text;

const DIVERSITY: &str = QualityFigure::DIVERSITY;
const QUALITY: &str = QualityFigure::RHYME;

/// Diversity and quality of a look: of its poems, and of real ones.
fn point(look: &Look) -> Option<((f64, f64), (f64, f64))> {
    let figure = |name: &str| look.figures.iter().find(|figure| figure.name == name);
    let (diversity, quality) = (figure(DIVERSITY)?, figure(QUALITY)?);
    let numbers = [diversity.model, quality.model, diversity.real, quality.real].map(f64::from);
    let [x, y, real_x, real_y] = numbers;
    numbers.iter().all(|number| number.is_finite()).then_some(((x, y), (real_x, real_y)))
}

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let title = vec![
        Span::styled(theme.pad("rhyme over diversity"), theme.strong()),
        Span::styled(theme.pad("R real  W pretraining  ● now"), theme.faint()),
    ];
    let block = bordered(theme).title_top(Line::from(title));
    let inner = block.inner(area);
    block.render(area, buffer);
    let points: Vec<_> = state.looks.items().iter().filter_map(point).collect();
    let Some((now, real)) = points.last().copied() else {
        return theme.remark("not measured yet", inner.width).render(inner, buffer);
    };
    if inner.width < 8 || inner.height < 4 {
        return;
    }
    let warmup = quality::warmup(state).and_then(point).map(|(model, _)| model);
    let path: Vec<(f64, f64)> = points.iter().map(|(model, _)| *model).collect();
    let marks = [(warmup, "W", theme.faint()), (Some(real), "R", theme.real()), (Some(now), "●", theme.strong())];
    let (x, y) = plot(&path, &marks, Rect { height: inner.height - 1, ..inner }, buffer, theme);
    let (diversity, quality) = (theme.say(DIVERSITY), theme.say(QUALITY));
    let labels = format!(" {diversity} {:.2}-{:.2}, {quality} {:.2}-{:.2}", x[0], x[1], y[0], y[1]);
    let labels = text::fit(&labels, inner.width.into());
    buffer.set_line(inner.x, inner.bottom() - 1, &Line::styled(labels, theme.faint()), inner.width);
}

/// A place on the plane, the letter that stands there, and its style.
type Mark = (Option<(f64, f64)>, &'static str, Style);

/// Draws the way and the marks. Returns the bounds of both axes.
fn plot(path: &[(f64, f64)], marks: &[Mark], area: Rect, buffer: &mut Buffer, theme: Theme) -> ([f64; 2], [f64; 2]) {
    let places = || path.iter().copied().chain(marks.iter().filter_map(|(place, ..)| *place));
    let bounds = |of: fn((f64, f64)) -> f64| {
        let values = || places().map(of);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        // Both are shares.
        let margin = ((high - low) * 0.08).max(0.01);
        [(low - margin).max(low.min(0.0)), (high + margin).min(high.max(1.0))]
    };
    let (x, y) = (bounds(|place| place.0), bounds(|place| place.1));
    let canvas = Canvas::default().marker(Marker::Braille).x_bounds(x).y_bounds(y).paint(|canvas| {
        for pair in path.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let color = theme.gradient().fg.unwrap_or(Color::Reset);
            canvas.draw(&Segment { x1: from.0, y1: from.1, x2: to.0, y2: to.1, color });
        }
        canvas.layer();
        for (place, letter, style) in marks {
            if let Some((x, y)) = place {
                canvas.print(*x, *y, Line::styled(*letter, *style));
            }
        }
    });
    canvas.render(area, buffer);
    (x, y)
}
