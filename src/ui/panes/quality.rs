//! The screen of quality: the looks at the poems beside real ones and the end of pretraining, and this run's way through
//! the plane of rhyme and diversity.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::{chart::bordered, held_out, plane};
use crate::run::event::Phase;
use crate::ui::model::run_model::Look;
use crate::ui::model::state::State;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// Width from which the table and the plane stand side by side.
const WIDE: u16 = 76;
/// Height below which a narrow screen has room for the table only.
const LEAST_FOR_BOTH: u16 = 14;

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    if area.height < LEAST_FOR_BOTH && area.width < WIDE {
        return figures(state, area, buffer, theme);
    }
    let split = if area.width >= WIDE {
        Layout::horizontal([Constraint::Length(38), Constraint::Fill(1)])
    } else {
        Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)])
    };
    let [tables, plane] = split.areas(area);
    let n_figures = state.quality.len() as u16;
    let [figures, held] = Layout::vertical([Constraint::Length(n_figures + 4), Constraint::Fill(1)]).areas(tables);
    self::figures(state, figures, buffer, theme);
    held_out::draw(state, held, buffer, theme, false);
    plane::draw(state, plane, buffer, theme);
}

/// The last look of pretraining, once adversarial training has begun.
pub fn warmup(state: &State) -> Option<&Look> {
    let looks = state.looks.items();
    let adversarial = looks.iter().any(|look| look.phase == Some(Phase::Adversarial));
    looks.iter().rev().find(|look| adversarial && look.phase == Some(Phase::Pretraining))
}

fn figures(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut block = bordered(theme).title_top(theme.title("200 fresh poems"));
    if let Some(look) = state.looks.last() {
        block = block
            .title_bottom(Line::styled(format!(" {} {} ", theme.say("step"), text::count(look.step)), theme.faint()));
    }
    let inner = block.inner(area);
    block.render(area, buffer);
    if state.quality.is_empty() {
        return theme.remark("not measured yet", inner.width).render(inner, buffer);
    }
    let head = [("now", 7), ("pretraining", 8), ("real", 7)].map(|(word, width)| text::right(theme.say(word), width));
    let head = format!(" {:<13}{}", "", head.concat());
    buffer.set_line(inner.x, inner.y, &Line::styled(head, theme.faint()), inner.width);
    let warmup = warmup(state);
    for (y, figure) in (inner.y + 1..inner.bottom()).zip(&state.quality) {
        let before = warmup.and_then(|look| look.figures.iter().find(|other| other.name == figure.name));
        let before = before.map_or("-".to_owned(), |figure| format!("{:.3}", figure.model));
        let line = Line::from(vec![
            Span::styled(format!(" {}", text::fit(&text::clean(theme.say(&figure.name)), 13)), theme.plain()),
            Span::styled(format!("{:>7.3}", figure.model), theme.strong()),
            Span::styled(format!("{before:>8}{:>7.3}", figure.real), theme.faint()),
        ]);
        buffer.set_line(inner.x, y, &line, inner.width);
    }
}
