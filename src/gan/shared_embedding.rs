//! The part of the generator's token embedding that tokens share. The embedding E is trained as E' + F W, with features F
//! of each token (its rhyme, its class) and W shared by all, so a rare token learns from every common one with the same
//! features. The sum is linear, so only the optimiser has to know: W is 0 between two updates, and F dW is added to E.
//! Weight decay is that of E, and the gradients of E and of W are clipped separately.

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};

use crate::nn::adam::{Adam, Rate};
use crate::nn::params::{Params, Weights, get};

/// Name of the embedding among the generator's variables, and of W here.
const EMBEDDING: &str = "embedding";
const SHARED: &str = "shared";

/// Learning rate of W, as a share of the embedding's: one step of W moves every token along all columns of F.
const SHARE: f64 = 0.3;

/// The optimiser of W, [columns of F, width].
pub struct SharedEmbedding {
    params: Params,
    pub adam: Adam,
}

impl SharedEmbedding {
    pub fn new(columns: usize, width: usize, betas: (f64, f64)) -> Result<SharedEmbedding> {
        let mut params = Params::new(0);
        params.constant(SHARED, &[columns, width], 0.0)?;
        Ok(SharedEmbedding { adam: Adam::new(&params, betas.0, betas.1), params })
    }

    /// Starts the optimiser anew.
    pub fn begin(&mut self, betas: (f64, f64)) {
        self.adam = Adam::new(&self.params, betas.0, betas.1);
    }

    /// Continues from a saved state. The moments of other features, which a discriminator of other settings had, are dropped.
    pub fn load(&mut self, state: &Weights, updates: u64) -> Result<()> {
        if self.adam.fits(state) {
            return self.adam.load(state, updates);
        }
        self.adam.updates = updates;
        Ok(())
    }

    /// Moves the embedding in `generator` by F dW, for `features` F, the first columns of a table [vocab, ..], and the
    /// gradients in the embedding, one for each part of the minibatch.
    pub fn update(&mut self, features: &Tensor, generator: &Params, grads: &[GradStore], rate: Rate) -> Result<()> {
        let trainable = generator.trainable();
        let embedding = get(&trainable, EMBEDDING)?;
        let parts = grads.iter().filter_map(|grads| grads.get(&embedding)).cloned().map(Ok);
        let Some(grad) = parts.reduce(|sum, part| sum? + part?).transpose()? else { return Ok(()) };
        let shared = get(&self.params.trainable(), SHARED)?;
        let features = features.narrow(1, 0, shared.dim(0)?)?; // others may follow them
        // The gradient of this product in W is that of the loss.
        let product = (&shared * features.t()?.matmul(&grad)?)?.sum_all()?.backward()?;
        let rate = Rate { learning_rate: SHARE * rate.learning_rate, ..rate };
        if !self.adam.update(&self.params, &[product], rate)?.is_finite() {
            return Ok(());
        }
        generator.set(EMBEDDING, &(embedding.detach() + features.matmul(&shared.detach())?)?)?;
        self.params.set(SHARED, &shared.zeros_like()?.detach())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    const BETAS: (f64, f64) = (0.9, 0.99);
    const RATE: Rate = Rate { learning_rate: 0.1, weight_decay: 0.0, clip: 1e9 };

    fn tensor(values: &[f32], shape: (usize, usize)) -> Tensor {
        Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
    }

    fn rows(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    /// The loss is that of minibatches in two parts, none of which has the last token.
    fn losses(embedding: &Tensor) -> [Tensor; 2] {
        [0, 1].map(|row| embedding.narrow(0, row, 2).unwrap().sqr().unwrap().sum_all().unwrap())
    }

    #[test]
    fn the_moments_of_other_features_are_dropped() {
        let embedding = |columns: usize| SharedEmbedding::new(columns, 3, BETAS).unwrap();
        let saved = embedding(2).adam.state().unwrap();
        for (columns, state) in [(2, saved.clone()), (4, saved), (2, Weights::new())] {
            let mut shared = embedding(columns);
            shared.load(&state, 7).unwrap();
            assert_eq!(shared.adam.updates, 7);
            assert_eq!(shared.adam.state().unwrap()["shared.first"].dims(), [3 * columns]);
        }
    }

    /// Against Adam on E' and W as variables of a graph.
    #[test]
    fn the_embedding_moves_as_if_it_were_a_sum() {
        let features = tensor(&[1.0, 0.0, 0.5, -1.0, 0.3, 0.2, 1.0, 2.0], (4, 2));
        let start = tensor(&[0.1, -0.2, 0.3, 0.4, 0.5, -0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2], (4, 3));
        let (mut folded, mut explicit, mut shared) = (Params::new(0), Params::new(0), Params::new(0));
        folded.matrix(EMBEDDING, (4, 3), rows(&start)).unwrap();
        explicit.matrix("own", (4, 3), rows(&start)).unwrap();
        shared.constant(SHARED, &[2, 3], 0.0).unwrap();
        let [mut own, mut other, mut of_all] = [&folded, &explicit, &shared].map(|p| Adam::new(p, BETAS.0, BETAS.1));
        let slower = Rate { learning_rate: SHARE * RATE.learning_rate, ..RATE };
        let mut shared_embedding = SharedEmbedding::new(2, 3, BETAS).unwrap();
        let sum = |own: Weights, shared: Weights| (&own["own"] + features.matmul(&shared[SHARED]).unwrap()).unwrap();
        for _ in 0..5 {
            let grads = losses(&folded.trainable()[EMBEDDING]).map(|loss| loss.backward().unwrap());
            own.update(&folded, &grads, RATE).unwrap();
            shared_embedding.update(&features, &folded, &grads, RATE).unwrap();
            let embedding = sum(explicit.trainable(), shared.trainable());
            let grads = losses(&embedding).map(|loss| loss.backward().unwrap());
            other.update(&explicit, &grads, RATE).unwrap();
            of_all.update(&shared, &grads, slower).unwrap();
            let (found, wanted) = (rows(&folded.frozen()[EMBEDDING]), rows(&sum(explicit.frozen(), shared.frozen())));
            assert!(found.iter().zip(&wanted).all(|(x, y)| (x - y).abs() < 1e-5), "{found:?} {wanted:?}");
        }
        // The last token had no gradient of its own, but shares features with tokens that had.
        assert_ne!(rows(&folded.frozen()[EMBEDDING])[9..], rows(&start)[9..]);
    }
}
