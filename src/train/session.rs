//! Everything that has to be right before training can begin: corpus, run directory, tokenizer, models. What is wrong
//! here is told in one line, before any dashboard opens.

use std::collections::BTreeMap;

use anyhow::Result;

use super::options::TrainOptions;
use crate::config::Config;
use crate::corpus::{self, Corpus, MIN_POEMS};
use crate::discriminator::couplet;
use crate::error::UserError;
use crate::gan::data::Dataset;
use crate::gan::frozen_embeddings;
use crate::gan::models::{self, Models};
use crate::gan::runtime_settings;
use crate::gan::schedule;
use crate::nn::params::Weights;
use crate::nn::threads;
use crate::run::checkpoint;
use crate::run::state::{Cursor, State, VERSION};
use crate::run::event::{Event, Knob, Phase};
use crate::run::journal::Journal;
use crate::run::run_dir::{RunDir, RunError, Saved, read_tokenizer};
use crate::tokenizer::{Tokenizer, check_lengths};

/// A checkpoint in memory.
type Loaded = (State, BTreeMap<String, Weights>);

/// A run, ready to train.
pub struct Session {
    pub config: Config,
    pub run: RunDir,
    pub journal: Journal,
    pub tokenizer: Tokenizer,
    pub dataset: Dataset,
    pub models: Models,
    pub state: State,
    /// The first event, and what the user should know of how the run was found.
    pub news: Vec<Event>,
}

impl Session {
    /// Opens the run that `options` ask for: a new one, or the newest checkpoint of an old one.
    pub fn open(options: &TrainOptions) -> Result<Session> {
        threads::prepare();
        let corpus = corpus::read(&options.corpus)?;
        let mut notices = Vec::new();
        if options.fresh {
            // What is wrong with the settings has to be said before an old run is moved aside.
            options.settings.resolve(None)?;
        }
        let run = open_run(options, &mut notices)?;
        let saved = run.saved()?;
        let loaded = newest_checkpoint(&run, &mut notices)?;
        if loaded.is_some() && saved.is_none() {
            return Err(run.lacks_config().into());
        }
        let step = loaded.as_ref().map_or(0, |(state, _)| state.step);
        let config = options.settings.resolve(saved.as_ref().map(|saved| (&saved.config, step)))?;
        let tokenizer = tokenizer(&run, saved.as_ref(), &config, &corpus)?;
        check_lengths(&corpus, &tokenizer, config.model.max_line)?;
        if let Some(saved) = &saved {
            run.check(saved, (&config, &corpus.info), step, options.allow_changes)?;
        }
        let dataset = Dataset::new(&corpus, &tokenizer, &config);
        check_left_out(&corpus, &dataset, &mut notices)?;
        let vocab = tokenizer.vocab_size();
        let (models, mut state) = match loaded {
            Some(loaded) => (load_models((&run, &config), (&dataset, vocab), &loaded, &mut notices)?, loaded.0),
            None => (new_models(&config, (&dataset, vocab), &mut notices)?, new_state()),
        };
        run.describe(&config, &corpus.info)?;
        let config = turned_by_hand(config, &mut state, options.allow_changes, &mut notices);
        let journal = Journal::open(&run, state.step)?;
        let news = news(&run, &config, (&corpus, &dataset), &models, &state, notices);
        Ok(Session { config, run, journal, tokenizer, dataset, models, state, news })
    }

    /// The configuration of a step of the duel, with the discriminator's learning rate as it is now.
    pub fn duel_config(&self) -> Config {
        let mut config = self.config.clone();
        config.training.discriminator_learning_rate *= 0.5f64.powi(self.state.discriminator_halvings as i32);
        config
    }

    /// The part of the learning rates that is left after steps that were undone.
    pub fn caution(&self) -> f64 {
        0.5f64.powi(self.state.halvings as i32)
    }

    /// The settings with the learning rates that hold.
    pub fn careful_config(&self) -> Config {
        let mut config = self.duel_config();
        let training = &mut config.training;
        for rate in [
            &mut training.learning_rate,
            &mut training.generator_learning_rate,
            &mut training.discriminator_learning_rate,
        ] {
            *rate *= self.caution();
        }
        config
    }
}

/// The run directory, an old one moved aside if the user wants a new one.
fn open_run(options: &TrainOptions, notices: &mut Vec<String>) -> Result<RunDir> {
    let path = RunDir::locate(&options.corpus, options.run.as_deref());
    if !options.fresh {
        return Ok(RunDir::open(&path)?);
    }
    let (run, moved) = RunDir::open_fresh(&path)?;
    notices.extend(moved.map(|place| format!("the old run was moved to {}", place.display())));
    Ok(run)
}

/// The newest checkpoint that can be used, if the run has one.
fn newest_checkpoint(run: &RunDir, notices: &mut Vec<String>) -> Result<Option<Loaded>> {
    let newest = checkpoint::newest_valid(run.path())?;
    notices.extend(newest.iter().flat_map(|newest| &newest.skipped).map(|reason| format!("passed over: {reason}")));
    Ok(newest.map(|newest| checkpoint::load(&newest.path)).transpose()?)
}

/// The models of a checkpoint; but a discriminator that has not learned yet can have become another one since.
fn load_models(
    (run, config): (&RunDir, &Config),
    (dataset, vocab): (&Dataset, usize),
    (state, parts): &Loaded,
    notices: &mut Vec<String>,
) -> Result<Models> {
    let unfit = |why| RunError::Unfit { path: run.path().to_path_buf(), why };
    models::check_generator(config, vocab, parts).map_err(unfit)?;
    let fits = models::check_discriminator(config, vocab, parts);
    let is_other = fits.is_err() && state.discriminator_updates == 0;
    let mut models =
        if is_other { new_models(config, (dataset, vocab), notices)? } else { Models::new(config, vocab, None)? };
    models.load_generator(parts, state.phase, state.generator_updates)?;
    if is_other {
        models.renew_kinds(config)?;
        notices.push("the discriminator is another one than before; it has not learned anything yet".to_string());
    } else {
        fits.map_err(unfit)?;
        models.load_discriminator(parts, state.discriminator_updates)?;
    }
    Ok(models)
}

fn new_models(config: &Config, (dataset, vocab): (&Dataset, usize), notices: &mut Vec<String>) -> Result<Models> {
    let learned = frozen_embeddings::learn(config, dataset, vocab)?;
    notices.extend(learned.notices);
    let models = Models::new(config, vocab, learned.table)?;
    couplet::begin(&models.discriminator, &learned.company)?;
    Ok(models)
}

/// The settings as they were changed by hand before; but whoever changes them from the command line means those.
fn turned_by_hand(mut config: Config, state: &mut State, anew: bool, notices: &mut Vec<String>) -> Config {
    let told = |(knob, value): &(Knob, f32)| format!("{} = {value}", knob.name());
    let told = state.by_hand.iter().map(told).collect::<Vec<_>>().join(", ");
    if anew && !told.is_empty() {
        notices.push(format!("--allow-changes: no longer as set by hand: {told}"));
        state.by_hand.clear();
    } else if !told.is_empty() {
        notices.push(format!("as set by hand: {told}"));
    }
    state.by_hand.iter().for_each(|(knob, value)| runtime_settings::set(&mut config, *knob, *value));
    config
}

/// The tokenizer of the run; a new run learns one from the training poems and saves it.
fn tokenizer(run: &RunDir, saved: Option<&Saved>, config: &Config, corpus: &Corpus) -> Result<Tokenizer> {
    if saved.is_some() {
        return Ok(read_tokenizer(run.path())?);
    }
    let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training)?;
    crate::run::files::write_atomically(&run.tokenizer_file(), tokenizer.to_json()?.as_bytes())?;
    Ok(tokenizer)
}

/// Poems with characters or words that the vocabulary lacks are left out: an error if too few remain, and something to
/// tell if most of them go, or all that are held out.
fn check_left_out(corpus: &Corpus, dataset: &Dataset, notices: &mut Vec<String>) -> Result<(), UserError> {
    let all = corpus.training.len() + corpus.held_out.len();
    let (training, held_out) = dataset.left_out;
    let left_out = training + held_out;
    let why = "hold characters or words that are too rare for the vocabulary; lower tokenizer.min_count or raise \
               tokenizer.vocab_size (--vocab-size)";
    let (path, left) = (&corpus.info.path, all - left_out);
    // In a small corpus a held-out poem often holds a character that no other poem has: that alone is no reason.
    if (left < MIN_POEMS && training > 0) || dataset.buckets.is_empty() {
        let message =
            format!("{path}: {left} of {all} poems are left, and at least {MIN_POEMS} are needed: the others");
        return Err(UserError(format!("{message} {why}")));
    }
    if 2 * left_out > all {
        notices.push(format!("{left_out} of {all} poems are left out, since they {why}"));
    }
    if dataset.buckets.iter().all(|bucket| bucket.held_out.is_empty()) {
        let why = if corpus.held_out.is_empty() {
            "the poems are too much alike to hold some of them out"
        } else {
            "every held-out poem holds a character or word that is not in the vocabulary, or has a form of its own"
        };
        notices.push(format!("there is no held-out loss, and the newest checkpoint counts as the best: {why}"));
    }
    Ok(())
}

fn new_state() -> State {
    State {
        version: VERSION,
        step: 0,
        phase: Phase::Warmup,
        cursor: Cursor::default(),
        best: None,
        generator_updates: 0,
        discriminator_updates: 0,
        halvings: 0,
        discriminator_halvings: 0,
        lead: 0.0,
        by_hand: Vec::new(),
        elapsed_s: 0.0,
        tokens: 0,
    }
}

fn news(
    run: &RunDir,
    config: &Config,
    (corpus, dataset): (&Corpus, &Dataset),
    models: &Models,
    state: &State,
    notices: Vec<String>,
) -> Vec<Event> {
    let forms = dataset.buckets.iter().map(|bucket| format!("{} {}", bucket.form, bucket.training.len()));
    let started = Event::Started {
        run: run.path().display().to_string(),
        corpus: format!(
            "{}: {} poems to train on ({}), {} held out, {} left out for rare characters or words",
            corpus.info.path,
            dataset.n_training(),
            forms.collect::<Vec<_>>().join(", "),
            dataset.buckets.iter().map(|bucket| bucket.held_out.len()).sum::<usize>(),
            dataset.left_out.0 + dataset.left_out.1,
        ),
        model: format!(
            "{} generator of {:.2} M parameters, discriminator of {:.2} M, {} threads",
            format!("{:?}", config.model.generator).to_lowercase(),
            models.generator.count() as f64 / 1e6,
            models.discriminator.count() as f64 / 1e6,
            threads::count(),
        ),
        step: state.step,
        total_steps: config.training.total_steps(),
        warmup_steps: config.training.warmup_steps,
        config: config.to_toml().unwrap_or_default(),
    };
    let notices = notices.into_iter().map(|text| Event::Notice { step: state.step, text });
    std::iter::once(started).chain(notices).collect()
}
