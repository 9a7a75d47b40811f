//! How the program ends when something went wrong: one line on the standard error, and a code that tells whose turn
//! it is.

use crate::config::ConfigError;
use crate::corpus::CorpusError;
use crate::error::UserError;
use crate::tokenizer::TokenizerError;
use crate::train::checkpoint::CheckpointError;
use crate::train::run_dir::RunError;
use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

/// Tells the error and returns the code to end with: 2 for a mistake of the user, 1 for a failure, and 0, without a
/// word, when the reader of our output has gone away.
pub fn report(error: &anyhow::Error) -> ExitCode {
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let (message, code) = match error.chain().find(|cause| is_users(*cause)) {
        // The mistake itself says where it is; what was being done when it was met would only stand in the way.
        Some(mistake) => (mistake.to_string(), 2),
        None => (format!("{error:#}"), 1),
    };
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "poetgan: {}", message.replace('\n', " "));
    ExitCode::from(code)
}

fn is_broken_pipe(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn is_users(cause: &(dyn Error + 'static)) -> bool {
    let checkpoint = cause.downcast_ref::<CheckpointError>();
    cause.is::<UserError>()
        || cause.is::<ConfigError>()
        || cause.is::<CorpusError>()
        || cause.is::<TokenizerError>()
        || cause.is::<RunError>()
        || checkpoint
            .is_some_and(|error| !matches!(error, CheckpointError::Write { .. } | CheckpointError::Prune { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    fn code(error: anyhow::Error) -> String {
        format!("{:?}", report(&error))
    }

    #[test]
    fn the_code_tells_whose_turn_it_is() {
        let expected = |code: u8| format!("{:?}", ExitCode::from(code));
        let mistake: anyhow::Result<()> = Err(UserError("no".to_string())).context("while training");
        assert_eq!(code(mistake.unwrap_err()), expected(2));
        assert_eq!(code(anyhow::anyhow!("out of luck")), expected(1));
        let full = CheckpointError::Write { path: "x".into(), cause: ErrorKind::StorageFull.into() };
        assert_eq!(code(full.into()), expected(1));
        assert_eq!(code(CheckpointError::NoneValid { first: "x".to_string() }.into()), expected(2));
        let pipe: anyhow::Result<()> = Err(io::Error::from(ErrorKind::BrokenPipe)).context("while writing");
        assert_eq!(code(pipe.unwrap_err()), expected(0));
    }
}
