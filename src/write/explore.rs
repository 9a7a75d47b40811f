//! `poetgan explore`: a poem moved along directions of z, on the screen of the dashboard, with a trained model.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::compose::Composer;
use super::{GeneratedPoem, Model, ModelChoice, PoemRequest, Steering, axes};
use crate::corpus::learned;
use crate::error::UserError;
use crate::lang::Lang;
use crate::nn::simd::Arch;
use crate::printable;
use crate::run::event::{AxisWords, Command, Event, LatentRequest, REACH, SamplePoem, ScoredLine};
use crate::signals;
use crate::ui::{self, Theme};

/// The options of `explore`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExploreOptions {
    /// As for `write`.
    pub model: ModelChoice,
    /// Seed of the first poem.
    pub seed: u64,
    /// Print the axes instead, also on a terminal: as a table, or as one JSON object a line.
    pub list: bool,
    pub json: bool,
}

/// Shows the screen until the user quits. Without a terminal, or if asked to, prints the axes.
///
/// # Errors
/// A model that cannot be read, or a terminal that cannot be used.
pub fn run(options: &ExploreOptions, theme: Theme) -> Result<()> {
    crate::nn::threads::prepare();
    let model = options.model.open(theme.lang)?;
    let has_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if options.list || options.json || !has_terminal {
        return list(&model, options.json, theme.lang, &mut printable::out(false));
    }
    let composer = Composer::new(Arch::new(), &model, PoemRequest::one_draft())?;
    let themes = model.themes()?;
    let axes = themes.map_or_else(Vec::new, |themes| axes::axis_words(&themes, &model.tokenizer));
    let stop = signals::watch(ui::restore_terminal)?;
    let ((commands, requests), (events, shown)) = (channel(), channel());
    thread::scope(|scope| {
        let worker = scope.spawn(|| answer(&model, &composer, &axes, requests, events));
        let ended = ui::explore(model.name.clone(), options.seed, shown, commands, &stop, theme);
        let answered = worker.join().map_err(|_| anyhow!("the thread that generates the poems has failed"))?;
        ended.context("cannot use the terminal")?;
        answered
    })
}

fn list(model: &Model, as_json: bool, lang: Lang, out: &mut impl Write) -> Result<()> {
    let Some(themes) = model.themes()?.filter(|themes| themes.keep.iter().any(|&keep| keep > 0.0)) else {
        return Err(UserError(format!("{}: this model has no themes", model.name)).into());
    };
    let words = axes::axis_words(&themes, &model.tokenizer);
    if as_json { axes::json(&themes, &words, out) } else { axes::table(&themes, &words, lang, out) }
        .and_then(|()| out.flush())
        .context("cannot write the axes")
}

/// Answers requests until the screen has ended.
fn answer(
    model: &Model,
    composer: &Composer,
    axes: &[AxisWords],
    requests: Receiver<Command>,
    events: Sender<Event>,
) -> Result<()> {
    while let Ok(mut command) = requests.recv() {
        // Of requests that have waited, only the last one is of interest.
        while let Ok(newer) = requests.try_recv() {
            command = newer;
        }
        let Command::Latent(request) = command else { continue };
        let poems = along(model, composer, &request)?;
        let LatentRequest { direction, form, moved, .. } = request;
        let of = model.config.model.z_dim;
        let event = Event::Latent { step: 0, direction, of, poems, form, moved, axes: axes.to_vec() };
        if events.send(event).is_err() {
            break;
        }
    }
    Ok(())
}

/// The poem at each amount of [`REACH`].
fn along(model: &Model, composer: &Composer, request: &LatentRequest) -> Result<Vec<(f32, SamplePoem)>> {
    let mut forms = learned(&model.forms, |(_, count)| *count);
    forms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let Some((form, _)) = forms.get(request.form % forms.len().max(1)) else { return Ok(Vec::new()) };
    let mut poems = Vec::new();
    for amount in REACH {
        let moves = [request.moved.as_slice(), &[(request.direction, amount)]].concat();
        let generated = composer.of_form(*form, &[request.seed], &Steering { moves, ..Steering::default() })?;
        poems.extend(generated.into_iter().map(|poem| (amount, shown(poem))));
    }
    Ok(poems)
}

fn shown(poem: GeneratedPoem) -> SamplePoem {
    let line = |text| ScoredLine { text, score: None, attributions: Vec::new(), tones: String::new() };
    SamplePoem {
        form: poem.form.to_string(),
        seed: poem.seed,
        lines: poem.lines.into_iter().map(line).collect(),
        score: poem.score,
        nearest: Vec::new(),
        stanzas: poem.stanzas,
    }
}
