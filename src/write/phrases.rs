//! An index of the phrases of a corpus, kept with the model, so that poems without phrases of the corpus can be written.
//!
//! It is a binary fuse filter (Graf and Lemire 2022): it knows every phrase of the corpus, and takes one in 256 others for
//! one of them.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use rayon::prelude::*;
use xorf::{BinaryFuse8, Descriptor, DmaSerializable, Filter};

use crate::config::TokenizerKind;
use crate::gan::data::special_tokens;
use crate::generator::{Prefix, SpecialTokens};
use crate::tokenizer::Tokenizer;

/// An index may have this many bytes, about 900,000 phrases.
const MOST_BYTES: usize = 1 << 20;
/// Where the hash of a phrase within a line, and of a whole line, begins.
const WITHIN: u64 = 0xcbf2_9ce4_8422_2325;
const WHOLE: u64 = !WITHIN;

/// The phrases of a corpus: all runs of [`phrase_length`] tokens within lines, and all shorter lines of two or more.
pub struct PhraseIndex {
    filter: BinaryFuse8,
}

/// Tokens of a phrase: five characters or words, and about as many words in parts of words.
fn phrase_length(tokenizer: &Tokenizer) -> usize {
    if tokenizer.kind() == TokenizerKind::Bpe { 8 } else { 5 }
}

impl PhraseIndex {
    /// Indexes the phrases of lines; those that the vocabulary cannot write are left out. `Err`: the number of phrases, if
    /// there are too many for the index.
    pub fn of<S: AsRef<str> + Sync>(tokenizer: &Tokenizer, lines: &[S]) -> Result<PhraseIndex, usize> {
        let (hashes, length) = (hashes(tokenizer), phrase_length(tokenizer));
        let keys = |line: &S| {
            let line = tokenizer.encode_line(line.as_ref()).unwrap_or_default();
            let mut keys: Vec<u64> = line.windows(length).map(|phrase| key(WITHIN, phrase, &hashes)).collect();
            keys.extend((2..length).contains(&line.len()).then(|| key(WHOLE, &line, &hashes)));
            keys
        };
        let mut keys: Vec<u64> = lines.par_iter().flat_map_iter(keys).collect();
        keys.par_sort_unstable();
        keys.dedup();
        // A filter has more bytes than phrases.
        if keys.len() > MOST_BYTES {
            return Err(keys.len());
        }
        let filter = BinaryFuse8::try_from(&keys).map_err(|_| keys.len())?;
        if filter.fingerprints.len() > MOST_BYTES { Err(keys.len()) } else { Ok(PhraseIndex { filter }) }
    }

    /// The index as a file or a tensor holds it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; BinaryFuse8::DESCRIPTOR_LEN];
        self.filter.dma_copy_descriptor_to(&mut bytes);
        bytes.extend_from_slice(self.filter.dma_fingerprints());
        bytes
    }

    /// # Errors
    /// Bytes that are no index.
    pub fn from_bytes(bytes: &[u8]) -> Result<PhraseIndex> {
        ensure!(bytes.len() > BinaryFuse8::DESCRIPTOR_LEN, "the index of phrases is truncated");
        let (descriptor, fingerprints) = bytes.split_at(BinaryFuse8::DESCRIPTOR_LEN);
        let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|i| descriptor[at + i]));
        let (segment_length, segment_length_mask, segment_count_length) = (word(8), word(12), word(16));
        // What the filter relies on when it looks something up.
        let is_sound = segment_length.is_power_of_two()
            && segment_length_mask == segment_length - 1
            && segment_count_length % segment_length == 0
            && u64::from(segment_count_length) + 2 * u64::from(segment_length) == fingerprints.len() as u64;
        ensure!(is_sound, "the index of phrases is damaged");
        let seed = u64::from(word(0)) | u64::from(word(4)) << 32;
        let descriptor = Descriptor { seed, segment_length, segment_length_mask, segment_count_length };
        Ok(PhraseIndex { filter: BinaryFuse8 { descriptor, fingerprints: fingerprints.into() } })
    }

    /// The index in a file; `None` if there is no such file.
    ///
    /// # Errors
    /// A file that cannot be read or is no index.
    pub fn read(path: &Path) -> Result<Option<PhraseIndex>> {
        if !path.exists() {
            return Ok(None);
        }
        PhraseIndex::from_bytes(&fs::read(path)?).map(Some)
    }
}

/// An index with the vocabulary in which it is looked up.
pub struct PhraseLookup<'a> {
    index: &'a PhraseIndex,
    hashes: Vec<u64>,
    length: usize,
    special: SpecialTokens,
    /// Tokens of a line, where the form fixes it.
    width: Option<usize>,
}

impl<'a> PhraseLookup<'a> {
    pub fn new(index: &'a PhraseIndex, tokenizer: &Tokenizer, width: Option<usize>) -> PhraseLookup<'a> {
        let (hashes, length) = (hashes(tokenizer), phrase_length(tokenizer));
        PhraseLookup { index, hashes, length, special: special_tokens(tokenizer), width }
    }

    /// Whether `token` would complete a phrase of the corpus, with the tokens `following` it in the line if they are given.
    pub fn completes(&self, prefix: &Prefix, token: u32, following: &[u32]) -> bool {
        let place = prefix.position.token;
        let before = &prefix.tokens[prefix.tokens.len() - place..];
        if (token as usize) < self.special.first_content {
            return self.has_line(before);
        }
        let before = &before[before.len() - place.min(self.length - 1)..];
        let following = &following[..following.len().min(self.length - 1)];
        let around = [before, &[token], following].concat();
        let is_whole = self.width == Some(around.len()) && before.len() == place;
        around.windows(self.length).any(|phrase| self.has(key(WITHIN, phrase, &self.hashes)))
            || (is_whole && self.has_line(&around))
    }

    /// Whether a line that is shorter than a phrase is one of the corpus.
    fn has_line(&self, line: &[u32]) -> bool {
        (2..self.length).contains(&line.len()) && self.has(key(WHOLE, line, &self.hashes))
    }

    fn has(&self, key: u64) -> bool {
        self.index.filter.contains(&key)
    }
}

/// A hash of the text of each token, so that an index does not depend on the numbers of the tokens.
fn hashes(tokenizer: &Tokenizer) -> Vec<u64> {
    let hash = |token: u32| fnv(WITHIN, tokenizer.token_text(token).unwrap_or_default().as_bytes());
    (0..tokenizer.vocab_size() as u32).map(hash).collect()
}

fn key(start: u64, tokens: &[u32], hashes: &[u64]) -> u64 {
    let hash = |token: &u32| hashes.get(*token as usize).copied().unwrap_or_default();
    tokens.iter().fold(start, |key, token| fnv(key, &hash(token).to_le_bytes()))
}

/// FNV-1a of 64 bits, continued from `hash`.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::TokenPosition;
    use crate::write::Model;

    fn tokens(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
        tokenizer.encode_line(text).unwrap()
    }

    fn completes(lookup: &PhraseLookup, line: &[u32], following: &[u32]) -> bool {
        let (token, before) = line.split_last().unwrap();
        let tokens = [&[0], before].concat();
        let position = TokenPosition { line: 0, token: before.len() };
        lookup.completes(&Prefix { index: 0, tokens: &tokens, position, redrawn: 0 }, *token, following)
    }

    #[test]
    fn phrases_of_five_and_short_lines_are_known() {
        let tokenizer = Model::builtin().unwrap().tokenizer;
        let index = PhraseIndex::of(&tokenizer, &["白日依山尽黄河", "春风来"]).unwrap();
        let index = PhraseIndex::from_bytes(&index.to_bytes()).unwrap();
        let lookup = PhraseLookup::new(&index, &tokenizer, Some(7));
        let is_copied = |line: &str, following: &str| {
            let following: Vec<u32> = following.chars().flat_map(|c| tokens(&tokenizer, &c.to_string())).collect();
            completes(&lookup, &tokens(&tokenizer, line), &following)
        };
        assert!(is_copied("白日依山尽", "") && is_copied("月日依山尽黄", "") && is_copied("白日依山", "尽"));
        assert!(!is_copied("白日依山", "") && !is_copied("白日依山月", "") && !is_copied("白日依山月", "尽黄河"));
        let short = PhraseLookup::new(&index, &tokenizer, Some(3));
        let of_three = |line: &str| completes(&short, &tokens(&tokenizer, line), &[]);
        assert!(of_three("春风来") && !of_three("春风去") && !of_three("春风"));
        // Where lines have any length, the end of the line decides.
        let free = PhraseLookup::new(&index, &tokenizer, None);
        let ended = |line: &str| completes(&free, &[tokens(&tokenizer, line), vec![Tokenizer::LINE]].concat(), &[]);
        assert!(ended("春风来") && !ended("春风来去") && !of_three("春风去"));
    }

    #[test]
    fn bytes_that_are_no_index_are_refused() {
        let tokenizer = Model::builtin().unwrap().tokenizer;
        let bytes = PhraseIndex::of::<&str>(&tokenizer, &[]).unwrap().to_bytes();
        assert!(PhraseIndex::from_bytes(&bytes).is_ok());
        for end in 0..bytes.len() {
            assert!(PhraseIndex::from_bytes(&bytes[..end]).is_err(), "{end}");
        }
        for place in 8..BinaryFuse8::DESCRIPTOR_LEN {
            let mut bytes = bytes.clone();
            bytes[place] ^= 0x40;
            assert!(PhraseIndex::from_bytes(&bytes).is_err(), "{place}");
        }
    }

    #[test]
    fn too_many_phrases_are_counted() {
        let tokenizer = Model::builtin().unwrap().tokenizer;
        let first = tokenizer.first_letter();
        let text = |i: usize| tokenizer.token_text((first + i) as u32).unwrap();
        let line = |i: usize| [i % 1_000, i / 1_000, 7, 8, 9].map(text).concat();
        let lines: Vec<String> = (0..1_000_000).map(line).collect();
        assert_eq!(PhraseIndex::of(&tokenizer, &lines).err(), Some(1_000_000));
        assert!(PhraseIndex::of(&tokenizer, &lines[..900_000]).is_ok());
    }
}
