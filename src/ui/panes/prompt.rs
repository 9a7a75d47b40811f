//! The line that is being typed, and the question that waits for an answer, in place of the keys.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{chart::bordered, help::clear};
use crate::ui::{
    palette,
    state::{Connection, Mode, Prompt, Question, State},
    text,
    theme::Theme,
};

const WIDTH: u16 = 62;
/// Columns of a command, and of a command with the name of a setting.
const WORD: usize = 17;
const SETTING: usize = 33;

/// Draws the prompt, if there is one, into the row of the keys, and what can be typed above it. Says whether it did.
pub fn draw(state: &State, row: Rect, buffer: &mut Buffer, theme: Theme) -> bool {
    let (label, line) = match &state.mode {
        Mode::Keys => return false,
        Mode::Confirm(question) => {
            let question = match question {
                Question::Best => "back to the best checkpoint? y: yes, other keys: no (what came after it is lost)",
                Question::Leave => "leave at once, without a checkpoint? y: yes, other keys: wait",
            };
            Line::styled(text::fit(&theme.pad(question), row.width.into()), theme.alert()).render(row, buffer);
            return true;
        }
        Mode::Line(Prompt::Palette, line) => (":".to_owned(), line),
        Mode::Line(Prompt::Note, line) => (format!(" {}: ", theme.say("note")), line),
        Mode::Line(Prompt::Filter, line) => (format!(" {}: ", theme.say("filter")), line),
    };
    let room = usize::from(row.width).saturating_sub(text::columns(&label) + 1);
    // The end of a long line is what is being typed.
    let mut shown = text::clean(line);
    if line.ends_with(' ') {
        shown.push(' ');
    }
    while text::columns(&shown) > room {
        shown.remove(0);
    }
    let typed =
        Line::from(vec![Span::styled(label, theme.strong()), Span::raw(shown), Span::styled("_", theme.strong())]);
    buffer.set_line(row.x, row.y, &typed, row.width);
    if let Mode::Line(Prompt::Palette, line) = &state.mode {
        suggestions((line, state.connection), row, buffer, theme);
    }
    true
}

/// What the line can become, above it.
fn suggestions((line, connection): (&str, Connection), row: Rect, buffer: &mut Buffer, theme: Theme) {
    let rows: Vec<(String, String)> = if line.contains(' ') {
        palette::settings(line).map(|knob| (format!("set {}", knob.name()), palette::bounds(knob, theme))).collect()
    } else {
        let fits = palette::entries(connection).filter(|entry| entry.word.starts_with(line));
        fits.map(|entry| (format!("{} {}", entry.word, entry.rest), theme.say(entry.help).to_owned())).collect()
    };
    let height = (rows.len() as u16 + 2).min(row.y.saturating_sub(buffer.area.y));
    if rows.is_empty() || height < 3 {
        return;
    }
    let area = Rect { x: row.x, y: row.y - height, width: WIDTH.min(row.width), height };
    clear(area, buffer);
    let block = bordered(theme).title_bottom(theme.caption("tab completes, enter does it"));
    let inner = block.inner(area);
    block.render(area, buffer);
    let width = if line.contains(' ') { SETTING } else { WORD };
    for (y, (words, help)) in (inner.y..inner.bottom()).zip(rows) {
        let help = text::fit(&help, usize::from(inner.width).saturating_sub(width + 2));
        let words = Span::styled(format!(" {} ", text::fit(&words, width)), theme.strong());
        buffer.set_line(inner.x, y, &Line::from(vec![words, Span::raw(help)]), inner.width);
    }
}
