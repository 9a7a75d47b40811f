//! What rank 0 tells the other ranks, and what they do. Rank 0 alone reads the corpus, writes the run, evaluates and takes commands;
//! the others need no file. All make every step of the schedule, each on its parts of the minibatches, and all update the
//! weights that they hold.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use candle_core::Error;
use serde::{Deserialize, Serialize};

use crate::cluster::{Ranks, words};
use crate::config::Config;
use crate::gan::Gan;
use crate::gan::compute::Compute;
use crate::gan::data::{Bucket, Dataset};
use crate::gan::models::Models;
use crate::gan::steps::LrScales;
use crate::generator::{Rules, SpecialTokens};
use crate::nn::params::get;
use crate::nn::precision::Precision;
use crate::nn::threads;
use crate::run::event::Phase;
use crate::run::state::Cursor;
use crate::theme::Themes;

/// What rank 0 tells the others.
#[derive(Serialize, Deserialize)]
enum Order {
    /// The run; its training poems follow, then models.
    Begin(Box<Run>),
    /// Models other than those that the last step left; their weights follow.
    Load(Progress),
    /// A step of the schedule, with the settings of now.
    Step {
        step: u64,
        config: String,
        /// As bits.
        lr_scales: [u64; 2],
    },
    End,
}

#[derive(Serialize, Deserialize)]
struct Run {
    /// As TOML, which keeps every bit of a number.
    config: String,
    precision: Precision,
    special: SpecialTokens,
    /// Name, tag and training poems of each form.
    forms: Vec<(String, u32, usize)>,
}

/// Where the training of the models is.
#[derive(Serialize, Deserialize)]
struct Progress {
    phase: Phase,
    generator_updates: u64,
    discriminator_updates: u64,
    cursor: Cursor,
}

/// Begins a run on the other ranks, after its last step in `phase`.
///
/// # Errors
/// A rank that does not answer.
pub fn begin(gan: &Gan, phase: Phase) -> Result<()> {
    if gan.compute.ranks.is_alone() {
        return Ok(());
    }
    let Compute { precision, ranks, .. } = &gan.compute;
    let buckets = &gan.dataset.buckets;
    let forms = buckets.iter().map(|bucket| (bucket.form.to_string(), bucket.tag, bucket.training.len())).collect();
    let (config, special) = (gan.config.to_toml()?, gan.dataset.special);
    ranks.heed_signals()?;
    tell(ranks, &Order::Begin(Box::new(Run { config, precision: *precision, special, forms })))?;
    let poems: Vec<Vec<u32>> = buckets.iter().flat_map(|bucket| bucket.training.iter().cloned()).collect();
    ranks.broadcast(Some(words::of_vectors(&poems)))?;
    load(gan, phase)
}

/// Gives the other ranks the models as they are, after something else than a step has changed them.
///
/// # Errors
/// A rank that does not answer.
pub fn load(gan: &Gan, phase: Phase) -> Result<()> {
    if gan.compute.ranks.is_alone() {
        return Ok(());
    }
    let Gan { models, batches, compute, .. } = gan;
    let (generator_updates, discriminator_updates) =
        (models.generator_optimizer.updates(), models.discriminator_adam.updates);
    let cursor = batches.cursor();
    tell(&compute.ranks, &Order::Load(Progress { phase, generator_updates, discriminator_updates, cursor }))?;
    compute.ranks.broadcast(Some(words::of_parts(&models.parts()?)?))?;
    Ok(())
}

/// Lets the other ranks make a step, as this one does then.
///
/// # Errors
/// A rank that does not answer.
pub fn step(gan: &Gan, step: u64) -> Result<()> {
    if gan.compute.ranks.is_alone() {
        return Ok(());
    }
    let LrScales { all, discriminator } = gan.lr_scales;
    let lr_scales = [all, discriminator].map(f64::to_bits);
    tell(&gan.compute.ranks, &Order::Step { step, config: gan.config.to_toml()?, lr_scales })
}

/// Ends all ranks, between two steps. One that is lost cannot be told.
pub fn end(ranks: &Ranks) {
    if !ranks.is_alone() && tell(ranks, &Order::End).is_ok() {
        ranks.finish();
    }
}

fn tell(ranks: &Ranks, order: &Order) -> Result<()> {
    ranks.broadcast(Some(words::of_value(order)?))?;
    Ok(())
}

/// Does what rank 0 says, until it says that the run ends.
///
/// # Errors
/// A rank that does not answer, or a failed tensor operation.
pub fn follow(ranks: &Arc<Ranks>) -> Result<()> {
    threads::prepare();
    ranks.heed_signals()?;
    let Order::Begin(run) = hear(ranks)? else {
        ranks.finish();
        return Ok(());
    };
    let (config, dataset) = (read(&run.config)?, dataset(&run, ranks)?);
    let Order::Load(progress) = hear(ranks)? else { bail!("rank 0 began a run without models") };
    let loaded = models(&config, &progress, ranks)?;
    let compute = Compute { precision: run.precision, parts: config.training.parts, ranks: Arc::clone(ranks) };
    let mut gan = Gan { compute, ..Gan::new(config, dataset, loaded, progress.cursor) };
    gan.dataset.themes = Themes::of_weights(&gan.models.average.weights)?;
    loop {
        match hear(ranks)? {
            Order::Load(progress) => {
                gan.models = models(&gan.config, &progress, ranks)?;
                gan.batches = gan.dataset.batches(progress.cursor);
            }
            Order::Step { step, config, lr_scales } => {
                let [all, discriminator] = lr_scales.map(f64::from_bits);
                (gan.config, gan.lr_scales) = (read(&config)?, LrScales { all, discriminator });
                gan.step(step, |_| Ok::<_, Error>(()))?;
            }
            Order::Begin(_) => bail!("rank 0 began a run in the middle of another"),
            Order::End => {
                ranks.finish();
                return Ok(());
            }
        }
    }
}

fn hear(ranks: &Ranks) -> Result<Order> {
    Ok(words::to_value(&ranks.broadcast(None)?)?)
}

fn read(config: &str) -> Result<Config> {
    Ok(Config::saved(config, Path::new("config.toml"))?)
}

/// The training poems, which follow the beginning of a run.
fn dataset(run: &Run, ranks: &Ranks) -> Result<Dataset> {
    let config = read(&run.config)?;
    let mut poems = words::to_vectors::<u32>(&ranks.broadcast(None)?)?.into_iter();
    let bucket = |(name, tag, count): &(String, u32, usize)| -> Result<Bucket> {
        let form = name.parse().map_err(Error::msg)?;
        let (rules, training) = (Rules::new(form, &config.model), poems.by_ref().take(*count).collect());
        Ok(Bucket { form, tag: *tag, rules, training, held_out: Vec::new() })
    };
    let buckets = run.forms.iter().map(bucket).collect::<Result<Vec<_>>>()?;
    Ok(Dataset::of_buckets(buckets, run.special, &config))
}

/// The models, which follow their progress.
fn models(config: &Config, progress: &Progress, ranks: &Ranks) -> Result<Models> {
    let parts = words::to_parts(&ranks.broadcast(None)?)?;
    let embedding = get(parts.get("generator").context("rank 0 sent no generator")?, "embedding")?;
    let mut models = Models::new(config, embedding.dim(0)?, None)?;
    models.load_generator(config, &parts, progress.phase, progress.generator_updates)?;
    models.load_discriminator(&parts, progress.discriminator_updates)?;
    Ok(models)
}

#[cfg(test)]
mod tests;
