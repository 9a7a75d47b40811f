//! Pre-tokenisation of a line: into characters, or into words and punctuation marks.
//!
//! Words and marks include the space before them as `▁`, so that the text is the concatenation of the pieces with `▁` as a
//! space; the first piece of a line always has one.

use tokenizers::decoders::DecoderWrapper;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;
use unicode_normalization::char::is_combining_mark;

use super::TokenizerError;
use crate::config::TokenizerKind;
use crate::corpus::script::{attaches, is_letter};

/// A space in tokens of words and of BPE.
pub const META: char = '▁';

/// A character with the marks that attach to it, so that no generated line begins with a mark. Lines contain no line ends,
/// so the dot matches all.
const CHARACTER: &str = r".[\p{M}ำຳ]*";

/// A word with its apostrophes, or any other character; both with the space before them.
const WORD: &str =
    r"▁?[\p{Alphabetic}\p{M}\p{N}]+(?:['’][\p{Alphabetic}\p{M}\p{N}]+)*|▁?[^▁\p{Alphabetic}\p{M}\p{N}]|▁";

/// Calls `visit` with every character of the line, in order.
pub fn each_character(line: &str, mut visit: impl FnMut(&str)) {
    let mut characters = line.char_indices().peekable();
    while let Some((start, c)) = characters.next() {
        let mut end = start + c.len_utf8();
        while let Some((at, mark)) = characters.next_if(|&(_, c)| attaches(c)) {
            end = at + mark.len_utf8();
        }
        visit(&line[start..end]);
    }
}

/// Calls `visit` with every word and every mark of the line, in order. These are the matches of `WORD`, found without a
/// regular expression since a large corpus has tens of millions of them.
pub fn each_word(line: &str, mut visit: impl FnMut(&str)) {
    if line.is_empty() {
        return;
    }
    let marked = format!("{META}{line}").replace(' ', "▁");
    let mut rest = marked.as_str();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(piece_length(rest));
        visit(piece);
        rest = after;
    }
}

/// Length of the first piece of `text`, in bytes.
fn piece_length(text: &str) -> usize {
    let blank = if text.starts_with(META) { META.len_utf8() } else { 0 };
    let body = &text[blank..];
    match (word_length(body), body.chars().next()) {
        (0, Some(mark)) if mark != META => blank + mark.len_utf8(),
        (length, _) => blank + length,
    }
}

/// Length of the word at the beginning of `text`, in bytes; 0 without one.
fn word_length(text: &str) -> usize {
    let letters = |text: &str| text.find(|c| !(is_letter(c) || is_combining_mark(c))).unwrap_or(text.len());
    let mut length = letters(text);
    while length > 0 {
        let apostrophe = text[length..].chars().next().filter(|c| matches!(c, '\'' | '’')).map_or(0, char::len_utf8);
        let more = letters(&text[length + apostrophe..]);
        if more == 0 {
            break;
        }
        length += apostrophe + more;
    }
    length
}

/// The pre-tokenizer and the decoder of `tokenizer.json`, equivalent to the functions above and `Tokenizer::decode`.
pub fn pipeline(kind: TokenizerKind) -> Result<(PreTokenizerWrapper, DecoderWrapper), TokenizerError> {
    let split = |pattern: &str| {
        Split::new(SplitPattern::Regex(pattern.into()), SplitDelimiterBehavior::Isolated, false)
            .map_err(|error| TokenizerError::Crate(error.to_string()))
    };
    if kind == TokenizerKind::Char {
        return Ok((split(CHARACTER)?.into(), Fuse::new().into()));
    }
    let metaspace = Metaspace::new(META, PrependScheme::Always, true);
    let sequence = Sequence::new(vec![metaspace.clone().into(), split(WORD)?.into()]);
    Ok((sequence.into(), metaspace.into()))
}
