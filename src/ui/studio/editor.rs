//! A line of text that is being typed, with a cursor.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Most characters of a line.
const MOST: usize = 400;

/// A line and the place in it where the next character goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEditor {
    characters: Vec<char>,
    /// Characters before the cursor.
    cursor: usize,
}

impl LineEditor {
    /// The text with the cursor at its end.
    pub fn new(text: &str) -> LineEditor {
        let characters: Vec<char> = text.chars().collect();
        LineEditor { cursor: characters.len(), characters }
    }

    pub fn text(&self) -> String {
        self.characters.iter().collect()
    }

    /// The text before the cursor, and that from it on.
    pub fn parts(&self) -> [String; 2] {
        let (before, after) = self.characters.split_at(self.cursor);
        [before, after].map(|part| part.iter().collect())
    }

    /// Handles a key that moves the cursor or changes the text.
    pub fn on_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Left => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right => self.cursor = (self.cursor + 1).min(self.characters.len()),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.characters.len(),
            KeyCode::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.characters.remove(self.cursor);
            }
            KeyCode::Delete if self.cursor < self.characters.len() => drop(self.characters.remove(self.cursor)),
            KeyCode::Char('u') if control => {
                self.characters.drain(..self.cursor);
                self.cursor = 0;
            }
            KeyCode::Char(character) if !control => self.insert(character),
            _ => {}
        }
    }

    /// Inserts a text; control characters become spaces.
    pub fn paste(&mut self, text: &str) {
        let words = text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        words.chars().for_each(|character| self.insert(character));
    }

    fn insert(&mut self, character: char) {
        if self.characters.len() < MOST && !character.is_control() {
            self.characters.insert(self.cursor, character);
            self.cursor += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(editor: &mut LineEditor, codes: &[KeyCode]) -> String {
        codes.iter().for_each(|code| editor.on_key(KeyEvent::new(*code, KeyModifiers::NONE)));
        editor.text()
    }

    #[test]
    fn text_is_changed_at_the_cursor() {
        let mut editor = LineEditor::new("春眠不觉晓");
        let letter = KeyCode::Char;
        assert_eq!(press(&mut editor, &[KeyCode::Left, KeyCode::Backspace, letter('知')]), "春眠不知晓");
        assert_eq!(editor.parts(), ["春眠不知", "晓"]);
        assert_eq!(
            press(&mut editor, &[KeyCode::Home, KeyCode::Backspace, KeyCode::Delete, letter('秋')]),
            "秋眠不知晓"
        );
        assert_eq!(press(&mut editor, &[KeyCode::End, KeyCode::Delete, KeyCode::Right, KeyCode::Tab]), "秋眠不知晓");
        editor.on_key(KeyEvent::new(letter('u'), KeyModifiers::CONTROL));
        assert_eq!(editor.text(), "");
        editor.paste("a\r\nb\u{1b}");
        editor.paste(&"x".repeat(2 * MOST));
        assert!(editor.text().starts_with("a bxx") && editor.text().len() == MOST);
    }
}
