//! One process's part of a run: run commands, step, emit events; now and then evaluate, write samples, save.

mod channel;
mod commands;
mod evaluate;
mod save;

use std::cell::OnceCell;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use anyhow::{Result, bail};
use channel::Channel;

use super::clock::Clock;
use super::nearest::Nearest;
use super::ranks;
use super::samples::SampleWriter;
use super::session::{Session, lr_scales};
use super::stopwatch;
use super::work::WorkLeft;
use super::work_costs;
use crate::error::UserError;
use crate::gan::StepReport;
use crate::gan::quality::{Evaluation, QualityMonitor};
use crate::gan::recovery;
use crate::run::event::{Command, Event, LatentRequest, QualityFigure};
use crate::run::limits::MAX_UNDONE;
use crate::run::notice::{FinishReason, Notice};

/// Updates of the discriminator from which on its scores are shown.
const SCORES_AFTER: u64 = 20;

/// How the training of a process ended.
pub struct Outcome {
    pub reason: FinishReason,
    /// The best checkpoint, and why it is.
    pub best: Option<Notice>,
    /// The step and the figures of the newest quality check of this process, if there was one.
    pub figures: Option<(u64, Vec<QualityFigure>)>,
}

/// Trains a session.
pub struct Trainer {
    session: Session,
    channel: Channel,
    clock: Clock,
    time_limit: Option<Duration>,
    /// Steps in a row that were undone.
    undone: u32,
    /// Step of the newest checkpoint.
    saved: Option<u64>,
    /// `None` where no poem is held out.
    /// Made for the first evaluation, since it goes through all training poems.
    quality: OnceCell<Option<QualityMonitor>>,
    nearest: Nearest,
    /// The newest evaluation, and its step.
    evaluated: Option<(u64, Evaluation)>,
    /// Of the newest quality check, and its step.
    figures: Option<(u64, Vec<QualityFigure>)>,
}

impl Trainer {
    pub fn new(
        session: Session,
        events: SyncSender<Event>,
        commands: Receiver<Command>,
        time_limit: Option<Duration>,
    ) -> Trainer {
        let nearest = Nearest::new(&session.gan.dataset);
        Trainer {
            channel: Channel::new(events, commands),
            clock: Clock::new(session.state.elapsed_s),
            time_limit,
            undone: 0,
            saved: (session.state.step > 0).then_some(session.state.step),
            quality: OnceCell::new(),
            nearest,
            evaluated: None,
            figures: None,
            session,
        }
    }

    /// Trains until the schedule, the time limit or the user ends it, and saves. Returns what the user is told then.
    ///
    /// # Errors
    /// Files that cannot be written, or too many steps in a row whose numbers are not finite.
    pub fn train(&mut self) -> Result<Outcome> {
        for event in std::mem::take(&mut self.session.opening_events) {
            self.emit(event)?;
        }
        // A run that is resumed has written the samples of this step before.
        if self.session.state.step == 0 {
            self.write_samples()?;
        }
        self.measure_work()?;
        let reason = loop {
            if !self.run_commands()? {
                break FinishReason::Stopped;
            }
            if self.session.state.step >= self.session.gan.config.training.total_steps() {
                break FinishReason::StepsDone;
            }
            if self.time_limit.is_some_and(|limit| self.clock.elapsed() >= limit) {
                break FinishReason::TimeLimit;
            }
            self.advance().or_else(|error| self.save_without_ranks(error))?;
        };
        if self.saved != Some(self.session.state.step) {
            // A launcher that has asked several ranks to end leaves little time.
            if reason != FinishReason::Stopped || self.session.gan.compute.ranks.is_alone() {
                self.evaluate()?;
            }
            self.save(false)?;
        }
        let best = self.best_chosen();
        best.iter().try_for_each(|best| self.notify(best.clone()))?;
        self.emit(Event::Finished { step: self.session.state.step, reason })?;
        Ok(Outcome { reason, best, figures: self.figures.take() })
    }

    /// Emits the last event of a process that cannot go on.
    pub fn fail(&mut self, message: &str) {
        let event = Event::Failed { step: self.session.state.step, message: message.to_string() };
        // A journal that cannot be written may be the very reason; the caller of `train` has the error anyway.
        let _ = self.emit(event);
    }

    /// One step of the schedule, and what is due after it.
    fn advance(&mut self) -> Result<()> {
        let StepReport { record, tokens } = self.step()?;
        let (step, undone, training) = (record.step, record.undone, self.session.gan.config.training.clone());
        let state = &mut self.session.state;
        (state.step, state.phase, state.cursor) = (step, record.phase, self.session.gan.batches.cursor());
        state.tokens += tokens as u64;
        state.d_margin_ema = recovery::d_margin_ema(state.d_margin_ema, training.loss, &record);
        self.emit(Event::Step(record))?;
        self.count_undone(undone)?;
        let (phase_ends, all_ends) = (step == training.pretrain_steps, step == training.total_steps());
        let due = |every: u64| step % every == 0 || phase_ends || all_ends;
        if due(training.sample_every) {
            self.write_samples()?;
        }
        if due(training.held_out_every) || due(training.checkpoint_every) {
            self.evaluate_and_recover()?;
        }
        // With one checkpoint for both: a process that ended between two would not end pretraining here.
        if due(training.held_out_every) && step < training.pretrain_steps && self.is_pretraining_over() {
            self.end_pretraining()?;
        } else if due(training.checkpoint_every) || self.is_new_best() {
            self.save(true)?;
        }
        Ok(())
    }

    /// Measures what the work takes, so that the time left can be estimated before each kind of step has been made.
    fn measure_work(&mut self) -> Result<()> {
        let Session { gan, state, costs, .. } = &self.session;
        let begun = stopwatch::now();
        let left = WorkLeft::after(state.step, &gan.config.training);
        let costs = match costs {
            None if left.d_warmup_steps + left.adversarial_steps > 0 => {
                work_costs::measure(&gan.config, &gan.dataset, &gan.models, &gan.compute, None).map(Some)?
            }
            costs => *costs,
        };
        costs.into_iter().for_each(|costs| self.clock.assume(costs));
        self.clock.pause(stopwatch::since(begun));
        Ok(())
    }

    fn step(&mut self) -> Result<StepReport> {
        let (step, begun) = (self.session.state.step + 1, stopwatch::now());
        let Session { gan, journal, state, .. } = &mut self.session;
        gan.lr_scales = lr_scales(state);
        ranks::step(gan, step)?;
        let mut report = gan.step(step, |turn| self.channel.after_turn(journal, step, turn))?;
        let waited = self.channel.take_waited();
        self.clock.pause(waited);
        let time = stopwatch::since(begun).saturating_sub(waited);
        self.clock.step(step, &gan.config.training, time, report.tokens as u64);
        self.clock.fill(&mut report.record, &gan.config.training, self.time_limit);
        Ok(report)
    }

    /// Saves what was reached before a step that failed for want of another rank; any other error stays what it is.
    fn save_without_ranks(&mut self, error: anyhow::Error) -> Result<()> {
        let step = self.session.state.step;
        if !self.session.gan.compute.ranks.is_lost() {
            return Err(error);
        }
        if self.saved != Some(step) && step > 0 {
            self.save(false)?;
        }
        match self.saved {
            Some(step) => bail!(
                "another rank has ended or does not answer; the run is saved at step {step}: run the same command again to resume \
                 it, with any number of ranks"
            ),
            None => bail!("another rank has ended or does not answer, before anything of the run was saved"),
        }
    }

    /// After a step that was undone the learning rate is halved; after too many of them in a row training ends.
    fn count_undone(&mut self, undone: bool) -> Result<()> {
        if !undone {
            self.undone = 0;
            return Ok(());
        }
        self.undone += 1;
        self.session.state.lr_halvings += 1;
        let step = self.session.state.step;
        if self.undone >= MAX_UNDONE {
            return Err(UserError(format!(
                "{}: {MAX_UNDONE} steps in a row up to step {step} gave numbers that are not finite, though the learning \
                 rate was halved each time; lower the learning rates (see `poetgan config`) and resume from the last \
                 checkpoint with --config FILE --allow-changes, or start over with --fresh",
                self.session.run.path().display()
            ))
            .into());
        }
        self.notify(Notice::StepUndone)
    }

    fn write_samples(&mut self) -> Result<()> {
        let (step, temperature) = (self.session.state.step, self.session.gan.config.sampling.temperature);
        let poems = self.sample_writer()?.write(step);
        self.emit(Event::Sample { step, temperature, poems })
    }

    fn show_latent(&mut self, request: LatentRequest) -> Result<()> {
        let (step, of) = (self.session.state.step, self.session.gan.config.model.z_dim);
        let writer = self.sample_writer()?;
        let (poems, axes) = (writer.along(&request), writer.axes());
        let LatentRequest { direction, form, moved, .. } = request;
        self.emit(Event::Latent { step, direction, of, poems, form, moved, axes })
    }

    fn sample_writer(&self) -> Result<SampleWriter<'_>> {
        let Session { gan, tokenizer, .. } = &self.session;
        let is_scored = gan.models.discriminator_adam.updates >= SCORES_AFTER;
        Ok(SampleWriter::new(gan, tokenizer, &self.nearest, is_scored)?)
    }

    fn notify(&mut self, notice: Notice) -> Result<()> {
        self.emit(Event::Notice { step: self.session.state.step, notice })
    }

    fn emit(&mut self, event: Event) -> Result<()> {
        self.channel.emit(&mut self.session.journal, event)
    }
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
