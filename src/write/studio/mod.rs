//! `poetgan studio`: a screen for writing poems with the constraints that `write` has.

mod candidate;
mod files;
mod worker;

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::{AxisMove, Model, ModelChoice, WriteOptions, axes, choice};
use crate::error::UserError;
use crate::outputs;
use crate::run::event::AxisWords;
use crate::signals;
use crate::ui::studio::{StudioAxes, StudioField, StudioSetup};
use crate::ui::{self, Theme};
use worker::Writer;

/// The options of `studio`.
#[derive(Clone, Debug, PartialEq)]
pub struct StudioOptions {
    /// As for `write`.
    pub model: ModelChoice,
    /// The file that poems are kept in.
    pub favourites: PathBuf,
    /// Options of `write` that are filled in from the beginning, and their texts.
    pub texts: Vec<(String, String)>,
}

/// Reads the words of a `write` command as the command line does. The error is in the language of the screen.
pub type WordReader<'a> = dyn Fn(&[String]) -> Result<WriteOptions, String> + Sync + 'a;

/// Shows the screen until the user quits. `fields` are those of the form, which `read` reads.
///
/// # Errors
/// No terminal, one that cannot be used, or a model that cannot be read.
pub fn run(options: &StudioOptions, fields: Vec<StudioField>, read: &WordReader, theme: Theme) -> Result<()> {
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let message = "studio: needs a terminal; poetgan write has the same options";
        return Err(UserError(message.to_string()).into());
    }
    outputs::check(&[&options.favourites], options.model.named().as_slice())?;
    crate::nn::threads::prepare();
    let model = options.model.open(theme.lang)?;
    let setup = StudioSetup {
        model: model.name.clone(),
        fields,
        texts: options.texts.clone(),
        axes: studio_axes(&model)?,
        favourites: options.favourites.display().to_string(),
    };
    let stop = signals::watch(ui::restore_terminal)?;
    let ((commands, requests), (answers, shown)) = (channel(), channel());
    let model_words = choice::words(&options.model, &model);
    let writer = Writer { model: &model, model_words, favourites: &options.favourites, read, lang: theme.lang };
    thread::scope(|scope| {
        let worker = scope.spawn(move || writer.answer(&requests, &answers));
        let ended = ui::studio::studio(setup, shown, commands, &stop, theme);
        worker.join().map_err(|_| anyhow!("the thread that writes the poems has failed"))?;
        ended.context("cannot use the terminal")
    })
}

/// The directions of z, and what the words at their ends name.
///
/// # Errors
/// Themes that do not fit together.
fn studio_axes(model: &Model) -> Result<StudioAxes> {
    let (z_dim, themes) = (model.config.model.z_dim, model.themes()?);
    let mut words = themes.as_ref().map_or_else(Vec::new, |themes| axes::axis_words(themes, &model.tokenizer));
    let mut names = BTreeMap::new();
    if let Some(themes) = &themes {
        let strength = |axis: usize, word: &str| axes::strength(themes, &model.tokenizer, axis, word);
        for word in words.iter().flat_map(|axis| axis.positive.iter().chain(&axis.negative)) {
            let place = AxisMove { axis: word.clone(), amount: 1.0 }.find(&words, z_dim, strength);
            names.extend(place.ok().map(|place| (word.to_lowercase(), place)));
        }
    }
    words.resize(z_dim, AxisWords::default());
    Ok(StudioAxes { words, names })
}
