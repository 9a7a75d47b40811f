//! What the user may ask of a running training, done between two steps.

use std::time::Instant;

use anyhow::Result;

use super::Trainer;
use crate::config::Config;
use crate::train::event::{Command, Event, Knob};
use crate::train::schedule;

impl Trainer {
    /// Obeys what was asked since the last step. False: the user wants to stop.
    pub(super) fn obey(&mut self) -> Result<bool> {
        if self.desk.by_turns && !self.pause()? {
            return Ok(false);
        }
        // What comes after a turn was asked for belongs into the step.
        while !self.desk.by_turns {
            match self.desk.next() {
                None => break,
                Some(Command::Stop) => return Ok(false),
                Some(Command::Pause | Command::Turn) => {
                    if !self.pause()? {
                        return Ok(false);
                    }
                }
                Some(command) => self.do_now(command)?,
            }
        }
        Ok(true)
    }

    /// Waits for the end of a pause. False: the user wants to stop.
    fn pause(&mut self) -> Result<bool> {
        let step = self.session.state.step;
        let begun = Instant::now();
        self.desk.by_turns = false;
        self.tell(Event::Paused { step })?;
        let goes_on = loop {
            match self.desk.wait() {
                Command::Stop => break false,
                Command::Resume => break true,
                Command::Turn => {
                    self.desk.by_turns = true;
                    break true;
                }
                Command::Pause => {}
                command => self.do_now(command)?,
            }
        };
        self.clock.pause(begun.elapsed());
        if !self.desk.by_turns {
            self.tell(Event::Resumed { step })?;
        }
        Ok(goes_on)
    }

    fn do_now(&mut self, command: Command) -> Result<()> {
        let step = self.session.state.step;
        match command {
            Command::SampleNow => self.show_verses(),
            Command::Latent { seed, direction } => self.show_latent(seed, direction),
            Command::CheckpointNow => self.save(false),
            Command::Set(knob, value) => self.set(knob, value),
            Command::Mark(note) => self.tell(Event::Mark { step, note }),
            Command::BackToBest => {
                let told = self.go_back()?;
                self.tell(Event::Notice { step, text: format!("as asked: {told}") })
            }
            Command::Pause | Command::Resume | Command::Turn | Command::Stop => Ok(()),
        }
    }

    /// Changes a setting from the next step on, in the run's settings file too, so that a run that is continued goes on
    /// as it was left. A value that makes no sense is refused in words.
    fn set(&mut self, knob: Knob, value: f32) -> Result<()> {
        let step = self.session.state.step;
        let value = if knob == Knob::NCritic { value.round() } else { value };
        let mut config = self.session.config.clone();
        let from = match knob {
            Knob::Temperature => {
                config.sampling.temperature = value;
                self.session.state.temperature
            }
            _ => turned(&mut config, knob, value, step),
        };
        if let Err(error) = config.validate() {
            return self.tell(Event::Notice { step, text: format!("not changed: {error}") });
        }
        if knob == Knob::Temperature {
            self.session.state.temperature = value;
        } else {
            self.session.run.save_config(&config)?;
            self.session.config = config;
        }
        self.saved = None;
        self.tell(Event::Changed { step, knob, from, to: value })
    }
}

/// Turns a knob of the settings. Returns where it was.
fn turned(config: &mut Config, knob: Knob, value: f32, step: u64) -> f32 {
    let training = &mut config.training;
    // By way of its digits, or 0.0003 would become 0.0003000000142.
    let value = value.to_string().parse().unwrap_or(f64::NAN);
    let place = match knob {
        Knob::NCritic => {
            let before = std::mem::replace(&mut training.n_critic, value.round().max(0.0) as u64);
            return before as f32;
        }
        Knob::Beta => {
            let before = schedule::beta(training, step.max(training.warmup_steps) + 1);
            (training.beta_start, training.beta_end) = (value, value);
            return before as f32;
        }
        Knob::LearningRate => &mut training.learning_rate,
        Knob::GeneratorLearningRate => &mut training.generator_learning_rate,
        Knob::DiscriminatorLearningRate => &mut training.discriminator_learning_rate,
        Knob::LikelihoodWeight => &mut training.likelihood_weight,
        Knob::Temperature => return value as f32,
    };
    std::mem::replace(place, value) as f32
}
