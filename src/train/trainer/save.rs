//! Checkpoints, and the choice of the best one.

use anyhow::Result;

use super::Trainer;
use crate::gan::quality::{best_of, max_loss_increase};
use crate::run::best_choice::{BestChoice, BestReason, LastCheckpoint, NotBest};
use crate::run::checkpoint::{self, Pointer};
use crate::run::event::Event;
use crate::run::files;
use crate::run::notice::Notice;
use crate::run::state::Best;
use crate::train::session::Session;

impl Trainer {
    /// Whether the weights are known to be broken.
    fn is_broken(&self) -> bool {
        let evaluated = self.evaluated.filter(|(step, _)| *step == self.session.state.step);
        self.undone > 0 || evaluated.is_some_and(|(_, evaluation)| !evaluation.loss.is_finite())
    }

    /// The best step, that of now included if it was evaluated.
    fn best(&self) -> Option<Best> {
        let Session { gan, state, .. } = &self.session;
        let evaluated = self.evaluated.filter(|(step, _)| *step == state.step);
        let max_increase = max_loss_increase(&gan.config.training, state.phase);
        evaluated.map_or(state.best, |(step, evaluation)| best_of(state.best, step, evaluation, max_increase))
    }

    /// Which checkpoint is the best one at the end, and why; `None` without a held-out loss.
    pub(super) fn best_chosen(&self) -> Option<Notice> {
        let Session { gan, state, run, .. } = &self.session;
        let (best, step) = (self.best()?, Pointer::Best.step(run.path())?);
        let limit = max_loss_increase(&gan.config.training, state.phase);
        let why = match best.rhyme {
            _ if limit.is_none() => BestReason::LowestLoss { loss: best.loss },
            _ if step <= gan.config.training.pretrain_steps => BestReason::NoneLater,
            _ if step != best.step => BestReason::EarlierProcess,
            Some(rhyme) if rhyme != 0.0 => BestReason::HighestRhyme { rhyme },
            _ => BestReason::Newest,
        };
        let evaluated = self.evaluated.filter(|(last, _)| *last != step && self.saved == Some(*last));
        let last = evaluated.map(|(last, evaluation)| {
            let increase = evaluation.loss - best.loss;
            let why = match limit {
                None => NotBest::HigherLoss,
                Some(limit) if increase >= limit => NotBest::Forgetting { increase, limit },
                Some(_) if evaluation.rhyme.is_none() => NotBest::RepeatsOrCopies,
                Some(_) => NotBest::RhymesLess,
            };
            LastCheckpoint { step: last, why }
        });
        Some(Notice::BestChosen { choice: BestChoice { step, why, last } })
    }

    /// Whether the step of now was evaluated and is better than all before.
    pub(super) fn is_new_best(&self) -> bool {
        let step = self.session.state.step;
        self.best().is_some_and(|best| best.step == step)
            && self.session.state.best.is_none_or(|best| best.step != step)
    }

    /// Writes a checkpoint, unless the weights are broken: it would drive out a better one. Any checkpoint can become
    /// the one that `write` uses, but only one of the schedule becomes the reference of later evaluations and of
    /// recovery, since a run that was interrupted has to equal one that was not.
    pub(super) fn save(&mut self, is_scheduled: bool) -> Result<()> {
        if self.is_broken() {
            return self.notify(Notice::CheckpointWithheld);
        }
        let best = self.best();
        let Session { gan, state, run, journal, .. } = &mut self.session;
        let (training, models) = (&gan.config.training, &gan.models);
        state.generator_updates = models.generator_optimizer.updates();
        state.discriminator_updates = models.discriminator_adam.updates;
        state.elapsed_s = self.clock.total_s();
        if is_scheduled {
            state.best = best;
        }
        run.check_place()?;
        let step = state.step;
        if best.is_some_and(|best| best.step == step) {
            state.pointers.best = Some(step);
        }
        if step == training.pretrain_steps {
            state.pointers.pretrained = Some(step);
        }
        journal.sync()?;
        let parts = models.parts()?;
        let parts: Vec<_> = parts.iter().map(|(name, weights)| (*name, weights)).collect();
        let path = checkpoint::save(run, state, &parts, training.keep_checkpoints)?;
        let rollback_step = state.best.map(|best| best.step);
        Pointer::write_all(run, state)?;
        self.saved = Some(step);
        let room = files::room_for(&path);
        self.emit(Event::Checkpoint { step, path: path.display().to_string(), room, best: rollback_step })
    }
}
