//! The row with the names of the screens.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::model::layout::TabRow;
use crate::ui::model::playback::Playback;
use crate::ui::model::screens::Screen;
use crate::ui::model::state::DashboardState;
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// The name of a screen with its number.
fn tab(index: usize, screen: Screen, theme: Theme) -> String {
    format!("{} {}", index + 1, theme.translate(screen.name()))
}

/// Draws the row and returns where the names are.
pub fn draw(state: &DashboardState, area: Rect, buffer: &mut Buffer, theme: Theme) -> TabRow {
    let mut spans = Vec::new();
    let mut used = 0;
    let mut tabs = TabRow { row: area.y, ends: [0; Screen::ALL.len()] };
    for (index, screen) in Screen::ALL.into_iter().enumerate() {
        let name = tab(index, screen, theme);
        used += 1 + text::columns(&name);
        tabs.ends[index] = area.x + used as u16;
        let style = if screen == state.screen { theme.chosen() } else { theme.faint() };
        spans.extend([Span::raw(" "), Span::styled(name, style)]);
    }
    if let Some(playback) = &state.playback {
        let room = usize::from(area.width).saturating_sub(used + 2);
        spans.extend(scrub_bar(playback, room, theme));
    } else if state.is_frozen() {
        spans.push(Span::styled(format!(" {}", theme.padded("frozen: f or esc")), theme.alert()));
    }
    Line::from(spans).render(area, buffer);
    tabs
}

/// Whether a replay plays, its speed and its position.
fn scrub_bar(playback: &Playback, room: usize, theme: Theme) -> Vec<Span<'static>> {
    let sign = if playback.playing { '>' } else { '=' };
    let words = format!(" {sign} {} {} ", text::rate(playback.speed.into()), theme.translate("steps/s"));
    let width = room.saturating_sub(text::columns(&words));
    if width < 4 {
        return vec![Span::raw(text::fit(&words, room.min(text::columns(&words))))];
    }
    let position = (playback.step as f64 / playback.last.max(1) as f64 * (width - 1) as f64).round() as usize;
    let position = position.min(width - 1);
    vec![
        Span::raw(words),
        Span::styled("━".repeat(position), theme.real()),
        Span::styled("●", theme.strong()),
        Span::styled("─".repeat(width - 1 - position), theme.faint()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEME: Theme = Theme::COLOURLESS;

    #[test]
    fn a_click_hits_the_name_that_is_drawn_there() {
        let area = Rect::new(0, 0, 80, 1);
        let mut buffer = Buffer::empty(area);
        let tabs = draw(&DashboardState::default(), area, &mut buffer, THEME);
        let row: String = (0..80).map(|x| buffer[(x, 0)].symbol()).collect();
        for screen in Screen::ALL {
            let start = row.find(screen.name()).unwrap() as u16;
            assert_eq!(tabs.screen_at(start, 0), Some(screen));
            assert_eq!(tabs.screen_at(start + screen.name().len() as u16 - 1, 0), Some(screen));
        }
        assert_eq!((tabs.screen_at(79, 0), tabs.screen_at(1, 1)), (None, None));
    }
}
