//! All settings of a run as one validated value. `presets/*.toml` are the documented defaults; a user's file needs only
//! the settings that differ.

mod file_text;
mod integers;
mod load;
mod shapes;
mod validate;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub use load::DEFAULT_PRESET;
pub use shapes::{AXES, LeastGrid, NEIGHBOUR_RANKS, POEM_FILTER_WIDTHS, Shapes};
pub use validate::MOST_LINE;

/// The settings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub model: ModelConfig,
    pub discriminator: DiscriminatorConfig,
    pub tokenizer: TokenizerConfig,
    pub training: TrainingConfig,
    pub sampling: SamplingConfig,
}

/// An error in a configuration; its message names the place and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("there is no preset '{0}'; the presets are tiny, small, pure, base")]
    UnknownPreset(String),
    #[error("cannot read {}: {cause}; check the path of the configuration", path.display())]
    Read { path: PathBuf, cause: std::io::Error },
    #[error("{}:{line}: {message}", path.display())]
    File { path: PathBuf, line: usize, message: String },
    /// `key` is `section.key`, or the name of a flag.
    #[error("{key}: {message}")]
    Value { key: String, message: String },
}

impl Config {
    /// All values, in the format of `config.toml`.
    ///
    /// # Errors
    /// A failure of the TOML library.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        toml::to_string(self)
            .map_err(|error| ConfigError::Value { key: "config.toml".to_string(), message: error.to_string() })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GeneratorKind {
    Transformer,
    Lstm,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    pub generator: GeneratorKind,
    /// Width of the token embedding and of the transformer's residual stream.
    pub width: usize,
    pub dropout: f32,
    /// Dimensions of the noise vector z ~ N(0, I).
    pub z_dim: usize,
    /// Dimensions of z that hold the poem's theme; 0 for none.
    pub theme_dims: usize,
    /// Correlation between these dimensions and the theme of a training poem, at most.
    pub theme_keep: f32,
    /// Learned biases on the logits of tokens that the poem has already.
    pub repeat_bias: bool,
    /// Longest line, in tokens.
    pub max_line: usize,
    /// Most lines of a poem; longer poems are split at line ends.
    pub max_lines: usize,
    /// Most tokens of a poem; longer poems are split at line ends.
    pub max_poem: usize,
    pub transformer: TransformerConfig,
    pub lstm: LstmConfig,
}

/// Used where `generator = "transformer"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransformerConfig {
    pub layers: usize,
    pub heads: usize,
    /// Hidden width of the feed-forward layer.
    pub hidden: usize,
}

/// Used where `generator = "lstm"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LstmConfig {
    pub layers: usize,
    /// Width of the cell.
    pub hidden: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscriminatorConfig {
    /// Width of the discriminator's own token embedding.
    pub embed: usize,
    /// Filters of each width.
    pub filters: usize,
    /// Filter widths, in tokens.
    pub widths: Vec<usize>,
    /// Head: a CNN over the lines of the poem.
    pub poem: bool,
    /// Head: the rhyme similarities of the line ends.
    pub rhyme: bool,
    /// Width of the rhyme embedding that is learned from the corpus's line ends.
    pub rhyme_embed: usize,
    /// Head: the classes of tokens within lines and in adjacent lines.
    pub couplet: bool,
    /// Width of the class embedding that is learned from co-occurrences in the corpus.
    pub couplet_embed: usize,
    /// Head: rarity and repetition of tokens.
    pub lexical: bool,
    /// Head: the agreement of neighbouring couplets along the theme axes.
    pub theme: bool,
    /// Head: how often tokens are neighbours in the corpus.
    pub neighbours: bool,
    /// Share of the input tokens that are masked in training.
    pub token_dropout: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenizerKind {
    /// Characters for scripts without spaces, else BPE.
    Auto,
    Char,
    Word,
    Bpe,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenizerConfig {
    pub kind: TokenizerKind,
    /// Maximum size of the vocabulary.
    pub vocab_size: usize,
    /// Rarer characters and words are not in the vocabulary, and poems that contain one are left out.
    pub min_count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossKind {
    Standard,
    Relativistic,
    Hinge,
    /// With spectral norm on every matrix of the discriminator.
    Wasserstein,
}

/// What the matrix products of training are computed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrecisionSetting {
    /// bfloat16 where the processor has the instructions, else 32-bit floats.
    Auto,
    F32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relaxation {
    StraightThrough,
    Soft,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    pub seed: u64,
    pub precision: PrecisionSetting,
    /// Parts of a minibatch, whose gradients are computed side by side; 0: one for each thread of the processes that begin the run.
    pub parts: usize,
    /// Likelihood steps of each rank on its own parts between two averages of the weights of all ranks; 1: the gradients of all
    /// ranks are summed at each step.
    pub local_steps: u64,
    /// Tokens of a minibatch, whose poems all have one form.
    pub batch_tokens: usize,
    pub pretrain_steps: u64,
    pub adversarial_steps: u64,
    /// Optimiser of pretraining.
    pub optimizer: OptimizerKind,
    /// Peak learning rate of pretraining.
    pub learning_rate: f64,
    /// Steps over which the learning rate of pretraining rises to its peak.
    pub lr_warmup_steps: u64,
    /// Passes over the training poems in pretraining before dropout begins: nothing can be memorised from poems that are new.
    pub dropout_after: u64,
    pub weight_decay: f64,
    /// Learning rates of the adversarial phase.
    pub generator_learning_rate: f64,
    pub discriminator_learning_rate: f64,
    pub loss: LossKind,
    pub relaxation: Relaxation,
    /// Discriminator warm-up: the first steps of the adversarial phase, in which only the discriminator is trained; at most
    /// half of the phase.
    pub d_warmup_steps: u64,
    /// Discriminator steps per generator step.
    pub n_critic: u64,
    /// Inverse temperature of the relaxation at the first and at the last adversarial step; interpolated geometrically.
    pub beta_start: f64,
    pub beta_end: f64,
    /// Weight of the likelihood loss in the generator step.
    pub likelihood_weight: f64,
    /// Weight of the squared error between the theme of a generated poem and that in its z, in the generator step.
    pub theme_weight: f64,
    /// Weight of the divergence between the token frequencies of generated and of real poems, in the generator step.
    pub frequency_weight: f64,
    /// Bound on the global norm of a gradient.
    pub clip: f64,
    /// Decay of the moving average of the generator's weights.
    pub average_decay: f64,
    /// Held-out evaluations without a new lowest loss after which pretraining ends; 0: it never ends early.
    pub patience: u64,
    /// Steps between two held-out evaluations, two sets of samples, and two checkpoints.
    pub held_out_every: u64,
    pub sample_every: u64,
    pub checkpoint_every: u64,
    /// Number of checkpoints kept in addition to the best and the pretrained one.
    pub keep_checkpoints: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptimizerKind {
    /// Muon for the weight matrices between embedding and output layer, Adam for everything else.
    Muon,
    Adam,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplingConfig {
    pub temperature: f32,
    /// Poems per set of samples.
    pub poems: usize,
}

impl TrainingConfig {
    /// Steps of both phases.
    pub fn total_steps(&self) -> u64 {
        self.pretrain_steps + self.adversarial_steps
    }
}
