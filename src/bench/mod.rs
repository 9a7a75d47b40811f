//! `poetgan bench`: speed of the training steps on this machine, at any shape. The steps and their names are those of the
//! PyTorch scripts in `benches/`, so that the outputs can be compared line by line.

mod matmuls;
mod products;
mod report;
mod workload;

use anyhow::Result;
use std::io::Write;
use std::time::Instant;

use crate::config::GeneratorKind;
use crate::error::UserError;
use crate::lang::Lang;
use crate::nn::ops::Matrix;
use crate::nn::precision::Precision;
use crate::nn::product::matmul;
use crate::nn::threads;
use matmuls::Matmuls;
use products::Products;
use report::{BenchReport, StepTimes};
use workload::{Schedule, Workload};

/// The options of `bench`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BenchOptions {
    pub json: bool,
    pub repeats: usize,
    pub shape: Shape,
    /// Of the matrix products of training.
    pub precision: Precision,
    pub lang: Lang,
}

/// Sizes of the model and of the minibatch, and the relaxation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    pub generator: GeneratorKind,
    pub batch: usize,
    pub time: usize,
    pub vocab: usize,
    /// Width of the token embedding.
    pub embed: usize,
    /// Width of the LSTM cell or of the transformer's feed-forward layer.
    pub hidden: usize,
    /// Inverse temperature of the Gumbel-softmax relaxation.
    pub beta: f32,
}

/// Bound on the elements of a weight matrix.
const MOST: usize = 100_000_000;
/// Bound on the tokens of a minibatch.
const MOST_TOKENS: usize = 1_000_000;

impl Shape {
    fn check(&self) -> Result<(), UserError> {
        let Shape { batch, time, vocab, embed, hidden, .. } = *self;
        let heads = workload::heads();
        if self.generator == GeneratorKind::Transformer && !embed.is_multiple_of(heads) {
            let message = format!("--embed {embed}: the transformer has {heads} heads; use a multiple of {heads}");
            return Err(UserError(message));
        }
        if batch * time > MOST_TOKENS {
            let message = format!("--batch {batch} --time {time}: more than {MOST_TOKENS} tokens; use fewer");
            return Err(UserError(message));
        }
        if vocab * embed > MOST || (hidden + embed) * (hidden + embed) > MOST {
            let message = format!(
                "--vocab {vocab} --embed {embed} --hidden {hidden}: a weight of more than {MOST} elements; use smaller sizes"
            );
            return Err(UserError(message));
        }
        Ok(())
    }
}

/// The steps, by their names in the scripts.
const STEPS: [&str; 4] = ["mle_step", "g_step", "d_step", "sample"];
/// Untimed runs of each step before the timed ones, which fill the allocator's pools.
const WARM_UPS: usize = 2;
const PEAK_REPEATS: usize = 30;
/// Rows of the product for the peak; more are no faster and would dominate the memory use.
const PEAK_ROWS: usize = 1024;
const SCHEDULE_REPEATS: usize = 3;

/// Measures all steps, and prints each result as soon as it is done.
///
/// # Errors
/// Sizes out of range, or output that cannot be written.
pub fn run(options: &BenchOptions, out: &mut impl Write) -> Result<()> {
    threads::prepare();
    let shape = &options.shape;
    shape.check()?;
    let mut report = BenchReport::new(options, out);
    report.begin()?;
    let peak = matmul_peak(shape, options.precision)?;
    let work = Matmuls::of(shape);
    let mut workload = Workload::new(shape, options.precision)?;
    for step in STEPS {
        let times = time(WARM_UPS, options.repeats, || workload.run(step))?;
        report.step(&StepTimes { step, times, flops: work.of_step(step), peak })?;
    }
    let products = Products::of(shape, options.precision);
    report.products(median(&time(WARM_UPS, options.repeats, || products.run())?))?;
    report.peak(peak)?;
    if !options.json {
        let schedule = Schedule::measure(options.precision, |step| Ok(median(&time(1, SCHEDULE_REPEATS, step)?)))?;
        report.schedule(&schedule)?;
    }
    Ok(())
}

/// Milliseconds of each repeat, in ascending order.
fn time(warm_ups: usize, repeats: usize, mut step: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    (0..warm_ups).try_for_each(|_| step())?;
    let mut times = Vec::with_capacity(repeats);
    for _ in 0..repeats {
        let begun = Instant::now();
        step()?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// The median of sorted times.
fn median(times: &[f64]) -> f64 {
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// GFLOP/s of one large matrix product of this shape, the best of `PEAK_REPEATS`.
fn matmul_peak(shape: &Shape, precision: Precision) -> Result<f64> {
    let k = match shape.generator {
        GeneratorKind::Lstm => shape.hidden,
        GeneratorKind::Transformer => shape.embed,
    };
    let (m, n) = ((shape.batch * shape.time).min(PEAK_ROWS), shape.vocab);
    let (a, b, mut c) = (vec![0.5; m * k], vec![0.25; k * n], vec![0.0; m * n]);
    let mut best = f64::INFINITY;
    for _ in 0..PEAK_REPEATS {
        let begun = Instant::now();
        matmul(&mut c, Matrix::new(&a, m, k)?, Matrix::new(&b, k, n)?, false, precision)?;
        best = best.min(begun.elapsed().as_secs_f64());
    }
    Ok(2.0 * (m * k * n) as f64 / best / 1e9)
}
