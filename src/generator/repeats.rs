//! Learned biases on the logits of tokens that the poem has already. Likelihood sets them, so that a token returns as
//! often as in the corpus; self-attention alone repeats tokens far too often.
//!
//! The bias of a token is that of the kind of its last occurrence plus one of its own, apart for immediate repetition.

use candle_core::{Result, Tensor};

use super::rules::{Rules, SpecialTokens, TokenPosition};
use super::sequences::Sequences;
use crate::nn::ops::{LogitBias, LogitBiases};
use crate::nn::params::{Params, Weights, get};

/// Kinds of repetition, by where the token occurred last and where it would occur now.
const KINDS: usize = 10;
/// Classes of forms, whose poems repeat differently: with short or long lines, few or many of them; and unfixed ones.
const CLASSES: usize = 5;
/// Biases of kinds of repetition: one for each class and kind.
pub const KIND_BIASES: usize = CLASSES * KINDS;
/// Tokens before the current one that are looked at.
const REACH: usize = 160;
/// The stored biases of the kinds are multiplied by this, since Adam moves every element by about the learning rate and
/// they have far to go.
pub const KIND_SCALE: f64 = 5.0;
/// Initial bias of every kind, before scaling.
const INITIAL: f32 = -0.2;

/// A token that the poem has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    pub token: u32,
    /// Below [`KINDS`].
    pub kind: usize,
}

/// Name of the biases of the kinds among the generator's weights.
pub const KIND_BIASES_NAME: &str = "repeat.kind";

/// Adds the initial biases.
pub fn init(vocab: usize, params: &mut Params) -> Result<()> {
    params.constant(KIND_BIASES_NAME, &[KIND_BIASES], INITIAL)?;
    params.constant("repeat.adjacent", &[vocab], 0.0)?;
    params.constant("repeat.apart", &[vocab], 0.0)
}

/// The output bias followed by the parameters of the repeats, [vocab + KIND_BIASES + 2 vocab].
pub fn with_repeats(weights: &Weights) -> Result<Tensor> {
    let kind = (get(weights, KIND_BIASES_NAME)? * KIND_SCALE)?;
    Tensor::cat(&[get(weights, "bias")?, kind, get(weights, "repeat.adjacent")?, get(weights, "repeat.apart")?], 0)
}

impl Repeat {
    /// The two parameters whose sum is the bias in poems of a class of forms, as indices after the output bias.
    fn parameters(self, class: usize, vocab: usize) -> [usize; 2] {
        let own = if self.kind == 0 { KIND_BIASES } else { KIND_BIASES + vocab };
        [class * KINDS + self.kind, own + self.token as usize]
    }
}

/// The biases without a graph.
pub(super) struct RepeatBias {
    /// Of the kinds, then of immediate and of other repetitions of each token, [KIND_BIASES + 2 vocab].
    parameters: Vec<f32>,
}

impl RepeatBias {
    pub(super) fn new(weights: &Weights) -> Result<RepeatBias> {
        let vocab = get(weights, "bias")?.dim(0)?;
        let all = with_repeats(weights)?;
        Ok(RepeatBias { parameters: all.narrow(0, vocab, all.dim(0)? - vocab)?.to_vec1()? })
    }

    /// Adds the biases to the `logits` [vocab] of the token that follows `poem`.
    pub(super) fn add(&self, logits: &mut [f32], poem: &[u32], special: SpecialTokens, rules: Rules) {
        for repeat in repeats(poem, special, rules.width()) {
            let [a, b] = repeat.parameters(class(rules), logits.len()).map(|parameter| self.parameters[parameter]);
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

/// The class of a form.
fn class(rules: Rules) -> usize {
    match (rules.width(), rules.lines()) {
        (Some(width), Some(lines)) => usize::from(lines > 4) + 2 * usize::from(width > 5),
        _ => CLASSES - 1,
    }
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

/// How many tokens of these poems repeat one before them, by class and kind.
pub fn repeated_kinds(batch: &Sequences, special: SpecialTokens, rules: Rules) -> [u32; KIND_BIASES] {
    let mut counts = [0; KIND_BIASES];
    let first = class(rules) * KINDS;
    for poem in (0..batch.count).map(|index| batch.poem(index)) {
        for place in (1..poem.len()).filter(|&place| poem[place] as usize >= special.first_letter) {
            let found = repeats(&poem[..place], special, rules.width());
            found
                .iter()
                .filter(|repeat| repeat.token == poem[place])
                .for_each(|repeat| counts[first + repeat.kind] += 1);
        }
    }
    counts
}

/// The biases of all targets of a minibatch.
pub fn logit_biases(batch: &Sequences, special: SpecialTokens, rules: Rules, vocab: usize) -> LogitBiases {
    let mut biases = LogitBiases::default();
    for poem in batch.tokens.chunks(batch.time + 1) {
        for target in 1..=batch.time {
            // Padding follows the end of a poem, and nothing is predicted there.
            let is_over = poem[..target].contains(&special.end);
            let found = if is_over { Vec::new() } else { repeats(&poem[..target], special, rules.width()) };
            biases.push_row(found.into_iter().map(|repeat| LogitBias {
                token: repeat.token,
                parameters: repeat.parameters(class(rules), vocab).map(|parameter| (vocab + parameter) as u32),
            }));
        }
    }
    biases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const SPECIAL: SpecialTokens = SpecialTokens { line: 1, end: 2, stanza: None, first_content: 4, first_letter: 5 };

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
    fn repetitions_are_counted_by_kind() {
        let batch = Sequences::new(&[&[3, 5, 5, 6, 1, 7, 5, 6, 2], &[3, 8, 9, 8, 2]], vec![], SPECIAL);
        let mut expected = [0; KIND_BIASES];
        (expected[0], expected[1], expected[3], expected[5]) = (1, 1, 1, 1);
        assert_eq!(repeated_kinds(&batch, SPECIAL, rules("3x2")), expected);
        let long = Sequences::new(&[&[3, 5, 5, 2]], vec![], SPECIAL);
        assert_eq!(
            repeated_kinds(&long, SPECIAL, rules("7x8"))[..],
            [[0; 3 * KINDS].as_slice(), &[1], &[0; 19]].concat()
        );
    }

    fn rules(form: &str) -> Rules {
        Rules::new(form.parse().unwrap(), &Config::preset("tiny").unwrap().model)
    }

    #[test]
    fn every_class_has_forms() {
        let classes = ["5x4", "5x8", "7x4", "7x8", "lines:14"].map(|form| class(rules(form)));
        assert_eq!(classes, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn rows_after_the_end_have_no_biases() {
        let batch = Sequences::new(&[&[3, 5, 6, 2], &[3, 5, 2]], vec![], SPECIAL);
        let biases = logit_biases(&batch, SPECIAL, rules("free"), 9);
        let tokens: Vec<Vec<u32>> = (0..6).map(|row| biases.row(row).iter().map(|bias| bias.token).collect()).collect();
        assert_eq!(tokens, [vec![], vec![5], vec![6, 5], vec![], vec![5], vec![]]);
        assert_eq!(biases.row(1)[0].parameters, [9 + 4 * KINDS as u32, 9 + KIND_BIASES as u32 + 5]);
    }
}
