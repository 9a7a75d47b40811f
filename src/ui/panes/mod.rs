//! The parts of the screen, each a pure function of the state.

mod axis;
mod chart;
pub mod charts;
pub mod header;
pub mod held_out;
pub mod help;
pub mod keybar;
pub mod notices;
mod page;
mod plot;
pub mod verses;
