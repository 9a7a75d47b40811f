//! The help overlay, made of the table of keys.

use ratatui::{
    buffer::{Buffer, CellWidth},
    layout::{Constraint, Flex, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::chart::bordered;
use crate::ui::{keys::BINDINGS, text, theme::Theme};

const WIDTH: u16 = 66;
/// Columns that a character can reach to the right.
const WIDEST: u16 = 3;

/// What the letters of the charts mean; shown where there is room below the keys.
const LEGEND: &[(&str, &str)] = &[
    ("L, H", "likelihood loss of minibatches and held-out poems"),
    ("G, D", "losses of the generator and the discriminator"),
    ("R, F", "how real D finds real and generated poems, 0 to 1"),
    ("bars", "how real D finds each line; the poem's score on top"),
];

pub fn draw(area: Rect, buffer: &mut Buffer, theme: Theme) {
    let n_rows = BINDINGS.len() + LEGEND.len() + 1;
    let [area] = Layout::vertical([Constraint::Length(n_rows as u16 + 2)]).flex(Flex::Center).areas(area);
    let [area] = Layout::horizontal([Constraint::Length(WIDTH)]).flex(Flex::Center).areas(area);
    clear(area, buffer);
    let block = bordered(theme)
        .title_top(Line::styled(" keys ", theme.strong()))
        .title_bottom(Line::styled(" ? closes ", theme.faint()).right_aligned());
    let inner = block.inner(area);
    block.render(area, buffer);
    let keys = BINDINGS.iter().map(|binding| (binding.label, binding.help));
    let rows = keys.chain([("", "")]).chain(LEGEND.iter().copied());
    for (y, (label, help)) in (inner.y..inner.bottom()).zip(rows) {
        let line = Line::from(vec![
            Span::styled(format!(" {label:<7}  "), theme.strong()),
            Span::raw(text::fit(help, usize::from(inner.width).saturating_sub(10))),
        ]);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}

/// Blanks an area, and the wide character that begins left of it and would reach into it: ratatui's own widget leaves
/// that one, and the terminal then shows half of it or none of the border.
fn clear(area: Rect, buffer: &mut Buffer) {
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
