//! What the dashboard knows: events in, plain data out. No clock, no terminal.

pub mod alarms;
pub mod browser;
pub mod curve;
pub mod curves_view;
pub mod history;
pub mod latent;
pub mod playback;
pub mod poems;
pub mod run_model;
pub mod score_history;
pub mod screens;
pub mod settings;
pub mod state;
