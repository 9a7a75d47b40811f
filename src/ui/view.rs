//! Where everything goes. Pure: a state and an area in, cells out.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::Line,
    widgets::Widget,
};

use super::panes::{
    browser, charts, curve_screen, header, held_out, help, keybar, latent, log, notices, prompt, quality, scores, tabs,
    verses,
};
use crate::ui::model::screens::Screen;
use crate::ui::model::state::{Room, State};
use crate::ui::term::theme::Theme;

pub const MIN_WIDTH: u16 = 40;
pub const MIN_HEIGHT: u16 = 12;

/// From this size on, charts and verses stand side by side.
const WIDE: (u16, u16) = (120, 30);
/// Height from which there is room for charts.
const CHARTS_FROM: u16 = 18;
/// Height from which the names of the screens have a row.
const TABS_FROM: u16 = 18;
/// Height from which notices have a pane of their own, and the corpus and the model a row.
const NOTICES_FROM: u16 = 34;
/// The least width of a chart.
const CHART_WIDTH: u16 = 26;

/// Draws everything and says what room there was, which the state needs for scrolling.
pub fn draw(frame: &mut Frame, state: &State, theme: Theme) -> Room {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        too_small(area, buffer, theme);
        return Room::default();
    }
    let roomy = area.height >= NOTICES_FROM;
    let has_tabs = area.height >= TABS_FROM;
    let [top, facts, body, tabs, keys] = Layout::vertical([
        Constraint::Length(header::HEIGHT),
        Constraint::Length(u16::from(roomy)),
        Constraint::Fill(1),
        Constraint::Length(u16::from(has_tabs)),
        Constraint::Length(1),
    ])
    .areas(area);
    header::draw(state, top, buffer, theme, area.height < CHARTS_FROM);
    if roomy {
        header::describe(state, facts, buffer, theme);
    }
    let mut room = screen(state, body, buffer, theme, area);
    if has_tabs {
        tabs::draw(state, tabs, buffer, theme);
        (room.tabs, room.theme) = (Some(tabs.y), Some(theme));
    }
    if !prompt::draw(state, keys, buffer, theme) {
        keybar::draw(state, keys, buffer, theme);
    }
    if state.help {
        room.help_beyond = help::draw(state, area, buffer, theme);
    }
    theme.glyphs.reduce(buffer);
    room
}

/// The screen that was chosen, in its part of the terminal, which is `whole`.
fn screen(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, whole: Rect) -> Room {
    let roomy = whole.height >= NOTICES_FROM;
    match state.screen {
        Screen::Adversarial if whole.width >= WIDE.0 && whole.height >= WIDE.1 => {
            side_by_side(state, area, buffer, theme, roomy)
        }
        Screen::Adversarial if whole.height >= CHARTS_FROM => stacked(state, area, buffer, theme, roomy),
        Screen::Adversarial => low(state, area, buffer, theme),
        Screen::Samples => Room { poem_beyond: browser::draw(state, area, buffer, theme), ..Room::default() },
        Screen::Curves => {
            curve_screen::draw(state, area, buffer, theme);
            Room::default()
        }
        Screen::Quality => {
            quality::draw(state, area, buffer, theme);
            Room::default()
        }
        Screen::Latent => {
            latent::draw(state, area, buffer, theme);
            Room::default()
        }
        Screen::Log => {
            let (log, log_total) = log::draw(state, area, buffer, theme);
            Room { log, log_total, ..Room::default() }
        }
    }
}

fn too_small(area: Rect, buffer: &mut Buffer, theme: Theme) {
    let message = [
        theme.say("poetgan is training.").to_owned(),
        format!("{} {MIN_WIDTH}x{MIN_HEIGHT},", theme.say("The dashboard needs")),
        format!("{} {}x{}.", theme.say("this is"), area.width, area.height),
    ];
    for (row, line) in area.rows().zip(message) {
        Line::raw(line).render(row, buffer);
    }
}

/// Charts on the left, words on the right.
fn side_by_side(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> Room {
    let charts_width = (area.width * 35 / 100).max(2 * CHART_WIDTH + 2);
    let [left, right] = Layout::horizontal([Constraint::Length(charts_width), Constraint::Fill(1)]).areas(area);
    let split = Layout::horizontal([Constraint::Fill(1), Constraint::Length(CHART_WIDTH)]);
    if state.is_adversarial() {
        let [first, second, third, last] = Layout::vertical([Constraint::Fill(1); 4]).areas(left);
        let [chart, table] = split.areas(last);
        charts::losses(state, first, buffer, theme);
        scores::draw_alone(state, second, buffer, theme);
        scores::ridge(state, third, buffer, theme);
        charts::likelihood(state, chart, buffer, theme);
        held_out::draw(state, table, buffer, theme, true);
    } else {
        let [first, last] = Layout::vertical([Constraint::Fill(2), Constraint::Fill(1)]).areas(left);
        let [chart, table] = split.areas(last);
        charts::likelihood(state, first, buffer, theme);
        charts::gradient(state, chart, buffer, theme);
        held_out::draw(state, table, buffer, theme, true);
    }
    verses_and_notices(state, right, buffer, theme, roomy)
}

/// A row of charts above the verses.
fn stacked(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> Room {
    let height = (area.height * 2 / 5).clamp(7, 16);
    let [top, rest] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
    let n_charts = usize::from(area.width / CHART_WIDTH);
    type Pane = fn(&State, Rect, &mut Buffer, Theme);
    let panes: &[(Pane, u16)] = match (state.is_adversarial(), n_charts) {
        (true, ..2) => &[(scores::draw_with_ridge, 1)],
        // The scores need twice the room, for their past stands beside them.
        (true, 2 | 3) => &[(charts::losses, 9), (scores::draw_with_ridge, 11)],
        (true, 4..) => &[(charts::losses, 13), (scores::draw_with_ridge, 18), (charts::likelihood, 13)],
        (false, ..2) => &[(charts::likelihood, 1)],
        (false, _) => &[(charts::likelihood, 2), (|s, a, b, t| held_out::draw(s, a, b, t, true), 1)],
    };
    let areas = Layout::horizontal(panes.iter().map(|(_, share)| Constraint::Fill(*share))).split(top);
    for ((pane, _), area) in panes.iter().zip(areas.iter()) {
        pane(state, *area, buffer, theme);
    }
    verses_and_notices(state, rest, buffer, theme, roomy)
}

/// The rope and the verses, where there is no room for charts.
fn low(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) -> Room {
    let has_rope = u16::from(state.rivalry.now.is_some());
    let [rope, rest] = Layout::vertical([Constraint::Length(has_rope), Constraint::Fill(1)]).areas(area);
    scores::tug_of_war(state, Rect { x: rope.x + 1, width: rope.width - 1, ..rope }, buffer, theme);
    verses::draw(state, rest, buffer, theme, true)
}

fn verses_and_notices(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> Room {
    if !roomy {
        return verses::draw(state, area, buffer, theme, true);
    }
    let [top, bottom] = Layout::vertical([Constraint::Fill(1), Constraint::Length(7)]).areas(area);
    notices::draw(state, bottom, buffer, theme);
    verses::draw(state, top, buffer, theme, false)
}
