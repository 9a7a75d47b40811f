//! The box with the caption of the tour.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::model::chapters::{CHAPTERS, NEXT_COMMANDS};
use crate::ui::model::tour::Tour;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Height of the terminal from which the box has a border.
const BORDER_FROM: u16 = 18;
/// Least rows of text, so that the box keeps its height from chapter to chapter.
const MIN_ROWS: usize = 2;
/// Columns of a command and the space after it.
const COMMAND: usize = 30;

/// Rows that the caption takes in a terminal of `area`.
pub fn height(tour: Tour, area: Rect, theme: Theme) -> u16 {
    let rows = rows(tour, area, theme).len().max(MIN_ROWS) as u16;
    (rows + border(area)).min(area.height / 2)
}

/// Draws the caption into the part `place` of the terminal `area`.
pub fn draw(tour: Tour, place: Rect, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut inner = place;
    if border(area) > 0 {
        let title = format!(" {} {}/{} ", theme.translate("tour"), tour.index + 1, CHAPTERS.len());
        let block = bordered(theme).border_style(theme.strong()).title_top(Line::styled(title, theme.strong()));
        inner = block.inner(place);
        block.render(place, buffer);
    }
    for (y, row) in (inner.y..inner.bottom()).zip(rows(tour, area, theme)) {
        buffer.set_line(inner.x, y, &row, inner.width);
    }
}

/// Rows of the border.
fn border(area: Rect) -> u16 {
    if area.height >= BORDER_FROM { 2 } else { 0 }
}

fn rows(tour: Tour, area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let width = usize::from(area.width).saturating_sub(4);
    let chapter = tour.chapter();
    let words = theme.lang.pick(chapter.english, chapter.chinese);
    let mut rows: Vec<Line> = text::wrap(words, width).into_iter().map(|row| Line::raw(format!(" {row}"))).collect();
    if tour.is_at_end() {
        rows.extend(NEXT_COMMANDS.iter().map(|(command, meaning)| {
            let command = Span::styled(format!(" {}", text::fit(command, COMMAND)), theme.strong());
            Line::from(vec![command, Span::styled(theme.translate(meaning).to_owned(), theme.faint())])
        }));
    }
    rows
}
