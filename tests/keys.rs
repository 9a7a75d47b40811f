//! Every key of the table in a pseudo-terminal: its effect is checked on the screen or in the journal.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails fails its test")]

mod common;
#[path = "common/key_bytes.rs"]
mod key_bytes;
#[path = "common/terminal.rs"]
#[allow(dead_code, reason = "another test needs the rest")]
mod pseudo;

use common::{Folder, quick, until};
use crossterm::event::KeyCode;
use key_bytes::{bytes, letter};
use poetgan::ui::control::keys::{BINDINGS, Chord, KeyScope};
use poetgan::ui::model::screens::Screen;
use pseudo::Terminal;

/// A terminal with adversarial training that is paused, and the keys that were pressed, with their screens.
struct Keyboard {
    terminal: Terminal,
    pressed: Vec<(Option<Screen>, Chord)>,
}

impl Keyboard {
    fn press(&mut self, screen: Option<Screen>, code: KeyCode) {
        self.pressed.push((screen, Chord::Plain(code)));
        self.terminal.press(&bytes(code));
    }

    /// Presses a global key and waits for the screen to show `text`.
    fn shows(&mut self, code: KeyCode, text: &str) {
        self.press(None, code);
        self.terminal.until_shows(text);
    }

    /// Presses keys of a screen one by one: each changes what is shown.
    fn changes(&mut self, screen: Screen, codes: &[KeyCode]) {
        for code in codes {
            let before = self.still();
            assert!(before.contains(" p resume") || before.contains("left right"), "a paused run:\n{before}");
            self.press(Some(screen), *code);
            self.terminal.until(&format!("{code:?} does something on {screen:?}"), |after| after != before);
        }
    }

    fn go(&mut self, screen: Screen) {
        let place = Screen::ALL.into_iter().position(|other| other == screen).unwrap();
        let number = char::from_digit(place as u32 + 1, 10).unwrap();
        // Also clears the reply to the key before.
        self.press(None, letter(if number == '1' { '2' } else { '1' }));
        self.terminal.until_shows(" p resume");
        let before = self.still();
        self.press(None, letter(number));
        self.terminal.until(&format!("{number} shows {screen:?}"), |after| after != before);
    }

    /// The screen once it has stopped changing: a frame may come in pieces.
    fn still(&self) -> String {
        let mut before = self.terminal.text();
        until("nothing moves", || {
            std::thread::sleep(std::time::Duration::from_millis(150));
            let now = self.terminal.text();
            (now == std::mem::replace(&mut before, now.clone())).then_some(now)
        })
    }

    fn journal(&self, event: &str) -> usize {
        self.terminal.run.events().iter().filter(|other| other["event"] == event).count()
    }
}

/// Adversarial training with samples at every step, paused.
fn paused() -> Keyboard {
    let folder = Folder::new();
    folder.write("adversarial.toml", quick("sample_every = 1\ncheckpoint_every = 20\nheld_out_every = 20"));
    let words = "train poems.txt --config adversarial.toml --pretrain-steps 20 --adversarial-steps 1000000";
    let terminal = Terminal::run(folder, words);
    terminal.until_shows("adversarial");
    terminal.run.until_step(60);
    let mut keyboard = Keyboard { terminal, pressed: Vec::new() };
    keyboard.shows(letter(' '), "adversarial, paused");
    keyboard
}

/// The pane of the machine, and the mouse.
fn press_keys_of_the_terminal(keyboard: &mut Keyboard) {
    keyboard.shows(letter('u'), "u closes");
    keyboard.terminal.until_shows("processor");
    keyboard.press(None, letter('u'));
    keyboard.terminal.until("the pane is closed", |screen| !screen.contains("u closes"));
    keyboard.shows(letter('m'), "mouse on");
    keyboard.shows(letter('m'), "mouse off");
}

/// Presses the keys that are the same on every screen.
fn press_global_keys(keyboard: &mut Keyboard) {
    keyboard.shows(letter('p'), " p pause");
    keyboard.shows(letter('t'), "adversarial, paused");
    keyboard.shows(letter('t'), " D1: loss");
    for (key, to) in [('+', 1.1), ('=', 1.2), ('-', 1.1), ('_', 1.0)] {
        keyboard.shows(letter(key), &format!("  temperature {to:.1}"));
        if key == '+' {
            // Requests between two turns are done after the step.
            keyboard.shows(letter('t'), " G: loss");
        }
        until("the temperature changes", || keyboard.terminal.has_changed("temperature", to).then_some(()));
        // The answer of the trainer, which would cover the reply to the next key.
        keyboard.terminal.until_shows(&format!(" -> {to} "));
    }
    let samples = keyboard.terminal.n_samples();
    keyboard.shows(letter('s'), "new samples requested");
    until("samples are written", || (keyboard.terminal.n_samples() > samples).then_some(()));
    let checkpoints = keyboard.journal("checkpoint");
    keyboard.shows(letter('c'), "checkpoint requested");
    until("a checkpoint is written", || (keyboard.journal("checkpoint") > checkpoints).then_some(()));
    keyboard.shows(letter('n'), " note: ");
    keyboard.terminal.press("here\r");
    until("the note is written", || (keyboard.journal("note") > 0).then_some(()));
    keyboard.terminal.until_shows("note: here");
    keyboard.shows(letter('b'), "the best checkpoint?");
    keyboard.terminal.press("y");
    keyboard.terminal.until_shows("as requested: back to the weights of step ");
    keyboard.shows(letter('f'), "frozen: f or esc");
    keyboard.press(None, KeyCode::Esc);
    keyboard.terminal.until("it is unfrozen", |screen| !screen.contains("frozen: f or esc"));
    press_keys_of_the_terminal(keyboard);
    keyboard.shows(letter(':'), "tab completes");
    keyboard.terminal.press("log\r");
    keyboard.terminal.until_shows("settings at the start");
    for closes in ['?', 'h'] {
        keyboard.shows(letter('?'), "help for Log");
        keyboard.press(None, letter(closes));
        keyboard.terminal.until("the help is gone", |screen| !screen.contains("help for Log"));
    }
    for (key, text) in [(KeyCode::Tab, "╭ losses"), (KeyCode::BackTab, "settings at the start")] {
        keyboard.shows(key, text);
    }
}

#[test]
fn every_key_of_the_table_has_a_visible_effect() {
    let mut keyboard = paused();
    press_global_keys(&mut keyboard);
    let (up, down, k, j) = (KeyCode::Up, KeyCode::Down, letter('k'), letter('j'));
    let (left, right, enter) = (KeyCode::Left, KeyCode::Right, KeyCode::Enter);
    let (before, after, pgup, pgdn) = (letter('['), letter(']'), KeyCode::PageUp, KeyCode::PageDown);
    keyboard.go(Screen::Adversarial);
    keyboard.changes(Screen::Adversarial, &[down, j, k, up, after, before, pgdn, pgup]);
    keyboard.go(Screen::Samples);
    keyboard.changes(Screen::Samples, &[down, j, k, up, after, before, left, right, enter, letter('/')]);
    keyboard.terminal.press("\r");
    keyboard.terminal.resize(60, 16);
    keyboard.terminal.until("it is small", |screen| screen.lines().count() == 16 && screen.contains("/ filter"));
    keyboard.changes(Screen::Samples, &[pgdn, pgup]);
    keyboard.terminal.resize(80, 24);
    keyboard.terminal.until("it is large", |screen| screen.lines().count() == 24 && screen.contains(" p resume"));
    keyboard.go(Screen::Curves);
    keyboard.changes(Screen::Curves, &[down, j, k, up, enter, left, right, letter('z'), before, after, pgup, pgdn]);
    keyboard.changes(Screen::Curves, &["x", "w", "l", "o"].map(|key| letter(key.chars().next().unwrap())));
    keyboard.go(Screen::Quality);
    keyboard.go(Screen::Latent);
    keyboard.terminal.until_shows("of characters change");
    keyboard.changes(Screen::Latent, &[left, right, down, j, k, up, after, before, pgdn, pgup, left, letter('0')]);
    keyboard.go(Screen::Log);
    keyboard.changes(Screen::Log, &[down, j, k, up, before, after, pgup, pgdn]);
    for screen in [Screen::Adversarial, Screen::Samples, Screen::Curves, Screen::Quality, Screen::Latent, Screen::Log] {
        keyboard.go(screen);
    }
    keyboard.press(None, letter('q'));
    keyboard.terminal.ends_with(0);
    // These two have their own tests.
    let elsewhere = [Chord::Ctrl('c'), Chord::Ctrl('z')];
    for binding in BINDINGS {
        let screen = match binding.scope {
            KeyScope::Watching | KeyScope::Exploring | KeyScope::Replay | KeyScope::Tour | KeyScope::Played => continue,
            KeyScope::On(screen) => Some(screen),
            KeyScope::Global | KeyScope::Run | KeyScope::Live | KeyScope::Training => None,
        };
        for (chord, _) in binding.chords.iter().filter(|(chord, _)| !elsewhere.contains(chord)) {
            assert!(keyboard.pressed.contains(&(screen, *chord)), "{chord:?} on {screen:?} was not pressed");
        }
    }
}
