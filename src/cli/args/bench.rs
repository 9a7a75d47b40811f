//! The arguments of `poetgan bench`.

use clap::Args;

use super::super::values::{choice, positive, size, threads};
use crate::bench::{BenchOptions, Shape};
use crate::config::GeneratorKind;

/// Measure the training steps on this machine, and estimate how long training takes
#[derive(Args)]
#[command(after_help = "\
Examples:
  poetgan bench                                 a table, and the time that the default schedule takes
  poetgan bench --json                          one JSON object a line, as benches/torch_lstm.py prints them
  poetgan bench --json --generator transformer  the same for benches/torch_transformer.py
  poetgan bench --batch 32 --time 20 --vocab 5000 --embed 128 --hidden 256")]
pub struct Bench {
    /// The generator; its defaults are the shape of the PyTorch script
    #[arg(long, value_parser = choice::<GeneratorKind>(&["transformer", "lstm"]), default_value = "lstm")]
    generator: GeneratorKind,
    /// Poems of a minibatch
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = size(1))]
    batch: usize,
    /// Tokens of a poem [default: 28, or 32 for the transformer]
    #[arg(long, value_name = "N", value_parser = size(1))]
    time: Option<usize>,
    /// Tokens of the vocabulary [default: 4500, or 5000]
    #[arg(long, value_name = "N", value_parser = size(8))]
    vocab: Option<usize>,
    /// Width of the token embedding
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = size(1))]
    embed: usize,
    /// Cell of the LSTM, or feed-forward layer of the transformer [default: 512, or 1024]
    #[arg(long, value_name = "N", value_parser = size(1))]
    hidden: Option<usize>,
    /// Inverse temperature of the relaxation; from 1.5 on only the tokens that count are computed with
    #[arg(long, value_name = "F", default_value_t = 2.0, value_parser = positive, allow_negative_numbers = true)]
    beta: f32,
    /// Timed runs of each step
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = size(1))]
    repeats: usize,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Threads to compute with [default: one per processor core]
    #[arg(long, value_name = "N", value_parser = threads(), allow_negative_numbers = true)]
    pub threads: Option<usize>,
}

impl Bench {
    pub fn options(&self) -> BenchOptions {
        let (usual_time, usual_vocab, usual_hidden) = match self.generator {
            GeneratorKind::Lstm => (28, 4500, 512),
            GeneratorKind::Transformer => (32, 5000, 1024),
        };
        let shape = Shape {
            generator: self.generator,
            batch: self.batch,
            time: self.time.unwrap_or(usual_time),
            vocab: self.vocab.unwrap_or(usual_vocab),
            embed: self.embed,
            hidden: self.hidden.unwrap_or(usual_hidden),
            beta: self.beta,
        };
        BenchOptions { json: self.json, repeats: self.repeats, shape }
    }
}
