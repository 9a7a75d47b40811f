//! A poem being sampled.

use crate::generator::restrictions::{PoemCost, Prefix};
use crate::generator::{SpecialTokens, TokenPosition};
use crate::nn::gumbel::Key;
use crate::nn::peaks::Peaks;

#[derive(Default)]
pub struct Draft {
    /// Its index in the request.
    pub index: usize,
    pub seed: u64,
    pub tokens: Vec<u32>,
    pub position: TokenPosition,
    /// The noise vector of the poem, [z_dim].
    pub z: Vec<f32>,
    /// The projected z, which is added to every input, [width].
    pub projected_z: Vec<f32>,
    /// The state of each layer: keys and values, or the state of the LSTM.
    pub states: Vec<Vec<f32>>,
    /// Whether the states only grow, by a row for each token, as keys and values do.
    pub grows: bool,
    /// For each target, if requested.
    pub peaks: Vec<Option<Peaks>>,
    /// Counted for a restricted request.
    pub cost: PoemCost,
    /// As in [`Prefix`].
    pub redrawn: usize,
    /// What it was before each token, if it may be drawn again.
    moments: Vec<Moment>,
}

/// What a draft was before a token was drawn, beside its tokens.
struct Moment {
    cost: PoemCost,
    position: TokenPosition,
    /// Empty for states that only grow.
    states: Vec<Vec<f32>>,
}

impl Draft {
    /// A poem that has only its form tag.
    pub fn new(index: usize, seed: u64, tag: u32) -> Draft {
        Draft { index, seed, tokens: vec![tag], ..Draft::default() }
    }

    /// The Gumbel noise of the next token.
    pub fn key(&self) -> Key {
        Key { seed: self.seed, position: self.tokens.len() - 1 }
    }

    pub fn prefix(&self) -> Prefix<'_> {
        Prefix { index: self.index, tokens: &self.tokens, position: self.position, redrawn: self.redrawn }
    }

    pub fn push(&mut self, token: u32, special: SpecialTokens) {
        self.tokens.push(token);
        self.position = self.position.after(token, special);
    }

    /// Keeps what [`Draft::draw_again`] needs, before the last token enters the states.
    pub fn remember(&mut self) {
        let states = if self.grows { Vec::new() } else { self.states.clone() };
        self.moments.push(Moment { cost: self.cost, position: self.position, states });
    }

    /// Takes the draft back to its first `kept` tokens; `width`: floats of a row of its growing states.
    pub fn draw_again(&mut self, kept: usize, width: usize) {
        self.tokens.truncate(kept);
        self.moments.truncate(kept);
        self.redrawn = kept;
        let Some(moment) = self.moments.pop() else { return };
        (self.cost, self.position) = (moment.cost, moment.position);
        if self.grows {
            self.states.iter_mut().for_each(|rows| rows.truncate((kept - 1) * width));
        } else {
            self.states = moment.states;
        }
    }
}
