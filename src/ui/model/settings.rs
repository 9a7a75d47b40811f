//! What can be changed by hand: as it is now, and what the trainer says to a wish.

use crate::run::event::{Event, Knob};
use crate::ui::text;

/// How a notice begins that tells what became of a wish.
const ANSWERS: [&str; 2] = ["not changed: ", "as asked: "];

/// Settings with their values; that of beta, which follows a schedule, is known once there are steps with it, or where the
/// schedule leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Settings(Vec<(Knob, f32)>);

impl Settings {
    /// Those among all settings of a run, which come as TOML.
    pub fn of(config: &str) -> Settings {
        let value = |line: &str| {
            let (name, value) = line.split_once(" = ")?;
            let knob = Knob::ALL.into_iter().find(|knob| knob.name() == name)?;
            Some((knob, value.parse().ok()?))
        };
        let mut settings = Settings(config.lines().filter_map(value).collect());
        let end = |name: &str| config.lines().find_map(|line| line.strip_prefix(name)?.parse::<f32>().ok());
        if let (Some(start), Some(end)) = (end("beta_start = "), end("beta_end = "))
            && start == end
        {
            settings.set(Knob::Beta, start);
        }
        settings
    }

    pub fn get(&self, knob: Knob) -> Option<f32> {
        self.0.iter().find(|(other, _)| *other == knob).map(|(_, value)| *value)
    }

    pub fn set(&mut self, knob: Knob, value: f32) {
        self.0.retain(|(other, _)| *other != knob);
        self.0.push((knob, value));
    }

    /// The command that multiplies a setting by `factor`, as far as its range goes. It names no value where that would be
    /// the present one.
    pub fn advice(&self, knob: Knob, factor: f32) -> String {
        let (low, high) = knob.range();
        let now = self.get(knob);
        let value = now.map(|now| (factor * now).clamp(low, high)).filter(|value| Some(*value) != now);
        let value = value.map_or(String::new(), |value| format!(" {}", text::shortest(value)));
        format!(":set {}{value}", knob.name())
    }
}

/// What the trainer answers to a wish, if the event is an answer.
pub fn answer(event: &Event) -> Option<String> {
    match event {
        Event::Changed { knob, from, to, .. } => Some(changed(*knob, *from, *to)),
        Event::Notice { text, .. } if ANSWERS.iter().any(|begin| text.starts_with(begin)) => Some(text::clean(text)),
        Event::Mark { note, .. } => Some(format!("mark: {}", text::clean(note))),
        _ => None,
    }
}

pub fn changed(knob: Knob, from: f32, to: f32) -> String {
    format!("{}: {from} -> {to}", knob.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_a_command_with_a_value_that_can_be_set() {
        let mut settings = Settings::of(
            "[training]\ndiscriminator_learning_rate = 0.001\nbeta_start = 1.0\nbeta_end = 9.0\nlikelihood_weight = 80.0\n",
        );
        assert_eq!(settings.advice(Knob::DiscriminatorLearningRate, 0.5), ":set discriminator_learning_rate 5e-4");
        assert_eq!(settings.advice(Knob::LikelihoodWeight, 2.0), ":set likelihood_weight 100");
        assert_eq!(settings.advice(Knob::Beta, 2.0), ":set beta");
        for bound in [0.0, 100.0] {
            settings.set(Knob::LikelihoodWeight, bound);
            assert_eq!(settings.advice(Knob::LikelihoodWeight, 2.0), ":set likelihood_weight");
        }
        settings.set(Knob::Beta, 0.02);
        assert_eq!(settings.advice(Knob::Beta, 2.0), ":set beta 0.04");
        assert_eq!(Settings::of("beta_start = 3.0\nbeta_end = 3.0\n").get(Knob::Beta), Some(3.0));
    }
}
