//! The dashboard from lists of events to the screen, without a model and without a terminal.

mod answers;
mod chinese;
mod comparison;
mod events;
mod keys;
mod plain;
mod properties;
mod screen;
mod snapshots;
mod studio;
mod studio_properties;
mod tour;
