#![allow(clippy::unwrap_used)] // A bench that cannot be set up has nothing to measure.
//! The fused operations, forward and backward, compared with their plain references. `cargo bench --bench operations`

use candle_core::{Device, Result, Tensor, Var};
use divan::Bencher;
use divan::counter::BytesCount;
use poetgan::nn::gumbel::{self, Key};
use poetgan::nn::ops::gradients::Collected;
use poetgan::nn::ops::{self, Activation, Block, LogitBiases, Matrix, Precision, Relaxed, TokenLosses};
use poetgan::nn::orthogonalise::orthogonalise;
use poetgan::nn::packed::{Packed, Start};
use poetgan::nn::params::Weights;
use poetgan::nn::peaks::{self, Peaks};
use poetgan::nn::{reference, simd, threads};
use poetgan::random::{self, chacha::GROUP};
use rand::RngCore;
use std::collections::BTreeMap;

const ROWS: usize = 2048;
const WIDTH: usize = 256;
const VOCAB: usize = 5000;
const COLUMNS: usize = 80;
const TIME: usize = 32;
const HEADS: usize = 4;

fn main() {
    threads::prepare();
    divan::main();
}

fn normal(shape: &[usize]) -> Var {
    let draws = random::normal(&mut random::stream(1, "bench", 0), shape.iter().product());
    Tensor::from_vec(draws, shape, &Device::Cpu).and_then(|tensor| Var::from_tensor(&(tensor * 0.1)?)).unwrap()
}

fn forward_and_backward(bencher: Bencher, f: impl Fn() -> Result<Tensor> + Sync) {
    bencher.bench(|| f().unwrap().sum_all().unwrap().backward().unwrap());
}

fn targets() -> Vec<u32> {
    (0..ROWS as u32).map(|i| i * 37 % VOCAB as u32).collect()
}

fn token_losses() -> TokenLosses {
    let (targets, weights) = (targets(), vec![1.0 / ROWS as f32; ROWS]);
    TokenLosses { targets, weights, biases: LogitBiases::default(), precision: Precision::F32 }
}

#[divan::bench(sample_count = 10)]
fn cross_entropy_fused(bencher: Bencher) {
    let (h, e, b) = (normal(&[ROWS, WIDTH]), normal(&[VOCAB, WIDTH]), normal(&[VOCAB]));
    forward_and_backward(bencher, || ops::cross_entropy(&h, &e, &b, token_losses()));
}

#[divan::bench(sample_count = 10)]
fn cross_entropy_plain(bencher: Bencher) {
    let (h, e, b) = (normal(&[ROWS, WIDTH]), normal(&[VOCAB, WIDTH]), normal(&[VOCAB]));
    forward_and_backward(bencher, || reference::cross_entropy(&h, &e, &b, &token_losses()));
}

/// What Muon computes for the two matrices of a feed-forward layer of `base`.
#[divan::bench(args = [Precision::F32, Precision::Bf16], sample_count = 20)]
fn orthogonalise_feed_forward(bencher: Bencher, precision: Precision) {
    if precision.is_available() {
        let draws = random::normal(&mut random::stream(1, "bench", 0), WIDTH * 4 * WIDTH);
        bencher.with_inputs(|| (draws.clone(), draws.clone())).bench_local_values(|(mut up, mut down)| {
            orthogonalise(&mut up, WIDTH, 4 * WIDTH, precision).unwrap();
            orthogonalise(&mut down, 4 * WIDTH, WIDTH, precision).unwrap();
        });
    }
}

fn key(position: usize) -> Key {
    Key { seed: 7, position }
}

fn relaxed(table: &Tensor, beta: f32, peaks: Vec<Option<Peaks>>) -> Relaxed {
    let gumbel = (0..ROWS).map(key).collect();
    Relaxed {
        tokens: targets(),
        gumbel,
        peaks,
        biases: LogitBiases::default(),
        first_content: 0,
        beta,
        soft: false,
        table: table.clone(),
        precision: Precision::F32,
    }
}

#[divan::bench(sample_count = 10)]
fn relaxed_embedding_fused(bencher: Bencher) {
    let (h, e, b) = (normal(&[ROWS, WIDTH]), normal(&[VOCAB, WIDTH]), normal(&[VOCAB]));
    let table = normal(&[VOCAB, COLUMNS]).as_detached_tensor();
    forward_and_backward(bencher, || ops::relaxed_embedding(&h, &e, &b, relaxed(&table, 1.0, vec![None; ROWS])));
}

/// Forward and backward at an inverse temperature of 2, with the peaks that the sampler finds, and without.
#[divan::bench(args = [true, false], sample_count = 10)]
fn relaxed_embedding_sharp(bencher: Bencher, with_peaks: bool) {
    let (h, e, b) = (normal(&[ROWS, WIDTH]), normal(&[VOCAB, WIDTH]), normal(&[VOCAB]));
    let table = normal(&[VOCAB, COLUMNS]).as_detached_tensor();
    let logits = h.matmul(&e.t().unwrap()).unwrap().to_vec2::<f32>().unwrap();
    let find = |(row, logits): (usize, &Vec<f32>)| peaks::peaks(logits, key(row), 0, 2.0, &mut Vec::new());
    let found: Vec<Option<Peaks>> = logits.iter().enumerate().map(find).collect();
    forward_and_backward(bencher, || {
        let peaks = if with_peaks { found.clone() } else { vec![None; ROWS] };
        ops::relaxed_embedding(&h, &e, &b, relaxed(&table, 2.0, peaks))
    });
}

/// The search for peaks in all rows, Gumbel noise included.
#[divan::bench(sample_count = 10)]
fn peaks_of_rows(bencher: Bencher) {
    let (logits, mut room) = (random::normal(&mut random::stream(1, "bench", 0), VOCAB), Vec::new());
    bencher.bench_local(|| (0..ROWS).filter_map(|row| peaks::peaks(&logits, key(row), 0, 2.0, &mut room)).count());
}

#[divan::bench(sample_count = 10)]
fn relaxed_embedding_plain(bencher: Bencher) {
    let (h, e, b) = (normal(&[ROWS, WIDTH]), normal(&[VOCAB, WIDTH]), normal(&[VOCAB]));
    let table = normal(&[VOCAB, COLUMNS]).as_detached_tensor();
    let relaxed = relaxed(&table, 1.0, vec![None; ROWS]);
    forward_and_backward(bencher, || reference::relaxed_embedding(&h, &e, &b, &relaxed));
}

/// Always into the same row, since fresh memory for all rows would cost more than the noise.
#[divan::bench(sample_count = 10)]
fn add_gumbel(bencher: Bencher) {
    let mut row = vec![0f32; VOCAB];
    bencher.bench_local(|| (0..ROWS).for_each(|i| gumbel::add_gumbel(&mut row, key(i))));
}

/// Draws from the softmax of a row, [vocab] logits each: noise for all and a maximum.
#[divan::bench(sample_count = 10)]
fn draw_by_gumbel_and_arg_max(bencher: Bencher) {
    let logits: Vec<f32> = random::normal(&mut random::stream(1, "bench", 0), VOCAB);
    let mut noisy = logits.clone();
    bencher.bench_local(|| {
        (0..ROWS).fold(0, |sum, i| {
            noisy.copy_from_slice(&logits);
            gumbel::add_gumbel(&mut noisy, key(i));
            let largest = simd::vectorised(
                #[inline(always)]
                || simd::max(&noisy),
            );
            sum + noisy.iter().position(|&x| x == largest).unwrap()
        })
    });
}

#[divan::bench(sample_count = 10)]
fn draw_by_gumbel_max(bencher: Bencher) {
    let logits: Vec<f32> = random::normal(&mut random::stream(1, "bench", 0), VOCAB);
    bencher.bench(|| {
        (0..ROWS).fold(0, |sum, i| sum + gumbel::gumbel_max(&logits, key(i), &[], 0, 1.0, simd::Arch::new()).0)
    });
}

/// ROWS * VOCAB words, of which divan counts the bytes.
#[divan::bench(sample_count = 10)]
fn words_chacha(bencher: Bencher) {
    bencher.counter(BytesCount::new(4 * ROWS * VOCAB)).bench(|| {
        let stream = random::groups(7, "bench", 0);
        let mut words = [0; GROUP];
        simd::vectorised(
            #[inline(always)]
            || {
                for index in 0..(ROWS * VOCAB / GROUP) as u64 {
                    stream.group(index, &mut words);
                    divan::black_box(&words);
                }
            },
        );
    });
}

#[divan::bench(sample_count = 10)]
fn words_rand_chacha(bencher: Bencher) {
    bencher.counter(BytesCount::new(4 * ROWS * VOCAB)).bench(|| {
        let mut stream = random::stream(7, "bench", 0);
        let mut bytes = [0; 4 * GROUP];
        for _ in 0..ROWS * VOCAB / GROUP {
            stream.fill_bytes(&mut bytes);
            divan::black_box(&bytes);
        }
    });
}

#[divan::bench(sample_count = 10)]
fn layer_norm_fused(bencher: Bencher) {
    let (x, gain, bias) = (normal(&[ROWS, WIDTH]), normal(&[WIDTH]), normal(&[WIDTH]));
    forward_and_backward(bencher, || ops::layer_norm(&x, &gain, &bias));
}

#[divan::bench(sample_count = 10)]
fn layer_norm_plain(bencher: Bencher) {
    let (x, gain, bias) = (normal(&[ROWS, WIDTH]), normal(&[WIDTH]), normal(&[WIDTH]));
    forward_and_backward(bencher, || reference::layer_norm(&x, &gain, &bias));
}

#[divan::bench(sample_count = 10)]
fn linear_fused(bencher: Bencher) {
    let (x, w, b) = (normal(&[ROWS, WIDTH]), normal(&[WIDTH, 4 * WIDTH]), normal(&[4 * WIDTH]));
    forward_and_backward(bencher, || ops::linear(&x, &w, &b, Activation::SquaredRelu, Precision::F32));
}

#[divan::bench(sample_count = 10)]
fn linear_plain(bencher: Bencher) {
    let (x, w, b) = (normal(&[ROWS, WIDTH]), normal(&[WIDTH, 4 * WIDTH]), normal(&[4 * WIDTH]));
    forward_and_backward(bencher, || reference::linear(&x, &w, &b, Activation::SquaredRelu));
}

/// Weights of a block of the transformer, by their names.
fn block_weights() -> BTreeMap<String, Var> {
    let shapes: [(&str, &[usize]); 12] = [
        ("norm1.gain", &[WIDTH]),
        ("norm1.bias", &[WIDTH]),
        ("qkv.weight", &[WIDTH, 3 * WIDTH]),
        ("qkv.bias", &[3 * WIDTH]),
        ("attended.weight", &[WIDTH, WIDTH]),
        ("attended.bias", &[WIDTH]),
        ("norm2.gain", &[WIDTH]),
        ("norm2.bias", &[WIDTH]),
        ("up.weight", &[WIDTH, 4 * WIDTH]),
        ("up.bias", &[4 * WIDTH]),
        ("down.weight", &[4 * WIDTH, WIDTH]),
        ("down.bias", &[WIDTH]),
    ];
    shapes.into_iter().map(|(name, shape)| (format!("block0.{name}"), normal(shape))).collect()
}

fn block(weights: Weights, collected: &Collected) -> Block {
    let (name, collected, precision) = ("block0".to_string(), collected.clone(), Precision::F32);
    Block { weights, name, heads: HEADS, dropout: 0.0, seeds: [0, 1], precision, collected }
}

#[divan::bench(sample_count = 10)]
fn block_fused(bencher: Bencher) {
    let (x, vars, collected) = (normal(&[ROWS / TIME, TIME, WIDTH]), block_weights(), Collected::default());
    let weights: Weights = vars.iter().map(|(name, var)| (name.clone(), var.as_detached_tensor())).collect();
    let trainable: Weights = vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
    bencher.bench_local(|| {
        let loss = ops::block(&x, block(weights.clone(), &collected)).and_then(|y| y.sum_all()).unwrap();
        collected.backward(&loss, &trainable).unwrap()
    });
}

#[divan::bench(sample_count = 10)]
fn block_plain(bencher: Bencher) {
    let (x, vars) = (normal(&[ROWS / TIME, TIME, WIDTH]), block_weights());
    let trainable = vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
    let block = block(trainable, &Collected::default());
    forward_and_backward(bencher, || reference::block(&x, &block));
}

fn lstm_variables() -> (Var, Var) {
    (normal(&[TIME, ROWS / TIME, WIDTH]), normal(&[2 * WIDTH + 1, 4 * WIDTH]))
}

#[divan::bench(sample_count = 10)]
fn lstm_fused(bencher: Bencher) {
    let (x, weight) = lstm_variables();
    forward_and_backward(bencher, || ops::lstm(&x, &weight, Precision::F32));
}

#[divan::bench(sample_count = 10)]
fn lstm_plain(bencher: Bencher) {
    let (x, weight) = lstm_variables();
    forward_and_backward(bencher, || reference::lstm(&x, &weight));
}

/// Lines of a poem, 28 tokens each, and filters over four tokens.
fn convolution() -> (Var, Var, Var) {
    (normal(&[64, 28, 64]), normal(&[4 * 64, 128]), normal(&[128]))
}

#[divan::bench(sample_count = 10)]
fn conv_max_fused(bencher: Bencher) {
    let (x, w, b) = convolution();
    forward_and_backward(bencher, || ops::conv_max(&x, &w, &b, Precision::F32));
}

#[divan::bench(sample_count = 10)]
fn conv_max_plain(bencher: Bencher) {
    let (x, w, b) = convolution();
    forward_and_backward(bencher, || reference::conv_max(&x, &w, &b));
}

#[divan::bench(sample_count = 10)]
fn add_dropout(bencher: Bencher) {
    let (a, x) = (normal(&[ROWS, WIDTH]), normal(&[ROWS, WIDTH]));
    forward_and_backward(bencher, || ops::add_dropout(&a, &x, 0.15, 1));
}

/// Inputs and outputs of the products with few rows: logits, the gates of an LSTM and, for their gradient, the
/// transpose, and the layers of a block.
const FEW_ROWS: [(usize, usize); 7] =
    [(256, 4500), (4500, 256), (512, 2048), (2048, 512), (256, 768), (256, 1024), (1024, 256)];

fn draws(n: usize) -> Vec<f32> {
    random::normal(&mut random::stream(1, "bench", 0), n)
}

fn one_thread() -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap()
}

/// A product by `gemm` on one thread.
fn product(thread: &rayon::ThreadPool, y: &mut [f32], a: Result<Matrix>, b: Result<Matrix>, add: bool) {
    thread.install(|| ops::matmul(y, a.unwrap(), b.unwrap(), add)).unwrap();
}

/// A product x w + b of `rows` rows, with its throughput: a flop counts as an item.
fn few_rows(bencher: Bencher, rows: usize, (inputs, outputs): (usize, usize), f: impl Fn(&mut [f32], &[f32]) + Sync) {
    let x = draws(rows * inputs);
    bencher
        .counter(divan::counter::ItemsCount::new(2 * rows * inputs * outputs))
        .with_inputs(|| vec![0.0; rows * outputs])
        .bench_local_refs(|y| f(y, &x));
}

#[divan::bench(args = FEW_ROWS, sample_count = 200)]
fn few_rows_packed(bencher: Bencher, (inputs, outputs): (usize, usize)) {
    let (w, b) = (draws(inputs * outputs), draws(outputs));
    let packed = Packed::new(Matrix::new(&w, inputs, outputs).unwrap()).unwrap();
    few_rows(bencher, 32, (inputs, outputs), |y, x| packed.multiply(y, Start::Bias(&b), x));
}

#[divan::bench(args = FEW_ROWS, sample_count = 200)]
fn few_rows_gemm(bencher: Bencher, (inputs, outputs): (usize, usize)) {
    let (w, b) = (draws(inputs * outputs), draws(outputs));
    let thread = one_thread();
    few_rows(bencher, 32, (inputs, outputs), |y, x| {
        y.chunks_exact_mut(outputs).for_each(|row| row.copy_from_slice(&b));
        product(&thread, y, Matrix::new(x, 32, inputs), Matrix::new(&w, inputs, outputs), true);
    });
}

/// The peak of `gemm` on one thread.
#[divan::bench(args = [(256, 768), (960, 960)], sample_count = 10)]
fn many_rows_gemm(bencher: Bencher, (inputs, outputs): (usize, usize)) {
    let w = draws(inputs * outputs);
    let thread = one_thread();
    few_rows(bencher, ROWS, (inputs, outputs), |y, x| {
        product(&thread, y, Matrix::new(x, ROWS, inputs), Matrix::new(&w, inputs, outputs), false);
    });
}

#[divan::bench(args = FEW_ROWS, sample_count = 50)]
fn packing(bencher: Bencher, (inputs, outputs): (usize, usize)) {
    let w = draws(inputs * outputs);
    bencher.bench_local(|| Packed::new(Matrix::new(&w, inputs, outputs).unwrap()).unwrap());
}

#[divan::bench(args = FEW_ROWS, sample_count = 50)]
fn packing_transposed(bencher: Bencher, (inputs, outputs): (usize, usize)) {
    let w = draws(inputs * outputs);
    bencher.bench_local(|| Packed::new(Matrix::new(&w, outputs, inputs).unwrap().transpose()).unwrap());
}
