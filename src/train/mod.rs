//! One training session: set up, run commands, step, emit events, save.

mod base_model;
mod clock;
mod closing;
pub mod follow;
mod forms;
mod left_out;
mod length;
pub mod nearest;
mod new_models;
pub mod options;
mod parts;
mod precision;
pub mod ranks;
mod reading;
mod samples;
pub mod session;
mod stopwatch;
mod time_plan;
pub mod trainer;
mod work;
mod work_costs;
