//! Which model a command uses: a path or the newest run, and for a run one of its checkpoints.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;

use super::Model;
use crate::error::UserError;
use crate::lang::{self, Lang};
use crate::printable::tell;
use crate::run::checkpoint::{self, Newest, Pointer};
use crate::run::run_dir::RunDir;
use crate::shell::path_word;

/// The path that names the built-in model.
pub const BUILTIN: &str = "builtin";

/// A model as the user names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelChoice {
    /// `builtin`, the name of a run, or the path of a run, a checkpoint or a packed file. By default the newest run, else the built-in model.
    pub path: Option<PathBuf>,
    /// By default the best one.
    pub checkpoint: Option<CheckpointChoice>,
}

/// A checkpoint of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointChoice {
    Best,
    Last,
    /// The end of pretraining.
    Pretrained,
    Step(u64),
}

impl FromStr for CheckpointChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<CheckpointChoice, String> {
        match text {
            "best" => Ok(CheckpointChoice::Best),
            "last" => Ok(CheckpointChoice::Last),
            "pretrained" => Ok(CheckpointChoice::Pretrained),
            step => step
                .parse()
                .map(CheckpointChoice::Step)
                .map_err(|_| "expected best, last, pretrained or the number of a step".to_string()),
        }
    }
}

impl ModelChoice {
    /// The path that the user names, if there is one.
    pub fn named(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        let is_builtin = path == Path::new(BUILTIN);
        Some(if is_builtin { path.clone() } else { RunDir::named_or_path(path, Path::new("runs")) })
    }

    /// The model. The warning about a damaged checkpoint is in `lang`.
    ///
    /// # Errors
    /// A model that cannot be read, or a checkpoint that the run does not have.
    pub fn open(&self, lang: Lang) -> Result<Model> {
        let newest = || newest_run(Path::new("runs")).unwrap_or_else(|| BUILTIN.into());
        let path = self.named().unwrap_or_else(newest);
        match self.checkpoint {
            checkpoint if path != Path::new(BUILTIN) => Model::open_at(&path, checkpoint, lang),
            None => Model::builtin(),
            Some(_) => Err(UserError("the built-in model has no checkpoints; name a run with --model".into()).into()),
        }
    }
}

/// The choice of this very model, whatever other runs and checkpoints there are later. `open` has opened it by `choice`.
pub fn pinned(choice: &ModelChoice, model: &Model) -> ModelChoice {
    let run = model.run.clone().filter(|_| {
        choice.path.as_deref().is_none_or(|path| !is_checkpoint(&RunDir::named_or_path(path, Path::new("runs"))))
    });
    // Another checkpoint may be the best one by then.
    let checkpoint = model.step.filter(|_| run.is_some()).map(CheckpointChoice::Step);
    ModelChoice { path: run.or_else(|| choice.path.clone()).or_else(|| Some(BUILTIN.into())), checkpoint }
}

/// The options that name this model on a command line, as [`pinned`] does.
pub(super) fn words(choice: &ModelChoice, model: &Model) -> Vec<String> {
    let ModelChoice { path, checkpoint } = pinned(choice, model);
    let mut words = vec!["--model".to_string(), path_word(&path.unwrap_or_default())];
    if let Some(CheckpointChoice::Step(step)) = checkpoint {
        words.extend(["--checkpoint".to_string(), step.to_string()]);
    }
    words
}

/// Whether a path is a checkpoint folder, not a run.
pub(super) fn is_checkpoint(path: &Path) -> bool {
    path.join("state.json").is_file()
}

/// The chosen checkpoint of a run, other than the best one.
pub(super) fn checkpoint_path(run: &Path, choice: CheckpointChoice, lang: Lang) -> Result<PathBuf> {
    let (path, what) = match choice {
        CheckpointChoice::Best => (Pointer::Best.get(run), "that is the best".to_string()),
        CheckpointChoice::Last => (newest_checkpoint(run, None, lang)?, "yet".into()),
        CheckpointChoice::Pretrained => (Pointer::Pretrained.get(run), "of the end of pretraining".into()),
        CheckpointChoice::Step(step) => (checkpoint::existing(run, step), format!("of step {step}")),
    };
    path.ok_or_else(|| {
        let steps: Vec<String> = checkpoint::steps_of(run).iter().map(u64::to_string).collect();
        let steps = if steps.is_empty() { "none".to_string() } else { format!("those of steps {}", steps.join(", ")) };
        UserError(format!("{}: has no checkpoint {what}; it has {steps}", run.display())).into()
    })
}

/// The newest checkpoint of a run that can be used. A warning on the standard error names what it replaces: the checkpoint that was asked
/// for, because of `damage`, or a newer one that is damaged.
pub(super) fn newest_checkpoint(run: &Path, damage: Option<String>, lang: Lang) -> Result<Option<PathBuf>> {
    let Some(Newest { path, skipped }) = checkpoint::newest_valid(run)? else { return Ok(None) };
    if let Some(damage) = damage.or_else(|| skipped.into_iter().next()) {
        let message = format!("{damage}; using {} instead", path.display());
        tell(&format!("poetgan: {}", lang::message(lang, &message)));
    }
    Ok(Some(path))
}

/// The run below `runs` with the newest checkpoint.
fn newest_run(runs: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(runs).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let trained = folders.filter_map(|run| {
        let newest = checkpoint::newest_valid(&run).ok()??.path;
        Some((fs::metadata(newest).ok()?.modified().ok()?, run))
    });
    trained.max().map(|(_, run)| run)
}
