//! The last letters of tokens, as features of the rhyme embedding: words with the same ending are likely to rhyme, so a
//! rare word learns from common ones.

use std::collections::BTreeMap;

/// Lengths of endings, in letters.
const LETTERS: [usize; 4] = [1, 2, 3, 4];

/// The endings of every token, numbered.
pub struct Endings {
    /// For each token and length its ending; [`Endings::count`] for a token that is shorter.
    ids: Vec<[u32; LETTERS.len()]>,
    count: usize,
}

impl Endings {
    /// The endings of tokens, given by their texts in the order of their ids.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Endings {
        let mut known = BTreeMap::<Vec<char>, u32>::new();
        let mut of_text = |text: &str| {
            let letters: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
            LETTERS.map(|length| {
                let ending = letters.len().checked_sub(length).map(|first| letters[first..].to_vec())?;
                let next = known.len() as u32;
                Some(*known.entry(ending).or_insert(next))
            })
        };
        let found: Vec<[Option<u32>; LETTERS.len()]> = texts.map(&mut of_text).collect();
        let count = known.len();
        Endings { ids: found.into_iter().map(|ids| ids.map(|id| id.unwrap_or(count as u32))).collect(), count }
    }

    /// Number of different endings.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The endings of a token, by length.
    pub fn of_token(&self, token: u32) -> &[u32] {
        self.ids.get(token as usize).map_or(&[], |ids| ids.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_shared_by_length() {
        let endings = Endings::new(["▁Night", "light", "t", "<end>", "—"].into_iter());
        let shared = |a: u32, b: u32| {
            let both = endings.of_token(a).iter().zip(endings.of_token(b));
            both.map(|(x, y)| x == y && (*x as usize) < endings.count()).collect::<Vec<_>>()
        };
        assert_eq!(shared(0, 1), [true; 4]);
        assert_eq!(shared(0, 2), [true, false, false, false]);
        assert_eq!(shared(4, 4), [false; 4]);
    }
}
