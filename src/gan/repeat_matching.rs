//! The biases of kinds of repetition in the adversarial phase: they follow the difference between real and generated poems
//! (moment matching by stochastic approximation, Robbins and Monro 1951). The discriminator sees repetitions as well, but its
//! gradient reaches these few biases through the relaxation, which is biased, and takes them past those of real poems and back.

use candle_core::{Device, Result, Tensor};

use super::data::Minibatch;
use super::models::Models;
use crate::generator::{KIND_BIASES, KIND_BIASES_NAME, KIND_SCALE, Sequences, SpecialTokens, repeated_kinds};
use crate::nn::params::get;

/// Change of a bias, in logits, where one side has all the repetitions.
const RATE: f64 = 0.1;

/// Moves each bias of the form towards as many repetitions of its kind in `fake` as in the real poems. The average has the
/// same biases: they are averages already.
pub(super) fn update(
    models: &mut Models,
    minibatch: &Minibatch,
    fake: &Sequences,
    special: SpecialTokens,
) -> Result<()> {
    let weights = models.generator.frozen();
    if !weights.contains_key(KIND_BIASES_NAME) {
        return Ok(());
    }
    let [real, fake] = [&minibatch.real, fake].map(|poems| repeated_kinds(poems, special, minibatch.rules));
    let moves = Tensor::from_vec(moves(real, fake), KIND_BIASES, &Device::Cpu)?;
    let biases = (get(&weights, KIND_BIASES_NAME)? + (moves / KIND_SCALE)?)?;
    models.generator.set(KIND_BIASES_NAME, &biases)?;
    models.average.weights.insert(KIND_BIASES_NAME.to_string(), biases);
    Ok(())
}

/// The change of each bias, in logits. Two more repetitions than were found bound it where there are few.
fn moves(real: [u32; KIND_BIASES], fake: [u32; KIND_BIASES]) -> Vec<f32> {
    let share = |(real, fake)| (f64::from(real) - f64::from(fake)) / (f64::from(real) + f64::from(fake) + 2.0);
    real.into_iter().zip(fake).map(|pair| (RATE * share(pair)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn more_repetitions_than_in_real_poems_lower_the_bias() {
        let (mut real, mut fake) = ([0; KIND_BIASES], [0; KIND_BIASES]);
        (real[0], fake[0], real[1], fake[1]) = (4, 12, 8, 0);
        let moves = moves(real, fake);
        assert!((moves[0] + 0.1 * 8.0 / 18.0).abs() < 1e-7 && (moves[1] - 0.08).abs() < 1e-7 && moves[2] == 0.0);
    }

    /// A generator that repeats exp(bias) times as often as real poems, with the noise of a minibatch.
    #[test]
    fn the_bias_settles_where_both_repeat_equally_often() {
        let mut rng = random::stream(1, "test", 0);
        let mut count =
            |rate: f64| (0..200).filter(|_| f64::from(random::uniform(&mut rng)) < rate / 200.0).count() as u32;
        for rate in [20.0, 1.0] {
            let (mut bias, mut late) = (1.0, Vec::new());
            for step in 0..3000 {
                let (real, fake) = (count(rate), count(rate * f64::exp(bias)));
                bias += f64::from(moves([real; KIND_BIASES], [fake; KIND_BIASES])[0]);
                late.extend((step >= 1000).then_some(bias));
            }
            let mean = late.iter().sum::<f64>() / late.len() as f64;
            assert!(mean.abs() < 0.1, "{rate}: {mean}");
        }
    }
}
