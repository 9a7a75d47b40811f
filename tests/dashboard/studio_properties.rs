//! No keys, answers or sizes cause a panic or half of a wide character on the screen of `poetgan studio`, and no English is left
//! on a Chinese one.

use std::collections::BTreeSet;

use crossterm::event::KeyCode;
use poetgan::run::event::ScoredLine;
use poetgan::ui::Lang;
use poetgan::ui::control::keys::Chord;
use poetgan::ui::studio::{STUDIO_KEYS, StudioAnswer, StudioCandidate, StudioState};
use proptest::prelude::*;

use crate::studio::{busy, press, render_in, setup, written};

/// What is the same in both languages: keys, options, names, and what a window leaves of them.
const SAME: &[&str] = &[
    "ctrl",
    "lin",
    "poetg",
    "delete",
    "down",
    "enter",
    "esc",
    "form",
    "left",
    "off",
    "poetgan",
    "right",
    "runs",
    "seed",
    "shell",
    "shift",
    "step",
    "strict",
    "studio",
    "tab",
    "tang",
    "theme",
    "write",
    "model",
    "checkpoint",
    "line",
    "poems",
    "txt",
    "json",
    "jsonl",
    "candidates",
];

#[test]
fn no_screen_has_english_words() {
    let mut states = vec![StudioState::new(setup()), written(), busy()];
    for keys in ["?", "c", "\r", "x", "e", "l", "u", "U", "ff"] {
        let mut state = written();
        for key in keys.chars() {
            press(&mut state, if key == '\r' { KeyCode::Enter } else { KeyCode::Char(key) });
        }
        states.push(state);
    }
    let mut found = BTreeSet::new();
    for state in &mut states {
        for (width, height) in [(40, 12), (80, 24), (120, 60)] {
            let screen = render_in(state, width, height, Lang::Zh);
            let words = screen.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 2);
            found.extend(words.map(str::to_lowercase));
        }
    }
    let english: Vec<&String> = found.iter().filter(|word| !SAME.contains(&word.as_str())).collect();
    assert!(english.is_empty(), "{english:?}");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("春眠不觉晓".repeat(30)),
        Just("a very long line ".repeat(20)),
        Just("\u{1b}[2J\u{7}\r\n\t\0 e\u{301}\u{302} 👩‍👩‍👧‍👦 🇨🇳 ﾊﾟ 𠮷 ﷽ قفا".to_owned()),
        "\\PC{0,40}",
    ]
}

fn any_answer() -> impl Strategy<Value = StudioAnswer> {
    let lines = prop::collection::vec((any_text(), "[-/?]{0,9}", prop::option::of(any::<f32>())), 0..20);
    let parts =
        (0..4_u64, lines, any_text(), prop::option::of(any::<f32>()), prop::collection::vec(0..30_usize, 0..3), 0..6);
    parts.prop_map(|(number, lines, text, score, places, kind)| match kind {
        0 => StudioAnswer::Refused { number, why: text },
        1 => StudioAnswer::Written { number },
        2 => StudioAnswer::Failed(text),
        _ => {
            let line = |(text, tones, score)| ScoredLine { text, score, attributions: Vec::new(), tones };
            let lines = lines.into_iter().map(line).collect();
            let rhyme = Some((text.clone(), places.clone()));
            let command = vec!["poetgan".to_owned(), text.clone()];
            let poem = StudioCandidate {
                seed: number,
                form: text,
                lines,
                stanzas: places,
                score,
                cost: score,
                rhyme,
                command,
                ..Default::default()
            };
            StudioAnswer::Poem { number, poem: Box::new(poem) }
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_keys_answers_or_sizes_cause_a_panic(
        steps in prop::collection::vec((any_answer(), 0..200_usize, any_text()), 0..25),
        size in (1_u16..220, 1_u16..60),
        chinese in any::<bool>(),
    ) {
        let keys: Vec<KeyCode> = STUDIO_KEYS
            .iter()
            .flat_map(|row| row.chords)
            .filter_map(|(chord, _)| match chord {
                Chord::Plain(code) => Some(*code),
                _ => None,
            })
            .chain([KeyCode::Char('春'), KeyCode::Home, KeyCode::End])
            .collect();
        let mut state = StudioState::new(setup());
        drop(state.request());
        let lang = if chinese { Lang::Zh } else { Lang::En };
        for (answer, key, text) in steps {
            state.apply(answer);
            press(&mut state, keys[key % keys.len()]);
            if key > 190 {
                state.on_paste(&text);
            }
            render_in(&mut state, size.0, size.1, lang);
        }
    }
}
