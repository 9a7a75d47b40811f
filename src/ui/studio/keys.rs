//! The table of keys. Dispatch, the key bar and the help all read it, so they cannot differ.

use crossterm::event::{KeyCode, KeyEvent};

use crate::ui::control::keys::Chord;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudioAction {
    NextPane,
    PreviousPane,
    Up,
    Down,
    Left,
    Right,
    Enter,
    Clear,
    ResetAxes,
    EditLine,
    Lock,
    More,
    Keep,
    Undo,
    Redo,
    Export,
    ShowCommand,
    Help,
    Close,
    Suspend,
    Quit,
    Interrupt,
}

/// One key, or a group of keys that belong together.
pub struct StudioBinding {
    /// The names of the keys.
    pub label: &'static str,
    /// One or two words for the key bar; empty for keys that only the help lists.
    pub hint: &'static str,
    /// What the help says.
    pub help: &'static str,
    pub chords: &'static [(Chord, StudioAction)],
}

const fn letter(letter: char, action: StudioAction) -> (Chord, StudioAction) {
    (Chord::Plain(KeyCode::Char(letter)), action)
}

const fn plain(code: KeyCode, action: StudioAction) -> (Chord, StudioAction) {
    (Chord::Plain(code), action)
}

macro_rules! keys {
    ($(($label:literal, $hint:literal, $help:literal, [$($chord:expr),* $(,)?])),* $(,)?) => {
        &[$(StudioBinding { label: $label, hint: $hint, help: $help, chords: &[$($chord),*] }),*]
    };
}

/// In order of importance: a narrow screen shows the first ones.
#[rustfmt::skip]
pub const STUDIO_KEYS: &[StudioBinding] = keys![
    ("q", "quit", "quit", [letter('q', StudioAction::Quit), (Chord::Ctrl('c'), StudioAction::Interrupt)]),
    ("?", "help", "show and hide this help",
        [letter('?', StudioAction::Help), letter('h', StudioAction::Help), plain(KeyCode::Esc, StudioAction::Close)]),
    ("tab", "pane", "next pane; shift tab: the one before",
        [plain(KeyCode::Tab, StudioAction::NextPane), plain(KeyCode::BackTab, StudioAction::PreviousPane)]),
    ("enter", "fill in", "constraints: fill in a field, or turn it on and off; poem: edit the line; candidates: go to the poem; axes: type the moves",
        [plain(KeyCode::Enter, StudioAction::Enter)]),
    ("e", "edit", "edit the line of the poem that is marked; the rest is written anew around it", [letter('e', StudioAction::EditLine)]),
    ("l", "lock", "lock the marked line for the next poems, or unlock it", [letter('l', StudioAction::Lock)]),
    ("r", "write more", "write new candidates with the next seeds", [letter('r', StudioAction::More)]),
    ("f", "keep", "append the poem to the file of favourites", [letter('f', StudioAction::Keep)]),
    ("c", "command", "show the command in full", [letter('c', StudioAction::ShowCommand)]),
    ("u", "undo", "undo the last change of the constraints", [letter('u', StudioAction::Undo)]),
    ("U", "redo", "redo what was undone", [letter('U', StudioAction::Redo)]),
    ("x", "export", "write all candidates to a new file; JSON lines if its name ends with .jsonl", [letter('x', StudioAction::Export)]),
    ("up down", "", "next or previous field, candidate, line or axis",
        [plain(KeyCode::Up, StudioAction::Up), letter('k', StudioAction::Up),
         plain(KeyCode::Down, StudioAction::Down), letter('j', StudioAction::Down)]),
    ("left right", "", "axes: move the slider; constraints: next or previous choice; elsewhere: next or previous candidate",
        [plain(KeyCode::Left, StudioAction::Left), plain(KeyCode::Right, StudioAction::Right)]),
    ("delete", "", "constraints: empty the field; axes: slider back to 0; also backspace",
        [plain(KeyCode::Delete, StudioAction::Clear), plain(KeyCode::Backspace, StudioAction::Clear)]),
    ("0", "", "all sliders back to 0", [letter('0', StudioAction::ResetAxes)]),
    ("ctrl z", "", "suspend to the shell; fg resumes", [(Chord::Ctrl('z'), StudioAction::Suspend)]),
];

/// The bindings of this system: Windows cannot suspend a process.
pub fn bindings() -> impl Iterator<Item = &'static StudioBinding> {
    let suspends = |binding: &StudioBinding| binding.chords.iter().any(|(_, action)| *action == StudioAction::Suspend);
    STUDIO_KEYS.iter().filter(move |binding| cfg!(unix) || !suspends(binding))
}

/// What a key means.
pub fn action(key: KeyEvent) -> Option<StudioAction> {
    let mut chords = bindings().flat_map(|binding| binding.chords);
    chords.find(|(chord, _)| chord.matches(key)).map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_and_every_label_is_bound() {
        let chords: Vec<Chord> = STUDIO_KEYS.iter().flat_map(|row| row.chords).map(|(chord, _)| *chord).collect();
        for (index, chord) in chords.iter().enumerate() {
            assert!(!chords[..index].contains(chord), "{chord:?} is bound twice");
        }
        for row in STUDIO_KEYS.iter().filter(|row| !row.label.starts_with("ctrl")) {
            for name in row.label.split(' ') {
                let code = match name {
                    "tab" => KeyCode::Tab,
                    "enter" => KeyCode::Enter,
                    "delete" => KeyCode::Delete,
                    "up" => KeyCode::Up,
                    "down" => KeyCode::Down,
                    "left" => KeyCode::Left,
                    "right" => KeyCode::Right,
                    _ => KeyCode::Char(name.chars().next().unwrap()),
                };
                assert!(row.chords.iter().any(|(chord, _)| *chord == Chord::Plain(code)), "{name}");
            }
        }
    }
}
