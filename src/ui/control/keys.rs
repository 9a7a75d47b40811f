//! The one table of keys: it drives the dispatch, the line at the bottom of the screen and the help overlay, so that
//! none of them can say what another does not do.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::ui::model::screens::Screen;
use crate::ui::model::state::Connection;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    PauseOrResume,
    Stop,
    /// As `Stop`, but the second time does not ask.
    Interrupt,
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
    PoemUp,
    PoemDown,
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

/// Where a row of the table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Everywhere,
    /// In the dashboard of the training itself.
    Training,
    /// Where a journal is read.
    Watching,
    /// Where a journal is played back.
    Replay,
    On(Screen),
}

impl Place {
    fn holds(self, screen: Screen, connection: Connection) -> bool {
        match self {
            Place::Everywhere => true,
            Place::Training => connection == Connection::Trainer,
            Place::Watching => connection != Connection::Trainer,
            Place::Replay => connection == Connection::Playback,
            Place::On(own) => own == screen,
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
    pub place: Place,
    pub chords: &'static [(Chord, Action)],
}

const fn letter(letter: char, action: Action) -> (Chord, Action) {
    (Chord::Plain(KeyCode::Char(letter)), action)
}

const fn plain(code: KeyCode, action: Action) -> (Chord, Action) {
    (Chord::Plain(code), action)
}

macro_rules! keys {
    ($(($place:expr, $label:literal, $hint:literal, $help:literal, [$($chord:expr),* $(,)?])),* $(,)?) => {
        &[$(Binding { label: $label, hint: $hint, help: $help, place: $place, chords: &[$($chord),*] }),*]
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
    (Place::Training, "p", "pause", "pause and resume",
        [letter('p', Action::PauseOrResume), letter(' ', Action::PauseOrResume)]),
    (Place::Training, "q", "stop", "stop cleanly; again: at once (asks first)",
        [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Interrupt)]),
    (Place::Watching, "q", "leave", "leave; nothing is stopped",
        [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Interrupt)]),
    (Place::Replay, "p", "pause", "pause and play",
        [letter('p', Action::PauseOrResume), letter(' ', Action::PauseOrResume)]),
    (Place::Replay, "< >", "jump", "earlier and later",
        [letter('<', Action::Earlier), letter(',', Action::Earlier),
         letter('>', Action::Later), letter('.', Action::Later)]),
    (Place::Replay, "+ -", "speed", "faster and slower",
        [letter('+', Action::Warmer), letter('=', Action::Warmer),
         letter('-', Action::Cooler), letter('_', Action::Cooler)]),
    (Place::Replay, "t", "one step", "pause, then one step at a time", [letter('t', Action::Turn)]),
    (Place::Everywhere, "?", "help", "show and hide this help",
        [letter('?', Action::Help), letter('h', Action::Help), plain(KeyCode::Esc, Action::Close)]),
    (Place::Everywhere, "1 2 3 4 5 6", "screens", "Duel, Verses, Curves, Quality, Latent, Log",
        [letter('1', Action::Show(Screen::Adversarial)), letter('2', Action::Show(Screen::Samples)),
         letter('3', Action::Show(Screen::Curves)), letter('4', Action::Show(Screen::Quality)),
         letter('5', Action::Show(Screen::Latent)), letter('6', Action::Show(Screen::Log)),
         plain(KeyCode::Tab, Action::NextScreen), plain(KeyCode::BackTab, Action::PreviousScreen)]),
    (Place::Training, "s", "sample", "write new verses now", [letter('s', Action::SampleNow)]),
    (Place::Training, "c", "checkpoint", "write a checkpoint now", [letter('c', Action::CheckpointNow)]),
    (Place::Training, "t", "turn", "pause, then one turn of D or G at a time", [letter('t', Action::Turn)]),
    (Place::Everywhere, "f", "freeze", "freeze the display; training goes on", [letter('f', Action::Freeze)]),
    (Place::Training, "n", "note", "mark this moment with a note", [letter('n', Action::Note)]),
    (Place::Training, "b", "best", "back to the best checkpoint (asks first)", [letter('b', Action::BackToBest)]),
    (Place::Everywhere, ":", "command", "all commands, and settings to change", [letter(':', Action::Palette)]),
    (Place::Training, "+ -", "temperature", "temperature of the verses",
        [letter('+', Action::Warmer), letter('=', Action::Warmer),
         letter('-', Action::Cooler), letter('_', Action::Cooler)]),
    (Place::Everywhere, "m", "", "mouse on and off (off: select text)", [letter('m', Action::Mouse)]),
    (Place::Everywhere, "ctrl z", "", "to the shell; fg comes back", [(Chord::Ctrl('z'), Action::Suspend)]),
    (Place::On(Screen::Adversarial), "[ ]", "page", "page through the verses", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (Place::On(Screen::Adversarial), "up down", "", "move the verses by a line", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Place::On(Screen::Samples), "up down", "choose", "choose a poem", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Place::On(Screen::Samples), "[ ]", "", "ten poems up and down", [PAGES[0], PAGES[2]]),
    (Place::On(Screen::Samples), "pgup pgdn", "", "scroll the poem",
        [plain(KeyCode::PageUp, Action::PoemUp), plain(KeyCode::PageDown, Action::PoemDown)]),
    (Place::On(Screen::Samples), "left right", "time", "the same seed earlier and later", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (Place::On(Screen::Samples), "enter", "pin", "pin the poem, to compare it",
        [plain(KeyCode::Enter, Action::Choose)]),
    (Place::On(Screen::Samples), "/", "filter", "only poems that hold a text", [letter('/', Action::Filter)]),
    (Place::On(Screen::Curves), "up down", "choose", "choose a curve", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Place::On(Screen::Curves), "enter", "keep", "keep the curve beside others",
        [plain(KeyCode::Enter, Action::Choose)]),
    (Place::On(Screen::Curves), "left right", "cursor", "move the cursor", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (Place::On(Screen::Curves), "[ ]", "", "move the window", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (Place::On(Screen::Curves), "z x", "zoom", "zoom in and out",
        [letter('z', Action::ZoomIn), letter('x', Action::ZoomOut)]),
    (Place::On(Screen::Curves), "w", "window", "the whole run, or the latest steps", [letter('w', Action::Window)]),
    (Place::On(Screen::Curves), "l", "log", "logarithmic values", [letter('l', Action::Logarithm)]),
    (Place::On(Screen::Curves), "o", "smooth", "smoothing", [letter('o', Action::Smooth)]),
    (Place::On(Screen::Latent), "left right", "move", "along the direction", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (Place::On(Screen::Latent), "up down", "direction", "another direction of z", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Place::On(Screen::Latent), "[ ]", "seed", "another poem", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (Place::On(Screen::Log), "up down", "", "scroll the settings", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (Place::On(Screen::Log), "[ ]", "page", "page through the log", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
];

/// The rows that hold on a screen, those of the screen itself first.
pub fn rows(screen: Screen, connection: Connection) -> impl Iterator<Item = &'static Binding> {
    // Windows knows no stopped processes.
    let exists = |binding: &Binding| cfg!(unix) || binding.chords.iter().all(|(_, action)| *action != Action::Suspend);
    let holds = move |binding: &&Binding| exists(binding) && binding.place.holds(screen, connection);
    let (own, others): (Vec<_>, Vec<_>) =
        BINDINGS.iter().filter(holds).partition(|binding| matches!(binding.place, Place::On(_)));
    own.into_iter().chain(others)
}

/// What a key means. Whoever only watches may press the keys of the training all the same, and is then told so.
pub fn action(key: KeyEvent, screen: Screen, connection: Connection) -> Option<Action> {
    let all = rows(screen, connection).chain(rows(screen, Connection::Trainer));
    let mut chords = all.flat_map(|binding| binding.chords);
    chords.find(|(chord, _)| chord.matches(key)).map(|(_, action)| *action)
}

/// Whether something can be done, given who is at the other end.
pub fn is_possible(action: Action, connection: Connection) -> bool {
    let all = Screen::ALL.into_iter().flat_map(|screen| rows(screen, connection));
    all.flat_map(|binding| binding.chords).any(|(_, other)| *other == action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_and_no_label_is_used_twice_on_a_screen() {
        let connections = [Connection::Trainer, Connection::Journal, Connection::Playback];
        for (screen, connection) in Screen::ALL.into_iter().flat_map(|s| connections.map(|c| (s, c))) {
            let bindings: Vec<&Binding> = rows(screen, connection).collect();
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
                    "pgup" => KeyCode::PageUp,
                    "pgdn" => KeyCode::PageDown,
                    _ => KeyCode::Char(name.chars().next().unwrap()),
                };
                assert!(binding.chords.iter().any(|(chord, _)| *chord == Chord::Plain(code)), "{name}");
            }
        }
    }

    #[test]
    fn modifiers_matter_except_shift() {
        let key = |code, modifiers| action(KeyEvent::new(code, modifiers), Screen::Adversarial, Connection::Trainer);
        assert_eq!(key(KeyCode::Char('+'), KeyModifiers::SHIFT), Some(Action::Warmer));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::NONE), Some(Action::CheckpointNow));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Action::Interrupt));
        assert_eq!(key(KeyCode::Char('q'), KeyModifiers::ALT), None);
        assert_eq!(key(KeyCode::Char('y'), KeyModifiers::NONE), None);
    }

    #[test]
    fn a_screen_has_keys_of_its_own() {
        let key = KeyEvent::new(KeyCode::Char('l'), KeyModifiers::NONE);
        assert_eq!(action(key, Screen::Curves, Connection::Trainer), Some(Action::Logarithm));
        assert_eq!(action(key, Screen::Adversarial, Connection::Trainer), None);
    }

    #[test]
    fn whoever_watches_sees_no_key_that_asks_the_training_for_anything() {
        let is_shown = |label: &str, connection| rows(Screen::Adversarial, connection).any(|row| row.label == label);
        for label in ["s", "c", "n", "b"] {
            assert!(is_shown(label, Connection::Trainer));
            assert!(!is_shown(label, Connection::Journal) && !is_shown(label, Connection::Playback), "{label}");
        }
        assert!(is_shown("< >", Connection::Playback) && !is_shown("< >", Connection::Trainer));
        assert!(is_possible(Action::Turn, Connection::Playback) && !is_possible(Action::Turn, Connection::Journal));
        let key = KeyEvent::new(KeyCode::Char('s'), KeyModifiers::NONE);
        assert_eq!(action(key, Screen::Adversarial, Connection::Journal), Some(Action::SampleNow), "it is answered");
    }
}
