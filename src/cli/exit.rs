//! Error output and exit codes: one line on the standard error; 2 for errors that the user can correct, 1 for others.

use super::synonyms;
use crate::config::ConfigError;
use crate::corpus::CorpusError;
use crate::error::UserError;
use crate::lang::{self, Lang};
use crate::printable::tell;
use crate::run::checkpoint::CheckpointError;
use crate::run::run_dir::RunError;
use crate::tokenizer::TokenizerError;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

/// Prints the error in this language and returns the exit code: 2 for a user error, 1 for a failure, and 0 without a message for a broken
/// pipe on the output.
pub fn report(error: &anyhow::Error, lang: Lang) -> ExitCode {
    if error.chain().any(is_broken_pipe) {
        return ExitCode::SUCCESS;
    }
    let (message, code) = match error.chain().find(|cause| is_user_error(*cause)) {
        // A user error names its own place; the context around it would only distract.
        Some(user_error) => (user_error.to_string(), 2),
        None => (format!("{error:#}"), 1),
    };
    tell(&format!("poetgan: {}", lang::message(lang, &message)));
    ExitCode::from(code)
}

/// Exits the process on an error of clap: with a one-line usage error that refers to the help of `command`, or after
/// printing the requested help or version.
pub fn refuse(error: &clap::Error, command: Option<&clap::Command>, lang: Lang) -> ! {
    if !error.use_stderr() || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    let help = command.map_or(String::new(), |command| format!(" {}", command.get_name()));
    let mut parts = parts(&error.to_string());
    if let Some(option) = command.and_then(|command| synonyms::meant(error, command)) {
        // Letters in common tell less than the meaning.
        parts.truncate(1);
        parts.push(format!("tip: the option for this is '{option}'"));
    }
    parts.push(format!("see poetgan{help} --help"));
    tell(&format!("poetgan: {}", lang::joined(lang, &parts)));
    std::process::exit(2);
}

/// The parts of a message of clap, each in one line: the error and the suggestions, without the usage.
pub fn parts(message: &str) -> Vec<String> {
    let ends = ["\n\n  tip: ", "\n\nUsage: ", "\n\nFor more information"];
    let end = ends.iter().filter_map(|end| message.find(end)).min().unwrap_or(message.len());
    let (error, rest) = message.split_at(end);
    let words = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let error = words(error.strip_prefix("error: ").unwrap_or(error));
    let is_useful = |line: &&str| line.starts_with("tip: a similar") || line.starts_with("tip: some similar");
    let tips = rest.lines().map(str::trim).filter(is_useful);
    std::iter::once(error).chain(tips.map(str::to_owned)).collect()
}

fn is_broken_pipe(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn is_user_error(cause: &(dyn Error + 'static)) -> bool {
    let checkpoint = cause.downcast_ref::<CheckpointError>().is_some_and(|error| match error {
        CheckpointError::Write { .. } | CheckpointError::Prune { .. } => false,
        CheckpointError::Read { cause, .. } | CheckpointError::Clean { cause, .. } => !is_of_machine(cause),
        CheckpointError::Run(error) => is_of_user(error),
        _ => true,
    });
    let config = cause.downcast_ref::<ConfigError>();
    let corpus = cause.downcast_ref::<CorpusError>();
    cause.is::<UserError>()
        || cause.is::<TokenizerError>()
        || cause.downcast_ref::<RunError>().is_some_and(is_of_user)
        || config.is_some_and(|error| !matches!(error, ConfigError::Read { cause, .. } if is_of_machine(cause)))
        || corpus.is_some_and(|error| !matches!(error, CorpusError::Unreadable { source, .. } if is_of_machine(source)))
        || checkpoint
}

fn is_of_user(error: &RunError) -> bool {
    match error {
        RunError::Displaced { .. } => false,
        RunError::Io { cause, .. } => !is_of_machine(cause),
        _ => true,
    }
}

/// Whether a file cannot be used because of the disk or the system; else its path is wrong, or its permissions are.
fn is_of_machine(cause: &io::Error) -> bool {
    let is_of_path = matches!(
        cause.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::DirectoryNotEmpty
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidData
    );
    !is_of_path
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    fn code(error: anyhow::Error) -> String {
        format!("{:?}", report(&error, Lang::En))
    }

    #[test]
    fn a_usage_error_takes_one_line() {
        for (message, line) in [
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
            assert_eq!(parts(message).join("; "), line);
        }
    }

    #[test]
    fn codes_distinguish_user_errors_from_failures() {
        let expected = |code: u8| format!("{:?}", ExitCode::from(code));
        let user_error: anyhow::Result<()> = Err(UserError("no".to_string())).context("while training");
        assert_eq!(code(user_error.unwrap_err()), expected(2));
        assert_eq!(code(anyhow::anyhow!("out of luck")), expected(1));
        let full = CheckpointError::Write { path: "x".into(), cause: ErrorKind::StorageFull.into() };
        assert_eq!(code(full.into()), expected(1));
        let in_set_up = |kind: ErrorKind| RunError::Io { path: "x".into(), action: "write", cause: kind.into() };
        assert_eq!(code(in_set_up(ErrorKind::StorageFull).into()), expected(1));
        assert_eq!(code(in_set_up(ErrorKind::PermissionDenied).into()), expected(2));
        assert_eq!(code(RunError::Displaced { path: "x".into() }.into()), expected(1));
        assert_eq!(code(CheckpointError::NoneValid { first: "x".to_string() }.into()), expected(2));
        let pipe: anyhow::Result<()> = Err(io::Error::from(ErrorKind::BrokenPipe)).context("while writing");
        assert_eq!(code(pipe.unwrap_err()), expected(0));
    }
}
