//! What shows a run: a live dashboard, or plain log lines where there is no terminal. Both only read the trainer's events
//! and send commands, so the trainer never waits for them.
//!
//! Imports go one way: dashboard, comparing, studio, plain, tour_text and view know panes; those know control, model, term,
//! text, each only what comes after it.

mod comparing;
pub mod control;
mod dashboard;
mod end;
pub mod model;
mod pacer;
mod panes;
mod plain;
mod sampler;
pub mod studio;
mod term;
mod text;
mod tour_text;
mod view;

pub use comparing::compare;
pub use dashboard::{dashboard, explore, watch};
pub use end::End;
pub use model::comparison::RunComparison;
pub use model::connection::Connection;
pub use model::curve::{CurvePoint, MetricCurve};
pub use model::curves::Curves;
pub use model::history::Thinned;
pub use model::playback::Playback;
pub use model::state::DashboardState;
pub use panes::comparison::draw as draw_comparison;
pub use panes::legend::figure_meaning;
pub use plain::{PlainOptions, plain};
pub use term::glyphs::Glyphs;
pub use term::terminal::restore as restore_terminal;
pub use term::theme::{Depth, Theme, ThemeOverrides};
pub use text::notices::{
    corpus as corpus_text, figures as figures_text, finish_reason, model as model_text, text as notice_text,
};
pub use text::words::{Lang, translate};
pub use text::{clock, file_name, wrap};
pub use tour_text::{next_commands_text, tour_text};
pub use view::draw;
