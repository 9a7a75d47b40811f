//! All curves of a run, folded from its events.

use crate::run::event::{QualityFigure, StepRecord};
use crate::ui::model::curve::MetricCurve;

/// Most figures of quality checks that have a curve; a journal of this program names far fewer.
const MAX_FIGURES: usize = 64;

#[derive(Clone, Debug, Default)]
pub struct Curves {
    pub likelihood: MetricCurve,
    pub held_out: MetricCurve,
    pub generator: MetricCurve,
    pub discriminator: MetricCurve,
    pub d_real: MetricCurve,
    pub d_fake: MetricCurve,
    /// Area under the ROC curve of the discriminator's scores.
    pub auc: MetricCurve,
    pub generator_gradient: MetricCurve,
    pub discriminator_gradient: MetricCurve,
    pub beta: MetricCurve,
    pub learning_rate: MetricCurve,
    pub discriminator_learning_rate: MetricCurve,
    pub tokens_per_s: MetricCurve,
    /// Figures of the quality checks, by name.
    pub quality: Vec<(String, MetricCurve)>,
}

impl Curves {
    /// Adds the numbers of a step.
    pub fn step(&mut self, record: &StepRecord) {
        for (curve, value) in [
            (&mut self.likelihood, record.likelihood_loss),
            (&mut self.generator, record.generator_loss),
            (&mut self.discriminator, record.discriminator_loss),
            (&mut self.d_real, record.d_real),
            (&mut self.d_fake, record.d_fake),
            (&mut self.generator_gradient, record.generator_grad_norm),
            (&mut self.discriminator_gradient, record.discriminator_grad_norm),
            (&mut self.beta, record.beta),
            (&mut self.learning_rate, Some(record.learning_rate)),
            (&mut self.discriminator_learning_rate, record.discriminator_learning_rate),
            (&mut self.tokens_per_s, Some(record.tokens_per_s)),
        ] {
            curve.push(record.step, value);
        }
    }

    /// Adds the figures of a quality check.
    pub fn quality(&mut self, step: u64, figures: &[QualityFigure]) {
        for figure in figures {
            let known = self.quality.iter().position(|(name, _)| *name == figure.name);
            if known.is_none() && self.quality.len() == MAX_FIGURES {
                continue;
            }
            let index = known.unwrap_or_else(|| {
                self.quality.push((figure.name.clone(), MetricCurve::default()));
                self.quality.len() - 1
            });
            self.quality[index].1.push(step, Some(figure.model));
        }
    }

    /// All curves that hold a value, with their names.
    pub fn named(&self) -> Vec<(&str, &MetricCurve)> {
        let fixed = [
            ("likelihood loss", &self.likelihood),
            ("held-out loss", &self.held_out),
            ("G loss", &self.generator),
            ("D loss", &self.discriminator),
            ("D(real)", &self.d_real),
            ("D(fake)", &self.d_fake),
            ("D AUC", &self.auc),
            ("G gradient norm", &self.generator_gradient),
            ("D gradient norm", &self.discriminator_gradient),
            ("beta", &self.beta),
            ("G learning rate", &self.learning_rate),
            ("D learning rate", &self.discriminator_learning_rate),
            ("tokens per second", &self.tokens_per_s),
        ];
        let quality = self.quality.iter().map(|(name, curve)| (name.as_str(), curve));
        fixed.into_iter().chain(quality).filter(|(_, curve)| !curve.is_empty()).collect()
    }
}
