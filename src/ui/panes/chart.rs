//! A bordered line chart: the title is the legend with the latest values, the bottom border shows the steps.
//!
//! It draws on ratatui's canvas, but is not ratatui's `Chart`. That one spreads its labels evenly instead of at round
//! values, has colours but no styles, so that raw values and lines would be equal on a terminal without colours, and
//! cannot write a letter at the end of a line, which identifies it there.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, BorderType, Widget},
};

use super::{
    axis::Axis,
    plot::{Plot, PlotColumn, columns, place, smoothed},
};
use crate::ui::model::curve::MetricCurve;
use crate::ui::term::theme::Theme;
use crate::ui::text;

pub struct Series<'a> {
    pub curve: &'a MetricCurve,
    /// Written at the end of the line, which it identifies without colour.
    pub letter: char,
    pub name: &'a str,
    pub style: Style,
    /// Draw a smoothed line over the faint raw values.
    pub smooth: bool,
}

#[derive(Default)]
pub struct LineChart<'a> {
    pub title: &'a str,
    pub series: Vec<Series<'a>>,
    /// The axis of a probability, with a dotted line at one half.
    pub probability: bool,
    /// Shown while there is nothing to draw.
    pub empty: &'a str,
    /// First and last step; those of all series if `None`.
    pub steps: Option<(u64, u64)>,
    /// Logarithmic scale; values that are not above zero are left out.
    pub logarithmic: bool,
    /// A step that is marked.
    pub cursor: Option<u64>,
    /// How the ends of the axis are written; as steps if `None`.
    pub place: Option<fn(u64) -> String>,
}

/// The border that all panes share.
pub fn bordered<'a>(theme: Theme) -> Block<'a> {
    Block::bordered().border_type(BorderType::Rounded).border_style(theme.faint())
}

impl LineChart<'_> {
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: Theme) {
        let window = self.steps();
        let mut block = bordered(theme).title_top(self.legend(area.width.saturating_sub(2).into(), theme));
        if let Some((first, last)) = window {
            let end = |place| Line::styled(format!(" {} ", self.place.unwrap_or(text::count)(place)), theme.faint());
            block = block.title_bottom(end(first)).title_bottom(end(last).right_aligned());
        }
        let inner = block.inner(area);
        block.render(area, buffer);
        match window {
            Some(steps) if inner.width >= 10 && inner.height >= 2 => self.plot(steps, inner, buffer, theme),
            Some(_) => {}
            None => theme.remark(self.empty, inner.width).render(inner, buffer),
        }
    }

    /// First and last step of all series.
    fn steps(&self) -> Option<(u64, u64)> {
        if let Some((first, last)) = self.steps {
            return self.series.iter().any(|series| !series.curve.is_empty()).then_some((first, last));
        }
        let points = || self.series.iter().flat_map(|series| series.curve.points());
        Some((points().map(|point| point.first).min()?, points().map(|point| point.last).max()?))
    }

    /// Title and latest values, with the names of the series where there is room for them.
    fn legend(&self, width: usize, theme: Theme) -> Line<'static> {
        let build = |with_names: bool, with_title: bool| {
            let mut spans = vec![Span::raw(" ")];
            if with_title {
                spans.push(Span::styled(format!("{} ", theme.translate(self.title)), theme.strong()));
            }
            for series in &self.series {
                let value = if series.smooth { series.curve.newest() } else { series.curve.latest() };
                let value = match value {
                    Some(value) if self.probability => text::probability(value as f32),
                    value => text::optional_loss(value),
                };
                let name = if with_names && !series.name.is_empty() {
                    format!(" {} {}", series.letter, theme.translate(series.name))
                } else {
                    series.letter.into()
                };
                spans.push(Span::styled(format!("{name} {value} "), series.style));
            }
            Line::from(spans)
        };
        let candidates = [build(true, true), build(false, true), build(false, false)];
        candidates.into_iter().find(|line| line.width() <= width).unwrap_or_default()
    }

    fn plot(&self, steps: (u64, u64), inner: Rect, buffer: &mut Buffer, theme: Theme) {
        // The column on the right is for the letters.
        let [_, body, letters] =
            Layout::horizontal([Constraint::Length(5), Constraint::Fill(1), Constraint::Length(1)]).areas(inner);
        let n_columns = 2 * usize::from(body.width);
        let columns = |series: &Series| {
            let columns = columns(series.curve, steps, n_columns);
            if self.logarithmic {
                columns.into_iter().map(|column| column.and_then(PlotColumn::log10)).collect()
            } else {
                columns
            }
        };
        let columns: Vec<Vec<Option<PlotColumn>>> = self.series.iter().map(columns).collect();
        let mut axis = if self.probability { Axis::unit() } else { around(&columns, inner.height) };
        if self.logarithmic {
            axis.name_powers();
        }
        let mut plot = Plot::new(body, (axis.low, axis.high));
        if self.probability {
            plot.level(0.5, theme.faint());
        }
        if let Some(cursor) = self.cursor.filter(|cursor| (steps.0..=steps.1).contains(cursor)) {
            plot.upright(place(cursor, steps, n_columns), theme.strong());
        }
        // Raw values lie behind all smoothed lines.
        for (_, columns) in self.series.iter().zip(&columns).filter(|(series, _)| series.smooth) {
            plot.band(columns, theme.faint());
        }
        let mut ends = Vec::new();
        for (series, columns) in self.series.iter().zip(&columns) {
            let means: Vec<Option<f64>> = columns.iter().map(|column| column.map(|c| c.mean)).collect();
            let line = if series.smooth { smoothed(columns) } else { means };
            plot.line(&line, series.style);
            if let Some(row) = line.iter().flatten().last().and_then(|value| plot.cell_row(*value)) {
                ends.push((row, series));
            }
        }
        plot.render(body, buffer);
        label_ends(ends, letters, buffer);
        label_axis(&axis, &plot, inner, buffer, theme);
    }
}

/// Bounds that leave out the outermost few of a hundred: the fall of the first steps would flatten all that follows.
fn around(columns: &[Vec<Option<PlotColumn>>], height: u16) -> Axis {
    let mut low: Vec<f64> = columns.iter().flatten().flatten().map(|column| column.low).collect();
    let mut high: Vec<f64> = columns.iter().flatten().flatten().map(|column| column.high).collect();
    low.sort_by(f64::total_cmp);
    high.sort_by(f64::total_cmp);
    let bounds = low.get(low.len() / 100).zip(high.get(high.len().saturating_sub(high.len() / 25 + 1)));
    let (low, high) = bounds.map_or((f64::NAN, f64::NAN), |(low, high)| (*low, *high));
    Axis::around(low, high, usize::from(height / 2).clamp(2, 6))
}

/// Writes each letter beside the end of its line, or in the next free row.
fn label_ends(mut ends: Vec<(u16, &Series)>, area: Rect, buffer: &mut Buffer) {
    ends.sort_by_key(|(row, _)| *row);
    let mut free = 0;
    let n_ends = ends.len() as u16;
    for (index, (row, series)) in (0..).zip(ends) {
        // Leaves a row for each of the letters that come after.
        let row = row.max(free).min(area.height.saturating_sub(n_ends - index));
        free = row + 1;
        if row < area.height {
            buffer.set_string(area.x, area.y + row, series.letter.to_string(), series.style);
        }
    }
}

/// Writes the labels in the four columns on the left, top and bottom first, and others where a row lies between.
fn label_axis(axis: &Axis, plot: &Plot, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut taken: Vec<u16> = Vec::new();
    let last = axis.ticks.len().saturating_sub(1);
    for index in std::iter::once(last).chain(0..last) {
        let Some((value, label)) = axis.ticks.get(index) else { continue };
        let Some(row) = plot.cell_row(*value) else { continue };
        if taken.iter().any(|other| other.abs_diff(row) < 2) {
            continue;
        }
        taken.push(row);
        buffer.set_string(area.x, area.y + row, format!("{label:>4.4}"), theme.faint());
    }
}
