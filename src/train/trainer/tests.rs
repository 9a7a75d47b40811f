use super::*;
use crate::cluster::Ranks;
use crate::gan::models::Models;
use crate::run::checkpoint;
use crate::run::event::{Phase, Turn};
use crate::run::notice::Rollback;
use crate::run::runtime_setting::RuntimeSetting;
use crate::train::options::{Display, Settings, TrainOptions};

fn options(folder: &std::path::Path, pretrain_steps: u64) -> TrainOptions {
    TrainOptions {
        corpus: "corpora/sonnets.txt".into(),
        reading: Default::default(),
        run: Some(folder.join("run").display().to_string()),
        fresh: false,
        from: None,
        allow_changes: false,
        settings: Settings { preset: Some("tiny".into()), pretrain_steps: Some(pretrain_steps), ..Settings::default() },
        time_limit: None,
        display: Display::Plain,
        bell: false,
        command: Vec::new(),
    }
}

fn alone() -> std::sync::Arc<Ranks> {
    std::sync::Arc::new(Ranks::ALONE)
}

fn trainer(folder: &std::path::Path, pretrain_steps: u64) -> Trainer {
    let (events, _) = std::sync::mpsc::sync_channel(1);
    let (_, commands) = std::sync::mpsc::channel();
    let mut session = Session::open(&options(folder, pretrain_steps), &alone()).unwrap();
    session.gan.config.training.d_warmup_steps = 0;
    Trainer::new(session, events, commands, None)
}

/// All weights and moments, as numbers.
fn contents(trainer: &Trainer) -> Vec<Vec<f32>> {
    let parts = trainer.session.gan.models.parts().unwrap();
    let tensors = parts.iter().flat_map(|(_, weights)| weights.values());
    tensors.map(|tensor| tensor.flatten_all().unwrap().to_vec1().unwrap()).collect()
}

#[test]
fn a_step_that_is_not_finite_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trainer(folder.path(), 0);
    trainer.advance().unwrap();
    let (before, sound) = (contents(&trainer), trainer.session.gan.config.training.beta_start);
    // The discriminator's half of the step goes well; the generator's gradient is inf * 0.
    trainer.session.gan.config.training.beta_start = f64::INFINITY;
    trainer.advance().unwrap();
    assert!(contents(&trainer) == before);
    assert_eq!((trainer.session.state.lr_halvings, trainer.undone), (1, 1));
    trainer.session.gan.config.training.beta_start = sound;
    trainer.advance().unwrap();
    assert!(contents(&trainer) != before);
    assert_eq!((trainer.session.state.lr_halvings, trainer.undone), (1, 0));
}

#[test]
fn only_the_discriminator_trains_in_its_warm_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trainer(folder.path(), 0);
    trainer.session.gan.config.training.d_warmup_steps = 1;
    let weights = |trainer: &Trainer| {
        let models = &trainer.session.gan.models;
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

/// An adversarial step whose generator writes one token only.
fn collapse(trainer: &mut Trainer) {
    let bias = trainer.session.gan.models.average.weights["bias"].dims1().unwrap();
    let bias = (0..bias).map(|token| if token == bias - 1 { 99.0f32 } else { 0.0 }).collect::<Vec<_>>();
    let bias = candle_core::Tensor::from_vec(bias.clone(), bias.len(), &candle_core::Device::Cpu).unwrap();
    trainer.session.gan.models.average.weights.insert("bias".to_string(), bias);
    trainer.advance().unwrap();
}

#[test]
fn adversarial_training_lost_from_its_beginning_begins_with_the_first_discriminator() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trainer(folder.path(), 1);
    let training = &mut trainer.session.gan.config.training;
    (training.held_out_every, training.checkpoint_every) = (1, 1);
    trainer.advance().unwrap();
    let state = |trainer: &Trainer| {
        let numbers = |x: candle_core::Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let weights = trainer.session.gan.models.discriminator_state().into_values();
        weights.map(|x| numbers(x.copy().unwrap())).collect::<Vec<_>>()
    };
    let first = state(&trainer);
    collapse(&mut trainer);
    assert_eq!(trainer.session.state.d_lr_halvings, 1);
    assert!(state(&trainer) == first);
}

#[test]
fn a_collapsed_generator_goes_back_to_the_best_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trainer(folder.path(), 0);
    let training = &mut trainer.session.gan.config.training;
    (training.held_out_every, training.checkpoint_every) = (1, 1);
    trainer.advance().unwrap();
    let before = contents(&trainer);
    collapse(&mut trainer);
    assert_eq!((trainer.session.state.step, trainer.session.state.d_lr_halvings), (2, 1));
    assert!(contents(&trainer) == before);
    let journal = std::fs::read_to_string(folder.path().join("run/metrics.jsonl")).unwrap();
    let log = std::fs::read_to_string(folder.path().join("run/log.txt")).unwrap_or_default();
    let told = "back to the weights of step 1; discriminator learning rate halved";
    assert!(journal.contains(told) || log.contains(told), "{journal}{log}");
    trainer.advance().unwrap();
    assert!(contents(&trainer) != before);
}

/// A trainer and the other ends of its channels.
fn connected(
    folder: &std::path::Path,
) -> (Trainer, std::sync::mpsc::Receiver<Event>, std::sync::mpsc::Sender<Command>) {
    let mut trainer = trainer(folder, 0);
    let (events, told) = std::sync::mpsc::sync_channel(1000);
    let (asked, commands) = std::sync::mpsc::channel();
    trainer.channel = Channel::new(events, commands);
    (trainer, told, asked)
}

#[test]
fn a_step_taken_turn_by_turn_is_the_same_step() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut watched, told, asked) = connected(one.path());
    let n_critic = watched.session.gan.config.training.n_critic;
    asked.send(Command::Pause).unwrap();
    (0..=n_critic).for_each(|_| asked.send(Command::Turn).unwrap());
    asked.send(Command::Resume).unwrap();
    assert!(watched.run_commands().unwrap());
    watched.advance().unwrap();
    assert!(watched.run_commands().unwrap() && !watched.channel.by_turns);
    let mut plain = trainer(other.path(), 0);
    plain.advance().unwrap();
    assert!(contents(&watched) == contents(&plain));
    let turns: Vec<String> = told
        .try_iter()
        .filter_map(|event| match event {
            Event::Turn { step: 1, turn: Turn::Discriminator { number, .. } } => Some(format!("D{number}")),
            Event::Turn { step: 1, turn: Turn::Generator { .. } } => Some("G".to_string()),
            Event::Paused { .. } => Some("pause".to_string()),
            Event::Resumed { .. } => Some("resume".to_string()),
            _ => None,
        })
        .collect();
    let discriminator = (1..=n_critic).map(|number| format!("D{number}"));
    let expected: Vec<String> = std::iter::once("pause".to_string())
        .chain(discriminator)
        .chain(["G", "pause", "resume"].map(String::from))
        .collect();
    assert_eq!(turns, expected);
}

#[test]
fn what_is_asked_in_the_middle_of_a_step_is_done_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trainer, told, asked) = connected(folder.path());
    for command in [Command::Pause, Command::Turn, Command::Note("here".into()), Command::Stop] {
        asked.send(command).unwrap();
    }
    assert!(trainer.run_commands().unwrap());
    trainer.advance().unwrap();
    assert!(!trainer.run_commands().unwrap(), "the user wants to stop");
    assert_eq!(trainer.session.state.step, 1);
    assert!(told.try_iter().any(|event| event == Event::Note { step: 1, note: "here".into() }));
}

#[test]
fn a_knob_changes_the_settings_and_who_goes_on_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trainer, told, asked) = connected(folder.path());
    let values = [0.7, 3.0, 0.0003, 0.0002, 0.0004, 5.0, 0.25];
    for (setting, value) in RuntimeSetting::ALL.into_iter().zip(values) {
        asked.send(Command::Set(setting, value)).unwrap();
    }
    assert!(trainer.run_commands().unwrap());
    let training = &trainer.session.gan.config.training;
    assert_eq!((trainer.session.gan.config.sampling.temperature, training.n_critic), (0.7, 5));
    let rates = (training.learning_rate, training.generator_learning_rate, training.discriminator_learning_rate);
    assert_eq!((rates, training.likelihood_weight), ((0.0003, 0.0002, 0.0004), 0.25));
    assert_eq!((training.beta_start, training.beta_end), (3.0, 3.0));
    let file = trainer.session.run.saved().unwrap().unwrap().config;
    assert_eq!(file.training.n_critic, 1, "the file stays, so the same command fits");
    let changed = |event| if let Event::Changed { setting, to, .. } = event { Some((setting, to)) } else { None };
    let told: Vec<(RuntimeSetting, f32)> = told.try_iter().filter_map(changed).collect();
    assert_eq!(told, RuntimeSetting::ALL.into_iter().zip(values).collect::<Vec<_>>());
    trainer.save(false).unwrap();
    let set = trainer.session.gan.config.training.clone();
    drop(trainer);
    let again = self::trainer(folder.path(), 0);
    assert_eq!((again.session.gan.config.training.n_critic, again.session.gan.config.training.beta_start), (5, 3.0));
    assert_eq!(again.session.gan.config.training.likelihood_weight, set.likelihood_weight);
    assert_eq!(again.session.gan.config.sampling.temperature, 0.7);
    drop(again);
    let anew = Session::open(&TrainOptions { allow_changes: true, ..options(folder.path(), 0) }, &alone()).unwrap();
    assert_eq!(
        (anew.gan.config.training.n_critic, anew.gan.config.sampling.temperature),
        (1, 1.0),
        "the command line holds"
    );
    assert!(anew.state.runtime_settings.is_empty());
}

#[test]
fn a_value_that_makes_no_sense_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trainer, told, asked) = connected(folder.path());
    let before = trainer.session.gan.config.clone();
    for (setting, value) in
        [(RuntimeSetting::NCritic, 0.0), (RuntimeSetting::Beta, f32::NAN), (RuntimeSetting::Temperature, -1.0)]
    {
        asked.send(Command::Set(setting, value)).unwrap();
    }
    assert!(trainer.run_commands().unwrap());
    assert!(trainer.session.gan.config == before && trainer.session.state.runtime_settings.is_empty());
    let refused = |event| matches!(event, Event::Notice { notice: Notice::SettingRefused { .. }, .. });
    assert_eq!(told.try_iter().filter(|event| refused(event.clone())).count(), 3);
}

#[test]
fn going_back_at_a_step_that_was_saved_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trainer, _told, asked) = connected(folder.path());
    let training = &mut trainer.session.gan.config.training;
    (training.held_out_every, training.checkpoint_every) = (1, 1);
    trainer.advance().unwrap();
    let best = contents(&trainer);
    (trainer.session.gan.config.training.held_out_every, trainer.session.gan.config.training.checkpoint_every) =
        (100, 100);
    trainer.advance().unwrap();
    for command in [Command::CheckpointNow, Command::BackToBest, Command::Stop] {
        asked.send(command).unwrap();
    }
    trainer.train().unwrap();
    assert!(contents(&trainer) == best);
    let (state, parts) = checkpoint::load(&checkpoint::path_of(&trainer.session.run, 2)).unwrap();
    let config = &trainer.session.gan.config;
    let mut models = Models::new(config, trainer.session.tokenizer.vocab_size(), None).unwrap();
    models.load_generator(config, &parts, state.phase, state.generator_updates).unwrap();
    let flat = |weights: candle_core::Tensor| weights.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let saved: Vec<Vec<f32>> = models.generator.snapshot().unwrap().into_values().map(flat).collect();
    let now: Vec<Vec<f32>> = trainer.session.gan.models.generator.snapshot().unwrap().into_values().map(flat).collect();
    assert!(saved == now, "the checkpoint holds what was gone back to");
}

#[test]
fn a_wrong_setting_does_not_move_the_old_run_aside() {
    let folder = tempfile::tempdir().unwrap();
    drop(trainer(folder.path(), 4));
    let mut anew = TrainOptions { fresh: true, ..options(folder.path(), 4) };
    anew.settings.vocab_size = Some(1);
    assert!(Session::open(&anew, &alone()).is_err());
    assert!(!folder.path().join("run.old-1").exists());
    anew.settings.vocab_size = None;
    Session::open(&anew, &alone()).unwrap();
    assert!(folder.path().join("run.old-1").exists());
}

#[test]
fn a_checkpoint_in_a_pause_does_not_count_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trainer, _told, asked) = connected(folder.path());
    std::thread::spawn(move || {
        asked.send(Command::Pause).unwrap();
        std::thread::sleep(Duration::from_millis(800));
        asked.send(Command::CheckpointNow).unwrap();
        asked.send(Command::Resume).unwrap();
    });
    while !trainer.channel.by_turns && trainer.session.state.elapsed_s == 0.0 {
        assert!(trainer.run_commands().unwrap());
    }
    assert!(trainer.session.state.elapsed_s < 0.7, "{} s", trainer.session.state.elapsed_s);
}

#[test]
fn a_run_whose_checkpoints_are_gone_does_not_begin_anew_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trainer(folder.path(), 4);
    trainer.advance().unwrap();
    trainer.evaluate().unwrap();
    trainer.save(true).unwrap();
    drop(trainer);
    std::fs::remove_dir_all(folder.path().join("run/checkpoints")).unwrap();
    let error = Session::open(&options(folder.path(), 4), &alone()).err().unwrap().to_string();
    assert!(error.starts_with("no checkpoint can be used (") && error.contains("step-00000001 is gone"), "{error}");
}

#[test]
fn going_back_in_pretraining_stays_in_pretraining() {
    let folder = tempfile::tempdir().unwrap();
    let mut trainer = trainer(folder.path(), 8);
    let every = |trainer: &mut Trainer, steps| {
        let training = &mut trainer.session.gan.config.training;
        (training.held_out_every, training.checkpoint_every) = (steps, steps);
    };
    every(&mut trainer, 1);
    trainer.advance().unwrap();
    let best = contents(&trainer);
    every(&mut trainer, 100);
    trainer.advance().unwrap();
    assert!(contents(&trainer) != best);
    assert_eq!(trainer.roll_back().unwrap(), Rollback::Restored { step: 1 });
    assert!(contents(&trainer) == best, "with the moments of its optimiser");
    assert_eq!(
        (trainer.session.state.phase, trainer.session.gan.models.generator_optimizer.updates()),
        (Phase::Pretraining, 1)
    );
}

#[test]
fn the_journal_tells_what_the_user_did_not_see() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trainer, told, asked) = connected(folder.path());
    for command in [Command::Freeze(true), Command::Freeze(false), Command::Stop] {
        asked.send(command).unwrap();
    }
    trainer.train().unwrap();
    drop(told);
    let journal = crate::run::journal::read(&trainer.session.run.metrics_file()).unwrap();
    let texts = journal.filter_map(|event| match event {
        Event::Notice { notice: Notice::DisplayFrozen { frozen }, .. } => Some(frozen),
        _ => None,
    });
    assert_eq!(texts.collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_is_set_runtime_settings_is_what_holds_and_is_saved_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut trainer, told, asked) = connected(folder.path());
    trainer.advance().unwrap();
    (trainer.session.state.d_lr_halvings, trainer.session.state.lr_halvings) = (1, 1);
    let before = trainer.session.gan.config.training.discriminator_learning_rate;
    asked.send(Command::Set(RuntimeSetting::DiscriminatorLearningRate, 5e-4)).unwrap();
    assert!(trainer.run_commands().unwrap());
    assert_eq!(trainer.session.scaled_config().training.discriminator_learning_rate, 5e-4);
    let changed = told.try_iter().find_map(|event| match event {
        Event::Changed { from, to, .. } => Some((from, to)),
        _ => None,
    });
    assert_eq!(changed, Some((before as f32 / 4.0, 5e-4)));
    // A process that is killed now has lost nothing of it.
    let (state, _) = checkpoint::load(&checkpoint::path_of(&trainer.session.run, 1)).unwrap();
    assert_eq!(state.runtime_settings, [(RuntimeSetting::DiscriminatorLearningRate, 5e-4)]);
    assert_eq!(state.d_lr_halvings, 0);
}
