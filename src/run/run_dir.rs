//! The run directory: its name, its lock, and whether a run may be resumed with the settings of now.
//!
//! `config.toml`, `tokenizer.json`, `corpus.json` (what was trained on what), `commands.txt` (with which commands),
//! `metrics.jsonl`, `samples.jsonl`, `log.txt` (what happened), `checkpoints/` and `best` (see `checkpoint`), `run.lock`; `time_plan.json` where a time limit
//! has shortened the schedule.

use crate::config::{Config, ConfigError};
use crate::run::changes::{Changes, Saved};
use crate::run::files::write_atomically;
use crate::run::retry;
use crate::shell;
use crate::tokenizer::Tokenizer;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// A run directory that this process has locked; the lock ends with the value, and with the process at the latest.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    lock: File,
}

/// Why a run directory cannot be used; the message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{}: another process{holder} is training this run; follow it with poetgan watch, or choose another run with --run NAME", path.display())]
    Locked { path: PathBuf, holder: String },
    #[error("{}: this folder is not empty and holds no run; choose another one with --run NAME", path.display())]
    Foreign { path: PathBuf },
    #[error(
        "{}: settings differ from this run's: {}; use --fresh to start over (the earlier run is kept) or --run NAME for another run{}",
        path.display(), differences.join(", "),
        if *tolerable { "; use --allow-changes to resume with them" } else { "" }
    )]
    Changed { path: PathBuf, differences: Vec<String>, tolerable: bool },
    #[error("{}: {what} cannot be used: {message}; repair it, or start over with --fresh or --run NAME", path.display())]
    Damaged { path: PathBuf, what: &'static str, message: String },
    #[error("{0}; repair it, or start over with --fresh or --run NAME")]
    Description(ConfigError),
    #[error(
        "{}: the weights do not fit config.toml and tokenizer.json ({why}); put back the files that belong to them, use \
         the version of poetgan that trained them, or start over with --fresh or --run NAME",
        path.display()
    )]
    Unfit { path: PathBuf, why: String },
    #[error("{}: cannot {action}: {cause}", path.display())]
    Io { path: PathBuf, action: &'static str, cause: io::Error },
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// The journal: everything but samples, and the samples.
const METRICS: &str = "metrics.jsonl";
const SAMPLES: &str = "samples.jsonl";
const LOCK: &str = "run.lock";
/// Written last when a run is set up, so it tells whether there is a run.
const CONFIG: &str = "config.toml";
const CORPUS: &str = "corpus.json";
const TOKENIZER: &str = "tokenizer.json";
const COMMANDS: &str = "commands.txt";

/// Tries to take the lock, and the pause between them: `is_training` holds it for microseconds.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(10);

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
        fs::create_dir_all(path).map_err(failed(path, "make the folder"))?;
        let lock = take_lock(path)?;
        let checkpoints = path.join("checkpoints");
        fs::create_dir_all(&checkpoints).map_err(failed(&checkpoints, "make the folder"))?;
        Ok(RunDir { path: path.to_path_buf(), lock })
    }

    /// Like `open`, for a new run: a run that is there already is moved to `<path>.old-1` (or `-2`, ...). Returns the
    /// place it was moved to.
    pub fn open_fresh(path: &Path) -> Result<(RunDir, Option<PathBuf>), RunError> {
        refuse_foreign(path)?;
        let mut moved = None;
        if path.join(LOCK).exists() || path.join(CONFIG).exists() {
            // Taken only to check that no other process trains here: some systems do not rename a folder with open files.
            drop(take_lock(path)?);
            let place = free_place(path);
            retry::rename(path, &place).map_err(failed(path, "move the old run aside"))?;
            moved = Some(place);
        }
        Ok((RunDir::open(path)?, moved))
    }

    /// Removes the folder at `path`, and an empty one around it, if no run was set up there. An error leaves an empty folder,
    /// which is no harm.
    pub fn remove_unfinished(path: &Path) {
        let has_checkpoints = fs::read_dir(path.join("checkpoints")).is_ok_and(|mut entries| entries.next().is_some());
        if path.join(LOCK).exists() && !path.join(CONFIG).exists() && !has_checkpoints {
            let _ = retry::remove_dir_all(path);
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
        retry::rename(moved, path).map_err(failed(path, "move the earlier run back"))
    }

    pub fn path(&self) -> &Path {
        &self.path
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

    /// Refuses to resume from `step` if the corpus, the models or the training settings differ from the saved ones. With
    /// `allow_changes`, changed training settings are accepted: the run resumes, no longer bit for bit.
    pub fn check(&self, saved: &Saved, now: &Saved, step: u64, allow_changes: bool) -> Result<(), RunError> {
        let changes = Changes::between(saved, now, step)?;
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

impl Drop for RunDir {
    fn drop(&mut self) {
        // Closing the file is not enough: a child process may have inherited it for a moment. An error has no reader.
        let _ = self.lock.unlock();
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

/// Whether a process trains the run in `path`. There is no way to ask for a lock without taking one that works on every
/// system (`/proc/locks` does not on all file systems, nor for other containers, and a pid may be another process's by
/// now). So this takes a shared lock for an instant, and `take_lock` is patient with those who do.
pub fn is_training(path: &Path) -> io::Result<bool> {
    let file = match File::open(path.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The id of the process that trains the run in `path`, where that can be read.
pub fn trainer(path: &Path) -> Option<u32> {
    is_training(path).ok().filter(|training| *training)?;
    fs::read_to_string(path.join(LOCK)).ok()?.trim().parse().ok()
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

/// The system drops the lock when the process ends, however it ends.
fn take_lock(path: &Path) -> Result<File, RunError> {
    let place = path.join(LOCK);
    let mut options = File::options();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&place)
        .map_err(failed(&place, "open the lock"))?;
    let mut tried = file.try_lock();
    for _ in 1..TRIES {
        if !matches!(tried, Err(TryLockError::WouldBlock)) {
            break;
        }
        thread::sleep(PAUSE);
        tried = file.try_lock();
    }
    match tried {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let pid = fs::read_to_string(&place).unwrap_or_default();
            let holder = if pid.trim().is_empty() { String::new() } else { format!(" (pid {})", pid.trim()) };
            return Err(RunError::Locked { path: path.to_path_buf(), holder });
        }
        Err(TryLockError::Error(error)) => return Err(failed(&place, "lock")(error)),
    }
    let named = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    named.map_err(failed(&place, "write"))?;
    Ok(file)
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

fn damaged(path: PathBuf, what: &'static str) -> impl Fn(String) -> RunError {
    move |message| RunError::Damaged { path: path.clone(), what, message }
}

fn failed(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_path_buf();
    move |cause| RunError::Io { path, action, cause }
}
