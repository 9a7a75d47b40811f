//! The line that is being typed, and the question that waits for an answer, in place of the keys.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::{chart::bordered, help::clear};
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::control::palette;
use crate::ui::model::state::{Mode, Prompt, Question, State};
use crate::ui::term::theme::Theme;
use crate::ui::text;

const WIDTH: u16 = 62;
/// Columns of a command at least.
const WORD: usize = 17;

/// Draws the prompt, if there is one, into the row of the keys, and what can be typed above it. Says whether it did.
pub fn draw(state: &State, row: Rect, buffer: &mut Buffer, theme: Theme) -> bool {
    let (label, line) = match &state.mode {
        Mode::Keys => return false,
        Mode::Confirm(question) => {
            ask(&theme.tell(&self::question(*question, state)), row, buffer, theme);
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
        suggestions(line, state, row, buffer, theme);
    }
    true
}

/// What a question asks, and what is lost with a yes.
fn question(question: Question, state: &State) -> String {
    let facts = state.now_live();
    match (question, facts.best, facts.saved) {
        (Question::Best, Some(best), _) => {
            format!(
                "back to step {}, the best checkpoint? What both models learned after it is lost.",
                text::count(best)
            )
        }
        (Question::Best, None, _) => {
            "back to the best checkpoint? What both models learned after it is lost.".to_owned()
        }
        (Question::Leave, _, Some(saved)) => {
            format!("leave at once? What both models learned after step {} is lost.", text::count(saved))
        }
        (Question::Leave, _, None) => "leave at once? There is no checkpoint: all is lost.".to_owned(),
    }
}

/// A question in as many rows as it needs, and the answers below it.
fn ask(question: &str, row: Rect, buffer: &mut Buffer, theme: Theme) {
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
    let answers = text::fit(&theme.pad("y: yes   other keys: no"), row.width.into());
    Line::styled(answers, theme.alert()).render(row, buffer);
}

/// What the line can become, above it.
fn suggestions(line: &str, state: &State, row: Rect, buffer: &mut Buffer, theme: Theme) {
    let rows: Vec<(String, String)> = if line.contains(' ') {
        let setting = |setting: RuntimeSetting| {
            (format!("set {}", setting.name()), bounds(setting, state.now_live().settings.get(setting), theme))
        };
        palette::settings(line).map(setting).collect()
    } else {
        let fits = palette::entries(state.connection).filter(|entry| entry.word.starts_with(line));
        fits.map(|entry| (format!("{} {}", entry.word, entry.rest), theme.say(entry.help).to_owned())).collect()
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
    let block = bordered(theme).title_bottom(theme.caption("tab completes, enter does it"));
    let inner = block.inner(area);
    block.render(area, buffer);
    for (y, line) in (inner.y..inner.bottom()).zip(lines) {
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}

/// What a setting is now, and between which numbers it can be.
fn bounds(setting: RuntimeSetting, now: Option<f32>, theme: Theme) -> String {
    let (low, high) = setting.range();
    let now = now.map_or(String::new(), |now| format!("{now}; "));
    format!("{now}{low} {} {high}", theme.say("to"))
}
