//! What the dashboard knows: events in, plain data out. No clock, no terminal.

pub mod action;
pub mod alarms;
pub mod browser;
pub mod chapters;
pub mod comparison;
pub mod connection;
pub mod curve;
pub mod curves;
pub mod curves_view;
pub mod history;
pub mod latent;
pub mod layout;
pub mod log;
pub mod playback;
pub mod poems;
pub mod question;
pub mod reply;
pub mod run_model;
pub mod runtime_settings;
pub mod score_history;
pub mod screens;
pub mod state;
pub mod system;
pub mod tour;
pub mod window;
