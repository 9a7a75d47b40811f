//! `poetgan sweep`: quality against diversity at ten temperatures, for a model and for what it was after pretraining. A
//! model that is only better at one temperature may be no better than the pretrained model at another one (Caccia et al. 2018,
//! "Language GANs Falling Short"); this is where adversarial training has to show what it was good for.

mod draw;
mod judge;
mod verdict;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::corpus::Form;
use crate::error::UserError;
use crate::eval::progress::Progress;
use crate::eval::{corpus_of, jackknife};
use crate::metrics::{Verse, diversity};
use crate::nn::threads;
use crate::write::{Chooser, Model, Wanted, compose, how_chosen, seeds_of_sample};
use draw::Curve;
use judge::{Judge, QUALITIES};
use verdict::{Gain, Point, gains, sentence};

/// Temperatures, evenly spread between these two.
const TEMPERATURES: usize = 10;
const COLDEST: f32 = 0.6;
const HOTTEST: f32 = 1.4;

/// Cells of the picture in the terminal.
const TERMINAL: (u16, u16) = (72, 20);

/// What the command line asks of `sweep`.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepOptions {
    pub corpus: Option<PathBuf>,
    pub model: Option<PathBuf>,
    /// `None`: the form that most held-out poems have.
    pub form: Option<Form>,
    /// Poems for each point.
    pub samples: usize,
    pub seed: u64,
    /// Drafts of each poem: of the model's its discriminator chooses one, of the pretrained model's its own likelihood.
    pub select: usize,
    /// Without the classifier, for which a language model is trained once.
    pub quick: bool,
    pub json: bool,
    /// Where the picture goes.
    pub svg: Option<PathBuf>,
    pub png: Option<PathBuf>,
}

/// The two curves in one plane.
#[derive(Serialize)]
struct Plane {
    /// What the quality is.
    quality: &'static str,
    model: Vec<Point>,
    warmup: Vec<Point>,
    /// How much better the model is at equal diversity.
    gains: Vec<Gain>,
    verdict: String,
}

/// Everything that was found.
#[derive(Serialize)]
struct Report {
    model: String,
    corpus: String,
    form: String,
    samples: usize,
    select: usize,
    seed: u64,
    diversity: &'static str,
    planes: Vec<Plane>,
}

/// Sweeps, and prints the result.
pub fn run(options: &SweepOptions, out: &mut impl Write) -> Result<()> {
    threads::prepare();
    let model = Model::find(options.model.as_deref())?;
    let Some(warmup) = model.pretrained()? else {
        let message = "this model has no checkpoint of the end of pretraining, which a sweep compares with; \
                       train a run into the adversarial phase, and name it with --model";
        return Err(UserError(message.to_string()).into());
    };
    if warmup.name == model.name {
        let message = format!(
            "{}: this is the end of pretraining, and no later checkpoint is better by the rule of the best; to sweep one \
             all the same, name its folder with --model RUN/checkpoints/STEP",
            model.name
        );
        return Err(UserError(message).into());
    }
    let path = corpus_of(options.corpus.as_deref(), &model)?;
    let form = options.form.map_or_else(|| usual_form(&model, &path), Ok)?;
    let (mut curves, mut progress) = (Vec::new(), Progress::new(2 * TEMPERATURES));
    let judge = Judge::new((&model, &path), form, options, &mut progress)?;
    for (name, model) in [("model", &model), ("pretrained", &warmup)] {
        curves.push(curve(&judge, (name, model), form, options, &mut progress)?);
    }
    drop(progress);
    let planes = QUALITIES.iter().filter_map(|quality| plane(quality, &curves)).collect();
    let report = Report {
        model: model.name.clone(),
        corpus: path.display().to_string(),
        form: form.to_string(),
        samples: options.samples,
        select: options.select,
        seed: options.seed,
        diversity: "distinct_2",
        planes,
    };
    let pictures = [(&options.svg, draw::svg as draw::File), (&options.png, draw::png)];
    for (path, draw) in pictures.into_iter().filter_map(|(path, draw)| Some((path.as_ref()?, draw))) {
        report.planes.first().map_or(Ok(()), |plane| draw(path, &plane.curves(), ("distinct-2", plane.quality)))?;
    }
    if options.json { report.json(out) } else { report.text(out) }.context("cannot write the report")
}

/// The form that the model knows best.
fn usual_form(model: &Model, corpus: &Path) -> Result<Form> {
    let most = model.forms.iter().max_by_key(|(form, count)| (*count, std::cmp::Reverse(*form)));
    most.map(|(form, _)| *form)
        .ok_or_else(|| UserError(format!("{}: the model knows no form; name one with --form", corpus.display())).into())
}

/// The points of a model, from cold to hot.
fn curve(
    judge: &Judge,
    (name, model): (&'static str, &Model),
    form: Form,
    options: &SweepOptions,
    progress: &mut Progress,
) -> Result<Swept> {
    let seeds = seeds_of_sample(options.seed, options.samples);
    // Pretraining has no discriminator, and chooses by its own likelihood.
    let by = if name == "model" { Chooser::Discriminator } else { Chooser::Likelihood };
    let mut points: BTreeMap<&'static str, Vec<Point>> = BTreeMap::new();
    for step in 0..TEMPERATURES {
        let temperature = COLDEST + (HOTTEST - COLDEST) * step as f32 / (TEMPERATURES - 1) as f32;
        let wanted =
            Wanted { form: Some(form), temperature: Some(temperature), select: options.select, by, judged: false };
        progress.next(&format!("{name} at temperature {temperature:.2}"));
        let poems = compose(model, wanted, &seeds)?;
        let texts: Vec<Vec<String>> = poems.into_iter().map(|poem| poem.lines).collect();
        let mut units = judge.units.clone();
        let verses: Vec<Verse> = texts.iter().map(|lines| units.verse(lines)).collect();
        let diversity = jackknife(&verses, |verses| diversity::distinct(verses, 2));
        for (name, quality) in judge.figures(&texts, &verses)? {
            points.entry(name).or_default().push(Point { temperature, diversity, quality });
        }
    }
    Ok(Swept { name, points })
}

/// A model's points by quality.
struct Swept {
    name: &'static str,
    points: BTreeMap<&'static str, Vec<Point>>,
}

fn plane(quality: &'static str, curves: &[Swept]) -> Option<Plane> {
    let of = |name: &str| curves.iter().find(|curve| curve.name == name)?.points.get(quality).cloned();
    let (model, warmup) = (of("model")?, of("pretrained")?);
    let gains = gains(&model, &warmup);
    let verdict = sentence(quality, &gains);
    Some(Plane { quality, model, warmup, gains, verdict })
}

impl Plane {
    fn curves(&self) -> [Curve<'_>; 2] {
        [Curve { name: "model", points: &self.model }, Curve { name: "pretrained", points: &self.warmup }]
    }
}

impl Report {
    fn json(&self, out: &mut impl Write) -> std::io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }

    fn text(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "{} on {}, {}, {} poems a point", self.model, self.corpus, self.form, self.samples)?;
        write!(out, "{}", how_chosen(self.select))?;
        for plane in &self.planes {
            writeln!(out, "\n{:<12} {:<34} pretraining", "", "model")?;
            writeln!(
                out,
                "{:<12} {:<12} {:<21} {:<12} {}",
                "temperature", "distinct-2", plane.quality, "distinct-2", plane.quality
            )?;
            for (model, warmup) in plane.model.iter().zip(&plane.warmup) {
                write!(out, "{:<12.2}", model.temperature)?;
                let cells = [model, warmup]
                    .map(|point| format!(" {:<12.3} {:<21}", point.diversity.value, point.quality.cell(true)));
                writeln!(out, "{}", cells.concat().trim_end())?;
            }
            writeln!(out, "\n{} upwards, distinct-2 to the right; m the model, w the pretrained model", plane.quality)?;
            draw::text(&plane.curves(), TERMINAL).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            writeln!(out, "{}", plane.verdict)?;
        }
        Ok(())
    }
}
