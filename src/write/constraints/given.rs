//! The places of a poem that the constraints fill or restrict.

use std::collections::BTreeMap;

use super::vocabulary::ConstraintVocabulary;
use super::{Constraints, is_open};
use crate::corpus::Form;
use crate::error::UserError;

/// A line and a token of it, from 0.
pub type Place = (usize, usize);

/// What is given before a poem is drawn.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The token of a place.
    pub tokens: BTreeMap<Place, u32>,
    /// The tokens that are allowed at a place, [vocab].
    pub sets: BTreeMap<Place, Vec<bool>>,
    /// The length of a line that is given as a whole, in tokens.
    pub lengths: BTreeMap<usize, usize>,
}

impl Given {
    /// # Errors
    /// Constraints that the form has no room for, that contradict each other, or that the model does not know.
    pub fn new(constraints: &Constraints, form: Form, vocabulary: &ConstraintVocabulary) -> Result<Given, UserError> {
        let mut builder = Builder { form, vocabulary, given: Given::default(), origins: BTreeMap::new() };
        for (number, text) in &constraints.lines {
            builder.line(*number, text)?;
        }
        constraints.start.iter().try_for_each(|text| builder.start(text))?;
        constraints.acrostic.iter().try_for_each(|text| builder.acrostic(text))?;
        let last = |_, width: usize| width - 1;
        constraints.acrostic_end.iter().try_for_each(|text| builder.acrostic_at("--acrostic-end", text, last))?;
        let diagonal = |line, _| line;
        constraints
            .acrostic_diagonal
            .iter()
            .try_for_each(|text| builder.acrostic_at("--acrostic-diagonal", text, diagonal))?;
        Ok(builder.given)
    }

    /// Number of lines that the constraints need, at least.
    pub fn n_lines(&self) -> usize {
        let lines = self.tokens.keys().chain(self.sets.keys()).map(|(line, _)| line + 1);
        lines.max().unwrap_or(0)
    }

    /// Whether a word is given within a line.
    pub fn holds(&self, word: &[u32]) -> bool {
        let begins = |&(line, start): &Place| {
            (start..).zip(word).all(|(place, token)| self.tokens.get(&(line, place)) == Some(token))
        };
        self.tokens.keys().any(begins)
    }

    /// The given tokens that follow a place without a gap.
    pub fn following(&self, (line, place): Place) -> impl Iterator<Item = u32> {
        (place + 1..).map_while(move |place| self.tokens.get(&(line, place)).copied())
    }

    /// Whether a token is allowed at a place.
    pub fn allows(&self, place: Place, token: usize) -> bool {
        match (self.tokens.get(&place), self.sets.get(&place)) {
            (Some(given), _) => *given as usize == token,
            (None, Some(set)) => set[token],
            (None, None) => true,
        }
    }
}

struct Builder<'a> {
    form: Form,
    vocabulary: &'a ConstraintVocabulary<'a>,
    given: Given,
    /// The option that a place is given by.
    origins: BTreeMap<Place, String>,
}

impl Builder<'_> {
    fn start(&mut self, text: &str) -> Result<(), UserError> {
        let parts = text.trim().trim_end_matches(|c: char| !c.is_alphanumeric() && !is_open(c));
        let is_parting = |c: &char| !c.is_alphanumeric() && !is_open(*c);
        if let Some(c) = parts.chars().find(is_parting).filter(|_| self.vocabulary.is_of_characters()) {
            let why = "stands between two lines; give them with --line 1=... and --line 2=...";
            return Err(UserError(format!("--start {text}: '{c}' {why}")));
        }
        let tokens = self.vocabulary.tokens("--start", text)?;
        if let Some(width) = self.form.width().filter(|&width| tokens.len() > width) {
            let length = tokens.len();
            return Err(UserError(format!(
                "--start {text}: {length} characters do not fit into a line of {width}; give whole lines with --line 1=... \
                 and --line 2=..."
            )));
        }
        self.put("--start", 0, 0, &tokens)
    }

    fn line(&mut self, number: usize, text: &str) -> Result<(), UserError> {
        let option = format!("--line {number}=");
        self.has_line(&option, number)?;
        let tokens = self.vocabulary.pattern(&option, text)?;
        if let Some(width) = self.form.width().filter(|&width| tokens.len() != width) {
            let (length, form) = (tokens.len(), self.form);
            return Err(UserError(format!("{option}{text}: a line of {form} has {width} characters, not {length}")));
        }
        self.given.lengths.insert(number - 1, tokens.len());
        let known = tokens.into_iter().enumerate().filter_map(|(place, token)| Some((place, token?)));
        known.into_iter().try_for_each(|(place, token)| self.put(&option, number - 1, place, &[token]))
    }

    /// The first tokens of the lines: words if there are blanks between them, else characters or letters.
    fn acrostic(&mut self, text: &str) -> Result<(), UserError> {
        let units = self.units("--acrostic", text)?;
        for (line, unit) in units.iter().enumerate().filter(|(_, unit)| !unit.chars().all(is_open)) {
            let set = self.vocabulary.beginning_with(unit);
            if !set.contains(&true) {
                return Err(UserError(format!("--acrostic {text}: the model knows no word that begins with '{unit}'")));
            }
            let mut tokens = (0u32..).zip(&set).filter(|(_, is_in)| **is_in).map(|(token, _)| token);
            match (tokens.next(), tokens.next()) {
                // A given token is kept free for its place.
                (Some(token), None) => self.put("--acrostic", line, 0, &[token])?,
                _ if self.given.tokens.get(&(line, 0)).is_some_and(|&token| !set[token as usize]) => {
                    return Err(self.disagree("--acrostic", (line, 0)));
                }
                _ => {
                    self.given.sets.insert((line, 0), set);
                    self.origins.entry((line, 0)).or_insert("--acrostic".to_string());
                }
            }
        }
        Ok(())
    }

    /// Characters of the lines at a place that depends on the line and on the length of the lines.
    fn acrostic_at(&mut self, option: &str, text: &str, place: fn(usize, usize) -> usize) -> Result<(), UserError> {
        let form = self.form;
        let Some(width) = form.width() else {
            return Err(UserError(format!("{option}: needs a form with lines of a fixed length, and {form} is none")));
        };
        let units = self.units(option, text)?;
        for (line, unit) in units.iter().enumerate().filter(|(_, unit)| !unit.chars().all(is_open)) {
            let tokens = self.vocabulary.tokens(option, unit)?;
            let place = place(line, width);
            if place + tokens.len() > width {
                let number = line + 1;
                return Err(UserError(format!("{option} {text}: line {number} of {form} has only {width} characters")));
            }
            self.put(option, line, place, &tokens)?;
        }
        Ok(())
    }

    /// The words or characters of an acrostic.
    fn units(&self, option: &str, text: &str) -> Result<Vec<String>, UserError> {
        let units = units(text);
        if units.is_empty() {
            return Err(UserError(format!("{option}: no text")));
        }
        self.has_line(option, units.len())?;
        Ok(units)
    }

    fn has_line(&self, option: &str, number: usize) -> Result<(), UserError> {
        match self.form.lines() {
            Some(lines) if number > lines => {
                let form = self.form;
                Err(UserError(format!("{option}: needs {number} lines, and {form} has {lines}")))
            }
            _ => Ok(()),
        }
    }

    fn put(&mut self, option: &str, line: usize, from: usize, tokens: &[u32]) -> Result<(), UserError> {
        for (place, &token) in (from..).zip(tokens) {
            let place = (line, place);
            if !self.given.allows(place, token as usize) {
                return Err(self.disagree(option, place));
            }
            self.given.tokens.insert(place, token);
            self.origins.entry(place).or_insert(option.trim_end_matches('=').to_string());
        }
        Ok(())
    }

    fn disagree(&self, option: &str, place: Place) -> UserError {
        let (option, number) = (option.trim_end_matches('='), place.0 + 1);
        let other = self.origins.get(&place).map_or("another option", String::as_str);
        UserError(format!("{option}: contradicts {other} in line {number}"))
    }
}

/// Number of lines of an acrostic.
pub fn n_units(text: &str) -> usize {
    units(text).len()
}

/// Words where there are blanks, else characters.
fn units(text: &str) -> Vec<String> {
    let words: Vec<String> = text.split_whitespace().map(String::from).collect();
    match words.as_slice() {
        [word] => word.chars().filter(|&c| c.is_alphanumeric() || is_open(c)).map(String::from).collect(),
        _ => words,
    }
}
