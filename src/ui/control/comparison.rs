//! The keys where several runs are compared.

use crossterm::event::{KeyCode, KeyEvent};

use crate::ui::control::keys::{self, Binding, Chord, KeyScope, LEFT_RIGHT, PAGES, UP_DOWN, letter, plain};
use crate::ui::model::action::Action;
use crate::ui::model::comparison::RunComparison;

/// In order of importance: a narrow screen shows the first ones. Keys that the curves screen has mean the same here.
#[rustfmt::skip]
pub const COMPARISON: &[Binding] = keys::rows_of_keys![
    (KeyScope::Global, "q", "quit", "quit; training is unaffected",
        [letter('q', Action::Stop), (Chord::Ctrl('c'), Action::Interrupt)]),
    (KeyScope::Global, "up down", "curve", "select a curve", [UP_DOWN[0], UP_DOWN[1], UP_DOWN[2], UP_DOWN[3]]),
    (KeyScope::Global, "t", "steps or time", "steps or training time on the axis", [letter('t', Action::Axis)]),
    (KeyScope::Global, "z x", "zoom", "zoom in and out", [letter('z', Action::ZoomIn), letter('x', Action::ZoomOut)]),
    (KeyScope::Global, "left right", "cursor", "move the cursor", [LEFT_RIGHT[0], LEFT_RIGHT[1]]),
    (KeyScope::Global, "?", "help", "show and hide this help",
        [letter('?', Action::Help), letter('h', Action::Help), plain(KeyCode::Esc, Action::Close)]),
    (KeyScope::Global, "[ ]", "", "move the window", [PAGES[0], PAGES[1], PAGES[2], PAGES[3]]),
    (KeyScope::Global, "w", "window", "whole run or latest steps", [letter('w', Action::Window)]),
    (KeyScope::Global, "l", "scale", "logarithmic scale", [letter('l', Action::Logarithm)]),
    (KeyScope::Global, "o", "smooth", "smoothing on and off", [letter('o', Action::Smooth)]),
    (KeyScope::Global, "ctrl z", "", "suspend to the shell; fg resumes", [(Chord::Ctrl('z'), Action::Suspend)]),
];

impl RunComparison {
    /// Handles a key.
    pub fn on_key(&mut self, key: KeyEvent) {
        let mut chords = COMPARISON.iter().flat_map(|binding| binding.chords);
        let action = chords.find(|(chord, _)| chord.matches(key)).map(|(_, action)| *action);
        match action {
            Some(action @ (Action::Interrupt | Action::Suspend)) => self.on_action(action),
            Some(Action::Up) if self.help => self.help_scroll = self.help_scroll.saturating_sub(1),
            Some(Action::Down) if self.help => self.help_scroll = (self.help_scroll + 1).min(self.help_hidden),
            Some(Action::Stop | Action::Help | Action::Close) if self.help => self.help = false,
            Some(action) if !self.help => self.on_action(action),
            _ => return,
        }
        self.needs_repaint = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyModifiers;

    fn press(comparison: &mut RunComparison, code: KeyCode) {
        comparison.on_key(KeyEvent::new(code, KeyModifiers::NONE));
    }

    #[test]
    fn no_key_is_bound_twice() {
        let chords: Vec<Chord> =
            COMPARISON.iter().flat_map(|binding| binding.chords).map(|(chord, _)| *chord).collect();
        for (index, chord) in chords.iter().enumerate() {
            assert!(!chords[..index].contains(chord), "{chord:?} is bound twice");
        }
    }

    #[test]
    fn q_closes_the_help_first_and_then_quits() {
        let mut comparison = RunComparison::new(["a".to_owned()]);
        press(&mut comparison, KeyCode::Char('?'));
        assert!(comparison.help);
        press(&mut comparison, KeyCode::Char('q'));
        assert!(!comparison.help && !comparison.has_quit);
        press(&mut comparison, KeyCode::Char('q'));
        assert!(comparison.has_quit);
    }
}
