//! Input of the terminal.

use std::io;
use std::time::Duration;

use crossterm::event::{self, KeyEvent, KeyEventKind, MouseEvent};

use crate::ui::term::wait::wait_for_input;

#[derive(Clone, Debug)]
pub enum Input {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    Resize,
}

/// The next input; waits for it at most this long. An error if the terminal is gone: crossterm would then spin for ever in its
/// `poll`, so that is called without waiting, and only after our own check.
pub fn read_input(wait: Duration) -> io::Result<Option<Input>> {
    for wait in [Duration::ZERO, wait] {
        wait_for_input(wait)?;
        // Also returns what was read before, and changes of the size.
        if event::poll(Duration::ZERO)? {
            return Ok(match event::read()? {
                event::Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
                event::Event::Mouse(mouse) => Some(Input::Mouse(mouse)),
                event::Event::Paste(text) => Some(Input::Paste(text)),
                event::Event::Resize(..) => Some(Input::Resize),
                _ => None,
            });
        }
    }
    Ok(None)
}
