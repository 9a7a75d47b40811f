//! The command line: what the user writes becomes plain options. Nothing below knows clap.

mod args;
mod exit;
mod threads;
mod values;

pub use exit::report;

use crate::config::Config;
use crate::train::options::Display;
use crate::ui::ThemeOverrides;
use anyhow::Context;
use args::{Arguments, Command};
use clap::{CommandFactory, Parser};
use std::io::{self, IsTerminal, Write};

/// A command line that has been understood.
pub struct Invocation(Arguments);

/// Reads the command line of the process. Ends the process for `--help` and `--version` (0) and for what cannot be
/// understood (2).
pub fn parse() -> Invocation {
    Invocation(Arguments::try_parse().unwrap_or_else(|error| {
        let word = std::env::args().nth(1);
        let command = word.filter(|word| Arguments::command().find_subcommand(word).is_some());
        exit::refuse(&error, command.as_deref())
    }))
}

impl Invocation {
    /// Threads to compute with; `None` leaves it to the environment, where `RAYON_NUM_THREADS` says so.
    pub fn threads(&self) -> Option<usize> {
        let wanted = match &self.0.command {
            Command::Train(train) => train.threads,
            Command::Write(write) => write.threads,
            Command::Bench(bench) => bench.threads,
            Command::Eval(eval) => eval.threads,
            Command::Sweep(sweep) => sweep.threads,
            Command::Oracle(oracle) => oracle.threads,
            Command::Watch(_) | Command::Replay(_) | Command::Export(_) | Command::Runs(_) | Command::Check(_) => None,
            Command::Pack { .. } | Command::Config { .. } | Command::Completions { .. } => None,
        };
        threads::choose(wanted)
    }

    /// Whether there are tensors in it: all else only reads and writes texts.
    fn computes(&self) -> bool {
        !matches!(
            self.0.command,
            Command::Watch(_)
                | Command::Replay(_)
                | Command::Check(_)
                | Command::Export(_)
                | Command::Runs(_)
                | Command::Config { .. }
                | Command::Completions { .. }
        )
    }

    /// Does what was asked.
    pub fn run(self) -> anyhow::Result<()> {
        if self.computes() {
            threads::start()?;
        }
        let mut out = io::stdout().lock();
        match self.0.command {
            Command::Train(train) => {
                // The trainer's own readers of events write to the terminal.
                drop(out);
                let dashboard = if io::stdout().is_terminal() { Display::Dashboard } else { Display::Plain };
                let theme = train.look.theme();
                crate::train::follow::train(&train.options(dashboard), theme)?;
            }
            Command::Watch(watch) => {
                drop(out);
                crate::watch::watch(watch.run.as_deref(), watch.look.theme())?;
            }
            Command::Replay(replay) => {
                drop(out);
                crate::watch::replay(replay.run.as_deref(), replay.speed, replay.look.theme())?;
            }
            Command::Write(write) => crate::write::run(&write.options(), &mut out)?,
            Command::Bench(bench) => crate::bench::run(&bench.options(), &mut out)?,
            Command::Eval(eval) => crate::eval::run(&eval.options(), &mut out)?,
            Command::Sweep(sweep) => crate::sweep::run(&sweep.options(), &mut out)?,
            Command::Oracle(oracle) => crate::oracle::run(&oracle.options(), &mut out)?,
            Command::Check(check) => {
                let colour = io::stdout().is_terminal()
                    && crate::ui::Theme::from_environment(ThemeOverrides::default()).has_colour();
                crate::check::run(&check.options(colour), &mut out)?;
            }
            Command::Export(export) => crate::export::run(&export.options(), &mut out)?,
            Command::Runs(runs) => crate::runs::run(&runs.options(), &mut out)?,
            Command::Pack { model, output } => {
                let told = crate::write::pack(&model, &output)?;
                print(&mut out, told.as_bytes())?;
            }
            Command::Config { preset } => print(&mut out, Config::preset_text(&preset)?.as_bytes())?,
            Command::Completions { shell } => print(&mut out, &completions(shell))?,
        }
        Ok(())
    }
}

fn print(out: &mut impl Write, text: &[u8]) -> anyhow::Result<()> {
    out.write_all(text).and_then(|()| out.flush()).context("cannot write to the standard output")
}

/// The script goes through a buffer, since clap panics when it cannot write one.
fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "poetgan", &mut script);
    script
}
