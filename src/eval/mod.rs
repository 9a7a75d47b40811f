//! How good a model is, always beside its baselines.

pub mod c2st;
