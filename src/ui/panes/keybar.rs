//! The line at the bottom: as many keys as fit, or what is going on while the run ends.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::{
    keys,
    state::{Connection, State, Status},
    text,
    theme::Theme,
};

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if let Some((message, _)) = &state.message {
        let words = text::fit(&theme.pad(message), area.width.into());
        return Line::styled(words, theme.strong()).render(area, buffer);
    }
    if state.connection != Connection::Trainer {
        return hints(state, area, buffer, theme);
    }
    let message = match &state.status {
        Status::Stopping => theme.pad("finishing the step, writing a checkpoint   q or Ctrl-C: leave at once"),
        Status::Finished(reason) => format!(" {}: {}", theme.say("finished"), text::clean(theme.say(reason))),
        Status::Failed(message) => format!(" {}: {}", theme.say("failed"), text::clean(message)),
        _ => return hints(state, area, buffer, theme),
    };
    Line::styled(text::fit(&message, area.width.into()), theme.alert()).render(area, buffer);
}

fn hints(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut spans = Vec::new();
    let mut used = 0;
    for binding in keys::rows(state.screen).filter(|binding| !binding.hint.is_empty()) {
        let paused = matches!(state.status, Status::Paused | Status::Pausing);
        let hint = if paused && binding.hint == "pause" { "resume" } else { binding.hint };
        let gap = if area.width < 100 { 2 } else { 3 };
        let label = format!("{}{}", " ".repeat(if used == 0 { 1 } else { gap }), binding.label);
        let hint = format!(" {}", theme.say(hint));
        used += text::columns(&label) + text::columns(&hint);
        if used > area.width.into() {
            break;
        }
        spans.extend([Span::styled(label, theme.strong()), Span::styled(hint, theme.faint())]);
    }
    Line::from(spans).render(area, buffer);
}
