//! The training of both models.

pub mod changes;
pub mod checkpoint;
mod clock;
pub mod data;
pub mod event;
pub(crate) mod files;
mod fixed;
mod held_out;
pub mod journal;
mod kinds;
mod knobs;
mod lived;
pub mod models;
pub mod nearest;
pub mod options;
pub mod quality;
mod recovery;
pub mod run_dir;
pub mod schedule;
pub mod session;
pub mod step;
pub mod trainer;
mod verses;
