#![allow(clippy::unwrap_used)] // A bench that cannot be set up has nothing to measure.
//! Whole training steps of the default preset on `corpora/tang.txt`, and sampling. `cargo bench --bench steps`

use std::sync::LazyLock;

use divan::Bencher;
use poetgan::config::{Config, GeneratorKind};
use poetgan::corpus;
use poetgan::gan::Gan;
use poetgan::gan::compute::Compute;
use poetgan::gan::data::Dataset;
use poetgan::gan::models::Models;
use poetgan::gan::steps::{LrScales, Steps};
use poetgan::nn::precision::Precision;
use poetgan::nn::threads;
use poetgan::run::state::Cursor;
use poetgan::tokenizer::Tokenizer;

fn main() {
    threads::prepare();
    divan::main();
}

const GENERATORS: [GeneratorKind; 2] = [GeneratorKind::Transformer, GeneratorKind::Lstm];

/// Models and data of a step, without the heads that need learned embeddings, since learning these is not part of a step.
fn gan(generator: GeneratorKind) -> Gan {
    let mut config = Config::preset("base").unwrap();
    config.model.generator = generator;
    let discriminator = &mut config.discriminator;
    (discriminator.rhyme, discriminator.couplet) = (false, false);
    (discriminator.lexical, discriminator.theme) = (false, false);
    let corpus = corpus::read("corpora/tang.txt".as_ref(), &Default::default()).unwrap();
    let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training).unwrap();
    let dataset = Dataset::new(&corpus, &tokenizer, &config);
    let models = Models::new(&config, tokenizer.vocab_size(), None).unwrap();
    Gan::new(config, dataset, models, Cursor::default())
}

/// The first step of the adversarial phase.
fn steps<'a>(config: &'a Config, dataset: &'a Dataset) -> Steps<'a> {
    static COMPUTE: LazyLock<Compute> = LazyLock::new(|| Compute::alone(Precision::F32));
    Steps::new(config, dataset, config.training.pretrain_steps + 1, LrScales::ONE, &COMPUTE)
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn pretrain_step(bencher: Bencher, generator: GeneratorKind) {
    let Gan { config, dataset, mut models, mut batches, .. } = gan(generator);
    bencher.bench_local(|| {
        let minibatch = batches.next(&dataset);
        steps(&config, &dataset).pretrain_step(&mut models, &minibatch, 1e-4).unwrap()
    });
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn sample(bencher: Bencher, generator: GeneratorKind) {
    let Gan { config, dataset, models, mut batches, .. } = gan(generator);
    let minibatch = batches.next(&dataset);
    bencher.bench_local(|| steps(&config, &dataset).sample(&models, &minibatch, 0).unwrap());
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn discriminator_step(bencher: Bencher, generator: GeneratorKind) {
    let Gan { config, dataset, mut models, mut batches, .. } = gan(generator);
    let minibatch = batches.next(&dataset);
    let steps = steps(&config, &dataset);
    let fake = steps.sample(&models, &minibatch, 0).unwrap();
    bencher.bench_local(|| steps.discriminator_step(&mut models, &minibatch, &fake, 0).unwrap());
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn generator_step(bencher: Bencher, generator: GeneratorKind) {
    let Gan { config, dataset, mut models, mut batches, .. } = gan(generator);
    let minibatch = batches.next(&dataset);
    let steps = steps(&config, &dataset);
    let fakes = steps.sample_relaxed(&models, &minibatch, 0).unwrap();
    bencher.bench_local(|| steps.generator_step(&mut models, &minibatch, &fakes).unwrap());
}
