//! The row with the names of the screens.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget,
};

use crate::ui::{alarms::alarms, screens::Screen, state::State, text, theme::Theme};

/// The name of a screen with its number.
fn tab(index: usize, screen: Screen) -> String {
    format!(" {} {} ", index + 1, screen.name())
}

pub fn draw(state: &State, area: Rect, buffer: &mut Buffer, theme: Theme) {
    let mut spans = Vec::new();
    let mut used = 0;
    for (index, screen) in Screen::ALL.into_iter().enumerate() {
        let name = tab(index, screen);
        used += name.len();
        let style = if screen == state.screen { theme.chosen() } else { theme.faint() };
        spans.push(Span::styled(name, style));
    }
    if state.is_frozen() {
        spans.push(Span::styled("  frozen: f or esc", theme.alert()));
    } else if let Some(alarm) = alarms(state).first() {
        let room = usize::from(area.width).saturating_sub(used + 2);
        let whole = format!("! {}: {}", alarm.what, alarm.advice);
        let short = format!("! {}", alarm.what);
        let told = if text::columns(&whole) <= room { whole } else { short };
        let told = text::fit(&told, text::columns(&told).min(room));
        spans.push(Span::styled(format!("  {told}"), theme.alert()));
    }
    Line::from(spans).render(area, buffer);
}

/// The screen whose name is in a column.
pub fn at(column: u16) -> Option<Screen> {
    let mut end = 0;
    Screen::ALL.into_iter().enumerate().find_map(|(index, screen)| {
        end += tab(index, screen).len();
        (usize::from(column) < end).then_some(screen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_hits_the_name_that_is_drawn_there() {
        let area = Rect::new(0, 0, 80, 1);
        let mut buffer = Buffer::empty(area);
        draw(&State::default(), area, &mut buffer, Theme { colour: false });
        let row: String = (0..80).map(|x| buffer[(x, 0)].symbol()).collect();
        for screen in Screen::ALL {
            let start = row.find(screen.name()).unwrap() as u16;
            assert_eq!(at(start), Some(screen));
            assert_eq!(at(start + screen.name().len() as u16 - 1), Some(screen));
        }
        assert_eq!(at(79), None);
    }
}
