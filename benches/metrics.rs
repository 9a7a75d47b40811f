#![allow(clippy::unwrap_used)] // A bench that cannot be set up has nothing to measure.
//! Measures of poems at the sizes of an evaluation. `cargo bench --bench metrics`

use divan::Bencher;
use poetgan::corpus;
use poetgan::metrics::bigram::Chain;
use poetgan::metrics::bleu::References;
use poetgan::metrics::novelty::TrainingPoems;
use poetgan::metrics::{Units, Verse, bootstrap, diversity};

fn main() {
    divan::main();
}

/// Poems of the corpus, repeated if there are too few.
fn real(count: usize) -> Vec<Verse> {
    let corpus = corpus::read("corpora/tang.txt".as_ref(), &Default::default()).unwrap();
    let mut units = Units::for_poems(corpus.training.iter().map(|poem| poem.lines.as_slice()));
    corpus.training.iter().cycle().take(count).map(|poem| units.verse(&poem.lines)).collect()
}

/// Poems sampled from a bigram chain.
fn drawn(count: u64) -> Vec<Verse> {
    let chain = Chain::new(&real(30_000));
    (0..count).map(|index| chain.draw(0, index)).collect()
}

#[divan::bench(sample_count = 10)]
fn bleu_of_10000_against_10000(bencher: Bencher) {
    let (references, samples) = (real(10_000), drawn(10_000));
    bencher.bench_local(|| References::of(&references).mean(&samples));
}

#[divan::bench(sample_count = 10)]
fn self_bleu_of_500_against_10000(bencher: Bencher) {
    let samples = drawn(10_500);
    bencher.bench_local(|| References::of(&samples[500..]).mean(&samples[..500]));
}

#[divan::bench(sample_count = 10)]
fn novelty_of_2000_among_30000(bencher: Bencher) {
    let (training, samples) = (real(30_000), drawn(2_000));
    bencher.bench_local(|| {
        let training = TrainingPoems::new(&training);
        (training.seen(&samples, 4), training.copied_line(&samples), training.longest_runs(&samples))
    });
}

#[divan::bench(sample_count = 10)]
fn distinct_pairs_of_2000(bencher: Bencher) {
    let samples = drawn(2_000);
    bencher.bench_local(|| diversity::distinct(&samples, 2));
}

#[divan::bench(sample_count = 10)]
fn chain_of_30000(bencher: Bencher) {
    let training = real(30_000);
    bencher.bench_local(|| Chain::new(&training));
}

#[divan::bench(sample_count = 10)]
fn interval_of_2000(bencher: Bencher) {
    let values: Vec<f64> = (0..2_000).map(|i| f64::from(i * 37 % 100)).collect();
    bencher.bench_local(|| bootstrap::mean(&values, 0));
}
