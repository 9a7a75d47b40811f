//! Everything that has to be right before training can begin: corpus, run directory, tokenizer, models. What is wrong
//! here is told in one line, before any dashboard opens.

use std::fs;

use anyhow::Result;

use super::checkpoint::{self, State};
use super::data::{Cursor, Dataset};
use super::event::{Event, Phase};
use super::journal::Journal;
use super::models::Models;
use super::options::TrainOptions;
use super::run_dir::{RunDir, Saved};
use super::schedule;
use crate::config::Config;
use crate::corpus::{self, Corpus};
use crate::discriminator::rhyme;
use crate::generator::Marks;
use crate::nn::threads;
use crate::tokenizer::{Tokenizer, check_lengths};

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
        let path = RunDir::locate(&options.corpus, options.run.as_deref());
        let mut notices = Vec::new();
        let run = if options.fresh {
            let (run, moved) = RunDir::open_fresh(&path)?;
            notices.extend(moved.map(|place| format!("the old run was moved to {}", place.display())));
            run
        } else {
            RunDir::open(&path)?
        };
        let saved = run.saved()?;
        let newest = checkpoint::newest_valid(run.path())?;
        notices.extend(newest.iter().flat_map(|newest| &newest.skipped).map(|reason| format!("passed over: {reason}")));
        let loaded = newest.map(|newest| checkpoint::load(&newest.path)).transpose()?;
        let step = loaded.as_ref().map_or(0, |(state, _)| state.step);
        let config = options.settings.resolve(saved.as_ref().map(|saved| (&saved.config, step)))?;
        let tokenizer = tokenizer(&run, saved.as_ref(), &config, &corpus)?;
        check_lengths(&corpus, &tokenizer, config.model.max_line)?;
        if let Some(saved) = &saved {
            run.check(saved, (&config, &corpus.info), step, options.allow_changes)?;
        }
        let dataset = Dataset::new(&corpus, &tokenizer, &config);
        anyhow::ensure!(!dataset.buckets.is_empty(), too_rare(&corpus));
        let vocab = tokenizer.vocab_size();
        let (models, state) = match loaded {
            Some((state, parts)) => {
                let mut models = Models::new(&config, vocab, None)?;
                models.load(&parts, state.phase, (state.generator_updates, state.discriminator_updates))?;
                (models, state)
            }
            None => {
                (Models::new(&config, vocab, learn_rhyme(&config, &dataset, vocab, &mut notices)?)?, new_state(&config))
            }
        };
        run.describe(&config, &corpus.info)?;
        let journal = Journal::open(&run, state.step)?;
        let news = news(&run, &config, (&corpus, &dataset), &models, &state, notices);
        Ok(Session { config, run, journal, tokenizer, dataset, models, state, news })
    }
}

/// The tokenizer of the run; a new run learns one from the training poems and saves it.
fn tokenizer(run: &RunDir, saved: Option<&Saved>, config: &Config, corpus: &Corpus) -> Result<Tokenizer> {
    let file = run.tokenizer_file();
    if saved.is_some() {
        return Ok(Tokenizer::from_json(&fs::read_to_string(file)?)?);
    }
    let tokenizer = Tokenizer::train(&config.tokenizer, &corpus.training)?;
    super::files::write_atomically(&file, tokenizer.to_json()?.as_bytes())?;
    Ok(tokenizer)
}

/// The rhyme embedding of a new run, if its discriminator has a rhyme head.
fn learn_rhyme(
    config: &Config,
    dataset: &Dataset,
    vocab: usize,
    notices: &mut Vec<String>,
) -> Result<Option<candle_core::Tensor>> {
    if !config.discriminator.rhyme {
        return Ok(None);
    }
    let ends = |poems: &Vec<Vec<u32>>| poems.iter().map(|poem| line_ends(poem, dataset.marks)).collect::<Vec<_>>();
    let training: Vec<_> = dataset.buckets.iter().flat_map(|bucket| ends(&bucket.training)).collect();
    let held_out: Vec<_> = dataset.buckets.iter().flat_map(|bucket| ends(&bucket.held_out)).collect();
    let learned = rhyme::learn(&training, &held_out, vocab, config.discriminator.rhyme_embed, config.training.seed)?;
    notices.extend(learned.accuracy.map(|accuracy| {
        format!(
            "rhyme was learned from line ends: {:.0} % of held-out pairs are told right (chance: 50 %)",
            100.0 * accuracy
        )
    }));
    Ok(Some(learned.table))
}

/// The last token of each line that is more than punctuation.
fn line_ends(poem: &[u32], marks: Marks) -> Vec<u32> {
    let lines = poem.split(|&token| token == marks.line);
    lines.filter_map(|line| line.iter().rev().find(|&&token| token as usize >= marks.first_letter).copied()).collect()
}

fn too_rare(corpus: &Corpus) -> crate::error::UserError {
    crate::error::UserError(format!(
        "{}: every poem holds a character or word that is too rare for the vocabulary; lower tokenizer.min_count or raise \
         --vocab-size",
        corpus.info.path
    ))
}

fn new_state(config: &Config) -> State {
    State {
        version: checkpoint::VERSION,
        step: 0,
        phase: Phase::Warmup,
        cursor: Cursor::default(),
        best: None,
        generator_updates: 0,
        discriminator_updates: 0,
        halvings: 0,
        temperature: config.sampling.temperature,
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
            dataset.left_out,
        ),
        model: format!(
            "{} generator of {:.2} M parameters, discriminator of {:.2} M, {} threads",
            format!("{:?}", config.model.generator).to_lowercase(),
            models.generator.count() as f64 / 1e6,
            models.discriminator.count() as f64 / 1e6,
            threads::count(),
        ),
        step: state.step,
        total_steps: schedule::total_steps(&config.training),
        warmup_steps: config.training.warmup_steps,
    };
    let notices = notices.into_iter().map(|text| Event::Notice { step: state.step, text });
    std::iter::once(started).chain(notices).collect()
}
