//! Training of a tokenizer: its kind, its characters or words, its merges.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use tokenizers::AddedToken;
use tokenizers::models::ModelWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::tokenizer::Trainer;

use super::pieces::{META, each_word, pipeline};
use super::units::RequiredUnits;
use super::{FIXED_SPECIALS, STANZA, Tokenizer, TokenizerError, has_letter};
use crate::config::{TokenizerConfig, TokenizerKind};
use crate::corpus::script::{is_letter, is_unspaced};
use crate::corpus::{Form, Poem};

impl Tokenizer {
    /// A tokenizer for `poems`; deterministic in the poems and their order.
    ///
    /// # Errors
    /// Poems without text, or a vocabulary that is too small.
    pub fn train(config: &TokenizerConfig, poems: &[Poem]) -> Result<Tokenizer, TokenizerError> {
        let kind = kind_for(config.kind, poems.iter());
        let specials = specials(kind, poems);
        let room = room_for(config, kind, poems.iter());
        if room == 0 {
            return Err(TokenizerError::TooSmall { size: config.vocab_size, special: specials.len() });
        }
        let (kept, min_count) = RequiredUnits::of(kind).kept(poems.iter(), config.min_count, room);
        if kept.is_empty() {
            return Err(TokenizerError::NoText);
        }
        let model = match kind {
            TokenizerKind::Bpe => bpe(poems, &kept, &specials, config)?,
            _ => word_level(&kept, &specials)?,
        };
        assemble(kind, model, &specials, Some(min_count))
    }

    /// This vocabulary with the forms of `poems`, and with those characters or words of theirs that it lacks and
    /// `config` allows. A BPE vocabulary stays as it is, since its merges cannot grow.
    ///
    /// # Errors
    /// A failure of the library.
    pub fn extended(&self, config: &TokenizerConfig, poems: &[Poem]) -> Result<Tokenizer, TokenizerError> {
        let units = match self.kind {
            TokenizerKind::Bpe | TokenizerKind::Auto => return Ok(self.clone()),
            kind => RequiredUnits::of(kind),
        };
        let (old_specials, old) = self.texts.split_at(self.n_special());
        let new_specials = specials(self.kind, poems);
        let mut specials: Vec<String> = union(old_specials, new_specials);
        specials.sort_by_key(|text| text == STANZA); // it stays the last one
        let (found, min_count) = units.kept(poems.iter(), config.min_count, config.vocab_size);
        let room = config.vocab_size.saturating_sub(specials.len() + old.len());
        let new = found.into_iter().filter(|text| !self.ids.contains_key(text)).take(room).collect();
        assemble(self.kind, word_level(&union(old, new), &specials)?, &specials, Some(min_count))
    }
}

/// The elements of `first`, then those of `second` that it lacks.
fn union(first: &[String], second: Vec<String>) -> Vec<String> {
    let new = second.into_iter().filter(|text| !first.contains(text)).collect::<Vec<_>>();
    [first, &new].concat()
}

fn assemble(
    kind: TokenizerKind,
    model: ModelWrapper,
    specials: &[String],
    min_count: Option<usize>,
) -> Result<Tokenizer, TokenizerError> {
    let (pre_tokenizer, decoder) = pipeline(kind)?;
    let mut inner = tokenizers::Tokenizer::new(model);
    inner.with_pre_tokenizer(Some(pre_tokenizer)).with_decoder(Some(decoder));
    let marks = specials.iter().map(|text| AddedToken::from(text.as_str(), true));
    inner.add_special_tokens(marks).map_err(failed)?;
    Tokenizer::new(inner, min_count)
}

/// The form whose tag a poem of `form` gets. Unless tokens are characters, the width of a line is not a number of tokens,
/// and only the number of lines can be requested.
pub fn form_for(kind: TokenizerKind, form: Form) -> Form {
    match form {
        Form::Fixed { lines, .. } if kind != TokenizerKind::Char => Form::Lines(lines),
        form => form,
    }
}

/// The configured kind; for `auto` characters if the script or the text has no spaces between words, else BPE.
pub(super) fn kind_for<'a>(kind: TokenizerKind, poems: impl Iterator<Item = &'a Poem>) -> TokenizerKind {
    if kind != TokenizerKind::Auto {
        return kind;
    }
    let of_poem = |poem: &&Poem| {
        let mut counts = [0; 4];
        for line in &poem.lines {
            counts[2] += 1;
            counts[3] += usize::from(line.contains(' '));
            for c in line.chars().filter(|&c| is_letter(c)) {
                counts[0] += 1;
                counts[1] += usize::from(is_unspaced(c));
            }
        }
        counts
    };
    let sum = |a: [usize; 4], b: [usize; 4]| [0, 1, 2, 3].map(|i| a[i] + b[i]);
    let poems: Vec<&Poem> = poems.collect();
    let [letters, unspaced, lines, spaced] = poems.par_iter().map(of_poem).reduce(|| [0; 4], sum);
    if 2 * unspaced > letters || 20 * spaced < lines { TokenizerKind::Char } else { TokenizerKind::Bpe }
}

/// Number of tokens in a vocabulary for `poems` that are not special.
pub(super) fn room_for<'a>(
    config: &TokenizerConfig,
    kind: TokenizerKind,
    poems: impl Iterator<Item = &'a Poem>,
) -> usize {
    let forms: HashSet<Form> = poems.map(|poem| form_for(kind, poem.form)).collect();
    config.vocab_size.saturating_sub(FIXED_SPECIALS.len() + forms.len())
}

/// Texts of the special tokens, in the order of their ids.
fn specials(kind: TokenizerKind, poems: &[Poem]) -> Vec<String> {
    let mut counts = HashMap::<Form, usize>::new();
    for poem in poems {
        *counts.entry(form_for(kind, poem.form)).or_default() += 1;
    }
    let mut forms: Vec<(Form, usize)> = counts.into_iter().collect();
    forms.sort_by_key(|&(form, count)| (std::cmp::Reverse(count), form));
    let marks = FIXED_SPECIALS.iter().map(|text| text.to_string());
    let has_stanzas = |poem: &Poem| !poem.stanzas.is_empty() && may_have_stanzas(form_for(kind, poem.form));
    let stanza = poems.iter().any(has_stanzas).then(|| STANZA.to_string());
    marks.chain(forms.iter().map(|(form, _)| format!("<{form}>"))).chain(stanza).collect()
}

/// Whether stanzas of poems with this tag are learned. Those of fixed forms are not: their line ends are given.
pub fn may_have_stanzas(form: Form) -> bool {
    !matches!(form, Form::Fixed { .. })
}

fn word_level(kept: &[String], specials: &[String]) -> Result<ModelWrapper, TokenizerError> {
    // Tokens without a letter come first, so that a form without punctuation is a range of ids.
    let (letters, others): (Vec<&String>, Vec<&String>) = kept.iter().partition(|text| has_letter(text));
    let vocab = specials.iter().chain(others).chain(letters).cloned().zip(0..).collect();
    let model = WordLevel::builder().vocab(vocab).unk_token(FIXED_SPECIALS[0].into()).build().map_err(failed)?;
    Ok(model.into())
}

fn bpe(
    poems: &[Poem],
    characters: &[String],
    specials: &[String],
    config: &TokenizerConfig,
) -> Result<ModelWrapper, TokenizerError> {
    let alphabet: HashSet<char> = characters.iter().flat_map(|text| text.chars()).chain([META]).collect();
    let mut trainer = BpeTrainer::builder()
        .vocab_size(config.vocab_size)
        .min_frequency(config.min_count.max(2) as u64)
        .special_tokens(specials.iter().map(|text| AddedToken::from(text.as_str(), true)).collect())
        .show_progress(false)
        .build();
    let lines = poems.iter().flat_map(|poem| &poem.lines).filter(|line| !line.contains(META));
    let cut = |line: &str| {
        let mut pieces = Vec::new();
        each_word(line, |piece| {
            if piece.chars().all(|c| alphabet.contains(&c)) {
                pieces.push(piece.to_string());
            }
        });
        Ok(pieces)
    };
    trainer.feed(lines, cut).map_err(failed)?;
    let mut model = BPE::default();
    trainer.train(&mut model).map_err(failed)?;
    model.unk_token = Some(FIXED_SPECIALS[0].into());
    in_order(model, specials.len())
}

/// The model with content ids reordered as in `word_level`: tokens without a letter first. The library allows this only
/// through the model's JSON.
fn in_order(model: BPE, specials: usize) -> Result<ModelWrapper, TokenizerError> {
    let unreadable = |error: serde_json::Error| TokenizerError::Unreadable(error.to_string());
    let mut texts: Vec<(String, u32)> = model.get_vocab().into_iter().collect();
    texts.sort_by_key(|(text, id)| (*id as usize >= specials && has_letter(text), *id));
    let mut json = serde_json::to_value(&model).map_err(unreadable)?;
    let ids = (0u32..).map(serde_json::Value::from);
    json["vocab"] = texts.into_iter().map(|(text, _)| text).zip(ids).collect::<serde_json::Map<_, _>>().into();
    Ok(serde_json::from_str::<BPE>(&json.to_string()).map_err(unreadable)?.into())
}

fn failed(error: tokenizers::Error) -> TokenizerError {
    TokenizerError::Crate(error.to_string())
}
