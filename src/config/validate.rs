//! Validation of settings; each error is one line.

use super::{AXES, Config, ConfigError, GeneratorKind};

/// Bound on the parameters of both models. Training needs about twenty bytes per parameter.
const MAX_PARAMETERS: u64 = 1_000_000_000;
/// Bound on the tokens of a poem: the attention over them takes time and memory in proportion to their square.
const MAX_TOKENS: u64 = 8_192;
/// The longest line that a model can take: its poem also has a form tag and an end.
pub const MOST_LINE: usize = MAX_TOKENS as usize - 2;
/// Bound on rates, weights and norms; computation is in 32 bits, where 1e39 is infinite.
const MAX_REAL: f64 = 1e30;

impl Config {
    /// Checks all values.
    ///
    /// # Errors
    /// The first invalid value.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_model()?;
        self.validate_discriminator()?;
        self.validate_schedule()?;
        self.validate_rates()?;
        self.validate_size()
    }

    fn validate_model(&self) -> Result<(), ConfigError> {
        let (model, tokenizer) = (&self.model, &self.tokenizer);
        count("model.width", model.width, 16_384)?;
        count("model.z_dim", model.z_dim, 16_384)?;
        count("model.max_line", model.max_line, MAX_TOKENS)?;
        count("model.max_lines", model.max_lines, MAX_TOKENS)?;
        count("model.max_poem", model.max_poem, MAX_TOKENS)?;
        count("model.transformer.layers", model.transformer.layers, 256)?;
        count("model.transformer.heads", model.transformer.heads, 1024)?;
        count("model.transformer.hidden", model.transformer.hidden, 65_536)?;
        count("model.lstm.layers", model.lstm.layers, 256)?;
        count("model.lstm.hidden", model.lstm.hidden, 65_536)?;
        share("model.dropout", f64::from(model.dropout))?;
        share("model.theme_keep", f64::from(model.theme_keep))?;
        let most = model.z_dim.min(AXES);
        if model.theme_dims > most {
            return wrong(
                "model.theme_dims",
                format!("{} is too many; {most} at most (model.z_dim, and {AXES} axes)", model.theme_dims),
            );
        }
        let heads = model.transformer.heads;
        if model.generator == GeneratorKind::Transformer && model.width % heads != 0 {
            let message = format!("{heads} does not divide model.width = {}", model.width);
            return wrong("model.transformer.heads", message);
        }
        // A poem of one line also has a form tag and an end.
        if model.max_poem < model.max_line + 2 {
            let message = format!("{} is less than model.max_line + 2 = {}", model.max_poem, model.max_line + 2);
            return wrong("model.max_poem", message);
        }
        if tokenizer.vocab_size < 16 {
            return wrong("tokenizer.vocab_size", format!("{} is too few; 16 at least", tokenizer.vocab_size));
        }
        count("tokenizer.vocab_size", tokenizer.vocab_size, 1_000_000)?;
        count("tokenizer.min_count", tokenizer.min_count, 1_000_000)
    }

    fn validate_discriminator(&self) -> Result<(), ConfigError> {
        let discriminator = &self.discriminator;
        count("discriminator.embed", discriminator.embed, 16_384)?;
        count("discriminator.filters", discriminator.filters, 16_384)?;
        count("discriminator.rhyme_embed", discriminator.rhyme_embed, 16_384)?;
        count("discriminator.couplet_embed", discriminator.couplet_embed, 1024)?;
        share("discriminator.token_dropout", f64::from(discriminator.token_dropout))?;
        if discriminator.widths.is_empty() {
            return wrong(
                "discriminator.widths",
                "is empty; give at least one filter width, such as [2, 3]".to_string(),
            );
        }
        if discriminator.widths.len() > 64 {
            let message = format!("{} filter widths are too many; 64 at most", discriminator.widths.len());
            return wrong("discriminator.widths", message);
        }
        for width in &discriminator.widths {
            count("discriminator.widths", *width, 65_536)?;
            if *width > self.model.max_line {
                let message = format!("{width} is wider than model.max_line = {}", self.model.max_line);
                return wrong("discriminator.widths", message);
            }
        }
        Ok(())
    }

    fn validate_schedule(&self) -> Result<(), ConfigError> {
        let training = &self.training;
        let steps = training.pretrain_steps.checked_add(training.adversarial_steps);
        match steps {
            Some(0) => {
                return wrong(
                    "training.pretrain_steps",
                    "0, and so is training.adversarial_steps; set one of them".to_string(),
                );
            }
            Some(steps) if steps <= u64::from(u32::MAX) => {}
            _ => return wrong("training.pretrain_steps", "the schedule has more than 4294967295 steps".to_string()),
        }
        if i64::try_from(training.seed).is_err() {
            return wrong("training.seed", format!("{} is more than {}", training.seed, i64::MAX));
        }
        let most_steps = u64::from(u32::MAX);
        if training.lr_warmup_steps > 0 {
            count("training.lr_warmup_steps", training.lr_warmup_steps, most_steps)?;
        }
        if training.patience > 0 {
            count("training.patience", training.patience, most_steps)?;
        }
        if training.dropout_after > 0 {
            count("training.dropout_after", training.dropout_after, most_steps)?;
        }
        if training.parts > 0 {
            count("training.parts", training.parts, 4096)?;
        }
        count("training.local_steps", training.local_steps, most_steps)?;
        count("training.batch_tokens", training.batch_tokens, 1_000_000)?;
        count("training.n_critic", training.n_critic, 1000)?;
        count("training.held_out_every", training.held_out_every, most_steps)?;
        count("training.sample_every", training.sample_every, most_steps)?;
        count("training.checkpoint_every", training.checkpoint_every, most_steps)?;
        count("training.keep_checkpoints", training.keep_checkpoints, 1_000_000)?;
        count("sampling.poems", self.sampling.poems, 1000)
    }

    fn validate_rates(&self) -> Result<(), ConfigError> {
        let training = &self.training;
        above_zero("training.learning_rate", training.learning_rate)?;
        above_zero("training.generator_learning_rate", training.generator_learning_rate)?;
        above_zero("training.discriminator_learning_rate", training.discriminator_learning_rate)?;
        above_zero("training.beta_start", training.beta_start)?;
        above_zero("training.beta_end", training.beta_end)?;
        above_zero("training.clip", training.clip)?;
        above_zero("sampling.temperature", f64::from(self.sampling.temperature))?;
        share("training.average_decay", training.average_decay)?;
        share("training.weight_decay", training.weight_decay)?;
        weight("training.theme_weight", training.theme_weight)?;
        weight("training.frequency_weight", training.frequency_weight)?;
        weight("training.likelihood_weight", training.likelihood_weight)
    }

    /// Sizes that are valid one by one may be too large together. Assumes a full vocabulary.
    fn validate_size(&self) -> Result<(), ConfigError> {
        let found = self.n_parameters(self.tokenizer.vocab_size);
        if found <= MAX_PARAMETERS {
            return Ok(());
        }
        let kind = match self.model.generator {
            GeneratorKind::Transformer => "transformer",
            GeneratorKind::Lstm => "lstm",
        };
        let million = 1_000_000;
        let message = format!(
            "this model has about {} million parameters, more than {} million; lower model.width, model.{kind}.layers, \
             model.{kind}.hidden, discriminator.filters or tokenizer.vocab_size",
            found.div_ceil(million),
            MAX_PARAMETERS / million
        );
        wrong("model", message)
    }
}

fn wrong(key: &str, message: String) -> Result<(), ConfigError> {
    Err(ConfigError::Value { key: key.to_string(), message })
}

/// A whole number from 1 to `most`.
fn count(key: &str, value: impl TryInto<u64>, most: u64) -> Result<(), ConfigError> {
    match value.try_into().unwrap_or(u64::MAX) {
        0 => wrong(key, "0 is too few; 1 at least".to_string()),
        value if value > most => wrong(key, format!("{value} is too many; {most} at most")),
        _ => Ok(()),
    }
}

fn above_zero(key: &str, value: f64) -> Result<(), ConfigError> {
    match value {
        _ if !(value > 0.0 && value.is_finite()) => wrong(key, format!("{value} is not above 0")),
        _ if value > MAX_REAL => wrong(key, format!("{value:e} is too much; {MAX_REAL:e} at most")),
        _ => Ok(()),
    }
}

/// A weight of a loss; 0 leaves it out.
fn weight(key: &str, value: f64) -> Result<(), ConfigError> {
    match value {
        0.0 => Ok(()),
        value if value > 0.0 && value.is_finite() => above_zero(key, value),
        value => wrong(key, format!("{value} is not a weight; it must be 0 or more")),
    }
}

fn share(key: &str, value: f64) -> Result<(), ConfigError> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        wrong(key, format!("{value} is not between 0 and 1 (1 excluded)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error message for a valid configuration changed by `spoil`.
    fn message(spoil: impl Fn(&mut Config)) -> String {
        let mut config = Config::preset("base").unwrap();
        spoil(&mut config);
        config.validate().unwrap_err().to_string()
    }

    #[test]
    fn each_invalid_value_is_reported() {
        assert_eq!(
            message(|c| c.model.transformer.heads = 3),
            "model.transformer.heads: 3 does not divide model.width = 256"
        );
        assert_eq!(message(|c| c.model.transformer.heads = 0), "model.transformer.heads: 0 is too few; 1 at least");
        assert_eq!(message(|c| c.model.max_poem = 9), "model.max_poem: 9 is less than model.max_line + 2 = 66");
        assert_eq!(message(|c| c.model.dropout = 1.0), "model.dropout: 1 is not between 0 and 1 (1 excluded)");
        assert_eq!(message(|c| c.discriminator.widths = vec![2, 0]), "discriminator.widths: 0 is too few; 1 at least");
        assert_eq!(
            message(|c| c.discriminator.widths = vec![65]),
            "discriminator.widths: 65 is wider than model.max_line = 64"
        );
        assert!(message(|c| c.discriminator.widths.clear()).starts_with("discriminator.widths: is empty"));
        assert_eq!(message(|c| c.training.n_critic = 0), "training.n_critic: 0 is too few; 1 at least");
        assert_eq!(message(|c| c.training.beta_start = 0.0), "training.beta_start: 0 is not above 0");
        assert_eq!(message(|c| c.training.beta_end = f64::NAN), "training.beta_end: NaN is not above 0");
        assert_eq!(
            message(|c| c.training.average_decay = -0.5),
            "training.average_decay: -0.5 is not between 0 and 1 (1 excluded)"
        );
        assert!(
            message(|c| c.training.seed = u64::MAX).starts_with("training.seed: 18446744073709551615 is more than")
        );
        assert!(message(|c| c.training.adversarial_steps = u64::MAX).contains("more than 4294967295 steps"));
        assert!(message(|c| c.tokenizer.vocab_size = 3).starts_with("tokenizer.vocab_size: 3 is too few"));
        let no_steps = |c: &mut Config| (c.training.pretrain_steps, c.training.adversarial_steps) = (0, 0);
        assert_eq!(
            message(no_steps),
            "training.pretrain_steps: 0, and so is training.adversarial_steps; set one of them"
        );
    }

    #[test]
    fn excessive_sizes_are_reported() {
        let too_many = |key: &str, spoil: fn(&mut Config)| {
            let message = message(spoil);
            let expected = format!("{key}: 9000000000 is too many; ");
            assert!(message.starts_with(&expected) && message.ends_with(" at most"), "{message}");
        };
        const N: usize = 9_000_000_000;
        too_many("model.width", |c| c.model.width = N);
        too_many("model.z_dim", |c| c.model.z_dim = N);
        too_many("model.max_line", |c| c.model.max_line = N);
        too_many("model.max_lines", |c| c.model.max_lines = N);
        too_many("model.max_poem", |c| c.model.max_poem = N);
        too_many("model.transformer.layers", |c| c.model.transformer.layers = N);
        too_many("model.transformer.heads", |c| c.model.transformer.heads = N);
        too_many("model.transformer.hidden", |c| c.model.transformer.hidden = N);
        too_many("model.lstm.layers", |c| c.model.lstm.layers = N);
        too_many("model.lstm.hidden", |c| c.model.lstm.hidden = N);
        too_many("discriminator.embed", |c| c.discriminator.embed = N);
        too_many("discriminator.filters", |c| c.discriminator.filters = N);
        too_many("discriminator.rhyme_embed", |c| c.discriminator.rhyme_embed = N);
        too_many("discriminator.widths", |c| c.discriminator.widths = vec![2, N]);
        too_many("tokenizer.vocab_size", |c| c.tokenizer.vocab_size = N);
        too_many("tokenizer.min_count", |c| c.tokenizer.min_count = N);
        too_many("training.batch_tokens", |c| c.training.batch_tokens = N);
        too_many("training.n_critic", |c| c.training.n_critic = N as u64);
        too_many("training.lr_warmup_steps", |c| c.training.lr_warmup_steps = N as u64);
        too_many("training.patience", |c| c.training.patience = N as u64);
        too_many("training.dropout_after", |c| c.training.dropout_after = N as u64);
        too_many("training.held_out_every", |c| c.training.held_out_every = N as u64);
        too_many("training.sample_every", |c| c.training.sample_every = N as u64);
        too_many("training.checkpoint_every", |c| c.training.checkpoint_every = N as u64);
        too_many("training.keep_checkpoints", |c| c.training.keep_checkpoints = N);
        too_many("sampling.poems", |c| c.sampling.poems = N);
        let widths = message(|c| c.discriminator.widths = vec![2; 65]);
        assert_eq!(widths, "discriminator.widths: 65 filter widths are too many; 64 at most");
        assert_eq!(message(|c| c.training.clip = 1e31), "training.clip: 1e31 is too much; 1e30 at most");
        let weight = message(|c| c.training.likelihood_weight = 1e31);
        assert_eq!(weight, "training.likelihood_weight: 1e31 is too much; 1e30 at most");
        let weight = message(|c| c.training.likelihood_weight = -1.0);
        assert_eq!(weight, "training.likelihood_weight: -1 is not a weight; it must be 0 or more");
    }

    #[test]
    fn excessive_total_sizes_are_reported() {
        let all = message(|c| (c.model.width, c.model.transformer.layers) = (16_384, 256));
        assert!(all.starts_with("model: this model has about ") && all.contains("model.transformer.layers"), "{all}");
        let lstm = message(|c| (c.model.generator, c.model.lstm.hidden) = (GeneratorKind::Lstm, 65_536));
        assert!(lstm.contains("more than 1000 million; lower model.width, model.lstm.layers"), "{lstm}");
    }

    #[test]
    fn a_pure_gan_is_valid() {
        let mut config = Config::preset("base").unwrap();
        config.training.pretrain_steps = 0;
        config.training.likelihood_weight = 0.0;
        config.validate().unwrap();
    }
}
