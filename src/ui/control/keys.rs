//! The table of keys. Dispatch, the key bar and the help all read it, so they cannot differ.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::ui::model::action::Action;
use crate::ui::model::connection::Connection;
use crate::ui::model::screens::Screen;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chord {
    Plain(KeyCode),
    Ctrl(char),
}

impl Chord {
    /// Ignores shift: whether `+` and `?` come with it depends on the keyboard and the terminal.
    pub fn matches(self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match self {
            Chord::Plain(code) => key.code == code && !control && !alt,
            Chord::Ctrl(letter) => key.code == KeyCode::Char(letter) && control && !alt,
        }
    }
}

/// Where a binding applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyScope {
    Global,
    /// Where a run is shown, or played back.
    Run,
    /// In the dashboard of the process that trains.
    Training,
    /// Where a run is shown that may be training.
    Live,
    /// Where a journal is shown.
    Watching,
    /// Where a journal is played back.
    Replay,
    /// Where it is played back with captions.
    Tour,
    /// Either of them.
    Played,
    /// Where a trained model is explored.
    Exploring,
    On(Screen),
}

impl KeyScope {
    fn applies(self, screen: Screen, connection: Connection) -> bool {
        match self {
            KeyScope::Global => true,
            KeyScope::Training => connection == Connection::Trainer,
            KeyScope::Live => matches!(connection, Connection::Trainer | Connection::Journal),
            KeyScope::Run => connection != Connection::Model,
            KeyScope::Watching => matches!(connection, Connection::Journal | Connection::Playback),
            KeyScope::Exploring => connection == Connection::Model,
            KeyScope::Replay => connection == Connection::Playback,
            KeyScope::Tour => connection == Connection::Tour,
            KeyScope::Played => matches!(connection, Connection::Playback | Connection::Tour),
            KeyScope::On(own) => own == screen,
        }
    }
}

/// One key, or a group of keys that belong together.
pub struct Binding {
    /// The names of the keys.
    pub label: &'static str,
    /// One or two words for the key bar; empty for keys that only the help lists.
    pub hint: &'static str,
    /// What the help says.
    pub help: &'static str,
    pub scope: KeyScope,
    pub chords: &'static [(Chord, Action)],
}

pub const fn letter(letter: char, action: Action) -> (Chord, Action) {
    (Chord::Plain(KeyCode::Char(letter)), action)
}

pub const fn plain(code: KeyCode, action: Action) -> (Chord, Action) {
    (Chord::Plain(code), action)
}

macro_rules! keys {
    ($(($scope:expr, $label:literal, $hint:literal, $help:literal, [$($chord:expr),* $(,)?])),* $(,)?) => {
        &[$(Binding { label: $label, hint: $hint, help: $help, scope: $scope, chords: &[$($chord),*] }),*]
    };
}

pub(in crate::ui::control) use keys as rows_of_keys;

pub const UP_DOWN: [(Chord, Action); 4] = [
    plain(KeyCode::Up, Action::Up),
    letter('k', Action::Up),
    plain(KeyCode::Down, Action::Down),
    letter('j', Action::Down),
];
pub const LEFT_RIGHT: [(Chord, Action); 2] = [plain(KeyCode::Left, Action::Left), plain(KeyCode::Right, Action::Right)];
pub const PAGES: [(Chord, Action); 4] = [
    letter('[', Action::PageUp),
    plain(KeyCode::PageUp, Action::PageUp),
    letter(']', Action::PageDown),
    plain(KeyCode::PageDown, Action::PageDown),
];

/// In order of importance: a narrow screen shows the first ones.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = keys![
    (KeyScope::Training, "p", "pause", "pause and resume",
        [letter('p', Action::PauseOrResume), letter(' ', Action::PauseOrResume)]),
    (KeyScope::Training, "q", "stop", "stop and save; again: quit now (asks first)",
        [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Interrupt)]),
    (KeyScope::Watching, "q", "quit", "quit; training is unaffected",
        [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Interrupt)]),
    (KeyScope::Exploring, "q", "quit", "quit", [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Interrupt)]),
    (KeyScope::Tour, "right left", "chapter", "next and previous chapter; also space and enter",
        [plain(KeyCode::Right, Action::NextChapter), letter(' ', Action::NextChapter),
         plain(KeyCode::Enter, Action::NextChapter), plain(KeyCode::Left, Action::PreviousChapter)]),
    (KeyScope::Tour, "p", "pause", "pause and play", [letter('p', Action::PauseOrResume)]),
    (KeyScope::Tour, "q", "quit", "quit; also esc", [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Interrupt)]),
    (KeyScope::Exploring, "f", "form", "next form", [letter('f', Action::NextForm)]),
    (KeyScope::Exploring, "n p", "", "next or previous seed",
        [letter('n', Action::PageDown), letter('p', Action::PageUp)]),
    (KeyScope::Replay, "p", "pause", "pause and play",
        [letter('p', Action::PauseOrResume), letter(' ', Action::PauseOrResume)]),
    (KeyScope::Played, "< >", "jump", "jump back and forward",
        [letter('<', Action::Earlier), letter(',', Action::Earlier),
         letter('>', Action::Later), letter('.', Action::Later)]),
    (KeyScope::Played, "+ -", "speed", "faster and slower",
        [letter('+', Action::Warmer), letter('=', Action::Warmer),
         letter('-', Action::Cooler), letter('_', Action::Cooler)]),
    (KeyScope::Played, "t", "one step", "pause, then one step at a time", [letter('t', Action::Turn)]),
    (KeyScope::Global, "?", "help", "show and hide this help",
        [letter('?', Action::Help), letter('h', Action::Help), plain(KeyCode::Esc, Action::Close)]),
    (KeyScope::Run, "1 2 3 4 5 6", "screens", "Adversarial, Samples, Curves, Quality, Latent, Log",
        [letter('1', Action::Show(Screen::Adversarial)), letter('2', Action::Show(Screen::Samples)),
         letter('3', Action::Show(Screen::Curves)), letter('4', Action::Show(Screen::Quality)),
         letter('5', Action::Show(Screen::Latent)), letter('6', Action::Show(Screen::Log)),
         plain(KeyCode::Tab, Action::NextScreen), plain(KeyCode::BackTab, Action::PreviousScreen)]),
    (KeyScope::Training, "s", "sample", "generate samples now", [letter('s', Action::SampleNow)]),
    (KeyScope::Training, "c", "checkpoint", "write a checkpoint now", [letter('c', Action::CheckpointNow)]),
    (KeyScope::Training, "t", "turn", "pause, then one update of D or G at a time", [letter('t', Action::Turn)]),
    (KeyScope::Run, "f", "freeze", "freeze the display, not the run", [letter('f', Action::Freeze)]),
    (KeyScope::Training, "n", "note", "add a note to the log", [letter('n', Action::Note)]),
    (KeyScope::Training, "b", "best", "roll back to the best checkpoint (asks first)", [letter('b', Action::Rollback)]),
    (KeyScope::Run, ":", "command", "run a command or change a setting", [letter(':', Action::Palette)]),
    (KeyScope::Training, "+ -", "temperature", "sampling temperature",
        [letter('+', Action::Warmer), letter('=', Action::Warmer),
         letter('-', Action::Cooler), letter('_', Action::Cooler)]),
    (KeyScope::Live, "u", "", "use of processor and memory", [letter('u', Action::System)]),
    (KeyScope::Run, "m", "", "mouse on and off (off: select text)", [letter('m', Action::Mouse)]),
    (KeyScope::Global, "ctrl z", "", "suspend to the shell; fg resumes", [(Chord::Ctrl('z'), Action::Suspend)]),
    (KeyScope::On(Screen::Adversarial), "[ ]", "page", "page through the samples", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (KeyScope::On(Screen::Adversarial), "up down", "", "scroll the samples by a line", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (KeyScope::On(Screen::Samples), "up down", "select", "select a poem", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (KeyScope::On(Screen::Samples), "[ ]", "", "ten poems up or down", [PAGES[0], PAGES[2]]),
    (KeyScope::On(Screen::Samples), "pgup pgdn", "", "scroll the poem",
        [plain(KeyCode::PageUp, Action::PoemUp), plain(KeyCode::PageDown, Action::PoemDown)]),
    (KeyScope::On(Screen::Samples), "left right", "time", "same seed at earlier or later steps", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (KeyScope::On(Screen::Samples), "enter", "pin", "pin the poem for comparison",
        [plain(KeyCode::Enter, Action::Select)]),
    (KeyScope::On(Screen::Samples), "/", "filter", "only poems that contain a text", [letter('/', Action::Filter)]),
    (KeyScope::On(Screen::Curves), "up down", "select", "select a curve", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (KeyScope::On(Screen::Curves), "enter", "keep", "keep the curve on the chart",
        [plain(KeyCode::Enter, Action::Select)]),
    (KeyScope::On(Screen::Curves), "left right", "cursor", "move the cursor", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (KeyScope::On(Screen::Curves), "[ ]", "", "move the window", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (KeyScope::On(Screen::Curves), "z x", "zoom", "zoom in and out",
        [letter('z', Action::ZoomIn), letter('x', Action::ZoomOut)]),
    (KeyScope::On(Screen::Curves), "w", "window", "whole run or latest steps", [letter('w', Action::Window)]),
    (KeyScope::On(Screen::Curves), "l", "scale", "logarithmic scale", [letter('l', Action::Logarithm)]),
    (KeyScope::On(Screen::Curves), "o", "smooth", "smoothing on and off", [letter('o', Action::Smooth)]),
    (KeyScope::On(Screen::Latent), "left right", "move", "move along the direction", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (KeyScope::On(Screen::Latent), "up down", "direction", "next or previous direction of z", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (KeyScope::On(Screen::Latent), "[ ]", "seed", "next or previous seed", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (KeyScope::On(Screen::Latent), "0", "reset", "all directions back to 0", [letter('0', Action::Reset)]),
    (KeyScope::On(Screen::Log), "up down", "", "scroll the settings", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (KeyScope::On(Screen::Log), "[ ]", "page", "page through the log", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
];

/// The bindings that apply on a screen, those of the screen itself first.
pub fn rows(screen: Screen, connection: Connection) -> impl Iterator<Item = &'static Binding> {
    // Windows cannot suspend a process.
    let exists = |binding: &Binding| cfg!(unix) || binding.chords.iter().all(|(_, action)| *action != Action::Suspend);
    // The keys of the tour mean the same on every screen.
    let is_free = move |binding: &Binding| connection != Connection::Tour || !is_of_tour(binding);
    let applies =
        move |binding: &&Binding| exists(binding) && is_free(binding) && binding.scope.applies(screen, connection);
    let (own, others): (Vec<_>, Vec<_>) =
        BINDINGS.iter().filter(applies).partition(|binding| matches!(binding.scope, KeyScope::On(_)));
    own.into_iter().chain(others)
}

/// Whether a row of a screen has a key that the tour needs.
fn is_of_tour(binding: &Binding) -> bool {
    let of_tour = BINDINGS.iter().filter(|other| other.scope == KeyScope::Tour).flat_map(|other| other.chords);
    let mut chords = of_tour.map(|(chord, _)| chord);
    matches!(binding.scope, KeyScope::On(_)) && chords.any(|key| binding.chords.iter().any(|(chord, _)| chord == key))
}

/// What a key means. The keys of the trainer are also found where there is none, so that the user gets a reply.
pub fn action(key: KeyEvent, screen: Screen, connection: Connection) -> Option<Action> {
    let replied = (connection != Connection::Model).then(|| rows(screen, Connection::Trainer));
    let all = rows(screen, connection).chain(replied.into_iter().flatten());
    let mut chords = all.flat_map(|binding| binding.chords);
    chords.find(|(chord, _)| chord.matches(key)).map(|(_, action)| *action)
}

/// Whether an action is possible with this connection.
pub fn is_possible(action: Action, connection: Connection) -> bool {
    let all = Screen::ALL.into_iter().flat_map(|screen| rows(screen, connection));
    all.flat_map(|binding| binding.chords).any(|(_, other)| *other == action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_and_no_label_is_used_twice_on_a_screen() {
        let connections =
            [Connection::Trainer, Connection::Journal, Connection::Playback, Connection::Tour, Connection::Model];
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
    fn a_model_has_the_keys_of_the_latent_screen_only() {
        let key = |letter| {
            let key = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
            action(key, Screen::Latent, Connection::Model)
        };
        let expected = [('q', Action::Stop), ('n', Action::PageDown), ('f', Action::NextForm), ('0', Action::Reset)];
        expected.into_iter().for_each(|(letter, action)| assert_eq!(key(letter), Some(action), "{letter}"));
        assert!("123456sctb:m+-".chars().all(|letter| key(letter).is_none()));
    }

    #[test]
    fn the_keys_of_the_tour_mean_the_same_on_every_screen() {
        for screen in Screen::ALL {
            let key = |code| action(KeyEvent::new(code, KeyModifiers::NONE), screen, Connection::Tour);
            for code in [KeyCode::Right, KeyCode::Enter, KeyCode::Char(' ')] {
                assert_eq!(key(code), Some(Action::NextChapter), "{code:?} on {screen:?}");
            }
            assert_eq!(key(KeyCode::Left), Some(Action::PreviousChapter));
            assert_eq!(key(KeyCode::Char('p')), Some(Action::PauseOrResume));
            assert_eq!(key(KeyCode::Char('3')), Some(Action::Show(Screen::Curves)));
        }
        let key = |code| action(KeyEvent::new(code, KeyModifiers::NONE), Screen::Samples, Connection::Playback);
        assert_eq!((key(KeyCode::Enter), key(KeyCode::Char(' '))), (Some(Action::Select), Some(Action::PauseOrResume)));
    }

    #[test]
    fn read_only_dashboards_list_no_key_of_the_trainer() {
        let is_shown = |label: &str, connection| rows(Screen::Adversarial, connection).any(|row| row.label == label);
        for label in ["s", "c", "n", "b"] {
            assert!(is_shown(label, Connection::Trainer));
            assert!(!is_shown(label, Connection::Journal) && !is_shown(label, Connection::Playback), "{label}");
        }
        assert!(is_shown("< >", Connection::Playback) && !is_shown("< >", Connection::Trainer));
        assert!(is_possible(Action::Turn, Connection::Playback) && !is_possible(Action::Turn, Connection::Journal));
        let key = KeyEvent::new(KeyCode::Char('s'), KeyModifiers::NONE);
        assert_eq!(action(key, Screen::Adversarial, Connection::Journal), Some(Action::SampleNow), "it gets a reply");
    }
}
