//! The run directory: its name, its lock, and whether a run may be resumed with the settings of now.
//!
//! `config.toml`, `tokenizer.json`, `phrases.bin` (an index of the corpus), `rhymes.json` (which of its lines rhyme), `corpus.json` (what was trained on what), `commands.txt` (with which commands),
//! `metrics.jsonl`, `samples.jsonl`, `log.txt` (what happened), `checkpoints/` and `best` (see `checkpoint`), `run.lock`; `time_plan.json` where a time limit
//! has shortened the schedule.

use crate::config::{Config, ConfigError};
use crate::run::changes::{Changes, RunProgress, Saved};
use crate::run::files::write_atomically;
use crate::run::lock::{LOCK, RunLock, new_id};
use crate::run::run_error::{damaged, failed};
use crate::run::{disk, retry};
use crate::shell;
use crate::tokenizer::Tokenizer;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use crate::run::run_error::RunError;

/// A run directory that this process has locked; the lock ends with the value, and with the process at the latest.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    lock: RunLock,
}

/// The journal: everything but samples, and the samples.
const METRICS: &str = "metrics.jsonl";
const SAMPLES: &str = "samples.jsonl";
/// Written last when a run is set up, so it tells whether there is a run.
const CONFIG: &str = "config.toml";
const CORPUS: &str = "corpus.json";
const TOKENIZER: &str = "tokenizer.json";
/// The index of the phrases of the corpus.
pub const PHRASES: &str = "phrases.bin";
/// Which lines of the corpus rhyme.
pub const RHYMES: &str = "rhymes.json";
const COMMANDS: &str = "commands.txt";

impl RunDir {
    /// `--run`: as `named` understands it below `runs/`; by default the name of the corpus file.
    pub fn locate(corpus: &Path, run: Option<&str>) -> PathBuf {
        let below = Path::new("runs");
        run.map_or_else(|| below.join(corpus.file_stem().unwrap_or("run".as_ref())), |run| RunDir::named(run, below))
    }

    /// What a user calls a run: a path when it holds a separator, else a name in the folder `below`.
    pub fn named(run: &str, below: &Path) -> PathBuf {
        let is_path = run.contains(std::path::is_separator) || run.starts_with('.');
        if is_path { PathBuf::from(run) } else { below.join(run) }
    }

    /// What a user calls a run or a file: the run of this name in the folder `below` if there is one, as for `watch`; else
    /// the path as it is.
    pub fn named_or_path(name: &Path, below: &Path) -> PathBuf {
        let run = name.to_str().map(|name| RunDir::named(name, below)).filter(|run| run.is_dir());
        run.unwrap_or_else(|| name.to_path_buf())
    }

    /// Makes the folder if need be and locks it.
    pub fn open(path: &Path) -> Result<RunDir, RunError> {
        refuse_foreign(path)?;
        disk::create_dir_all(path).map_err(failed(path, "make the folder"))?;
        let lock = RunLock::take(path)?;
        let checkpoints = path.join("checkpoints");
        disk::create_dir_all(&checkpoints).map_err(failed(&checkpoints, "make the folder"))?;
        Ok(RunDir { path: path.to_path_buf(), lock })
    }

    /// Like `open`, for a new run: a run that is there already is moved to `<path>.old-1` (or `-2`, ...). Returns the
    /// place it was moved to.
    pub fn open_fresh(path: &Path) -> Result<(RunDir, Option<PathBuf>), RunError> {
        refuse_foreign(path)?;
        let mut moved = None;
        if path.join(LOCK).exists() || path.join(CONFIG).exists() {
            // Taken only to check that no other process trains here: some systems do not rename a folder with open files.
            drop(RunLock::take(path)?);
            let place = free_place(path);
            disk::rename(path, &place).map_err(failed(path, "move the old run aside"))?;
            moved = Some(place);
        }
        Ok((RunDir::open(path)?, moved))
    }

    /// Removes the folder at `path`, and an empty one around it, if no run was set up there. An error leaves an empty folder,
    /// which is no harm.
    pub fn remove_unfinished(path: &Path) {
        let has_checkpoints = fs::read_dir(path.join("checkpoints")).is_ok_and(|mut entries| entries.next().is_some());
        if path.join(LOCK).exists() && !path.join(CONFIG).exists() && !has_checkpoints {
            let _ = disk::remove_dir_all(path);
            let _ = path.parent().map(retry::remove_empty_dir);
        }
    }

    /// Undoes `open_fresh` if no run was set up at `path`: removes the folder, and moves the earlier run back from `moved`.
    ///
    /// # Errors
    /// The earlier run cannot be moved.
    pub fn restore(path: &Path, moved: &Path) -> Result<(), RunError> {
        RunDir::remove_unfinished(path);
        if path.exists() {
            return Ok(());
        }
        disk::rename(moved, path).map_err(failed(path, "move the earlier run back"))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn phrases_file(&self) -> PathBuf {
        self.path.join(PHRASES)
    }

    pub fn rhymes_file(&self) -> PathBuf {
        self.path.join(RHYMES)
    }

    /// The id of the run. A new run, and one of an earlier version, takes that of `checkpoint`, or gets a new one.
    ///
    /// # Errors
    /// A checkpoint of another run, or a lock that cannot be written.
    pub fn settle_id(&mut self, checkpoint: &str) -> Result<String, RunError> {
        let of_checkpoint = Some(checkpoint).filter(|id| !id.is_empty());
        match (&self.lock.id, of_checkpoint) {
            (Some(id), Some(other)) if id != other => Err(RunError::OtherRun { path: self.path.clone() }),
            (Some(id), _) => Ok(id.clone()),
            (None, id) => self.lock.write_id(id.map_or_else(new_id, String::from)),
        }
    }

    /// # Errors
    /// The folder is not where it was when it was locked, or another one is.
    pub fn check_place(&self) -> Result<(), RunError> {
        if self.lock.is_in_place() { Ok(()) } else { Err(RunError::Displaced { path: self.path.clone() }) }
    }

    pub fn tokenizer_file(&self) -> PathBuf {
        self.path.join(TOKENIZER)
    }

    pub fn time_plan_file(&self) -> PathBuf {
        self.path.join("time_plan.json")
    }

    pub fn metrics_file(&self) -> PathBuf {
        metrics_file(&self.path)
    }

    pub fn samples_file(&self) -> PathBuf {
        samples_file(&self.path)
    }

    pub fn log_file(&self) -> PathBuf {
        self.path.join("log.txt")
    }

    /// What the run was made with; `None` for a new run.
    pub fn saved(&self) -> Result<Option<Saved>, RunError> {
        Saved::read(&self.path)
    }

    /// Why a run with checkpoints but without config.toml cannot be resumed.
    pub fn lacks_config(&self) -> RunError {
        damaged(self.path.join(CONFIG), "the configuration of the run")("it is missing".to_string())
    }

    /// Writes `config.toml` and `corpus.json`. A new run's tokenizer must have been written before, since
    /// `config.toml` is what makes the folder a run.
    pub fn describe(&self, config: &Config, corpus: &impl Serialize) -> Result<(), RunError> {
        let place = self.path.join(CORPUS);
        let mut json = serde_json::to_vec_pretty(corpus).map_err(|error| failed(&place, "write")(error.into()))?;
        json.push(b'\n');
        write_atomically(&place, &json).map_err(failed(&place, "write"))?;
        let place = self.path.join(CONFIG);
        write_atomically(&place, config.to_toml()?.as_bytes()).map_err(failed(&place, "write"))
    }

    /// Adds a command line to those that have trained the run, unless the last one was the same.
    pub fn record_command(&self, words: &[String]) -> Result<(), RunError> {
        let place = self.path.join(COMMANDS);
        let mut commands = commands(&self.path).map_err(failed(&place, "read"))?;
        let command = shell::command(words);
        if words.is_empty() || commands.last() == Some(&command) {
            return Ok(());
        }
        commands.push(command);
        write_atomically(&place, (commands.join("\n") + "\n").as_bytes()).map_err(failed(&place, "write"))
    }

    /// Refuses to resume if the corpus, the models or the training settings differ from the saved ones. With
    /// `allow_changes`, changed training settings are accepted: the run resumes, no longer bit for bit.
    pub fn check(
        &self,
        saved: &Saved,
        now: &Saved,
        progress: RunProgress,
        allow_changes: bool,
    ) -> Result<(), RunError> {
        let changes = Changes::between(saved, now, progress)?;
        let tolerable = changes.fatal.is_empty();
        let mut differences = changes.fatal;
        if !(tolerable && allow_changes) {
            differences.extend(changes.training);
        }
        if differences.is_empty() {
            return Ok(());
        }
        Err(RunError::Changed { path: self.path.clone(), differences, tolerable })
    }
}

impl Saved {
    /// Reads what the run in `path` was made with, without locking it; `None` where there is no run.
    pub fn read(path: &Path) -> Result<Option<Saved>, RunError> {
        if !path.join(CONFIG).exists() {
            return Ok(None);
        }
        let place = path.join(CONFIG);
        let read = fs::read_to_string(&place).map_err(|cause| ConfigError::Read { path: place.clone(), cause });
        let config = read.and_then(|text| Config::saved(&text, &place)).map_err(RunError::Description)?;
        let damaged = damaged(path.join(CORPUS), "the record of the corpus");
        let json = fs::read(path.join(CORPUS)).map_err(|error| damaged(error.to_string()))?;
        let corpus: Value = serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))?;
        if !corpus["sha256"].is_string() {
            return Err(damaged("it lacks the sha256 of the corpus".to_string()));
        }
        Ok(Some(Saved { config, corpus }))
    }
}

/// The run below `runs` whose journal was written to last.
pub fn newest(runs: &Path) -> Option<PathBuf> {
    let folders = fs::read_dir(runs).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let written = folders.filter_map(|run| Some((fs::metadata(metrics_file(&run)).ok()?.modified().ok()?, run)));
    written.max().map(|(_, run)| run)
}

/// The journal of the run in `path`.
pub fn metrics_file(path: &Path) -> PathBuf {
    path.join(METRICS)
}

/// The samples of the run in `path`.
pub fn samples_file(path: &Path) -> PathBuf {
    path.join(SAMPLES)
}

/// The command lines that have trained the run in `path`, quoted for a shell; none for a run of an older program.
pub fn commands(path: &Path) -> io::Result<Vec<String>> {
    match fs::read_to_string(path.join(COMMANDS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        text => Ok(text?.lines().map(String::from).collect()),
    }
}

/// When the run in `path` was set up. Its tokenizer is written once, and then; a copy of a run may have lost the time.
pub fn begun(path: &Path) -> Option<Timestamp> {
    let written = fs::metadata(path.join(TOKENIZER)).and_then(|metadata| metadata.modified());
    let time = Timestamp::try_from(written.ok()?).ok()?;
    Timestamp::from_second(time.as_second()).ok()
}

/// The tokenizer of the run in `path`.
pub fn read_tokenizer(path: &Path) -> Result<Tokenizer, RunError> {
    let damaged = damaged(path.join(TOKENIZER), "the tokenizer");
    let json = fs::read_to_string(path.join(TOKENIZER)).map_err(|error| damaged(error.to_string()))?;
    Tokenizer::from_json(&json).map_err(|error| damaged(error.to_string()))
}

/// A folder with other files in it is neither written into nor moved aside.
fn refuse_foreign(path: &Path) -> Result<(), RunError> {
    let entries = match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed(path, "use it as a run directory")(error)),
    };
    let ours = path.join(LOCK).exists() || (path.join(CONFIG).exists() && path.join(CORPUS).exists());
    if entries && !ours { Err(RunError::Foreign { path: path.to_path_buf() }) } else { Ok(()) }
}

/// `<path>.old-1`, or the first number that is free.
fn free_place(path: &Path) -> PathBuf {
    // A path such as "." has no name of its own; the resolved one has.
    let path = if path.file_name().is_some() { path.to_path_buf() } else { path.canonicalize().unwrap_or_default() };
    let place = |number: u32| {
        let mut name = path.file_name().unwrap_or("run".as_ref()).to_os_string();
        name.push(format!(".old-{number}"));
        path.with_file_name(name)
    };
    (1..).map(place).find(|place| !place.exists()).unwrap_or_else(|| place(0))
}
