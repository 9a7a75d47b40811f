//! The form: a row for each field with what is filled in, or what holds otherwise.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::field::StudioFieldKind;
use super::form::FormRow;
use super::pane::{StudioPane, first_row, framed};
use super::state::StudioState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Most columns of a label.
const LABEL: usize = 14;

pub fn draw(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let has_focus = state.focus == StudioPane::Form;
    let inner = framed(StudioPane::Form, has_focus, &[], area, buffer, theme);
    let rows = state.rows();
    let labels: Vec<String> = rows.iter().map(|row| label(state, *row, theme)).collect();
    let width = labels.iter().map(|label| text::columns(label)).max().unwrap_or(0).min(LABEL);
    let selected = state.row.min(rows.len().saturating_sub(1));
    let first = first_row(selected, rows.len(), inner.height);
    for (y, (index, (row, label))) in (inner.y..inner.bottom()).zip(rows.iter().zip(&labels).enumerate().skip(first)) {
        let is_selected = index == selected;
        let (cursor, style) = if is_selected { ('>', theme.strong()) } else { (' ', theme.faint()) };
        let label = Span::styled(format!("{cursor} {} ", text::fit(label, width)), style);
        let room = usize::from(inner.width).saturating_sub(label.width());
        let value = match state.form.row(&state.setup.fields, *row) {
            "" => Span::styled(text::fit(default(state, *row, theme), room), theme.faint()),
            filled if is_flag(state, *row) => Span::styled(text::fit(theme.translate(filled), room), theme.strong()),
            filled => Span::styled(text::fit(&text::clean(filled), room), theme.strong()),
        };
        buffer.set_line(inner.x, y, &Line::from(vec![label, value]), inner.width);
    }
}

fn is_flag(state: &StudioState, row: FormRow) -> bool {
    state.setup.fields.get(row.field).is_some_and(|field| field.kind == StudioFieldKind::Flag)
}

/// What the screen calls a row.
pub fn label(state: &StudioState, row: FormRow, theme: Theme) -> String {
    let label = state.setup.fields.get(row.field).map_or("", |field| theme.translate(&field.label));
    row.line.map_or_else(|| label.to_owned(), |line| format!("{label} {line}"))
}

/// What holds if nothing is filled in: a value, or words.
fn default(state: &StudioState, row: FormRow, theme: Theme) -> &str {
    theme.translate(state.setup.fields.get(row.field).map_or("", |field| field.default.as_str()))
}
