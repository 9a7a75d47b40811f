//! The options of `train`, as plain data.

use crate::config::{Config, ConfigError, GeneratorKind, LossKind, PrecisionSetting, Relaxation, TokenizerKind};
use crate::corpus::ReadOptions;
use crate::run::changes::RunProgress;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// A file or a folder.
    pub corpus: PathBuf,
    /// How to read it.
    pub reading: ReadOptions,
    /// Name or path of the run; see `RunDir::locate`.
    pub run: Option<String>,
    /// Start over; an earlier run of that name is moved aside.
    pub fresh: bool,
    /// Model whose weights the generator starts from: `builtin`, a run, or a packed file.
    pub from: Option<String>,
    /// Resume although training settings have changed.
    pub allow_changes: bool,
    pub settings: Settings,
    /// Training ends after this time at the latest.
    pub time_limit: Option<Duration>,
    pub display: Display,
    /// Ring the terminal's bell at the end.
    pub bell: bool,
    /// The words of the command line, for the record in the run directory.
    pub command: Vec<String>,
}

/// How training is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    Dashboard,
    /// Log lines.
    Plain,
    /// Events as JSON lines on the standard output.
    Json,
}

/// A run that is resumed.
#[derive(Clone, Copy, Debug)]
pub struct Resumed<'a> {
    pub config: &'a Config,
    pub progress: RunProgress,
}

impl Resumed<'_> {
    /// The lengths of both phases for a run of `steps` whose pretraining is done: what it leaves goes to the adversarial phase.
    /// The steps that the run was planned with change nothing, although pretraining may have ended early.
    fn extended(&self, steps: u64) -> Option<(u64, u64)> {
        let training = &self.config.training;
        let (pretraining, adversarial) = (training.pretrain_steps, training.adversarial_steps);
        if steps == training.total_steps() {
            return Some((pretraining, adversarial));
        }
        steps.checked_sub(self.progress.pretraining(pretraining)).map(|adversarial| (pretraining, adversarial))
    }
}

/// Where the configuration comes from, and what the command line overrides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub preset: Option<String>,
    pub config_file: Option<PathBuf>,
    pub generator: Option<GeneratorKind>,
    /// Steps of the whole schedule.
    pub steps: Option<u64>,
    pub pretrain_steps: Option<u64>,
    pub adversarial_steps: Option<u64>,
    pub seed: Option<u64>,
    pub precision: Option<PrecisionSetting>,
    pub loss: Option<LossKind>,
    pub relaxation: Option<Relaxation>,
    pub n_critic: Option<u64>,
    pub tokenizer: Option<TokenizerKind>,
    pub vocab_size: Option<usize>,
}

impl Settings {
    /// Whether the length of the schedule is that of a preset.
    pub fn leaves_schedule_open(&self) -> bool {
        self.config_file.is_none() && (self.steps, self.pretrain_steps, self.adversarial_steps) == (None, None, None)
    }

    /// The configuration to train with. What is not set here stays as in the run that is `resumed`; a new run starts from
    /// the preset or the file.
    ///
    /// # Errors
    /// A file that cannot be read, or a value that makes no sense.
    pub fn resolve(&self, resumed: Option<Resumed>) -> Result<Config, ConfigError> {
        let preset = self.preset.as_deref();
        let mut config = match (&self.config_file, preset, resumed) {
            (Some(path), ..) => Config::load(path, preset)?,
            (None, Some(preset), _) => Config::preset(preset)?,
            (None, None, Some(run)) => run.config.clone(),
            (None, None, None) => Config::preset(crate::config::DEFAULT_PRESET)?,
        };
        set(&mut config.model.generator, self.generator);
        set(&mut config.training.seed, self.seed);
        set(&mut config.training.precision, self.precision);
        set(&mut config.training.loss, self.loss);
        set(&mut config.training.relaxation, self.relaxation);
        set(&mut config.training.n_critic, self.n_critic);
        set(&mut config.tokenizer.kind, self.tokenizer);
        set(&mut config.tokenizer.vocab_size, self.vocab_size);
        self.set_schedule(&mut config, resumed)?;
        config.validate()?;
        Ok(config)
    }

    /// `--steps` with one of the phases gives the rest to the other one. Alone, it cuts or extends both phases in
    /// proportion; but pretraining that is done keeps its length.
    fn set_schedule(&self, config: &mut Config, resumed: Option<Resumed>) -> Result<(), ConfigError> {
        let training = &mut config.training;
        let (pretraining, adversarial) = (training.pretrain_steps, training.adversarial_steps);
        let progress = resumed.map_or(RunProgress::default(), |run| run.progress);
        let done = progress.step;
        // With a preset or a file, `config` does not know how long pretraining of the run was.
        let pretrained = resumed.filter(|run| progress.is_pretrained(run.config.training.pretrain_steps));
        let wrong = |message| Err(ConfigError::Value { key: "--steps".to_string(), message });
        let split = match (self.steps, self.pretrain_steps, self.adversarial_steps) {
            (None, p, a) => Some((p.unwrap_or(pretraining), a.unwrap_or(adversarial))),
            (Some(steps), Some(p), None) => steps.checked_sub(p).map(|a| (p, a)),
            (Some(steps), None, Some(a)) => steps.checked_sub(a).map(|p| (p, a)),
            (Some(steps), Some(p), Some(a)) => (p.checked_add(a) == Some(steps)).then_some((p, a)),
            (Some(steps), None, None) => match pretrained {
                Some(run) => run.extended(steps),
                None => {
                    let share = pretraining as f64 / (pretraining.saturating_add(adversarial)).max(1) as f64;
                    let p = ((steps as f64 * share).round() as u64).clamp(done.min(steps), steps);
                    Some((p, steps - p))
                }
            },
        };
        // Fewer steps than pretraining has done cannot be split, and `--steps` alone is to blame.
        let steps = split.map_or(self.steps, |(p, a)| Some(progress.pretraining(p).saturating_add(a)));
        if let Some(steps) = steps.filter(|&steps| steps < done) {
            return wrong(format!("the run has done {done} steps already, more than {steps}; ask for more"));
        }
        let Some((pretraining, adversarial)) = split else {
            return wrong(
                "does not agree with --pretrain-steps and --adversarial-steps; leave one of them out".to_string(),
            );
        };
        (training.pretrain_steps, training.adversarial_steps) = (pretraining, adversarial);
        Ok(())
    }
}

fn set<T: Copy>(value: &mut T, wanted: Option<T>) {
    if let Some(wanted) = wanted {
        *value = wanted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(step: u64) -> RunProgress {
        RunProgress { step, pretraining_ended: None }
    }

    /// The phases of a tiny run (60 + 30 steps) that has done `done` of them.
    fn phases(settings: &Settings, done: u64) -> Result<(u64, u64), String> {
        phases_after(settings, done, None)
    }

    /// The same where pretraining may have ended early.
    fn phases_after(settings: &Settings, done: u64, pretraining_ended: Option<u64>) -> Result<(u64, u64), String> {
        let saved = Config::preset("tiny").unwrap();
        let progress = RunProgress { step: done, pretraining_ended };
        let config = settings.resolve(Some(Resumed { config: &saved, progress })).map_err(|error| error.to_string())?;
        Ok((config.training.pretrain_steps, config.training.adversarial_steps))
    }

    fn steps(steps: u64) -> Settings {
        Settings { steps: Some(steps), ..Settings::default() }
    }

    #[test]
    fn steps_cut_and_extend_both_phases() {
        assert_eq!(phases(&Settings::default(), 90), Ok((60, 30)));
        assert_eq!(phases(&steps(9), 0), Ok((6, 3)));
        assert_eq!(phases(&steps(900), 0), Ok((600, 300)));
        assert_eq!(phases(&steps(900), 60), Ok((600, 300)));
        assert_eq!(phases(&steps(60), 50), Ok((50, 10)));
    }

    #[test]
    fn what_is_done_stays_done() {
        assert_eq!(phases(&steps(900), 61), Ok((60, 840)));
        assert_eq!(phases(&steps(80), 80), Ok((60, 20)));
        let message = "--steps: the run has done 80 steps already, more than 70; ask for more";
        assert_eq!(phases(&steps(70), 80), Err(message.to_string()));
        let within_pretraining = "--steps: the run has done 80 steps already, more than 50; ask for more";
        assert_eq!(phases(&steps(50), 80), Err(within_pretraining.to_string()));
    }

    /// Pretraining ended after 40 of 60 steps.
    #[test]
    fn steps_count_from_where_pretraining_ended() {
        let after = |settings: &Settings, done| phases_after(settings, done, Some(40));
        for settings in [Settings::default(), steps(90), Settings { preset: Some("tiny".to_string()), ..steps(90) }] {
            assert_eq!([40, 50, 70].map(|done| after(&settings, done)), [(); 3].map(|()| Ok((60, 30))));
        }
        assert_eq!((after(&steps(75), 70), after(&steps(200), 40)), (Ok((60, 35)), Ok((60, 160))));
        let message = "--steps: the run has done 70 steps already, more than 65; ask for more";
        assert_eq!(after(&steps(65), 70), Err(message.to_string()));
    }

    #[test]
    fn the_same_command_resumes_in_either_phase() {
        let settings = Settings { preset: Some("tiny".to_string()), ..steps(900) };
        let begun = settings.resolve(None).unwrap();
        for done in [0, 500, 600, 601, 899] {
            assert_eq!(
                settings.resolve(Some(Resumed { config: &begun, progress: at(done) })).unwrap(),
                begun,
                "{done}"
            );
        }
    }

    #[test]
    fn one_phase_leaves_the_rest_to_the_other() {
        assert_eq!(phases(&Settings { pretrain_steps: Some(0), ..steps(50) }, 0), Ok((0, 50)));
        assert_eq!(phases(&Settings { adversarial_steps: Some(20), ..steps(50) }, 0), Ok((30, 20)));
        assert_eq!(phases(&Settings { pretrain_steps: Some(5), ..Settings::default() }, 0), Ok((5, 30)));
        let both = Settings { pretrain_steps: Some(5), adversarial_steps: Some(20), ..steps(25) };
        assert_eq!(phases(&both, 0), Ok((5, 20)));
        for wrong in [Settings { pretrain_steps: Some(51), ..steps(50) }, Settings { steps: Some(26), ..both }] {
            assert!(phases(&wrong, 0).unwrap_err().starts_with("--steps: does not agree with"));
        }
    }

    #[test]
    fn a_run_keeps_what_nobody_sets() {
        let mut saved = Config::preset("tiny").unwrap();
        saved.training.n_critic = 3;
        let settings = Settings { seed: Some(9), ..Settings::default() };
        let config = settings.resolve(Some(Resumed { config: &saved, progress: at(0) })).unwrap();
        assert_eq!((config.training.seed, config.training.n_critic, config.model.width), (9, 3, 32));
        let settings = Settings { preset: Some("small".to_string()), ..Settings::default() };
        assert_eq!(
            settings.resolve(Some(Resumed { config: &saved, progress: at(0) })).unwrap(),
            Config::preset("small").unwrap()
        );
        assert_eq!(Settings::default().resolve(None).unwrap(), Config::preset("base").unwrap());
    }

    proptest! {
        /// For any options, completed steps stay, given values apply, and the same command again changes nothing.
        #[test]
        fn schedules_agree_with_what_was_given(
            total in prop::option::of(0u64..300),
            pretraining in prop::option::of(0u64..200),
            adversarial in prop::option::of(0u64..200),
            done in 0u64..90,
        ) {
            let settings = Settings {
                steps: total,
                pretrain_steps: pretraining,
                adversarial_steps: adversarial,
                ..Settings::default()
            };
            let saved = Config::preset("tiny").unwrap();
            let Ok(config) = settings.resolve(Some(Resumed { config: &saved, progress: at(done) })) else { return Ok(()) };
            let training = &config.training;
            prop_assert!(training.total_steps() >= done);
            prop_assert!(total.is_none_or(|total| training.total_steps() == total));
            prop_assert!(pretraining.is_none_or(|steps| training.pretrain_steps == steps));
            prop_assert!(adversarial.is_none_or(|steps| training.adversarial_steps == steps));
            if (total, pretraining, adversarial) == (None, None, None) {
                prop_assert_eq!(&config, &saved);
            }
            let again = settings.resolve(Some(Resumed { config: &config, progress: at(done) }));
            prop_assert_eq!(again.unwrap(), config);
        }
    }
}
