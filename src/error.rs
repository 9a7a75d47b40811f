//! Whose fault it is.

/// A mistake of the user that no other error type tells: one line that says what, where, and what to do. The program
/// ends with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UserError(pub String);
