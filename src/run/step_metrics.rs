//! The numbers of a step, with their names in tables and curves.

use super::event::StepRecord;

/// A number of a step.
pub struct StepMetric {
    /// As in the journal.
    pub name: &'static str,
    /// Group in TensorBoard.
    pub group: &'static str,
    pub of: fn(&StepRecord) -> Option<f32>,
}

const fn number(group: &'static str, name: &'static str, of: fn(&StepRecord) -> Option<f32>) -> StepMetric {
    StepMetric { name, group, of }
}

/// All but the step itself, in the order of the journal.
pub const STEP_METRICS: [StepMetric; 14] = [
    number("speed", "progress", |record| Some(record.progress)),
    number("speed", "elapsed_s", |record| Some(record.elapsed_s)),
    number("speed", "eta_s", |record| record.eta_s),
    number("speed", "tokens_per_s", |record| Some(record.tokens_per_s)),
    number("loss", "likelihood_loss", |record| record.likelihood_loss),
    number("loss", "generator_loss", |record| record.generator_loss),
    number("loss", "discriminator_loss", |record| record.discriminator_loss),
    number("discriminator", "d_real", |record| record.d_real),
    number("discriminator", "d_fake", |record| record.d_fake),
    number("gradient_norm", "generator_grad_norm", |record| record.generator_grad_norm),
    number("gradient_norm", "discriminator_grad_norm", |record| record.discriminator_grad_norm),
    number("schedule", "beta", |record| record.beta),
    number("schedule", "learning_rate", |record| Some(record.learning_rate)),
    number("schedule", "discriminator_learning_rate", |record| record.discriminator_learning_rate),
];
