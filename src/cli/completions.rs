//! Completion of the command line by a shell: the script that registers it, and the answers to that script, which calls the
//! program for every completion, since forms, runs and axes are known only then.

use std::ffi::OsStr;
use std::io;

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};
use clap_complete::engine::{
    ArgValueCandidates, ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{CompleteEnv, Shells};

use super::args::Arguments;
use crate::printable::{printable, tell};
use crate::write::known;

/// The variable by which the script asks for completions; its value is the shell.
const VARIABLE: &str = "POETGAN_COMPLETE";

/// The script of a shell.
///
/// # Errors
/// None; only the signature of the library has one.
pub fn script(shell: clap_complete::Shell) -> io::Result<Vec<u8>> {
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(&shell.to_string()) {
        completer.write_registration(VARIABLE, "poetgan", "poetgan", "poetgan", &mut script)?;
    }
    Ok(script)
}

/// Answers the script of a shell, if it has called; then the process is to end.
pub fn answer() -> bool {
    // Paths are completed from here.
    let here = std::env::current_dir().ok();
    let completions = CompleteEnv::with_factory(command).var(VARIABLE);
    let answered = completions.try_complete(std::env::args_os(), here.as_deref());
    answered.unwrap_or_else(|error| {
        // The shell shows it to the user.
        tell(&format!("poetgan: {error}"));
        true
    })
}

/// The command line with the values that are known when the program is called.
fn command() -> Command {
    let mut command = Arguments::command().mut_subcommands(|command| command.mut_args(with_values));
    command.build();
    command
}

fn with_values(argument: Arg) -> Arg {
    match argument.get_id().as_str() {
        "form" => argument.add(ArgValueCandidates::new(forms)),
        "axes" => argument.add(ArgValueCandidates::new(axes)),
        "checkpoint" => argument.add(ArgValueCandidates::new(|| candidates(["best", "last", "pretrained"]))),
        "rhyme" => argument.add(ArgValueCandidates::new(|| candidates(["auto"]))),
        "model" | "from" => argument.add(ArgValueCompleter::new(NamesAndPaths(&["builtin"]))),
        "run" | "runs" => argument.add(ArgValueCompleter::new(NamesAndPaths(&[]))),
        _ => argument,
    }
}

/// A shell would print these as they are, and no shell could read back what was changed, so such values are left out.
fn candidates<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Vec<CompletionCandidate> {
    let values = values.into_iter().filter(|value| printable(value.as_ref()) == value.as_ref());
    values.map(|value| CompletionCandidate::new(value.as_ref())).collect()
}

fn forms() -> Vec<CompletionCandidate> {
    let named = known::forms().into_iter().flat_map(|form| {
        let name = form.name().map(|name| CompletionCandidate::new(name).help(Some(StyledStr::from(form.to_string()))));
        std::iter::once(CompletionCandidate::new(form.to_string())).chain(name)
    });
    named.collect()
}

/// The words at the ends of the axes, with the sign that comes before the amount.
fn axes() -> Vec<CompletionCandidate> {
    candidates(known::axis_ends().iter().map(|word| format!("{word}=")))
}

/// Runs below runs/ and these other names; paths if no name begins so.
#[derive(Clone)]
struct NamesAndPaths(&'static [&'static str]);

impl ValueCompleter for NamesAndPaths {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let typed = current.to_string_lossy();
        let names = self.0.iter().map(ToString::to_string).chain(known::runs());
        let names: Vec<String> = names.filter(|name| name.starts_with(&*typed)).collect();
        // All files of the folder would hide the names.
        if names.is_empty() { paths(current) } else { candidates(names) }
    }
}

fn paths(current: &OsStr) -> Vec<CompletionCandidate> {
    let is_shown = |candidate: &CompletionCandidate| {
        let path = candidate.get_value().to_string_lossy();
        printable(&path) == path
    };
    PathCompleter::any().complete(current).into_iter().filter(is_shown).collect()
}
