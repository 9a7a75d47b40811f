//! The layout of the screens. Pure: a state and an area in, cells out.

use ratatui::{
    Frame,
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
};

use super::panes::{
    browser, caption, charts, curve_screen, header, held_out, help, keybar, latent, log, notices, prompt, quality,
    samples, scores, system, tabs, too_small,
};
use crate::ui::model::connection::Connection;
use crate::ui::model::layout::FrameLayout;
use crate::ui::model::screens::Screen;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;

pub const MIN_WIDTH: u16 = 40;
pub const MIN_HEIGHT: u16 = 12;

/// From this size on, charts and samples are side by side.
const WIDE: (u16, u16) = (120, 30);
/// Height from which there is room for charts.
const CHARTS_FROM: u16 = 18;
/// Height from which the names of the screens have a row.
const TABS_FROM: u16 = 18;
/// Height from which notices have a pane of their own, and the corpus and the model a row.
const NOTICES_FROM: u16 = 34;
/// Minimum width of a chart.
const CHART_WIDTH: u16 = 26;

/// Draws a frame and returns its layout, which the state needs for scrolling.
pub fn draw(frame: &mut Frame, state: &DashboardState, theme: Theme) -> FrameLayout {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        too_small::draw("The dashboard needs", (MIN_WIDTH, MIN_HEIGHT), area, buffer, theme);
        return FrameLayout::default();
    }
    // A model alone has one screen and no numbers of training.
    let is_run = state.connection != Connection::Model;
    let roomy = is_run && area.height >= NOTICES_FROM;
    let has_tabs = is_run && area.height >= TABS_FROM;
    let of_caption = state.tour.map_or(0, |tour| caption::height(tour, area, theme));
    let heights = [if is_run { header::HEIGHT } else { 1 }, roomy.into(), of_caption, has_tabs.into()];
    let [top, about, body, said, tabs, keys] = parts(area, heights);
    // The rest of the terminal is laid out as if it had no rows of a caption.
    let whole = Rect { height: area.height - of_caption, ..area };
    if is_run {
        header::draw(state, top, buffer, theme, whole.height < CHARTS_FROM);
    } else {
        header::name(state, top, buffer, theme);
    }
    if roomy {
        header::describe(state, about, buffer, theme);
    }
    let mut layout = screen(state, body, buffer, theme, whole);
    if let Some(tour) = state.tour {
        caption::draw(tour, said, area, buffer, theme);
    }
    if has_tabs {
        layout.tabs = Some(tabs::draw(state, tabs, buffer, theme));
    }
    if !prompt::draw(state, keys, buffer, theme) {
        keybar::draw(state, keys, buffer, theme);
    }
    if state.shows_system {
        system::draw(state.system.as_ref(), body, buffer, theme);
    }
    if state.help {
        layout.help_hidden = help::draw(state, area, buffer, theme);
    }
    theme.glyphs.reduce(buffer);
    layout
}

/// The header, the corpus and the model, the screen, the caption, the tabs, the keys; the screen gets what is left by the
/// `heights` of the others, and the keys one row.
fn parts(area: Rect, [top, about, caption, tabs]: [u16; 4]) -> [Rect; 6] {
    Layout::vertical([
        Constraint::Length(top),
        Constraint::Length(about),
        Constraint::Fill(1),
        Constraint::Length(caption),
        Constraint::Length(tabs),
        Constraint::Length(1),
    ])
    .areas(area)
}

/// Draws the selected screen in its part of the `whole` terminal.
fn screen(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme, whole: Rect) -> FrameLayout {
    let roomy = whole.height >= NOTICES_FROM;
    match state.screen {
        Screen::Adversarial if whole.width >= WIDE.0 && whole.height >= WIDE.1 => {
            side_by_side(state, area, buffer, theme, roomy)
        }
        Screen::Adversarial if whole.height >= CHARTS_FROM => stacked(state, area, buffer, theme, roomy),
        Screen::Adversarial => low(state, area, buffer, theme),
        Screen::Samples => {
            FrameLayout { poem_hidden: browser::draw(state, area, buffer, theme), ..FrameLayout::default() }
        }
        Screen::Curves => {
            curve_screen::draw(state, area, buffer, theme);
            FrameLayout::default()
        }
        Screen::Quality => {
            quality::draw(state, area, buffer, theme);
            FrameLayout::default()
        }
        Screen::Latent => {
            latent::draw(state, area, buffer, theme);
            FrameLayout::default()
        }
        Screen::Log => {
            let log::LogLayout { log, settings } = log::draw(state, area, buffer, theme);
            FrameLayout { log, settings, ..FrameLayout::default() }
        }
    }
}

/// Charts on the left, samples and notices on the right.
fn side_by_side(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> FrameLayout {
    let charts_width = (area.width * 35 / 100).max(2 * CHART_WIDTH + 2);
    let [left, right] = Layout::horizontal([Constraint::Length(charts_width), Constraint::Fill(1)]).areas(area);
    let split = Layout::horizontal([Constraint::Fill(1), Constraint::Length(CHART_WIDTH)]);
    if state.shown().is_adversarial() {
        let [first, second, third, last] = Layout::vertical([Constraint::Fill(1); 4]).areas(left);
        let [chart, table] = split.areas(last);
        charts::losses(state, first, buffer, theme);
        scores::draw_alone(state, second, buffer, theme);
        scores::history(state, third, buffer, theme);
        charts::likelihood(state, chart, buffer, theme);
        held_out::draw(state, table, buffer, theme, true);
    } else {
        let [first, last] = Layout::vertical([Constraint::Fill(2), Constraint::Fill(1)]).areas(left);
        let [chart, table] = split.areas(last);
        charts::likelihood(state, first, buffer, theme);
        charts::gradient(state, chart, buffer, theme);
        held_out::draw(state, table, buffer, theme, true);
    }
    samples_and_notices(state, right, buffer, theme, roomy)
}

/// A row of charts above the samples.
fn stacked(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme, roomy: bool) -> FrameLayout {
    let height = (area.height * 2 / 5).clamp(7, 16);
    let [top, rest] = Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]).areas(area);
    let n_charts = usize::from(area.width / CHART_WIDTH);
    type Pane = fn(&DashboardState, Rect, &mut Buffer, Theme);
    let panes: &[(Pane, u16)] = match (state.shown().is_adversarial(), n_charts) {
        (true, ..2) => &[(scores::draw_with_history, 1)],
        // The scores need more room: their history is beside them.
        (true, 2 | 3) => &[(charts::losses, 9), (scores::draw_with_history, 11)],
        (true, 4..) => &[(charts::losses, 13), (scores::draw_with_history, 18), (charts::likelihood, 13)],
        (false, ..2) => &[(charts::likelihood, 1)],
        (false, _) => &[(charts::likelihood, 2), (|s, a, b, t| held_out::draw(s, a, b, t, true), 1)],
    };
    let areas = Layout::horizontal(panes.iter().map(|(_, share)| Constraint::Fill(*share))).split(top);
    for ((pane, _), area) in panes.iter().zip(areas.iter()) {
        pane(state, *area, buffer, theme);
    }
    samples_and_notices(state, rest, buffer, theme, roomy)
}

/// The balance of D and G and the samples, if there is no room for charts.
fn low(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> FrameLayout {
    let has_scores = u16::from(state.shown().scores.now.is_some());
    let [balance, rest] = Layout::vertical([Constraint::Length(has_scores), Constraint::Fill(1)]).areas(area);
    scores::balance_bar(state, Rect { x: balance.x + 1, width: balance.width - 1, ..balance }, buffer, theme);
    samples::draw(state, rest, buffer, theme, true)
}

fn samples_and_notices(
    state: &DashboardState,
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
    roomy: bool,
) -> FrameLayout {
    if !roomy {
        return samples::draw(state, area, buffer, theme, true);
    }
    let [top, bottom] = Layout::vertical([Constraint::Fill(1), Constraint::Length(7)]).areas(area);
    notices::draw(state, bottom, buffer, theme);
    samples::draw(state, top, buffer, theme, false)
}
