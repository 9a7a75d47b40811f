//! The face of a run: a live dashboard, or plain log lines where there is no terminal. Both only read the trainer's
//! events and send commands, so the trainer never waits for either.

mod curve;
mod dashboard;
pub mod keys;
mod panes;
mod plain;
pub mod state;
mod terminal;
mod text;
mod theme;
mod view;

pub use curve::{Curve, Point};
pub use dashboard::dashboard;
pub use plain::{PlainOptions, plain};
pub use state::State;
pub use terminal::restore as restore_terminal;
pub use text::clock;
pub use theme::Theme;
pub use view::draw;

/// How a reader of events ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The trainer has ended or sent its last event; its thread can be joined.
    Finished,
    /// The user asked a second time to stop: exit at once, do not wait for the trainer.
    Abandoned,
}
