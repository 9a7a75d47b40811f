//! What may come next in a poem of a given form: the mask that a sampler obeys.

use crate::config::ModelConfig;
use crate::corpus::Form;

/// Ids that the generator has to know of a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecialTokens {
    /// Ends a line that is not the last.
    pub line: u32,
    /// Ends the poem.
    pub end: u32,
    /// Ids from here on are content, ids below are line and end marks, form tags and the unknown token.
    pub first_content: usize,
    /// Ids from here on are more than punctuation.
    pub first_letter: usize,
}

/// Where the next token of a poem stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line of the poem, from 0.
    pub line: usize,
    /// Token of the line, from 0.
    pub token: usize,
}

impl Place {
    /// The place behind `token`, which stood here.
    pub fn after(self, token: u32, special: SpecialTokens) -> Place {
        if token == special.line {
            Place { line: self.line + 1, token: 0 }
        } else if (token as usize) < special.first_content {
            self
        } else {
            Place { token: self.token + 1, ..self }
        }
    }
}

/// The tokens that keep the form at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    pub content: bool,
    pub line: bool,
    pub end: bool,
}

/// The rules of one form.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    form: Form,
    max_line: usize,
    max_lines: usize,
    max_poem: usize,
}

impl Rules {
    pub fn new(form: Form, config: &ModelConfig) -> Rules {
        Rules { form, max_line: config.max_line, max_lines: config.max_lines, max_poem: config.max_poem }
    }

    /// What may stand at `place`, with `written` tokens before it (form tag included).
    pub fn allowed(&self, place: Place, written: usize) -> Allowed {
        if let Form::Fixed { width, lines } = self.form {
            let full = place.token >= width;
            let last = place.line + 1 >= lines;
            return Allowed { content: !full, line: full && !last, end: full && last };
        }
        // A poem that has no room left ends, wherever it is.
        if written + 1 >= self.max_poem {
            return Allowed { content: false, line: false, end: true };
        }
        let (last, may_end) = match self.form {
            Form::Lines(lines) => (place.line + 1 >= lines, place.line + 1 >= lines),
            _ => (place.line + 1 >= self.max_lines, true),
        };
        let begun = place.token > 0;
        Allowed { content: place.token < self.max_line, line: begun && !last, end: begun && may_end }
    }

    /// Whether every poem of the form has the same marks at the same places.
    pub fn is_fixed(&self) -> bool {
        matches!(self.form, Form::Fixed { .. })
    }

    /// The first id that content may have: a fixed form has no punctuation.
    pub fn first_content(&self, special: SpecialTokens) -> usize {
        if self.is_fixed() { special.first_letter } else { special.first_content }
    }

    /// Tokens of the longest poem of the form, tag and marks included.
    pub fn longest(&self) -> usize {
        match self.form {
            Form::Fixed { width, lines } => (width + 1) * lines + 1,
            Form::Lines(lines) => self.max_poem.min((self.max_line + 1) * lines + 1),
            Form::Free => self.max_poem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn rules(form: Form) -> Rules {
        let config: Config = toml::from_str(include_str!("../../presets/base.toml")).unwrap();
        Rules::new(form, &config.model)
    }

    #[test]
    fn a_fixed_form_leaves_one_kind_of_token() {
        let rules = rules(Form::Fixed { width: 5, lines: 2 });
        let at = |line, token| rules.allowed(Place { line, token }, 1);
        assert_eq!(at(0, 4), Allowed { content: true, line: false, end: false });
        assert_eq!(at(0, 5), Allowed { content: false, line: true, end: false });
        assert_eq!(at(1, 5), Allowed { content: false, line: false, end: true });
        assert_eq!(rules.longest(), 13);
    }

    #[test]
    fn other_verse_has_no_empty_lines_and_always_ends() {
        let lines = rules(Form::Lines(2));
        assert_eq!(lines.allowed(Place { line: 0, token: 0 }, 1), Allowed { content: true, line: false, end: false });
        assert_eq!(lines.allowed(Place { line: 0, token: 3 }, 4), Allowed { content: true, line: true, end: false });
        assert_eq!(lines.allowed(Place { line: 1, token: 64 }, 9), Allowed { content: false, line: false, end: true });
        let free = rules(Form::Free);
        assert_eq!(free.allowed(Place { line: 3, token: 1 }, 9), Allowed { content: true, line: true, end: true });
        assert_eq!(free.allowed(Place { line: 3, token: 0 }, 511), Allowed { content: false, line: false, end: true });
    }

    #[test]
    fn places_count_lines_and_tokens() {
        let special = SpecialTokens { line: 1, end: 2, first_content: 5, first_letter: 5 };
        let place = [3, 7, 8, 1, 9].iter().fold(Place::default(), |place, &token| place.after(token, special));
        assert_eq!(place, Place { line: 1, token: 1 });
    }
}
