//! Which checkpoint is the best one when training has ended, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The best checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestChoice {
    pub step: u64,
    pub why: BestReason,
    /// The last checkpoint, if that is another one.
    pub last: Option<LastCheckpoint>,
}

/// Why a checkpoint is the best one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum BestReason {
    /// Of all checkpoints of pretraining; nats per token.
    LowestLoss { loss: f32 },
    /// Of those of the adversarial phase that keep the limits.
    HighestRhyme { rhyme: f32 },
    /// No lines rhyme, and it is the newest of those that keep the limits.
    Newest,
    /// It is the end of pretraining: no later one keeps the limits and rhymes as well.
    NoneLater,
    /// It was measured when an earlier process of the run ended.
    EarlierProcess,
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
        let BestChoice { step, why, last } = self;
        write!(f, "the best checkpoint, which write uses, is that of step {step}: {why}")?;
        last.iter().try_for_each(|LastCheckpoint { step, why }| {
            write!(f, "; the last one, of step {step}, {why}; --checkpoint last uses it")
        })
    }
}

impl fmt::Display for BestReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BestReason::LowestLoss { loss } => write!(f, "it has the lowest held-out loss ({loss:.3})"),
            BestReason::HighestRhyme { rhyme } => {
                write!(f, "it has the highest rhyme score ({rhyme:.2} above lines of different poems)")
            }
            BestReason::Newest => f.write_str("it is the newest that neither repeats itself nor copies"),
            BestReason::NoneLater => f.write_str("no later one keeps the limits and rhymes as well"),
            BestReason::EarlierProcess => f.write_str("it was the best when an earlier process ended"),
        }
    }
}

impl fmt::Display for NotBest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotBest::HigherLoss => f.write_str("has a higher held-out loss"),
            NotBest::Forgetting { increase, limit } => {
                write!(f, "has a held-out loss {increase:.2} above the lowest (limit {limit})")
            }
            NotBest::RepeatsOrCopies => f.write_str("repeats itself or copies more than the limits allow"),
            NotBest::RhymesLess => f.write_str("rhymes less"),
        }
    }
}
