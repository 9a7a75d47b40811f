//! The command that prints the selected poem, broken into rows that a shell reads as one line.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::state::StudioState;
use crate::ui::panes::help::clear;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Draws the command over the whole area, without a border, so that it can be copied.
pub fn draw(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    clear(area, buffer);
    let words = state.candidates.selected().map_or(&[][..], |poem| &poem.command);
    let title = theme.translate("this command prints the poem; any key closes");
    let mut lines = vec![Line::styled(text::fit(title, area.width.into()), theme.faint()), Line::default()];
    lines.extend(rows(words, area.width.into()).into_iter().map(Line::raw));
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        buffer.set_line(area.x, y, line, area.width);
    }
}

/// The words in rows of at most `width` columns; all but the last end with a backslash, which joins them. A longer word has
/// rows of its own.
pub fn rows(words: &[String], width: usize) -> Vec<String> {
    let (mut rows, mut row) = (Vec::new(), String::new());
    for word in words {
        if row.is_empty() {
            row.push_str(word);
        } else if text::columns(&row) + 1 + text::columns(word) + 2 <= width {
            row.push(' ');
            row.push_str(word);
        } else {
            row.push_str(" \\");
            rows.push(std::mem::replace(&mut row, word.clone()));
        }
    }
    rows.push(row);
    rows.into_iter().flat_map(|row| cut(&row, width)).collect()
}

/// A row in pieces of at most `width` columns.
fn cut(row: &str, width: usize) -> Vec<String> {
    let (mut pieces, mut piece, mut used) = (Vec::new(), String::new(), 0);
    for character in row.chars() {
        let columns = text::columns(character.encode_utf8(&mut [0; 4]));
        if used + columns > width && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
            used = 0;
        }
        piece.push(character);
        used += columns;
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_joined_by_a_shell() {
        let words = ["poetgan", "write", "--line", "2=白日依山尽", "--start", "'a b'"].map(String::from);
        assert_eq!(rows(&words, 80), ["poetgan write --line 2=白日依山尽 --start 'a b'"]);
        assert_eq!(rows(&words, 24), ["poetgan write --line \\", "2=白日依山尽 --start \\", "'a b'"]);
        assert_eq!(rows(&["白日依山尽".to_owned()], 5), ["白日", "依山", "尽"]);
        assert_eq!(rows(&[], 5), [""]);
    }
}
