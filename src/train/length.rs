//! The length of the schedule: that of the settings, shorter for a small corpus or a time limit.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use super::options::TrainOptions;
use super::time_plan::{TimeFit, TimePlan, fit};
use super::work::WorkCosts;
use super::work_costs::measure;
use crate::config::{Config, TrainingConfig};
use crate::gan::compute::Compute;
use crate::gan::data::Dataset;
use crate::gan::models::Models;
use crate::gan::schedule;
use crate::run::changes::Saved;
use crate::run::files::write_atomically;
use crate::run::notice::Notice;
use crate::run::run_dir::RunDir;

/// Fits the schedule of a preset to a small corpus.
pub fn of_corpus(
    training: &mut TrainingConfig,
    dataset: &Dataset,
    options: &TrainOptions,
    is_resumed: bool,
) -> Option<Notice> {
    let is_trained = options.from.is_some();
    let short = schedule::shortened(training, dataset.minibatches() as u64, is_trained);
    let is_preset = options.settings.leaves_schedule_open() && (!is_resumed || options.settings.preset.is_some());
    if !is_preset {
        return None;
    }
    let is_shortened = short.pretrain_steps != training.pretrain_steps;
    *training = short;
    let TrainingConfig { pretrain_steps, adversarial_steps, .. } = *training;
    let passes = schedule::max_passes(is_trained);
    is_shortened.then_some(Notice::ScheduleShortened { pretrain_steps, adversarial_steps, passes })
}

/// Keeps the plan that a resumed run follows, unless the length of the schedule is asked for.
///
/// # Errors
/// A plan that cannot be read.
pub fn of_plan(training: &mut TrainingConfig, run: &RunDir, options: &TrainOptions, saved: &Saved) -> Result<()> {
    let path = run.time_plan_file();
    if !path.exists() || !options.settings.leaves_schedule_open() {
        return Ok(());
    }
    let unreadable = || format!("cannot read {}", path.display());
    let plan: TimePlan = serde_json::from_slice(&fs::read(&path).with_context(unreadable)?).with_context(unreadable)?;
    if plan.is_followed(&saved.config.training) {
        *training = plan.apply(training);
    }
    Ok(())
}

/// Measures the work for a new run with a time limit.
///
/// # Errors
/// A failed tensor operation.
pub fn costs(
    config: &Config,
    options: &TrainOptions,
    dataset: &Dataset,
    models: &Models,
    compute: &Compute,
) -> Result<Option<WorkCosts>> {
    let limit = options.time_limit.filter(|_| options.settings.leaves_schedule_open());
    limit.map(|limit| measure(config, dataset, models, compute, Some(limit))).transpose()
}

/// Fits the schedule of a new run to the time limit, and writes down the plan.
///
/// # Errors
/// A plan that cannot be written.
pub fn of_time(
    training: &mut TrainingConfig,
    run: &RunDir,
    limit: Option<Duration>,
    costs: Option<&WorkCosts>,
) -> Result<Option<Notice>> {
    let (Some(limit), Some(costs)) = (limit, costs) else { return Ok(None) };
    let limit_s = whole_seconds(limit);
    let TrainingConfig { pretrain_steps: of_pretrain, adversarial_steps: of_adversarial, .. } = *training;
    match fit(training, costs, limit) {
        TimeFit::Whole => Ok(None),
        TimeFit::TooShort { least } => Ok(Some(Notice::TimeLimitShort { limit_s, least_s: whole_seconds(least) })),
        TimeFit::Shortened(plan) => {
            let path = run.time_plan_file();
            let json = serde_json::to_vec_pretty(&plan)?;
            write_atomically(&path, &json).with_context(|| format!("cannot write {}", path.display()))?;
            *training = plan.apply(training);
            let TimePlan { pretrain_steps, adversarial_steps, .. } = plan;
            Ok(Some(Notice::ScheduleFitted { limit_s, pretrain_steps, adversarial_steps, of_pretrain, of_adversarial }))
        }
    }
}

/// Seconds, rounded up.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs_f64().ceil() as u64
}
