//! A rhyme embedding, learned from the line ends of a corpus: ends of even lines of the same poem attract each other, ends
//! of different poems repel. It needs no dictionary, so it works for any language. The rhyme head uses it frozen; a
//! discriminator that learns rhyme by itself memorises poems instead (after the structured adversary of Jhamtani et al.
//! 2019, "RhymeGAN").

use candle_core::{Device, Result, Tensor};

use crate::nn::adam::{Adam, Rate};
use crate::nn::gan_loss::softplus;
use crate::nn::params::{Params, get};
use crate::random;

const MINIBATCH: usize = 1024;
const STEPS: usize = 400;
const LEARNING_RATE: f64 = 0.02;

/// The rhyme embedding of every token, [vocab, columns], rows of length 1.
pub struct RhymeEmbedding {
    pub table: Tensor,
    /// Accuracy on held-out pairs, half of them rhymes; `None` without such pairs.
    pub accuracy: Option<f32>,
}

/// Pairs of line ends, and whether they come from one poem.
#[derive(Default)]
struct Pairs {
    first: Vec<u32>,
    second: Vec<u32>,
    rhymes: Vec<f32>,
}

/// Learns the embedding. `training` and `held_out` are the line ends of each poem, in order.
///
/// # Errors
/// A failed tensor operation.
pub fn learn(
    training: &[Vec<u32>],
    held_out: &[Vec<u32>],
    vocab: usize,
    columns: usize,
    seed: u64,
) -> Result<RhymeEmbedding> {
    let mut params = Params::new(seed);
    params.normal("rhyme", &[vocab, columns], 1.0 / (columns as f32).sqrt())?;
    // Logit of a pair: scale * cosine + shift.
    params.vector("scale", vec![8.0])?;
    params.vector("shift", vec![-4.0])?;
    let ends = Ends::new(training);
    let mut adam = Adam::new(&params, 0.9, 0.999);
    let steps = if ends.pairs.is_empty() { 0 } else { STEPS };
    for step in 0..steps {
        let pairs = ends.draw(MINIBATCH, &mut random::stream(seed, "rhyme pairs", step as u64));
        let sign =
            Tensor::from_vec(pairs.rhymes.iter().map(|rhymes| 1.0 - 2.0 * rhymes).collect(), MINIBATCH, &Device::Cpu)?;
        let loss = softplus(&(logits(&params, &pairs)? * sign)?)?.mean_all()?;
        let learning_rate = LEARNING_RATE * (1.0 - step as f64 / STEPS as f64);
        adam.update(&params, &[loss.backward()?], Rate { learning_rate, weight_decay: 0.0, clip: f64::INFINITY })?;
    }
    let table = unit_rows(&get(&params.frozen(), "rhyme")?)?;
    Ok(RhymeEmbedding { table, accuracy: accuracy(&params, held_out, seed)? })
}

/// Logits of the pairs, [pairs].
fn logits(params: &Params, pairs: &Pairs) -> Result<Tensor> {
    let weights = params.trainable();
    let rows = |ids: &[u32]| {
        let ids = Tensor::from_slice(ids, ids.len(), &Device::Cpu)?;
        unit_rows(&get(&weights, "rhyme")?.index_select(&ids, 0)?)
    };
    let cosine = (rows(&pairs.first)? * rows(&pairs.second)?)?.sum(1)?;
    cosine.broadcast_mul(&get(&weights, "scale")?)?.broadcast_add(&get(&weights, "shift")?)
}

/// The rows of x, scaled to length 1.
pub(super) fn unit_rows(x: &Tensor) -> Result<Tensor> {
    x.broadcast_div(&(x.sqr()?.sum_keepdim(1)? + 1e-8)?.sqrt()?)
}

fn accuracy(params: &Params, held_out: &[Vec<u32>], seed: u64) -> Result<Option<f32>> {
    let ends = Ends::new(held_out);
    if ends.pairs.is_empty() {
        return Ok(None);
    }
    let pairs = ends.draw(4 * MINIBATCH, &mut random::stream(seed, "rhyme test", 0));
    let logits: Vec<f32> = logits(params, &pairs)?.to_vec1()?;
    let right = logits.iter().zip(&pairs.rhymes).filter(|(logit, rhymes)| (**logit > 0.0) == (**rhymes > 0.5)).count();
    Ok(Some(right as f32 / pairs.rhymes.len() as f32))
}

/// All pairs of different tokens that end even lines of one poem, and all even-line ends.
struct Ends {
    pairs: Vec<(u32, u32)>,
    singles: Vec<u32>,
}

impl Ends {
    fn new(poems: &[Vec<u32>]) -> Ends {
        let mut ends = Ends { pairs: Vec::new(), singles: Vec::new() };
        for poem in poems {
            let even: Vec<u32> = poem.iter().skip(1).step_by(2).copied().collect();
            for (i, &a) in even.iter().enumerate() {
                ends.pairs.extend(even[i + 1..].iter().filter(|&&b| b != a).map(|&b| (a, b)));
            }
            ends.singles.extend(even);
        }
        ends
    }

    /// `n` pairs, half of them rhymes.
    fn draw(&self, n: usize, rng: &mut impl rand::RngCore) -> Pairs {
        let mut pairs = Pairs::default();
        let mut push = |a, b, rhymes| {
            pairs.first.push(a);
            pairs.second.push(b);
            pairs.rhymes.push(rhymes);
        };
        for _ in 0..n / 2 {
            let (a, b) = self.pairs[random::below(rng, self.pairs.len())];
            push(a, b, 1.0);
            push(
                self.singles[random::below(rng, self.singles.len())],
                self.singles[random::below(rng, self.singles.len())],
                0.0,
            );
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens rhyme when they are equal modulo 7.
    fn poems(n: usize, seed: u64) -> Vec<Vec<u32>> {
        let mut rng = random::stream(seed, "poems", 0);
        let mut token = |class: usize| (random::below(&mut rng, 12) * 7 + class) as u32;
        (0..n).map(|i| (0..8).map(|line| token(if line % 2 == 1 { i % 7 } else { line })).collect()).collect()
    }

    #[test]
    fn rhyme_is_learned_from_line_ends() {
        crate::nn::threads::prepare();
        let rhyme = learn(&poems(500, 1), &poems(100, 2), 84, 16, 0).unwrap();
        // One random pair in seven rhymes by chance, which limits the accuracy to 1 - 1/14.
        assert!(rhyme.accuracy.unwrap() > 0.9, "{:?}", rhyme.accuracy);
        let table = rhyme.table.to_vec2::<f32>().unwrap();
        let cosine = |a: usize, b: usize| table[a].iter().zip(&table[b]).map(|(x, y)| x * y).sum::<f32>();
        assert!(cosine(3, 10) > 0.8 && cosine(3, 11) < 0.5);
    }

    #[test]
    fn poems_without_pairs_are_no_error() {
        let rhyme = learn(&[vec![1]], &[], 4, 8, 0).unwrap();
        assert_eq!((rhyme.table.dims(), rhyme.accuracy), (&[4, 8][..], None));
    }
}
