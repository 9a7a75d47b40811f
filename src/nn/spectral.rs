//! Spectral normalisation (Miyato et al. 2018): a weight divided by its largest singular value, estimated by one step of
//! power iteration per update. It bounds the discriminator's Lipschitz constant without a second derivative.
//!
//! A weight of one element is the scale of a head. It may be 0, where the head is worth nothing, so it is kept within [-1, 1]
//! instead of being divided by its size.

use candle_core::{Device, Result, Tensor};

use super::params::{Params, Weights, get};
use crate::random;

/// The left singular vectors of a model's matrices.
pub struct Spectral {
    vectors: Weights,
}

const EPSILON: f64 = 1e-8;

fn is_scale(weight: &Tensor) -> bool {
    weight.elem_count() == 1
}

fn unit(x: &Tensor) -> Result<Tensor> {
    x.broadcast_div(&(x.sqr()?.sum_all()?.sqrt()? + EPSILON)?)
}

impl Spectral {
    /// Random vectors for every variable of two axes.
    pub fn new(params: &Params, seed: u64) -> Result<Spectral> {
        let mut vectors = Weights::new();
        for (name, var) in params.iter().filter(|(_, var)| var.rank() == 2) {
            let draws = random::normal(&mut random::stream(seed, &format!("spectral/{name}"), 0), var.dim(0)?);
            vectors.insert(name.clone(), unit(&Tensor::from_vec(draws, (1, var.dim(0)?), &Device::Cpu)?)?);
        }
        Ok(Spectral { vectors })
    }

    /// The weights with every matrix divided by its largest singular value. The vectors are constants of the graph, as in
    /// algorithm 1 of the paper; with `advance` they take one step of power iteration.
    pub fn normalise(&mut self, weights: &Weights, advance: bool) -> Result<Weights> {
        let mut normalised = weights.clone();
        for (name, u) in &mut self.vectors {
            let weight = get(weights, name)?;
            let fixed = weight.detach();
            if is_scale(&weight) {
                normalised.insert(name.clone(), (weight / fixed.abs()?.maximum(1.0)?)?);
                continue;
            }
            let v = unit(&u.matmul(&fixed)?)?; // [1, columns]
            if advance {
                *u = unit(&v.matmul(&fixed.t()?)?)?; // [1, rows]
            }
            let sigma = u.matmul(&weight)?.matmul(&v.t()?)?.flatten_all()?; // [1]
            normalised.insert(name.clone(), weight.broadcast_div(&(sigma + EPSILON)?)?);
        }
        Ok(normalised)
    }

    /// The weights as `normalise` gives them, without a graph. Its sums have one fixed order, so that a trained model has
    /// the same bits on every processor.
    pub fn normalise_frozen(&self, weights: &Weights) -> Result<Weights> {
        let mut normalised = weights.clone();
        for (name, u) in &self.vectors {
            let weight = get(weights, name)?;
            if is_scale(&weight) {
                normalised.insert(name.clone(), (&weight / weight.abs()?.maximum(1.0)?)?);
                continue;
            }
            let mut v = vec![0f64; weight.dim(1)?]; // u w, whose length is the singular value
            for (u, row) in u.flatten_all()?.to_vec1::<f32>()?.into_iter().zip(weight.to_vec2::<f32>()?) {
                v.iter_mut().zip(row).for_each(|(v, w)| *v += f64::from(u) * f64::from(w));
            }
            let sigma = v.iter().map(|v| v * v).sum::<f64>().sqrt();
            normalised.insert(name.clone(), (weight / (sigma + EPSILON))?);
        }
        Ok(normalised)
    }

    /// The vectors of a saved state; none if the model was not normalised.
    pub fn of_state(state: &Weights) -> Spectral {
        let strip = |(name, u): (&String, &Tensor)| Some((name.strip_prefix("spectral.")?.to_string(), u.clone()));
        Spectral { vectors: state.iter().filter_map(strip).collect() }
    }

    /// The vectors, to be saved, as `spectral.name`.
    pub fn state(&self) -> Weights {
        self.vectors.iter().map(|(name, u)| (format!("spectral.{name}"), u.clone())).collect()
    }

    /// Continues from a saved state. Vectors that it lacks, since the model was trained with another loss, stay as they are.
    pub fn load(&mut self, state: &Weights) {
        for (name, u) in &mut self.vectors {
            if let Some(saved) = state.get(&format!("spectral.{name}")) {
                *u = saved.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_singular_value_becomes_one() {
        let mut params = Params::new(3);
        params.normal("w", &[6, 4], 2.0).unwrap();
        let mut spectral = Spectral::new(&params, 1).unwrap();
        for _ in 0..200 {
            spectral.normalise(&params.frozen(), true).unwrap();
        }
        let w = get(&spectral.normalise(&params.trainable(), false).unwrap(), "w").unwrap();
        // A unit vector is never stretched by more than 1, and the tracked one by exactly 1.
        for seed in 0..50 {
            let x =
                Tensor::from_vec(random::normal(&mut random::stream(seed, "x", 0), 6), (1, 6), &Device::Cpu).unwrap();
            let y = unit(&x).unwrap().matmul(&w).unwrap();
            assert!(y.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap() < 1.0 + 1e-4);
        }
        let u = get(&spectral.state(), "spectral.w").unwrap();
        let stretched = u.matmul(&w).unwrap().sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap();
        assert!((stretched - 1.0).abs() < 1e-3, "{stretched}");
        let frozen = get(&spectral.normalise_frozen(&params.frozen()).unwrap(), "w").unwrap();
        let difference = (&frozen - &w).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(difference < 1e-6, "{difference}");
        let grads = w.sum_all().unwrap().backward().unwrap();
        assert!(grads.get(&params.trainable()["w"]).is_some());
    }

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    /// Left singular vector of "w" that a spectral normalisation tracks.
    fn vector(spectral: &Spectral) -> Vec<f32> {
        values(&get(&spectral.state(), "spectral.w").unwrap())
    }

    #[test]
    fn only_an_advance_moves_the_vectors() {
        let mut params = Params::new(3);
        params.normal("w", &[6, 4], 2.0).unwrap();
        let mut spectral = Spectral::new(&params, 1).unwrap();
        let before = vector(&spectral);
        spectral.normalise(&params.frozen(), false).unwrap();
        assert_eq!(vector(&spectral), before);
        spectral.normalise(&params.frozen(), true).unwrap();
        assert_ne!(vector(&spectral), before);
    }

    #[test]
    fn a_saved_state_comes_back() {
        let mut params = Params::new(3);
        params.normal("w", &[6, 4], 2.0).unwrap();
        let (first, mut second) = (Spectral::new(&params, 1).unwrap(), Spectral::new(&params, 2).unwrap());
        assert_ne!(vector(&first), vector(&second));
        second.load(&first.state());
        assert_eq!(vector(&first), vector(&second));
        assert_eq!(vector(&Spectral::of_state(&first.state())), vector(&first));
    }

    #[test]
    fn vectors_that_a_state_lacks_stay() {
        let mut params = Params::new(3);
        params.normal("w", &[6, 4], 2.0).unwrap();
        let mut spectral = Spectral::new(&params, 1).unwrap();
        let before = vector(&spectral);
        spectral.load(&Weights::new());
        assert_eq!(vector(&spectral), before);
    }

    #[test]
    fn a_scale_is_bounded_and_may_be_zero() {
        for (scale, bounded, slope) in [(0.0, 0.0, 1.0), (-0.5, -0.5, 1.0), (4.0, 1.0, 0.25)] {
            let mut params = Params::new(3);
            params.constant("w", &[1, 1], scale).unwrap();
            let mut spectral = Spectral::new(&params, 1).unwrap();
            let normalised = get(&spectral.normalise(&params.trainable(), true).unwrap(), "w").unwrap();
            let frozen = get(&spectral.normalise_frozen(&params.frozen()).unwrap(), "w").unwrap();
            assert_eq!((values(&normalised), values(&frozen)), (vec![bounded], vec![bounded]));
            let grads = normalised.sum_all().unwrap().backward().unwrap();
            assert_eq!(values(grads.get(&params.trainable()["w"]).unwrap()), [slope]);
        }
    }

    /// With constant u and v, the gradient of sum(w / (u w v)) is 1 / sigma - sum(w) / sigma^2 * u v.
    #[test]
    fn the_vectors_are_constants_of_the_graph() {
        let mut params = Params::new(3);
        params.normal("w", &[3, 2], 2.0).unwrap();
        let mut spectral = Spectral::new(&params, 1).unwrap();
        let normalised = get(&spectral.normalise(&params.trainable(), false).unwrap(), "w").unwrap();
        let grads = normalised.sum_all().unwrap().backward().unwrap();
        let (u, w) = (vector(&spectral), values(&params.trainable()["w"]));
        let column = |j: usize| (0..3).map(|i| u[i] * w[2 * i + j]).sum::<f32>();
        let norm = column(0).hypot(column(1));
        // v = u w / |u w|, so that sigma = u w v = |u w|.
        let (sigma, sum) = (norm, w.iter().sum::<f32>());
        for (k, grad) in values(grads.get(&params.trainable()["w"]).unwrap()).into_iter().enumerate() {
            let expected = 1.0 / sigma - sum / (sigma * sigma) * u[k / 2] * column(k % 2) / norm;
            assert!((grad - expected).abs() < 1e-5 * expected.abs().max(1.0), "{k}: {grad} {expected}");
        }
    }
}
