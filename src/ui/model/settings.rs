//! What can be changed by hand: as it is now, and what the trainer says to a wish.

use crate::run::event::Event;
use crate::run::notice::Notice;
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::text;

/// The settings that can be changed while a model trains, with their values.
#[derive(Clone, Debug, Default)]
pub struct Settings(Vec<(RuntimeSetting, f32)>);

impl Settings {
    pub fn new(settings: &[(RuntimeSetting, f32)]) -> Settings {
        Settings(settings.to_vec())
    }

    pub fn get(&self, setting: RuntimeSetting) -> Option<f32> {
        self.0.iter().find(|(other, _)| *other == setting).map(|(_, value)| *value)
    }

    pub fn set(&mut self, setting: RuntimeSetting, value: f32) {
        self.0.retain(|(other, _)| *other != setting);
        self.0.push((setting, value));
    }

    /// The command that multiplies a setting by `factor`, as far as its range goes. It names no value where that would be
    /// the present one.
    pub fn advice(&self, setting: RuntimeSetting, factor: f32) -> String {
        let (low, high) = setting.range();
        let now = self.get(setting);
        let value = now.map(|now| (factor * now).clamp(low, high)).filter(|value| Some(*value) != now);
        let value = value.map_or(String::new(), |value| format!(" {}", text::shortest(value)));
        format!(":set {}{value}", setting.name())
    }
}

/// What the trainer answers to a wish, if the event is an answer.
pub fn answer(event: &Event) -> Option<String> {
    match event {
        Event::Changed { setting, from, to, .. } => Some(changed(*setting, *from, *to)),
        Event::Notice {
            notice: notice @ (Notice::SettingRefused { .. } | Notice::RollbackRequested { .. }), ..
        } => Some(text::clean(&notice.to_string())),
        Event::Note { note, .. } => Some(format!("note: {}", text::clean(note))),
        _ => None,
    }
}

pub fn changed(setting: RuntimeSetting, from: f32, to: f32) -> String {
    format!("{}: {from} -> {to}", setting.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_a_command_with_a_value_that_can_be_set() {
        let mut settings = Settings::new(&[
            (RuntimeSetting::DiscriminatorLearningRate, 0.001),
            (RuntimeSetting::LikelihoodWeight, 80.0),
        ]);
        assert_eq!(
            settings.advice(RuntimeSetting::DiscriminatorLearningRate, 0.5),
            ":set discriminator_learning_rate 5e-4"
        );
        assert_eq!(settings.advice(RuntimeSetting::LikelihoodWeight, 2.0), ":set likelihood_weight 100");
        assert_eq!(settings.advice(RuntimeSetting::Beta, 2.0), ":set beta");
        for bound in [0.0, 100.0] {
            settings.set(RuntimeSetting::LikelihoodWeight, bound);
            assert_eq!(settings.advice(RuntimeSetting::LikelihoodWeight, 2.0), ":set likelihood_weight");
        }
        settings.set(RuntimeSetting::Beta, 0.02);
        assert_eq!(settings.advice(RuntimeSetting::Beta, 2.0), ":set beta 0.04");
    }
}
