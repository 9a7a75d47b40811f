//! The generator's optimiser: Muon for some of its matrices, Adam for everything else.

use candle_core::Result;
use candle_core::backprop::GradStore;

use super::adam::{Adam, Rate, gradient_norm};
use super::muon::Muon;
use super::params::{Params, Weights};
use super::precision::Precision;

pub struct Optimizer {
    adam: Adam,
    muon: Option<Muon>,
}

impl Optimizer {
    /// Adam alone.
    pub fn adam(adam: Adam) -> Optimizer {
        Optimizer { adam, muon: None }
    }

    /// Adam, but Muon for the variables that it has.
    pub fn with_muon(adam: Adam, muon: Muon) -> Optimizer {
        Optimizer { adam: adam.without(|name| muon.updates(name)), muon: Some(muon) }
    }

    /// Updates so far.
    pub fn updates(&self) -> u64 {
        self.adam.updates
    }

    /// One update, as that of [`Adam`]; Muon's products have this precision. The norm is that of all gradients together.
    ///
    /// # Errors
    /// A variable without a gradient.
    pub fn update(&mut self, params: &Params, grads: &[GradStore], rate: Rate, precision: Precision) -> Result<f64> {
        let norm = gradient_norm(params, grads)?;
        if norm.is_finite() {
            let clip = rate.clipping(norm);
            self.muon.iter_mut().try_for_each(|muon| muon.update(params, grads, rate, clip, precision))?;
            self.adam.update_clipped(params, grads, rate, clip)?;
        }
        Ok(norm)
    }

    /// Moments and momentum as tensors, to be saved.
    pub fn state(&self) -> Result<Weights> {
        let mut state = self.adam.state()?;
        if let Some(muon) = &self.muon {
            state.extend(muon.state()?);
        }
        Ok(state)
    }

    /// Continues from a saved state.
    pub fn load(&mut self, state: &Weights, updates: u64) -> Result<()> {
        self.muon.iter_mut().try_for_each(|muon| muon.load(state))?;
        self.adam.load(state, updates)
    }
}

#[cfg(test)]
mod tests {
    use super::Precision::F32;
    use super::*;
    use crate::nn::muon::MuonMatrix;
    use candle_core::Tensor;

    const RATE: Rate = Rate { learning_rate: 0.1, weight_decay: 0.5, clip: 1.0 };

    fn params() -> Params {
        let mut params = Params::new(4);
        params.normal("table", &[6, 3], 1.0).unwrap();
        params.normal("w", &[3, 4], 1.0).unwrap();
        params
    }

    fn muon(params: &Params) -> Optimizer {
        let muon = Muon::new(params, vec![MuonMatrix { name: "w".to_string(), blocks: 1 }]).unwrap();
        Optimizer::with_muon(Adam::new(params, 0.9, 0.99), muon)
    }

    /// Gradients of sum(scale (table w)^2).
    fn grads(params: &Params, scale: f64) -> [GradStore; 1] {
        let weights = params.trainable();
        let product = weights["table"].matmul(&weights["w"]).unwrap().sqr().unwrap();
        [(product * scale).unwrap().sum_all().unwrap().backward().unwrap()]
    }

    fn numbers(params: &Params, name: &str) -> Vec<f32> {
        params.frozen()[name].flatten_all().and_then(|tensor: Tensor| tensor.to_vec1()).unwrap()
    }

    #[test]
    fn each_variable_has_one_optimiser_and_all_are_clipped_together() {
        let (ours, by_adam, by_muon) = (params(), params(), params());
        let norm = muon(&ours).update(&ours, &grads(&ours, 1.0), RATE, F32).unwrap();
        let whole = Adam::new(&by_adam, 0.9, 0.99).update(&by_adam, &grads(&by_adam, 1.0), RATE).unwrap();
        assert!(norm == whole && norm > 1.0);
        assert_eq!(numbers(&ours, "table"), numbers(&by_adam, "table"));
        let mut alone = Muon::new(&by_muon, vec![MuonMatrix { name: "w".to_string(), blocks: 1 }]).unwrap();
        alone.update(&by_muon, &grads(&by_muon, 1.0), RATE, (1.0 / norm) as f32, F32).unwrap();
        assert_eq!(numbers(&ours, "w"), numbers(&by_muon, "w"));
        assert_ne!(numbers(&ours, "w"), numbers(&by_adam, "w"));
    }

    #[test]
    fn a_gradient_that_is_not_finite_changes_nothing() {
        let (params, before) = (params(), params());
        let mut optimizer = muon(&params);
        assert!(!optimizer.update(&params, &grads(&params, f64::INFINITY), RATE, F32).unwrap().is_finite());
        assert!(["table", "w"].iter().all(|name| numbers(&params, name) == numbers(&before, name)));
        assert_eq!(optimizer.updates(), 0);
    }

    #[test]
    fn a_saved_state_continues_exactly() {
        let (first, second) = (params(), params());
        let mut optimizer = muon(&first);
        optimizer.update(&first, &grads(&first, 1.0), RATE, F32).unwrap();
        second.load(&first.snapshot().unwrap()).unwrap();
        let mut again = muon(&second);
        again.load(&optimizer.state().unwrap(), optimizer.updates()).unwrap();
        optimizer.update(&first, &grads(&first, 2.0), RATE, F32).unwrap();
        again.update(&second, &grads(&second, 2.0), RATE, F32).unwrap();
        assert!(["table", "w"].iter().all(|name| numbers(&first, name) == numbers(&second, name)));
    }
}
