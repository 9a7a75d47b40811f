//! The training loop, to be read aloud: obey, step, tell; now and then evaluate, write verses, save.

mod keep;

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::time::{Duration, Instant};

use anyhow::Result;

use super::clock::Clock;
use super::data::Batches;
use super::event::{Command, Event, Phase, StepRecord};
use super::quality::{Standing, Watch};
use super::recovery;
use super::schedule;
use super::session::Session;
use super::step::Context;
use super::verses;

/// The discriminator's verdict is shown from this many updates on.
const VERDICT_AFTER: u64 = 20;
/// Steps in a row that may be undone before the run gives up.
const PATIENCE: u32 = 8;

/// One process's part of a run.
pub struct Trainer {
    session: Session,
    batches: Batches,
    events: SyncSender<Event>,
    commands: Receiver<Command>,
    clock: Clock,
    time_limit: Option<Duration>,
    /// Steps in a row that were undone.
    undone: u32,
    /// Step of the newest checkpoint.
    saved: Option<u64>,
    /// Looks at the poems.
    watch: Option<Watch>,
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
        Trainer { session, batches, events, commands, clock, time_limit, undone: 0, saved, watch, evaluated: None }
    }

    /// Trains until the schedule, the time limit or the user ends it, and saves. Returns the reason.
    pub fn train(&mut self) -> Result<String> {
        for event in std::mem::take(&mut self.session.news) {
            self.tell(event)?;
        }
        self.show_verses()?;
        let reason = loop {
            if !self.obey()? {
                break "stopped as asked; the same command goes on from here";
            }
            if self.session.state.step >= schedule::total_steps(&self.session.config.training) {
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
        let Outcome { record, tokens, is_finite } = self.step()?;
        let (step, training) = (record.step, self.session.config.training.clone());
        self.session.state.step = step;
        self.session.state.cursor = self.batches.cursor();
        self.session.state.tokens += tokens;
        self.session.state.phase = record.phase;
        self.session.state.lead = recovery::lead(self.session.state.lead, training.loss, &record);
        self.tell(Event::Step(record))?;
        self.watch_health(is_finite)?;
        let (phase_ends, all_ends) = (step == training.warmup_steps, step == schedule::total_steps(&training));
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
        let begun = Instant::now();
        let mut outcome = match schedule::phase(&self.session.config.training, step) {
            Phase::Warmup => self.warmup_step(step)?,
            Phase::Adversarial => self.adversarial_step(step)?,
        };
        if outcome.is_finite {
            self.session.models.average.update(&self.session.models.generator, step)?;
        }
        self.clock.step(outcome.record.phase, begun.elapsed(), outcome.tokens);
        self.clock.fill(&mut outcome.record, &self.session.config.training, self.time_limit);
        Ok(outcome)
    }

    fn warmup_step(&mut self, step: u64) -> Result<Outcome> {
        let learning_rate = schedule::warmup_learning_rate(&self.session.config.training, step);
        let Session { config, dataset, state, models, .. } = &mut self.session;
        let context = Context { config, marks: dataset.marks, step, caution: 0.5f64.powi(state.halvings as i32) };
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
        let config = &self.session.duel_config();
        let Session { dataset, state, models, .. } = &mut self.session;
        let context = Context { config, marks: dataset.marks, step, caution: 0.5f64.powi(state.halvings as i32) };
        let training = &config.training;
        let before = models.discriminator_copy()?;
        let beta = schedule::beta(training, step);
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
            record.discriminator_loss = Some(judged.update.loss);
            record.discriminator_grad_norm = Some(judged.update.norm as f32);
            (record.d_real, record.d_fake) = (Some(judged.real), Some(judged.fake));
        }
        if is_finite && !schedule::is_head_start(training, step) {
            let fakes = context.fakes(models, bucket, real.count, training.n_critic, Some(beta))?;
            tokens += fakes.batch.n_targets();
            let (update, likelihood) = context.generator_step(models, &real, &fakes)?;
            is_finite = update.is_finite();
            (record.generator_loss, record.likelihood_loss) = (Some(update.loss), likelihood);
            record.generator_grad_norm = Some(update.norm as f32);
        }
        if !is_finite {
            models.restore_discriminator(before)?;
        }
        record.beta = Some(beta as f32);
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

    /// Obeys what was asked since the last step. False: the user wants to stop.
    fn obey(&mut self) -> Result<bool> {
        loop {
            match self.commands.try_recv() {
                Ok(Command::Stop) => return Ok(false),
                Ok(Command::Pause) => {
                    if !self.pause()? {
                        return Ok(false);
                    }
                }
                Ok(command) => self.do_now(command)?,
                // A reader that has gone away does not stop the training.
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(true),
            }
        }
    }

    /// Waits for the end of a pause. False: the user wants to stop.
    fn pause(&mut self) -> Result<bool> {
        let step = self.session.state.step;
        let begun = Instant::now();
        self.tell(Event::Paused { step })?;
        let goes_on = loop {
            match self.commands.recv_timeout(Duration::from_secs(3600)) {
                Ok(Command::Stop) => break false,
                Ok(Command::Resume) | Err(RecvTimeoutError::Disconnected) => break true,
                Ok(command) => self.do_now(command)?,
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        self.clock.pause(begun.elapsed());
        self.tell(Event::Resumed { step })?;
        Ok(goes_on)
    }

    fn do_now(&mut self, command: Command) -> Result<()> {
        match command {
            Command::SampleNow => self.show_verses(),
            Command::CheckpointNow => self.save(false),
            Command::SetTemperature(temperature) => {
                self.session.state.temperature = temperature;
                let step = self.session.state.step;
                self.tell(Event::Notice {
                    step,
                    text: format!("verses are now written at temperature {temperature:.2}"),
                })
            }
            Command::Pause | Command::Resume | Command::Stop => Ok(()),
        }
    }

    fn show_verses(&mut self) -> Result<()> {
        let Session { config, tokenizer, dataset, models, state, .. } = &self.session;
        let judged = models.discriminator_adam.updates >= VERDICT_AFTER;
        let (step, temperature) = (state.step, state.temperature);
        let poems = verses::compose((config, tokenizer, dataset), models, (step, temperature), judged)?;
        self.tell(Event::Sample { step, temperature, poems })
    }

    /// Writes an event to the journal and offers it to whoever watches. A watcher that does not keep up misses events;
    /// training never waits.
    fn tell(&mut self, event: Event) -> Result<()> {
        self.session.journal.append(&event)?;
        let is_last = matches!(event, Event::Finished { .. } | Event::Failed { .. });
        if is_last {
            // Nobody to hear it is no error.
            let _ = self.events.send(event);
        } else {
            let _ = self.events.try_send(event);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::options::{Display, Settings, TrainOptions};
    use super::*;

    fn trainer(folder: &std::path::Path, warmup: u64) -> Trainer {
        let options = TrainOptions {
            corpus: "corpora/sonnets.txt".into(),
            run: Some(folder.join("run").display().to_string()),
            fresh: false,
            allow_changes: false,
            settings: Settings { preset: Some("tiny".into()), warmup_steps: Some(warmup), ..Settings::default() },
            time_limit: None,
            display: Display::Plain,
        };
        let (events, _) = std::sync::mpsc::sync_channel(1);
        let (_, commands) = std::sync::mpsc::channel();
        let mut session = Session::open(&options).unwrap();
        session.config.training.head_start = 0;
        Trainer::new(session, events, commands, None)
    }

    /// All weights and moments, as numbers.
    fn contents(trainer: &Trainer) -> Vec<Vec<f32>> {
        let parts = trainer.session.models.parts().unwrap();
        let tensors = parts.iter().flat_map(|(_, weights)| weights.values());
        tensors.map(|tensor| tensor.flatten_all().unwrap().to_vec1().unwrap()).collect()
    }

    #[test]
    fn a_step_that_is_not_finite_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let mut trainer = trainer(folder.path(), 0);
        trainer.advance().unwrap();
        let (before, sound) = (contents(&trainer), trainer.session.config.training.beta_start);
        // The discriminator's half of the step goes well; the generator's gradient is inf * 0.
        trainer.session.config.training.beta_start = f64::INFINITY;
        trainer.advance().unwrap();
        assert!(contents(&trainer) == before);
        assert_eq!((trainer.session.state.halvings, trainer.undone), (1, 1));
        trainer.session.config.training.beta_start = sound;
        trainer.advance().unwrap();
        assert!(contents(&trainer) != before);
        assert_eq!((trainer.session.state.halvings, trainer.undone), (1, 0));
    }

    #[test]
    fn the_discriminator_has_a_head_start() {
        let folder = tempfile::tempdir().unwrap();
        let mut trainer = trainer(folder.path(), 0);
        trainer.session.config.training.head_start = 1;
        let weights = |trainer: &Trainer| {
            let models = &trainer.session.models;
            [models.generator.snapshot().unwrap(), models.discriminator.snapshot().unwrap()].map(|weights| {
                let flat = |tensor: &candle_core::Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                weights.values().flat_map(flat).collect::<Vec<f32>>()
            })
        };
        let before = weights(&trainer);
        trainer.advance().unwrap();
        let alone = weights(&trainer);
        assert!(alone[0] == before[0] && alone[1] != before[1]);
        trainer.advance().unwrap();
        assert!(weights(&trainer)[0] != before[0]);
    }

    /// A step of the duel whose generator writes one token only.
    fn collapse(trainer: &mut Trainer) {
        let bias = trainer.session.models.average.weights["bias"].dims1().unwrap();
        let bias = (0..bias).map(|token| if token == bias - 1 { 99.0f32 } else { 0.0 }).collect::<Vec<_>>();
        let bias = candle_core::Tensor::from_vec(bias.clone(), bias.len(), &candle_core::Device::Cpu).unwrap();
        trainer.session.models.average.weights.insert("bias".to_string(), bias);
        trainer.advance().unwrap();
    }

    #[test]
    fn a_duel_lost_from_its_beginning_begins_with_the_first_discriminator() {
        let folder = tempfile::tempdir().unwrap();
        let mut trainer = trainer(folder.path(), 1);
        let training = &mut trainer.session.config.training;
        (training.held_out_every, training.checkpoint_every) = (1, 1);
        trainer.advance().unwrap();
        let state = |trainer: &Trainer| {
            let numbers = |x: candle_core::Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let weights = trainer.session.models.discriminator_state().into_values();
            weights.map(|x| numbers(x.copy().unwrap())).collect::<Vec<_>>()
        };
        let first = state(&trainer);
        collapse(&mut trainer);
        assert_eq!(trainer.session.state.discriminator_halvings, 1);
        assert!(state(&trainer) == first);
    }

    #[test]
    fn a_collapsed_generator_goes_back_to_the_best_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let mut trainer = trainer(folder.path(), 0);
        let training = &mut trainer.session.config.training;
        (training.held_out_every, training.checkpoint_every) = (1, 1);
        trainer.advance().unwrap();
        let before = contents(&trainer);
        collapse(&mut trainer);
        assert_eq!((trainer.session.state.step, trainer.session.state.discriminator_halvings), (2, 1));
        assert!(contents(&trainer) == before);
        let journal = std::fs::read_to_string(folder.path().join("run/metrics.jsonl")).unwrap();
        let log = std::fs::read_to_string(folder.path().join("run/log.txt")).unwrap_or_default();
        let told = "back to the weights of step 1; the discriminator's learning rate is halved";
        assert!(journal.contains(told) || log.contains(told), "{journal}{log}");
        trainer.advance().unwrap();
        assert!(contents(&trainer) != before);
    }
}
