//! The quality screen: figures of generated poems beside those of real poems and of the end of pretraining, and the path
//! of the run in the plane of rhyme and diversity.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::{chart::bordered, held_out, plane};
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Width from which the table and the plane are side by side.
const WIDE: u16 = 76;
/// Height below which a narrow screen has room for the table only.
const MIN_FOR_BOTH: u16 = 14;

pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if area.height < MIN_FOR_BOTH && area.width < WIDE {
        return figures(state, area, buffer, theme);
    }
    let split = if area.width >= WIDE {
        Layout::horizontal([Constraint::Length(38), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)])
    };
    let [tables, plane] = split.areas(area);
    let n_figures = state.shown().quality.len() as u16;
    let [figures, held] = Layout::vertical([Constraint::Length(n_figures + 4), Constraint::Fill(1)]).areas(tables);
    self::figures(state, figures, buffer, theme);
    held_out::draw(state, held, buffer, theme, false);
    plane::draw(state, plane, buffer, theme);
}

fn figures(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut block = bordered(theme).title_top(theme.title("200 generated poems"));
    if let Some(check) = state.shown().quality_checks.last() {
        block = block.title_bottom(Line::styled(
            format!(" {} {} ", theme.translate("step"), text::count(check.step)),
            theme.faint(),
        ));
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    if state.shown().quality.is_empty() {
        return theme.remark("not measured yet", inner.width).render(inner, buffer);
    }
    let head = [("now", 7), ("pretr.", 8), ("real", 7)].map(|(word, width)| text::right(theme.translate(word), width));
    let head = format!(" {:<13}{}", "", head.concat());
    buffer.set_line(inner.x, inner.y, &Line::styled(head, theme.faint()), inner.width);
    let pretrained = state.shown().pretrained_quality();
    for (y, figure) in (inner.y + 1..inner.bottom()).zip(&state.shown().quality) {
        let before = pretrained.and_then(|check| check.figures.iter().find(|other| other.name == figure.name));
        let before = before.map_or("-".to_owned(), |figure| format!("{:.3}", figure.model));
        let line = Line::from(vec![
            Span::styled(format!(" {}", text::fit(&text::clean(theme.translate(&figure.name)), 13)), theme.plain()),
            Span::styled(format!("{:>7.3}", figure.model), theme.strong()),
            Span::styled(format!("{before:>8}{:>7.3}", figure.real), theme.faint()),
        ]);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}
