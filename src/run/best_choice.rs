//! Which checkpoint is the best one when training has ended, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The best checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestChoice {
    pub step: u64,
    /// The lowest held-out loss, nats per token.
    pub loss: f32,
    /// Its rhyme score, if it was chosen by that; otherwise it has the lowest held-out loss.
    pub rhyme: Option<f32>,
    pub last: Option<LastCheckpoint>,
}

/// The last checkpoint, which is not the best one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastCheckpoint {
    pub step: u64,
    pub why: NotBest,
}

/// Why a checkpoint is not the best one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NotBest {
    /// Its held-out loss is higher.
    HigherLoss,
    /// Its held-out loss is so much above the lowest one, nats per token, and may be at most `limit` above.
    Forgetting {
        increase: f32,
        limit: f32,
    },
    /// Its poems repeat each other, or copy, more than they may.
    RepeatsOrCopies,
    RhymesLess,
}

impl fmt::Display for BestChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BestChoice { step, loss, rhyme, last } = self;
        write!(f, "the best checkpoint, which write uses, is that of step {step}: ")?;
        match rhyme {
            Some(rhyme) => write!(f, "its poems rhyme most ({rhyme:.2} above lines of different poems)")?,
            None => write!(f, "it has the lowest held-out loss ({loss:.3})")?,
        }
        last.iter().try_for_each(|LastCheckpoint { step, why }| {
            write!(f, "; the last one, of step {step}, {why}; --checkpoint last uses it")
        })
    }
}

impl fmt::Display for NotBest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotBest::HigherLoss => f.write_str("has a higher one"),
            NotBest::Forgetting { increase, limit } => {
                write!(f, "has a held-out loss {increase:.2} above the lowest (limit {limit})")
            }
            NotBest::RepeatsOrCopies => f.write_str("repeats itself or copies more than the limits allow"),
            NotBest::RhymesLess => f.write_str("rhymes less"),
        }
    }
}
