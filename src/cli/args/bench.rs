//! The arguments of `poetgan bench`.

use clap::Args;

use super::super::values::{choice, positive, size, threads};
use crate::bench::{BenchOptions, Shape};
use crate::config::{GeneratorKind, PrecisionSetting};
use crate::lang::Lang;
use crate::nn::precision::Precision;

/// Measure the training steps on this machine, and estimate the training time
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan bench                                 a table, and the estimated time of the default schedule
  poetgan bench --json                          one JSON object per line, as benches/torch_lstm.py prints them
  poetgan bench --json --generator transformer  the same for benches/torch_transformer.py
  poetgan bench --batch 32 --time 20 --vocab 5000 --embed 128 --hidden 256")]
pub struct Bench {
    /// Architecture of the generator; it sets the default sizes
    #[arg(long, value_parser = choice::<GeneratorKind>(&["transformer", "lstm"]), default_value = "lstm")]
    generator: GeneratorKind,
    /// Poems per minibatch
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = size(1))]
    batch: usize,
    /// Tokens per poem [default: 28, or 32 for the transformer]
    #[arg(long, value_name = "N", value_parser = size(1))]
    time: Option<usize>,
    /// Size of the vocabulary [default: 4500, or 5000]
    #[arg(long, value_name = "N", value_parser = size(8))]
    vocab: Option<usize>,
    /// Width of the token embedding
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = size(1))]
    embed: usize,
    /// Width of the LSTM cell or of the transformer's feed-forward layer [default: 512, or 1024]
    #[arg(long, value_name = "N", value_parser = size(1))]
    hidden: Option<usize>,
    /// Inverse temperature of the relaxation; from 1.5 on, tokens with negligible probability are skipped
    #[arg(long, value_name = "F", default_value_t = 2.0, value_parser = positive, allow_negative_numbers = true)]
    beta: f32,
    /// Matrix products of training; auto means bfloat16 where the processor has AVX512-BF16, else f32
    #[arg(long, value_parser = choice::<PrecisionSetting>(&["auto", "f32"]), default_value = "auto")]
    precision: PrecisionSetting,
    /// Timed runs of each step
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = size(1))]
    repeats: usize,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
    /// Number of threads [default: one per performance core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Bench {
    pub fn options(&self, lang: Lang) -> BenchOptions {
        let (default_time, default_vocab, default_hidden) = match self.generator {
            GeneratorKind::Lstm => (28, 4500, 512),
            GeneratorKind::Transformer => (32, 5000, 1024),
        };
        let shape = Shape {
            generator: self.generator,
            batch: self.batch,
            time: self.time.unwrap_or(default_time),
            vocab: self.vocab.unwrap_or(default_vocab),
            embed: self.embed,
            hidden: self.hidden.unwrap_or(default_hidden),
            beta: self.beta,
        };
        let precision = Precision::of(self.precision);
        BenchOptions { json: self.json, repeats: self.repeats, shape, precision, lang }
    }
}
