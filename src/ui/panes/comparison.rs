//! The screen that compares runs: a list of the numbers, a chart with a line for each run, and a table of the runs.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::{LineChart, Series, bordered};
use super::{help, keybar};
use crate::ui::control::comparison::COMPARISON;
use crate::ui::model::comparison::{ChartAxis, ComparedRun, PER_SECOND, RunComparison};
use crate::ui::model::curve::MetricCurve;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of the list, and the width below which there is no list.
const LIST: u16 = 24;
const LIST_FROM: u16 = 72;
/// Letters of the runs.
const LETTERS: [char; 6] = ['A', 'B', 'C', 'D', 'E', 'F'];
/// Columns of a number in the table.
const NUMBER: usize = 11;

/// Draws a frame and returns how many rows of the help do not fit.
pub fn draw(frame: &mut Frame, runs: &RunComparison, theme: Theme) -> usize {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    let of_table = (runs.runs.len() as u16 + 1).min(area.height / 2);
    let [top, body, table, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(of_table),
        Constraint::Length(1),
    ])
    .areas(area);
    let names = runs.names();
    let selected = runs.selected(&names);
    let name = names.get(selected).copied().unwrap_or("");
    title(runs, top, buffer, theme);
    let of_list = if area.width >= LIST_FROM { LIST } else { 0 };
    let [list, chart] = Layout::horizontal([Constraint::Length(of_list), Constraint::Fill(1)]).areas(body);
    if of_list > 0 {
        self::list(&names, selected, list, buffer, theme);
    }
    let curves = runs.curves(name);
    self::chart(runs, name, &curves, chart, buffer, theme);
    self::table(runs, name, &curves, table, buffer, theme);
    keybar::row(COMPARISON.iter().map(|binding| (binding.label, binding.hint)), keys, buffer, theme);
    let mut hidden = 0;
    if runs.help {
        let rows = COMPARISON.iter().map(|binding| (binding.label, binding.help));
        hidden = help::overlay(theme.translate("several runs"), rows, runs.help_scroll, area, buffer, theme);
    }
    theme.glyphs.reduce(buffer);
    hidden
}

fn title(runs: &RunComparison, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let axis = if runs.axis == ChartAxis::Steps { "over steps" } else { "over training time" };
    let modes = [("latest steps", runs.window.recent), ("log scale", runs.logarithmic), ("raw", runs.raw)];
    let modes: String = modes.iter().filter(|(_, on)| *on).map(|(word, _)| theme.padded(word)).collect();
    let words = format!(" {}  {modes}", theme.translate(axis));
    Line::from(vec![Span::styled(" poetgan ", theme.strong()), Span::styled(words, theme.faint())])
        .render(area, buffer);
}

fn list(names: &[&str], selected: usize, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let block = bordered(theme).title_top(theme.title("curves"));
    let inner = block.inner(area);
    block.render(area, buffer);
    let first = (selected + 1).saturating_sub(inner.height.into());
    for (y, (index, name)) in (inner.y..inner.bottom()).zip(names.iter().enumerate().skip(first)) {
        let (cursor, style) = if index == selected { ('>', theme.strong()) } else { (' ', theme.plain()) };
        let room = usize::from(inner.width).saturating_sub(2);
        let words = format!("{cursor} {}", text::fit(&text::clean(theme.translate(name)), room));
        buffer.set_line(inner.x, y, &Line::styled(words, style), inner.width);
    }
}

fn chart(runs: &RunComparison, name: &str, curves: &[MetricCurve], area: Rect, buffer: &mut Buffer, theme: Theme) {
    let series = curves.iter().zip(LETTERS).enumerate().map(|(index, (curve, letter))| Series {
        curve,
        letter,
        // The table has the names.
        name: "",
        style: theme.run(index),
        smooth: !runs.raw,
    });
    LineChart {
        title: name,
        series: series.collect(),
        empty: "no step yet",
        steps: Some(runs.window.shown(runs.whole())),
        logarithmic: runs.logarithmic,
        cursor: runs.window.cursor,
        place: (runs.axis == ChartAxis::Time).then_some(time),
        ..LineChart::default()
    }
    .draw(area, buffer, theme);
}

/// A place of the axis of time.
fn time(place: u64) -> String {
    text::clock(place as f32 / PER_SECOND as f32)
}

/// A row for each run: its letter and name, how far it is, and the latest value and that at the cursor.
fn table(runs: &RunComparison, name: &str, curves: &[MetricCurve], area: Rect, buffer: &mut Buffer, theme: Theme) {
    let cursor = runs.window.cursor;
    let at = cursor.map(|place| match runs.axis {
        ChartAxis::Steps => format!("{} {}", theme.translate("at"), text::count(place)),
        ChartAxis::Time => format!("{} {}", theme.translate("at"), time(place)),
    });
    let heads = ["steps done", "time", "now"].map(|head| theme.translate(head).to_owned());
    let heads: Vec<String> = heads.into_iter().chain(at).collect();
    let room = usize::from(area.width).saturating_sub(3 + heads.len() * NUMBER);
    let heads: String = heads.iter().map(|head| text::right(head, NUMBER)).collect();
    let head = format!("   {}{heads}", " ".repeat(room));
    let mut rows = area.rows();
    if let Some(row) = rows.next() {
        Line::styled(head, theme.faint()).render(row, buffer);
    }
    for ((index, run), row) in runs.runs.iter().enumerate().zip(rows) {
        let curve = curves.get(index).filter(|_| run.curve(name).is_some());
        let value = |value: Option<f64>| text::right(&value.map_or("-".to_owned(), text::number), NUMBER);
        let mut numbers = progress(run);
        numbers += &value(curve.and_then(MetricCurve::newest));
        if let Some(cursor) = cursor {
            numbers += &value(curve.and_then(|curve| curve.at(cursor)));
        }
        let letter = LETTERS.get(index).copied().unwrap_or(' ');
        let label = format!(" {letter} {}", text::fit(&text::clean(&run.name), room));
        Line::from(vec![Span::styled(label, theme.run(index)), Span::raw(numbers)]).render(row, buffer);
    }
}

/// How far a run is, and how long it has trained.
fn progress(run: &ComparedRun) -> String {
    let Some(record) = &run.model.latest else { return text::right("-", NUMBER).repeat(2) };
    // A run that nobody trains has no sign.
    let sign = if run.is_idle { ' ' } else { '>' };
    let share = text::right(&format!("{sign} {}", text::count(record.step)), NUMBER);
    share + &text::right(&text::clock(record.elapsed_s), NUMBER)
}
