//! A run on disk and what is reported about it, without any training: events, journal, checkpoints, run directory.

pub mod best_choice;
pub mod changes;
pub mod checkpoint;
pub mod disk;
pub mod event;
pub mod files;
pub mod journal;
pub mod limits;
pub mod lock;
pub mod notice;
mod retry;
pub mod run_dir;
mod run_error;
pub mod runtime_setting;
pub mod state;
pub mod step_metrics;
