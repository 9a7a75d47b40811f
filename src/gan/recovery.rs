//! What is wrong after an evaluation in the adversarial phase. A generator that has collapsed goes back to the best
//! checkpoint; in either case the discriminator's learning rate is halved.

use super::quality::QualityCheck;
use crate::config::LossKind;
use crate::run::event::StepRecord;
use crate::run::limits::{COLLAPSE, D_MARGIN_DECAY, MAX_D_MARGIN};
use crate::run::notice::Diagnosis;

/// What an evaluation knows.
pub struct Symptoms<'a> {
    /// Held-out loss, nats per token.
    pub loss: f32,
    /// The lowest one before, if pretraining has set it.
    pub lowest: Option<f32>,
    pub quality: Option<&'a QualityCheck>,
    /// Moving average of D(real) - D(fake).
    pub d_margin_ema: f32,
}

/// The gravest problem, if there is one.
pub fn diagnose(symptoms: &Symptoms) -> Option<Diagnosis> {
    if let Some(QualityCheck { model, real }) = symptoms.quality {
        if model.distinct_2 < COLLAPSE.min_diversity * real.distinct_2 {
            let (distinct_2, real) = (model.distinct_2 as f32, real.distinct_2 as f32);
            return Some(Diagnosis::LowDiversity { distinct_2, real });
        }
        if model.copied_line > real.copied_line + COLLAPSE.max_copies {
            return Some(Diagnosis::Copying { share: model.copied_line as f32 });
        }
    }
    let loss = symptoms.loss;
    if let Some(lowest) = symptoms.lowest.filter(|lowest| loss > lowest + COLLAPSE.max_loss_increase) {
        return Some(Diagnosis::Forgetting { loss, lowest });
    }
    let margin = symptoms.d_margin_ema;
    (margin > MAX_D_MARGIN).then_some(Diagnosis::DiscriminatorAhead { margin })
}

/// The moving average of D(real) - D(fake) after another step. Only with the standard loss scores are probabilities.
pub fn d_margin_ema(before: f32, loss: LossKind, record: &StepRecord) -> f32 {
    match (record.d_real, record.d_fake) {
        (Some(real), Some(fake)) if loss == LossKind::Standard && (real - fake).is_finite() => {
            D_MARGIN_DECAY * before + (1.0 - D_MARGIN_DECAY) * (real - fake)
        }
        _ => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::quality::QualityFigures;
    use crate::run::event::Phase;

    const REAL: QualityFigures = QualityFigures {
        distinct_2: 0.8,
        copied_line: 0.01,
        rhyme: Some(0.9),
        rhyme_between: 0.1,
        coherence: Some(0.7),
        repeated_rhyme: 0.0,
        repeated_char_poem: 0.3,
        z_bits: None,
    };

    fn diagnosis(loss: f32, lowest: Option<f32>, model: QualityFigures, d_margin_ema: f32) -> Option<Diagnosis> {
        diagnose(&Symptoms { loss, lowest, quality: Some(&QualityCheck { model, real: REAL }), d_margin_ema })
    }

    #[test]
    fn each_problem_is_diagnosed() {
        let rhymeless = QualityFigures { distinct_2: 0.6, rhyme: Some(0.0), ..REAL };
        assert_eq!(diagnosis(5.4, Some(5.0), rhymeless, 0.8), None);
        let repeating = QualityFigures { distinct_2: 0.5, ..REAL };
        let expected = Diagnosis::LowDiversity { distinct_2: 0.5, real: 0.8 };
        assert_eq!(diagnosis(5.0, Some(5.0), repeating, 0.95), Some(expected));
        let copying = QualityFigures { copied_line: 0.2, ..REAL };
        assert_eq!(diagnosis(5.0, Some(5.0), copying, 0.0), Some(Diagnosis::Copying { share: 0.2 }));
        let expected = Diagnosis::Forgetting { loss: 5.6, lowest: 5.0 };
        assert_eq!(diagnosis(5.6, Some(5.0), REAL, 0.0), Some(expected));
        // Without pretraining there is no likelihood to keep.
        assert_eq!(diagnosis(9.0, None, REAL, 0.0), None);
        assert_eq!(diagnosis(5.0, Some(5.0), REAL, 0.95), Some(Diagnosis::DiscriminatorAhead { margin: 0.95 }));
    }

    #[test]
    fn the_margin_is_a_mean_over_recent_steps() {
        let mut record = StepRecord::new(1, Phase::Adversarial, 0.0);
        assert_eq!(d_margin_ema(0.3, LossKind::Standard, &record), 0.3);
        (record.d_real, record.d_fake) = (Some(0.99), Some(0.01));
        let after = |steps: usize| (0..steps).fold(0.0, |before, _| d_margin_ema(before, LossKind::Standard, &record));
        assert!(after(50) < MAX_D_MARGIN && after(200) > MAX_D_MARGIN);
        assert_eq!(d_margin_ema(0.3, LossKind::Wasserstein, &record), 0.3);
        record.d_real = Some(f32::NAN);
        assert_eq!(d_margin_ema(0.3, LossKind::Standard, &record), 0.3);
    }
}
