//! The options of `write`.

use super::constraints::Constraints;
use super::explain::ExplainStyle;
use super::{AxisMove, ModelChoice, OutputOptions, SelectBy};
use crate::corpus::Form;
use crate::shard::Shard;

#[derive(Clone, Debug, PartialEq)]
pub struct WriteOptions {
    pub count: u64,
    /// Seed of the first poem; poem k has seed + k.
    pub seed: u64,
    /// `None`: all poems, else one part of them.
    pub shard: Option<Shard>,
    /// `None`: drawn by the seed, as often as in the corpus, from those with enough poems.
    pub form: Option<Form>,
    pub temperature: f32,
    /// Tokens are drawn from the nucleus of this probability; 1 keeps all tokens.
    pub top_p: f32,
    /// Drafts of each poem, of which one is kept; `None`: [`DEFAULT_DRAFTS`](super::DEFAULT_DRAFTS) if the model has a
    /// discriminator, else one.
    pub select: Option<usize>,
    pub select_by: SelectBy,
    /// Words that the poems are about; `None`: each seed draws a theme from the corpus.
    pub theme: Option<String>,
    /// Moves of every z.
    pub axes: Vec<AxisMove>,
    /// What the poems have to hold.
    pub constraints: Constraints,
    /// Whether no phrase of the corpus may occur.
    pub avoid_copying: bool,
    pub model: ModelChoice,
    pub output: OutputOptions,
    /// Whether and how each poem is explained.
    pub explain: Option<ExplainStyle>,
}
