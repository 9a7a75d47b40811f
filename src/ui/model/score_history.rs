//! How the two rivals stand: the discriminator's scores of real and of generated poems as histograms, how far they lie
//! apart, and how that went on.

use crate::run::event::{BINS, Histogram, StepRecord};
use crate::ui::model::history::Thinned;

/// Weight of the newest minibatch in the running histogram: about the last twenty count.
const NEWEST: f32 = 0.05;
/// Moments of the ridge.
const MOMENTS: usize = 48;
/// Steps between two moments of the ridge, before it is thinned.
const EVERY: u64 = 4;

/// Shares of poems in each bin of probability.
pub type Shares = [f32; BINS];

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    pub step: u64,
    pub real: Shares,
    pub fake: Shares,
}

#[derive(Clone, Debug)]
pub struct Rivalry {
    /// Running means of the latest minibatches.
    pub now: Option<Moment>,
    pub ridge: Thinned<Moment>,
    seen: u64,
}

impl Default for Rivalry {
    fn default() -> Rivalry {
        Rivalry { now: None, ridge: Thinned::new(MOMENTS), seen: 0 }
    }
}

impl Rivalry {
    pub fn step(&mut self, record: &StepRecord) {
        let (Some(real), Some(fake)) = (&record.real_histogram, &record.fake_histogram) else { return };
        let fresh = Moment { step: record.step, real: shares(real), fake: shares(fake) };
        let mean = |old: Shares, new: Shares| std::array::from_fn(|bin| old[bin] + NEWEST * (new[bin] - old[bin]));
        self.ridge.undo(|moment| moment.step >= record.step);
        let now = match &self.now {
            Some(old) if old.step < record.step => {
                Moment { step: record.step, real: mean(old.real, fresh.real), fake: mean(old.fake, fresh.fake) }
            }
            _ => fresh,
        };
        self.now = Some(now);
        if self.seen.is_multiple_of(EVERY) {
            self.ridge.push(now);
        }
        self.seen += 1;
    }

    /// The chance that the discriminator finds a real poem more real than a generated one (the area under its ROC curve):
    /// one half where it cannot tell them, 1 where it always can.
    pub fn tells_apart(&self) -> Option<f32> {
        let now = self.now.as_ref()?;
        let mut below = 0.0;
        let mut area = 0.0;
        for bin in 0..BINS {
            area += now.real[bin] * (below + now.fake[bin] / 2.0);
            below += now.fake[bin];
        }
        Some(area)
    }

    /// The share that both histograms have in common, 0 to 1.
    pub fn overlap(&self) -> Option<f32> {
        self.now.as_ref().map(|now| now.real.iter().zip(&now.fake).map(|(real, fake)| real.min(*fake)).sum())
    }
}

/// Who is winning, in words.
pub fn standing(tells_apart: f32) -> &'static str {
    match tells_apart {
        apart if apart < 0.55 => "the generator passes for real",
        apart if apart < 0.65 => "the generator is ahead",
        apart if apart < 0.80 => "evenly matched",
        apart if apart < 0.95 => "the discriminator is ahead",
        _ => "the discriminator sees through everything",
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
    fn the_area_knows_who_is_ahead() {
        for (real, fake, area, overlap) in [(15, 4, 1.0, 0.0), (10, 10, 0.5, 1.0), (4, 15, 0.0, 0.0)] {
            let mut rivalry = Rivalry::default();
            rivalry.step(&record(1, real, fake));
            assert_eq!((rivalry.tells_apart(), rivalry.overlap()), (Some(area), Some(overlap)));
        }
    }

    #[test]
    fn a_step_that_was_undone_is_no_history() {
        let mut rivalry = Rivalry::default();
        (1..100).for_each(|step| rivalry.step(&record(step, 15, 4)));
        rivalry.step(&record(10, 4, 15));
        assert!(rivalry.ridge.items().iter().all(|moment| moment.step <= 10));
        assert_eq!(rivalry.tells_apart(), Some(0.0));
    }
}
