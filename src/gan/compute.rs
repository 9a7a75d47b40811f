//! How the steps of training are computed: none of it is a setting of the algorithm. A minibatch is cut into parts, whose gradients
//! are computed side by side, by the threads of this process and of the other ranks, and added in the order of the parts. So
//! the weights depend on the number of parts, but not on how many threads or ranks share them.

use std::ops::Range;
use std::sync::Arc;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Error, Result, Tensor, Var};

use super::data::Minibatch;
use crate::cluster::{Ranks, words};
use crate::nn::params::Params;
use crate::nn::precision::Precision;
use crate::nn::threads;

/// What the steps are computed with.
#[derive(Clone)]
pub struct Compute {
    /// Of the matrix products.
    pub precision: Precision,
    /// Parts of a minibatch; fewer for one with fewer poems.
    pub parts: usize,
    pub ranks: Arc<Ranks>,
}

/// What the parts of a minibatch give.
pub struct PartResults {
    /// Gradients whose sum in this order is that of the minibatch.
    pub grads: Vec<GradStore>,
    /// What each part reports, in the order of the parts.
    pub numbers: Vec<Vec<f32>>,
}

impl Compute {
    /// A process that trains alone, with a part for each of its threads.
    pub fn alone(precision: Precision) -> Compute {
        Compute { precision, parts: threads::count(), ranks: Arc::new(Ranks::ALONE) }
    }

    /// The gradients of `params` on a minibatch of so many poems: `work` gives those of a range of them, and the numbers to report.
    ///
    /// # Errors
    /// A failed tensor operation, or a rank that does not answer.
    pub fn gradients(
        &self,
        params: &Params,
        poems: usize,
        work: impl Fn(Range<usize>) -> Result<(GradStore, Vec<f32>)> + Sync,
    ) -> Result<PartResults> {
        let parts = threads::on_lanes(&self.own_parts(poems), work).into_iter().collect::<Result<Vec<_>>>()?;
        let (grads, numbers) = parts.into_iter().unzip();
        if self.ranks.is_alone() {
            return Ok(PartResults { grads, numbers });
        }
        Ok(PartResults { grads: vec![self.sum(params, grads)?], numbers: self.gather(&numbers)? })
    }

    /// What a rank that trains without the others computes: its poems, or all of them where it has none.
    pub fn own_work(&self, minibatch: Minibatch) -> (Minibatch, Compute) {
        let own = self.own_poems(minibatch.real.count);
        let minibatch = if own.is_empty() { minibatch } else { minibatch.part(own) };
        let parts = (self.parts / self.ranks.size).max(1);
        (minibatch, Compute { parts, ranks: Arc::new(Ranks::ALONE), ..*self })
    }

    /// Sets the variables of all ranks to their mean.
    ///
    /// # Errors
    /// A failed tensor operation, or a rank that does not answer.
    pub fn average(&self, params: &Params) -> Result<()> {
        let own = flat(params, |var| Some(var.as_tensor()))?;
        let mut total = self.ranks.sum(&[own], params.count()).map_err(Error::wrap)?;
        total.iter_mut().for_each(|x| *x /= self.ranks.size as f32);
        of_flat(params, &total)?.into_iter().try_for_each(|(var, mean)| var.set(&mean))
    }

    /// The poems of this rank, all in one range.
    pub fn own_poems(&self, poems: usize) -> Range<usize> {
        let parts = self.own_parts(poems);
        parts.first().map_or(0, |part| part.start)..parts.last().map_or(0, |part| part.end)
    }

    /// Vectors of all ranks, in the order of the ranks.
    ///
    /// # Errors
    /// A rank that does not answer.
    pub fn gather<T: bytemuck::Pod>(&self, own: &[Vec<T>]) -> Result<Vec<Vec<T>>> {
        words::to_vectors(&self.ranks.gather(words::of_vectors(own)).map_err(Error::wrap)?)
    }

    /// The ranges of poems that this rank computes: the first rank has at least one, the others may have none.
    fn own_parts(&self, poems: usize) -> Vec<Range<usize>> {
        let (rank, size) = (self.ranks.rank, self.ranks.size);
        let parts = threads::even_ranges(poems, self.parts);
        let n = parts.len();
        parts.into_iter().enumerate().filter(|(part, _)| part * size / n == rank).map(|(_, range)| range).collect()
    }

    /// The sum of the gradients over all ranks.
    fn sum(&self, params: &Params, parts: Vec<GradStore>) -> Result<GradStore> {
        // A part may lack what a variable is for, such as a kind of repetition.
        let flat = parts.iter().map(|grads| flat(params, |var| grads.get(var))).collect::<Result<Vec<_>>>()?;
        let mut sum = match parts.into_iter().next() {
            Some(grads) => grads,
            // A store cannot be made otherwise.
            None => Var::zeros((), DType::F32, &Device::Cpu)?.backward()?,
        };
        let total = self.ranks.sum(&flat, params.count()).map_err(Error::wrap)?;
        for (var, grad) in of_flat(params, &total)? {
            sum.insert(var, grad);
        }
        Ok(sum)
    }
}

/// A tensor of each variable one after the other, in the order of the names; zeros where `tensor` has none.
fn flat<'a>(params: &'a Params, tensor: impl Fn(&'a Var) -> Option<&'a Tensor>) -> Result<Vec<f32>> {
    let mut flat = Vec::with_capacity(params.count());
    for (_, var) in params.iter() {
        match tensor(var) {
            Some(tensor) => flat.extend(tensor.flatten_all()?.to_vec1::<f32>()?),
            None => flat.resize(flat.len() + var.elem_count(), 0.0),
        }
    }
    Ok(flat)
}

/// The inverse of [`flat`].
fn of_flat<'a>(params: &'a Params, mut flat: &[f32]) -> Result<Vec<(&'a Var, Tensor)>> {
    let mut tensor = |(_, var): (&String, &'a Var)| {
        let (own, rest) = flat.split_at(var.elem_count());
        flat = rest;
        Ok((var, Tensor::from_slice(own, var.shape(), &Device::Cpu)?))
    };
    params.iter().map(&mut tensor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::local;

    #[test]
    fn every_poem_is_in_one_part_of_one_rank() {
        for (poems, parts, size) in [(64, 2, 1), (64, 4, 2), (7, 4, 2), (3, 8, 4), (1, 2, 2), (100, 7, 3)] {
            let of_rank =
                |(ranks, _)| Compute { precision: Precision::F32, parts, ranks: Arc::new(ranks) }.own_parts(poems);
            let of_ranks: Vec<Vec<Range<usize>>> = local::ranks(size).into_iter().map(of_rank).collect();
            let all = of_ranks.concat();
            assert_eq!(all, threads::even_ranges(poems, parts), "{poems} poems, {parts} parts, {size} ranks");
            assert_eq!(all.iter().cloned().flatten().collect::<Vec<_>>(), (0..poems).collect::<Vec<_>>());
            assert!(!of_ranks[0].is_empty());
        }
    }
}
