//! The line at the bottom: as many keys as fit, or what is going on while the run ends.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::control::keys;
use crate::ui::model::state::{Connection, State, Status};
use crate::ui::term::theme::Theme;
use crate::ui::text;

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if let Some((message, _)) = &state.message {
        let words = text::fit(&format!(" {}", theme.tell(message)), area.width.into());
        return Line::styled(words, theme.strong()).render(area, buffer);
    }
    if state.connection != Connection::Trainer {
        return hints(state, area, buffer, theme);
    }
    let message = match &state.status {
        Status::Stopping => theme.pad("finishing the step, writing a checkpoint   q: leave at once (asks first)"),
        Status::Finished(reason) => format!(" {}: {}", theme.say(state.ending()), text::clean(theme.say(reason))),
        Status::Failed(message) => format!(" {}: {}", theme.say("failed"), text::clean(message)),
        _ => return hints(state, area, buffer, theme),
    };
    Line::styled(text::fit(&message, area.width.into()), theme.alert()).render(area, buffer);
}

fn hints(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (mut spans, mut used) = (Vec::new(), 0);
    let waits = match &state.playback {
        Some(playback) => !playback.playing,
        None => matches!(state.status, Status::Paused | Status::Pausing),
    };
    let go_on = if state.playback.is_some() { "play" } else { "resume" };
    for binding in keys::rows(state.screen, state.connection).filter(|binding| !binding.hint.is_empty()) {
        let hint = if waits && binding.hint == "pause" { go_on } else { binding.hint };
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
