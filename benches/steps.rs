#![allow(clippy::unwrap_used)] // A bench that cannot be set up has nothing to measure.
//! Whole training steps of the default preset on `corpora/tang.txt`, and sampling. `cargo bench --bench steps`

use divan::Bencher;
use poetgan::config::{Config, GeneratorKind};
use poetgan::corpus;
use poetgan::gan::data::{Cursor, Dataset};
use poetgan::gan::models::Models;
use poetgan::gan::step::Context;
use poetgan::nn::threads;
use poetgan::tokenizer::Tokenizer;

fn main() {
    threads::prepare();
    divan::main();
}

const GENERATORS: [GeneratorKind; 2] = [GeneratorKind::Transformer, GeneratorKind::Lstm];

/// Everything a step needs; the heads that read fixed embeddings are left out, since learning these is no part of a step.
fn game(generator: GeneratorKind) -> (Config, Dataset, Models) {
    let mut config = Config::preset("base").unwrap();
    config.model.generator = generator;
    let discriminator = &mut config.discriminator;
    (discriminator.rhyme, discriminator.couplet, discriminator.lexical) = (false, false, false);
    let corpus = corpus::read("corpora/tang.txt".as_ref()).unwrap();
    let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training).unwrap();
    let dataset = Dataset::new(&corpus, &tokenizer, &config);
    let models = Models::new(&config, tokenizer.vocab_size(), None).unwrap();
    (config, dataset, models)
}

fn context<'a>(config: &'a Config, dataset: &Dataset) -> Context<'a> {
    Context { config, special: dataset.special, step: 1, lr_scale: 1.0 }
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn likelihood_step(bencher: Bencher, generator: GeneratorKind) {
    let (config, dataset, mut models) = game(generator);
    let mut batches = dataset.batches(Cursor::default());
    bencher.bench_local(|| {
        let (bucket, real) = batches.next(&dataset);
        context(&config, &dataset).likelihood_step(&mut models, &real, bucket.rules, 1e-4).unwrap()
    });
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn sample(bencher: Bencher, generator: GeneratorKind) {
    let (config, dataset, models) = game(generator);
    let (bucket, real) = dataset.batches(Cursor::default()).next(&dataset);
    bencher.bench_local(|| context(&config, &dataset).fakes(&models, bucket, real.count, 0, None).unwrap());
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn discriminator_step(bencher: Bencher, generator: GeneratorKind) {
    let (config, dataset, mut models) = game(generator);
    let (bucket, real) = dataset.batches(Cursor::default()).next(&dataset);
    let fakes = context(&config, &dataset).fakes(&models, bucket, real.count, 0, None).unwrap();
    bencher.bench_local(|| context(&config, &dataset).discriminator_step(&mut models, &real, &fakes.batch, 0).unwrap());
}

#[divan::bench(args = GENERATORS, sample_count = 10)]
fn generator_step(bencher: Bencher, generator: GeneratorKind) {
    let (config, dataset, mut models) = game(generator);
    let (bucket, real) = dataset.batches(Cursor::default()).next(&dataset);
    let fakes = context(&config, &dataset).fakes(&models, bucket, real.count, 0, Some(1.0)).unwrap();
    bencher.bench_local(|| context(&config, &dataset).generator_step(&mut models, &real, &fakes).unwrap());
}
