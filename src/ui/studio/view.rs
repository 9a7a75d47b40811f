//! The layout of the screen. Pure: a state and an area in, cells out.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::Widget,
};

use super::pane::StudioPane;
use super::state::{StudioMode, StudioState};
use super::{axes_pane, bottom, field::StudioFieldKind, form_pane, full_command, keys, list_pane, poem_pane};
use crate::ui::panes::{help, too_small};
use crate::ui::term::theme::Theme;
use crate::ui::text;

const MIN_WIDTH: u16 = 40;
const MIN_HEIGHT: u16 = 12;
/// From this size on all panes are shown at once, below it the one that the keys apply to.
const ALL_FROM: (u16, u16) = (76, 20);
/// Columns of the form and the axes, at least and at most.
const FORM: (u16, u16) = (40, 60);

/// Draws a frame and returns how many rows of the help do not fit.
pub fn draw(frame: &mut Frame, state: &StudioState, theme: Theme) -> usize {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        too_small::draw("The studio needs", (MIN_WIDTH, MIN_HEIGHT), area, buffer, theme);
        return 0;
    }
    let of_command = match area.height {
        ..16 => 1,
        16..40 => 2,
        _ => 3,
    };
    let [top, body, command, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(of_command),
        Constraint::Length(1),
    ])
    .areas(area);
    header(state, top, buffer, theme);
    if area.width >= ALL_FROM.0 && area.height >= ALL_FROM.1 {
        all(state, body, buffer, theme);
    } else {
        pane(state.focus, state, body, buffer, theme);
    }
    bottom::command(state, command, buffer, theme);
    bottom::keys(state, keys, buffer, theme);
    let mut hidden = 0;
    match state.mode {
        StudioMode::Command => full_command::draw(state, area, buffer, theme),
        StudioMode::Help(scroll) => {
            let rows = keys::bindings().map(|row| (row.label, row.help));
            hidden = help::overlay(theme.translate("the studio"), rows, scroll, area, buffer, theme);
        }
        StudioMode::Keys | StudioMode::Typing(..) => {}
    }
    theme.glyphs.reduce(buffer);
    hidden
}

fn pane(pane: StudioPane, state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    match pane {
        StudioPane::Form => form_pane::draw(state, area, buffer, theme),
        StudioPane::Poems => list_pane::draw(state, area, buffer, theme),
        StudioPane::Lines => poem_pane::draw(state, area, buffer, theme),
        StudioPane::Axes => axes_pane::draw(state, area, buffer, theme),
    }
}

/// The form above the axes on the left, the candidates above the poem on the right.
fn all(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let of_form = (area.width * 2 / 5).clamp(FORM.0, FORM.1);
    let [left, right] = Layout::horizontal([Constraint::Length(of_form), Constraint::Fill(1)]).areas(area);
    let of_axes = (state.setup.axes.words.len() as u16 + 2).min(area.height / 3);
    let [form, axes] = Layout::vertical([Constraint::Fill(1), Constraint::Length(of_axes)]).areas(left);
    let of_list = (area.height * 2 / 5).min(16);
    let [list, poem] = Layout::vertical([Constraint::Length(of_list), Constraint::Fill(1)]).areas(right);
    let areas = [form, list, poem, axes];
    StudioPane::ALL.into_iter().zip(areas).for_each(|(which, area)| pane(which, state, area, buffer, theme));
}

/// The model on the left, how far the request is on the right.
fn header(state: &StudioState, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (ready, count) = (state.candidates.n_new(), state.value(&StudioFieldKind::Count));
    let progress = if state.candidates.is_written {
        format!("{ready} {} ", theme.translate("candidates"))
    } else {
        format!("{} {ready}/{} ", theme.translate("writing"), text::clean(count))
    };
    let room = usize::from(area.width).saturating_sub(text::columns(&progress));
    let name = " poetgan studio ";
    let model = text::fit(&format!(" {}", text::clean(&state.setup.model)), room.saturating_sub(name.len()));
    let spans = [(name.to_owned(), theme.strong()), (model, theme.faint()), (progress, theme.strong())];
    Line::from(spans.map(|(words, style)| Span::styled(words, style)).to_vec()).render(area, buffer);
}
