//! The newest entries of the log, newest at the bottom.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Shown while a run is new.
const HINT: &str = "? lists the keys, 1 to 6 switch screens";

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut block = bordered(theme).title_top(theme.title("notices"));
    if state.hint_seconds > 0.0 {
        block = block.title_bottom(Line::styled(theme.padded(HINT), theme.strong()));
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    let n_hidden = state.shown().log.len().saturating_sub(inner.height.into());
    for (y, logged) in (inner.y..inner.bottom()).zip(state.shown().log.iter().skip(n_hidden)) {
        let label = format!(" {:>9}  ", text::count(logged.step));
        let room = usize::from(inner.width).saturating_sub(label.len());
        let words = text::fit(&logged.entry.text(theme.lang), room);
        let line = Line::from(vec![Span::styled(label, theme.faint()), Span::raw(words)]);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}

/// The newest entry for the border of another pane, at most `width` columns wide.
pub fn newest(state: &DashboardState, width: usize, theme: Theme) -> Option<Line<'static>> {
    let line = match state.shown().log.back() {
        _ if state.hint_seconds > 0.0 => theme.translate(HINT).to_owned(),
        Some(logged) => format!("{}: {}", text::count(logged.step), logged.entry.text(theme.lang)),
        None => return None,
    };
    let room = width.saturating_sub(2).min(text::columns(&line));
    (room >= 10).then(|| Line::styled(format!(" {} ", text::fit(&line, room)), theme.plain()))
}
