//! Commands of the user, run between two steps.

use anyhow::Result;

use super::Trainer;
use crate::gan::runtime_settings;
use crate::run::event::{Command, Event};
use crate::run::notice::Notice;
use crate::run::runtime_setting::RuntimeSetting;
use crate::train::stopwatch;

impl Trainer {
    /// Runs the commands that came since the last step. False: the user wants to stop.
    pub(super) fn run_commands(&mut self) -> Result<bool> {
        if self.channel.by_turns && !self.pause()? {
            return Ok(false);
        }
        // Commands after a request for a turn belong to the middle of the step.
        while !self.channel.by_turns {
            match self.channel.next() {
                None => break,
                Some(Command::Stop) => return Ok(false),
                Some(Command::Pause | Command::Turn) => {
                    if !self.pause()? {
                        return Ok(false);
                    }
                }
                Some(command) => self.run_command(command)?,
            }
        }
        Ok(true)
    }

    /// Waits for the end of a pause. False: the user wants to stop.
    fn pause(&mut self) -> Result<bool> {
        let step = self.session.state.step;
        let mut begun = stopwatch::now();
        self.channel.by_turns = false;
        self.emit(Event::Paused { step })?;
        let goes_on = loop {
            match self.channel.wait() {
                Command::Stop => break false,
                Command::Resume => break true,
                Command::Turn => {
                    self.channel.by_turns = true;
                    break true;
                }
                Command::Pause => {}
                command => {
                    // A checkpoint that is requested now must not count the pause as training time.
                    self.clock.pause(stopwatch::since(std::mem::replace(&mut begun, stopwatch::now())));
                    self.run_command(command)?;
                }
            }
        };
        self.clock.pause(stopwatch::since(begun));
        if !self.channel.by_turns {
            self.emit(Event::Resumed { step })?;
        }
        Ok(goes_on)
    }

    fn run_command(&mut self, command: Command) -> Result<()> {
        let step = self.session.state.step;
        match command {
            Command::SampleNow => self.write_samples(),
            Command::Latent(request) => self.show_latent(request),
            Command::CheckpointNow => self.save(false),
            Command::Set(setting, value) => self.set(setting, value),
            Command::Note(note) => self.emit(Event::Note { step, note }),
            Command::Freeze(frozen) => self.notify(Notice::DisplayFrozen { frozen }),
            Command::BackToBest => {
                let rollback = self.roll_back()?;
                self.notify(Notice::RollbackRequested { rollback })?;
                self.save_if_changed()
            }
            Command::Pause | Command::Resume | Command::Turn | Command::Stop => Ok(()),
        }
    }

    /// Changes a setting from the next step on, also for a run that is resumed. A value that makes no sense is refused
    /// with a notice.
    fn set(&mut self, setting: RuntimeSetting, value: f32) -> Result<()> {
        let step = self.session.state.step;
        let mut config = self.session.gan.config.clone();
        let from = runtime_settings::get(&self.session.scaled_config(), setting, step + 1);
        runtime_settings::set(&mut config, setting, value);
        if let Err(error) = config.validate() {
            return self.notify(Notice::SettingRefused { reason: error.to_string() });
        }
        let to = runtime_settings::get(&config, setting, step + 1);
        self.session.gan.config = config;
        // A learning rate set by hand overrides the automatic halvings.
        let state = &mut self.session.state;
        match setting {
            RuntimeSetting::LearningRate | RuntimeSetting::GeneratorLearningRate => state.lr_halvings = 0,
            RuntimeSetting::DiscriminatorLearningRate => (state.lr_halvings, state.d_lr_halvings) = (0, 0),
            _ => {}
        }
        state.runtime_settings.retain(|(other, _)| *other != setting);
        state.runtime_settings.push((setting, to));
        // The checkpoint of this step, if there is one, does not have the change.
        self.saved = None;
        self.emit(Event::Changed { step, setting, from, to })?;
        // The temperature of samples is not worth a checkpoint.
        if setting == RuntimeSetting::Temperature { Ok(()) } else { self.save_if_changed() }
    }

    /// Saves what the user changed at once: the journal must not report a change that a resumed run does not have.
    fn save_if_changed(&mut self) -> Result<()> {
        if self.saved.is_some() { Ok(()) } else { self.save(false) }
    }
}
