//! The help: what the screen shows, and its keys.

use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::{Constraint, Flex, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use super::legend::legend;
use crate::ui::control::keys;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

const WIDTH: u16 = 66;
/// Columns of the widest character.
const WIDEST: u16 = 3;

/// Draws the help and returns how many of its rows do not fit.
pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> usize {
    let keys = keys::rows(state.screen, state.connection).map(|binding| (binding.label, binding.help));
    let legend = legend(state.screen);
    let gap = (!legend.is_empty()).then_some(("", ""));
    let rows = legend.iter().copied().chain(gap).chain(keys);
    overlay(theme.translate(state.screen.name()), rows, state.help_scroll, area, buffer, theme)
}

/// Draws a help for `what` with labels and their meanings, from row `scroll` on. Returns how many rows do not fit.
pub fn overlay(
    what: &str,
    rows: impl Iterator<Item = (&'static str, &'static str)>,
    scroll: usize,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
) -> usize {
    let width = WIDTH.min(area.width).saturating_sub(2).into();
    let rows: Vec<Line> = rows.flat_map(|row| wrapped(row, width, theme)).collect();
    let [area] = Layout::vertical([Constraint::Length(rows.len() as u16 + 2)]).flex(Flex::Center).areas(area);
    let [area] = Layout::horizontal([Constraint::Length(WIDTH)]).flex(Flex::Center).areas(area);
    clear(area, buffer);
    let mut block = bordered(theme)
        .title_top(Line::styled(format!(" {} {what} ", theme.translate("help for")), theme.strong()))
        .title_bottom(theme.caption("? closes").right_aligned());
    let inner = block.inner(area);
    let hidden = rows.len().saturating_sub(inner.height.into());
    if hidden > 0 {
        block = block.title_bottom(theme.caption("up down: more"));
    }
    block.render(area, buffer);
    for (y, line) in (inner.y..inner.bottom()).zip(rows.iter().skip(scroll.min(hidden))) {
        buffer.set_line(inner.x, y, line, inner.width);
    }
    hidden
}

/// The rows of a label and its meaning, which is wrapped.
fn wrapped((label, help): (&str, &str), width: usize, theme: Theme) -> Vec<Line<'static>> {
    let label = Span::styled(format!(" {}  ", text::fit(theme.translate(label), 11)), theme.strong());
    let room = width.saturating_sub(label.width());
    let below = Span::raw(" ".repeat(label.width()));
    let labels = std::iter::once(label).chain(std::iter::repeat(below));
    let rows = text::wrap(theme.translate(help), room).into_iter().zip(labels);
    rows.map(|(row, label)| Line::from(vec![label, Span::raw(row)])).collect()
}

/// Blanks an area, and a wide character that begins left of it and reaches into it: ratatui's `Clear` leaves that one, and
/// the terminal would show half of it or no border.
pub fn clear(area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        // Most are two columns wide, but ratatui counts three for some half-width kana.
        for distance in 1..=WIDEST.min(area.x - buffer.area.x) {
            let cell = &mut buffer[(area.x - distance, y)];
            if cell.symbol().cell_width() > distance {
                cell.set_symbol(" ");
            }
        }
        for x in area.left()..area.right() {
            buffer[(x, y)].reset();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clearing_leaves_no_half_character() {
        let mut buffer = Buffer::with_lines(["春眠不觉晓", "a春眠不觉 "]);
        clear(Rect::new(3, 0, 4, 2), &mut buffer);
        let cells = |y| (0..10).map(|x| buffer[(x, y)].symbol()).collect::<Vec<_>>();
        assert_eq!(cells(0), ["春", " ", " ", " ", " ", " ", " ", " ", "晓", " "]);
        assert_eq!(cells(1), ["a", "春", " ", " ", " ", " ", " ", "觉", " ", " "]);
    }
}
