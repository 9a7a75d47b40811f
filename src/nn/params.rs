//! The trainable variables of a model, by name. They are always visited in the order of their names, so that norms and
//! files are reproducible.

use std::collections::BTreeMap;

use candle_core::{Device, InplaceOp2, Layout, Result, Tensor, Var};
use rayon::prelude::*;

use crate::random;

/// Tensors by name: weights as a model takes them and as a checkpoint stores them.
pub type Weights = BTreeMap<String, Tensor>;

/// Looks a weight up.
///
/// # Errors
/// A name that is not there.
pub fn get(weights: &Weights, name: &str) -> Result<Tensor> {
    match weights.get(name) {
        Some(tensor) => Ok(tensor.clone()),
        None => candle_core::bail!("weight '{name}' is missing"),
    }
}

/// The weights whose names begin with `prefix`, which is removed.
pub fn with_prefix(weights: &Weights, prefix: &str) -> Weights {
    let strip = |(name, tensor): (&String, &Tensor)| Some((name.strip_prefix(prefix)?.to_string(), tensor.clone()));
    weights.iter().filter_map(strip).collect()
}

/// The variables of one model.
#[derive(Default)]
pub struct Params {
    vars: BTreeMap<String, Var>,
    seed: u64,
}

impl Params {
    /// No variables yet; initial values are drawn from streams of `seed`, one for each name.
    pub fn new(seed: u64) -> Params {
        Params { vars: BTreeMap::new(), seed }
    }

    /// Adds a variable with elements from N(0, deviation^2).
    pub fn normal(&mut self, name: &str, shape: &[usize], deviation: f32) -> Result<()> {
        let draws = self.draws(name, shape.iter().product(), deviation);
        self.insert(name, Tensor::from_vec(draws, shape, &Device::Cpu)?)
    }

    /// Adds a variable whose elements are all `value`.
    pub fn constant(&mut self, name: &str, shape: &[usize], value: f32) -> Result<()> {
        self.insert(name, Tensor::full(value, shape, &Device::Cpu)?)
    }

    /// Adds a variable of one axis with these elements, or replaces one.
    pub fn vector(&mut self, name: &str, values: Vec<f32>) -> Result<()> {
        let len = values.len();
        self.insert(name, Tensor::from_vec(values, len, &Device::Cpu)?)
    }

    /// Adds a variable of two axes with these elements, or replaces one.
    pub fn matrix(&mut self, name: &str, shape: (usize, usize), values: Vec<f32>) -> Result<()> {
        self.insert(name, Tensor::from_vec(values, shape, &Device::Cpu)?)
    }

    /// Draws for the initial elements of the variable `name`, from N(0, deviation^2).
    pub fn draws(&self, name: &str, n: usize, deviation: f32) -> Vec<f32> {
        let mut draws = random::normal(&mut random::stream(self.seed, name, 0), n);
        draws.iter_mut().for_each(|x| *x *= deviation);
        draws
    }

    /// Adds the weight `name.weight` [inputs, outputs] of a dense layer, N(0, gain^2 / inputs), and its bias 0.
    pub fn linear(&mut self, name: &str, inputs: usize, outputs: usize, gain: f32) -> Result<()> {
        self.normal(&format!("{name}.weight"), &[inputs, outputs], gain / (inputs as f32).sqrt())?;
        self.constant(&format!("{name}.bias"), &[outputs], 0.0)
    }

    /// Adds copies of weights as variables.
    pub fn extend<'a>(&mut self, weights: impl Iterator<Item = (&'a String, &'a Tensor)>) -> Result<()> {
        weights.into_iter().try_for_each(|(name, tensor)| self.insert(name, tensor.copy()?))
    }

    fn insert(&mut self, name: &str, tensor: Tensor) -> Result<()> {
        self.vars.insert(name.to_string(), Var::from_tensor(&tensor)?);
        Ok(())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Var)> {
        self.vars.iter()
    }

    /// Number of trainable values.
    pub fn count(&self) -> usize {
        self.vars.values().map(|var| var.elem_count()).sum()
    }

    /// The variables themselves, with gradients.
    pub fn trainable(&self) -> Weights {
        self.vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect()
    }

    /// Views that share the variables' memory, without gradients.
    pub fn frozen(&self) -> Weights {
        self.vars.iter().map(|(name, var)| (name.clone(), var.as_detached_tensor())).collect()
    }

    /// Copies that later updates do not touch.
    pub fn snapshot(&self) -> Result<Weights> {
        self.vars.iter().map(|(name, var)| Ok((name.clone(), var.as_detached_tensor().copy()?))).collect()
    }

    /// Sets one variable.
    pub fn set(&self, name: &str, value: &Tensor) -> Result<()> {
        match self.vars.get(name) {
            Some(var) => var.set(value),
            None => candle_core::bail!("variable '{name}' is missing"),
        }
    }

    /// Sets every variable.
    ///
    /// # Errors
    /// A variable that `weights` lacks or holds in another shape.
    pub fn load(&self, weights: &Weights) -> Result<()> {
        self.vars.iter().try_for_each(|(name, var)| var.set(&get(weights, name)?))
    }
}

/// The exponential moving average of a model's weights.
pub struct Average {
    pub weights: Weights,
    decay: f32,
}

struct Approach {
    share: f32,
}

impl InplaceOp2 for Approach {
    fn name(&self) -> &'static str {
        "approach"
    }

    fn cpu_fwd(
        &self,
        average: &mut candle_core::CpuStorage,
        _: &Layout,
        value: &candle_core::CpuStorage,
        layout: &Layout,
    ) -> Result<()> {
        let value = &value.as_slice::<f32>()?[layout.start_offset()..];
        if let candle_core::CpuStorage::F32(average) = average {
            average.par_chunks_mut(16 * 1024).zip(value.par_chunks(16 * 1024)).for_each(|(average, value)| {
                for (average, value) in average.iter_mut().zip(value) {
                    *average += self.share * (value - *average);
                }
            });
        }
        Ok(())
    }
}

impl Average {
    /// Starts at the present weights.
    pub fn new(params: &Params, decay: f64) -> Result<Average> {
        Ok(Average { weights: params.snapshot()?, decay: decay as f32 })
    }

    pub fn decay(&self) -> f64 {
        f64::from(self.decay)
    }

    /// Moves towards the present weights. `age` is the number of updates so far; the decay is at most
    /// (1 + age) / (10 + age), so that the initial weights are soon forgotten.
    pub fn update(&mut self, params: &Params, age: u64) -> Result<()> {
        let young = (1.0 + age as f32) / (10.0 + age as f32);
        let approach = Approach { share: 1.0 - self.decay.min(young) };
        for (name, var) in params.iter() {
            get(&self.weights, name)?.inplace_op2(var, &approach)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initial_values_depend_on_seed_and_name_only() {
        let make = |seed, names: &[&str]| {
            let mut params = Params::new(seed);
            names.iter().for_each(|name| params.normal(name, &[3], 1.0).unwrap());
            get(&params.frozen(), "b").unwrap().to_vec1::<f32>().unwrap()
        };
        assert_eq!(make(1, &["a", "b"]), make(1, &["b"]));
        assert_ne!(make(1, &["b"]), make(2, &["b"]));
    }

    #[test]
    fn the_average_follows_and_snapshots_do_not() {
        let mut params = Params::new(1);
        params.constant("a", &[2], 1.0).unwrap();
        let snapshot = params.snapshot().unwrap();
        let mut average = Average::new(&params, 0.9).unwrap();
        let two = Tensor::full(2f32, 2, &Device::Cpu).unwrap();
        params.load(&Weights::from([("a".into(), two)])).unwrap();
        average.update(&params, 1000).unwrap();
        let value = |weights: &Weights| get(weights, "a").unwrap().to_vec1::<f32>().unwrap()[0];
        assert!((value(&average.weights) - 1.1).abs() < 1e-6);
        assert_eq!(value(&snapshot), 1.0);
    }
}
