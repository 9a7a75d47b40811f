//! The algorithm: generator and discriminator trained in turn, without files, terminal or threads of its own.

pub mod data;
pub mod frozen_embeddings;
pub mod held_out;
pub mod models;
pub mod quality;
pub mod recovery;
pub mod runtime_settings;
pub mod schedule;
mod shared_embedding;
pub mod step;
