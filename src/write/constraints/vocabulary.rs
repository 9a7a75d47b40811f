//! What the constraints need to know of a model's vocabulary.

use super::is_open;
use crate::config::TokenizerKind;
use crate::error::UserError;
use crate::gan::data::special_tokens;
use crate::generator::SpecialTokens;
use crate::tokenizer::Tokenizer;

/// Marks the beginning of a word in the vocabularies of languages with spaces.
const META: char = '▁';

pub struct ConstraintVocabulary<'a> {
    pub tokenizer: &'a Tokenizer,
    pub special: SpecialTokens,
}

impl<'a> ConstraintVocabulary<'a> {
    pub fn new(tokenizer: &'a Tokenizer) -> ConstraintVocabulary<'a> {
        ConstraintVocabulary { tokenizer, special: special_tokens(tokenizer) }
    }

    /// Whether each token is a character.
    pub fn is_of_characters(&self) -> bool {
        self.tokenizer.kind() == TokenizerKind::Char
    }

    pub fn size(&self) -> usize {
        self.tokenizer.vocab_size()
    }

    /// The only character of a token.
    pub fn character(&self, token: usize) -> Option<char> {
        let mut characters = self.tokenizer.token_text(token as u32)?.chars();
        characters.next().filter(|_| characters.next().is_none())
    }

    /// The text of a token in lower case without marks at its ends, and whether a word begins with it.
    pub fn part_of_word(&self, token: usize) -> (String, bool) {
        let text = self.tokenizer.token_text(token as u32).unwrap_or_default();
        let begins = self.is_of_characters() || text.starts_with(META);
        (text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase(), begins)
    }

    /// The tokens of a text within a line, without punctuation where the model writes none.
    ///
    /// # Errors
    /// Text that the vocabulary does not have.
    pub fn tokens(&self, option: &str, text: &str) -> Result<Vec<u32>, UserError> {
        if self.is_of_characters() && text.contains(is_open) {
            return Err(UserError(format!("{option} {text}: '?' is for --line and --acrostic")));
        }
        let text: String = match self.is_of_characters() {
            true => text.chars().filter(|c| c.is_alphanumeric()).collect(),
            false => text.trim().to_string(),
        };
        if text.is_empty() {
            return Err(UserError(format!("{option}: no text")));
        }
        if let Some(tokens) = self.tokenizer.encode_line(&text) {
            return Ok(tokens);
        }
        let units: Vec<String> = match self.is_of_characters() {
            true => text.chars().map(String::from).collect(),
            false => text.split_whitespace().map(String::from).collect(),
        };
        let unknown: Vec<String> =
            units.into_iter().filter(|unit| self.tokenizer.encode_line(unit).is_none()).collect();
        Err(UserError(format!("{option} {text}: the model does not know '{}'", unknown.join(", "))))
    }

    /// The tokens of a line in which `?` stands for any one token.
    ///
    /// # Errors
    /// Text that the vocabulary does not have, and open places where tokens are parts of words.
    pub fn pattern(&self, option: &str, text: &str) -> Result<Vec<Option<u32>>, UserError> {
        if !text.contains(is_open) {
            return Ok(self.tokens(option, text)?.into_iter().map(Some).collect());
        }
        let units: Vec<String> = match self.tokenizer.kind() {
            TokenizerKind::Char => {
                text.chars().filter(|&c| c.is_alphanumeric() || is_open(c)).map(String::from).collect()
            }
            TokenizerKind::Word => text.split_whitespace().map(String::from).collect(),
            TokenizerKind::Bpe | TokenizerKind::Auto => {
                return Err(UserError(format!("{option}{text}: '?' needs a model of characters or words")));
            }
        };
        let tokens = |unit: &String| -> Result<Vec<Option<u32>>, UserError> {
            if unit.chars().all(is_open) {
                return Ok(vec![None]);
            }
            Ok(self.tokens(option, unit)?.into_iter().map(Some).collect())
        };
        let tokens: Vec<Vec<Option<u32>>> = units.iter().map(tokens).collect::<Result<_, _>>()?;
        Ok(tokens.concat())
    }

    /// The tokens that a line may begin with to begin with `start`: a character, a letter, or a word.
    pub fn beginning_with(&self, start: &str) -> Vec<bool> {
        let start = start.to_lowercase();
        let begins = |token: usize| {
            let text = self.tokenizer.token_text(token as u32).unwrap_or_default().to_lowercase();
            let Some(word) = text.strip_prefix(META).or(self.is_of_characters().then_some(&text)) else { return false };
            let is_whole = self.is_of_characters() || start.chars().count() > 1;
            if is_whole { word == start } else { word.starts_with(&start) }
        };
        (0..self.size()).map(|token| token >= self.special.first_letter && begins(token)).collect()
    }
}
