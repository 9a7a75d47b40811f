//! A minibatch of token sequences, real or generated.

use std::ops::Range;

use super::rules::{Rules, SpecialTokens, TokenPosition};

/// Poems as tokens: `<form>` line `<line>` line ... `<end>`, padded with `<end>` to one length.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequences {
    /// [count, time + 1]
    pub tokens: Vec<u32>,
    pub count: usize,
    /// Inputs (and targets) per sequence: one less than the tokens of the longest poem.
    pub time: usize,
    /// Tokens of each sequence without the padding.
    pub lengths: Vec<usize>,
    /// One noise vector z per poem, [count, z_dim].
    pub z: Vec<f32>,
}

impl Sequences {
    /// Pads the poems to the longest. `z` is [poems, z_dim].
    pub fn new(poems: &[&[u32]], z: Vec<f32>, special: SpecialTokens) -> Sequences {
        let longest = poems.iter().map(|poem| poem.len()).max().unwrap_or(0);
        let mut tokens = Vec::with_capacity(poems.len() * longest);
        for poem in poems {
            tokens.extend_from_slice(poem);
            tokens.resize(tokens.len() + longest - poem.len(), special.end);
        }
        let lengths = poems.iter().map(|poem| poem.len()).collect();
        Sequences { tokens, count: poems.len(), time: longest.saturating_sub(1), lengths, z }
    }

    /// Some of the poems, with the same padding.
    pub fn part(&self, poems: Range<usize>) -> Sequences {
        let z_dim = self.z.len() / self.count.max(1);
        Sequences {
            tokens: self.tokens[poems.start * (self.time + 1)..poems.end * (self.time + 1)].to_vec(),
            count: poems.len(),
            time: self.time,
            lengths: self.lengths[poems.clone()].to_vec(),
            z: self.z[poems.start * z_dim..poems.end * z_dim].to_vec(),
        }
    }

    /// Without the end token of every poem if the form determines it, since its prediction is not used.
    pub fn without_forced_end(&self, rules: Rules) -> Sequences {
        if !rules.is_fixed() || self.time < 2 {
            return self.clone();
        }
        let tokens = self.tokens.chunks(self.time + 1).flat_map(|row| &row[..self.time]).copied().collect();
        let lengths = self.lengths.iter().map(|length| length.min(&self.time)).copied().collect();
        Sequences { tokens, count: self.count, time: self.time - 1, lengths, z: self.z.clone() }
    }

    /// The tokens of poem `index`, without padding.
    pub fn poem(&self, index: usize) -> &[u32] {
        &self.tokens[index * (self.time + 1)..][..self.lengths[index]]
    }

    /// Input tokens, [count * time].
    pub fn inputs(&self) -> Vec<u32> {
        self.tokens.chunks(self.time + 1).flat_map(|row| row[..self.time].iter().copied()).collect()
    }

    /// Target tokens, [count * time].
    pub fn targets(&self) -> Vec<u32> {
        self.tokens.chunks(self.time + 1).flat_map(|row| row[1..].iter().copied()).collect()
    }

    /// For each target, whether it is a token of the poem and not padding, [count * time].
    pub fn is_real(&self) -> Vec<bool> {
        self.lengths.iter().flat_map(|&length| (1..=self.time).map(move |t| t < length)).collect()
    }

    /// Number of tokens to be predicted, without padding.
    pub fn n_targets(&self) -> usize {
        self.lengths.iter().map(|length| length - 1).sum()
    }

    /// The targets that count in a loss, [count * time]: tokens of the poem that the form does not determine, unlike a line
    /// end after the seventh character.
    pub fn open_targets(&self, rules: Rules, special: SpecialTokens) -> Vec<bool> {
        let positions = self.positions(special).into_iter().zip(self.is_real()).enumerate();
        positions
            .map(|(index, (position, real))| real && rules.allowed(position, index % self.time + 1).content)
            .collect()
    }

    /// The position of each target, [count * time].
    pub fn positions(&self, special: SpecialTokens) -> Vec<TokenPosition> {
        let mut positions = Vec::with_capacity(self.count * self.time);
        for row in self.tokens.chunks(self.time + 1) {
            let mut position = TokenPosition::default();
            for &token in &row[..self.time] {
                position = position.after(token, special);
                positions.push(position);
            }
        }
        positions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_and_positions() {
        let special = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 4 };
        let batch = Sequences::new(&[&[3, 5, 1, 6, 2], &[3, 7, 2]], vec![0.0; 2], special);
        assert_eq!(batch.inputs(), [3, 5, 1, 6, 3, 7, 2, 2]);
        assert_eq!(batch.targets(), [5, 1, 6, 2, 7, 2, 2, 2]);
        assert_eq!(batch.is_real(), [true, true, true, true, true, true, false, false]);
        assert_eq!((batch.n_targets(), batch.poem(1)), (6, &[3, 7, 2][..]));
        let positions: Vec<_> = batch.positions(special)[..4].iter().map(|p| (p.line, p.token)).collect();
        assert_eq!(positions, [(0, 0), (0, 1), (1, 0), (1, 1)]);
    }
}
