//! The face of a run: a live dashboard, or plain log lines where there is no terminal. Both only read the trainer's
//! events and send commands, so the trainer never waits for either.

mod alarms;
mod browser;
mod curve;
mod curves_view;
mod dashboard;
mod facts;
mod glyphs;
mod history;
mod input;
pub mod keys;
mod latent;
mod palette;
mod panes;
mod phrases;
mod plain;
mod playback;
mod poems;
mod rivalry;
pub mod screens;
mod settings;
mod sixteen;
pub mod state;
mod terminal;
mod text;
mod theme;
mod view;
mod words;

pub use curve::{Curve, Point};
pub use dashboard::{dashboard, watch};
pub use glyphs::Glyphs;
pub use history::Thinned;
pub use plain::{PlainOptions, plain};
pub use state::{Connection, Playback, State};
pub use terminal::restore as restore_terminal;
pub use text::clock;
pub use theme::{Depth, Theme, Wishes};
pub use view::draw;
pub use words::Lang;

/// How a reader of events ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The trainer has ended or sent its last event; its thread can be joined.
    Finished,
    /// The user asked a second time to stop: exit at once, do not wait for the trainer.
    Abandoned,
}
