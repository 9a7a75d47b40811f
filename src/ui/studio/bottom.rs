//! The rows below the panes: the command of the selected poem, and the keys, a reply, or what is being typed.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::editor::LineEditor;
use super::form_pane;
use super::full_command;
use super::keys;
use super::state::{StudioMode, StudioPrompt, StudioState};
use crate::ui::panes::keybar;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// The command of the selected poem; while a field is filled in, what it does.
pub fn command(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let room = usize::from(area.width).saturating_sub(2);
    let help = match &state.mode {
        StudioMode::Typing(StudioPrompt::Field(row), _) => state.setup.fields.get(row.field).map(|field| &field.help),
        _ => None,
    };
    let words = state.candidates.selected().map_or(&[][..], |poem| &poem.command);
    let rows = help.map_or_else(|| full_command::rows(words, room), |help| text::wrap(help, room));
    let height = usize::from(area.height);
    for (y, (index, row)) in (area.y..area.bottom()).zip(rows.iter().enumerate()) {
        // Of a long one the beginning is shown, and that it goes on.
        let is_cut = index + 1 == height && rows.len() > height;
        let row =
            if is_cut { format!("{} ..", text::fit(row, room.saturating_sub(3)).trim_end()) } else { row.clone() };
        let mark = if index == 0 && help.is_none() && !words.is_empty() { "$ " } else { "  " };
        let spans = vec![Span::styled(mark, theme.faint()), Span::raw(row)];
        buffer.set_line(area.x, y, &Line::from(spans), area.width);
    }
}

/// What is being typed, a reply to the last key, or the keys.
pub fn keys(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if let StudioMode::Typing(prompt, editor) = &state.mode {
        let label = match prompt {
            StudioPrompt::Field(row) => form_pane::label(state, *row, theme),
            StudioPrompt::Line(number) => format!("{} {number}", theme.translate("line")),
            StudioPrompt::Export => theme.translate("file").to_owned(),
        };
        let line = typed(&format!(" {label}: "), editor, area.width.into(), theme);
        buffer.set_line(area.x, area.y, &line, area.width);
        return;
    }
    match &state.message {
        Some(message) => {
            let style = if message.is_failure() { theme.alert() } else { theme.strong() };
            let words = text::fit(&format!(" {}", text::clean(&message.text(theme.lang))), area.width.into());
            buffer.set_line(area.x, area.y, &Line::styled(words, style), area.width);
        }
        None => keybar::row(keys::bindings().map(|row| (row.label, row.hint)), area, buffer, theme),
    }
}

/// A label and the part of a line around its cursor, which is on the next character.
fn typed(label: &str, editor: &LineEditor, width: usize, theme: Theme) -> Line<'static> {
    let [before, after] = editor.parts();
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let mut before: Vec<char> = before.chars().map(visible).collect();
    let mut after = after.chars().map(visible);
    let cursor = after.next().unwrap_or(' ').to_string();
    let room = width.saturating_sub(text::columns(label) + text::columns(&cursor).max(1));
    let columns = |part: &[char]| text::columns(&part.iter().collect::<String>());
    while columns(&before) > room {
        before.remove(0);
    }
    let left = room - columns(&before);
    let rest: String = after.collect();
    Line::from(vec![
        Span::styled(label.to_owned(), theme.strong()),
        Span::raw(before.into_iter().collect::<String>()),
        Span::styled(cursor, theme.chosen()),
        Span::raw(text::fit(&rest, left)),
    ])
}
