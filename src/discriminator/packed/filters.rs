//! Filters over a sequence and their largest responses, without a graph: what [`conv_max`](crate::nn::ops::conv_max)
//! computes.

use candle_core::Result;

use crate::nn::dense::Dense;
use crate::nn::ops::Activation;
use crate::nn::packed::Start;
use crate::nn::params::Weights;
use crate::nn::simd::Arch;

/// Filters of some widths over rows [time, channels].
pub struct Filters {
    filters: Vec<Dense>,
    channels: usize,
}

impl Filters {
    /// The filters `prefix` + width.
    pub fn new(weights: &Weights, prefix: &str, widths: &[usize], channels: usize, arch: Arch) -> Result<Filters> {
        let filters = widths.iter().map(|width| Dense::new(weights, &format!("{prefix}{width}"), arch));
        Ok(Filters { filters: filters.collect::<Result<_>>()?, channels })
    }

    /// The largest response of each filter over time, for x [rows, time, channels] -> [rows, widths * filters].
    pub fn largest(&self, x: &[f32], time: usize) -> Vec<f32> {
        let rows = x.len() / (time * self.channels);
        let parts: Vec<Vec<f32>> = self.filters.iter().map(|filter| self.largest_of(filter, x, time)).collect();
        let row = |row: usize| parts.iter().flat_map(move |part| part.chunks_exact(part.len() / rows).nth(row));
        (0..rows).flat_map(row).flatten().copied().collect()
    }

    /// The same for the filters of one width, [rows, filters].
    fn largest_of(&self, filter: &Dense, x: &[f32], time: usize) -> Vec<f32> {
        let (inputs, outputs) = filter.weight.shape();
        let steps = time + 1 - inputs / self.channels;
        let rows = x.len() / (time * self.channels);
        let mut responses = vec![0.0; rows * steps * outputs]; // [rows, steps, filters]
        let start = |window: usize| (window / steps * time + window % steps) * self.channels;
        filter.weight.multiply_at(&mut responses, Start::Bias(&filter.bias), x, start);
        let mut largest = Vec::with_capacity(rows * outputs);
        for responses in responses.chunks_exact(steps * outputs) {
            let (row, later) = responses.split_at(outputs);
            let first = largest.len();
            largest.extend_from_slice(row);
            for responses in later.chunks_exact(outputs) {
                largest[first..]
                    .iter_mut()
                    .zip(responses)
                    .for_each(|(best, &x)| *best = if x > *best { x } else { *best });
            }
        }
        Activation::LeakyRelu.apply_all(&mut largest);
        largest
    }
}
