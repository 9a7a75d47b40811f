//! `poetgan sweep`: quality against diversity at ten temperatures, for a model and for the same model at the end of
//! pretraining. A model that is better at one temperature may be no better than its pretrained version at another (Caccia
//! et al. 2018, "Language GANs Falling Short"), so only the curves show whether adversarial training helped.

mod draw;
mod scorer;
mod verdict;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ratatui::layout::Size;
use serde::Serialize;

use crate::corpus::Form;
use crate::error::UserError;
use crate::eval::progress::ProgressLine;
use crate::eval::record::{self, ComparisonRecord};
use crate::eval::report::padded;
use crate::eval::{ComparisonOptions, NamedModel, PoemText, jackknife, read_corpus};
use crate::lang::{self, Lang};
use crate::metrics::{Verse, diversity};
use crate::nn::threads;
use crate::printable::{self, printable};
use crate::shard::{DividedWork, PartSet};
use crate::write::{Model, PoemRequest, SelectBy, compose, seeds_of_sample};
use draw::{Panel, SweepCurve, SweepPicture};
use scorer::{QUALITIES, QualityScorer};
use verdict::{Gain, SweepPoint, gains, sentence};

/// The name of the command in its parts.
const COMMAND: &str = "sweep";

/// Number of temperatures, evenly spaced between the lowest and the highest.
const TEMPERATURES: usize = 10;
const LOWEST: f32 = 0.6;
const HIGHEST: f32 = 1.4;

/// Size of the plot in the terminal, in cells.
const TERMINAL: Size = Size { width: 72, height: 20 };

/// The options of `sweep`.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepOptions {
    pub comparison: ComparisonOptions,
    pub files: PlotFiles,
    pub lang: Lang,
}

/// Files for the plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotFiles {
    pub svg: Option<PathBuf>,
    pub png: Option<PathBuf>,
}

impl PlotFiles {
    pub fn paths(&self) -> Vec<&Path> {
        [&self.svg, &self.png].into_iter().flatten().map(PathBuf::as_path).collect()
    }
}

/// The curves of both models for one quality.
#[derive(Serialize)]
struct Plane {
    quality: &'static str,
    model: Vec<SweepPoint>,
    pretrained: Vec<SweepPoint>,
    /// Gains of the model over the pretrained model at equal diversity.
    gains: Vec<Gain>,
    verdict: String,
}

/// The result of `poetgan sweep`.
#[derive(Serialize)]
struct SweepReport {
    model: String,
    corpus: String,
    form: String,
    samples: usize,
    select: usize,
    select_by: SelectBy,
    top_p: f32,
    seed: u64,
    diversity: &'static str,
    planes: Vec<Plane>,
}

/// Computes both curves and prints the report; or computes a part of the work, and writes its file.
///
/// # Errors
/// A model without a checkpoint of the end of pretraining, a corpus without the form, files that cannot be read or written.
pub fn run(options: &SweepOptions, out: &mut impl Write) -> Result<()> {
    let Some(options_of_part) = &options.comparison.part else {
        return print(options, &mut DividedWork::Whole, out);
    };
    let mut work = options_of_part.begin(COMMAND)?;
    measure(options, &mut work)?;
    options_of_part.finish(&work, options.lang, out)
}

/// Prints the report on what the parts have generated.
///
/// # Errors
/// Parts that were computed with another model or corpus, and whatever [`run`] fails with.
pub fn merge(parts: PartSet, json: bool, files: PlotFiles, lang: Lang, out: &mut impl Write) -> Result<()> {
    let ComparisonRecord { comparison, .. } = ComparisonRecord::of_identity(&parts.identity())?;
    let options = SweepOptions { comparison: ComparisonOptions { json, ..comparison }, files, lang };
    print(&options, &mut DividedWork::Merged(parts), out)
}

fn print(options: &SweepOptions, work: &mut DividedWork, out: &mut impl Write) -> Result<()> {
    let Some(report) = measure(options, work)? else { return Ok(()) };
    report.draw(&options.files)?;
    let shown = if options.comparison.json { report.json(out) } else { report.text(options.lang, out) };
    shown.context("cannot write the report")
}

/// The report; `None` for a part of the work.
fn measure(options: &SweepOptions, work: &mut DividedWork) -> Result<Option<SweepReport>> {
    threads::prepare();
    let comparison = &options.comparison;
    let model = comparison.model.open(options.lang)?;
    let pretrained = pretrained_of(&model)?;
    let path = comparison.checked_corpus(&model, COMMAND, &options.files.paths())?;
    let form = comparison.form.map_or_else(|| usual_form(&model, &path), Ok)?;
    let mut progress = ProgressLine::new(2 * TEMPERATURES, options.lang);
    let corpus = read_corpus(&path, comparison.corpus.as_deref(), &model)?;
    if !corpus.training.iter().any(|poem| model.tokenizer.tagged_form(poem.form) == form) {
        return Err(UserError(format!("{}: it has no poem of the form {form}", corpus.info.path)).into());
    }
    let models = [("model", &model), ("pretrained", &pretrained)].map(|(name, model)| NamedModel { name, model });
    work.identify(|| record::identity(comparison, None, &models, &corpus.info.sha256))?;
    let scorer =
        if work.is_part() { None } else { Some(QualityScorer::new(&model, corpus, form, comparison, &mut progress)?) };
    let mut curves = Vec::new();
    for named in models {
        curves.push(curve(scorer.as_ref(), named, form, comparison, work, &mut progress)?);
    }
    drop(progress);
    let planes = QUALITIES.iter().filter_map(|quality| plane(quality, &curves)).collect();
    let report = SweepReport {
        model: model.name.clone(),
        corpus: path.display().to_string(),
        form: form.to_string(),
        samples: comparison.samples,
        select: comparison.select,
        select_by: comparison.select_by,
        top_p: comparison.top_p,
        seed: comparison.seed,
        diversity: "distinct_2",
        planes,
    };
    Ok(scorer.map(|_| report))
}

/// The model at the end of pretraining, if that is another one.
fn pretrained_of(model: &Model) -> Result<Model> {
    let Some(pretrained) = model.pretrained()? else {
        let message = "this model has no checkpoint of the end of pretraining, which a sweep compares with; \
                       train a run into the adversarial phase, and name it with --model";
        return Err(UserError(message.to_string()).into());
    };
    if pretrained.name == model.name {
        let message = format!(
            "{}: this is the end of pretraining itself; choose a later checkpoint of the run with --checkpoint, such as last",
            model.name
        );
        return Err(UserError(message).into());
    }
    Ok(pretrained)
}

/// The form with most training poems.
fn usual_form(model: &Model, corpus: &Path) -> Result<Form> {
    let most = model.forms.iter().max_by_key(|(form, count)| (*count, std::cmp::Reverse(*form)));
    most.map(|(form, _)| *form)
        .ok_or_else(|| UserError(format!("{}: the model has no form; name one with --form", corpus.display())).into())
}

/// The points of a model, by rising temperature. Without a scorer, which a part of the work does not need, the poems are
/// generated only.
fn curve(
    scorer: Option<&QualityScorer>,
    NamedModel { name, model }: NamedModel,
    form: Form,
    options: &ComparisonOptions,
    work: &mut DividedWork,
    progress: &mut ProgressLine,
) -> Result<ModelCurves> {
    let seeds = seeds_of_sample(options.seed, options.samples);
    // The pretrained model has no discriminator, so its drafts are selected by its own likelihood.
    let by = if name == "model" { options.select_by } else { SelectBy::Likelihood };
    let mut points: BTreeMap<&'static str, Vec<SweepPoint>> = BTreeMap::new();
    for step in 0..TEMPERATURES {
        let temperature = LOWEST + (HIGHEST - LOWEST) * step as f32 / (TEMPERATURES - 1) as f32;
        let request = PoemRequest {
            form: Some(form),
            temperature: Some(temperature),
            top_p: options.top_p,
            select: options.select,
            by,
            with_scores: false,
        };
        let point = format!("{name} at temperature {temperature:.2}");
        progress.next(&point);
        let texts = work.items(&point, seeds.len(), |range| {
            let poems = compose(model, request, &seeds[range])?;
            Ok(poems.into_iter().map(|poem| poem.lines).collect::<Vec<PoemText>>())
        })?;
        let Some((scorer, texts)) = scorer.zip(texts) else { continue };
        let mut units = scorer.units.clone();
        let verses: Vec<Verse> = texts.iter().map(|lines| units.verse(lines)).collect();
        let diversity = jackknife(&verses, |verses| diversity::distinct(verses, 2));
        for (name, quality) in scorer.figures(&texts, &verses)? {
            points.entry(name).or_default().push(SweepPoint { temperature, diversity, quality });
        }
    }
    Ok(ModelCurves { name, points })
}

/// The points of a model for each quality.
struct ModelCurves {
    name: &'static str,
    points: BTreeMap<&'static str, Vec<SweepPoint>>,
}

fn plane(quality: &'static str, curves: &[ModelCurves]) -> Option<Plane> {
    let of = |name: &str| curves.iter().find(|curve| curve.name == name)?.points.get(quality).cloned();
    let (model, pretrained) = (of("model")?, of("pretrained")?);
    let gains = gains(&model, &pretrained);
    let verdict = sentence(quality, &gains);
    Some(Plane { quality, model, pretrained, gains, verdict })
}

impl Plane {
    fn curves(&self) -> [SweepCurve<'_>; 2] {
        [SweepCurve { name: "model", points: &self.model }, SweepCurve { name: "pretrained", points: &self.pretrained }]
    }
}

impl SweepReport {
    fn json(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "{}", printable::json(self)?)
    }

    /// Draws all qualities into the files.
    fn draw(&self, files: &PlotFiles) -> Result<()> {
        let panels = self.planes.iter().map(|plane| Panel { quality: plane.quality, curves: plane.curves() });
        let picture = SweepPicture { title: self.title(Lang::En), diversity: "distinct-2", panels: panels.collect() };
        files.svg.iter().try_for_each(|path| picture.svg(path))?;
        files.png.iter().try_for_each(|path| picture.png(path))
    }

    fn title(&self, lang: Lang) -> String {
        let SweepReport { form, samples, .. } = self;
        let [model, corpus] = [&self.model, &self.corpus].map(|text| printable(text));
        lang.pick(
            format!("{model} on {corpus}, {form}, {samples} poems per point"),
            format!("{model}，语料 {corpus}，体裁 {form}，每点 {samples} 首"),
        )
    }

    fn text(&self, lang: Lang, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(out, "{}", self.title(lang))?;
        if let Some(note) = self.select_by.note(self.select) {
            writeln!(out, "{}", lang::message(lang, &note))?;
        }
        let [temperature, model, pretrained, diversity] =
            lang.pick(["temperature", "model", "pretrained", "distinct-2"], ["温度", "模型", "预训练", "多样性"]);
        for plane in &self.planes {
            let quality = plane.quality;
            writeln!(out, "\n{} {} {pretrained}", padded("", 12), padded(model, 34))?;
            let heads = [(temperature, 12), (diversity, 12), (quality, 21), (diversity, 12), (quality, 0)];
            let heads: Vec<String> = heads.into_iter().map(|(head, width)| padded(head, width)).collect();
            writeln!(out, "{}", heads.join(" "))?;
            for (model, pretrained) in plane.model.iter().zip(&plane.pretrained) {
                write!(out, "{:<12.2}", model.temperature)?;
                let cells = [model, pretrained]
                    .map(|point| format!(" {:<12.3} {:<21}", point.diversity.value, point.quality.cell(true)));
                writeln!(out, "{}", cells.concat().trim_end())?;
            }
            let axes = lang.pick(
                format!("y axis: {quality}, x axis: distinct-2; m: model, p: pretrained model"),
                format!("纵轴：{quality}，横轴：多样性（distinct-2）；m：模型，p：预训练模型"),
            );
            writeln!(out, "\n{axes}")?;
            draw::text(&plane.curves(), TERMINAL).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            writeln!(out, "{}", lang::message(lang, &plane.verdict))?;
        }
        Ok(())
    }
}
