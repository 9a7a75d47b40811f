//! A slider for each direction of z.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::field::StudioFieldKind;
use super::pane::{StudioPane, first_row, framed};
use super::state::StudioState;
use crate::run::event::REACH;
use crate::ui::panes::sliders;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Columns of the cursor and the number, and of the amount.
const NUMBER: usize = 5;
const AMOUNT: usize = 5;

pub fn draw(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let inner = framed(StudioPane::Axes, state.focus == StudioPane::Axes, &[], area, buffer, theme);
    let axes = &state.setup.axes;
    let moves = state.form.text(&state.option(&StudioFieldKind::Axes)).to_owned();
    let room = usize::from(inner.width).saturating_sub(NUMBER + sliders::SLIDER + AMOUNT + 2) / 2;
    let first = first_row(state.axis, axes.words.len(), inner.height);
    let shown = first..(first + usize::from(inner.height)).min(axes.words.len());
    let names: Vec<[String; 2]> = shown.clone().map(|axis| sliders::names(axes.words.get(axis), room, theme)).collect();
    let width = names.iter().map(|[negative, _]| text::columns(negative)).max().unwrap_or(0);
    for ((y, axis), [negative, positive]) in (inner.y..inner.bottom()).zip(shown).zip(names) {
        let amount = axes.amount(&moves, axis);
        let (cursor, style) = if axis == state.axis { ('>', theme.strong()) } else { (' ', theme.faint()) };
        let mut spans = vec![Span::styled(format!("{cursor} {axis:>2} {} ", text::right(&negative, width)), style)];
        spans.extend(sliders::slider(column(amount), style, theme));
        spans.push(Span::styled(format!(" {}", text::fit(&positive, room)), style));
        if amount != 0.0 {
            spans.push(Span::styled(format!("{:>AMOUNT$}", format!("{amount:+.1}")), theme.strong()));
        }
        buffer.set_line(inner.x, y, &Line::from(spans), inner.width);
    }
}

/// The column of an amount on a slider; of one beyond its reach the last.
fn column(amount: f32) -> usize {
    let last = sliders::SLIDER - 1;
    let share = (amount - REACH[0]) / (REACH[REACH.len() - 1] - REACH[0]);
    (share * last as f32).round().clamp(0.0, last as f32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_follows_the_amount() {
        let middle = sliders::SLIDER / 2;
        assert_eq!([0.0, 0.5, -4.0, 4.0, -9.0].map(column), [middle, middle + 1, 0, 2 * middle, 0]);
    }
}
