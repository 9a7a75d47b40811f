//! The error of a user.

/// A user error without a type of its own: one line with the error, its place and the remedy. The exit code is 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UserError(pub String);
