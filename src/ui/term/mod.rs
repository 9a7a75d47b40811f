//! The terminal: raw mode and its guard, colours, glyphs.

pub mod glyphs;
pub mod input;
mod sixteen;
pub mod terminal;
pub mod theme;
pub mod wait;
