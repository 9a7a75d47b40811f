//! The settings that can be changed while a model trains, with their values.

use crate::run::runtime_setting::RuntimeSetting;

#[derive(Clone, Debug, Default)]
pub struct RuntimeSettings(Vec<(RuntimeSetting, f32)>);

impl RuntimeSettings {
    pub fn new(settings: &[(RuntimeSetting, f32)]) -> RuntimeSettings {
        RuntimeSettings(settings.to_vec())
    }

    pub fn get(&self, setting: RuntimeSetting) -> Option<f32> {
        self.0.iter().find(|(other, _)| *other == setting).map(|(_, value)| *value)
    }

    pub fn set(&mut self, setting: RuntimeSetting, value: f32) {
        self.0.retain(|(other, _)| *other != setting);
        self.0.push((setting, value));
    }

    /// The value times `factor` within the range of the setting; none if the value is unknown or would not change.
    pub fn scaled(&self, setting: RuntimeSetting, factor: f32) -> Option<f32> {
        let (low, high) = setting.range();
        let now = self.get(setting)?;
        Some((factor * now).clamp(low, high)).filter(|value| *value != now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_values_can_be_set() {
        let mut settings = RuntimeSettings::new(&[
            (RuntimeSetting::DiscriminatorLearningRate, 0.001),
            (RuntimeSetting::LikelihoodWeight, 80.0),
        ]);
        assert_eq!(settings.scaled(RuntimeSetting::DiscriminatorLearningRate, 0.5), Some(5e-4));
        assert_eq!(settings.scaled(RuntimeSetting::LikelihoodWeight, 2.0), Some(100.0));
        assert_eq!(settings.scaled(RuntimeSetting::Beta, 2.0), None);
        for bound in [0.0, 100.0] {
            settings.set(RuntimeSetting::LikelihoodWeight, bound);
            assert_eq!(settings.scaled(RuntimeSetting::LikelihoodWeight, 2.0), None);
        }
        settings.set(RuntimeSetting::Beta, 0.02);
        assert_eq!(settings.scaled(RuntimeSetting::Beta, 2.0), Some(0.04));
    }
}
