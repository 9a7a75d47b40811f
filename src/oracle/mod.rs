//! `poetgan oracle`: the synthetic benchmark of SeqGAN (Yu et al. 2017). An LSTM whose distribution is known exactly
//! generates the training sequences, and scores the samples of the models trained on them.

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
use measure::SequenceFigures;
use report::{OracleProgress, OracleReport};
use task::Task;

/// The options of `oracle`.
#[derive(Clone, Debug, PartialEq)]
pub struct OracleOptions {
    /// File with the oracle's weights; `None` for random ones.
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
    /// Steps between two measurements.
    pub every: u64,
    /// Sequences sampled for a measurement.
    pub samples: usize,
    pub seed: u64,
    pub json: bool,
}

/// Inverse temperatures at which the pretrained model is measured.
const ALPHAS: [f32; 4] = [1.0, 1.5, 2.0, 2.5];
/// Bounds on the tokens of all sequences and of a minibatch.
const MOST_TOKENS: usize = 100_000_000;
const MOST_BATCH: usize = 1_000_000;

/// Trains, and prints each measurement as soon as it is done. Ctrl-C stops the training and prints the final table.
///
/// # Errors
/// Weights that are not those of an oracle, sizes out of range, a step whose numbers are not finite.
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
    let mut report = OracleReport::new(options, is_published, out);
    report.begin(oracle.vocab())?;
    let own = oracle.sample(&task::seeds(options.seed, "oracle judged", options.samples), options.time);
    let own = measure::of_samples(&oracle, &own, oracle.mean_nll(&task.held_out));
    report.own(&own)?;
    let result = train(options, &oracle, &mut task, &stop, &mut report)?;
    report.end(&own, &result)?;
    Ok(())
}

/// The result of a run.
struct RunResult {
    /// The model at the end of pretraining, at each of `ALPHAS`; `None` without pretraining.
    pretrained: Option<Pretrained>,
    last: FiguresAtStep,
    stopped: bool,
}

/// The model at the end of pretraining.
struct Pretrained {
    step: u64,
    by_alpha: Vec<FiguresAtAlpha>,
}

struct FiguresAtAlpha {
    alpha: f32,
    figures: SequenceFigures,
}

struct FiguresAtStep {
    step: u64,
    figures: SequenceFigures,
}

fn train(
    options: &OracleOptions,
    oracle: &Oracle,
    task: &mut Task,
    stop: &AtomicBool,
    report: &mut OracleReport<impl Write>,
) -> Result<RunResult> {
    let (begun, total) = (Instant::now(), task.total_steps());
    let measure =
        |task: &Task, alpha| measure::of_model(oracle, task, &task.gan.models.average.weights, options.samples, alpha);
    let mut pretrained = None;
    let mut last = FiguresAtStep { step: 0, figures: measure(task, 1.0)? };
    let mut print = |at: &FiguresAtStep| {
        let progress = OracleProgress { step: at.step, total, elapsed_s: begun.elapsed().as_secs_f64() };
        report.step(&progress, at.step > options.pretrain_steps, &at.figures)
    };
    print(&last)?;
    loop {
        let stopped = stop.load(Ordering::SeqCst);
        let (ends, step) = (stopped || task.step == total, task.step);
        let ends_pretraining = step == options.pretrain_steps || (ends && step < options.pretrain_steps);
        if last.step != step && (ends || ends_pretraining || step.is_multiple_of(options.every)) {
            last = FiguresAtStep { step, figures: measure(task, 1.0)? };
            print(&last)?;
        }
        if ends_pretraining && step > 0 {
            let at = |&alpha: &f32| -> Result<_> {
                let figures = if alpha == 1.0 { last.figures } else { measure(task, alpha)? };
                Ok(FiguresAtAlpha { alpha, figures })
            };
            pretrained = Some(Pretrained { step, by_alpha: ALPHAS.iter().map(at).collect::<Result<Vec<_>>>()? });
        }
        if ends {
            return Ok(RunResult { pretrained, last, stopped });
        }
        task.advance()?;
    }
}

fn check(options: &OracleOptions) -> Result<(), UserError> {
    let OracleOptions { sequences, samples, time, batch, .. } = *options;
    if sequences.max(samples) * time > MOST_TOKENS {
        let message = format!(
            "--sequences {sequences} --samples {samples} --time {time}: more than {MOST_TOKENS} tokens; use fewer"
        );
        return Err(UserError(message));
    }
    if batch * (time + 2) > MOST_BATCH {
        let message = format!("--batch {batch} --time {time}: a minibatch of more than {MOST_BATCH} tokens; use fewer");
        return Err(UserError(message));
    }
    Ok(())
}
