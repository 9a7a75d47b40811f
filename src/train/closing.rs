//! What the user is told when training has ended: which checkpoint is the best and why, the newest figures, poems, and what
//! to do next.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::options::Display;
use super::trainer::Outcome;
use crate::run::event::QualityFigure;
use crate::run::notice::FinishReason;
use crate::ui::{self, Lang};
use crate::write::{Model, compose, usual_request};

/// Columns of the lines.
const WIDTH: usize = 78;
/// Most lines of a short poem.
const SHORT: usize = 8;
/// Seeds of the poems.
const SEEDS: [u64; 2] = [1, 2];

/// Prints it. The plain log has shown the checkpoint and the figures before.
///
/// # Errors
/// A checkpoint that cannot be read, or output that cannot be written.
pub fn print(outcome: &Outcome, run: &Path, display: Display, lang: Lang, out: &mut impl Write) -> Result<()> {
    let Outcome { reason, best, figures } = outcome;
    let mut text = String::new();
    if display == Display::Dashboard {
        let figures: Vec<String> = figures.iter().map(QualityFigure::to_string).collect();
        let best = best.iter().map(|best| ui::notice_text(best, lang));
        for paragraph in [ui::finish_reason(*reason, lang)].into_iter().chain(best).chain([figures.join(", ")]) {
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
    let poems = compose(&model, usual_request(&model), &SEEDS)?;
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
    let line = |(command, english, chinese): (&str, &str, &str)| {
        let meaning = if lang == Lang::Zh { chinese } else { english };
        format!("poetgan {command:<5} --model {}    {meaning}\n", run.display())
    };
    format!("\n{}", commands.map(line).concat())
}

/// Rings the bell of a terminal.
pub fn ring(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\x07")?;
    out.flush()
}
