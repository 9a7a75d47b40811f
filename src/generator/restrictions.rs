//! What a sampled poem may not hold beyond what its form forbids, and what that costs.

use super::{Rules, SpecialTokens, TokenPosition};
use crate::nn::candidates::Candidates;
use crate::nn::simd::Arch;

/// A poem so far, whose next token is to be drawn.
pub struct Prefix<'a> {
    /// Index of the poem in the request.
    pub index: usize,
    /// From the form tag on.
    pub tokens: &'a [u32],
    /// The position of the next token.
    pub position: TokenPosition,
    /// The number of tokens that were kept when it was last drawn again; 0 if it was not.
    pub redrawn: usize,
}

/// Forbids next tokens by setting their logits ([vocab]) to negative infinity.
pub type Mask<'a> = &'a (dyn Fn(&Prefix, &mut [f32]) + Sync);

/// Whether a token that was drawn may not follow; then another one is drawn.
pub type Veto<'a> = &'a (dyn Fn(&Prefix, u32) -> bool + Sync);

/// Whether the poem is drawn again in part instead of going on with a token that was drawn: the number of tokens to keep, from
/// the form tag on. For what only a later token shows.
pub type Redo<'a> = &'a (dyn Fn(&Prefix, u32) -> Option<usize> + Sync);

/// Restrictions on the tokens that the form does not determine.
#[derive(Clone, Copy, Default)]
pub struct Restrictions<'a> {
    pub mask: Option<Mask<'a>>,
    /// For what is rare and would take long to look up for every token. It counts as no cost.
    pub veto: Option<Veto<'a>>,
    pub redo: Option<Redo<'a>>,
}

/// Likelihoods of a poem under the generator at temperature 1, in nats, over the tokens that its form does not determine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PoemCost {
    /// Negative log-likelihood.
    pub nats: f32,
    pub tokens: usize,
    /// That part of both that belongs to tokens of which the mask left no choice.
    pub given_nats: f32,
    pub given_tokens: usize,
    /// Negative logarithm of the probability of what the mask allowed. Infinite if some position had no token left.
    pub forbidden: f32,
}

/// Logits of the next token before and after the restrictions.
pub(super) struct Choice {
    before: f32,
    after: f32,
}

impl Choice {
    /// Applies `mask` to the logits.
    pub fn new(
        logits: &mut [f32],
        candidates: &Candidates,
        mask: Option<Mask>,
        prefix: &Prefix,
        buffer: &mut Vec<f32>,
        arch: Arch,
    ) -> Choice {
        let before = candidates.log_mass(logits, buffer, arch);
        let Some(mask) = mask else { return Choice { before, after: before } };
        mask(prefix, logits);
        Choice { before, after: candidates.log_mass(logits, buffer, arch) }
    }

    /// Adds what the token with this logit costs; negative infinity if no token was left.
    pub fn count(&self, logit: f32, cost: &mut PoemCost) {
        let (nats, forbidden) = (self.before - logit, (self.before - self.after).max(0.0));
        cost.nats += nats;
        cost.tokens += 1;
        if logit == f32::NEG_INFINITY {
            cost.forbidden = f32::INFINITY;
        } else {
            cost.forbidden += forbidden;
        }
        // The mass that is left is that of the token.
        if forbidden > 0.0 && nats - forbidden < 1e-5 {
            cost.given_nats += nats;
            cost.given_tokens += 1;
        }
    }
}

/// The tokens among which a token at `position` is drawn: content tokens from the first of the two numbers on, and special ones.
pub(super) fn candidates_at(
    rules: Rules,
    position: TokenPosition,
    n_tokens: usize,
    tokens: SpecialTokens,
    vocab: usize,
) -> (usize, Vec<usize>) {
    let allowed = rules.allowed(position, n_tokens);
    let from = if allowed.content { rules.first_content(tokens) } else { vocab };
    (from, rules.special(allowed, tokens).map(|token| token as usize).collect())
}
