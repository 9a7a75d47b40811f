//! Gradients of weights that bypass candle's graph. A custom operation of candle has at most three arguments, and each
//! gradient that it returns is added to fresh zeros, two more passes over all weights of a trunk. So a large operation
//! takes its weights detached and adds their gradients to a [`Collected`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};

use super::tensor;
use crate::nn::params::Weights;
use crate::nn::simd;

/// Gradients by the names of their weights, summed over all operations that share the collection.
#[derive(Clone, Default)]
pub struct Collected(Arc<Mutex<BTreeMap<String, Vec<f32>>>>);

impl Collected {
    /// Adds to the gradient of `name`.
    pub fn add(&self, name: String, gradient: Vec<f32>) {
        let mut gradients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match gradients.get_mut(&name) {
            Some(sum) => simd::vectorised(
                #[inline(always)]
                || simd::axpy(sum, 1.0, &gradient),
            ),
            None => drop(gradients.insert(name, gradient)),
        }
    }

    /// The gradients of `loss` in the graph's variables, and those that its operations have added here for `weights`.
    pub fn backward(&self, loss: &Tensor, weights: &Weights) -> Result<GradStore> {
        let mut grads = loss.backward()?;
        let collected = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for (name, gradient) in collected {
            if let Some(weight) = weights.get(&name) {
                grads.insert(weight, tensor(gradient, weight.shape())?);
            }
        }
        Ok(grads)
    }
}
