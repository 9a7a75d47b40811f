//! What is shown where the terminal is too small for a screen.

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Says what size `screen` needs at least, in columns and rows, wrapped into the columns that there are.
pub fn draw(screen: &str, (width, height): (u16, u16), area: Rect, buffer: &mut Buffer, theme: Theme) {
    let needs = format!("{} {width}x{height},", theme.translate(screen));
    let is = format!("{} {}x{}.", theme.translate("this is"), area.width, area.height);
    let rows = [needs, is].into_iter().flat_map(|words| text::wrap(&words, usize::from(area.width)));
    for (row, words) in area.rows().zip(rows) {
        Line::raw(words).render(row, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_shows_both_sizes() {
        for (width, height) in [(39, 2), (20, 5), (12, 5)] {
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            draw("The dashboard needs", (40, 12), area, &mut buffer, Theme::COLOURLESS);
            let cells: Vec<&str> = buffer.content().iter().map(|cell| cell.symbol()).collect();
            let rows: Vec<String> = cells.chunks(width.into()).map(|row| row.concat().trim_end().to_owned()).collect();
            let words = rows.join(" ");
            assert_eq!(words.trim_end(), format!("The dashboard needs 40x12, this is {width}x{height}."));
        }
    }
}
