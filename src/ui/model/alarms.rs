//! What goes wrong in adversarial training, in plain words, and what to do about it.

use crate::run::event::{Phase, QualityFigure};
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::model::run_model::Facts;
use crate::ui::term::theme::Theme;

/// The discriminator tells almost everything apart.
const TOO_STRONG: f32 = 0.97;
/// Share of the different pairs of neighbours of real poems below which a generator repeats itself.
const POOR: f32 = 0.8;
/// Copied lines beyond those of real poems.
const COPIES: f32 = 0.05;
/// Rise of the held-out loss above its best, nats per token.
const FORGOTTEN: f32 = 0.3;

/// Steps for which a step that was undone is worth an alarm.
const ALARMED: u64 = 50;
/// Checkpoints that the disk should have room for.
const LEAST_ROOM: u64 = 5;

/// An alarm: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub what: &'static str,
    pub advice: String,
}

impl Alarm {
    /// In one line.
    pub fn told(&self, theme: Theme) -> String {
        format!("! {}: {}", theme.say(self.what), theme.tell(&self.advice))
    }
}

/// The alarms of this moment, the gravest first.
pub fn alarms(facts: &Facts) -> Vec<Alarm> {
    let is_duel = facts.latest.as_ref().is_some_and(|record| record.phase == Phase::Adversarial);
    let figure = |name: &str| facts.quality.iter().find(|figure| figure.name == name);
    let mut alarms = Vec::new();
    let mut alarm = |what, advice: &str| alarms.push(Alarm { what, advice: advice.to_owned() });
    if facts.disk_room.is_some_and(|room| room < LEAST_ROOM) {
        alarm("the disk is nearly full", "make room: the next checkpoint may not fit");
    }
    if facts.undone.is_some_and(|step| facts.now() < step + ALARMED) {
        alarm("numbers are not finite", "lower the learning rates, or go back: b");
    }
    if is_duel && figure(QualityFigure::DIVERSITY).is_some_and(|figure| figure.model < POOR * figure.real) {
        alarm("the poems repeat themselves", "go back to the best checkpoint: b");
    }
    if figure(QualityFigure::COPIES).is_some_and(|figure| figure.model > figure.real + COPIES) {
        alarm("lines are copied from the corpus", "train less, or on more poems");
    }
    if facts.held_out.as_ref().is_some_and(|held| held.loss > held.best + FORGOTTEN) {
        alarm(
            "it forgets the language",
            &format!("more likelihood: {}", facts.settings.advice(RuntimeSetting::LikelihoodWeight, 2.0)),
        );
    }
    if is_duel && facts.rivalry.tells_apart().is_some_and(|apart| apart > TOO_STRONG) {
        let advice = format!("slow it: {}", facts.settings.advice(RuntimeSetting::DiscriminatorLearningRate, 0.5));
        alarm("D sees through everything", &advice);
    }
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{BINS, Event, StepRecord};

    fn told(events: Vec<Event>) -> Vec<&'static str> {
        let mut facts = Facts::default();
        events.into_iter().for_each(|event| facts.apply(event));
        alarms(&facts).iter().map(|alarm| alarm.what).collect()
    }

    fn adversarial(real_bin: usize, fake_bin: usize) -> Event {
        let mut record = StepRecord::new(1, Phase::Adversarial, 0.1);
        let one = |bin| std::array::from_fn::<u16, BINS, _>(|other| if other == bin { 64 } else { 0 });
        (record.d_real, record.d_fake) = (Some(0.5), Some(0.5));
        (record.real_histogram, record.fake_histogram) = (Some(one(real_bin)), Some(one(fake_bin)));
        Event::Step(record)
    }

    fn quality(name: &str, model: f32, real: f32) -> Event {
        let figures = vec![QualityFigure { name: name.to_owned(), model, real }];
        Event::Quality { step: 1, form: "7x4".to_owned(), figures }
    }

    fn held_out(step: u64, loss: f32) -> Event {
        Event::HeldOut { step, loss, forms: Vec::new() }
    }

    #[test]
    fn each_trouble_has_its_alarm_and_a_healthy_duel_has_none() {
        let healthy = vec![
            adversarial(11, 9),
            adversarial(9, 11),
            quality(QualityFigure::DIVERSITY, 0.85, 0.86),
            held_out(1, 5.0),
            held_out(2, 5.1),
        ];
        let checkpoint = |room| Event::Checkpoint { step: 1, path: String::new(), room, best: None };
        assert!(told(healthy.into_iter().chain([checkpoint(Some(100)), checkpoint(None)]).collect()).is_empty());
        let mut nan = StepRecord::new(1, Phase::Pretraining, 0.1);
        nan.undone = true;
        // As a journal has it.
        let nan = serde_json::from_str(&serde_json::to_string(&nan).unwrap()).unwrap();
        let good = |step| Event::Step(StepRecord::new(step, Phase::Pretraining, 0.1));
        for (events, what) in [
            (vec![adversarial(18, 1)], "D sees through everything"),
            (vec![adversarial(10, 10), quality(QualityFigure::DIVERSITY, 0.5, 0.86)], "the poems repeat themselves"),
            (vec![quality(QualityFigure::COPIES, 0.2, 0.01)], "lines are copied from the corpus"),
            (vec![held_out(1, 5.0), held_out(2, 5.5)], "it forgets the language"),
            (vec![Event::Step(nan), good(2)], "numbers are not finite"),
            (vec![checkpoint(Some(2))], "the disk is nearly full"),
        ] {
            assert_eq!(told(events), [what]);
        }
    }
}
