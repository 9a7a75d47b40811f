//! The bottom row: as many keys as fit, a reply, or how the run ends.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::control::keys;
use crate::ui::model::connection::Connection;
use crate::ui::model::run_model::Status;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text::{self, notices};

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if let Some(message) = &state.message {
        let words = text::fit(&format!(" {}", message.entry.text(theme.lang)), area.width.into());
        return Line::styled(words, theme.strong()).render(area, buffer);
    }
    if state.connection != Connection::Trainer {
        return hints(state, area, buffer, theme);
    }
    let message = match &state.shown().status {
        Status::Stopping => theme.padded("finishing the step, writing a checkpoint   q: quit now (asks first)"),
        Status::Finished(reason) => {
            let reason = notices::finish_reason(*reason, theme.lang);
            let quit = if state.stays_open() { theme.translate("   q: quit, 1 to 6: look around") } else { "" };
            format!(" {}: {reason}{quit}", theme.translate(state.shown().ending()))
        }
        Status::Failed(message) => format!(" {}: {}", theme.translate("failed"), text::clean(message)),
        _ => return hints(state, area, buffer, theme),
    };
    Line::styled(text::fit(&message, area.width.into()), theme.alert()).render(area, buffer);
}

fn hints(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let waits = match &state.playback {
        Some(playback) => !playback.playing,
        None => matches!(state.shown().status, Status::Paused | Status::Pausing),
    };
    let resume = if state.playback.is_some() { "play" } else { "resume" };
    let hint = |hint| if waits && hint == "pause" { resume } else { hint };
    let rows = keys::rows(state.screen, state.connection).map(|binding| (binding.label, hint(binding.hint)));
    row(rows, area, buffer, theme);
}

/// Draws as many keys with their hints as fit; those without a hint are left out.
pub fn row(keys: impl Iterator<Item = (&'static str, &'static str)>, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (mut spans, mut used) = (Vec::new(), 0);
    for (label, hint) in keys.filter(|(_, hint)| !hint.is_empty()) {
        let gap = if area.width < 100 { 2 } else { 3 };
        let label = format!("{}{label}", " ".repeat(if used == 0 { 1 } else { gap }));
        let hint = format!(" {}", theme.translate(hint));
        used += text::columns(&label) + text::columns(&hint);
        if used > area.width.into() {
            break;
        }
        spans.extend([Span::styled(label, theme.strong()), Span::styled(hint, theme.faint())]);
    }
    Line::from(spans).render(area, buffer);
}
