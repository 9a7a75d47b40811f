//! The command line: arguments become plain option structs. No other module uses clap.

mod args;
mod completions;
mod exit;
mod help;
mod language;
mod man;
mod output;
mod studio_form;
mod synonyms;
mod threads;
mod values;

pub use exit::report;

use crate::config::Config;
use crate::lang::{self, Lang};
use crate::printable::tell;
use crate::train::options::Display;
use crate::ui::ThemeOverrides;
use crate::write::ModelChoice;
use crate::write::explain::ExplainStyle;
use args::{Arguments, CliCommand, Explore, Studio};
use clap::FromArgMatches;
use output::{of_program, standard_output};
use std::io::{self, IsTerminal, Write};

/// A parsed command line, and the language to answer in.
pub struct Invocation {
    arguments: Arguments,
    lang: Lang,
}

/// Parses the command line of the process. Exits the process after `--help` and `--version` and when a shell asks for
/// completions (code 0), and on a usage error (code 2).
pub fn parse() -> Invocation {
    if completions::answer() {
        std::process::exit(0);
    }
    let lang = language::of_arguments(std::env::args_os().skip(1));
    let command = help::command(lang);
    let parsed = command.clone().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = parsed.unwrap_or_else(|error| {
        let mut words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        let named = words.find_map(|word| command.find_subcommand(word));
        exit::refuse(&error, named, lang)
    });
    Invocation { lang: arguments.lang.map_or(lang, Lang::from), arguments }
}

impl Invocation {
    /// The language to answer in.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// Number of threads; `None` if `RAYON_NUM_THREADS` sets it.
    pub fn threads(&self) -> Option<usize> {
        let wanted = match &self.arguments.command {
            CliCommand::Train(train) => train.threads,
            CliCommand::Write(write) => write.threads,
            CliCommand::Revise(revise) => revise.threads,
            CliCommand::Explore(explore) => explore.threads,
            CliCommand::Studio(studio) => studio.threads,
            CliCommand::Between(between) => between.threads,
            CliCommand::Bench(bench) => bench.threads,
            CliCommand::Eval(eval) => eval.comparison.threads,
            CliCommand::Sweep(sweep) => sweep.comparison.threads,
            CliCommand::Merge(merge) => merge.threads,
            CliCommand::Oracle(oracle) => oracle.threads,
            CliCommand::Tour(_)
            | CliCommand::Watch(_)
            | CliCommand::Replay(_)
            | CliCommand::Export(_)
            | CliCommand::Metrics(_)
            | CliCommand::Runs(_)
            | CliCommand::Check(_)
            | CliCommand::Corpus(_) => None,
            CliCommand::Pack { .. }
            | CliCommand::Config { .. }
            | CliCommand::Completions { .. }
            | CliCommand::Man { .. } => None,
        };
        if let Some(wanted) = wanted.filter(|&wanted| wanted > threads::allowed()) {
            let allowed = threads::allowed();
            let note = format!(
                "note: --threads {wanted}: this process may use {allowed} processors, so it uses {allowed} threads"
            );
            tell(&lang::message(self.lang, &note));
        }
        threads::choose(wanted)
    }

    /// Whether the command computes with tensors.
    fn computes(&self) -> bool {
        !matches!(
            self.arguments.command,
            CliCommand::Tour(_)
                | CliCommand::Watch(_)
                | CliCommand::Replay(_)
                | CliCommand::Check(_)
                | CliCommand::Corpus(_)
                | CliCommand::Metrics(_)
                | CliCommand::Runs(_)
                | CliCommand::Config { .. }
                | CliCommand::Completions { .. }
                | CliCommand::Man { .. }
        )
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Whatever the command fails with.
    pub fn run(self) -> anyhow::Result<()> {
        if self.computes() {
            threads::start()?;
        }
        // The dashboard and the plain log write to the terminal themselves.
        let (out, coloured) = (|| standard_output(false), || standard_output(has_colour()));
        let lang = self.lang;
        match self.arguments.command {
            CliCommand::Train(train) => {
                let ranks = crate::cluster::join()?;
                // A process of mpirun may write to the terminal, but would be stopped for reading keys from it.
                let has_screen = io::stdout().is_terminal() && ranks.is_alone();
                let dashboard = if has_screen { Display::Dashboard } else { Display::Plain };
                let theme = train.screen.theme(lang);
                crate::train::follow::train(&train.options(dashboard, words()), theme, ranks)?;
            }
            CliCommand::Tour(tour) => print(&mut out(), crate::watch::tour::run(tour.screen.theme(lang))?.as_bytes())?,
            CliCommand::Watch(watch) => crate::watch::watch(&watch.runs, watch.screen.theme(lang))?,
            CliCommand::Replay(args) => crate::watch::replay(args.run.as_deref(), args.speed, args.screen.theme(lang))?,
            CliCommand::Write(write) => crate::write::run(&write.options(explain_style(lang)), &mut coloured())?,
            CliCommand::Revise(revise) => crate::write::revise::run(&revise.options(lang), &mut out())?,
            CliCommand::Explore(arguments) => explore(arguments, lang)?,
            CliCommand::Studio(arguments) => studio(arguments, lang)?,
            CliCommand::Between(between) => crate::write::between::run(&between.options(lang), &mut out())?,
            CliCommand::Bench(bench) => crate::bench::run(&bench.options(lang), &mut out())?,
            CliCommand::Eval(eval) => crate::eval::run(&eval.options(lang), &mut out())?,
            CliCommand::Sweep(sweep) => crate::sweep::run(&sweep.options(lang), &mut out())?,
            CliCommand::Merge(merge) => crate::merge::run(merge.options(lang), &mut out())?,
            CliCommand::Oracle(oracle) => crate::oracle::run(&oracle.options(), &mut out())?,
            CliCommand::Check(check) => crate::check::run(&check.options(has_colour(), lang), &mut coloured())?,
            CliCommand::Corpus(corpus) => crate::inspect::run(&corpus.options(lang), &mut out())?,
            CliCommand::Export(export) => crate::export::run(&export.options(lang), &mut out())?,
            CliCommand::Metrics(metrics) => crate::series::run(&metrics.options(), &mut out())?,
            CliCommand::Runs(runs) => crate::runs::run(&runs.options(lang), &mut out())?,
            CliCommand::Pack { model, checkpoint, corpus, output } => {
                let model = ModelChoice { path: Some(model), checkpoint };
                print(&mut out(), crate::write::pack(&model, corpus.as_deref(), &output, lang)?.as_bytes())?;
            }
            CliCommand::Config { preset } => print(&mut out(), Config::preset_text(&preset)?.as_bytes())?,
            CliCommand::Completions { shell } => print(&mut of_program(), &completions::script(shell)?)?,
            CliCommand::Man { folder } => print(&mut out(), &man::run(folder.as_deref(), lang)?)?,
        }
        Ok(())
    }
}

fn explore(arguments: Explore, lang: Lang) -> anyhow::Result<()> {
    let theme = arguments.screen.theme(lang);
    crate::write::explore::run(&arguments.options(), theme)
}

fn studio(arguments: Studio, lang: Lang) -> anyhow::Result<()> {
    let theme = arguments.screen.theme(lang);
    let read = |words: &[String]| studio_form::read(words, lang);
    crate::write::studio::run(&arguments.options(), studio_form::fields(lang), &read, theme)
}

/// The words of the command line; the program by its name, wherever it is.
fn words() -> Vec<String> {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    std::iter::once("poetgan".to_string()).chain(words).collect()
}

/// Whether the standard output takes colours.
fn has_colour() -> bool {
    io::stdout().is_terminal() && crate::ui::Theme::from_environment(ThemeOverrides::default()).has_colour()
}

/// How poems are explained on the standard output.
fn explain_style(lang: Lang) -> ExplainStyle {
    ExplainStyle { lang, colour: has_colour() }
}

fn print(out: &mut impl Write, text: &[u8]) -> anyhow::Result<()> {
    Ok(out.write_all(text).and_then(|()| out.flush())?)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// In the child of a test.
    const CHILD: &str = "POETGAN_NO_THREAD_CHILD";

    fn n_threads() -> usize {
        std::fs::read_dir("/proc/self/task").unwrap().count()
    }

    /// `main` sets environment variables after this, which is sound only in a process of one thread.
    #[test]
    fn reading_the_command_line_starts_no_thread() {
        if std::env::var_os(CHILD).is_some() {
            let (before, lang) = (n_threads(), language::of_arguments(std::env::args_os()));
            let matches = help::command(lang).try_get_matches_from(["poetgan", "train", "poems.txt", "--threads", "2"]);
            let invocation = Invocation { lang, arguments: Arguments::from_arg_matches(&matches.unwrap()).unwrap() };
            assert!(invocation.threads().is_some());
            assert_eq!(n_threads(), before);
            return;
        }
        // Other tests start threads, so this one has a process of its own.
        let name = "cli::tests::reading_the_command_line_starts_no_thread";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args([name, "--exact", "--test-threads", "1"]).env(CHILD, "1").env_remove("RAYON_NUM_THREADS");
        let output = child.output().unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && out.contains("1 passed"), "{out}");
    }
}
