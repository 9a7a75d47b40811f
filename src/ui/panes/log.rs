//! The screen of the log: everything that happened, and the settings of the run.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::{state::State, text, theme::Theme};

/// Width from which log and settings stand side by side.
const WIDE: u16 = 100;

/// Draws the screen, and says how many rows the log had.
pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) -> usize {
    let split = if area.width >= WIDE {
        Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)])
    } else {
        Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)])
    };
    let [log, settings] = split.areas(area);
    self::settings(state, settings, buffer, theme);
    events(state, log, buffer, theme)
}

fn events(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) -> usize {
    let rows = usize::from(area.height.saturating_sub(2));
    let last = state.notices.len().saturating_sub(state.log_back);
    let first = last.saturating_sub(rows);
    let mut block = bordered(theme).title_top(theme.title("log"));
    if state.notices.len() > rows {
        let place = format!(" {}-{last} {} {} ", first + 1, theme.say("of"), state.notices.len());
        block = block.title_top(Line::styled(place, theme.faint()).right_aligned());
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    for (y, (step, notice)) in (inner.y..inner.bottom()).zip(state.notices.range(first..last)) {
        let label = format!(" {:>9}  ", text::count(*step));
        let room = usize::from(inner.width).saturating_sub(label.len());
        let line = Line::from(vec![Span::styled(label, theme.faint()), Span::raw(text::fit(theme.say(notice), room))]);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
    rows
}

fn settings(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let block = bordered(theme).title_top(theme.title("settings at the start"));
    let inner = block.inner(area);
    block.render(area, buffer);
    let about = [format!("# corpus: {}", state.run.corpus), format!("# model: {}", state.run.model)];
    let lines = about.iter().map(String::as_str).chain(state.run.config.lines());
    for (y, line) in (inner.y..inner.bottom()).zip(lines.skip(state.settings_scroll)) {
        let is_heading = line.starts_with(['[', '#']);
        let style = if is_heading { theme.faint() } else { theme.plain() };
        let line = text::fit(&text::clean(line), usize::from(inner.width).saturating_sub(1));
        buffer.set_line(inner.x + 1, y, &Line::styled(line, style), inner.width.saturating_sub(1));
    }
}
