//! Likelihood of held-out poems under a model. A model with themes is a mixture: p(x) is the mean of p(x | z) over its
//! prior of z, estimated by importance sampling (Burda et al. 2016, "Importance weighted autoencoders").

use anyhow::Result;
use rand::RngCore;

use crate::gan::data::{Bucket, Dataset};
use crate::generator::{Generator, PoemNll};
use crate::random;
use crate::shard::DividedWork;
use crate::theme::Themes;
use crate::write::Model;

/// Draws of z for each poem. More of them can only lower the estimate, on average.
const DRAWS: usize = 16;
/// Poems per minibatch.
const BATCH: usize = 64;
/// Draws take centres of the prior in proportion to exp(-d^2 / 2 WIDTH), d the distance to the poem's own theme in z, so
/// that few are wasted; and this share of them from the prior itself, so that no weight is extreme.
const WIDTH: f32 = 0.7;
const FROM_PRIOR: f64 = 0.1;

/// A likelihood in a part: the bits of its nats, which JSON might round, and its units.
type SavedNll = (u64, usize);

/// Negative log-likelihood of every held-out poem of a bucket, in nats; with themes an upper bound, in expectation. `None` for
/// a part of the work, which divides between minibatches.
///
/// # Errors
/// A failed tensor operation.
pub fn nll(
    model: &Model,
    dataset: &Dataset,
    bucket: &Bucket,
    task: &str,
    work: &mut DividedWork,
) -> Result<Option<Vec<PoemNll>>> {
    let generator = Generator::new(&model.config.model, dataset.special, model.generator.clone());
    let themes = Themes::of_weights(&model.generator)?.filter(|themes| !themes.centres(bucket.tag).is_empty());
    let batches: Vec<&[Vec<u32>]> = match themes {
        Some(_) => bucket.held_out.chunks(BATCH).collect(),
        None => dataset.chunks_of(&bucket.held_out).collect(),
    };
    let of_batch = |index: usize| match &themes {
        Some(themes) => marginal(&generator, themes, dataset, bucket, batches[index], index),
        None => Ok(generator.nll(&dataset.held_out_batch(batches[index], index), bucket.rules)?),
    };
    let saved = |index: usize| -> Result<Vec<SavedNll>> {
        Ok(of_batch(index)?.into_iter().map(|poem| (poem.nats.to_bits(), poem.units)).collect())
    };
    let found = work.items(task, batches.len(), |range| range.map(saved).collect::<Result<Vec<_>>>())?;
    let poem = |(nats, units): SavedNll| PoemNll { nats: f64::from_bits(nats), units };
    Ok(found.map(|batches| batches.into_iter().flatten().map(poem).collect()))
}

/// -ln of the mean of p(x | z) p(centre) / q(centre) over draws of a centre from q, and of z around it.
fn marginal(
    generator: &Generator,
    themes: &Themes,
    dataset: &Dataset,
    bucket: &Bucket,
    poems: &[Vec<u32>],
    index: usize,
) -> Result<Vec<PoemNll>> {
    let proposals: Vec<Proposal> = poems
        .iter()
        .map(|poem| Proposal::new(themes, bucket.tag, &themes.of_poem(bucket.tag, &dataset.segments(poem))))
        .collect();
    let mut rng = random::stream(index as u64, "centres", 0);
    let rows: Vec<&[u32]> = poems.iter().map(Vec::as_slice).collect();
    let mut terms = vec![Vec::with_capacity(DRAWS); poems.len()];
    let mut units = Vec::new();
    for draw in 0..DRAWS {
        let mut batch = dataset.sequences(&rows, "marginal noise", (index * DRAWS + draw) as u64);
        let z_dim = batch.z.len() / poems.len();
        let drawn: Vec<(usize, f64)> = proposals.iter().map(|proposal| proposal.draw(&mut rng)).collect();
        for (z, &(centre, _)) in batch.z.chunks_mut(z_dim).zip(&drawn) {
            themes.enter(z, &themes.centres(bucket.tag)[centre * themes.dims()..][..themes.dims()]);
        }
        let nll = generator.nll(&batch, bucket.rules)?;
        for ((terms, nll), (_, log_weight)) in terms.iter_mut().zip(&nll).zip(&drawn) {
            terms.push(log_weight - nll.nats);
        }
        units = nll.iter().map(|nll| nll.units).collect();
    }
    Ok(terms.iter().zip(units).map(|(terms, units)| PoemNll { nats: -log_mean(terms), units }).collect())
}

/// ln of the mean of the exponentials.
fn log_mean(terms: &[f64]) -> f64 {
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + (terms.iter().map(|term| (term - largest).exp()).sum::<f64>() / terms.len() as f64).ln()
}

/// The distribution that the centres for one poem are drawn from.
struct Proposal {
    /// Cumulative probabilities.
    cumulative: Vec<f64>,
}

impl Proposal {
    fn new(themes: &Themes, tag: u32, theme: &[f32]) -> Proposal {
        let near = |centre: &[f32]| {
            let parts = centre.iter().zip(theme).zip(&themes.keep);
            let square: f32 = parts.map(|((centre, theme), keep)| (keep * (centre - theme)).powi(2)).sum();
            f64::from(-0.5 * square / WIDTH)
        };
        let logs: Vec<f64> = themes.centres(tag).chunks(themes.dims()).map(near).collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = logs.iter().map(|log| (log - largest).exp()).sum();
        let prior = 1.0 / logs.len() as f64;
        let probability = |log: &f64| FROM_PRIOR * prior + (1.0 - FROM_PRIOR) * (log - largest).exp() / total;
        let cumulative = logs.iter().map(probability).scan(0.0, |sum, p| {
            *sum += p;
            Some(*sum)
        });
        Proposal { cumulative: cumulative.collect() }
    }

    /// A centre, and ln of its probability in the prior over that in the proposal.
    fn draw(&self, rng: &mut impl RngCore) -> (usize, f64) {
        let n = self.cumulative.len();
        let draw = f64::from(random::uniform(rng)) * self.cumulative[n - 1];
        let centre = self.cumulative.partition_point(|&sum| sum <= draw).min(n - 1);
        let probability = self.cumulative[centre] - if centre == 0 { 0.0 } else { self.cumulative[centre - 1] };
        (centre, -(probability * n as f64).ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{FormSegments, ThemeSettings, learn};

    fn themes() -> Themes {
        let poem = |i: u32| vec![vec![4 + 3 * (i % 2), 5 + i % 7], vec![5 + 3 * (i % 2), 6 + i % 5]];
        let forms = [FormSegments { tag: 3, poems: (0..300).map(poem).collect() }];
        learn(&forms, 12, ThemeSettings { dims: 2, keep: 0.9 }).unwrap()
    }

    /// The mean of the weights is 1, so that a model that ignores z gets its own likelihood.
    #[test]
    fn weights_are_unbiased_and_draws_follow_the_proposal() {
        let themes = themes();
        let proposal = Proposal::new(&themes, 3, &themes.draw(3, 5));
        let rng = &mut random::stream(1, "test", 0);
        let draws: Vec<(usize, f64)> = (0..20_000).map(|_| proposal.draw(rng)).collect();
        let mean = draws.iter().map(|(_, log)| log.exp()).sum::<f64>() / draws.len() as f64;
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
        assert!(draws.iter().all(|(_, log)| log.exp() < 1.0 / FROM_PRIOR + 1e-6), "no weight is extreme");
        let distance = |centre: usize| {
            let theme = themes.draw(3, 5);
            themes.centres(3)[2 * centre..][..2].iter().zip(&theme).map(|(a, b)| (a - b).powi(2)).sum::<f32>()
        };
        let drawn = draws.iter().map(|(centre, _)| distance(*centre)).sum::<f32>() / draws.len() as f32;
        let all = (0..300).map(distance).sum::<f32>() / 300.0;
        assert!(drawn < 0.6 * all, "{drawn} {all}");
        assert!((log_mean(&[0.0, 3f64.ln()]) - 2f64.ln()).abs() < 1e-12);
    }
}
