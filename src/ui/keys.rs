//! The one table of keys: it drives the dispatch, the line at the bottom of the screen and the help overlay, so that
//! none of them can say what another does not do.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    PauseOrResume,
    Stop,
    Help,
    CloseHelp,
    SampleNow,
    CheckpointNow,
    Warmer,
    Cooler,
    LineUp,
    LineDown,
    PageUp,
    PageDown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chord {
    Plain(KeyCode),
    Ctrl(char),
}

impl Chord {
    /// Shift is not looked at: whether `+` and `?` come with it depends on the keyboard and on the terminal.
    fn matches(self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match self {
            Chord::Plain(code) => key.code == code && !control && !alt,
            Chord::Ctrl(letter) => key.code == KeyCode::Char(letter) && control && !alt,
        }
    }
}

/// A row of the table: one key, or a pair that belongs together.
pub struct Binding {
    /// The keys as people name them.
    pub label: &'static str,
    /// One or two words for the line at the bottom; empty for keys that are only in the help overlay.
    pub hint: &'static str,
    /// A phrase for the help overlay.
    pub help: &'static str,
    pub chords: &'static [(Chord, Action)],
}

/// In the order of importance: a narrow screen shows the first ones.
pub const BINDINGS: &[Binding] = &[
    Binding {
        label: "p",
        hint: "pause",
        help: "pause and resume",
        chords: &[
            (Chord::Plain(KeyCode::Char('p')), Action::PauseOrResume),
            (Chord::Plain(KeyCode::Char(' ')), Action::PauseOrResume),
        ],
    },
    Binding {
        label: "q",
        hint: "stop",
        help: "stop cleanly; twice: at once",
        chords: &[(Chord::Plain(KeyCode::Char('q')), Action::Stop), (Chord::Ctrl('c'), Action::Stop)],
    },
    Binding {
        label: "?",
        hint: "help",
        help: "show and hide this help",
        chords: &[
            (Chord::Plain(KeyCode::Char('?')), Action::Help),
            (Chord::Plain(KeyCode::Char('h')), Action::Help),
            (Chord::Plain(KeyCode::Esc), Action::CloseHelp),
        ],
    },
    Binding {
        label: "s",
        hint: "sample",
        help: "write new verses now",
        chords: &[(Chord::Plain(KeyCode::Char('s')), Action::SampleNow)],
    },
    Binding {
        label: "c",
        hint: "checkpoint",
        help: "write a checkpoint now",
        chords: &[(Chord::Plain(KeyCode::Char('c')), Action::CheckpointNow)],
    },
    Binding {
        label: "+ -",
        hint: "temperature",
        help: "temperature of the verses",
        chords: &[
            (Chord::Plain(KeyCode::Char('+')), Action::Warmer),
            (Chord::Plain(KeyCode::Char('=')), Action::Warmer),
            (Chord::Plain(KeyCode::Char('-')), Action::Cooler),
            (Chord::Plain(KeyCode::Char('_')), Action::Cooler),
        ],
    },
    Binding {
        label: "[ ]",
        hint: "page",
        help: "page through the verses",
        chords: &[
            (Chord::Plain(KeyCode::Char('[')), Action::PageUp),
            (Chord::Plain(KeyCode::PageUp), Action::PageUp),
            (Chord::Plain(KeyCode::Char(']')), Action::PageDown),
            (Chord::Plain(KeyCode::PageDown), Action::PageDown),
        ],
    },
    Binding {
        label: "up down",
        hint: "",
        help: "move the verses by a line",
        chords: &[
            (Chord::Plain(KeyCode::Up), Action::LineUp),
            (Chord::Plain(KeyCode::Char('k')), Action::LineUp),
            (Chord::Plain(KeyCode::Down), Action::LineDown),
            (Chord::Plain(KeyCode::Char('j')), Action::LineDown),
        ],
    },
];

pub fn action(key: KeyEvent) -> Option<Action> {
    let mut chords = BINDINGS.iter().flat_map(|binding| binding.chords);
    chords.find(|(chord, _)| chord.matches(key)).map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_and_no_label_is_used_twice() {
        let chords: Vec<Chord> = BINDINGS.iter().flat_map(|binding| binding.chords).map(|(chord, _)| *chord).collect();
        for (index, chord) in chords.iter().enumerate() {
            assert!(!chords[..index].contains(chord), "{chord:?} is bound twice");
        }
        for (index, binding) in BINDINGS.iter().enumerate() {
            assert!(!BINDINGS[..index].iter().any(|other| other.label == binding.label), "{}", binding.label);
            assert!(!binding.help.is_empty());
        }
    }

    #[test]
    fn every_key_of_a_label_is_bound_in_its_row() {
        for binding in BINDINGS {
            for name in binding.label.split(' ') {
                let code = match name {
                    "up" => KeyCode::Up,
                    "down" => KeyCode::Down,
                    _ => KeyCode::Char(name.chars().next().unwrap()),
                };
                assert!(binding.chords.iter().any(|(chord, _)| *chord == Chord::Plain(code)), "{name}");
            }
        }
    }

    #[test]
    fn modifiers_matter_except_shift() {
        let key = |code, modifiers| action(KeyEvent::new(code, modifiers));
        assert_eq!(key(KeyCode::Char('+'), KeyModifiers::SHIFT), Some(Action::Warmer));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), Some(Action::CheckpointNow));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Stop));
        assert_eq!(key(KeyCode::Char('q'), KeyModifiers::ALT), None);
        assert_eq!(key(KeyCode::Char('x'), KeyModifiers::NONE), None);
    }
}
