//! The parts of the screens. Each draws into an area of any size.

mod axis;
pub mod browser;
pub mod caption;
mod characters;
pub mod chart;
pub mod charts;
pub mod comparison;
pub mod curve_screen;
pub mod header;
pub mod held_out;
pub mod help;
pub mod keybar;
pub mod latent;
pub mod legend;
pub mod log;
pub mod notices;
mod page;
mod plane;
mod plot;
pub mod prompt;
pub mod quality;
pub mod samples;
pub mod scores;
pub mod sliders;
pub mod system;
pub mod tabs;
pub mod too_small;
