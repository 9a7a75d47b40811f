//! No English is left on a Chinese screen, but for names that are the same in both languages.

use std::collections::BTreeSet;

use crossterm::event::KeyCode;
use poetgan::run::event::Event;
use poetgan::run::notice::FinishReason;
use poetgan::ui::{Connection, DashboardState, Lang};

use crate::events::{chinese, run_until, started};
use crate::screen::{letter, press, render_in, state_after};

/// Keys.
const KEYS: &[&str] = &["ctrl", "down", "enter", "esc", "left", "pgdn", "pgup", "right", "tab"];
/// Commands of the command line.
const COMMANDS: &[&str] = &[
    "adversarial",
    "best",
    "checkpoint",
    "curves",
    "filter",
    "freeze",
    "goto",
    "help",
    "latent",
    "log",
    "mouse",
    "note",
    "pause",
    "quality",
    "sample",
    "samples",
    "set",
    "stop",
    "turn",
];
/// Settings, quantities, and names of the run; "ormer" is what a window leaves of a transformer.
const NAMES: &[&str] = &[
    "auc",
    "beta",
    "corpora",
    "fake",
    "gan",
    "generator",
    "model",
    "n_critic",
    "ormer",
    "poetgan",
    "real",
    "seed",
    "shell",
    "step",
    "tang",
    "training",
    "transformer",
    "txt",
    "width",
];

fn words(screen: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '-';
    let words = screen.split(|c: char| !is_part(c)).map(|word| word.trim_matches('-'));
    words.filter(|word| word.len() > 2).map(str::to_lowercase).collect()
}

/// Every screen of a state at several sizes, with the help and the palette on top.
fn screens(state: &mut DashboardState) -> String {
    let mut all = String::new();
    for number in '1'..='6' {
        letter(state, number);
        for (width, height) in [(40, 12), (80, 24), (200, 50)] {
            all += &render_in(state, width, height, Lang::Zh);
        }
        for open in ['?', ':', 'n', '/', 'b'] {
            letter(state, open);
            all += &render_in(state, 120, 40, Lang::Zh);
            press(state, KeyCode::Esc);
            press(state, KeyCode::Esc);
        }
    }
    all
}

#[test]
fn no_screen_has_english_words() {
    let ended = || {
        let mut events = run_until(8_600, chinese);
        events.push(Event::Finished { step: 8_600, reason: FinishReason::TimeLimit });
        events
    };
    let runs = [Vec::new(), vec![started()], run_until(3_000, chinese), run_until(8_600, chinese), ended()];
    let mut found = BTreeSet::new();
    for events in runs {
        for connection in
            [Connection::Trainer, Connection::Journal, Connection::Playback, Connection::Tour, Connection::Model]
        {
            let mut state = DashboardState::new(connection, None);
            events.iter().cloned().for_each(|event| state.apply(event));
            found.extend(words(&screens(&mut state)));
        }
    }
    found.extend(words(&screens(&mut state_after(run_until(8_600, chinese)))));
    let english: Vec<&String> =
        found.iter().filter(|word| ![KEYS, COMMANDS, NAMES].concat().contains(&word.as_str())).collect();
    assert!(english.is_empty(), "{english:?}");
}
