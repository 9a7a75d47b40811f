//! Muon (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"): the momentum of a weight matrix,
//! orthogonalised, so that an update changes all directions of the matrix alike, the rare ones too.

use std::collections::BTreeMap;
use std::ops::Range;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, Device, InplaceOp2, Layout, Result, Tensor};
use rayon::prelude::*;

use super::adam::{Rate, copy_saved, gradient};
use super::ops::Elements;
use super::orthogonalise::orthogonalise;
use super::params::{Params, Weights, get};
use super::precision::Precision;
use super::simd;

const MOMENTUM: f32 = 0.95;

/// Root mean square of the elements of an update at a learning rate of 1, about that of Adam's, so that both take the same
/// learning rate and weight decay (Liu et al. 2025, "Muon is scalable for LLM training").
const UPDATE_RMS: f64 = 0.2;

/// A variable that Muon updates.
pub struct MuonMatrix {
    pub name: String,
    /// Number of matrices side by side in its columns, which are orthogonalised separately.
    pub blocks: usize,
}

/// The momentum of some matrices of a model.
pub struct Muon {
    matrices: BTreeMap<String, Momentum>,
}

struct Momentum {
    values: Vec<f32>,
    blocks: usize,
}

impl Muon {
    /// For these variables of `params`.
    ///
    /// # Errors
    /// A name that is not there.
    pub fn new(params: &Params, matrices: Vec<MuonMatrix>) -> Result<Muon> {
        let frozen = params.frozen();
        let begin = |MuonMatrix { name, blocks }| {
            let values = vec![0.0; get(&frozen, &name)?.elem_count()];
            Ok((name, Momentum { values, blocks }))
        };
        Ok(Muon { matrices: matrices.into_iter().map(begin).collect::<Result<_>>()? })
    }

    /// Whether it updates the variable `name`.
    pub fn updates(&self, name: &str) -> bool {
        self.matrices.contains_key(name)
    }

    /// One update of its matrices by the sum of `grads` times `clip`, with products in this precision.
    ///
    /// # Errors
    /// A matrix without a gradient.
    pub fn update(
        &mut self,
        params: &Params,
        grads: &[GradStore],
        rate: Rate,
        clip: f32,
        precision: Precision,
    ) -> Result<()> {
        let variables = params.trainable();
        let matrices: Vec<_> = self.matrices.iter_mut().collect();
        // Threads share rows and columns of a product, never its sums, so their number does not change the result.
        matrices.into_par_iter().with_max_len(1).try_for_each(|(name, momentum)| {
            let matrix = get(&variables, name)?;
            let (rows, columns) = matrix.dims2()?;
            let mut update = accelerated(&mut momentum.values, &gradient(grads, name, &matrix)?, clip)?;
            let width = columns / momentum.blocks;
            for block in 0..momentum.blocks {
                orthogonalise_columns(&mut update, columns, block * width..(block + 1) * width, precision)?;
            }
            let size = UPDATE_RMS * (rows.max(width) as f64).sqrt() * rate.learning_rate;
            let keep = 1.0 - rate.learning_rate * rate.weight_decay;
            let update = Tensor::from_vec(update, (rows, columns), &Device::Cpu)?;
            matrix.inplace_op2(&update, &Descend { keep: keep as f32, size: size as f32 })
        })
    }

    /// The momentum as tensors, to be saved: `name.momentum`.
    pub fn state(&self) -> Result<Weights> {
        let saved = |(name, Momentum { values, .. }): (&String, &Momentum)| {
            Ok((format!("{name}.momentum"), Tensor::from_slice(values, values.len(), &Device::Cpu)?))
        };
        self.matrices.iter().map(saved).collect()
    }

    /// Continues from a saved state.
    pub fn load(&mut self, state: &Weights) -> Result<()> {
        self.matrices
            .iter_mut()
            .try_for_each(|(name, momentum)| copy_saved(state, &format!("{name}.momentum"), &mut momentum.values))
    }
}

/// Nesterov's accelerated gradient, g + mu m with m <- mu m + g, for the sum g of `parts` times `clip`.
fn accelerated(momentum: &mut [f32], parts: &[Tensor], clip: f32) -> Result<Vec<f32>> {
    let mut update = vec![0.0; momentum.len()];
    for part in parts {
        let part = Elements::of(part);
        let part = part.slice()?;
        simd::vectorised(
            #[inline(always)]
            || simd::axpy(&mut update, 1.0, part),
        );
    }
    for (update, momentum) in update.iter_mut().zip(momentum) {
        *update *= clip;
        *momentum = MOMENTUM * *momentum + *update;
        *update += MOMENTUM * *momentum;
    }
    Ok(update)
}

/// value = keep value - size update, in place.
struct Descend {
    keep: f32,
    size: f32,
}

impl InplaceOp2 for Descend {
    fn name(&self) -> &'static str {
        "muon"
    }

    fn cpu_fwd(
        &self,
        values: &mut CpuStorage,
        layout: &Layout,
        update: &CpuStorage,
        update_layout: &Layout,
    ) -> Result<()> {
        let CpuStorage::F32(values) = values else {
            candle_core::bail!("Muon updates f32 variables only");
        };
        let update = &update.as_slice::<f32>()?[update_layout.start_offset()..];
        for (value, update) in values[layout.start_offset()..].iter_mut().zip(update) {
            *value = self.keep * *value - self.size * update;
        }
        Ok(())
    }
}

/// [`orthogonalise`] for some columns of `x` [.., columns].
fn orthogonalise_columns(x: &mut [f32], columns: usize, own: Range<usize>, precision: Precision) -> Result<()> {
    let mut part = Vec::with_capacity(x.len() / columns * own.len());
    x.chunks_exact(columns).for_each(|row| part.extend_from_slice(&row[own.clone()]));
    orthogonalise(&mut part, x.len() / columns, own.len(), precision)?;
    for (row, part) in x.chunks_exact_mut(columns).zip(part.chunks_exact(own.len())) {
        row[own.clone()].copy_from_slice(part);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Precision::F32;
    use super::*;
    use crate::nn::orthogonalise::tests::scalar;
    use crate::random;

    const RATE: Rate = Rate { learning_rate: 0.1, weight_decay: 0.5, clip: 1e9 };

    fn normal(len: usize, index: u64) -> Vec<f32> {
        random::normal(&mut random::stream(3, "muon", index), len)
    }

    fn whole(name: &str) -> MuonMatrix {
        MuonMatrix { name: name.to_string(), blocks: 1 }
    }

    fn params() -> (Params, Tensor) {
        let mut params = Params::new(0);
        params.matrix("w", (1, 2), vec![1.0, 2.0]).unwrap();
        let w = params.trainable()["w"].clone();
        (params, w)
    }

    /// Gradients of the parts of a minibatch: each of `parts` in full.
    fn grads(w: &Tensor, parts: &[[f32; 2]]) -> Vec<GradStore> {
        let part = |part: &[f32; 2]| {
            (w * Tensor::from_slice(part, (1, 2), &Device::Cpu).unwrap()).unwrap().sum_all().unwrap().backward()
        };
        parts.iter().map(|grad| part(grad).unwrap()).collect()
    }

    #[test]
    fn two_updates_by_hand() {
        let (params, w) = params();
        let mut muon = Muon::new(&params, vec![whole("w")]).unwrap();
        muon.update(&params, &grads(&w, &[[1.0, 4.0], [5.0, 4.0]]), RATE, 0.5, F32).unwrap();
        // The clipped gradient is (3, 4), of norm 5, and so is the momentum; a row has one singular value.
        let size = 0.2 * 2f64.sqrt() * 0.1 * scalar(1.0);
        let first = [0.95 - size * 0.6, 1.9 - size * 0.8];
        let near = |expected: [f64; 2]| {
            let found: Vec<f32> = w.flatten_all().unwrap().to_vec1().unwrap();
            assert!(
                found.iter().zip(expected).all(|(x, y)| (f64::from(*x) - y).abs() < 1e-6),
                "{found:?} {expected:?}"
            );
        };
        near(first);
        muon.update(&params, &grads(&w, &[[0.0, 1.0]]), RATE, 1.0, F32).unwrap();
        // m = 0.95 (3, 4) + (0, 1) = (2.85, 4.8); g + 0.95 m = (2.7075, 5.56).
        let norm = (2.7075f64.powi(2) + 5.56f64.powi(2)).sqrt();
        near([0.95 * first[0] - size * 2.7075 / norm, 0.95 * first[1] - size * 5.56 / norm]);
    }

    /// The sum of the squares of an update's elements is that of its singular values.
    #[test]
    fn updates_have_about_the_size_of_those_of_adam() {
        for (rows, columns) in [(32, 96), (96, 32), (64, 64)] {
            let mut x = normal(rows * columns, 9);
            orthogonalise(&mut x, rows, columns, F32).unwrap();
            let rms = (x.iter().map(|x| x * x).sum::<f32>() / x.len() as f32).sqrt();
            let rms = UPDATE_RMS * (rows.max(columns) as f64).sqrt() * f64::from(rms);
            assert!((0.15..0.35).contains(&rms), "{rows} x {columns}: {rms}");
        }
    }

    #[test]
    fn blocks_are_updated_like_matrices_of_their_own() {
        let (mut side_by_side, mut apart) = (Params::new(0), Params::new(0));
        let [left, right] = [7, 8].map(|seed| normal(12, seed));
        let rows = left.chunks(4).zip(right.chunks(4));
        side_by_side.matrix("w", (3, 8), rows.flat_map(|(a, b)| [a, b].concat()).collect()).unwrap();
        apart.matrix("a", (3, 4), left).unwrap();
        apart.matrix("b", (3, 4), right).unwrap();
        let grads = |params: &Params| {
            let losses = params.trainable().into_values().map(|w| (w.sqr().unwrap() * &w).unwrap().sum_all().unwrap());
            [losses.reduce(|a, b| (a + b).unwrap()).unwrap().backward().unwrap()]
        };
        let two = MuonMatrix { name: "w".to_string(), blocks: 2 };
        Muon::new(&side_by_side, vec![two])
            .unwrap()
            .update(&side_by_side, &grads(&side_by_side), RATE, 1.0, F32)
            .unwrap();
        let matrices = vec![whole("a"), whole("b")];
        Muon::new(&apart, matrices).unwrap().update(&apart, &grads(&apart), RATE, 1.0, F32).unwrap();
        let apart = Tensor::cat(&apart.frozen().into_values().collect::<Vec<_>>(), 1).unwrap();
        let rows = |x: &Tensor| x.to_vec2::<f32>().unwrap();
        assert_eq!(rows(&side_by_side.frozen()["w"]), rows(&apart));
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let updated = |threads| {
            let mut params = Params::new(5);
            let names: Vec<String> = (0..5).map(|i| format!("w{i}")).collect();
            names.iter().for_each(|name| params.normal(name, &[40, 130], 1.0).unwrap());
            let losses = params.trainable().into_values().map(|w| (w.sqr().unwrap() * &w).unwrap().sum_all().unwrap());
            let loss = losses.reduce(|a, b| (a + b).unwrap()).unwrap();
            let matrices = names.iter().map(|name| whole(name)).collect();
            let mut muon = Muon::new(&params, matrices).unwrap();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| muon.update(&params, &[loss.backward().unwrap()], RATE, 1.0, F32).unwrap());
            let bits = |w: &Tensor| -> Vec<u32> {
                w.flatten_all().unwrap().to_vec1::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
            };
            params.frozen().values().flat_map(bits).collect::<Vec<u32>>()
        };
        let one = updated(1);
        assert!([2, 3, 8].into_iter().all(|threads| updated(threads) == one));
    }
}
