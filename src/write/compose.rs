//! From seeds to poems.

use std::collections::BTreeMap;

use anyhow::Result;
use rand::RngCore;
use rayon::prelude::*;

use super::Model;
use crate::corpus::Form;
use crate::discriminator::{Judge, Judgement};
use crate::error::UserError;
use crate::gan::data::special_tokens;
use crate::generator::{Generator, Request, Rules, Sampler, Sequences};
use crate::nn::simd::Arch;
use crate::random;

/// A poem of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub seed: u64,
    pub form: Form,
    pub lines: Vec<String>,
    /// The lines as people read them.
    pub text: String,
    /// The discriminator's probability that each line is real, 0 to 1; empty for a model without a discriminator.
    pub line_scores: Vec<f32>,
    /// The same for the poem.
    pub score: Option<f32>,
}

/// Who chooses among drafts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Chooser {
    /// The discriminator: the draft that it takes most for real.
    Discriminator,
    /// The generator itself: the draft that it finds most likely. It is what the discriminator has to beat.
    Likelihood,
}

/// What poems are to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// `None`: the seed chooses one, each as often as in the corpus.
    pub form: Option<Form>,
    /// `None`: that of the model's configuration.
    pub temperature: Option<f32>,
    /// Drafts of each poem, of which one is kept; 1 keeps the only one.
    pub select: usize,
    /// Who chooses among the drafts.
    pub by: Chooser,
    /// With the discriminator's scores.
    pub judged: bool,
}

impl Wanted {
    fn is_chosen_by_discriminator(&self) -> bool {
        self.select > 1 && self.by == Chooser::Discriminator
    }
}

/// How a model's poems and its pretrained model's are chosen among drafts, in words; nothing to tell of one draft.
pub fn how_chosen(select: usize) -> String {
    if select < 2 {
        return String::new();
    }
    format!("best of {select} drafts: the model's by its discriminator, the pretrained model's by its own likelihood\n")
}

/// Seeds of the poems of a sample: consecutive ones, that those of another sample do not overlap with.
pub fn seeds_of_sample(seed: u64, poems: usize) -> Vec<u64> {
    // An odd factor takes every seed to another place, and neighbours far apart (Knuth's multiplicative hashing).
    let first = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..poems as u64).map(|i| first.wrapping_add(i)).collect()
}

/// The poem of each seed. It depends on its own seed and on nothing else.
///
/// # Errors
/// A form that the model has not learned; a selection without a discriminator.
pub fn compose(model: &Model, wanted: Wanted, seeds: &[u64]) -> Result<Vec<Written>> {
    compose_with(Arch::new(), model, wanted, seeds)
}

/// The same with the instructions `arch`. The poems do not depend on them, which `tests/golden.rs` shows.
///
/// # Errors
/// As for [`compose`].
pub fn compose_with(arch: Arch, model: &Model, wanted: Wanted, seeds: &[u64]) -> Result<Vec<Written>> {
    if wanted.is_chosen_by_discriminator() && model.discriminator.is_none() {
        let message = "--select: this model has no discriminator that has learned to choose; leave it out, or train it into the adversarial phase";
        return Err(UserError(message.to_string()).into());
    }
    let mut by_form: BTreeMap<Form, Vec<u64>> = BTreeMap::new();
    for &seed in seeds {
        by_form.entry(wanted.form.unwrap_or_else(|| choose(model, seed))).or_default().push(seed);
    }
    let composer = Composer::new(arch, model, wanted)?;
    let mut poems = BTreeMap::new();
    for (form, seeds) in &by_form {
        let written = composer.of_form(*form, seeds)?;
        poems.extend(written.into_iter().map(|poem| (poem.seed, poem)));
    }
    Ok(seeds.iter().filter_map(|seed| poems.remove(seed)).collect())
}

/// A form, drawn by the seed in proportion to the poems of each form in the corpus.
fn choose(model: &Model, seed: u64) -> Form {
    let total: u64 = model.forms.iter().map(|(_, count)| count).sum();
    let draw = f64::from(random::uniform(&mut random::stream(seed, "form", 0))) * total as f64;
    let mut below = 0.0;
    let chosen = model.forms.iter().find(|(_, count)| {
        below += *count as f64;
        draw < below
    });
    chosen.or(model.forms.last()).map_or(Form::Free, |(form, _)| *form)
}

/// A model laid out for sampling.
struct Composer<'a> {
    model: &'a Model,
    wanted: Wanted,
    sampler: Sampler,
    /// Where scores are wanted.
    judge: Option<Judge>,
}

impl<'a> Composer<'a> {
    fn new(arch: Arch, model: &'a Model, wanted: Wanted) -> Result<Composer<'a>> {
        let special = special_tokens(&model.tokenizer);
        let sampler = Sampler::with_arch(&model.config.model, special, &model.generator, arch)?;
        let judge = match &model.discriminator {
            Some(weights) if wanted.judged || wanted.is_chosen_by_discriminator() => {
                Some(Judge::with_arch(&model.config.discriminator, weights, model.fixed.as_ref(), special, arch)?)
            }
            _ => None,
        };
        Ok(Composer { model, wanted, sampler, judge })
    }

    fn of_form(&self, form: Form, seeds: &[u64]) -> Result<Vec<Written>> {
        let (model, wanted) = (self.model, self.wanted);
        let Some(tag) = model.tokenizer.form_token(form) else {
            let known: Vec<String> = model.forms.iter().map(|(form, _)| form.to_string()).collect();
            let message = format!("--form {form}: this model has not learned it; it knows {}", known.join(", "));
            return Err(UserError(message).into());
        };
        let temperature = wanted.temperature.unwrap_or(model.config.sampling.temperature);
        let rules = Rules::new(form, &model.config.model);
        let drafts: Vec<u64> = seeds.iter().flat_map(|&seed| seeds_of_drafts(seed, wanted.select)).collect();
        let batch = self.sampler.sample(Request { tag, rules, seeds: &drafts, temperature, moved: None });
        let judgements: Vec<Option<Judgement>> = match &self.judge {
            Some(judge) => judge.judge(&batch).into_iter().map(Some).collect(),
            None => vec![None; batch.count],
        };
        let poem = |(seed, index): (u64, usize)| {
            let (lines, judgement) = (model.tokenizer.decode(batch.poem(index)), judgements[index].clone());
            Written {
                seed,
                form,
                text: model.tokenizer.render(&lines, form),
                lines,
                score: judgement.as_ref().map(|judgement| judgement.poem),
                line_scores: judgement.map_or_else(Vec::new, |judgement| judgement.lines),
            }
        };
        let select = wanted.select.max(1);
        let scores: Vec<f32> = match wanted.by {
            _ if select == 1 => vec![0.0; batch.count],
            Chooser::Discriminator => judgements.iter().map(|one| one.as_ref().map_or(0.0, |one| one.poem)).collect(),
            Chooser::Likelihood => likelihoods(model, &batch, rules)?,
        };
        let best = (0..seeds.len()).map(|index| best(&scores[index * select..][..select]) + index * select);
        Ok(seeds.iter().copied().zip(best).map(poem).collect())
    }
}

/// Mean log-likelihood of the tokens of each poem that its form leaves open, nats.
fn likelihoods(model: &Model, batch: &Sequences, rules: Rules) -> Result<Vec<f32>> {
    let special = special_tokens(&model.tokenizer);
    let generator = Generator::new(&model.config.model, special, model.generator.clone());
    let of_one = |poem: usize| -> Result<f32> {
        let nll = generator.part().nll(&batch.part(poem..poem + 1), rules)?;
        Ok(nll.iter().map(|poem| -poem.nats / poem.units.max(1) as f64).sum::<f64>() as f32)
    };
    (0..batch.count).into_par_iter().map(of_one).collect()
}

/// Seeds of the drafts of a poem: its own, and others that belong to it alone.
fn seeds_of_drafts(seed: u64, drafts: usize) -> impl Iterator<Item = u64> {
    let mut rng = random::stream(seed, "drafts", 0);
    std::iter::once(seed).chain((1..drafts).map(move |_| rng.next_u64()))
}

/// The draft with the highest score; of equals the first.
fn best(scores: &[f32]) -> usize {
    (0..scores.len()).reduce(|best, next| if scores[next] > scores[best] { next } else { best }).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_draft_is_the_first_of_the_highest() {
        assert_eq!((best(&[0.2, 0.7, 0.7, 0.1]), best(&[-0.5])), (1, 0));
    }

    #[test]
    fn samples_of_different_seeds_have_no_poem_in_common() {
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
