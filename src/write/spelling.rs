//! Words of the user in the characters of a model: traditional ones for a model of simplified characters, and the reverse.

use std::collections::HashMap;

use anyhow::{Result, anyhow};

use super::constraints::{Constraints, RhymeConstraint};
use super::{AxisMove, Model};
use crate::config::TokenizerKind;
use crate::corpus::script::is_han;
use crate::corpus::{Converter, Script};
use crate::tokenizer::Tokenizer;

/// The characters that a model knows, for texts that have others.
pub struct Spelling {
    /// Characters outside the vocabulary, each with the only one in it that is the same character in the other script.
    known: HashMap<char, char>,
}

impl Spelling {
    /// The spelling for these texts. It changes nothing unless they have Chinese characters outside the vocabulary.
    ///
    /// # Errors
    /// Damaged tables of the conversion.
    pub fn of<'a>(model: &Model, texts: impl Iterator<Item = &'a str>) -> Result<Spelling> {
        let tokenizer = &model.tokenizer;
        let is_unknown = |c: &char| is_han(*c) && tokenizer.token_id(c.encode_utf8(&mut [0; 4])).is_none();
        let mut unknown: Vec<char> = texts.flat_map(str::chars).filter(is_unknown).collect();
        unknown.sort_unstable();
        unknown.dedup();
        if unknown.is_empty() || tokenizer.kind() != TokenizerKind::Char {
            return Ok(Spelling { known: HashMap::new() });
        }
        let converter = Converter::to(Script::Simplified).map_err(|why| anyhow!(why))?;
        let simplified = |c: char| converter.convert(c.encode_utf8(&mut [0; 4]));
        let mut by_simplified: HashMap<String, Vec<char>> = HashMap::new();
        for c in characters(tokenizer) {
            by_simplified.entry(simplified(c)).or_default().push(c);
        }
        // Several characters of a model may be one in the other script; which one is meant would be a guess.
        let only = |c: char| match by_simplified.get(&simplified(c)).map(Vec::as_slice) {
            Some([known]) => Some((c, *known)),
            _ => None,
        };
        Ok(Spelling { known: unknown.into_iter().filter_map(only).collect() })
    }

    pub fn text(&self, text: &str) -> String {
        text.chars().map(|c| self.known.get(&c).copied().unwrap_or(c)).collect()
    }

    pub fn moves(&self, moves: &[AxisMove]) -> Vec<AxisMove> {
        moves.iter().map(|AxisMove { axis, amount }| AxisMove { axis: self.text(axis), amount: *amount }).collect()
    }

    pub fn constraints(&self, constraints: &Constraints) -> Constraints {
        let text = |text: &Option<String>| text.as_deref().map(|text| self.text(text));
        let texts = |texts: &[String]| texts.iter().map(|text| self.text(text)).collect();
        Constraints {
            start: text(&constraints.start),
            lines: constraints.lines.iter().map(|(number, line)| (*number, self.text(line))).collect(),
            acrostic: text(&constraints.acrostic),
            acrostic_end: text(&constraints.acrostic_end),
            acrostic_diagonal: text(&constraints.acrostic_diagonal),
            contain: texts(&constraints.contain),
            avoid: texts(&constraints.avoid),
            rhyme: constraints.rhyme.as_ref().map(|rhyme| match rhyme {
                RhymeConstraint::Auto => RhymeConstraint::Auto,
                RhymeConstraint::With(character) => RhymeConstraint::With(self.text(character)),
            }),
            ..constraints.clone()
        }
    }
}

/// The Chinese characters of a vocabulary.
fn characters(tokenizer: &Tokenizer) -> impl Iterator<Item = char> {
    let only = |text: &str| {
        let mut characters = text.chars();
        characters.next().filter(|c| is_han(*c) && characters.next().is_none())
    };
    (tokenizer.n_special()..tokenizer.vocab_size()).filter_map(move |id| only(tokenizer.token_text(id as u32)?))
}

/// All texts of the options that a model has to know.
pub fn texts<'a>(
    theme: Option<&'a str>,
    moves: &'a [AxisMove],
    constraints: &'a Constraints,
) -> impl Iterator<Item = &'a str> {
    let one = [&constraints.start, &constraints.acrostic, &constraints.acrostic_end, &constraints.acrostic_diagonal]
        .into_iter()
        .flatten()
        .map(String::as_str);
    let many = constraints.contain.iter().chain(&constraints.avoid).map(String::as_str);
    let lines = constraints.lines.iter().map(|(_, line)| line.as_str());
    let rhyme = match &constraints.rhyme {
        Some(RhymeConstraint::With(character)) => Some(character.as_str()),
        Some(RhymeConstraint::Auto) | None => None,
    };
    theme
        .into_iter()
        .chain(moves.iter().map(|wanted| wanted.axis.as_str()))
        .chain(one)
        .chain(many)
        .chain(lines)
        .chain(rhyme)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::constraints::ToneRule;

    fn spelled(texts: &[&str]) -> Vec<String> {
        let model = Model::builtin().unwrap();
        let spelling = Spelling::of(&model, texts.iter().copied()).unwrap();
        texts.iter().map(|text| spelling.text(text)).collect()
    }

    #[test]
    fn the_characters_of_the_other_script_become_those_of_the_model() {
        assert_eq!(spelled(&["秋風", "舉頭望明月"]), ["秋风", "举头望明月"]);
        assert_eq!(
            spelled(&["秋风", "moon", "㐀"]),
            ["秋风", "moon", "㐀"],
            "known, of no script, and unknown in both"
        );
    }

    #[test]
    fn every_text_of_the_constraints_is_spelled() {
        let constraints = Constraints {
            start: Some("風".to_string()),
            lines: vec![(2, "風".to_string())],
            acrostic: Some("風".to_string()),
            acrostic_end: Some("風".to_string()),
            contain: vec!["風".to_string()],
            avoid: vec!["風".to_string()],
            rhyme: Some(RhymeConstraint::With("風".to_string())),
            tones: ToneRule::Strict,
            no_repeat: true,
            ..Constraints::default()
        };
        let moves = [AxisMove { axis: "風".to_string(), amount: 2.0 }];
        assert_eq!(texts(Some("風"), &moves, &constraints).filter(|text| *text == "風").count(), 9);
        let spelling = Spelling::of(&Model::builtin().unwrap(), texts(None, &moves, &constraints)).unwrap();
        let spelled = spelling.constraints(&constraints);
        assert_eq!(texts(Some("风"), &spelling.moves(&moves), &spelled).filter(|text| *text == "风").count(), 9);
        assert!(spelled.tones == ToneRule::Strict && spelled.no_repeat);
    }
}
