//! How many parts the minibatches of a run have.

use super::new_models::Loaded;
use crate::cluster::Ranks;
use crate::config::TrainingConfig;
use crate::error::UserError;
use crate::nn::threads;
use crate::run::changes::Saved;
use crate::run::notice::Notice;

/// Settles the number of parts where the setting leaves it open: as many as the run has, or one for each thread of all ranks.
///
/// # Errors
/// Fewer parts than ranks.
pub fn settle(
    training: &mut TrainingConfig,
    saved: Option<&Saved>,
    loaded: Option<&Loaded>,
    ranks: &Ranks,
) -> Result<Option<Notice>, UserError> {
    let of_run = saved.map_or(0, |saved| saved.config.training.parts);
    // A run of an earlier version had a part for each thread.
    let of_threads = loaded.map_or(0, |loaded| loaded.state.threads);
    let computing = if ranks.is_alone() { threads::count() } else { ranks.threads };
    let known = [training.parts, of_run, of_threads].into_iter().find(|&parts| parts > 0);
    training.parts = known.unwrap_or(computing);
    let parts = training.parts;
    if parts < ranks.size {
        return Err(UserError(format!(
            "this run has {parts} parts a minibatch, and mpirun has started {} processes; start {parts} at most, or set \
             training.parts with --config FILE and --allow-changes",
            ranks.size
        )));
    }
    // A single part is computed by operations that share the threads.
    Ok((1 < parts && parts < computing).then_some(Notice::ThreadsIdle { parts, threads: computing }))
}
