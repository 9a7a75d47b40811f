//! Learned biases on the logits of tokens that the poem has already. Likelihood sets them, so that a token returns as
//! often as in the corpus; self-attention alone repeats tokens far too often.
//!
//! The bias of a token is that of the kind of its last occurrence plus one of its own, apart for immediate repetition.

use candle_core::{Result, Tensor};

use super::rules::{SpecialTokens, TokenPosition};
use super::sequences::Sequences;
use crate::nn::ops::{LogitBias, LogitBiases};
use crate::nn::params::{Params, Weights, get};

/// Kinds of repetition, by where the token occurred last and where it would occur now.
pub const KINDS: usize = 10;
/// Tokens before the current one that are looked at.
const REACH: usize = 160;
/// The stored biases of the kinds are multiplied by this, since Adam moves every element by about the learning rate and
/// they have far to go.
pub(super) const KIND_SCALE: f64 = 5.0;
/// Initial bias of every kind, before scaling.
const INITIAL: f32 = -0.2;

/// A token that the poem has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    pub token: u32,
    /// Below [`KINDS`].
    pub kind: usize,
}

/// Adds the initial biases.
pub fn init(vocab: usize, params: &mut Params) -> Result<()> {
    params.constant("repeat.kind", &[KINDS], INITIAL)?;
    params.constant("repeat.adjacent", &[vocab], 0.0)?;
    params.constant("repeat.apart", &[vocab], 0.0)
}

/// The output bias followed by the parameters of the repeats, [vocab + KINDS + 2 vocab].
pub fn with_repeats(weights: &Weights) -> Result<Tensor> {
    let kind = (get(weights, "repeat.kind")? * KIND_SCALE)?;
    Tensor::cat(&[get(weights, "bias")?, kind, get(weights, "repeat.adjacent")?, get(weights, "repeat.apart")?], 0)
}

impl Repeat {
    /// The two parameters whose sum is the bias, as indices after the output bias.
    pub fn parameters(self, vocab: usize) -> [usize; 2] {
        let own = if self.kind == 0 { KINDS } else { KINDS + vocab };
        [self.kind, own + self.token as usize]
    }
}

/// The biases without a graph.
pub(super) struct RepeatBias {
    /// Of the kinds, then of immediate and of other repetitions of each token, [KINDS + 2 vocab].
    parameters: Vec<f32>,
}

impl RepeatBias {
    pub(super) fn new(weights: &Weights) -> Result<RepeatBias> {
        let vocab = get(weights, "bias")?.dim(0)?;
        let all = with_repeats(weights)?;
        Ok(RepeatBias { parameters: all.narrow(0, vocab, all.dim(0)? - vocab)?.to_vec1()? })
    }

    /// Adds the biases to the `logits` [vocab] of the token that follows `poem`.
    pub(super) fn add(&self, logits: &mut [f32], poem: &[u32], special: SpecialTokens, width: Option<usize>) {
        for repeat in repeats(poem, special, width) {
            let [a, b] = repeat.parameters(logits.len()).map(|parameter| self.parameters[parameter]);
            logits[repeat.token as usize] += a + b;
        }
    }
}

/// The distinct letters of `poem` (all tokens so far, form tag first) as candidates for the next position. `width` is the
/// number of tokens of a line, where the form fixes it.
pub fn repeats(poem: &[u32], special: SpecialTokens, width: Option<usize>) -> Vec<Repeat> {
    let mut positions = Vec::with_capacity(poem.len());
    let mut next = TokenPosition::default();
    for &token in &poem[1..] {
        positions.push(next);
        next = next.after(token, special);
    }
    let mut found: Vec<Repeat> = Vec::new();
    for (&token, &then) in poem[1..].iter().zip(&positions).rev().take(REACH) {
        let is_new = token as usize >= special.first_letter && found.iter().all(|repeat| repeat.token != token);
        if is_new {
            found.push(Repeat { token, kind: kind(then, next, width) });
        }
    }
    found
}

/// The kind of a repetition of a token at `then` as the token at `now`.
fn kind(then: TokenPosition, now: TokenPosition, width: Option<usize>) -> usize {
    let is_end = |position: TokenPosition| width.is_some_and(|width| position.token + 1 == width);
    let couplets = now.line / 2 - then.line / 2;
    match now.line - then.line {
        0 if then.token + 1 == now.token => 0,
        0 if then.token + 2 == now.token => 1,
        0 => 2,
        _ if is_end(now) && now.line % 2 == 1 => {
            if is_end(then) {
                3
            } else {
                4
            }
        }
        1 if couplets == 0 && then.token == now.token => 5,
        1 if couplets == 0 => 6,
        _ => 6 + couplets.min(3),
    }
}

/// The biases of all targets of a minibatch.
pub fn logit_biases(batch: &Sequences, special: SpecialTokens, width: Option<usize>, vocab: usize) -> LogitBiases {
    let mut biases = LogitBiases::default();
    for poem in batch.tokens.chunks(batch.time + 1) {
        for target in 1..=batch.time {
            // Padding follows the end of a poem, and nothing is predicted there.
            let is_over = poem[..target].contains(&special.end);
            let found = if is_over { Vec::new() } else { repeats(&poem[..target], special, width) };
            biases.push_row(found.into_iter().map(|repeat| LogitBias {
                token: repeat.token,
                parameters: repeat.parameters(vocab).map(|parameter| (vocab + parameter) as u32),
            }));
        }
    }
    biases
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, first_content: 4, first_letter: 5 };

    fn kinds(poem: &[u32], width: Option<usize>) -> Vec<(u32, usize)> {
        repeats(poem, SPECIAL, width).into_iter().map(|repeat| (repeat.token, repeat.kind)).collect()
    }

    #[test]
    fn the_last_occurrence_tells_the_kind() {
        assert_eq!(kinds(&[3], Some(3)), []);
        assert_eq!(kinds(&[3, 5, 6, 4], Some(3)), [(6, 1), (5, 2)]);
        assert_eq!(kinds(&[3, 5, 6, 5], Some(4)), [(5, 0), (6, 1)]);
        // The first token of the second line: 5 stood in the same place, 7 at the end of the first line.
        assert_eq!(kinds(&[3, 5, 6, 7, 1], Some(3)), [(7, 6), (6, 6), (5, 5)]);
        // Its last token, a rhyme: 7 ends a line, 8 and 9 are in this line.
        assert_eq!(kinds(&[3, 5, 6, 7, 1, 8, 9], Some(3)), [(9, 0), (8, 1), (7, 3), (6, 4), (5, 4)]);
        // The second couplet, and the fifth.
        assert_eq!(kinds(&[3, 5, 1, 6, 1], Some(9)), [(6, 7), (5, 7)]);
        assert_eq!(kinds(&[3, 5, 1, 6, 1, 7, 1, 7, 1, 7, 1, 7, 1, 7, 1, 7, 1], Some(9)), [(7, 7), (6, 9), (5, 9)]);
        // Without a width no place is known to rhyme.
        assert_eq!(kinds(&[3, 5, 6, 7, 1, 8, 9], None), [(9, 0), (8, 1), (7, 5), (6, 6), (5, 6)]);
    }

    #[test]
    fn rows_after_the_end_have_no_biases() {
        let batch = Sequences::new(&[&[3, 5, 6, 2], &[3, 5, 2]], vec![], SPECIAL);
        let biases = logit_biases(&batch, SPECIAL, None, 9);
        let tokens: Vec<Vec<u32>> = (0..6).map(|row| biases.row(row).iter().map(|bias| bias.token).collect()).collect();
        assert_eq!(tokens, [vec![], vec![5], vec![6, 5], vec![], vec![5], vec![]]);
        assert_eq!(biases.row(1)[0].parameters, [9, 9 + KINDS as u32 + 5]);
    }
}
