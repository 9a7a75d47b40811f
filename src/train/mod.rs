//! One training session: set up, run commands, step, emit events, save.

mod base_model;
mod clock;
pub mod follow;
pub mod nearest;
pub mod options;
mod reading;
mod samples;
pub mod session;
mod stopwatch;
pub mod trainer;
