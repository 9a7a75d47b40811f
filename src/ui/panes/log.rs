//! The screen of the log: everything that happened, and the settings of the run.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::model::alarms::alarms;
use crate::ui::model::state::State;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Width from which log and settings stand side by side.
const WIDE: u16 = 100;

/// Height below which a narrow screen has room for the log only.
const LEAST_FOR_BOTH: u16 = 14;
/// Columns of the step before each entry.
const LABEL: usize = 12;

/// Draws the screen, and says how many rows the log had, of how many.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) -> (usize, usize) {
    let alarms = alarms(state);
    let width = usize::from(area.width).saturating_sub(1);
    // A single one stands on top of every screen.
    let told = alarms.iter().filter(|_| alarms.len() > 1).flat_map(|alarm| text::wrap(&alarm.told(theme), width));
    let told: Vec<String> = told.collect();
    let [troubles, area] = Layout::vertical([Constraint::Max(told.len() as u16), Constraint::Fill(1)]).areas(area);
    for (row, words) in troubles.rows().zip(told) {
        Line::styled(text::fit(&format!(" {words}"), row.width.into()), theme.alert()).render(row, buffer);
    }
    if area.width < WIDE && area.height < LEAST_FOR_BOTH {
        return events(state, area, buffer, theme);
    }
    let split = if area.width >= WIDE {
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)])
    } else {
        Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)])
    };
    let [log, settings] = split.areas(area);
    self::settings(state, settings, buffer, theme);
    events(state, log, buffer, theme)
}

fn events(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) -> (usize, usize) {
    let block = bordered(theme).title_top(theme.title("log"));
    let inner = block.inner(area);
    let lines: Vec<Line> = state.notices.iter().flat_map(|notice| entry(notice, inner.width.into(), theme)).collect();
    let rows = usize::from(inner.height);
    let last = lines.len().saturating_sub(state.log_back.min(lines.len().saturating_sub(rows)));
    let first = last.saturating_sub(rows);
    let place = format!(" {}-{last} {} {} ", first + 1, theme.say("of"), lines.len());
    let place = Line::styled(place, theme.faint()).right_aligned();
    if lines.len() > rows { block.title_top(place) } else { block }.render(area, buffer);
    for (y, line) in (inner.y..inner.bottom()).zip(&lines[first..last]) {
        buffer.set_line(inner.x, y, line, inner.width);
    }
    (rows, lines.len())
}

/// An entry in as many rows as it needs.
fn entry((step, notice): &(u64, String), width: usize, theme: Theme) -> Vec<Line<'static>> {
    let rows = text::wrap(&theme.tell(notice), width.saturating_sub(LABEL + 1));
    let line = |(index, row): (usize, String)| {
        let label = if index == 0 { format!(" {:>9}  ", text::count(*step)) } else { " ".repeat(LABEL) };
        Line::from(vec![Span::styled(label, theme.faint()), Span::raw(row)])
    };
    rows.into_iter().enumerate().map(line).collect()
}

fn settings(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let block = bordered(theme).title_top(theme.title("settings at the start"));
    let inner = block.inner(area);
    block.render(area, buffer);
    let about = [format!("# corpus: {}", state.run.corpus), format!("# model: {}", state.run.model)];
    let settings = state.run.settings.iter().map(|(key, value)| format!("{key} = {value}"));
    let lines = about.into_iter().chain(settings);
    for (y, line) in (inner.y..inner.bottom()).zip(lines.skip(state.settings_scroll)) {
        let is_heading = line.starts_with(['[', '#']);
        let style = if is_heading { theme.faint() } else { theme.plain() };
        let line = text::fit(&text::clean(&line), usize::from(inner.width).saturating_sub(1));
        buffer.set_line(inner.x + 1, y, &Line::styled(line, style), inner.width.saturating_sub(1));
    }
}
