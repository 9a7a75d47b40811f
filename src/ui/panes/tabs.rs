//! The row with the names of the screens.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::model::screens::Screen;
use crate::ui::model::state::{Playback, State};
use crate::ui::term::theme::Theme;
use crate::ui::text;

/// The name of a screen with its number.
fn tab(index: usize, screen: Screen, theme: Theme) -> String {
    format!(" {} {} ", index + 1, theme.say(screen.name()))
}

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut spans = Vec::new();
    let mut used = 0;
    for (index, screen) in Screen::ALL.into_iter().enumerate() {
        let name = tab(index, screen, theme);
        used += text::columns(&name);
        let style = if screen == state.screen { theme.chosen() } else { theme.faint() };
        spans.push(Span::styled(name, style));
    }
    if let Some(playback) = &state.playback {
        let room = usize::from(area.width).saturating_sub(used + 2);
        spans.extend(scrub_bar(playback, room, theme));
    } else if state.is_frozen() {
        spans.push(Span::styled(format!(" {}", theme.pad("frozen: f or esc")), theme.alert()));
    }
    Line::from(spans).render(area, buffer);
}

/// Whether a replay plays, how fast, and where it is.
fn scrub_bar(playback: &Playback, room: usize, theme: Theme) -> Vec<Span<'static>> {
    let sign = if playback.playing { '>' } else { '=' };
    let words = format!(" {sign} {} {} ", text::rate(playback.speed.into()), theme.say("steps/s"));
    let width = room.saturating_sub(text::columns(&words));
    if width < 4 {
        return vec![Span::raw(text::fit(&words, room.min(text::columns(&words))))];
    }
    let place = (playback.step as f64 / playback.last.max(1) as f64 * (width - 1) as f64).round() as usize;
    let place = place.min(width - 1);
    vec![
        Span::raw(words),
        Span::styled("━".repeat(place), theme.real()),
        Span::styled("●", theme.strong()),
        Span::styled("─".repeat(width - 1 - place), theme.faint()),
    ]
}

/// The screen whose name is in a column.
pub fn at(column: u16, theme: Theme) -> Option<Screen> {
    let mut end = 0;
    Screen::ALL.into_iter().enumerate().find_map(|(index, screen)| {
        end += text::columns(&tab(index, screen, theme));
        (usize::from(column) < end).then_some(screen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEME: Theme = Theme::COLOURLESS;

    #[test]
    fn a_click_hits_the_name_that_is_drawn_there() {
        let area = Rect::new(0, 0, 80, 1);
        let mut buffer = Buffer::empty(area);
        draw(&State::default(), area, &mut buffer, THEME);
        let row: String = (0..80).map(|x| buffer[(x, 0)].symbol()).collect();
        for screen in Screen::ALL {
            let start = row.find(screen.name()).unwrap() as u16;
            assert_eq!(at(start, THEME), Some(screen));
            assert_eq!(at(start + screen.name().len() as u16 - 1, THEME), Some(screen));
        }
        assert_eq!(at(79, THEME), None);
    }
}
