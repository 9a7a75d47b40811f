//! What goes wrong in training, and what to do about it. The thresholds are those of [`limits`].

use crate::run::event::{Phase, QualityFigure};
use crate::run::limits::{self, ALARM};
use crate::run::runtime_setting::RuntimeSetting;
use crate::ui::model::run_model::RunModel;
use crate::ui::text::{self, words::Lang};

/// An undone step is reported for this many steps.
const UNDONE_SHOWN: u64 = 50;
/// Checkpoints that the disk should have room for.
const MIN_DISK_ROOM: u64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    DiskFull,
    NonFinite,
    LowDiversity,
    Copying,
    HeldOutRising,
    DiscriminatorAhead,
}

/// What to do about a problem.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Advice {
    FreeDiskSpace,
    LowerLearningRates,
    Rollback,
    TrainLess,
    TrainLessOrRegularise,
    RaiseLikelihoodWeight(SetCommand),
    LowerDiscriminatorLearningRate(SetCommand),
}

/// A palette command that sets a setting; without the value where that is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetCommand {
    setting: RuntimeSetting,
    value: Option<f32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingAlarm {
    pub problem: Problem,
    pub advice: Advice,
}

/// The alarms of this moment, the most severe first.
pub fn alarms(model: &RunModel) -> Vec<TrainingAlarm> {
    if model.has_ended() {
        return Vec::new();
    }
    // While only the discriminator is trained, the poems are those of pretraining, and it is meant to get ahead.
    let is_adversarial = model.phase() == Some(Phase::Adversarial) && model.warm_up().is_none();
    let figure = |name: &str| model.quality.iter().find(|figure| figure.name == name);
    let low_diversity = |figure: &QualityFigure| f64::from(figure.model) < ALARM.min_diversity * f64::from(figure.real);
    let copying = |figure: &QualityFigure| f64::from(figure.model) > f64::from(figure.real) + ALARM.max_copies;
    let set = |setting, factor| SetCommand { setting, value: model.settings.scaled(setting, factor) };
    let mut alarms = Vec::new();
    let mut add = |problem, advice| alarms.push(TrainingAlarm { problem, advice });
    if model.disk_room.is_some_and(|room| room < MIN_DISK_ROOM) {
        add(Problem::DiskFull, Advice::FreeDiskSpace);
    }
    if model.undone.is_some_and(|step| model.now() < step + UNDONE_SHOWN) {
        add(Problem::NonFinite, Advice::LowerLearningRates);
    }
    if is_adversarial && figure(QualityFigure::DIVERSITY).is_some_and(low_diversity) {
        add(Problem::LowDiversity, Advice::Rollback);
    }
    if figure(QualityFigure::COPIES).is_some_and(copying) {
        add(Problem::Copying, Advice::TrainLess);
    }
    if model.held_out.as_ref().is_some_and(|held| held.loss > held.best + ALARM.max_loss_increase) {
        let advice = if model.phase() == Some(Phase::Adversarial) {
            Advice::RaiseLikelihoodWeight(set(RuntimeSetting::LikelihoodWeight, 2.0))
        } else {
            Advice::TrainLessOrRegularise
        };
        add(Problem::HeldOutRising, advice);
    }
    if is_adversarial && model.scores.auc().is_some_and(|auc| auc > limits::ALARM_AUC) {
        let command = set(RuntimeSetting::DiscriminatorLearningRate, 0.5);
        add(Problem::DiscriminatorAhead, Advice::LowerDiscriminatorLearningRate(command));
    }
    alarms
}

impl TrainingAlarm {
    /// The alarm in one line.
    pub fn text(self, lang: Lang) -> String {
        match lang {
            Lang::En => format!("! {}: {}", self.problem.english(), self.advice.english()),
            Lang::Zh => format!("! {}：{}", self.problem.chinese(), self.advice.chinese()),
        }
    }
}

impl Problem {
    fn english(self) -> &'static str {
        match self {
            Problem::DiskFull => "the disk is nearly full",
            Problem::NonFinite => "numbers are not finite",
            Problem::LowDiversity => "low diversity",
            Problem::Copying => "lines are copied from the corpus",
            Problem::HeldOutRising => "the held-out loss is rising",
            Problem::DiscriminatorAhead => "D is far ahead",
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            Problem::DiskFull => "磁盘将满",
            Problem::NonFinite => "出现非有限数",
            Problem::LowDiversity => "多样性过低",
            Problem::Copying => "诗句抄自语料",
            Problem::HeldOutRising => "留出损失上升",
            Problem::DiscriminatorAhead => "判别器遥遥领先",
        }
    }
}

impl Advice {
    fn english(self) -> String {
        match self {
            Advice::FreeDiskSpace => "free some space, the next checkpoint may not fit".to_owned(),
            Advice::LowerLearningRates => "lower the learning rates or roll back (b)".to_owned(),
            Advice::Rollback => "roll back to the best checkpoint (b)".to_owned(),
            Advice::TrainLess => "train fewer steps or on more poems".to_owned(),
            Advice::TrainLessOrRegularise => "overfitting; fewer steps, more dropout or more poems".to_owned(),
            Advice::RaiseLikelihoodWeight(command) => format!("try {}", command.text()),
            Advice::LowerDiscriminatorLearningRate(command) => format!("try {}", command.text()),
        }
    }

    fn chinese(self) -> String {
        match self {
            Advice::FreeDiskSpace => "请腾出空间，下一检查点可能写不下".to_owned(),
            Advice::LowerLearningRates => "降低学习率，或按 b 回滚".to_owned(),
            Advice::Rollback => "按 b 回滚到最佳检查点".to_owned(),
            Advice::TrainLess => "少训练一些，或用更多的诗".to_owned(),
            Advice::TrainLessOrRegularise => "过拟合；少训练一些、提高 dropout 或用更多的诗".to_owned(),
            Advice::RaiseLikelihoodWeight(command) => format!("加大似然权重 {}", command.text()),
            Advice::LowerDiscriminatorLearningRate(command) => format!("降低判别器学习率 {}", command.text()),
        }
    }
}

impl SetCommand {
    /// As it is typed.
    fn text(self) -> String {
        let value = self.value.map_or(String::new(), |value| format!(" {}", text::shortest(value)));
        format!(":set {}{value}", self.setting.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{BINS, Event, StepRecord};
    use crate::run::notice::FinishReason;
    use crate::ui::text::notices::has_chinese;

    fn alarms_after(events: Vec<Event>) -> Vec<TrainingAlarm> {
        let mut model = RunModel::default();
        events.into_iter().for_each(|event| model.apply(event));
        alarms(&model)
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

    fn checkpoint(room: Option<u64>) -> Event {
        Event::Checkpoint { step: 1, path: String::new(), room, best: None }
    }

    #[test]
    fn a_healthy_run_has_no_alarm() {
        let healthy = vec![
            adversarial(11, 9),
            adversarial(9, 11),
            quality(QualityFigure::DIVERSITY, 0.85, 0.86),
            held_out(1, 5.0),
            held_out(2, 5.1),
            checkpoint(Some(100)),
            checkpoint(None),
        ];
        assert_eq!(alarms_after(healthy), []);
    }

    #[test]
    fn each_problem_has_its_alarm_in_both_languages() {
        let mut undone = StepRecord::new(1, Phase::Pretraining, 0.1);
        undone.undone = true;
        let good = Event::Step(StepRecord::new(2, Phase::Pretraining, 0.1));
        for (events, problem, english) in [
            (
                vec![adversarial(18, 1)],
                Problem::DiscriminatorAhead,
                "D is far ahead: try :set discriminator_learning_rate",
            ),
            (
                vec![adversarial(10, 10), quality(QualityFigure::DIVERSITY, 0.5, 0.86)],
                Problem::LowDiversity,
                "low diversity: roll back to the best checkpoint (b)",
            ),
            (
                vec![quality(QualityFigure::COPIES, 0.2, 0.01)],
                Problem::Copying,
                "lines are copied from the corpus: train fewer steps or on more poems",
            ),
            (
                vec![adversarial(10, 10), held_out(1, 5.0), held_out(2, 5.5)],
                Problem::HeldOutRising,
                "the held-out loss is rising: try :set likelihood_weight",
            ),
            (
                vec![Event::Step(undone), good],
                Problem::NonFinite,
                "numbers are not finite: lower the learning rates or roll back (b)",
            ),
            (
                vec![checkpoint(Some(2))],
                Problem::DiskFull,
                "the disk is nearly full: free some space, the next checkpoint may not fit",
            ),
        ] {
            let found = alarms_after(events);
            assert_eq!(found.iter().map(|alarm| alarm.problem).collect::<Vec<_>>(), [problem]);
            assert_eq!(found[0].text(Lang::En), format!("! {english}"));
            assert!(has_chinese(found[0].problem.chinese()) && has_chinese(&found[0].advice.chinese()));
        }
    }

    #[test]
    fn nothing_is_advised_when_training_has_ended() {
        let finished = Event::Finished { step: 1, reason: FinishReason::StepsDone };
        assert_eq!(alarms_after(vec![adversarial(18, 1), finished]), []);
    }

    #[test]
    fn a_held_out_loss_that_rises_in_pretraining_is_overfitting() {
        let found = alarms_after(vec![held_out(1, 5.0), held_out(2, 5.5)]);
        let expected = "! the held-out loss is rising: overfitting; fewer steps, more dropout or more poems";
        assert_eq!(found.iter().map(|alarm| alarm.text(Lang::En)).collect::<Vec<_>>(), [expected]);
        assert!(has_chinese(&found[0].advice.chinese()));
    }

    #[test]
    fn a_discriminator_that_warms_up_is_not_too_far_ahead() {
        let started = |warm_up: u64, total_steps: u64| Event::Started {
            run: "runs/a".to_owned(),
            run_id: String::new(),
            corpus: Default::default(),
            model: Default::default(),
            step: 0,
            total_steps,
            pretrain_steps: 0,
            settings: vec![("training.d_warmup_steps".to_owned(), warm_up.to_string())],
            runtime_settings: Vec::new(),
        };
        assert_eq!(alarms_after(vec![started(1, 9), adversarial(18, 1)]), []);
        assert_eq!(alarms_after(vec![started(0, 9), adversarial(18, 1)]).len(), 1);
        assert_eq!(alarms_after(vec![started(9, 1), adversarial(18, 1)]).len(), 1, "at most half of the phase");
    }

    #[test]
    fn a_command_names_a_value_where_it_is_known() {
        let command = |value| SetCommand { setting: RuntimeSetting::LikelihoodWeight, value };
        assert_eq!(command(Some(5e-4)).text(), ":set likelihood_weight 5e-4");
        assert_eq!(command(None).text(), ":set likelihood_weight");
    }
}
