//! What the user is told when training has ended: which checkpoint is the best and why, the newest figures, poems, and what
//! to do next.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::options::Display;
use super::trainer::Outcome;
use crate::lang;
use crate::printable::{self, tell};
use crate::run::checkpoint::{self, Pointer};
use crate::run::notice::FinishReason;
use crate::shell;
use crate::ui::{self, Lang};
use crate::write::{Model, Steering, compose_steered, usual_request};

/// Columns of the lines.
const WIDTH: usize = 78;
/// Most lines of a short poem.
const SHORT: usize = 8;
/// Seeds of the poems.
const SEEDS: [u64; 2] = [1, 2];

/// Prints it. A failure is told on the standard error: this is no part of the training, which has ended well.
pub fn show(outcome: &Outcome, run: &Path, display: Display, lang: Lang) {
    let is_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if display != Display::Json
        && let Err(error) = print(outcome, run, display, lang, &mut printable::out(false))
        && !error.chain().any(is_pipe)
    {
        let message = format!("training has ended well, but its summary has failed: {error:#}");
        tell(&format!("poetgan: {}", lang::message(lang, &message)));
    }
}

/// The result of the training; rings the bell of the terminal, if that is wanted and the user has not stopped it.
pub fn ringing(bell: bool, result: Result<Outcome>) -> Result<Outcome> {
    let is_stopped = matches!(&result, Ok(outcome) if outcome.reason == FinishReason::Stopped);
    let mut terminal = io::stderr();
    if bell && !is_stopped && terminal.is_terminal() {
        // The end is on the screen as well.
        let _ = terminal.write_all(b"\x07");
    }
    result
}

/// The plain log has shown the checkpoint and the figures before.
///
/// # Errors
/// A checkpoint that cannot be read, or output that cannot be written.
fn print(outcome: &Outcome, run: &Path, display: Display, lang: Lang, out: &mut impl Write) -> Result<()> {
    let Outcome { reason, best, figures } = outcome;
    let mut text = String::new();
    if display == Display::Dashboard {
        let best = best.iter().map(|best| ui::notice_text(best, lang));
        let figures = figures.iter().map(|(step, figures)| ui::figures_text(*step, figures, lang));
        for paragraph in [ui::finish_reason(*reason, lang)].into_iter().chain(best).chain(figures) {
            ui::wrap(&paragraph, WIDTH).iter().for_each(|line| text.extend([line, "\n"]));
        }
    }
    if *reason != FinishReason::Stopped {
        text.push_str(&poems(run)?);
        text.push_str(&next(run, lang));
    }
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("cannot write to the standard output")
}

/// Poems of the best checkpoint, as `write` writes them.
fn poems(run: &Path) -> Result<String> {
    let model = Model::open(run)?;
    let steering = Steering { avoid_copying: true, ..Steering::default() };
    let poems = compose_steered(&model, usual_request(&model), &steering, &SEEDS)?;
    // Of long poems one is enough.
    let is_short = poems.iter().all(|poem| poem.lines.len() <= SHORT);
    Ok(poems.iter().take(if is_short { poems.len() } else { 1 }).map(|poem| format!("\n{}\n", poem.text)).collect())
}

/// The next commands.
fn next(run: &Path, lang: Lang) -> String {
    let commands = [
        ("write", "write poems", "写诗"),
        ("eval", "measure them beside real poems", "与真诗一同评测"),
        ("sweep", "compare with pretraining alone", "与只预训练相比"),
    ];
    let [best, pretrained] = [Pointer::Best, Pointer::Pretrained].map(|pointer| pointer.step(run));
    let has_later = checkpoint::steps_of(run).last().copied() > pretrained;
    let line = |(command, english, chinese): (&str, &str, &str)| {
        let meaning = lang.pick(english, chinese);
        let last: &[&str] = match command {
            "sweep" if pretrained.is_none() || (pretrained == best && !has_later) => return String::new(),
            "sweep" if pretrained == best => &["--checkpoint", "last"],
            _ => &[],
        };
        let run = shell::path_word(run);
        let options = shell::command(&[&["--model", run.as_str()], last].concat());
        format!("poetgan {command:<5} {options}    {meaning}\n")
    };
    format!("\n{}", commands.map(line).concat())
}
