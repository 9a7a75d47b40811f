//! The training loop, to be read aloud: obey, step, tell; now and then evaluate, write verses, save.

mod channel;
mod commands;
mod save;

use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use anyhow::Result;
use channel::Desk;

use super::clock::Clock;
use super::nearest::Nearest;
use super::session::Session;
use crate::gan::data::Batches;
use crate::gan::quality::{Standing, Watch};
use crate::gan::recovery;
use crate::gan::schedule;
use crate::gan::step::Context;
use crate::run::event::{Command, Event, Phase, StepRecord, Turn};
use crate::train::samples::Scribe;
use crate::train::stopwatch;

/// The discriminator's verdict is shown from this many updates on.
const VERDICT_AFTER: u64 = 20;
/// Steps in a row that may be undone before the run gives up.
const PATIENCE: u32 = 8;

/// One process's part of a run.
pub struct Trainer {
    session: Session,
    batches: Batches,
    desk: Desk,
    clock: Clock,
    time_limit: Option<Duration>,
    /// Steps in a row that were undone.
    undone: u32,
    /// Step of the newest checkpoint.
    saved: Option<u64>,
    /// Looks at the poems.
    watch: Option<Watch>,
    /// Knows the corpus by heart.
    nearest: Nearest,
    /// The newest evaluation, and its step.
    evaluated: Option<(u64, Standing)>,
}

/// What a training step found.
struct Outcome {
    record: StepRecord,
    tokens: u64,
    is_finite: bool,
}

impl Trainer {
    pub fn new(
        session: Session,
        events: SyncSender<Event>,
        commands: Receiver<Command>,
        time_limit: Option<Duration>,
    ) -> Trainer {
        let batches = session.dataset.batches(session.state.cursor);
        let saved = (session.state.step > 0).then_some(session.state.step);
        let clock = Clock::new(session.state.elapsed_s);
        let watch = Watch::new(&session.dataset, &session.tokenizer);
        let nearest = Nearest::new(&session.dataset);
        let desk = Desk::new(events, commands);
        Trainer { session, batches, desk, clock, time_limit, undone: 0, saved, watch, nearest, evaluated: None }
    }

    /// Trains until the schedule, the time limit or the user ends it, and saves. Returns the reason.
    pub fn train(&mut self) -> Result<String> {
        for event in std::mem::take(&mut self.session.news) {
            self.tell(event)?;
        }
        // Whoever goes on has written those of this step before.
        if self.session.state.step == 0 {
            self.show_verses()?;
        }
        let reason = loop {
            if !self.obey()? {
                break "stopped as asked; the same command goes on from here";
            }
            if self.session.state.step >= self.session.config.training.total_steps() {
                break "the schedule is done";
            }
            if self.time_limit.is_some_and(|limit| self.clock.elapsed() >= limit) {
                break "the time limit is reached; the same command goes on from here";
            }
            self.advance()?;
        };
        if self.saved != Some(self.session.state.step) {
            self.evaluate()?;
            self.save(false)?;
        }
        self.tell(Event::Finished { step: self.session.state.step, reason: reason.to_string() })?;
        Ok(reason.to_string())
    }

    /// Tells that the training cannot go on.
    pub fn fail(&mut self, message: &str) {
        let event = Event::Failed { step: self.session.state.step, message: message.to_string() };
        // A journal that cannot be written to may be the very reason; whoever called `train` has it anyway.
        let _ = self.tell(event);
    }

    /// One step and what is due after it.
    fn advance(&mut self) -> Result<()> {
        let Outcome { mut record, tokens, is_finite } = self.step()?;
        record.undone = !is_finite;
        let (step, training) = (record.step, self.session.config.training.clone());
        self.session.state.step = step;
        self.session.state.cursor = self.batches.cursor();
        self.session.state.tokens += tokens;
        self.session.state.phase = record.phase;
        self.session.state.lead = recovery::lead(self.session.state.lead, training.loss, &record);
        self.tell(Event::Step(record))?;
        self.watch_health(is_finite)?;
        let (phase_ends, all_ends) = (step == training.warmup_steps, step == training.total_steps());
        let due = |every: u64| step % every == 0 || phase_ends || all_ends;
        if due(training.sample_every) {
            self.show_verses()?;
        }
        if due(training.held_out_every) || due(training.checkpoint_every) {
            self.examine()?;
        }
        if due(training.checkpoint_every) {
            self.save(true)?;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Outcome> {
        let step = self.session.state.step + 1;
        if step == self.session.config.training.warmup_steps + 1 {
            self.session.models.begin_game();
        }
        let begun = stopwatch::now();
        let mut outcome = match schedule::phase(&self.session.config.training, step) {
            Phase::Warmup => self.warmup_step(step)?,
            Phase::Adversarial => self.adversarial_step(step)?,
        };
        if outcome.is_finite {
            self.session.models.average.update(&self.session.models.generator, step)?;
        }
        let waited = self.desk.take_waited();
        self.clock.pause(waited);
        self.clock.step(outcome.record.phase, stopwatch::since(begun).saturating_sub(waited), outcome.tokens);
        self.clock.fill(&mut outcome.record, &self.session.config.training, self.time_limit);
        Ok(outcome)
    }

    fn warmup_step(&mut self, step: u64) -> Result<Outcome> {
        let learning_rate = schedule::warmup_learning_rate(&self.session.config.training, step);
        let caution = self.session.caution();
        let Session { config, dataset, models, .. } = &mut self.session;
        let context = Context { config, marks: dataset.marks, step, caution };
        let (bucket, batch) = self.batches.next(dataset);
        let update = context.likelihood_step(models, &batch, bucket.rules, learning_rate)?;
        let mut record = StepRecord::new(step, Phase::Warmup, learning_rate * context.caution);
        record.likelihood_loss = Some(update.loss);
        record.generator_grad_norm = Some(update.norm as f32);
        Ok(Outcome { record, tokens: batch.n_targets() as u64, is_finite: update.is_finite() })
    }

    /// The duel: the discriminator's turns with the generator fixed, then the generator's with the discriminator fixed,
    /// each with fresh noise. If any update is not finite, the whole step leaves no trace in the weights.
    fn adversarial_step(&mut self, step: u64) -> Result<Outcome> {
        let (config, caution) = (&self.session.duel_config(), self.session.caution());
        let Session { dataset, models, journal, .. } = &mut self.session;
        let context = Context { config, marks: dataset.marks, step, caution };
        let training = &config.training;
        let before = models.discriminator_copy()?;
        let beta = schedule::beta(training, step);
        let discriminator_rate = training.discriminator_learning_rate * context.caution;
        let mut record = StepRecord::new(step, Phase::Adversarial, training.generator_learning_rate * context.caution);
        let (mut bucket, mut real) = self.batches.next(dataset);
        let (mut tokens, mut is_finite) = (0, true);
        for turn in 0..training.n_critic {
            if turn > 0 {
                (bucket, real) = self.batches.next(dataset);
            }
            let fakes = context.fakes(models, bucket, real.count, turn, None)?;
            let judged = context.discriminator_step(models, &real, &fakes.batch, turn)?;
            tokens += real.n_targets() + fakes.batch.n_targets();
            is_finite &= judged.update.is_finite();
            judged.enter(&mut record);
            self.desk.after_turn(journal, step, judged.turn(turn + 1))?;
        }
        if is_finite && !schedule::is_head_start(training, step) {
            let fakes = context.fakes(models, bucket, real.count, training.n_critic, Some(beta))?;
            tokens += fakes.batch.n_targets();
            let (update, likelihood) = context.generator_step(models, &real, &fakes)?;
            is_finite = update.is_finite();
            (record.generator_loss, record.likelihood_loss) = (Some(update.loss), likelihood);
            record.generator_grad_norm = Some(update.norm as f32);
            self.desk.after_turn(journal, step, Turn::Generator { loss: update.loss })?;
        }
        if !is_finite {
            models.restore_discriminator(before)?;
        }
        (record.beta, record.discriminator_learning_rate) = (Some(beta as f32), Some(discriminator_rate as f32));
        Ok(Outcome { record, tokens: tokens as u64, is_finite })
    }

    /// After a step that was undone: smaller steps; after too many of them: the end.
    fn watch_health(&mut self, is_finite: bool) -> Result<()> {
        if is_finite {
            self.undone = 0;
            return Ok(());
        }
        self.undone += 1;
        self.session.state.halvings += 1;
        let step = self.session.state.step;
        if self.undone >= PATIENCE {
            return Err(crate::error::UserError(format!(
                "{}: {PATIENCE} steps in a row up to step {step} gave numbers that are not finite, though the learning rate \
                 was halved each time; lower the learning rates (see `poetgan config`) and go on from the last checkpoint \
                 with --config FILE --allow-changes, or begin anew with --fresh",
                self.session.run.path().display()
            ))
            .into());
        }
        let text = format!("step {step} gave numbers that are not finite: undone, and the learning rate is halved");
        self.tell(Event::Notice { step, text })
    }

    fn show_verses(&mut self) -> Result<()> {
        let (step, temperature) = (self.session.state.step, self.session.config.sampling.temperature);
        let poems = self.scribe()?.compose(step)?;
        self.tell(Event::Sample { step, temperature, poems })
    }

    fn show_latent(&mut self, seed: u64, direction: usize) -> Result<()> {
        let step = self.session.state.step;
        let poems = self.scribe()?.along(seed, direction)?;
        self.tell(Event::Latent { step, direction, of: self.session.config.model.noise, poems })
    }

    fn scribe(&self) -> Result<Scribe<'_>> {
        let Session { config, tokenizer, dataset, models, .. } = &self.session;
        let judged = models.discriminator_adam.updates >= VERDICT_AFTER;
        Ok(Scribe::new((config, tokenizer, dataset), models, judged, &self.nearest)?)
    }

    fn tell(&mut self, event: Event) -> Result<()> {
        self.desk.tell(&mut self.session.journal, event)
    }
}

#[cfg(test)]
mod tests;
