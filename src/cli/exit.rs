//! How the program ends when something went wrong: one line on the standard error, and a code that tells whose turn
//! it is.

use crate::config::ConfigError;
use crate::corpus::CorpusError;
use crate::error::UserError;
use crate::run::checkpoint::CheckpointError;
use crate::run::run_dir::RunError;
use crate::tokenizer::TokenizerError;
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

/// Ends the process for a command line that cannot be understood, in one line as well; or shows the help that was asked for.
/// `command` is the one whose help says more.
pub fn refuse(error: &clap::Error, command: Option<&str>) -> ! {
    if !error.use_stderr() || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let help = command.map_or(String::new(), |command| format!(" {command}"));
    let _ = writeln!(io::stderr(), "poetgan: {}; see poetgan{help} --help", in_one_line(&error.to_string()));
    std::process::exit(2);
}

/// What clap says in paragraphs: the mistake, hints at what may have been meant, and how the command is used.
fn in_one_line(told: &str) -> String {
    let ends = ["\n\n  tip: ", "\n\nUsage: ", "\n\nFor more information"];
    let end = ends.iter().filter_map(|end| told.find(end)).min().unwrap_or(told.len());
    let (mistake, rest) = told.split_at(end);
    let words = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let mistake = words(mistake.strip_prefix("error: ").unwrap_or(mistake));
    let is_useful = |line: &&str| line.starts_with("tip: a similar") || line.starts_with("tip: some similar");
    let tips = rest.lines().map(str::trim).filter(is_useful);
    std::iter::once(mistake.as_str()).chain(tips).collect::<Vec<_>>().join("; ")
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
    fn a_command_line_that_is_not_understood_is_worth_one_line() {
        for (told, line) in [
            (
                "error: unrecognized subcommand 'trian'\n\n  tip: a similar subcommand exists: 'train'\n\nUsage: poetgan \
                 <COMMAND>\n\nFor more information, try '--help'.\n",
                "unrecognized subcommand 'trian'; tip: a similar subcommand exists: 'train'",
            ),
            (
                "error: the following required arguments were not provided:\n  <CORPUS>\n\nUsage: poetgan train \
                 <CORPUS>\n\nFor more information, try '--help'.\n",
                "the following required arguments were not provided: <CORPUS>",
            ),
            (
                "error: invalid value '8\n\ny' for '--form <FORM>': no form\n\nFor more information, try '--help'.\n",
                "invalid value '8 y' for '--form <FORM>': no form",
            ),
        ] {
            assert_eq!(in_one_line(told), line);
        }
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
