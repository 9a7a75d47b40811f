//! Opinions of a trained discriminator, without a graph: what the dashboard and `write` show.

use std::ops::Range;

use candle_core::{Device, Result, Tensor};
use rayon::prelude::*;

use super::{Discriminator, Grid, table};
use crate::config::DiscriminatorConfig;
use crate::generator::{Sequences, SpecialTokens};
use crate::nn::params::Weights;

/// Copies of a poem that are judged together.
const COPIES: usize = 8;
/// Targets of the longest poem whose every token is looked at.
const MOST_MARKED: usize = 160;

/// Probabilities of being real, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub poem: f32,
    pub lines: Vec<f32>,
}

/// A discriminator that only judges.
pub struct Judge {
    config: DiscriminatorConfig,
    weights: Weights,
    table: Tensor,
    special: SpecialTokens,
}

impl Judge {
    /// `weights` are frozen, and normalised where the loss asks for that.
    pub fn new(
        config: &DiscriminatorConfig,
        weights: Weights,
        fixed: Option<&Tensor>,
        special: SpecialTokens,
    ) -> Result<Judge> {
        let table = table(&weights, fixed)?;
        Ok(Judge { config: config.clone(), weights, table, special })
    }

    /// One judgement for each poem. It does not depend on the other poems of the batch, bit for bit: each poem is laid
    /// out and computed alone.
    pub fn judge(&self, batch: &Sequences) -> Result<Vec<Judgement>> {
        (0..batch.count).into_par_iter().map(|poem| self.judge_one(batch.poem(poem))).collect()
    }

    /// By how many nats each target of a poem (its tokens but the form tag) raises the poem's logit of being real: the
    /// logit as it is, less the one with that target hidden from every head, as token dropout hides it in training.
    /// [targets]; empty for a poem so long that this would take longer than training may wait.
    pub fn attributions(&self, poem: &[u32]) -> Result<Vec<f32>> {
        let time = poem.len().saturating_sub(1);
        if time > MOST_MARKED {
            return Ok(Vec::new());
        }
        let whole = self.logits_without(poem, time..time + 1)?[0];
        let parts = (0..time.div_ceil(COPIES)).into_par_iter();
        let hidden = parts.map(|part| self.logits_without(poem, part * COPIES..((part + 1) * COPIES).min(time)));
        Ok(hidden.collect::<Result<Vec<_>>>()?.into_iter().flatten().map(|logit| whole - logit).collect())
    }

    /// The logit of a poem without each of these targets.
    fn logits_without(&self, poem: &[u32], hidden: Range<usize>) -> Result<Vec<f32>> {
        let batch = Sequences::new(&vec![poem; hidden.len()], Vec::new(), self.special);
        let discriminator = Discriminator::new(&self.config, self.weights.clone());
        let grid = Grid::new(&batch, self.special, self.config.least_grid());
        let targets = batch.targets();
        let shown = |place: usize| f32::from(place % batch.time != hidden.start + place / batch.time);
        let shown = Tensor::from_iter((0..targets.len()).map(shown), &Device::Cpu)?.unsqueeze(1)?;
        let x = self.table.index_select(&Tensor::from_vec(targets, shown.dim(0)?, &Device::Cpu)?, 0)?;
        discriminator.scores(&x.broadcast_mul(&shown)?, &grid, None)?.poems.to_vec1()
    }

    fn judge_one(&self, poem: &[u32]) -> Result<Judgement> {
        let batch = Sequences::new(&[poem], Vec::new(), self.special);
        let discriminator = Discriminator::new(&self.config, self.weights.clone());
        let grid = Grid::new(&batch, self.special, self.config.least_grid());
        let x = self.table.index_select(&Tensor::from_vec(batch.targets(), batch.time, &Device::Cpu)?, 0)?;
        let scores = discriminator.scores(&x, &grid, None)?;
        let n_lines = grid.shares.iter().filter(|&&share| share > 0.0).count();
        let lines: Vec<f32> = scores.lines.flatten_all()?.to_vec1()?;
        let probability = |logit: &f32| 1.0 / (1.0 + (-logit).exp());
        Ok(Judgement {
            poem: probability(&scores.poems.to_vec1::<f32>()?[0]),
            lines: lines[..n_lines].iter().map(probability).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discriminator::tests::{SPECIAL, config, parts};

    const POEM: [u32; 12] = [3, 5, 6, 7, 1, 8, 9, 10, 1, 9, 5, 2];

    /// The logit of one poem, without its target `hidden`.
    fn logit(judge: &Judge, hidden: Option<usize>) -> f32 {
        let batch = Sequences::new(&[&POEM], vec![], SPECIAL);
        let table: Vec<Vec<f32>> = judge.table.to_vec2().unwrap();
        let mut rows: Vec<Vec<f32>> = batch.targets().iter().map(|&token| table[token as usize].clone()).collect();
        hidden.into_iter().for_each(|place| rows[place].fill(0.0));
        let discriminator = Discriminator::new(&judge.config, judge.weights.clone());
        let x = Tensor::new(rows, &Device::Cpu).unwrap();
        let scores = discriminator.scores(&x, &Grid::new(&batch, SPECIAL, judge.config.least_grid()), None).unwrap();
        scores.poems.to_vec1().unwrap()[0]
    }

    #[test]
    fn a_mark_is_what_the_poem_loses_without_its_target() {
        let config = config();
        let (params, fixed) = parts(&config);
        let judge = Judge::new(&config, params.frozen(), Some(&fixed), SPECIAL).unwrap();
        let (marks, whole) = (judge.attributions(&POEM).unwrap(), logit(&judge, None));
        assert_eq!(marks.len(), POEM.len() - 1);
        for (place, mark) in marks.iter().enumerate() {
            let without = logit(&judge, Some(place));
            assert!((mark - (whole - without)).abs() < 1e-4, "{place}: {mark}, {whole} less {without}");
        }
        assert!(marks.iter().any(|mark| mark.abs() > 1e-2), "{marks:?}");
        assert!(judge.attributions(&[5; MOST_MARKED + 2]).unwrap().is_empty());
        assert_eq!(judge.attributions(&[5; MOST_MARKED + 1]).unwrap().len(), MOST_MARKED);
    }
}
