//! Which words of a vocabulary rhyme, by the rhyme embedding that the discriminator has of them.

use candle_core::{Result, Tensor};

use super::vocabulary::ConstraintVocabulary;
use crate::generator::SpecialTokens;

/// Least cosine of the embeddings of words that rhyme.
const LEAST_COSINE: f32 = 0.75;

/// The rhyme embedding with what it needs of the vocabulary.
pub struct RhymeTable {
    /// [vocab, columns], rows of length 1.
    rows: Vec<f32>,
    columns: usize,
    /// The texts of the tokens in lower case, without the space before a word.
    texts: Vec<String>,
    /// Whether a token begins a word.
    begins: Vec<bool>,
    pub special: SpecialTokens,
}

/// The last word of a line.
#[derive(Clone, Debug)]
pub struct LastWord {
    /// Its last token.
    pub token: u32,
    pub word: String,
    /// Where it begins in the line.
    pub start: usize,
}

impl RhymeTable {
    /// # Errors
    /// A failed tensor operation.
    pub fn new(table: &Tensor, vocabulary: &ConstraintVocabulary) -> Result<RhymeTable> {
        let columns = table.dim(1)?;
        let mut rows: Vec<f32> = table.flatten_all()?.to_vec1()?;
        for row in rows.chunks_exact_mut(columns.max(1)) {
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.iter_mut().for_each(|x| *x /= length.max(f32::MIN_POSITIVE));
        }
        let (texts, begins) = (0..vocabulary.size()).map(|token| vocabulary.part_of_word(token)).unzip();
        Ok(RhymeTable { rows, columns, texts, begins, special: vocabulary.special })
    }

    /// The last word of a line, if it has one.
    pub fn end(&self, line: &[u32]) -> Option<LastWord> {
        let is_letter = |&token: &u32| token as usize >= self.special.first_letter;
        let last = line.iter().rposition(is_letter)?;
        let start = (0..=last).rev().find(|&place| self.begins[line[place] as usize]).unwrap_or(0);
        // Of `new-love` what counts is `love`.
        let part = line[start..=last].rsplit(|token| !is_letter(token)).next().unwrap_or(&[]);
        let word = part.iter().map(|&token| self.texts[token as usize].as_str()).collect();
        Some(LastWord { token: line[last], word, start })
    }

    /// A token as the whole last word of a line.
    pub fn word(&self, token: u32) -> LastWord {
        LastWord { token, word: self.texts[token as usize].clone(), start: 0 }
    }

    /// The text of a word, or of its token if it is to rhyme with but not to be compared.
    pub fn text<'a>(&'a self, end: &'a LastWord) -> &'a str {
        if end.word.is_empty() { &self.texts[end.token as usize] } else { &end.word }
    }

    /// Whether a word that ends in `token` rhymes with another one.
    pub fn rhymes(&self, token: u32, word: &str, other: &LastWord) -> bool {
        let row = |token: u32| &self.rows[token as usize * self.columns..(token as usize + 1) * self.columns];
        let cosine: f32 = row(token).iter().zip(row(other.token)).map(|(x, y)| x * y).sum();
        cosine >= LEAST_COSINE && word != other.word
    }

    /// Whether a token is a word with this ending that rhymes with all `ends`, or the beginning of one.
    pub fn is_rhyme(&self, token: u32, ends: &[LastWord], ending: &str) -> bool {
        let text = &self.texts[token as usize];
        let rhymes = || ends.iter().all(|end| self.rhymes(token, text, end));
        self.begins[token as usize] && text.ends_with(ending) && rhymes()
    }

    /// The tokens that are more than marks.
    pub fn words(&self) -> impl Iterator<Item = u32> {
        self.special.first_letter as u32..self.texts.len() as u32
    }
}
