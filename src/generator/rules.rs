//! The tokens that are allowed next in a poem of a given form: the mask of the sampler.

use serde::{Deserialize, Serialize};

use crate::config::ModelConfig;
use crate::corpus::Form;

/// Ids of the special tokens of a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecialTokens {
    /// Ends a line that is not the last.
    pub line: u32,
    /// Ends a line that is the last of its stanza; `None` for a corpus without stanzas.
    pub stanza: Option<u32>,
    /// Ends the poem.
    pub end: u32,
    /// The first id of content tokens; those below are line end, poem end, form tags and the unknown token.
    pub first_content: usize,
    /// The first id of tokens that are not punctuation.
    pub first_letter: usize,
}

impl SpecialTokens {
    /// Whether a token ends a line that is not the last.
    pub fn ends_line(self, token: u32) -> bool {
        token == self.line || self.stanza == Some(token)
    }
}

/// The position of a token in its poem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenPosition {
    /// Line of the poem, from 0.
    pub line: usize,
    /// Token of the line, from 0.
    pub token: usize,
}

impl TokenPosition {
    /// The position after `token` at this position.
    pub fn after(self, token: u32, special: SpecialTokens) -> TokenPosition {
        if special.ends_line(token) {
            TokenPosition { line: self.line + 1, token: 0 }
        } else if (token as usize) < special.first_content {
            self
        } else {
            TokenPosition { token: self.token + 1, ..self }
        }
    }
}

/// The kinds of tokens that are allowed at a position.
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

    /// The tokens allowed at `position`, after `n_tokens` tokens (form tag included).
    pub fn allowed(&self, position: TokenPosition, n_tokens: usize) -> Allowed {
        if let Form::Fixed { width, lines } = self.form {
            let full = position.token >= width;
            let last = position.line + 1 >= lines;
            return Allowed { content: !full, line: full && !last, end: full && last };
        }
        // A poem of maximum length ends at any position.
        if n_tokens + 1 >= self.max_poem {
            return Allowed { content: false, line: false, end: true };
        }
        let (last, may_end) = match self.form {
            Form::Lines(lines) => (position.line + 1 >= lines, position.line + 1 >= lines),
            _ => (position.line + 1 >= self.max_lines, true),
        };
        let begun = position.token > 0;
        Allowed { content: position.token < self.max_line, line: begun && !last, end: begun && may_end }
    }

    /// The special tokens that may follow here: ends of a line, of a stanza, and of the poem.
    pub fn special(&self, allowed: Allowed, special: SpecialTokens) -> impl Iterator<Item = u32> {
        // Poems of a fixed form have no stanzas.
        let stanza = special.stanza.filter(|_| allowed.line && !self.is_fixed());
        let line = allowed.line.then_some(special.line);
        let end = allowed.end.then_some(special.end);
        line.into_iter().chain(end).chain(stanza)
    }

    /// Whether the model takes whole poems of the form. It learns longer ones in pieces, and cannot generate them.
    pub fn fits(&self) -> bool {
        let (width, lines) = match self.form {
            Form::Fixed { width, lines } => (width, lines),
            Form::Lines(lines) => (1, lines),
            Form::Free => (1, 1),
        };
        lines <= self.max_lines && width <= self.max_line && lines * (width + 1) < self.max_poem
    }

    /// Whether every poem of the form has line ends and poem end at the same positions.
    pub fn is_fixed(&self) -> bool {
        matches!(self.form, Form::Fixed { .. })
    }

    /// Number of tokens of a line, where the form fixes it.
    pub fn width(&self) -> Option<usize> {
        match self.form {
            Form::Fixed { width, .. } => Some(width),
            Form::Lines(_) | Form::Free => None,
        }
    }

    /// Number of lines, where the form fixes them and their width.
    pub fn lines(&self) -> Option<usize> {
        match self.form {
            Form::Fixed { lines, .. } => Some(lines),
            Form::Lines(_) | Form::Free => None,
        }
    }

    /// The first allowed id of content tokens; fixed forms have no punctuation.
    pub fn first_content(&self, special: SpecialTokens) -> usize {
        if self.is_fixed() { special.first_letter } else { special.first_content }
    }

    /// Number of tokens of the longest poem of the form, special tokens included.
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
        let at = |line, token| rules.allowed(TokenPosition { line, token }, 1);
        assert_eq!(at(0, 4), Allowed { content: true, line: false, end: false });
        assert_eq!(at(0, 5), Allowed { content: false, line: true, end: false });
        assert_eq!(at(1, 5), Allowed { content: false, line: false, end: true });
        assert_eq!(rules.longest(), 13);
    }

    #[test]
    fn other_verse_has_no_empty_lines_and_always_ends() {
        let lines = rules(Form::Lines(2));
        assert_eq!(
            lines.allowed(TokenPosition { line: 0, token: 0 }, 1),
            Allowed { content: true, line: false, end: false }
        );
        assert_eq!(
            lines.allowed(TokenPosition { line: 0, token: 3 }, 4),
            Allowed { content: true, line: true, end: false }
        );
        assert_eq!(
            lines.allowed(TokenPosition { line: 1, token: 64 }, 9),
            Allowed { content: false, line: false, end: true }
        );
        let free = rules(Form::Free);
        assert_eq!(
            free.allowed(TokenPosition { line: 3, token: 1 }, 9),
            Allowed { content: true, line: true, end: true }
        );
        assert_eq!(
            free.allowed(TokenPosition { line: 3, token: 0 }, 511),
            Allowed { content: false, line: false, end: true }
        );
    }

    #[test]
    fn a_stanza_ends_where_a_line_may_end() {
        let special = SpecialTokens { line: 1, end: 2, stanza: Some(4), first_content: 5, first_letter: 5 };
        let at = |form: Form, line, token| {
            let rules = rules(form);
            rules.special(rules.allowed(TokenPosition { line, token }, 9), special).collect::<Vec<_>>()
        };
        assert_eq!(at(Form::Lines(2), 0, 3), [1, 4]);
        assert_eq!((at(Form::Lines(2), 1, 3), at(Form::Lines(2), 0, 0)), (vec![2], vec![]));
        assert_eq!(at(Form::Free, 3, 1), [1, 2, 4]);
        assert_eq!(at(Form::Fixed { width: 5, lines: 2 }, 0, 5), [1]);
        let next = TokenPosition { line: 1, token: 3 }.after(4, special);
        assert_eq!(next, TokenPosition { line: 2, token: 0 });
    }

    #[test]
    fn positions_count_lines_and_tokens() {
        let special = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 5, first_letter: 5 };
        let position =
            [3, 7, 8, 1, 9].iter().fold(TokenPosition::default(), |position, &token| position.after(token, special));
        assert_eq!(position, TokenPosition { line: 1, token: 1 });
    }
}
