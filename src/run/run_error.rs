//! Why a run directory cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::ConfigError;

/// Why a run directory cannot be used; the message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("{}: another process{holder} is training this run; follow it with poetgan watch, or choose another run with --run NAME", path.display())]
    Locked { path: PathBuf, holder: String },
    #[error(
        "{}: the folder of the run was moved, removed or replaced while it was trained, so training has stopped; what was saved \
         before is where the folder went", path.display()
    )]
    Displaced { path: PathBuf },
    #[error(
        "{}: its newest checkpoint is of another run; move that one out of checkpoints/, or start over with --fresh or --run NAME",
        path.display()
    )]
    OtherRun { path: PathBuf },
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

pub(super) fn damaged(path: PathBuf, what: &'static str) -> impl Fn(String) -> RunError {
    move |message| RunError::Damaged { path: path.clone(), what, message }
}

pub(super) fn failed(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> RunError {
    let path = path.to_path_buf();
    move |cause| RunError::Io { path, action, cause }
}
