//! What z does in the poems of a form: `z_bits`, `theme_response`, `theme_axes`.

use anyhow::Result;

use super::report::{AxisResponse, Figure, FormReport};
use super::{EvalOptions, NamedModel, TokenizedCorpus};
use crate::gan::data::Bucket;
use crate::gan::latent::{AxisResponses, LatentReader};
use crate::generator::{Request, Sampler, Sequences};
use crate::metrics::bootstrap;
use crate::shard::DividedWork;
use crate::theme::{self, ThemeSettings, Themes};
use crate::write::{Model, axis_words, seeds_of_sample};

/// At most this many poems are read.
const POEMS: usize = 1_000;
/// Poems that are moved along the axes; fewer for a quick report.
const SEEDS: usize = 60;
const QUICK_SEEDS: usize = 10;
/// A poem follows an axis if Spearman's correlation is at least this much.
const FOLLOWS: f64 = 0.9;
/// An axis responds if at least this share of the poems follow it.
const RESPONDS: f64 = 0.9;
/// Words of each end of an axis.
const WORDS: usize = 4;

/// Poems of a model whose z is known.
pub struct LatentPoems {
    seeds: Vec<u64>,
    /// The tokens of the poem of each seed.
    tokens: Vec<Vec<u32>>,
    /// Spearman's correlation of the first seeds with each axis that responds, [seeds][axes].
    spearman: Vec<Vec<f64>>,
    temperature: f32,
}

/// Generates the poems of a model, and moves them along its axes; `None` for a part of the work.
///
/// # Errors
/// A failed tensor operation.
pub fn generate(
    options: &EvalOptions,
    NamedModel { name, model }: NamedModel,
    data: &TokenizedCorpus,
    bucket: &Bucket,
    work: &mut DividedWork,
) -> Result<Option<LatentPoems>> {
    let (seed, special) = (options.comparison.seed, data.dataset.special);
    let sampler = Sampler::new(&model.config.model, special, &model.generator)?;
    let temperature = options.temperature.unwrap_or(model.config.sampling.temperature);
    let seeds = seeds_of_sample(seed, options.comparison.samples.min(POEMS));
    let tokens = work.items(&format!("{} {name} latents", bucket.form), seeds.len(), |range| {
        let poems = sampler.sample(request(bucket, &seeds[range], temperature));
        Ok((0..poems.count).map(|index| poems.poem(index).to_vec()).collect())
    })?;
    let n = if options.comparison.quick { QUICK_SEEDS } else { SEEDS }.min(seeds.len());
    let themes = model.themes()?.filter(|themes| themes.dims() > 0);
    // The bits of the correlations, since JSON might round them.
    let spearman: Option<Vec<Vec<u64>>> = work.items(&format!("{} {name} axes", bucket.form), n, |range| {
        let Some(themes) = &themes else { return Ok(vec![Vec::new(); range.len()]) };
        let reader = LatentReader { themes, tag: bucket.tag, rules: bucket.rules, special };
        let axes = reader.responses(&sampler, &seeds[range.clone()], temperature);
        let of_seed = |index: usize| axes.iter().map(|axis| axis.spearman[index].to_bits()).collect();
        Ok((0..range.len()).map(of_seed).collect())
    })?;
    let Some((tokens, spearman)) = tokens.zip(spearman) else { return Ok(None) };
    let spearman = spearman.into_iter().map(|seed| seed.into_iter().map(f64::from_bits).collect()).collect();
    Ok(Some(LatentPoems { seeds, tokens, spearman, temperature }))
}

fn request<'a>(bucket: &Bucket, seeds: &'a [u64], temperature: f32) -> Request<'a> {
    let Bucket { tag, rules, .. } = *bucket;
    Request { tag, rules, seeds, temperature, top_p: 1.0, theme: None, moved: &[] }
}

/// Adds the figures of a model. The column `shuffled` reads the model's poems against the z of other poems, `real`
/// held-out poems against the z that likelihood training would pair with them.
///
/// # Errors
/// A failed tensor operation.
pub fn add(
    NamedModel { name, model }: NamedModel,
    latents: LatentPoems,
    data: &TokenizedCorpus,
    bucket: &Bucket,
    seed: u64,
    report: &mut FormReport,
) -> Result<()> {
    let special = data.dataset.special;
    let (themes, has_themes) = themes(model, data)?;
    let reader = LatentReader { themes: &themes, tag: bucket.tag, rules: bucket.rules, special };
    let poems = sequences(&latents, model, data, bucket)?;
    let mut read = vec![(name, reader.bits(&poems, 0))];
    if name == "model" {
        read.push(("shuffled", reader.bits(&poems, 1)));
        if has_themes {
            read.push(("real", reader.bits(&held_out(&themes, data, bucket), 0)));
        }
        report.counts.insert("poems for z_bits", poems.count);
    }
    for (column, bits) in read.into_iter().filter(|(_, bits)| !bits.is_empty()) {
        report.insert(column, "z_bits", bootstrap::mean(&bits, seed).into());
    }
    let of_axis = |(index, axis): (usize, usize)| {
        let spearman = latents.spearman.iter().map(|seed| seed[index]).collect();
        AxisResponses { axis, spearman }
    };
    let responses: Vec<AxisResponses> = reader.axes().enumerate().map(of_axis).collect();
    if !responses.is_empty() {
        let Responses { mean, axes } = Responses::new(&responses, seed);
        report.insert(name, "theme_response", mean);
        report.insert(name, "theme_axes", axes);
        report.counts.insert("seeds for theme_response", latents.spearman.len());
        report.axes.insert(name, each_axis(&responses, &themes, model));
    }
    Ok(())
}

/// The poems with their z.
fn sequences(latents: &LatentPoems, model: &Model, data: &TokenizedCorpus, bucket: &Bucket) -> Result<Sequences> {
    let LatentPoems { seeds, tokens, temperature, .. } = latents;
    let sampler = Sampler::new(&model.config.model, data.dataset.special, &model.generator)?;
    let z = seeds.iter().flat_map(|&seed| sampler.z_of(seed, request(bucket, seeds, *temperature)));
    let rows: Vec<&[u32]> = tokens.iter().map(Vec::as_slice).collect();
    Ok(Sequences::new(&rows, z.collect(), data.dataset.special))
}

/// The themes of a model, and whether it has any; for a model without them those of the corpus, with which it was not
/// trained.
fn themes(model: &Model, data: &TokenizedCorpus) -> Result<(Themes, bool)> {
    if let Some(themes) = model.themes()?.filter(|themes| themes.dims() > 0) {
        return Ok((themes, true));
    }
    let settings = ThemeSettings { dims: 0, keep: 0.0 };
    Ok((theme::learn(&data.dataset.training_segments(), model.tokenizer.vocab_size(), settings)?, false))
}

/// Held-out poems, with the z that likelihood training would pair with them.
fn held_out(themes: &Themes, data: &TokenizedCorpus, bucket: &Bucket) -> Sequences {
    let rows: Vec<&[u32]> = bucket.held_out.iter().take(POEMS).map(Vec::as_slice).collect();
    let mut poems = data.dataset.sequences(&rows, "held-out noise", 0);
    let z_dim = poems.z.len() / rows.len().max(1);
    for (poem, z) in rows.iter().zip(poems.z.chunks_mut(z_dim.max(1))) {
        themes.enter(z, &themes.of_poem(bucket.tag, &data.dataset.segments(poem)));
    }
    poems
}

/// Both figures over all axes, with intervals over the seeds.
struct Responses {
    /// Mean of Spearman's correlation.
    mean: Figure,
    /// Number of axes that respond.
    axes: Figure,
}

impl Responses {
    fn new(responses: &[AxisResponses], seed: u64) -> Responses {
        let seeds: Vec<usize> = (0..responses[0].spearman.len()).collect();
        let mean =
            |index: &usize| responses.iter().map(|axis| axis.spearman[*index]).sum::<f64>() / responses.len() as f64;
        let responding = |seeds: &[usize]| {
            let responds = |axis: &&AxisResponses| {
                let following = seeds.iter().filter(|index| axis.spearman[**index] >= FOLLOWS).count();
                following as f64 >= RESPONDS * seeds.len() as f64
            };
            responses.iter().filter(responds).count() as f64
        };
        let means: Vec<f64> = seeds.iter().map(mean).collect();
        Responses {
            mean: bootstrap::mean(&means, seed).into(),
            axes: bootstrap::interval(&seeds, seed, responding).into(),
        }
    }
}

fn each_axis(responses: &[AxisResponses], themes: &Themes, model: &Model) -> Vec<AxisResponse> {
    let words = axis_words(themes, &model.tokenizer);
    let of_axis = |AxisResponses { axis, spearman }: &AxisResponses| {
        let [negative, positive] = words[*axis].ends(WORDS);
        let n = spearman.len() as f64;
        let follows = spearman.iter().filter(|value| **value >= FOLLOWS).count() as f64 / n;
        AxisResponse { axis: *axis, negative, positive, spearman: spearman.iter().sum::<f64>() / n, follows }
    };
    responses.iter().map(of_axis).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::data::special_tokens;
    use crate::generator::Rules;
    use crate::nn::params::Weights;

    #[test]
    fn an_axis_responds_if_nine_of_ten_seeds_follow_it() {
        let axis = |axis, following: usize| {
            let spearman = (0..20).map(|seed| if seed < following { 0.9 } else { 0.1 }).collect();
            AxisResponses { axis, spearman }
        };
        let Responses { mean, axes } = Responses::new(&[axis(0, 20), axis(1, 18), axis(2, 17), axis(3, 0)], 0);
        assert_eq!(axes.value, 2.0);
        assert!((mean.value - (0.9 * 55.0 + 0.1 * 25.0) / 80.0).abs() < 1e-9, "{mean:?}");
        let (low, high) = axes.interval.unwrap();
        assert!(low <= 2.0 && (2.0..=3.0).contains(&high), "{axes:?}");
    }

    /// What the model inside has, and the same model without its projection of z.
    #[test]
    fn a_generator_without_z_tells_nothing_and_follows_nothing() {
        let model = Model::builtin().unwrap();
        let form = "5x4".parse().unwrap();
        let (themes, special) = (model.themes().unwrap().unwrap(), special_tokens(&model.tokenizer));
        let tag = model.tokenizer.form_token(form).unwrap();
        let rules = Rules::new(form, &model.config.model);
        let reader = LatentReader { themes: &themes, tag, rules, special };
        let figures = |weights: &Weights| {
            let sampler = Sampler::new(&model.config.model, special, weights).unwrap();
            let seeds = seeds_of_sample(1, 300);
            let request = Request { tag, rules, seeds: &seeds, temperature: 1.0, top_p: 1.0, theme: None, moved: &[] };
            let bits = reader.bits(&sampler.sample(request), 0);
            let responses = Responses::new(&reader.responses(&sampler, &seeds[..2], 1.0), 0);
            [bits.iter().sum::<f64>() / 300.0, responses.mean.value, responses.axes.value]
        };
        let [bits, response, axes] = figures(&model.generator);
        assert!(bits > 3.0 && response > 0.85 && axes >= 5.0, "{bits} {response} {axes}");
        let mut deaf = model.generator.clone();
        let projection: Vec<String> = deaf.keys().filter(|name| name.starts_with("noise")).cloned().collect();
        assert!(!projection.is_empty());
        projection.into_iter().for_each(|name| {
            let zero = deaf[&name].zeros_like().unwrap();
            deaf.insert(name, zero);
        });
        let [bits, response, axes] = figures(&deaf);
        // The same poem at all positions has equal ranks.
        assert!(bits.abs() < 0.6 && response == 0.0 && axes == 0.0, "{bits} {response} {axes}");
    }
}
