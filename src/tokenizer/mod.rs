//! Poems as tokens: `<form>` line `<line>` line ... `<end>`.
//!
//! A `Tokenizer` wraps one of the `tokenizers` crate and is saved as the `tokenizer.json` that other tools load;
//! everything else (forms, lookup tables) is recovered from that file.

mod error;
mod held_out;
mod lengths;
mod pieces;
mod schema;
mod train;
mod units;

use std::collections::HashMap;

use foldhash::fast::FixedState;
use tokenizers::models::ModelWrapper;
use tokenizers::tokenizer::Model;

use crate::config::TokenizerKind;
use crate::corpus::{Form, Poem, punctuate};

pub use error::TokenizerError;
pub use held_out::select_held_out;
pub use lengths::check_lengths;
use pieces::{META, each_character, each_word};

/// Texts of the special tokens whose ids are the same in every vocabulary.
const FIXED_SPECIALS: [&str; 3] = ["<unk>", "<line>", "<end>"];
/// Text of the special token that ends a stanza, the last one of a vocabulary whose corpus has stanzas.
const STANZA: &str = "<stanza>";

/// A vocabulary, with encoding and decoding.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    kind: TokenizerKind,
    /// Texts of the tokens, by id.
    texts: Vec<String>,
    /// Ids of the content tokens, by text.
    ids: HashMap<String, u32, FixedState>,
    forms: Vec<(Form, u32)>,
    /// Id of [`STANZA`], if it is in the vocabulary.
    stanza: Option<u32>,
    min_count: Option<usize>,
}

/// Whether a token is more than punctuation.
fn has_letter(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

impl Tokenizer {
    /// Any text outside the vocabulary. It is neither in encoded poems nor sampled.
    pub const UNKNOWN: u32 = 0;
    /// Separates two lines of a poem.
    pub const LINE: u32 = 1;
    /// Ends a poem.
    pub const END: u32 = 2;

    /// The tokenizer of a saved `tokenizer.json`.
    ///
    /// # Errors
    /// JSON that is not a tokenizer of this program.
    pub fn from_json(json: &str) -> Result<Tokenizer, TokenizerError> {
        Tokenizer::new(schema::parse(json)?, None).map_err(|error| match error {
            TokenizerError::NoText => TokenizerError::Foreign,
            error => error,
        })
    }

    /// The tokenizer as a `tokenizer.json`, deterministic.
    ///
    /// # Errors
    /// A failure of the library.
    pub fn to_json(&self) -> Result<String, TokenizerError> {
        self.inner.to_string(true).map_err(|error| TokenizerError::Crate(error.to_string()))
    }

    fn new(mut inner: tokenizers::Tokenizer, min_count: Option<usize>) -> Result<Tokenizer, TokenizerError> {
        // A corpus may contain the text `<end>`, which is not a special token there.
        inner.set_encode_special_tokens(true);
        let n_tokens = inner.get_vocab_size(true);
        let texts: Vec<String> = (0..n_tokens as u32).map_while(|id| inner.id_to_token(id)).collect();
        let form = |text: &String| text.strip_prefix('<')?.strip_suffix('>')?.parse::<Form>().ok();
        let forms: Vec<(Form, u32)> =
            (3..).zip(texts.iter().skip(3)).map_while(|(id, text)| Some((form(text)?, id))).collect();
        let marked = texts.iter().zip(FIXED_SPECIALS).filter(|(text, special)| text == special).count();
        if marked < FIXED_SPECIALS.len() || forms.is_empty() || texts.len() < n_tokens {
            return Err(TokenizerError::Foreign);
        }
        let kind = match (inner.get_model(), inner.get_decoder()) {
            (ModelWrapper::BPE(_), _) => TokenizerKind::Bpe,
            (ModelWrapper::WordLevel(_), Some(tokenizers::DecoderWrapper::Metaspace(_))) => TokenizerKind::Word,
            (ModelWrapper::WordLevel(_), _) => TokenizerKind::Char,
            _ => return Err(TokenizerError::Foreign),
        };
        let after_forms = FIXED_SPECIALS.len() + forms.len();
        let stanza = texts.get(after_forms).filter(|text| *text == STANZA).map(|_| after_forms as u32);
        let first = after_forms + usize::from(stanza.is_some());
        if !texts[first..].iter().any(|text| has_letter(text)) {
            return Err(TokenizerError::NoText);
        }
        let ids = (first as u32..).zip(&texts[first..]).map(|(id, text)| (text.clone(), id)).collect();
        Ok(Tokenizer { inner, kind, texts, ids, forms, stanza, min_count })
    }

    /// The poem's tokens, or `None` if the vocabulary lacks one of them or a tag for the poem's form.
    pub fn encode(&self, poem: &Poem) -> Option<Vec<u32>> {
        let form = self.tagged_form(poem.form);
        let mut tokens = vec![self.form_token(form)?];
        let has_stanzas = train::may_have_stanzas(form);
        for (i, line) in poem.lines.iter().enumerate() {
            if i > 0 {
                let stanza = self.stanza.filter(|_| has_stanzas && poem.stanzas.contains(&i));
                tokens.push(stanza.unwrap_or(Tokenizer::LINE));
            }
            tokens.extend(self.encode_line(line)?);
        }
        tokens.push(Tokenizer::END);
        Some(tokens)
    }

    /// The tokens of a line, or `None` if the vocabulary lacks one of them. `decode` returns the same line if it is clean, as
    /// those of a `Poem` are.
    pub fn encode_line(&self, line: &str) -> Option<Vec<u32>> {
        if self.kind != TokenizerKind::Char && line.contains(META) {
            return None;
        }
        let mut tokens = Vec::with_capacity(line.len() / 2);
        let mut known = true;
        let mut push = |id: Option<u32>| match id.filter(|&id| id != Tokenizer::UNKNOWN) {
            Some(id) => tokens.push(id),
            None => known = false,
        };
        match self.kind {
            TokenizerKind::Char => each_character(line, |piece| push(self.ids.get(piece).copied())),
            TokenizerKind::Word => each_word(line, |piece| push(self.ids.get(piece).copied())),
            TokenizerKind::Bpe | TokenizerKind::Auto => {
                each_word(line, |piece| match self.inner.get_model().tokenize(piece) {
                    Ok(merged) => merged.iter().for_each(|token| push(Some(token.id))),
                    Err(_) => push(None),
                })
            }
        }
        known.then_some(tokens)
    }

    /// The lines of a token sequence, up to `<end>` or to its last token; an empty line is an empty string. Form tags
    /// and unknown tokens have no text.
    pub fn decode(&self, tokens: &[u32]) -> Vec<String> {
        let poem = tokens.split(|&token| token == Tokenizer::END).next().unwrap_or(&[]);
        if poem.iter().all(|&token| !self.ends_line(token) && token < self.n_special() as u32) {
            return Vec::new();
        }
        poem.split(|&token| self.ends_line(token)).map(|line| self.decode_line(line)).collect()
    }

    /// For each character of each line that `decode` returns, the index in `tokens` of its token.
    pub fn origins(&self, tokens: &[u32]) -> Vec<Vec<usize>> {
        let end = tokens.iter().position(|&token| token == Tokenizer::END).unwrap_or(tokens.len());
        let mut first = 0;
        let lines = tokens[..end].split(|&token| self.ends_line(token));
        let origins = lines.map(|line| {
            let places = self.characters(line).into_iter().map(|(_, place)| first + place).collect();
            first += line.len() + 1;
            places
        });
        origins.collect()
    }

    /// Those of the lines that `decode` returns, from 0, that begin a stanza, without the first.
    pub fn stanzas(&self, tokens: &[u32]) -> Vec<usize> {
        let poem = tokens.split(|&token| token == Tokenizer::END).next().unwrap_or(&[]);
        let ends = poem.iter().filter(|&&token| self.ends_line(token));
        (1..).zip(ends).filter(|&(_, &end)| end != Tokenizer::LINE).map(|(line, _)| line).collect()
    }

    fn ends_line(&self, token: u32) -> bool {
        token == Tokenizer::LINE || self.stanza == Some(token)
    }

    fn decode_line(&self, tokens: &[u32]) -> String {
        self.characters(tokens).into_iter().map(|(character, _)| character).collect()
    }

    /// The characters of a line, each with the index of its token.
    fn characters(&self, tokens: &[u32]) -> Vec<(char, usize)> {
        let content = tokens.iter().enumerate().filter(|&(_, &token)| token >= self.n_special() as u32);
        let texts = content.filter_map(|(place, &token)| Some((place, self.token_text(token)?)));
        let characters = texts.flat_map(|(place, text)| text.chars().map(move |character| (character, place)));
        if self.kind == TokenizerKind::Char {
            return characters.collect();
        }
        let spaced: Vec<(char, usize)> =
            characters.map(|(character, place)| (if META == character { ' ' } else { character }, place)).collect();
        let is_word = |(character, _): &(char, usize)| !character.is_whitespace();
        let first = spaced.iter().position(is_word).unwrap_or(spaced.len());
        let last = spaced.iter().rposition(is_word).map_or(first, |last| last + 1);
        spaced[first..last].to_vec()
    }

    /// The poem as printed: fixed forms with `，` and `。`, other verse as it is; one verse per line, and a blank line before
    /// each line of `stanzas`.
    pub fn render(&self, lines: &[String], stanzas: &[usize], form: Form) -> String {
        match form {
            Form::Fixed { .. } => punctuate(lines).join("\n"),
            Form::Lines(_) | Form::Free => {
                let line = |(i, line): (usize, &String)| match stanzas.contains(&i) {
                    true => format!("\n{line}"),
                    false => line.clone(),
                };
                lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
            }
        }
    }

    pub fn vocab_size(&self) -> usize {
        self.texts.len()
    }

    /// Number of special tokens. They have the smallest ids; all others are content.
    pub fn n_special(&self) -> usize {
        FIXED_SPECIALS.len() + self.forms.len() + usize::from(self.stanza.is_some())
    }

    /// The token that ends a line which is the last of its stanza; `None` if the corpus has no stanzas.
    pub fn stanza(&self) -> Option<u32> {
        self.stanza
    }

    /// The forms with a tag, and the ids of their tags; the most frequent form of the corpus first.
    pub fn forms(&self) -> &[(Form, u32)] {
        &self.forms
    }

    pub fn form_token(&self, form: Form) -> Option<u32> {
        self.forms.iter().find(|(known, _)| *known == form).map(|&(_, id)| id)
    }

    /// The text of a token in the vocabulary; for words and BPE, `▁` is a space.
    pub fn token_text(&self, id: u32) -> Option<&str> {
        self.texts.get(id as usize).map(String::as_str)
    }

    /// The id of a token, special ones included.
    pub fn token_id(&self, text: &str) -> Option<u32> {
        let special = || self.texts[..self.n_special()].iter().position(|special| special == text).map(|id| id as u32);
        self.ids.get(text).copied().or_else(special)
    }

    /// The first id of tokens with a letter or a digit. Lines of fixed forms consist of such tokens only, and rhyme depends
    /// on the last one of a line.
    pub fn first_letter(&self) -> usize {
        let letters = self.texts[self.n_special()..].iter().rev().take_while(|text| has_letter(text)).count();
        self.texts.len() - letters
    }

    /// `Char`, `Word` or `Bpe`, never `Auto`.
    pub fn kind(&self) -> TokenizerKind {
        self.kind
    }

    /// Fewest occurrences of a character or word of the vocabulary: less than configured if that would have excluded too
    /// many poems. `None` for a tokenizer loaded from a file.
    pub fn min_count(&self) -> Option<usize> {
        self.min_count
    }

    /// The form whose tag a poem of `form` gets.
    pub fn tagged_form(&self, form: Form) -> Form {
        let form = train::form_for(self.kind, form);
        if self.form_token(form).is_some() { form } else { Form::Free }
    }
}

#[cfg(test)]
mod tests {
    use compact_str::CompactString;

    use super::*;
    use crate::config::TokenizerConfig;

    const TEXTS: [&str; 8] = [
        "Shall I compare thee — to a summer’s day? 'Tis 5x4, isn't it? (No.)",
        "床前明月光，疑是地上霜。",
        "قِفَا نَبْكِ مِنْ ذِكْرَى حَبِيبٍ ومَنْزِلِ",
        "सत्यमेव जयते नानृतं",
        "👩\u{200d}🚀 🚀❤\u{fe0f} Ⓐⓑ ²³ Ⅳ",
        "ถนนหนทาง 古池や蛙飛びこむ水の音",
        "<end> <unk> a<line>b <lines:1>",
        "나 보기가 역겨워, d'été l''x",
    ];

    fn trained(kind: TokenizerKind) -> Tokenizer {
        let poem = |text: &&str| Poem { lines: vec![(*text).into()], form: Form::Lines(1), ..Poem::default() };
        let poems: Vec<Poem> = TEXTS.iter().cycle().take(40).map(poem).collect();
        Tokenizer::train(&TokenizerConfig { kind, vocab_size: 500, min_count: 1 }, &poems).unwrap()
    }

    #[test]
    fn stanzas_have_a_token_only_where_poems_have_some() {
        let lines = ["a rose", "a sun", "a sea"].map(str::to_string).to_vec();
        let plain =
            Poem { lines: lines.iter().map(CompactString::from).collect(), form: Form::Lines(3), ..Poem::default() };
        let stanzas = Poem { stanzas: vec![1], ..plain.clone() };
        let train = |kind, poem: &Poem| {
            Tokenizer::train(&TokenizerConfig { kind, vocab_size: 99, min_count: 1 }, &vec![poem.clone(); 9]).unwrap()
        };
        for kind in [TokenizerKind::Char, TokenizerKind::Word, TokenizerKind::Bpe] {
            let (without, with) = (train(kind, &plain), train(kind, &stanzas));
            let other = |text: &&String| *text != STANZA;
            assert_eq!(with.texts.iter().filter(other).collect::<Vec<_>>(), without.texts.iter().collect::<Vec<_>>());
            assert_eq!((without.stanza(), with.stanza(), with.n_special()), (None, Some(4), 5));
            let with = Tokenizer::from_json(&with.to_json().unwrap()).unwrap();
            let tokens = with.encode(&stanzas).unwrap();
            assert_eq!((with.decode(&tokens), with.stanzas(&tokens)), (lines.clone(), vec![1]));
            assert_eq!(with.origins(&tokens).len(), 3);
            assert_eq!(with.render(&lines, &[1], Form::Lines(3)), "a rose\n\na sun\na sea");
            // Without the token a stanza is a line.
            let tokens = without.encode(&stanzas).unwrap();
            assert_eq!((without.decode(&tokens), without.stanzas(&tokens)), (lines.clone(), vec![]));
            let mut extended = without
                .extended(
                    &TokenizerConfig { kind, vocab_size: 99, min_count: 1 },
                    &[Poem { form: Form::Free, ..stanzas.clone() }],
                )
                .unwrap();
            if kind != TokenizerKind::Bpe {
                assert_eq!((extended.stanza(), extended.forms().len()), (Some(5), 2));
                extended = extended
                    .extended(
                        &TokenizerConfig { kind, vocab_size: 99, min_count: 1 },
                        &[Poem { form: Form::Lines(9), ..stanzas.clone() }],
                    )
                    .unwrap();
                assert_eq!((extended.stanza(), extended.forms().len()), (Some(6), 3));
            }
        }
        let fixed = Poem { lines: vec!["春眠".into(); 4], form: Form::Fixed { width: 2, lines: 4 }, ..stanzas };
        assert_eq!(train(TokenizerKind::Char, &fixed).stanza(), None);
    }

    #[test]
    fn the_saved_pipeline_does_the_same() {
        // What another program makes of tokenizer.json must be what this one makes.
        for kind in [TokenizerKind::Char, TokenizerKind::Word, TokenizerKind::Bpe] {
            let tokenizer = trained(kind);
            for text in TEXTS {
                let tokens = tokenizer.encode_line(text).unwrap();
                assert_eq!(tokenizer.inner.encode_fast(text, false).unwrap().get_ids(), tokens, "{kind:?} {text}");
                assert_eq!(tokenizer.inner.decode(&tokens, false).unwrap(), text, "{kind:?}");
                assert!(tokens.iter().all(|&token| token as usize >= tokenizer.n_special()));
            }
        }
    }

    #[test]
    fn pieces_are_the_matches_of_the_saved_pattern() {
        let tokenizer = trained(TokenizerKind::Word);
        let mut differing = Vec::new();
        for c in (' '..'\u{3000}').filter(|&c| c != META && !c.is_whitespace() && !c.is_control()) {
            let line = format!("a{c}b {c}'{c}");
            let mut pieces = Vec::new();
            each_word(&line, |piece| pieces.push(piece.to_string()));
            let mut text = tokenizers::PreTokenizedString::from(line.as_str());
            let pre_tokenizer = tokenizer.inner.get_pre_tokenizer().unwrap();
            tokenizers::PreTokenizer::pre_tokenize(pre_tokenizer, &mut text).unwrap();
            let splits = text.get_splits(tokenizers::OffsetReferential::Normalized, tokenizers::OffsetType::Byte);
            if !splits.iter().map(|split| split.0).eq(pieces.iter()) {
                differing.push(c);
            }
        }
        // The tables are of different versions of Unicode; what differs are the letters of the newest one.
        assert!(differing.len() < 60, "{differing:?}");
    }
}
