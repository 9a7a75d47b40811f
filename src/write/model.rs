//! Trained models from a run directory, a checkpoint, a packed file, or the one built into the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use candle_core::Tensor;
use safetensors::SafeTensorError;

use super::choice::{CheckpointChoice, checkpoint_path, is_checkpoint, newest_checkpoint};
use super::constraints::LearnedRhymes;
use super::phrases::PhraseIndex;
use super::rhyme_pairs::RhymePairs;
use crate::config::{Config, ModelConfig, TokenizerKind};
use crate::corpus::Form;
use crate::error::UserError;
use crate::gan::data::special_tokens;
use crate::gan::models::{check_discriminator, check_generator, scoring_weights};
use crate::generator::{Rules, segments};
use crate::lang::Lang;
use crate::nn::params::Weights;
use crate::run::changes::Saved;
use crate::run::checkpoint::{self, CheckpointError, Pointer};
use crate::run::run_dir::{PHRASES, RHYMES, RunError, read_tokenizer};
use crate::run::state::RunState;
use crate::theme::Themes;
use crate::tokenizer::Tokenizer;

/// The built-in model.
pub(super) const EMBEDDED: &[u8] = include_bytes!("../../models/tang.safetensors");

/// A checkpoint in memory.
type Loaded = (RunState, BTreeMap<String, Weights>);

/// A trained model, ready to generate.
pub struct Model {
    pub config: Config,
    pub tokenizer: Tokenizer,
    pub generator: Weights,
    /// `None` if it was not trained, or for a packed model without one.
    pub discriminator: Option<Weights>,
    /// Frozen embeddings of the discriminator's heads, which were learned before it was trained.
    pub frozen_embeddings: Option<Tensor>,
    /// The phrases of the corpus, if they are few enough for an index; or what is wrong with its file, for those who need it.
    pub phrases: Result<Option<PhraseIndex>, String>,
    /// Which lines rhyme, for scripts with spaces; `None` if it was not kept.
    pub rhymes: Option<RhymePairs>,
    /// The forms of the model, and the number of poems of each in the corpus.
    pub forms: Vec<(Form, u64)>,
    /// Its run directory and the step of its checkpoint, if it has them.
    pub run: Option<PathBuf>,
    pub step: Option<u64>,
    /// Its path, and for a checkpoint the step.
    pub name: String,
}

impl Model {
    /// The built-in model.
    ///
    /// # Errors
    /// A damaged program.
    pub fn builtin() -> Result<Model> {
        Model::unpack(EMBEDDED).context("the built-in model")
    }

    /// The model in a run directory (its best checkpoint, or the newest if that one is damaged), in a checkpoint folder,
    /// or in a packed file.
    pub fn open(path: &Path) -> Result<Model> {
        Model::open_at(path, None, Lang::of_environment())
    }

    /// The same, or another checkpoint of a run directory. The warning about damage is in `lang`.
    pub(super) fn open_at(path: &Path, checkpoint: Option<CheckpointChoice>, lang: Lang) -> Result<Model> {
        let is_checkpoint = is_checkpoint(path);
        if checkpoint.is_some() && (path.is_file() || is_checkpoint) {
            return Err(
                UserError(format!("{}: is no run directory, and --checkpoint is for runs", path.display())).into()
            );
        }
        if path.is_file() {
            let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let model = Model::unpack(&bytes).map_err(|error| unusable(path, &why_not(&error)))?;
            return Ok(Model { name: path.display().to_string(), ..model });
        }
        if !path.is_dir() {
            let why = if path.exists() { "is neither a file nor a folder" } else { "does not exist" };
            return Err(unusable(path, why));
        }
        if is_checkpoint {
            let run =
                path.parent().and_then(Path::parent).ok_or_else(|| unusable(path, "lies outside a run directory"))?;
            return Model::of_checkpoint(run, checkpoint::load(path)?);
        }
        let loaded = match checkpoint {
            None | Some(CheckpointChoice::Best) => best_checkpoint(path, lang)?,
            Some(choice) => checkpoint::load(&checkpoint_path(path, choice, lang)?)?,
        };
        Model::of_checkpoint(path, loaded)
    }

    /// The index of the phrases of the corpus, if the model has one.
    ///
    /// # Errors
    /// A damaged index; `way_out` says how to do without it.
    pub(super) fn phrase_index(&self, way_out: &str) -> Result<Option<&PhraseIndex>, UserError> {
        self.phrases.as_ref().map(Option::as_ref).map_err(|damage| {
            UserError(format!("{damage}; resume its run with poetgan train, which writes the index anew, or {way_out}"))
        })
    }

    /// The token of a form.
    ///
    /// # Errors
    /// A form that the model was not trained on.
    pub(super) fn form_token(&self, form: Form) -> Result<u32, UserError> {
        self.tokenizer.form_token(form).ok_or_else(|| self.lacks(form, &format!("--form {form}")))
    }

    /// The form that a given poem of `form` has for the model.
    ///
    /// # Errors
    /// A form that the model was not trained on.
    pub(super) fn form_of_poem(&self, form: Form) -> Result<Form, UserError> {
        let tagged = self.tokenizer.tagged_form(form);
        let is_known = self.tokenizer.form_token(tagged).is_some();
        if is_known { Ok(tagged) } else { Err(self.lacks(form, &format!("the form of this poem, {form}"))) }
    }

    /// The error for a form that the model was not trained on; `place` says where it comes from.
    fn lacks(&self, form: Form, place: &str) -> UserError {
        let known: Vec<String> = self.forms.iter().map(|(form, _)| form.to_string()).collect();
        let (name, known) = (&self.name, known.join(", "));
        let builtin = Model::builtin().ok().filter(|builtin| builtin.tokenizer.form_token(form).is_some());
        let remedy = if builtin.is_some() { "; --model builtin has it" } else { "" };
        UserError(format!("{place}: {name} was not trained on it; its forms are {known}{remedy}"))
    }

    /// The themes of the model, if it has any.
    ///
    /// # Errors
    /// Themes that do not fit together.
    pub fn themes(&self) -> Result<Option<Themes>> {
        Ok(Themes::of_weights(&self.generator)?)
    }

    /// The theme of the lines of a poem, [AXES]; `None` for a model without themes or without the form.
    ///
    /// # Errors
    /// Themes that do not fit together.
    pub(super) fn theme_of<S: AsRef<str>>(&self, form: Form, lines: &[S]) -> Result<Option<Vec<f32>>> {
        let themes = self.themes()?.filter(|themes| themes.dims() > 0);
        let Some((themes, tag)) = themes.zip(self.tokenizer.form_token(form)) else { return Ok(None) };
        let lines = lines.iter().map(|line| self.tokenizer.encode_line(line.as_ref()).unwrap_or_default());
        let tokens = [vec![tag], lines.collect::<Vec<_>>().join(&Tokenizer::LINE), vec![Tokenizer::END]].concat();
        let is_fixed = matches!(form, Form::Fixed { .. });
        Ok(Some(themes.of_poem(tag, &segments(&tokens, special_tokens(&self.tokenizer), is_fixed))))
    }

    /// What the model knows of the rhyme of a form.
    ///
    /// # Errors
    /// A model that knows too little of it.
    pub(super) fn learned_rhymes(&self, form: Form) -> Result<LearnedRhymes, UserError> {
        let name = &self.name;
        let columns = Some(self.config.discriminator.rhyme_embed).filter(|_| self.config.discriminator.rhyme);
        let Some((table, columns)) = self.frozen_embeddings.as_ref().zip(columns) else {
            return Err(UserError(format!("--rhyme: {name} has no discriminator with a rhyme head")));
        };
        let damaged = |why: &str| UserError(format!("--rhyme: the rhymes of this model are damaged: {why}"));
        if table.dims().first() != Some(&self.tokenizer.vocab_size()) {
            return Err(damaged("their number is not that of the tokens"));
        }
        let Some(n_lines) = form.lines() else {
            return Err(UserError(format!("--rhyme: needs a form with a number of lines, and {form} has none")));
        };
        let is_of_characters = self.tokenizer.kind() == TokenizerKind::Char;
        let pairs = match &self.rhymes {
            Some(pairs) if is_of_characters && !pairs.is_empty() => {
                return Err(UserError(format!(
                    "--rhyme: {name} writes in letters; train a model with --tokenizer word"
                )));
            }
            Some(pairs) if !is_of_characters => pairs.of_lines(n_lines).to_vec(),
            None if !is_of_characters => {
                let remedy = match self.run {
                    Some(_) => "resume its run once, and it will",
                    None => "pack it again with --corpus",
                };
                return Err(UserError(format!("--rhyme: {name} does not know which lines rhyme; {remedy}")));
            }
            _ => even_lines(n_lines),
        };
        let pairs: Vec<(usize, usize)> = pairs.into_iter().filter(|&(a, b)| a < b && b < n_lines).collect();
        if pairs.is_empty() {
            return Err(UserError(format!("--rhyme: no lines of {form} rhyme in the corpus of {name}")));
        }
        let table = table.narrow(1, 0, columns).map_err(|why| damaged(&why.to_string()))?;
        Ok(LearnedRhymes { pairs, table })
    }

    /// The same model at the end of pretraining, if its run has that checkpoint.
    ///
    /// # Errors
    /// A checkpoint that cannot be read.
    pub fn pretrained(&self) -> Result<Option<Model>> {
        let checkpoint = self.run.as_deref().and_then(|run| Pointer::Pretrained.get(run));
        checkpoint.map(|checkpoint| Model::open(&checkpoint)).transpose()
    }

    fn of_checkpoint(run: &Path, (state, mut parts): Loaded) -> Result<Model> {
        let saved =
            Saved::read(run)?.ok_or_else(|| unusable(run, "is not a run directory, since it has no config.toml"))?;
        let tokenizer = read_tokenizer(run)?;
        let unfit = |why| RunError::Unfit { path: run.to_path_buf(), why };
        let vocab = tokenizer.vocab_size();
        check_generator(&saved.config, vocab, &parts).map_err(unfit)?;
        let generator = part(&mut parts, "average")?;
        // An untrained discriminator has no meaningful scores, and may not fit the current configuration.
        let is_trained = state.discriminator_updates > 0;
        let fits = check_discriminator(&saved.config, vocab, &parts);
        let (discriminator, frozen_embeddings) = match fits {
            Err(why) if is_trained => return Err(unfit(why).into()),
            Err(_) => (None, None),
            Ok(()) => {
                let (weights, frozen_embeddings) = scoring_weights(&part(&mut parts, "discriminator")?)?;
                (is_trained.then_some(weights), frozen_embeddings)
            }
        };
        let counts: BTreeMap<String, u64> = serde_json::from_value(saved.corpus["forms"].clone()).unwrap_or_default();
        let forms = forms(&tokenizer, &counts, &saved.config.model)?;
        let path = run.join(PHRASES);
        let phrases = PhraseIndex::read(&path).map_err(|why| format!("{}: {why}", path.display()));
        Ok(Model {
            config: saved.config,
            tokenizer,
            generator,
            discriminator,
            frozen_embeddings,
            phrases,
            rhymes: RhymePairs::read(&run.join(RHYMES)),
            forms,
            run: Some(run.to_path_buf()),
            step: Some(state.step),
            name: format!("{}, step {}", run.display(), state.step),
        })
    }
}

/// Pairs of even lines, each with the next one.
fn even_lines(n_lines: usize) -> Vec<(usize, usize)> {
    (1..n_lines).step_by(2).skip(1).map(|line| (line - 2, line)).collect()
}

fn part(parts: &mut BTreeMap<String, Weights>, name: &str) -> Result<Weights> {
    parts.remove(name).with_context(|| format!("part '{name}' is missing"))
}

/// The tokenizer's forms with their counts; 1 for a form without a count. Forms of poems that are longer than the model takes
/// are left out: it has only seen pieces of them.
///
/// # Errors
/// No form is left.
pub(super) fn forms(
    tokenizer: &Tokenizer,
    counts: &BTreeMap<String, u64>,
    model: &ModelConfig,
) -> Result<Vec<(Form, u64)>> {
    let forms = tokenizer.forms().iter().filter(|(form, _)| Rules::new(*form, model).fits());
    let counted = forms.map(|&(form, _)| (form, counts.get(&form.to_string()).copied().unwrap_or(1)));
    let forms: Vec<(Form, u64)> = counted.collect();
    ensure!(!forms.is_empty(), "all its forms are longer than model.max_lines, max_line or max_poem allow");
    Ok(forms)
}

/// A run's best checkpoint. If it is damaged, the newest valid one, with a warning on the standard error.
fn best_checkpoint(run: &Path, lang: Lang) -> Result<Loaded> {
    let best = Pointer::Best.get(run);
    let damage = match best.as_deref().map(checkpoint::load) {
        Some(Ok(loaded)) => return Ok(loaded),
        Some(Err(error @ CheckpointError::Newer { .. })) => return Err(error.into()),
        // The run is training: another checkpoint became the best one, and this one was removed while it was read.
        Some(Err(_)) if Pointer::Best.get(run) != best => return best_checkpoint(run, lang),
        Some(Err(error)) => Some(error.to_string()),
        None => None,
    };
    let newest = newest_checkpoint(run, damage, lang)?.ok_or_else(|| unusable(run, "has no checkpoint yet"))?;
    Ok(checkpoint::load(&newest)?)
}

/// Why a file is not a packed model.
fn why_not(error: &anyhow::Error) -> String {
    use SafeTensorError::{HeaderTooSmall, InvalidHeaderLength, MetadataIncompleteBuffer};
    match error.downcast_ref() {
        Some(HeaderTooSmall | InvalidHeaderLength | MetadataIncompleteBuffer) => "is truncated or damaged".to_string(),
        _ => format!("is not a packed model ({error:#})"),
    }
}

fn unusable(path: &Path, why: &str) -> anyhow::Error {
    let way_out = "--model takes a run, a checkpoint folder, a packed model or builtin";
    UserError(format!("{}: {why}; {way_out}", path.display())).into()
}
