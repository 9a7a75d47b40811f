//! What goes wrong in adversarial training, in plain words, and what to do about it.

use super::{facts::Facts, rivalry};
use crate::train::event::Phase;

/// The discriminator tells almost everything apart.
const TOO_STRONG: f32 = 0.97;
/// Share of the different pairs of neighbours of real poems below which a generator repeats itself.
const POOR: f32 = 0.8;
/// Copied lines beyond those of real poems.
const COPIES: f32 = 0.05;
/// Rise of the held-out loss above its best, nats per token.
const FORGOTTEN: f32 = 0.3;

/// An alarm: what is wrong, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub what: &'static str,
    pub advice: &'static str,
}

/// The alarms of this moment, the gravest first.
pub fn alarms(facts: &Facts) -> Vec<Alarm> {
    let is_duel = facts.latest.as_ref().is_some_and(|record| record.phase == Phase::Adversarial);
    let figure = |name: &str| facts.quality.iter().find(|figure| figure.name == name);
    let mut alarms = Vec::new();
    if facts.latest.as_ref().is_some_and(|record| record.likelihood_loss.is_some_and(|loss| !loss.is_finite())) {
        alarms.push(Alarm { what: "the loss is not finite", advice: "lower the learning rates, or go back: b" });
    }
    if is_duel && figure("distinct_2").is_some_and(|figure| figure.model < POOR * figure.real) {
        alarms.push(Alarm { what: "the poems repeat themselves", advice: "go back to the best checkpoint: b" });
    }
    if figure("copied_line").is_some_and(|figure| figure.model > figure.real + COPIES) {
        alarms.push(Alarm { what: "lines are copied from the corpus", advice: "train less, or on more poems" });
    }
    if facts.held_out.as_ref().is_some_and(|held| held.loss > held.best + FORGOTTEN) {
        alarms.push(Alarm { what: "it forgets the language", advice: "more likelihood: :set likelihood_weight" });
    }
    if is_duel && facts.rivalry.tells_apart().is_some_and(|apart| apart > TOO_STRONG) {
        alarms.push(Alarm {
            what: rivalry::standing(1.0),
            advice: "a slower discriminator: :set discriminator_learning_rate",
        });
    }
    alarms
}
