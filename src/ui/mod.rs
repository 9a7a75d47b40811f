//! The face of a run: a live dashboard, or plain log lines where there is no terminal. Both only read the trainer's
//! events and send commands, so the trainer never waits for either.

pub mod control;
mod dashboard;
pub mod model;
mod panes;
mod plain;
mod term;
mod text;
mod view;

pub use dashboard::{dashboard, watch};
pub use model::curve::{Curve, Point};
pub use model::history::Thinned;
pub use model::state::{Connection, Playback, State};
pub use plain::{PlainOptions, plain};
pub use term::glyphs::Glyphs;
pub use term::terminal::restore as restore_terminal;
pub use term::theme::{Depth, Theme, ThemeOverrides};
pub use text::clock;
pub use text::words::Lang;
pub use view::draw;

/// How a reader of events ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The trainer has ended or sent its last event; its thread can be joined.
    Finished,
    /// The user asked a second time to stop: exit at once, do not wait for the trainer.
    Abandoned,
}
