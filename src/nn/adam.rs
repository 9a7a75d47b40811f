//! Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019), with a state that can be saved.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, Device, InplaceOp1, Layout, Result, Tensor, Var};
use rayon::prelude::*;

use super::ops::Elements;
use super::params::{Params, Weights, get};
use super::simd;

const EPSILON: f32 = 1e-8;
const CHUNK: usize = 4 * 1024;

/// The optimiser of one model.
pub struct Adam {
    beta1: f64,
    beta2: f64,
    /// Updates so far.
    pub updates: u64,
    /// Of the variables that it updates.
    moments: BTreeMap<String, Moments>,
}

struct Moments {
    first: Vec<f32>,
    second: Vec<f32>,
}

/// Settings of one update.
#[derive(Clone, Copy)]
pub struct Rate {
    pub learning_rate: f64,
    /// Weight decay of matrices, relative to the learning rate; vectors are not decayed.
    pub weight_decay: f64,
    /// Bound on the global norm of the gradient.
    pub clip: f64,
}

impl Rate {
    /// Factor that brings a gradient of this norm within the bound.
    pub(super) fn clipping(self, norm: f64) -> f32 {
        if norm > self.clip { (self.clip / norm) as f32 } else { 1.0 }
    }
}

impl Adam {
    pub fn new(params: &Params, beta1: f64, beta2: f64) -> Adam {
        let zeros = |var: &Var| Moments { first: vec![0.0; var.elem_count()], second: vec![0.0; var.elem_count()] };
        let moments = params.iter().map(|(name, var)| (name.clone(), zeros(var))).collect();
        Adam { beta1, beta2, updates: 0, moments }
    }

    /// Variables that `skips` names are not updated.
    pub fn without(mut self, skips: impl Fn(&str) -> bool) -> Adam {
        self.moments.retain(|name, _| !skips(name));
        self
    }

    /// One update of the variables by the sum of `grads`, one for each part of the minibatch; returns the global norm
    /// of the gradient before clipping. A norm that is not finite changes nothing.
    ///
    /// # Errors
    /// A variable without a gradient: a part of the model would silently not learn.
    pub fn update(&mut self, params: &Params, grads: &[GradStore], rate: Rate) -> Result<f64> {
        let norm = gradient_norm(params, grads)?;
        if norm.is_finite() {
            self.update_clipped(params, grads, rate, rate.clipping(norm))?;
        }
        Ok(norm)
    }

    /// `update` by the sum of `grads` times `clip`, whose norm is known to be finite.
    pub(super) fn update_clipped(&mut self, params: &Params, grads: &[GradStore], rate: Rate, clip: f32) -> Result<()> {
        self.updates += 1;
        let step = i32::try_from(self.updates).unwrap_or(i32::MAX);
        for (name, var) in params.iter() {
            let Some(moments) = self.moments.get_mut(name) else { continue };
            let parts = gradient(grads, name, var)?;
            let parts: Vec<Elements> = parts.iter().map(Elements::of).collect();
            let decay = if var.rank() >= 2 { rate.learning_rate * rate.weight_decay } else { 0.0 };
            var.inplace_op1(&Update {
                grad: Sum::of(&parts)?,
                moments: Mutex::new(moments),
                beta1: self.beta1 as f32,
                beta2: self.beta2 as f32,
                size: (rate.learning_rate / (1.0 - self.beta1.powi(step))) as f32,
                correction: (1.0 / (1.0 - self.beta2.powi(step))) as f32,
                clip,
                keep: (1.0 - decay) as f32,
            })?;
        }
        Ok(())
    }

    /// The moments as tensors, to be saved: `name.first` and `name.second`.
    pub fn state(&self) -> Result<Weights> {
        let mut state = Weights::new();
        for (name, Moments { first, second }) in &self.moments {
            state.insert(format!("{name}.first"), Tensor::from_slice(first, first.len(), &Device::Cpu)?);
            state.insert(format!("{name}.second"), Tensor::from_slice(second, second.len(), &Device::Cpu)?);
        }
        Ok(state)
    }

    /// Whether a saved state has moments for every element of the variables.
    pub fn fits(&self, state: &Weights) -> bool {
        let fits = |name: String, values: &[f32]| state.get(&name).is_some_and(|saved| saved.dims() == [values.len()]);
        self.moments.iter().all(|(name, Moments { first, second })| {
            fits(format!("{name}.first"), first) && fits(format!("{name}.second"), second)
        })
    }

    /// Continues from a saved state.
    ///
    /// # Errors
    /// A state of other variables, or of variables of another size.
    pub fn load(&mut self, state: &Weights, updates: u64) -> Result<()> {
        for (name, Moments { first, second }) in &mut self.moments {
            copy_saved(state, &format!("{name}.first"), first)?;
            copy_saved(state, &format!("{name}.second"), second)?;
        }
        self.updates = updates;
        Ok(())
    }
}

/// The values of a saved state, which must be as many.
pub(super) fn copy_saved(state: &Weights, name: &str, values: &mut Vec<f32>) -> Result<()> {
    let saved = get(state, name)?.to_vec1()?;
    if saved.len() != values.len() {
        candle_core::bail!("'{name}' has {} elements instead of {}", saved.len(), values.len());
    }
    *values = saved;
    Ok(())
}

/// The gradients of one variable, contiguous, from each part of the minibatch that has one.
pub(super) fn gradient(grads: &[GradStore], name: &str, var: &Tensor) -> Result<Vec<Tensor>> {
    let parts = grads.iter().filter_map(|grads| grads.get(var)).map(Tensor::contiguous).collect::<Result<Vec<_>>>()?;
    if parts.is_empty() {
        candle_core::bail!("no gradient reaches '{name}'");
    }
    Ok(parts)
}

/// A sum of gradients, computed chunk by chunk where it is read instead of being stored.
struct Sum<'a>(Vec<&'a [f32]>);

impl<'a> Sum<'a> {
    fn of(parts: &'a [Elements]) -> Result<Sum<'a>> {
        Ok(Sum(parts.iter().map(Elements::slice).collect::<Result<_>>()?))
    }

    fn len(&self) -> usize {
        self.0.first().map_or(0, |part| part.len())
    }

    /// Chunk `index` of the sum, in `room`; only the last chunk is shorter.
    #[inline(always)]
    fn chunk<'b>(&self, index: usize, room: &'b mut [f32; CHUNK]) -> &'b [f32] {
        let (start, end) = (index * CHUNK, self.len().min((index + 1) * CHUNK));
        let room = &mut room[..end - start];
        for (number, part) in self.0.iter().enumerate() {
            if number == 0 {
                room.copy_from_slice(&part[start..end]);
            } else {
                simd::axpy(room, 1.0, &part[start..end]);
            }
        }
        room
    }
}

/// Euclidean norm of all gradients together, summed in the order of the names.
pub fn gradient_norm(params: &Params, grads: &[GradStore]) -> Result<f64> {
    let mut square = 0.0;
    for (name, var) in params.iter() {
        let parts = gradient(grads, name, var)?;
        let parts: Vec<Elements> = parts.iter().map(Elements::of).collect();
        let sum = Sum::of(&parts)?;
        let partial = (0..sum.len().div_ceil(CHUNK)).into_par_iter().map(|index| {
            simd::vectorised(
                #[inline(always)]
                || {
                    let mut room = [0.0; CHUNK];
                    let chunk = sum.chunk(index, &mut room);
                    f64::from(simd::dot(chunk, chunk))
                },
            )
        });
        square += partial.collect::<Vec<f64>>().iter().sum::<f64>();
    }
    Ok(square.sqrt())
}

/// Algorithm 1 of the paper on the elements of one variable.
struct Update<'a> {
    grad: Sum<'a>,
    moments: Mutex<&'a mut Moments>,
    beta1: f32,
    beta2: f32,
    /// Learning rate, corrected for the bias of the first moment.
    size: f32,
    /// Correction for the bias of the second moment.
    correction: f32,
    clip: f32,
    /// Factor of the weight decay.
    keep: f32,
}

impl InplaceOp1 for Update<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(values) = storage else {
            candle_core::bail!("Adam updates f32 variables only");
        };
        let values = &mut values[layout.start_offset()..layout.start_offset() + self.grad.len()];
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        let Moments { first, second } = &mut **moments;
        let moments = first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK));
        values.par_chunks_mut(CHUNK).zip(moments).enumerate().for_each(|(index, (values, (m, v)))| {
            simd::vectorised(
                #[inline(always)]
                || {
                    let mut room = [0.0; CHUNK];
                    let grad = self.grad.chunk(index, &mut room);
                    for i in 0..values.len() {
                        let g = grad[i] * self.clip;
                        m[i] = self.beta1 * m[i] + (1.0 - self.beta1) * g;
                        v[i] = self.beta2 * v[i] + (1.0 - self.beta2) * g * g;
                        let step = self.size * m[i] / ((v[i] * self.correction).sqrt() + EPSILON);
                        values[i] = values[i] * self.keep - step;
                    }
                },
            )
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_nn::{AdamW, Optimizer, ParamsAdamW};

    fn params(value: f32) -> (Params, Tensor) {
        let mut params = Params::new(0);
        params.constant("a", &[2], value).unwrap();
        let a = params.trainable()["a"].clone();
        (params, a)
    }

    fn rate(clip: f64) -> Rate {
        Rate { learning_rate: 0.1, weight_decay: 0.5, clip }
    }

    /// Gradient of c * sum(a) is c.
    fn step(adam: &mut Adam, params: &Params, a: &Tensor, c: f64, clip: f64) -> f64 {
        let grads = (a.sum_all().unwrap() * c).unwrap().backward().unwrap();
        adam.update(params, &[grads], rate(clip)).unwrap()
    }

    #[test]
    fn two_steps_by_hand() {
        let (params, a) = params(1.0);
        let mut adam = Adam::new(&params, 0.9, 0.99);
        assert!((step(&mut adam, &params, &a, 2.0, 100.0) - 8f64.sqrt()).abs() < 1e-6);
        // m = 0.2, v = 0.04; corrected 2 and 4: step 0.1 * 2 / 2.
        assert!((a.to_vec1::<f32>().unwrap()[0] - 0.9).abs() < 1e-6);
        step(&mut adam, &params, &a, 1.0, 100.0);
        // m = 0.9 * 0.2 + 0.1 = 0.28, v = 0.99 * 0.04 + 0.01 = 0.0496; corrections 0.19 and 0.0199.
        let expected = 0.9 - 0.1 * (0.28 / 0.19) / (0.0496f64 / 0.0199).sqrt();
        assert!((f64::from(a.to_vec1::<f32>().unwrap()[0]) - expected).abs() < 1e-6);
    }

    #[test]
    fn a_fixed_variable_stays() {
        let (params, a) = params(1.0);
        step(&mut Adam::new(&params, 0.9, 0.99).without(|name| name == "a"), &params, &a, 2.0, 100.0);
        assert_eq!(a.to_vec1::<f32>().unwrap(), [1.0, 1.0]);
        step(&mut Adam::new(&params, 0.9, 0.99).without(|name| name == "b"), &params, &a, 2.0, 100.0);
        assert!((a.to_vec1::<f32>().unwrap()[0] - 0.9).abs() < 1e-6);
    }

    /// candle-nn's AdamW keeps its state to itself and does not clip; its arithmetic is the same.
    #[test]
    fn updates_are_those_of_candle_nn() {
        let mut params = Params::new(3);
        params.normal("w", &[5, 4], 1.0).unwrap();
        let ours = params.trainable()["w"].clone();
        let theirs = Var::from_tensor(&ours.copy().unwrap()).unwrap();
        let (mut adam, clip) = (Adam::new(&params, 0.8, 0.95), f64::INFINITY);
        let config = ParamsAdamW { lr: 0.1, beta1: 0.8, beta2: 0.95, eps: f64::from(EPSILON), weight_decay: 0.5 };
        let mut reference = AdamW::new(vec![theirs.clone()], config).unwrap();
        let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for step in 0..20 {
            let loss = |w: &Tensor| ((w - f64::from(step % 3)).unwrap().sqr().unwrap() * w).unwrap().sum_all().unwrap();
            adam.update(&params, &[loss(&ours).backward().unwrap()], rate(clip)).unwrap();
            reference.step(&loss(&theirs).backward().unwrap()).unwrap();
            let (ours, theirs) = (values(&ours), values(&theirs));
            assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-5), "{step}: {ours:?} {theirs:?}");
        }
    }

    #[test]
    fn the_gradients_of_parts_are_added() {
        let ((first, a), (second, b)) = (params(1.0), params(1.0));
        let (mut whole, mut parts) = (Adam::new(&first, 0.9, 0.99), Adam::new(&second, 0.9, 0.99));
        let grads = |a: &Tensor, c: f64| (a.sum_all().unwrap() * c).unwrap().backward().unwrap();
        let norm = whole.update(&first, &[grads(&a, 0.75)], rate(1.0)).unwrap();
        assert_eq!(parts.update(&second, &[grads(&b, 0.5), grads(&b, 0.25)], rate(1.0)).unwrap(), norm);
        assert_eq!(a.to_vec1::<f32>().unwrap(), b.to_vec1::<f32>().unwrap());
        assert_ne!(a.to_vec1::<f32>().unwrap()[0], 1.0);
    }

    #[test]
    fn the_norm_is_bounded_and_matrices_decay() {
        let mut matrices = Params::new(0);
        matrices.constant("a", &[2, 1], 1.0).unwrap();
        let a = matrices.trainable()["a"].clone();
        let mut adam = Adam::new(&matrices, 0.0, 0.0);
        step(&mut adam, &matrices, &a, 3.0, 1e-12);
        // The clipped gradient is 1e-12 / sqrt(2), far below epsilon: only the decay of 0.1 * 0.5 is left.
        assert!((a.to_vec2::<f32>().unwrap()[0][0] - 0.95).abs() < 1e-4);
    }

    #[test]
    fn a_gradient_that_is_not_finite_changes_nothing() {
        let (params, a) = params(1.0);
        let mut adam = Adam::new(&params, 0.9, 0.99);
        assert!(step(&mut adam, &params, &a, f64::NAN, 1.0).is_nan());
        assert_eq!((a.to_vec1::<f32>().unwrap()[0], adam.updates), (1.0, 0));
    }

    #[test]
    fn a_saved_state_continues_exactly() {
        let (first, a) = params(1.0);
        let mut adam = Adam::new(&first, 0.9, 0.99);
        step(&mut adam, &first, &a, 2.0, 1.0);
        let (second, b) = params(a.to_vec1::<f32>().unwrap()[0]);
        let mut again = Adam::new(&second, 0.9, 0.99);
        again.load(&adam.state().unwrap(), adam.updates).unwrap();
        step(&mut adam, &first, &a, -1.0, 1.0);
        step(&mut again, &second, &b, -1.0, 1.0);
        assert_eq!(a.to_vec1::<f32>().unwrap(), b.to_vec1::<f32>().unwrap());
    }

    #[test]
    fn a_variable_without_a_gradient_is_an_error() {
        let (mut params, a) = params(1.0);
        params.constant("forgotten", &[1], 0.0).unwrap();
        let grads = a.sum_all().unwrap().backward().unwrap();
        let error = Adam::new(&params, 0.9, 0.99).update(&params, &[grads], rate(1.0)).unwrap_err().to_string();
        assert!(error.contains("forgotten"), "{error}");
    }
}
