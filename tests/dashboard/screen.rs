//! A screen of any size as text.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use poetgan::run::event::{Command, Event};
use poetgan::ui::{DashboardState, Depth, Lang, Theme, draw};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, CellWidth},
};

pub fn state_after(events: Vec<Event>) -> DashboardState {
    let mut state = DashboardState::default();
    events.into_iter().for_each(|event| state.apply(event));
    state
}

pub fn press(state: &mut DashboardState, code: KeyCode) -> Option<Command> {
    state.on_key(KeyEvent::new(code, KeyModifiers::NONE))
}

pub fn letter(state: &mut DashboardState, letter: char) -> Option<Command> {
    press(state, KeyCode::Char(letter))
}

pub fn types(state: &mut DashboardState, line: &str) -> Option<Command> {
    line.chars().for_each(|character| assert_eq!(letter(state, character), None));
    press(state, KeyCode::Enter)
}

/// Draws the state and stores the layout, as the dashboard does.
pub fn render(state: &mut DashboardState, width: u16, height: u16) -> String {
    render_in(state, width, height, Lang::En)
}

pub fn render_in(state: &mut DashboardState, width: u16, height: u16, lang: Lang) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut layout = Default::default();
    terminal
        .draw(|frame| layout = draw(frame, state, Theme { depth: Depth::Indexed, lang, ..Theme::COLOURLESS }))
        .unwrap();
    state.laid_out(layout);
    text(terminal.backend().buffer())
}

/// The rows of a buffer. Fails where a wide character is cut or written over.
pub fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut text = String::new();
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            let width = symbol.cell_width().max(1);
            assert!(x + width <= area.width, "half of {symbol} at the end of row {y}");
            for covered in x + 1..x + width {
                assert_eq!(buffer[(covered, y)].symbol(), " ", "half of {symbol} is left at {covered}, {y}");
            }
            text.push_str(symbol);
            x += width;
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text
}
