//! What a person should know, newest at the bottom.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::model::state::State;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// For those who begin.
const HINT: &str = "? shows all keys, 1 to 6 the screens";

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut block = bordered(theme).title_top(theme.title("notices"));
    if state.hint_seconds > 0.0 {
        block = block.title_bottom(Line::styled(theme.pad(HINT), theme.strong()));
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    let n_hidden = state.notices.len().saturating_sub(inner.height.into());
    for (y, (step, notice)) in (inner.y..inner.bottom()).zip(state.notices.iter().skip(n_hidden)) {
        let label = format!(" {:>9}  ", text::count(*step));
        let room = usize::from(inner.width).saturating_sub(label.len());
        let line =
            Line::from(vec![Span::styled(label, theme.faint()), Span::raw(text::fit(&theme.tell(notice), room))]);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}

/// The newest notice for the border of another pane, at most `width` columns wide.
pub fn newest(state: &State, width: usize, theme: Theme) -> Option<Line<'static>> {
    let line = match state.notices.back() {
        _ if state.hint_seconds > 0.0 => theme.say(HINT).to_owned(),
        Some((step, notice)) => format!("{}: {}", text::count(*step), theme.tell(notice)),
        None => return None,
    };
    let room = width.saturating_sub(2).min(text::columns(&line));
    (room >= 10).then(|| Line::styled(format!(" {} ", text::fit(&line, room)), theme.plain()))
}
