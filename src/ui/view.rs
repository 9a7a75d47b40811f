//! Where everything goes. Pure: a state and an area in, cells out.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    text::Line,
    widgets::Widget,
};

use super::{
    panes::{charts, header, held_out, help, keybar, notices, verses},
    state::{State, VerseRows},
    theme::Theme,
};

pub const MIN_WIDTH: u16 = 40;
pub const MIN_HEIGHT: u16 = 12;

/// From this size on, charts and verses stand side by side.
const WIDE: (u16, u16) = (120, 30);
/// Height from which there is room for charts.
const CHARTS_FROM: u16 = 18;
/// Height from which notices have a pane of their own, and the corpus and the model a row.
const NOTICES_FROM: u16 = 34;
/// The least width of a chart.
const CHART_WIDTH: u16 = 26;

/// Draws everything and says what room the verses had, which the state needs for scrolling.
pub fn draw(frame: &mut Frame, state: &State, theme: Theme) -> VerseRows {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        too_small(area, buffer);
        return VerseRows::default();
    }
    let roomy = area.height >= NOTICES_FROM;
    let [top, facts, body, keys] = Layout::vertical([
        Constraint::Length(header::HEIGHT),
        Constraint::Length(u16::from(roomy)),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let has_charts = area.height >= CHARTS_FROM;
    header::draw(state, top, buffer, theme, !has_charts);
    if roomy {
        header::describe(state, facts, buffer, theme);
    }
    let rows = match (area.width, area.height) {
        (width, height) if width >= WIDE.0 && height >= WIDE.1 => side_by_side(state, body, buffer, theme, roomy),
        _ if has_charts => stacked(state, body, buffer, theme, roomy),
        _ => verses::draw(state, body, buffer, theme, true),
    };
    keybar::draw(state, keys, buffer, theme);
    if state.help {
        help::draw(area, buffer, theme);
    }
    rows
}

fn too_small(area: Rect, buffer: &mut Buffer) {
    let message = [
        "poetgan is training.".to_owned(),
        format!("The dashboard needs {MIN_WIDTH}x{MIN_HEIGHT},"),
        format!("this is {}x{}.", area.width, area.height),
    ];
    for (row, line) in area.rows().zip(message) {
        Line::raw(line).render(row, buffer);
    }
}

/// Charts on the left, words on the right.
fn side_by_side(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> VerseRows {
    let charts_width = (area.width * 35 / 100).max(2 * CHART_WIDTH + 2);
    let [left, right] = Layout::horizontal([Constraint::Length(charts_width), Constraint::Fill(1)]).areas(area);
    let third = Layout::vertical([Constraint::Fill(1); 3]);
    let split = Layout::horizontal([Constraint::Fill(1), Constraint::Length(CHART_WIDTH)]);
    if state.is_adversarial() {
        let [first, second, last] = third.areas(left);
        let [chart, table] = split.areas(last);
        charts::losses(state, first, buffer, theme);
        charts::probabilities(state, second, buffer, theme);
        charts::likelihood(state, chart, buffer, theme);
        held_out::draw(state, table, buffer, theme);
    } else {
        let [first, last] = Layout::vertical([Constraint::Fill(2), Constraint::Fill(1)]).areas(left);
        let [chart, table] = split.areas(last);
        charts::likelihood(state, first, buffer, theme);
        charts::gradient(state, chart, buffer, theme);
        held_out::draw(state, table, buffer, theme);
    }
    verses_and_notices(state, right, buffer, theme, roomy)
}

/// A row of charts above the verses.
fn stacked(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> VerseRows {
    let height = (area.height * 2 / 5).clamp(7, 16);
    let [top, rest] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
    let n_charts = usize::from(area.width / CHART_WIDTH);
    type Pane = fn(&State, Rect, &mut Buffer, Theme);
    let panes: &[(Pane, u16)] = match (state.is_adversarial(), n_charts) {
        (true, ..2) => &[(charts::probabilities, 1)],
        (true, 2) => &[(charts::losses, 1), (charts::probabilities, 1)],
        (true, 3..) => &[(charts::losses, 13), (charts::probabilities, 13), (charts::likelihood, 14)],
        (false, ..2) => &[(charts::likelihood, 1)],
        (false, _) => &[(charts::likelihood, 2), (held_out::draw, 1)],
    };
    let areas = Layout::horizontal(panes.iter().map(|(_, share)| Constraint::Fill(*share))).split(top);
    for ((pane, _), area) in panes.iter().zip(areas.iter()) {
        pane(state, *area, buffer, theme);
    }
    verses_and_notices(state, rest, buffer, theme, roomy)
}

fn verses_and_notices(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> VerseRows {
    if !roomy {
        return verses::draw(state, area, buffer, theme, true);
    }
    let [top, bottom] = Layout::vertical([Constraint::Fill(1), Constraint::Length(7)]).areas(area);
    notices::draw(state, bottom, buffer, theme);
    verses::draw(state, top, buffer, theme, false)
}
