//! What the user may ask of a running training, done between two steps.

use anyhow::Result;

use crate::gan::runtime_settings;
use crate::run::event::{Command, Event, Knob};
use crate::train::stopwatch;
use crate::train::trainer::Trainer;

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
        let mut begun = stopwatch::now();
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
                command => {
                    // A checkpoint that is asked for now must not count what has been waited as training.
                    self.clock.pause(stopwatch::since(std::mem::replace(&mut begun, stopwatch::now())));
                    self.do_now(command)?;
                }
            }
        };
        self.clock.pause(stopwatch::since(begun));
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
            Command::Freeze(frozen) => {
                let text = if frozen { "the display is frozen" } else { "the display goes on" };
                self.tell(Event::Notice { step, text: text.to_string() })
            }
            Command::BackToBest => {
                let told = self.go_back()?;
                self.tell(Event::Notice { step, text: format!("as asked: {told}") })?;
                self.keep()
            }
            Command::Pause | Command::Resume | Command::Turn | Command::Stop => Ok(()),
        }
    }

    /// Changes a setting from the next step on, and for those who go on with the run. A value that makes no sense is
    /// refused in words.
    fn set(&mut self, knob: Knob, value: f32) -> Result<()> {
        let step = self.session.state.step;
        let mut config = self.session.config.clone();
        let from = runtime_settings::get(&self.session.careful_config(), knob, step + 1);
        runtime_settings::set(&mut config, knob, value);
        if let Err(error) = config.validate() {
            return self.tell(Event::Notice { step, text: format!("not changed: {error}") });
        }
        let to = runtime_settings::get(&config, knob, step + 1);
        self.session.config = config;
        // What the user sets is what holds, not a part of it.
        let state = &mut self.session.state;
        match knob {
            Knob::LearningRate | Knob::GeneratorLearningRate => state.halvings = 0,
            Knob::DiscriminatorLearningRate => (state.halvings, state.discriminator_halvings) = (0, 0),
            _ => {}
        }
        let by_hand = &mut self.session.state.by_hand;
        by_hand.retain(|(other, _)| *other != knob);
        by_hand.push((knob, to));
        // A checkpoint of this step, if there is one, does not know of it.
        self.saved = None;
        self.tell(Event::Changed { step, knob, from, to })?;
        // The verses' temperature is not worth one.
        if knob == Knob::Temperature { Ok(()) } else { self.keep() }
    }

    /// What was changed by hand must not be lost, lest the journal tells of what a run that goes on does not know.
    fn keep(&mut self) -> Result<()> {
        if self.saved.is_some() { Ok(()) } else { self.save(false) }
    }
}
