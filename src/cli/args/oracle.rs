//! The arguments of `poetgan oracle`.

use clap::Args;
use std::path::PathBuf;

use super::super::values::{choice, number, positive, seed, size, threads};
use crate::config::GeneratorKind;
use crate::oracle::OracleOptions;

/// Run the synthetic benchmark of SeqGAN: train on sequences of a known LSTM, which then scores the samples
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan oracle                                          a random oracle; figures are not comparable with others
  poetgan oracle --weights seqgan_oracle.safetensors      the published one, with the published figures (docs/oracle.md
                                                          says what the file holds)
  poetgan oracle --generator transformer --hidden 256 --adversarial-steps 1000
  poetgan oracle --json                                   one JSON object per line

Ctrl-C stops the training and prints the table.
Exit codes: 0 finished or stopped, 1 failure, 2 usage error.")]
pub struct OracleArgs {
    /// Safetensors file with the oracle's LSTM [default: random weights]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Seed of the random weights
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seed(), conflicts_with = "weights")]
    oracle_seed: u64,
    /// Number of training sequences and of held-out ones
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = size(1))]
    sequences: usize,
    /// Tokens per sequence; 20 in the published figures
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = size(5))]
    time: usize,
    /// Architecture of the generator
    #[arg(long, value_parser = choice::<GeneratorKind>(&["transformer", "lstm"]), default_value = "lstm")]
    generator: GeneratorKind,
    /// Width of the token embedding
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = size(1))]
    width: usize,
    /// Width of the LSTM cell or of the transformer's feed-forward layer
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = size(1))]
    hidden: usize,
    /// Dropout rate of the generator
    #[arg(long, value_name = "F", default_value_t = 0.3, value_parser = share, allow_negative_numbers = true)]
    dropout: f32,
    /// Sequences per minibatch
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = size(1))]
    batch: usize,
    /// Steps of pretraining by maximum likelihood
    #[arg(long, alias = "warmup-steps", value_name = "N", default_value_t = 3000, value_parser = number(0))]
    pretrain_steps: u64,
    /// Steps of adversarial training
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = number(0))]
    adversarial_steps: u64,
    /// Peak learning rate of pretraining
    #[arg(long, value_name = "F", default_value_t = 0.003, value_parser = positive, allow_negative_numbers = true)]
    learning_rate: f32,
    /// Learning rate of the generator in adversarial training
    #[arg(long, value_name = "F", default_value_t = 0.0001, value_parser = positive, allow_negative_numbers = true)]
    generator_learning_rate: f32,
    /// Inverse temperature of the Gumbel-softmax
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = positive, allow_negative_numbers = true)]
    beta: f32,
    /// Weight of the likelihood loss in adversarial training; 0 disables it
    #[arg(long, value_name = "F", default_value_t = 1.0, value_parser = weight, allow_negative_numbers = true)]
    likelihood_weight: f32,
    /// Steps between two measurements
    #[arg(long, value_name = "N", default_value_t = 250, value_parser = number(1))]
    every: u64,
    /// Sequences sampled per measurement
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = size(1))]
    samples: usize,
    /// Seed of the training and its samples
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = seed())]
    seed: u64,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

/// A number from 0 to less than 1.
fn share(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (0.0..1.0).contains(number));
    number.ok_or_else(|| format!("'{text}' is not a number from 0 to less than 1"))
}

/// A finite number from 0 on.
fn weight(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number: &f32| *number >= 0.0 && number.is_finite());
    number.ok_or_else(|| format!("'{text}' is not a number from 0 on"))
}

impl OracleArgs {
    pub fn options(self) -> OracleOptions {
        OracleOptions {
            weights: self.weights,
            oracle_seed: self.oracle_seed,
            sequences: self.sequences,
            time: self.time,
            generator: self.generator,
            width: self.width,
            hidden: self.hidden,
            dropout: self.dropout,
            batch: self.batch,
            pretrain_steps: self.pretrain_steps,
            adversarial_steps: self.adversarial_steps,
            learning_rate: self.learning_rate,
            generator_learning_rate: self.generator_learning_rate,
            beta: self.beta,
            likelihood_weight: self.likelihood_weight,
            every: self.every,
            samples: self.samples,
            seed: self.seed,
            json: self.json,
        }
    }
}
