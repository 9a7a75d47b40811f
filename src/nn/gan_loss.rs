//! The losses of discriminator and generator. Scores are logits: sigmoid(score) is the probability of being real.

use candle_core::{Result, Tensor};

use crate::config::LossKind;

/// log(1 + e^x) = -log sigmoid(-x), finite for every x. `candle_nn::loss::binary_cross_entropy_with_logit` takes the
/// logarithms of a sigmoid and of its complement, which are infinite below a logit of -88 and above one of 17.
pub fn softplus(x: &Tensor) -> Result<Tensor> {
    x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// Loss of the discriminator for scores of real and generated examples; `weights` sum to 1. All are of one shape.
///
/// - standard: -log D(x) - log(1 - D(G(z))) (Goodfellow et al. 2014)
/// - relativistic: -log sigmoid(real - fake), pair by pair (RSGAN, Jolicoeur-Martineau 2018)
/// - hinge: max(0, 1 - real) + max(0, 1 + fake) (Lim and Ye 2017)
/// - wasserstein: fake - real (Arjovsky et al. 2017)
pub fn discriminator(kind: LossKind, real: &Tensor, fake: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let each = match kind {
        LossKind::Standard => (softplus(&real.neg()?)? + softplus(fake)?)?,
        LossKind::Relativistic => softplus(&(fake - real)?)?,
        LossKind::Hinge => ((1.0 - real)?.relu()? + (fake + 1.0)?.relu()?)?,
        LossKind::Wasserstein => (fake - real)?,
    };
    (each * weights)?.sum_all()
}

/// Loss of the generator, non-saturating: it maximises log D(G(z)). Only the relativistic loss reads `real`.
pub fn generator(kind: LossKind, real: &Tensor, fake: &Tensor, weights: &Tensor) -> Result<Tensor> {
    let each = match kind {
        LossKind::Standard => softplus(&fake.neg()?)?,
        LossKind::Relativistic => softplus(&(real - fake)?)?,
        LossKind::Hinge | LossKind::Wasserstein => fake.neg()?,
    };
    (each * weights)?.sum_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::ops::check;
    use crate::nn::reference;
    use candle_core::{Device, Var};

    fn value(t: Tensor) -> f32 {
        t.to_scalar().unwrap()
    }

    fn of(x: f32) -> Tensor {
        Tensor::new(&[x], &Device::Cpu).unwrap()
    }

    #[test]
    fn values_follow_the_formulas() {
        let (real, fake, one) = (of(0.5), of(-0.25), of(1.0));
        let log_sigmoid = |x: f32| -(1.0 + (-x).exp()).ln();
        let cases = [
            (LossKind::Standard, -log_sigmoid(0.5) - log_sigmoid(0.25), -log_sigmoid(-0.25)),
            (LossKind::Relativistic, -log_sigmoid(0.75), -log_sigmoid(-0.75)),
            (LossKind::Hinge, 0.5 + 0.75, 0.25),
            (LossKind::Wasserstein, -0.75, 0.25),
        ];
        for (kind, d, g) in cases {
            assert!((value(discriminator(kind, &real, &fake, &one).unwrap()) - d).abs() < 1e-6, "{kind:?}");
            assert!((value(generator(kind, &real, &fake, &one).unwrap()) - g).abs() < 1e-6, "{kind:?}");
        }
    }

    #[test]
    fn large_scores_stay_finite() {
        for x in [-1000.0, -120.0, 120.0, 1000.0] {
            assert!((value(softplus(&of(x)).unwrap().sum_all().unwrap()) - f32::max(x, 0.0)).abs() < 1e-6);
        }
    }

    const KINDS: [LossKind; 4] = [LossKind::Standard, LossKind::Relativistic, LossKind::Hinge, LossKind::Wasserstein];

    /// Scores of real and generated poems on both sides of the margins of the hinge, and weights that differ.
    fn scores() -> (Var, Var, Tensor) {
        let var = |scores: [f32; 6]| Var::new(&scores, &Device::Cpu).unwrap();
        let weights = Tensor::new(&[0.3f32, 0.0, 0.1, 0.2, 0.25, 0.15], &Device::Cpu).unwrap();
        (var([2.0, 0.3, -1.5, 0.8, -0.2, 3.0]), var([-2.5, 0.4, 1.2, -0.7, 0.1, -1.4]), weights)
    }

    #[test]
    fn gradients_are_right() {
        for kind in KINDS {
            let (real, fake, weights) = scores();
            check::gradients(&[&real, &fake], 2e-2, || discriminator(kind, &real, &fake, &weights));
            check::gradients(&[&fake], 2e-2, || generator(kind, &real, &fake, &weights));
        }
    }

    #[test]
    fn the_reference_gives_the_same() {
        for kind in KINDS {
            let (real, fake, weights) = scores();
            check::reference(
                &[&real, &fake],
                1e-6,
                || discriminator(kind, &real, &fake, &weights),
                || reference::gan_loss::discriminator(kind, &real, &fake, &weights),
            );
            let vars: &[&Var] = if kind == LossKind::Relativistic { &[&real, &fake] } else { &[&fake] };
            check::reference(
                vars,
                1e-6,
                || generator(kind, &real, &fake, &weights),
                || reference::gan_loss::generator(kind, &real, &fake, &weights),
            );
        }
    }

    /// With equal weights, the standard loss is the mean cross-entropy of candle-nn, once for each label.
    #[test]
    fn the_standard_loss_is_the_cross_entropy_of_candle_nn() {
        let (real, fake, weights) = scores();
        let (ones, zeros) = (weights.ones_like().unwrap(), weights.zeros_like().unwrap());
        let equal = (&ones / 6.0).unwrap();
        let entropy = candle_nn::loss::binary_cross_entropy_with_logit;
        check::reference(
            &[&real, &fake],
            1e-6,
            || discriminator(LossKind::Standard, &real, &fake, &equal),
            || entropy(&real, &ones)? + entropy(&fake, &zeros)?,
        );
        check::reference(
            &[&fake],
            1e-6,
            || generator(LossKind::Standard, &real, &fake, &equal),
            || entropy(&fake, &ones),
        );
    }
}
