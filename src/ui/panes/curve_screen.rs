//! The curves screen: a list of all curves, and a chart of the selected ones with a cursor.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::{LineChart, Series, bordered};
use crate::ui::model::curve::MetricCurve;
use crate::ui::model::curves_view::ShownCurves;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of the list.
const LIST: u16 = 34;
/// Width below which the list is above the chart, and its height there.
const NARROW: u16 = 72;
const LIST_ROWS: u16 = 6;
/// Height below which a narrow screen has no room for a list.
const MIN_FOR_BOTH: u16 = 14;
/// Letters of the lines, by their order on the chart.
const LETTERS: [char; 4] = ['A', 'B', 'C', 'E'];

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if area.height < MIN_FOR_BOTH && area.width < NARROW {
        // The title of the chart names its curves.
        return chart(state, area, buffer, theme);
    }
    let split = if area.width >= NARROW {
        Layout::horizontal([Constraint::Length(LIST), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Length(LIST_ROWS.min(area.height / 2)), Constraint::Fill(1)])
    };
    let [list, chart] = split.areas(area);
    self::list(state, list, buffer, theme);
    self::chart(state, chart, buffer, theme);
}

fn list(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let block = bordered(theme).title_top(theme.title("curves"));
    let inner = block.inner(area);
    block.render(area, buffer);
    let named = state.shown().curves.named();
    let selected = state.curves_view.selected.min(named.len().saturating_sub(1));
    let first = (selected + 1).saturating_sub(inner.height.into());
    for (y, (index, (name, curve))) in (inner.y..inner.bottom()).zip(named.iter().enumerate().skip(first)) {
        let is_kept = state.curves_view.kept.iter().any(|kept| kept == name);
        let (cursor, kept) = (if index == selected { '>' } else { ' ' }, if is_kept { '+' } else { ' ' });
        let value = if state.curves_view.raw { curve.latest() } else { curve.newest() };
        let value = text::number(value.unwrap_or(f64::NAN));
        let room = usize::from(inner.width).saturating_sub(2 + 10);
        let style = if index == selected { theme.strong() } else { theme.plain() };
        let words = format!("{cursor}{kept}{}{value:>9} ", text::fit(&text::clean(theme.translate(name)), room));
        buffer.set_line(inner.x, y, &Line::styled(words, style), inner.width);
    }
}

fn chart(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let view = &state.curves_view;
    let ShownCurves { curves: shown, steps } = view.shown(&state.shown().curves);
    let styles = [theme.generator(), theme.held_out(), theme.discriminator(), theme.gradient()];
    let series = shown.iter().zip(LETTERS).zip(styles).map(|(((name, curve), letter), style)| Series {
        curve,
        letter,
        name,
        style,
        smooth: !view.raw,
    });
    let chart = LineChart {
        title: "",
        series: series.collect(),
        probability: false,
        empty: "no step yet",
        steps: Some(steps),
        logarithmic: view.logarithmic,
        cursor: view.window.cursor,
        ..LineChart::default()
    };
    let [above, below] = Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    chart.draw(above, buffer, theme);
    let modes = [("latest steps", view.window.recent), ("log scale", view.logarithmic), ("raw", view.raw)];
    read_out(&shown, view.window.cursor, &modes, below, buffer, theme);
}

/// The values at the cursor.
fn read_out(
    shown: &[(&str, &MetricCurve)],
    cursor: Option<u64>,
    modes: &[(&str, bool)],
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) {
    let scale: String = modes.iter().filter(|(_, on)| *on).map(|(word, _)| theme.padded(word)).collect();
    let mut spans = vec![Span::styled(format!("{scale} "), theme.faint())];
    if let Some(step) = cursor {
        spans.push(Span::styled(format!("{} {}: ", theme.translate("step"), text::count(step)), theme.strong()));
        // The values come first, since the row may be too short for the names.
        for ((_, curve), letter) in shown.iter().zip(LETTERS) {
            let value = curve.at(step).map_or("-".to_owned(), text::number);
            spans.push(Span::raw(format!("{letter} {value}  ")));
        }
        for ((name, _), letter) in shown.iter().zip(LETTERS) {
            spans.push(Span::styled(format!(" {letter} {}", text::clean(theme.translate(name))), theme.faint()));
        }
    } else {
        spans.push(Span::styled(theme.translate("left and right move a cursor"), theme.faint()));
    }
    let whole: String = spans.iter().map(|span| span.content.as_ref()).collect();
    if text::columns(&whole) > area.width.into() {
        spans = vec![Span::raw(text::fit(&whole, area.width.into()))];
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
}
