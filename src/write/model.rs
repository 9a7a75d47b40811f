//! Trained models: in a run directory, in a checkpoint, packed into one file, or inside the program.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use candle_core::{DType, Device, Tensor};
use safetensors::{SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};

use crate::config::{Config, ConfigError};
use crate::corpus::Form;
use crate::error::UserError;
use crate::gan::models::{check_discriminator, check_generator, check_weights, scoring_weights};
use crate::nn::params::Weights;
use crate::run::changes::Saved;
use crate::run::checkpoint::{self, CheckpointError, Pointer};
use crate::run::run_dir::{RunError, read_tokenizer};
use crate::run::state::RunState;
use crate::tokenizer::Tokenizer;

/// The model that ships with the program.
const EMBEDDED: &[u8] = include_bytes!("../../models/tang.safetensors");

/// A checkpoint in memory.
type Loaded = (RunState, BTreeMap<String, Weights>);

/// Everything that is needed to write.
pub struct Model {
    pub config: Config,
    pub tokenizer: Tokenizer,
    pub generator: Weights,
    /// Absent where it has not learned anything, and from a packed model without one.
    pub discriminator: Option<Weights>,
    /// Fixed embeddings that the discriminator reads.
    pub fixed: Option<Tensor>,
    /// The forms that the model has learned, and how many poems of the corpus had each.
    pub forms: Vec<(Form, u64)>,
    /// The run directory that it stands in, if it does.
    pub run: Option<PathBuf>,
    /// Where it comes from: the path, and for a checkpoint the step.
    pub name: String,
}

/// Name of the fixed embeddings, of which there was only that of rhyme at first.
const FIXED: &str = "rhyme";
/// The one name in the header of a packed model. A second one would make the order of the two, and so the bytes of the
/// file, a matter of luck.
const HEADER: &str = "poetgan";

/// What a packed model holds besides its weights.
#[derive(Serialize, Deserialize)]
struct Header {
    /// `config.toml` and `tokenizer.json` of the run, as texts.
    config: String,
    tokenizer: String,
    forms: BTreeMap<String, u64>,
}

impl Model {
    /// The model at `path`, or else that of the newest run under `runs/`, or else the one inside the program.
    pub fn find(path: Option<&Path>) -> Result<Model> {
        match path {
            Some(path) => Model::open(path),
            None => match newest_run(Path::new("runs")) {
                Some(run) => Model::open(&run),
                None => Model::unpack(EMBEDDED).context("the model inside the program"),
            },
        }
    }

    /// The model in a run directory (its best checkpoint, or the newest if that one is damaged), in a checkpoint folder,
    /// or in a packed file.
    pub fn open(path: &Path) -> Result<Model> {
        if path.is_file() {
            let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let model = Model::unpack(&bytes).map_err(|error| unusable(path, &why_not(&error)))?;
            return Ok(Model { name: path.display().to_string(), ..model });
        }
        if !path.is_dir() {
            let why = if path.exists() { "is neither a file nor a folder" } else { "does not exist" };
            return Err(unusable(path, why));
        }
        if path.join("state.json").is_file() {
            let run =
                path.parent().and_then(Path::parent).ok_or_else(|| unusable(path, "lies outside a run directory"))?;
            return Model::of_checkpoint(run, checkpoint::load(path)?);
        }
        Model::of_checkpoint(path, best_checkpoint(path)?)
    }

    /// The same model after pretraining, if its run has kept that.
    pub fn pretrained(&self) -> Result<Option<Model>> {
        let checkpoint = self.run.as_deref().and_then(|run| Pointer::Pretrained.get(run));
        checkpoint.map(|checkpoint| Model::open(&checkpoint)).transpose()
    }

    fn of_checkpoint(run: &Path, (state, mut parts): Loaded) -> Result<Model> {
        let saved =
            Saved::read(run)?.ok_or_else(|| unusable(run, "is no run directory, since it has no config.toml"))?;
        let tokenizer = read_tokenizer(run)?;
        let unfit = |why| RunError::Unfit { path: run.to_path_buf(), why };
        let vocab = tokenizer.vocab_size();
        check_generator(&saved.config, vocab, &parts).map_err(unfit)?;
        let generator = part(&mut parts, "average")?;
        // One that has learned nothing has no opinion, and the run may have got another one since.
        let (discriminator, fixed) = if state.discriminator_updates > 0 {
            check_discriminator(&saved.config, vocab, &parts).map_err(unfit)?;
            let (weights, fixed) = scoring_weights(&part(&mut parts, "discriminator")?)?;
            (Some(weights), fixed)
        } else {
            (None, None)
        };
        let counts: BTreeMap<String, u64> = serde_json::from_value(saved.corpus["forms"].clone()).unwrap_or_default();
        let forms = forms(&tokenizer, &counts);
        Ok(Model {
            config: saved.config,
            tokenizer,
            generator,
            discriminator,
            fixed,
            forms,
            run: Some(run.to_path_buf()),
            name: format!("{}, step {}", run.display(), state.step),
        })
    }

    /// The model as one file, with configuration and tokenizer in its header: the weights in 16 bits, but the embeddings that
    /// the discriminator reads in 8. Scores hardly feel that, and they are a tenth of the file.
    pub fn pack(&self) -> Result<Vec<u8>> {
        let mut tensors = BTreeMap::new();
        let mut insert = |name: String, tensor: &Tensor| -> Result<()> {
            let is_read = name == FIXED || name == "discriminator.embedding";
            let dtype = if is_read { DType::F8E4M3 } else { DType::F16 };
            tensors.insert(name, tensor.to_dtype(dtype)?.contiguous()?);
            Ok(())
        };
        self.generator.iter().try_for_each(|(name, tensor)| insert(format!("generator.{name}"), tensor))?;
        let discriminator = self.discriminator.iter().flatten();
        discriminator.into_iter().try_for_each(|(name, tensor)| insert(format!("discriminator.{name}"), tensor))?;
        self.fixed.iter().try_for_each(|table| insert(FIXED.to_string(), table))?;
        let header = Header {
            config: self.config.to_toml()?,
            tokenizer: self.tokenizer.to_json()?,
            forms: self.forms.iter().map(|(form, count)| (form.to_string(), *count)).collect(),
        };
        let header = HashMap::from([(HEADER.to_string(), serde_json::to_string(&header)?)]);
        Ok(safetensors::serialize(&tensors, Some(header))?)
    }

    /// Reads what `pack` wrote.
    pub fn unpack(bytes: &[u8]) -> Result<Model> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let header = header.metadata().as_ref().and_then(|header| header.get(HEADER)).context("it lacks its header")?;
        let Header { config, tokenizer, forms: counts } = serde_json::from_str(header)?;
        let config = Config::saved(&config, Path::new("")).map_err(|error| match error {
            // The line of a text that nobody sees would help nobody.
            ConfigError::File { message, .. } => anyhow!(message),
            error => error.into(),
        })?;
        let tokenizer = Tokenizer::from_json(&tokenizer)?;
        let forms = forms(&tokenizer, &counts);
        let mut weights: Weights = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)?
            .into_iter()
            .map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F32)?)))
            .collect::<Result<_>>()?;
        let fixed = weights.remove(FIXED);
        let discriminator = with_prefix(&weights, "discriminator.");
        let generator = with_prefix(&weights, "generator.");
        let discriminator = (!discriminator.is_empty()).then_some(discriminator);
        let judging = discriminator.as_ref().map(|weights| (weights, fixed.as_ref()));
        let misfit = |why| anyhow!("its weights do not fit its settings: {why}");
        check_weights(&config, tokenizer.vocab_size(), &generator, judging).map_err(misfit)?;
        Ok(Model {
            config,
            tokenizer,
            generator,
            discriminator,
            fixed,
            forms,
            run: None,
            name: "the model inside the program".to_string(),
        })
    }
}

fn part(parts: &mut BTreeMap<String, Weights>, name: &str) -> Result<Weights> {
    parts.remove(name).with_context(|| format!("part '{name}' is missing"))
}

fn with_prefix(weights: &Weights, prefix: &str) -> Weights {
    let strip = |(name, tensor): (&String, &Tensor)| Some((name.strip_prefix(prefix)?.to_string(), tensor.clone()));
    weights.iter().filter_map(strip).collect()
}

/// The tokenizer's forms with their counts; a form that has none counts once.
fn forms(tokenizer: &Tokenizer, counts: &BTreeMap<String, u64>) -> Vec<(Form, u64)> {
    tokenizer.forms().iter().map(|&(form, _)| (form, counts.get(&form.to_string()).copied().unwrap_or(1))).collect()
}

/// A run's best checkpoint. A damaged one is passed over for the newest, and that is told on the standard
/// error, since the standard output is for poems.
fn best_checkpoint(run: &Path) -> Result<Loaded> {
    let best = Pointer::Best.get(run);
    let damage = match best.as_deref().map(checkpoint::load) {
        Some(Ok(loaded)) => return Ok(loaded),
        Some(Err(error @ CheckpointError::Newer { .. })) => return Err(error.into()),
        // The run is training: another checkpoint has become the best one, and this one was removed while it was read.
        Some(Err(_)) if Pointer::Best.get(run) != best => return best_checkpoint(run),
        Some(Err(error)) => Some(error),
        None => None,
    };
    let newest = checkpoint::newest_valid(run)?.ok_or_else(|| unusable(run, "holds no checkpoint yet"))?;
    if let Some(damage) = damage {
        // Without a standard error there is nobody to tell.
        let _ = writeln!(io::stderr(), "poetgan: {damage}; {} writes instead", newest.path.display());
    }
    Ok(checkpoint::load(&newest.path)?)
}

/// Why a file is no model.
fn why_not(error: &anyhow::Error) -> String {
    use SafeTensorError::{HeaderTooSmall, InvalidHeaderLength, MetadataIncompleteBuffer};
    match error.downcast_ref() {
        Some(HeaderTooSmall | InvalidHeaderLength | MetadataIncompleteBuffer) => "is cut off or damaged".to_string(),
        _ => format!("is no packed model ({error:#})"),
    }
}

fn unusable(path: &Path, why: &str) -> anyhow::Error {
    let way_out = "--model takes a run directory, a checkpoint folder or a packed model";
    UserError(format!("{}: {why}; {way_out}", path.display())).into()
}

/// The run under `runs` with the newest checkpoint.
fn newest_run(runs: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(runs).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let trained = folders.filter_map(|run| {
        let newest = checkpoint::newest_valid(&run).ok()??.path;
        Some((fs::metadata(newest).ok()?.modified().ok()?, run))
    });
    trained.max().map(|(_, run)| run)
}
