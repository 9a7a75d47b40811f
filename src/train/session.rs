//! What has to be right before training begins: corpus, run directory, tokenizer, models. Errors here are reported in
//! one line, before any dashboard opens.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use super::base_model::BaseModel;
use super::forms;
use super::left_out;
use super::length;
use super::new_models::{Loaded, NewModels};
use super::options::{Resumed, TrainOptions};
use super::parts;
use super::precision;
use super::reading;
use super::work::WorkCosts;
use crate::cluster::Ranks;
use crate::config::{Config, GeneratorKind, ModelConfig};
use crate::corpus::{self, Corpus, HeldOutRule};
use crate::error::UserError;
use crate::gan::compute::Compute;
use crate::gan::data::Dataset;
use crate::gan::models::Models;
use crate::gan::steps::LrScales;
use crate::gan::{Gan, runtime_settings};
use crate::nn::precision::Precision;
use crate::nn::threads;
use crate::run::changes::{RunProgress, Saved, flat};
use crate::run::checkpoint::{self, Pointer};
use crate::run::event::{CorpusSummary, Event, ModelSummary, Phase};
use crate::run::files::{self, write_atomically};
use crate::run::journal::Journal;
use crate::run::notice::Notice;
use crate::run::run_dir::{RunDir, read_tokenizer};
use crate::run::runtime_setting::RuntimeSetting;
use crate::run::state::{Cursor, Pointers, RunState, VERSION};
use crate::theme::Themes;
use crate::tokenizer::{Tokenizer, check_lengths, select_held_out};
use crate::write::phrases::PhraseIndex;
use crate::write::rhyme_pairs::RhymePairs;

/// A run, ready to train.
pub struct Session {
    pub run: RunDir,
    pub journal: Journal,
    pub tokenizer: Tokenizer,
    pub gan: Gan,
    pub state: RunState,
    /// What the work takes, where it was measured.
    pub costs: Option<WorkCosts>,
    /// The first event of this process, and notices about how the run was found.
    pub opening_events: Vec<Event>,
}

impl Session {
    /// Opens the run that `options` name: a new one, or the newest checkpoint of an earlier one.
    ///
    /// # Errors
    /// A corpus, a run directory or settings that cannot be used.
    pub fn open(options: &TrainOptions, ranks: &Arc<Ranks>) -> Result<Session> {
        let path = RunDir::locate(&options.corpus, options.run.as_deref());
        let (is_new, mut moved) = (!path.exists(), None);
        let opened = Session::prepare(options, ranks, &mut moved);
        match (&opened, moved) {
            (Err(_), Some(moved)) => RunDir::restore(&path, &moved)?,
            (Err(_), None) if is_new => RunDir::remove_unfinished(&path),
            (Ok(session), _) => session.run.record_command(&options.command)?,
            _ => {}
        }
        opened
    }

    /// `moved`: where `--fresh` has moved an earlier run.
    fn prepare(options: &TrainOptions, ranks: &Arc<Ranks>, moved: &mut Option<PathBuf>) -> Result<Session> {
        threads::prepare();
        let mut corpus = corpus::read(&options.corpus, &options.reading)?;
        let mut notices = reading::notices(&corpus);
        if options.fresh {
            // Wrong settings have to be reported before the earlier run is moved aside.
            options.settings.resolve(None)?;
        }
        let mut run = open_run(options, moved)?;
        notices.extend(moved.iter().map(|path| Notice::RunMoved { path: path.display().to_string() }));
        let (saved, loaded) = earlier(&run, options, &mut notices)?;
        let progress = loaded.as_ref().map_or(RunProgress::default(), |loaded| loaded.state.progress());
        let base = options.from.as_deref().filter(|_| loaded.is_none()).map(BaseModel::open).transpose()?;
        let mut config = resolved(options, saved.as_ref(), progress, base.as_ref())?;
        notices.extend(parts::settle(&mut config.training, saved.as_ref(), loaded.as_ref(), ranks)?);
        select(&mut corpus, &config, saved.as_ref());
        let tokenizer = open_tokenizer(&run, saved.as_ref(), base.as_ref(), &config, &corpus)?;
        check_lengths(&corpus, &tokenizer, config.model.max_line)?;
        forms::check(&tokenizer, &config.model)?;
        let mut dataset = Dataset::new(&corpus, &tokenizer, &config);
        corpus.info.left_out = dataset.left_out;
        notices.extend(length::of_corpus(&mut config.training, &dataset, options, saved.is_some()));
        if let Some(saved) = &saved {
            length::of_plan(&mut config.training, &run, options, saved)?;
            run.check(saved, &now(&config, &corpus)?, progress, options.allow_changes)?;
        }
        left_out::check(&corpus, &dataset, base.as_ref(), &mut notices)?;
        notices.extend(index_corpus(&run, &corpus, &tokenizer)?);
        let new = NewModels { config: &config, dataset: &dataset, tokenizer: &tokenizer, base: base.as_ref() };
        let is_resumed = loaded.is_some();
        let (models, mut state) = models(&new, &mut run, loaded, options, &mut notices)?;
        dataset.themes = Themes::of_weights(&models.average.weights)?;
        let compute = Compute { precision: state.precision, parts: config.training.parts, ranks: Arc::clone(ranks) };
        let costs = if saved.is_none() { length::costs(&config, options, &dataset, &models, &compute)? } else { None };
        notices.extend(length::of_time(&mut config.training, &run, options.time_limit, costs.as_ref())?);
        run.describe(&config, &corpus.info)?;
        let config = with_runtime_settings(config, &mut state, options.allow_changes, &mut notices)?;
        let journal = Journal::open(&run, is_resumed.then_some(state.step))?;
        let gan = Gan { compute, ..Gan::new(config, dataset, models, state.cursor) };
        let mut opening_events = opening_events(&run, &gan, &corpus, &state, notices);
        // The process that wrote the checkpoint may have ended before it could say so.
        opening_events.splice(..0, (is_resumed && !journal.tells_checkpoint).then(|| checkpoint_event(&run, &state)));
        Ok(Session { run, journal, tokenizer, gan, state, costs, opening_events })
    }

    /// The settings with the learning rates that apply.
    pub fn scaled_config(&self) -> Config {
        let (mut config, scales) = (self.gan.config.clone(), lr_scales(&self.state));
        let training = &mut config.training;
        training.learning_rate *= scales.all;
        training.generator_learning_rate *= scales.all;
        training.discriminator_learning_rate *= scales.discriminator * scales.all;
        config
    }
}

/// The settings of the run at `step`, with the architecture of the model that it starts from.
fn resolved(
    options: &TrainOptions,
    saved: Option<&Saved>,
    progress: RunProgress,
    base: Option<&BaseModel>,
) -> Result<Config> {
    let resumed = saved.map(|saved| Resumed { config: &saved.config, progress });
    let mut config = options.settings.resolve(resumed)?;
    match (base, saved) {
        (Some(base), _) => base.configure(&mut config),
        (None, Some(saved)) if options.from.is_some() => {
            config.model = ModelConfig { dropout: config.model.dropout, ..saved.config.model.clone() };
        }
        _ => return Ok(config),
    }
    config.validate()?;
    Ok(config)
}

/// Refuses to resume a run that began otherwise than `--from` says.
fn check_from(run: &RunDir, options: &TrainOptions, loaded: Option<&Loaded>) -> Result<(), UserError> {
    let (Some(from), Some(loaded)) = (&options.from, loaded) else { return Ok(()) };
    if loaded.state.from.as_ref() == Some(from) {
        return Ok(());
    }
    let began = loaded.state.from.as_ref().map_or("without --from".to_string(), |from| format!("with --from {from}"));
    Err(UserError(format!(
        "{}: this run began {began}, and --from {from} would be ignored; use --fresh to start over (the earlier run is \
         kept) or --run NAME for another run",
        run.path().display()
    )))
}

/// Factors on the learning rates after the halvings so far.
pub fn lr_scales(state: &RunState) -> LrScales {
    let scale = |halvings: u32| 0.5f64.powi(halvings as i32);
    LrScales { all: scale(state.lr_halvings), discriminator: scale(state.d_lr_halvings) }
}

/// The run directory; with `--fresh` an earlier run is moved aside, to `moved`.
fn open_run(options: &TrainOptions, moved: &mut Option<PathBuf>) -> Result<RunDir> {
    let path = RunDir::locate(&options.corpus, options.run.as_deref());
    let run = if options.fresh {
        let (run, place) = RunDir::open_fresh(&path)?;
        *moved = place;
        run
    } else {
        RunDir::open(&path)?
    };
    checkpoint::clean(&run)?;
    Ok(run)
}

/// What the run was made with and its newest checkpoint, where there are any.
fn earlier(run: &RunDir, options: &TrainOptions, notices: &mut Vec<Notice>) -> Result<(Option<Saved>, Option<Loaded>)> {
    let saved = run.saved()?;
    let loaded = newest_checkpoint(run, notices)?;
    if loaded.is_some() && saved.is_none() {
        return Err(run.lacks_config().into());
    }
    check_from(run, options, loaded.as_ref())?;
    Ok((saved, loaded))
}

/// The newest checkpoint that can be used, if the run has one.
fn newest_checkpoint(run: &RunDir, notices: &mut Vec<Notice>) -> Result<Option<Loaded>> {
    let Some(newest) = checkpoint::newest_valid(run.path())? else { return Ok(None) };
    notices.extend(newest.skipped.into_iter().map(|reason| Notice::CheckpointSkipped { reason }));
    let (state, parts) = checkpoint::load(&newest.path)?;
    Ok(Some(Loaded { state, parts }))
}

/// The settings with the end of pretraining, if it came early, and with what was changed while the run trained;
/// `--allow-changes` drops those changes.
fn with_runtime_settings(
    mut config: Config,
    state: &mut RunState,
    allow_changes: bool,
    notices: &mut Vec<Notice>,
) -> Result<Config> {
    config.training.pretrain_steps = state.pretraining_ended.unwrap_or(config.training.pretrain_steps);
    let settings = state.runtime_settings.clone();
    if settings.is_empty() {
        return Ok(config);
    }
    if allow_changes {
        state.runtime_settings.clear();
        notices.push(Notice::RuntimeSettingsDropped { settings });
    } else {
        settings.iter().for_each(|(setting, value)| runtime_settings::set(&mut config, *setting, *value));
        // A value that could not have been set while training is one of a damaged file.
        config.validate().map_err(|error| {
            UserError(format!("a setting that was changed while training is wrong: {error}; --allow-changes drops it"))
        })?;
        notices.push(Notice::RuntimeSettingsKept { settings });
    }
    Ok(config)
}

/// Selects the held-out poems as the run did when it began.
fn select(corpus: &mut Corpus, config: &Config, saved: Option<&Saved>) {
    if saved.map_or(HeldOutRule::Writable, Saved::held_out_rule) == HeldOutRule::Writable {
        select_held_out(corpus, &config.tokenizer);
    }
}

/// The tokenizer of the run; a new run extends that of its base model, or learns one from the training poems and saves it.
fn open_tokenizer(
    run: &RunDir,
    saved: Option<&Saved>,
    base: Option<&BaseModel>,
    config: &Config,
    corpus: &Corpus,
) -> Result<Tokenizer> {
    if saved.is_some() {
        return Ok(read_tokenizer(run.path())?);
    }
    let tokenizer = match base {
        Some(base) => base.tokenizer().extended(&config.tokenizer, &corpus.training)?,
        None => Tokenizer::train(&config.tokenizer, &corpus.training)?,
    };
    write_atomically(&run.tokenizer_file(), tokenizer.to_json()?.as_bytes())?;
    Ok(tokenizer)
}

/// Writes what `write` needs to know of the corpus, or says what is missing.
fn index_corpus(run: &RunDir, corpus: &Corpus, tokenizer: &Tokenizer) -> Result<Option<Notice>> {
    keep_rhymes(run, corpus)?;
    index_phrases(run, corpus, tokenizer)
}

/// Writes an index of the phrases of the corpus, so that `write` can avoid them, or says that there are too many. A run that
/// has a sound one keeps it.
fn index_phrases(run: &RunDir, corpus: &Corpus, tokenizer: &Tokenizer) -> Result<Option<Notice>> {
    if matches!(PhraseIndex::read(&run.phrases_file()), Ok(Some(_))) {
        return Ok(None);
    }
    match PhraseIndex::of(tokenizer, &corpus.lines()) {
        Ok(index) => write_atomically(&run.phrases_file(), &index.to_bytes()).map(|()| None).map_err(Into::into),
        Err(phrases) => Ok(Some(Notice::PhrasesNotIndexed { phrases })),
    }
}

/// Writes which lines of the corpus rhyme, for `write`. A run that has a sound file keeps it.
fn keep_rhymes(run: &RunDir, corpus: &Corpus) -> Result<()> {
    if RhymePairs::read(&run.rhymes_file()).is_some() {
        return Ok(());
    }
    Ok(write_atomically(&run.rhymes_file(), serde_json::to_string(&RhymePairs::of(&corpus.training))?.as_bytes())?)
}

fn initial_state(from: Option<String>) -> RunState {
    RunState {
        from,
        version: VERSION,
        run_id: String::new(),
        step: 0,
        phase: Phase::Pretraining,
        cursor: Cursor::default(),
        best: None,
        pointers: Pointers::default(),
        threads: 0,
        precision: Precision::F32,
        precision_setting: None,
        generator_updates: 0,
        discriminator_updates: 0,
        lr_halvings: 0,
        d_lr_halvings: 0,
        d_margin_ema: 0.0,
        pretraining_ended: None,
        runtime_settings: Vec::new(),
        elapsed_s: 0.0,
        tokens: 0,
    }
}

/// The models and the settled state of a checkpoint, or those of a new run.
fn models(
    new: &NewModels,
    run: &mut RunDir,
    loaded: Option<Loaded>,
    options: &TrainOptions,
    notices: &mut Vec<Notice>,
) -> Result<(Models, RunState)> {
    let is_resumed = loaded.is_some();
    let (models, mut state) = match loaded {
        Some(loaded) => (new.load(run, &loaded, notices)?, loaded.state),
        None => (new.begin(notices)?, initial_state(options.from.clone())),
    };
    notices.extend(precision::settle(&mut state, is_resumed, new.config.training.precision));
    settle(run, &mut state, new.config.training.keep_checkpoints)?;
    Ok((models, state))
}

/// What the run would be made with now.
fn now(config: &Config, corpus: &Corpus) -> Result<Saved> {
    Ok(Saved { config: config.clone(), corpus: serde_json::to_value(&corpus.info)? })
}

/// Settles what a state may lack: the id of the run, the pointers. An earlier process may have ended before it wrote the files of
/// the pointers, or removed the last old checkpoint.
fn settle(run: &mut RunDir, state: &mut RunState, keep: usize) -> Result<()> {
    state.run_id = run.settle_id(&state.run_id)?;
    Pointer::complete(run, state);
    Pointer::write_all(run, state)?;
    state.threads = threads::count();
    Ok(checkpoint::prune(run, state, keep)?)
}

/// The event of the checkpoint of the step of `state`.
fn checkpoint_event(run: &RunDir, state: &RunState) -> Event {
    let path = checkpoint::path_of(run, state.step);
    let (room, best) = (files::room_for(&path), state.best.map(|best| best.step));
    Event::Checkpoint { step: state.step, path: path.display().to_string(), room, best }
}

/// The started event, and a notice event for each of `notices`.
fn opening_events(run: &RunDir, gan: &Gan, corpus: &Corpus, state: &RunState, notices: Vec<Notice>) -> Vec<Event> {
    let Gan { config, dataset, models, .. } = gan;
    let value = |setting| (setting, runtime_settings::get(config, setting, state.step + 1));
    let started = Event::Started {
        run: run.path().display().to_string(),
        run_id: state.run_id.clone(),
        corpus: CorpusSummary {
            path: corpus.info.path.clone(),
            forms: dataset.buckets.iter().map(|bucket| (bucket.form.to_string(), bucket.training.len())).collect(),
            held_out: dataset.buckets.iter().map(|bucket| bucket.held_out.len()).sum(),
            left_out: dataset.left_out.total(),
        },
        model: ModelSummary {
            generator: match config.model.generator {
                GeneratorKind::Transformer => "transformer".to_string(),
                GeneratorKind::Lstm => "lstm".to_string(),
            },
            generator_parameters: models.generator.count(),
            discriminator_parameters: models.discriminator.count(),
            threads: threads::count(),
            precision: gan.compute.precision,
            ranks: gan.compute.ranks.size,
        },
        step: state.step,
        total_steps: config.training.total_steps(),
        pretrain_steps: config.training.pretrain_steps,
        settings: flat(config).unwrap_or_default().into_iter().collect(),
        runtime_settings: RuntimeSetting::ALL.into_iter().map(value).collect(),
    };
    let notices = notices.into_iter().map(|notice| Event::Notice { step: state.step, notice });
    std::iter::once(started).chain(notices).collect()
}
