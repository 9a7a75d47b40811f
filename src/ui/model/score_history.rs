//! The discriminator's scores of real and generated poems: running histograms, their AUC, and their history.

use crate::run::event::{BINS, Histogram, StepRecord};
use crate::ui::model::history::Thinned;

/// Weight of the newest minibatch in the running histogram: about the last twenty count.
const NEWEST: f32 = 0.05;
/// Most histograms of the history.
const MOST: usize = 48;
/// Steps between two of them, before they are thinned out.
const EVERY: u64 = 4;

/// Shares of poems in each bin of probability.
pub type Shares = [f32; BINS];

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreHistograms {
    pub step: u64,
    pub real: Shares,
    pub fake: Shares,
}

#[derive(Clone, Debug)]
pub struct ScoreHistory {
    /// Running means of the latest minibatches.
    pub now: Option<ScoreHistograms>,
    pub history: Thinned<ScoreHistograms>,
    n_steps: u64,
}

impl Default for ScoreHistory {
    fn default() -> ScoreHistory {
        ScoreHistory { now: None, history: Thinned::new(MOST), n_steps: 0 }
    }
}

impl ScoreHistory {
    pub fn step(&mut self, record: &StepRecord) {
        let (Some(real), Some(fake)) = (&record.real_histogram, &record.fake_histogram) else { return };
        let new = ScoreHistograms { step: record.step, real: shares(real), fake: shares(fake) };
        let mean = |old: Shares, new: Shares| std::array::from_fn(|bin| old[bin] + NEWEST * (new[bin] - old[bin]));
        self.history.undo(|histograms| histograms.step >= record.step);
        let now = match &self.now {
            Some(old) if old.step < record.step => {
                ScoreHistograms { step: record.step, real: mean(old.real, new.real), fake: mean(old.fake, new.fake) }
            }
            _ => new,
        };
        self.now = Some(now);
        if self.n_steps.is_multiple_of(EVERY) {
            self.history.push(now);
        }
        self.n_steps += 1;
    }

    /// Area under the ROC curve: the probability that a real poem scores higher than a generated one. 0.5 is chance, 1
    /// perfect separation.
    pub fn auc(&self) -> Option<f32> {
        let now = self.now.as_ref()?;
        let mut below = 0.0;
        let mut area = 0.0;
        for bin in 0..BINS {
            area += now.real[bin] * (below + now.fake[bin] / 2.0);
            below += now.fake[bin];
        }
        Some(area)
    }

    /// Overlap of both histograms, 0 to 1.
    pub fn overlap(&self) -> Option<f32> {
        self.now.as_ref().map(|now| now.real.iter().zip(&now.fake).map(|(real, fake)| real.min(*fake)).sum())
    }
}

/// An AUC in words.
pub fn balance(auc: f32) -> &'static str {
    match auc {
        auc if auc < 0.55 => "D at chance",
        auc if auc < 0.65 => "G ahead",
        auc if auc < 0.80 => "balanced",
        auc if auc < 0.95 => "D ahead",
        _ => "D separates nearly all",
    }
}

fn shares(counts: &Histogram) -> Shares {
    let total = counts.iter().map(|count| f32::from(*count)).sum::<f32>().max(1.0);
    std::array::from_fn(|bin| f32::from(counts[bin]) / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::Phase;

    fn record(step: u64, real: usize, fake: usize) -> StepRecord {
        let mut record = StepRecord::new(step, Phase::Adversarial, 0.1);
        let one = |bin| std::array::from_fn(|other| if other == bin { 64 } else { 0 });
        (record.real_histogram, record.fake_histogram) = (Some(one(real)), Some(one(fake)));
        record
    }

    #[test]
    fn the_area_and_the_overlap_of_single_bins() {
        for (real, fake, area, overlap) in [(15, 4, 1.0, 0.0), (10, 10, 0.5, 1.0), (4, 15, 0.0, 0.0)] {
            let mut scores = ScoreHistory::default();
            scores.step(&record(1, real, fake));
            assert_eq!((scores.auc(), scores.overlap()), (Some(area), Some(overlap)));
        }
    }

    #[test]
    fn a_rollback_drops_later_histograms() {
        let mut scores = ScoreHistory::default();
        (1..100).for_each(|step| scores.step(&record(step, 15, 4)));
        scores.step(&record(10, 4, 15));
        assert!(scores.history.items().iter().all(|histograms| histograms.step <= 10));
        assert_eq!(scores.auc(), Some(0.0));
    }
}
