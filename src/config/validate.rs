//! The values that make no sense, each told in one line.

use super::{Config, ConfigError, GeneratorKind};

impl Config {
    /// Reports the first value that cannot work.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_model()?;
        self.validate_discriminator()?;
        self.validate_schedule()?;
        self.validate_rates()
    }

    fn validate_model(&self) -> Result<(), ConfigError> {
        let (model, tokenizer) = (&self.model, &self.tokenizer);
        positive("model.width", model.width)?;
        positive("model.noise", model.noise)?;
        positive("model.max_line", model.max_line)?;
        positive("model.max_lines", model.max_lines)?;
        positive("model.transformer.layers", model.transformer.layers)?;
        positive("model.transformer.heads", model.transformer.heads)?;
        positive("model.transformer.hidden", model.transformer.hidden)?;
        positive("model.lstm.layers", model.lstm.layers)?;
        positive("model.lstm.hidden", model.lstm.hidden)?;
        share("model.dropout", f64::from(model.dropout))?;
        let heads = model.transformer.heads;
        if model.generator == GeneratorKind::Transformer && model.width % heads != 0 {
            let message = format!("{heads} does not divide model.width = {}", model.width);
            return wrong("model.transformer.heads", message);
        }
        if model.max_poem < model.max_line {
            let message = format!("{} is less than model.max_line = {}", model.max_poem, model.max_line);
            return wrong("model.max_poem", message);
        }
        if tokenizer.vocab_size < 16 {
            return wrong("tokenizer.vocab_size", format!("{} is too few; 16 at least", tokenizer.vocab_size));
        }
        positive("tokenizer.min_count", tokenizer.min_count)
    }

    fn validate_discriminator(&self) -> Result<(), ConfigError> {
        let discriminator = &self.discriminator;
        positive("discriminator.embed", discriminator.embed)?;
        positive("discriminator.filters", discriminator.filters)?;
        positive("discriminator.rhyme_embed", discriminator.rhyme_embed)?;
        share("discriminator.token_dropout", f64::from(discriminator.token_dropout))?;
        if discriminator.widths.is_empty() {
            return wrong(
                "discriminator.widths",
                "is empty; name one filter width at least, such as [2, 3]".to_string(),
            );
        }
        for width in &discriminator.widths {
            positive("discriminator.widths", *width)?;
            if *width > self.model.max_line {
                let message = format!("{width} is wider than model.max_line = {}", self.model.max_line);
                return wrong("discriminator.widths", message);
            }
        }
        Ok(())
    }

    fn validate_schedule(&self) -> Result<(), ConfigError> {
        let training = &self.training;
        let steps = training.warmup_steps.checked_add(training.adversarial_steps);
        match steps {
            Some(0) => return wrong("training.warmup_steps", "0, and so is training.adversarial_steps".to_string()),
            Some(steps) if steps <= u64::from(u32::MAX) => {}
            _ => return wrong("training.warmup_steps", "the schedule has more than 4294967295 steps".to_string()),
        }
        if i64::try_from(training.seed).is_err() {
            return wrong("training.seed", format!("{} is more than {}", training.seed, i64::MAX));
        }
        positive("training.batch_tokens", training.batch_tokens)?;
        positive("training.n_critic", training.n_critic)?;
        positive("training.held_out_every", training.held_out_every)?;
        positive("training.sample_every", training.sample_every)?;
        positive("training.checkpoint_every", training.checkpoint_every)?;
        positive("training.keep_checkpoints", training.keep_checkpoints)?;
        positive("sampling.poems", self.sampling.poems)
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
        if !(training.likelihood_weight >= 0.0 && training.likelihood_weight.is_finite()) {
            return wrong(
                "training.likelihood_weight",
                format!("{} is no weight; 0 or more", training.likelihood_weight),
            );
        }
        Ok(())
    }
}

fn wrong(key: &str, message: String) -> Result<(), ConfigError> {
    Err(ConfigError::Value { key: key.to_string(), message })
}

fn positive<T: Default + PartialEq>(key: &str, value: T) -> Result<(), ConfigError> {
    if value == T::default() { wrong(key, "0 is too few; 1 at least".to_string()) } else { Ok(()) }
}

fn above_zero(key: &str, value: f64) -> Result<(), ConfigError> {
    if value > 0.0 && value.is_finite() { Ok(()) } else { wrong(key, format!("{value} is not above 0")) }
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

    /// The message about a configuration that was valid before `spoil` changed it.
    fn message(spoil: impl Fn(&mut Config)) -> String {
        let mut config = Config::preset("base").unwrap();
        spoil(&mut config);
        config.validate().unwrap_err().to_string()
    }

    #[test]
    fn each_senseless_value_is_named() {
        assert_eq!(
            message(|c| c.model.transformer.heads = 3),
            "model.transformer.heads: 3 does not divide model.width = 256"
        );
        assert_eq!(message(|c| c.model.transformer.heads = 0), "model.transformer.heads: 0 is too few; 1 at least");
        assert_eq!(message(|c| c.model.max_poem = 9), "model.max_poem: 9 is less than model.max_line = 64");
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
        let no_steps = |c: &mut Config| (c.training.warmup_steps, c.training.adversarial_steps) = (0, 0);
        assert_eq!(message(no_steps), "training.warmup_steps: 0, and so is training.adversarial_steps");
    }

    #[test]
    fn a_pure_gan_is_valid() {
        let mut config = Config::preset("base").unwrap();
        config.training.warmup_steps = 0;
        config.training.likelihood_weight = 0.0;
        config.validate().unwrap();
    }
}
