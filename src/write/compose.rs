//! Generation of poems from seeds.

use std::collections::BTreeMap;

use anyhow::Result;
use rand::RngCore;
use rayon::prelude::*;

use super::constraints::{DraftPlan, Plan};
use super::phrases::PhraseLookup;
use super::{DEFAULT_SELECT_BY, DEFAULT_TEMPERATURE, DEFAULT_TOP_P, Model, SelectBy, Steering};
use crate::corpus::{Form, learned};
use crate::discriminator::{PackedDiscriminator, PoemScores};
use crate::error::UserError;
use crate::gan::data::special_tokens;
use crate::generator::{Generator, PoemCost, Prefix, Request, Restrictions, Rules, Sampler, Sequences};
use crate::nn::simd::Arch;
use crate::random;

/// Themes that are drawn for each draft of a poem of which something is given.
const THEMES_PER_DRAFT: usize = 8;

/// A generated poem.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneratedPoem {
    pub seed: u64,
    pub form: Form,
    pub lines: Vec<String>,
    /// The lines, from 0, that begin a stanza, without the first.
    pub stanzas: Vec<usize>,
    /// The poem as printed.
    pub text: String,
    /// The discriminator's probability that each line is real, 0 to 1; empty for a model without a discriminator.
    pub line_scores: Vec<f32>,
    /// The same for the poem.
    pub score: Option<f32>,
    /// Likelihoods, and what the restrictions cost; `None` if neither was asked for.
    pub cost: Option<PoemCost>,
}

/// What poems to generate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoemRequest {
    /// `None`: drawn by the seed, as often as in the corpus, from those with enough poems.
    pub form: Option<Form>,
    /// `None`: that of the model's configuration.
    pub temperature: Option<f32>,
    /// As in [`Request`].
    pub top_p: f32,
    /// Drafts of each poem, of which one is kept.
    pub select: usize,
    pub by: SelectBy,
    /// Include the discriminator's scores, and likelihoods.
    pub with_scores: bool,
}

impl PoemRequest {
    /// One draft of each poem with the defaults of `write`, in a form drawn by the seed.
    pub fn one_draft() -> PoemRequest {
        PoemRequest {
            form: None,
            temperature: Some(DEFAULT_TEMPERATURE),
            top_p: DEFAULT_TOP_P,
            select: 1,
            by: DEFAULT_SELECT_BY,
            with_scores: false,
        }
    }

    fn selects_by_discriminator(&self) -> bool {
        self.select > 1 && self.by != SelectBy::Likelihood
    }
}

/// Seeds of the poems of a sample: consecutive, and without overlap with those of other samples.
pub fn seeds_of_sample(seed: u64, poems: usize) -> Vec<u64> {
    // Multiplication by an odd number is a bijection that moves adjacent seeds far apart (Knuth's multiplicative hashing).
    let first = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..poems as u64).map(|i| first.wrapping_add(i)).collect()
}

/// The poem of each seed; it depends on no other seed.
///
/// # Errors
/// A form that the model was not trained on, or selection by a discriminator that the model does not have.
pub fn compose(model: &Model, request: PoemRequest, seeds: &[u64]) -> Result<Vec<GeneratedPoem>> {
    compose_with(Arch::new(), model, request, seeds)
}

/// The same with a theme and moves along directions of z.
///
/// # Errors
/// As for [`compose`].
pub fn compose_steered(
    model: &Model,
    request: PoemRequest,
    steering: &Steering,
    seeds: &[u64],
) -> Result<Vec<GeneratedPoem>> {
    steered(Arch::new(), model, request, steering, seeds)
}

/// The same with the instruction set `arch`. The poems do not depend on it (see `tests/golden.rs`).
///
/// # Errors
/// As for [`compose`].
pub fn compose_with(arch: Arch, model: &Model, request: PoemRequest, seeds: &[u64]) -> Result<Vec<GeneratedPoem>> {
    steered(arch, model, request, &Steering::default(), seeds)
}

fn steered(
    arch: Arch,
    model: &Model,
    request: PoemRequest,
    steering: &Steering,
    seeds: &[u64],
) -> Result<Vec<GeneratedPoem>> {
    // Drafts with constraints are also weighted by what the constraints cost.
    if request.selects_by_discriminator() && model.discriminator.is_none() && steering.plans.is_none() {
        let message =
            "--select: this model has no trained discriminator; leave it out, or train into the adversarial phase";
        return Err(UserError(message.to_string()).into());
    }
    let mut by_form: BTreeMap<Form, Vec<u64>> = BTreeMap::new();
    let possible = |form: Form| steering.plans.as_ref().is_none_or(|plans| plans.contains_key(&form));
    let forms: Vec<(Form, u64)> = model.forms.iter().copied().filter(|&(form, _)| possible(form)).collect();
    for &seed in seeds {
        by_form.entry(request.form.unwrap_or_else(|| draw_form(&forms, seed))).or_default().push(seed);
    }
    let composer = Composer::new(arch, model, request)?;
    let mut poems = BTreeMap::new();
    for (form, seeds) in &by_form {
        let generated = composer.of_form(*form, seeds, steering)?;
        poems.extend(generated.into_iter().map(|poem| (poem.seed, poem)));
    }
    Ok(seeds.iter().filter_map(|seed| poems.remove(seed)).collect())
}

/// A form with enough poems, drawn by the seed in proportion to the poems of each in the corpus.
pub(super) fn draw_form(forms: &[(Form, u64)], seed: u64) -> Form {
    let forms = learned(forms, |(_, count)| *count);
    let total: u64 = forms.iter().map(|(_, count)| count).sum();
    let draw = f64::from(random::uniform(&mut random::stream(seed, "form", 0))) * total as f64;
    let mut below = 0.0;
    let chosen = forms.iter().find(|(_, count)| {
        below += *count as f64;
        draw < below
    });
    chosen.or(forms.last()).map_or(Form::Free, |(form, _)| *form)
}

/// A model laid out for sampling.
pub(super) struct Composer<'a> {
    model: &'a Model,
    request: PoemRequest,
    sampler: Sampler,
    /// `None` if no scores are needed.
    discriminator: Option<PackedDiscriminator>,
}

impl<'a> Composer<'a> {
    pub(super) fn new(arch: Arch, model: &'a Model, request: PoemRequest) -> Result<Composer<'a>> {
        let special = special_tokens(&model.tokenizer);
        let sampler = Sampler::with_arch(&model.config.model, special, &model.generator, arch)?;
        let discriminator = match &model.discriminator {
            Some(weights) if request.with_scores || request.selects_by_discriminator() => {
                Some(PackedDiscriminator::with_arch(
                    &model.config.discriminator,
                    weights,
                    model.frozen_embeddings.as_ref(),
                    special,
                    arch,
                )?)
            }
            _ => None,
        };
        Ok(Composer { model, request, sampler, discriminator })
    }

    /// The z of a seed, [z_dim].
    pub(super) fn z(&self, form: Form, seed: u64) -> Result<Vec<f32>> {
        let seeds = [seed];
        Ok(self.sampler.z_of(seed, self.to_sample(form, &seeds, None, &[])?))
    }

    /// What to sample for a form.
    fn to_sample<'b>(
        &self,
        form: Form,
        seeds: &'b [u64],
        theme: Option<&'b [f32]>,
        moved: &'b [(usize, f32)],
    ) -> Result<Request<'b>> {
        let rules = Rules::new(form, &self.model.config.model);
        let temperature = self.request.temperature.unwrap_or(self.model.config.sampling.temperature);
        Ok(Request { tag: self.tag(form)?, rules, seeds, temperature, top_p: self.request.top_p, theme, moved })
    }

    fn tag(&self, form: Form) -> Result<u32> {
        Ok(self.model.form_token(form)?)
    }

    /// The poem of each seed in a form.
    pub(super) fn of_form(&self, form: Form, seeds: &[u64], steering: &Steering) -> Result<Vec<GeneratedPoem>> {
        let (model, request) = (self.model, self.request);
        let tag = self.tag(form)?;
        let wanted = self.wanted_theme(form, tag, steering);
        let drafts: Vec<u64> = seeds.iter().flat_map(|&seed| self.draft_seeds(seed, tag, wanted.as_deref())).collect();
        let themes = self.sampler.themes().filter(|_| !steering.words.is_empty());
        let of_words = themes.map(|themes| themes.of_words(tag, &steering.words));
        let theme = steering.theme.clone().or(of_words);
        let to_sample = self.to_sample(form, &drafts, theme.as_deref(), &steering.moves)?;
        let (batch, costs) = self.sample(to_sample, form, steering)?;
        let scores: Vec<Option<PoemScores>> = match &self.discriminator {
            Some(discriminator) => discriminator.score(&batch).into_iter().map(Some).collect(),
            None => vec![None; batch.count],
        };
        let poem = |(seed, index): (u64, usize)| {
            let (tokens, poem_scores) = (batch.poem(index), scores[index].clone());
            let (lines, stanzas) = (model.tokenizer.decode(tokens), model.tokenizer.stanzas(tokens));
            GeneratedPoem {
                seed,
                form,
                text: model.tokenizer.render(&lines, &stanzas, form),
                lines,
                stanzas,
                score: poem_scores.as_ref().map(|poem_scores| poem_scores.poem),
                line_scores: poem_scores.map_or_else(Vec::new, |poem_scores| poem_scores.lines),
                cost: costs.get(index).copied(),
            }
        };
        let select = request.select.max(1);
        let mut scores: Vec<f32> = match request.by {
            _ if select == 1 => vec![0.0; batch.count],
            SelectBy::Likelihood => likelihoods(model, &batch, to_sample.rules)?,
            SelectBy::Best | SelectBy::Draw => logits(&scores),
        };
        // The probability of what was allowed is the weight of a draft: importance sampling of poems that meet the constraints.
        scores.iter_mut().zip(&costs).for_each(|(score, cost)| *score -= cost.forbidden);
        let selected = seeds.iter().zip(scores.chunks(select)).enumerate();
        let selected =
            selected.map(|(index, (&seed, scores))| (seed, index * select + request.by.select(scores, seed)));
        let poems: Vec<GeneratedPoem> = selected.map(poem).collect();
        met(poems, select)
    }

    /// The theme of what the constraints give, [theme_dims]; `None` if nothing is given, or another theme is asked for.
    fn wanted_theme(&self, form: Form, tag: u32, steering: &Steering) -> Option<Vec<f32>> {
        let is_open = steering.theme.is_none() && steering.words.is_empty();
        let given = steering.plan(form).filter(|_| is_open).map(Plan::given_words)?;
        let themes = self.sampler.themes().filter(|_| !given.is_empty())?;
        Some(themes.of_words(tag, &given))
    }

    /// Seeds of the drafts of a poem. With a `wanted` theme they are those of more drafts whose themes agree with it best, so that
    /// what is given does not stand alone in its poem.
    fn draft_seeds(&self, seed: u64, tag: u32, wanted: Option<&[f32]>) -> Vec<u64> {
        let select = self.request.select.max(1);
        let (Some(themes), Some(wanted)) = (self.sampler.themes(), wanted) else {
            return seeds_of_drafts(seed, select).collect();
        };
        let agreement = |seed: u64| themes.draw(tag, seed).iter().zip(wanted).map(|(x, y)| x * y).sum::<f32>();
        let candidates = seeds_of_drafts(seed, select * THEMES_PER_DRAFT).map(|seed| (agreement(seed), seed));
        let mut candidates: Vec<(f32, u64)> = candidates.collect();
        candidates.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        candidates.into_iter().take(select).map(|(_, seed)| seed).collect()
    }

    /// Poems that keep to the constraints and copy nothing, where that is asked for, and the cost of each; no costs without either.
    ///
    /// # Errors
    /// A damaged index of what is not to be copied.
    fn sample(&self, request: Request, form: Form, steering: &Steering) -> Result<(Sequences, Vec<PoemCost>)> {
        let plan = steering.plan(form);
        let plans: Option<Vec<DraftPlan>> = plan.map(|plan| request.seeds.iter().map(|&s| plan.of_draft(s)).collect());
        let index = if steering.avoid_copying { self.model.phrase_index("use --avoid-copying off")? } else { None };
        let phrases = index.map(|index| PhraseLookup::new(index, &self.model.tokenizer, form.width()));
        if plans.is_none() && phrases.is_none() && !self.request.with_scores {
            return Ok((self.sampler.sample(request), Vec::new()));
        }
        let of_draft = |prefix: &Prefix| plans.as_ref().map(|plans| &plans[prefix.index]);
        let mask = |prefix: &Prefix, logits: &mut [f32]| {
            of_draft(prefix).into_iter().for_each(|plan| plan.apply(prefix, logits));
        };
        let veto = |prefix: &Prefix, token: u32| {
            let place = (prefix.position.line, prefix.position.token);
            let (plan, lookup) = (of_draft(prefix), phrases.as_ref());
            let following = plan.map_or_else(Vec::new, |plan| plan.following(place));
            let is_given = plan.is_some_and(|plan| plan.is_given(place));
            let is_poor = || plan.is_some_and(|plan| plan.is_poor_rhyme(prefix, token));
            !is_given && (is_poor() || lookup.is_some_and(|lookup| lookup.completes(prefix, token, &following)))
        };
        let redo = |prefix: &Prefix, token: u32| of_draft(prefix).and_then(|plan| plan.redo(prefix, token));
        let rhymes = plan.is_some_and(Plan::rhymes_at_line_ends);
        let restrictions = Restrictions {
            mask: if plans.is_some() { Some(&mask) } else { None },
            veto: if phrases.is_some() || rhymes { Some(&veto) } else { None },
            redo: if rhymes { Some(&redo) } else { None },
        };
        let (batch, mut costs) = self.sampler.sample_restricted(request, restrictions);
        for (index, (cost, plan)) in costs.iter_mut().zip(plans.iter().flatten()).enumerate() {
            if !plan.rhymes(batch.poem(index)) {
                cost.forbidden = f32::INFINITY;
            }
        }
        Ok((batch, costs))
    }
}

/// Mean log-likelihood of each poem per token that its form does not determine, in nats.
fn likelihoods(model: &Model, batch: &Sequences, rules: Rules) -> Result<Vec<f32>> {
    let special = special_tokens(&model.tokenizer);
    let generator = Generator::new(&model.config.model, special, model.generator.clone());
    let of_one = |poem: usize| -> Result<f32> {
        let nll = generator.part().nll(&batch.part(poem..poem + 1), rules)?;
        Ok(nll.iter().map(|poem| -poem.nats / poem.units.max(1) as f64).sum::<f64>() as f32)
    };
    (0..batch.count).into_par_iter().map(of_one).collect()
}

/// Seeds of the drafts of a poem; the first one is its own.
fn seeds_of_drafts(seed: u64, drafts: usize) -> impl Iterator<Item = u64> {
    let mut rng = random::stream(seed, "drafts", 0);
    std::iter::once(seed).chain((1..drafts).map(move |_| rng.next_u64()))
}

/// The poems, if each of them meets the constraints.
fn met(poems: Vec<GeneratedPoem>, select: usize) -> Result<Vec<GeneratedPoem>> {
    match poems.iter().find(|poem| poem.cost.is_some_and(|cost| cost.forbidden.is_infinite())) {
        Some(GeneratedPoem { seed, .. }) => {
            let what = format!("seed {seed}: none of its {select} drafts meets all constraints");
            Err(UserError(format!("{what}; another --seed or a higher --select may")).into())
        }
        None => Ok(poems),
    }
}

/// The discriminator's logit of each draft.
fn logits(scores: &[Option<PoemScores>]) -> Vec<f32> {
    scores.iter().map(|one| one.as_ref().map_or(0.0, |one| one.logit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_different_seeds_do_not_overlap() {
        assert_eq!(seeds_of_sample(0, 3), [0, 1, 2]);
        let other = seeds_of_sample(1, 3000);
        assert!(
            [0, 2, 1 << 32].iter().all(|&seed| seeds_of_sample(seed, 3000).iter().all(|seed| !other.contains(seed)))
        );
        assert_ne!(seeds_of_sample(1 << 32, 1), [0]);
    }

    #[test]
    fn more_drafts_begin_with_the_same_ones() {
        let seeds = |drafts| seeds_of_drafts(7, drafts).collect::<Vec<_>>();
        assert_eq!((seeds(1), seeds(2)[..].to_vec()), (vec![7], seeds(4)[..2].to_vec()));
        assert_ne!(seeds_of_drafts(8, 2).last(), seeds_of_drafts(7, 2).last());
    }
}
