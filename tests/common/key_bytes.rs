//! Keys as a terminal sends them.

use crossterm::event::KeyCode;

/// What a terminal sends for a key.
pub fn bytes(code: KeyCode) -> String {
    match code {
        KeyCode::Char(letter) => letter.to_string(),
        KeyCode::Up => "\x1b[A".into(),
        KeyCode::Down => "\x1b[B".into(),
        KeyCode::Right => "\x1b[C".into(),
        KeyCode::Left => "\x1b[D".into(),
        KeyCode::PageUp => "\x1b[5~".into(),
        KeyCode::PageDown => "\x1b[6~".into(),
        KeyCode::Tab => "\t".into(),
        KeyCode::BackTab => "\x1b[Z".into(),
        KeyCode::Enter => "\r".into(),
        KeyCode::Esc => "\x1b".into(),
        KeyCode::Delete => "\x1b[3~".into(),
        KeyCode::Backspace => "\x7f".into(),
        other => panic!("no bytes for {other:?}"),
    }
}

pub fn letter(letter: char) -> KeyCode {
    KeyCode::Char(letter)
}
