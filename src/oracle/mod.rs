//! `poetgan oracle`: the synthetic benchmark of SeqGAN (Yu et al. 2017). An LSTM whose distribution is known exactly
//! says sequences; our models learn from them, and the oracle scores what they say.

pub mod lstm;
mod measure;
mod report;
mod task;
pub mod weights;

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Result;

use crate::config::GeneratorKind;
use crate::error::UserError;
use crate::nn::threads;
use crate::signals;
use lstm::Oracle;
use measure::Measured;
use report::{Progress, Report};
use task::Task;

/// What to run.
#[derive(Clone, Debug, PartialEq)]
pub struct OracleOptions {
    /// The oracle's weights; `None` for random ones.
    pub weights: Option<PathBuf>,
    pub oracle_seed: u64,
    /// Training sequences, and as many held-out ones.
    pub sequences: usize,
    /// Tokens of a sequence.
    pub time: usize,
    pub generator: GeneratorKind,
    pub width: usize,
    pub hidden: usize,
    pub dropout: f32,
    /// Sequences of a minibatch.
    pub batch: usize,
    pub pretrain_steps: u64,
    pub adversarial_steps: u64,
    pub learning_rate: f32,
    pub generator_learning_rate: f32,
    /// Inverse temperature of the relaxation.
    pub beta: f32,
    /// Weight of the likelihood loss in the adversarial phase.
    pub likelihood_weight: f32,
    /// Steps between two measurements, and sequences that are sampled for one.
    pub every: u64,
    pub samples: usize,
    pub seed: u64,
    pub json: bool,
}

/// Inverse temperatures at which the likelihood model is measured.
const ALPHAS: [f32; 4] = [1.0, 1.5, 2.0, 2.5];
/// Most tokens that are drawn, and most of a minibatch.
const MOST_TOKENS: usize = 100_000_000;
const MOST_BATCH: usize = 1_000_000;

/// Trains, measures, and prints each measurement as soon as it is there. Ctrl-C ends it early, with all that is told at
/// the end.
///
/// # Errors
/// Weights that are no oracle, sizes that make no sense, numbers that are not finite.
pub fn run(options: &OracleOptions, out: &mut impl Write) -> Result<()> {
    threads::prepare();
    check(options)?;
    let oracle = match &options.weights {
        Some(path) => weights::read(path)?,
        None => weights::random(options.oracle_seed)?,
    };
    let stop = signals::watch(|| {})?;
    let mut task = Task::new(&oracle, options)?;
    let is_published = options.weights.is_some() && oracle.is_published();
    let mut report = Report::new(options, is_published, out);
    report.begin(oracle.vocab())?;
    let own = oracle.sample(&task::seeds(options.seed, "oracle judged", options.samples), options.time);
    let own = measure::of_samples(&oracle, &own, oracle.mean_nll(&task.held_out));
    report.own(&own)?;
    let ended = train(options, &oracle, &mut task, &stop, &mut report)?;
    report.end(&own, &ended)?;
    Ok(())
}

/// What a run has found.
struct Ended {
    /// The step at which the likelihood phase ended, and its model at each of `ALPHAS`; `None` without that phase.
    likelihood: Option<(u64, Vec<(f32, Measured)>)>,
    /// The last step, and the model as it was then.
    last: (u64, Measured),
    stopped: bool,
}

fn train(
    options: &OracleOptions,
    oracle: &Oracle,
    task: &mut Task,
    stop: &AtomicBool,
    report: &mut Report<impl Write>,
) -> Result<Ended> {
    let (begun, total) = (Instant::now(), task.total_steps());
    let measured =
        |task: &Task, alpha| measure::of_model(oracle, task, &task.gan.models.average.weights, options.samples, alpha);
    let mut likelihood = None;
    let mut last = (0, measured(task, 1.0)?);
    let mut told = |step, measured: &Measured| {
        let progress = Progress { step, total, elapsed_s: begun.elapsed().as_secs_f64() };
        report.measured(&progress, step > options.pretrain_steps, measured)
    };
    told(0, &last.1)?;
    loop {
        let stopped = stop.load(Ordering::SeqCst);
        let (ends, step) = (stopped || task.step == total, task.step);
        let warmed_up = step == options.pretrain_steps || (ends && step < options.pretrain_steps);
        if last.0 != step && (ends || warmed_up || step.is_multiple_of(options.every)) {
            last = (step, measured(task, 1.0)?);
            told(step, &last.1)?;
        }
        if warmed_up && step > 0 {
            let at = |&alpha: &f32| Ok((alpha, if alpha == 1.0 { last.1 } else { measured(task, alpha)? }));
            likelihood = Some((step, ALPHAS.iter().map(at).collect::<Result<Vec<_>>>()?));
        }
        if ends {
            return Ok(Ended { likelihood, last, stopped });
        }
        task.advance()?;
    }
}

fn check(options: &OracleOptions) -> Result<(), UserError> {
    let OracleOptions { sequences, samples, time, batch, .. } = *options;
    if sequences.max(samples) * time > MOST_TOKENS {
        let message = format!(
            "--sequences {sequences} --samples {samples} --time {time}: more than {MOST_TOKENS} tokens; take fewer"
        );
        return Err(UserError(message));
    }
    if batch * (time + 2) > MOST_BATCH {
        let message = format!("--batch {batch} --time {time}: a minibatch of more than {MOST_BATCH} tokens; take less");
        return Err(UserError(message));
    }
    Ok(())
}
