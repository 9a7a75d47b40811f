//! The line that is being typed, or the question that waits for an answer, in place of the keys.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{chart::bordered, help::clear};
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::control::palette;
use crate::ui::model::state::{DashboardState, Mode, Prompt};
use crate::ui::term::theme::Theme;
use crate::ui::text;

const WIDTH: u16 = 62;
/// Minimum columns of a command.
const WORD: usize = 17;

/// Draws the prompt, if there is one, into the row of the keys, and the completions above it. Returns whether it did.
pub fn draw(state: &DashboardState, row: Rect, buffer: &mut Buffer, theme: Theme) -> bool {
    let (label, line) = match &state.mode {
        Mode::Keys => return false,
        Mode::Confirm(question) => {
            draw_question(&question.text(state.live(), theme.lang), row, buffer, theme);
            return true;
        }
        Mode::Line(Prompt::Palette, line) => (":".to_owned(), line),
        Mode::Line(Prompt::Note, line) => (format!(" {}: ", theme.translate("note")), line),
        Mode::Line(Prompt::Filter, line) => (format!(" {}: ", theme.translate("filter")), line),
    };
    let room = usize::from(row.width).saturating_sub(text::columns(&label) + 1);
    // Of a long line the end is shown.
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
        completions(line, state, row, buffer, theme);
    }
    true
}

/// A question in as many rows as it needs, and the answers below it.
fn draw_question(question: &str, row: Rect, buffer: &mut Buffer, theme: Theme) {
    let rows = text::wrap(question, usize::from(WIDTH.min(row.width)).saturating_sub(4));
    let height = (rows.len() as u16 + 2).min(row.y.saturating_sub(buffer.area.y));
    let area = Rect { x: row.x, y: row.y - height, width: WIDTH.min(row.width), height };
    clear(area, buffer);
    let block = bordered(theme);
    let inner = block.inner(area);
    block.render(area, buffer);
    for (y, words) in (inner.y..inner.bottom()).zip(rows) {
        buffer.set_line(inner.x, y, &Line::styled(format!(" {words}"), theme.strong()), inner.width);
    }
    let answers = text::fit(&theme.padded("y: yes   other keys: no"), row.width.into());
    Line::styled(answers, theme.alert()).render(row, buffer);
}

/// The completions of the line, above it.
fn completions(line: &str, state: &DashboardState, row: Rect, buffer: &mut Buffer, theme: Theme) {
    let rows: Vec<(String, String)> = if line.contains(' ') {
        let setting = |setting: RuntimeSetting| {
            (format!("set {}", setting.name()), bounds(setting, state.live().settings.get(setting), theme))
        };
        palette::settings(line).map(setting).collect()
    } else {
        let fits = palette::commands(state.connection).filter(|command| command.word.starts_with(line));
        fits.map(|command| {
            let words = format!("{} {}", command.word, theme.translate(command.argument));
            (words, theme.translate(command.help).to_owned())
        })
        .collect()
    };
    let room = usize::from(WIDTH.min(row.width)).saturating_sub(4);
    let width = rows.iter().map(|(words, _)| text::columns(words)).max().unwrap_or(0).max(WORD);
    let line = |(words, help): &(String, String)| {
        let words = Span::styled(format!(" {}", text::fit(words, width.min(room))), theme.strong());
        if width + 2 + text::columns(help) <= room {
            return vec![Line::from(vec![words, Span::raw(format!("  {help}"))])];
        }
        vec![Line::from(words), Line::raw(format!("   {}", text::fit(help, room.saturating_sub(2))))]
    };
    let lines: Vec<Line> = rows.iter().flat_map(line).collect();
    let height = (lines.len() as u16 + 2).min(row.y.saturating_sub(buffer.area.y));
    if rows.is_empty() || height < 3 {
        return;
    }
    let area = Rect { x: row.x, y: row.y - height, width: WIDTH.min(row.width), height };
    clear(area, buffer);
    let block = bordered(theme).title_bottom(theme.caption("tab completes, enter runs it"));
    let inner = block.inner(area);
    block.render(area, buffer);
    for (y, line) in (inner.y..inner.bottom()).zip(lines) {
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}

/// The value of a setting, and its range.
fn bounds(setting: RuntimeSetting, now: Option<f32>, theme: Theme) -> String {
    let (low, high) = setting.range();
    let now = now.map_or(String::new(), |now| format!("{now}; "));
    format!("{now}{low} {} {high}", theme.translate("to"))
}
