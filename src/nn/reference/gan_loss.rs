//! The GAN losses as their papers write them, with `candle_nn::ops::sigmoid`. Infinite below a score of -88 and above
//! one of 17, where the sigmoid or its complement rounds to 0.

use candle_core::{Result, Tensor};
use candle_nn::ops::sigmoid;

use crate::config::LossKind;

/// Loss of the discriminator, as [`super::super::gan_loss::discriminator`].
pub fn discriminator(kind: LossKind, real: &Tensor, fake: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let each = match kind {
        LossKind::Standard => (sigmoid(real)?.log()? + (1.0 - sigmoid(fake)?)?.log()?)?.neg()?,
        LossKind::Relativistic => sigmoid(&(real - fake)?)?.log()?.neg()?,
        LossKind::Hinge => ((1.0 - real)?.relu()? + (1.0 + fake)?.relu()?)?,
        LossKind::Wasserstein => (fake - real)?,
    };
    (each * weights)?.sum_all()
}

/// Loss of the generator, as [`super::super::gan_loss::generator`].
pub fn generator(kind: LossKind, real: &Tensor, fake: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let each = match kind {
        LossKind::Standard => sigmoid(fake)?.log()?.neg()?,
        LossKind::Relativistic => sigmoid(&(fake - real)?)?.log()?.neg()?,
        LossKind::Hinge | LossKind::Wasserstein => fake.neg()?,
    };
    (each * weights)?.sum_all()
}
