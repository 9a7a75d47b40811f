//! The one table of keys: it drives the dispatch, the line at the bottom of the screen and the help overlay, so that
//! none of them can say what another does not do.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::screens::Screen;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    PauseOrResume,
    Stop,
    Help,
    /// Closes what is open.
    Close,
    Turn,
    SampleNow,
    CheckpointNow,
    Note,
    BackToBest,
    Freeze,
    Palette,
    Mouse,
    Suspend,
    Earlier,
    Later,
    Warmer,
    Cooler,
    Show(Screen),
    NextScreen,
    PreviousScreen,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Choose,
    Filter,
    ZoomIn,
    ZoomOut,
    Window,
    Logarithm,
    Smooth,
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

/// A row of the table: one key, or some that belong together.
pub struct Binding {
    /// The keys as people name them.
    pub label: &'static str,
    /// One or two words for the line at the bottom; empty for keys that are only in the help overlay.
    pub hint: &'static str,
    /// A phrase for the help overlay.
    pub help: &'static str,
    /// The screen that the row is for; all of them where there is none.
    pub screen: Option<Screen>,
    pub chords: &'static [(Chord, Action)],
}

const fn letter(letter: char, action: Action) -> (Chord, Action) {
    (Chord::Plain(KeyCode::Char(letter)), action)
}

const fn plain(code: KeyCode, action: Action) -> (Chord, Action) {
    (Chord::Plain(code), action)
}

macro_rules! keys {
    ($(($screen:expr, $label:literal, $hint:literal, $help:literal, [$($chord:expr),* $(,)?])),* $(,)?) => {
        &[$(Binding { label: $label, hint: $hint, help: $help, screen: $screen, chords: &[$($chord),*] }),*]
    };
}

const UP_DOWN: [(Chord, Action); 4] = [
    plain(KeyCode::Up, Action::Up),
    letter('k', Action::Up),
    plain(KeyCode::Down, Action::Down),
    letter('j', Action::Down),
];
const LEFT_RIGHT: [(Chord, Action); 2] = [plain(KeyCode::Left, Action::Left), plain(KeyCode::Right, Action::Right)];
const PAGES: [(Chord, Action); 4] = [
    letter('[', Action::PageUp),
    plain(KeyCode::PageUp, Action::PageUp),
    letter(']', Action::PageDown),
    plain(KeyCode::PageDown, Action::PageDown),
];

/// In the order of importance: a narrow screen shows the first ones.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = keys![
    (None, "p", "pause", "pause and resume",
        [letter('p', Action::PauseOrResume), letter(' ', Action::PauseOrResume)]),
    (None, "q", "stop", "stop cleanly; twice: at once",
        [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Stop)]),
    (None, "?", "help", "show and hide this help",
        [letter('?', Action::Help), letter('h', Action::Help), plain(KeyCode::Esc, Action::Close)]),
    (None, "1 2 3 4 5 6", "screens", "Duel, Verses, Curves, Quality, Latent, Log",
        [letter('1', Action::Show(Screen::Duel)), letter('2', Action::Show(Screen::Verses)),
         letter('3', Action::Show(Screen::Curves)), letter('4', Action::Show(Screen::Quality)),
         letter('5', Action::Show(Screen::Latent)), letter('6', Action::Show(Screen::Log)),
         plain(KeyCode::Tab, Action::NextScreen), plain(KeyCode::BackTab, Action::PreviousScreen)]),
    (None, "s", "sample", "write new verses now", [letter('s', Action::SampleNow)]),
    (None, "c", "checkpoint", "write a checkpoint now", [letter('c', Action::CheckpointNow)]),
    (None, "t", "turn", "pause, then one turn of D or G at a time", [letter('t', Action::Turn)]),
    (None, "f", "freeze", "freeze the display; training goes on", [letter('f', Action::Freeze)]),
    (None, "n", "note", "mark this moment with a note", [letter('n', Action::Note)]),
    (None, "b", "best", "back to the best checkpoint (asks first)", [letter('b', Action::BackToBest)]),
    (None, ":", "command", "all commands, and settings to change", [letter(':', Action::Palette)]),
    (None, "+ -", "temperature", "temperature of the verses",
        [letter('+', Action::Warmer), letter('=', Action::Warmer),
         letter('-', Action::Cooler), letter('_', Action::Cooler)]),
    (None, "m", "", "mouse on and off (off: select text)", [letter('m', Action::Mouse)]),
    (None, "ctrl z", "", "to the shell; fg comes back", [(Chord::Ctrl('z'), Action::Suspend)]),
    (None, "< >", "", "in a replay: earlier and later",
        [letter('<', Action::Earlier), letter(',', Action::Earlier),
         letter('>', Action::Later), letter('.', Action::Later)]),
    (Some(Screen::Duel), "[ ]", "page", "page through the verses", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (Some(Screen::Duel), "up down", "", "move the verses by a line", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Some(Screen::Verses), "up down", "choose", "choose a poem", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Some(Screen::Verses), "[ ]", "", "ten poems up and down", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (Some(Screen::Verses), "left right", "time", "the same seed earlier and later", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (Some(Screen::Verses), "enter", "pin", "pin the poem, to compare it",
        [plain(KeyCode::Enter, Action::Choose)]),
    (Some(Screen::Verses), "/", "filter", "only poems that hold a text", [letter('/', Action::Filter)]),
    (Some(Screen::Curves), "up down", "choose", "choose a curve", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Some(Screen::Curves), "enter", "keep", "keep the curve beside others",
        [plain(KeyCode::Enter, Action::Choose)]),
    (Some(Screen::Curves), "left right", "cursor", "move the cursor", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (Some(Screen::Curves), "[ ]", "", "move the window", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (Some(Screen::Curves), "z x", "zoom", "zoom in and out",
        [letter('z', Action::ZoomIn), letter('x', Action::ZoomOut)]),
    (Some(Screen::Curves), "w", "window", "the whole run, or the latest steps", [letter('w', Action::Window)]),
    (Some(Screen::Curves), "l", "log", "logarithmic values", [letter('l', Action::Logarithm)]),
    (Some(Screen::Curves), "o", "smooth", "smoothing", [letter('o', Action::Smooth)]),
    (Some(Screen::Latent), "left right", "move", "along the direction", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (Some(Screen::Latent), "up down", "direction", "another direction of z", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Some(Screen::Latent), "[ ]", "seed", "another poem", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (Some(Screen::Log), "up down", "", "scroll the settings", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Some(Screen::Log), "[ ]", "page", "page through the log", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
];

/// The rows that hold on a screen, those of the screen itself first.
pub fn rows(screen: Screen) -> impl Iterator<Item = &'static Binding> {
    let own = BINDINGS.iter().filter(move |binding| binding.screen == Some(screen));
    own.chain(BINDINGS.iter().filter(|binding| binding.screen.is_none()))
}

pub fn action(key: KeyEvent, screen: Screen) -> Option<Action> {
    let mut chords = rows(screen).flat_map(|binding| binding.chords);
    chords.find(|(chord, _)| chord.matches(key)).map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_and_no_label_is_used_twice_on_a_screen() {
        for screen in Screen::ALL {
            let bindings: Vec<&Binding> = rows(screen).collect();
            let chords: Vec<Chord> =
                bindings.iter().flat_map(|binding| binding.chords).map(|(chord, _)| *chord).collect();
            for (index, chord) in chords.iter().enumerate() {
                assert!(!chords[..index].contains(chord), "{chord:?} is bound twice on {screen:?}");
            }
            for (index, binding) in bindings.iter().enumerate() {
                assert!(!bindings[..index].iter().any(|other| other.label == binding.label), "{}", binding.label);
                assert!(!binding.help.is_empty());
            }
        }
    }

    #[test]
    fn every_key_of_a_label_is_bound_in_its_row() {
        for binding in BINDINGS {
            for name in binding.label.split(' ').filter(|_| !binding.label.starts_with("ctrl")) {
                let code = match name {
                    "up" => KeyCode::Up,
                    "down" => KeyCode::Down,
                    "left" => KeyCode::Left,
                    "right" => KeyCode::Right,
                    "enter" => KeyCode::Enter,
                    _ => KeyCode::Char(name.chars().next().unwrap()),
                };
                assert!(binding.chords.iter().any(|(chord, _)| *chord == Chord::Plain(code)), "{name}");
            }
        }
    }

    #[test]
    fn modifiers_matter_except_shift() {
        let key = |code, modifiers| action(KeyEvent::new(code, modifiers), Screen::Duel);
        assert_eq!(key(KeyCode::Char('+'), KeyModifiers::SHIFT), Some(Action::Warmer));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), Some(Action::CheckpointNow));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Stop));
        assert_eq!(key(KeyCode::Char('q'), KeyModifiers::ALT), None);
        assert_eq!(key(KeyCode::Char('y'), KeyModifiers::NONE), None);
    }

    #[test]
    fn a_screen_has_keys_of_its_own() {
        let key = KeyEvent::new(KeyCode::Char('l'), KeyModifiers::NONE);
        assert_eq!(action(key, Screen::Curves), Some(Action::Logarithm));
        assert_eq!(action(key, Screen::Duel), None);
    }
}
