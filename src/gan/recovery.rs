//! When a duel has gone wrong, and what follows: a generator that has collapsed goes back to the best checkpoint, and the
//! discriminator learns at half its rate from then on, as it does when it is far ahead.

use crate::config::LossKind;
use crate::gan::quality::Look;
use crate::run::event::StepRecord;

/// A generator has collapsed when its poems have less than this share of the different pairs of neighbours of real ones,
const LEAST_DIVERSITY: f64 = 0.7;
/// when so much more of their lines than of real ones are copied,
const MOST_COPIES: f64 = 0.1;
/// or, after a warm-up, when the held-out loss is this far above the lowest one, nats per token.
const LOST: f32 = 0.5;
/// The discriminator is far ahead when the mean of D(real) - D(fake) over recent steps is above this: the generator learns
/// little from one that is always right.
const FAR_AHEAD: f32 = 0.9;
/// Decay of that mean, by step.
const MEMORY: f32 = 0.98;
/// The discriminator's rate is halved so often at most.
pub const MOST_HALVINGS: u32 = 6;

/// What has gone wrong, in words.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// Of the generator.
    Collapse(String),
    /// Of the discriminator.
    FarAhead(String),
}

/// What is wrong after an evaluation: the held-out loss with the lowest one before, if a warm-up has set that, the poems,
/// and the recent lead of the discriminator.
pub fn trouble((loss, lowest): (f32, Option<f32>), look: Option<&Look>, lead: f32) -> Option<Trouble> {
    if let Some(Look { model, real }) = look {
        if model.distinct_2 < LEAST_DIVERSITY * real.distinct_2 {
            return Some(Trouble::Collapse(format!(
                "the poems repeat each other (distinct-2 {:.2}, real poems {:.2})",
                model.distinct_2, real.distinct_2
            )));
        }
        if model.copied_line > real.copied_line + MOST_COPIES {
            return Some(Trouble::Collapse(format!("{:.0} % of the lines are copied", 100.0 * model.copied_line)));
        }
    }
    if let Some(lowest) = lowest.filter(|lowest| loss > lowest + LOST) {
        return Some(Trouble::Collapse(format!(
            "the generator forgets the language (held-out loss {loss:.2}, lowest {lowest:.2})"
        )));
    }
    (lead > FAR_AHEAD).then(|| {
        Trouble::FarAhead(format!(
            "the discriminator is far ahead (real poems {:.0} percentage points above written ones)",
            100.0 * lead
        ))
    })
}

/// The mean lead of the discriminator after another step. Only with the standard loss its scores are probabilities.
pub fn lead(before: f32, loss: LossKind, record: &StepRecord) -> f32 {
    match (record.d_real, record.d_fake) {
        (Some(real), Some(fake)) if loss == LossKind::Standard && (real - fake).is_finite() => {
            MEMORY * before + (1.0 - MEMORY) * (real - fake)
        }
        _ => before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gan::quality::Figures;
    use crate::run::event::Phase;

    const REAL: Figures = Figures { distinct_2: 0.8, copied_line: 0.01, rhyme: 0.9 };

    fn words(loss: f32, lowest: Option<f32>, model: Figures, lead: f32) -> String {
        match trouble((loss, lowest), Some(&Look { model, real: REAL }), lead) {
            None => String::new(),
            Some(Trouble::Collapse(words)) => format!("collapse: {words}"),
            Some(Trouble::FarAhead(words)) => format!("ahead: {words}"),
        }
    }

    #[test]
    fn each_trouble_is_named() {
        assert_eq!(words(5.4, Some(5.0), Figures { distinct_2: 0.6, rhyme: 0.0, ..REAL }, 0.8), "");
        let repeating = Figures { distinct_2: 0.5, ..REAL };
        let expected = "collapse: the poems repeat each other (distinct-2 0.50, real poems 0.80)";
        assert_eq!(words(5.0, Some(5.0), repeating, 0.95), expected);
        let copying = Figures { copied_line: 0.2, ..REAL };
        assert_eq!(words(5.0, Some(5.0), copying, 0.0), "collapse: 20 % of the lines are copied");
        let expected = "collapse: the generator forgets the language (held-out loss 5.60, lowest 5.00)";
        assert_eq!(words(5.6, Some(5.0), REAL, 0.0), expected);
        // Without a warm-up there is no likelihood to keep.
        assert_eq!(words(9.0, None, REAL, 0.0), "");
        let expected = "ahead: the discriminator is far ahead (real poems 95 percentage points above written ones)";
        assert_eq!(words(5.0, Some(5.0), REAL, 0.95), expected);
    }

    #[test]
    fn the_lead_is_a_mean_over_recent_steps() {
        let mut record = StepRecord::new(1, Phase::Adversarial, 0.0);
        assert_eq!(lead(0.3, LossKind::Standard, &record), 0.3);
        (record.d_real, record.d_fake) = (Some(0.99), Some(0.01));
        let after = |steps: usize| (0..steps).fold(0.0, |before, _| lead(before, LossKind::Standard, &record));
        assert!(after(50) < FAR_AHEAD && after(200) > FAR_AHEAD);
        assert_eq!(lead(0.3, LossKind::Wasserstein, &record), 0.3);
        record.d_real = Some(f32::NAN);
        assert_eq!(lead(0.3, LossKind::Standard, &record), 0.3);
    }
}
