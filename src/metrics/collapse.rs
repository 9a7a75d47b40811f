//! Alarms for mode collapse and copying, which other metrics can miss.

use std::collections::BTreeMap;
use std::fmt;

use super::Verse;
use super::novelty::TrainingPoems;

/// Least share of distinct poems, and largest shares of one poem and of one line in excess of real poems.
const FEWEST_DISTINCT: f64 = 0.9;
const MOST_OF_ONE: f64 = 0.02;

/// Fewest occurrences for an alarm, whatever the share; fewer may be chance.
const FEWEST: usize = 4;

/// Tolerated excess of copied lines and of long runs over real held-out poems.
const MORE_COPIED: f64 = 0.05;
const MORE_LONG_RUNS: f64 = 0.2;

/// A sign of mode collapse or copying in a set of poems; shares are in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CollapseAlarm {
    /// Share of distinct poems.
    FewDistinct(f64),
    /// Share of the most frequent poem.
    OnePoem(f64),
    /// Share of the most frequent line among all lines, here and in real poems.
    OneLine { share: f64, real: f64 },
    /// Share of lines that are training lines, here and in real held-out poems.
    CopiedLines { share: f64, real: f64 },
    /// Share of poems that share a run of more than `run` units with a training poem, where `run` is the 95th percentile
    /// of real held-out poems.
    LongRuns { share: f64, run: usize },
}

impl CollapseAlarm {
    /// Whether this is copying, not repetition.
    pub fn is_copying(self) -> bool {
        matches!(self, CollapseAlarm::CopiedLines { .. } | CollapseAlarm::LongRuns { .. })
    }
}

impl fmt::Display for CollapseAlarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        match *self {
            CollapseAlarm::FewDistinct(share) => {
                write!(f, "collapsed: only {} of the poems are distinct", percent(share))
            }
            CollapseAlarm::OnePoem(share) => write!(f, "collapsed: {} of the poems are the same one", percent(share)),
            CollapseAlarm::OneLine { share, real } => {
                write!(f, "collapsed: {} of the lines are the same one (real poems: {})", percent(share), percent(real))
            }
            CollapseAlarm::CopiedLines { share, real } => {
                write!(f, "copied: {} of the lines are training lines (real poems: {})", percent(share), percent(real))
            }
            CollapseAlarm::LongRuns { share, run } => {
                write!(f, "copied: {} of the poems share more than {run} units in a row with one", percent(share))?;
                f.write_str(" of the training poems (real poems: at most 5.0 %)")
            }
        }
    }
}

/// Alarms for `samples` compared with real held-out poems; none without samples. Without held-out poems there is no alarm
/// for long runs, and the other rates of real poems count as 0.
pub fn alarms(samples: &[Verse], held_out: &[Verse], training: &TrainingPoems) -> Vec<CollapseAlarm> {
    let mut alarms = repetition(samples, held_out);
    if samples.is_empty() {
        return alarms;
    }
    let (share, real) = (training.copied_line(samples), training.copied_line(held_out));
    if share > 2.0 * real + MORE_COPIED {
        alarms.push(CollapseAlarm::CopiedLines { share, real });
    }
    let mut real_runs = training.longest_runs(held_out);
    real_runs.sort_unstable();
    let run = real_runs.get(real_runs.len() * 95 / 100).copied().unwrap_or(0);
    let longer = training.longest_runs(samples).into_iter().filter(|&one| one > run).count();
    let share = longer as f64 / samples.len() as f64;
    if longer >= FEWEST && !held_out.is_empty() && share > 0.05 + MORE_LONG_RUNS {
        alarms.push(CollapseAlarm::LongRuns { share, run });
    }
    alarms
}

fn repetition(samples: &[Verse], held_out: &[Verse]) -> Vec<CollapseAlarm> {
    let mut alarms = Vec::new();
    let Counts { distinct, most, all } = Counts::of(samples.iter());
    let share = distinct as f64 / all.max(1) as f64;
    if all - distinct >= FEWEST && share < FEWEST_DISTINCT {
        alarms.push(CollapseAlarm::FewDistinct(share));
    }
    let share = most as f64 / all.max(1) as f64;
    if most >= FEWEST && share > MOST_OF_ONE {
        alarms.push(CollapseAlarm::OnePoem(share));
    }
    let lines = Counts::of(samples.iter().flatten().filter(|line| !line.is_empty()));
    let real = Counts::of(held_out.iter().flatten().filter(|line| !line.is_empty()));
    let (share, real) = (lines.share_of_one(), if real.most > 1 { real.share_of_one() } else { 0.0 });
    if lines.most >= FEWEST && share > 2.0 * real + MOST_OF_ONE {
        alarms.push(CollapseAlarm::OneLine { share, real });
    }
    alarms
}

/// Counts of items.
struct Counts {
    distinct: usize,
    /// Occurrences of the most frequent item.
    most: usize,
    all: usize,
}

impl Counts {
    fn of<T: Ord>(things: impl Iterator<Item = T>) -> Counts {
        let mut counts = BTreeMap::<T, usize>::new();
        things.for_each(|thing| *counts.entry(thing).or_default() += 1);
        let most = counts.values().copied().max().unwrap_or(0);
        Counts { distinct: counts.len(), most, all: counts.values().sum() }
    }

    fn share_of_one(&self) -> f64 {
        self.most as f64 / self.all.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    /// Poems of random units, which share almost nothing.
    fn poems(count: usize, index: u64) -> Vec<Verse> {
        let mut rng = random::stream(3, "test", index);
        let mut line = || (0..7).map(|_| random::below(&mut rng, 50) as u32).collect::<Vec<_>>();
        (0..count).map(|_| (0..4).map(|_| line()).collect()).collect()
    }

    #[test]
    fn varied_poems_raise_no_alarm() {
        let training = TrainingPoems::new(&poems(300, 0));
        assert_eq!(alarms(&poems(100, 1), &poems(100, 2), &training), []);
        assert_eq!(alarms(&[], &poems(100, 2), &training), []);
        assert_eq!(alarms(&poems(3, 1), &[], &training), []);
        assert_eq!(alarms(&poems(100, 1), &[], &TrainingPoems::new(&[])), []);
    }

    #[test]
    fn a_repeated_poem_is_a_collapse() {
        let (training, held_out) = (TrainingPoems::new(&poems(300, 0)), poems(100, 2));
        let found = alarms(&vec![poems(1, 1)[0].clone(); 100], &held_out, &training);
        assert_eq!(found[..2], [CollapseAlarm::FewDistinct(0.01), CollapseAlarm::OnePoem(1.0)]);
        assert_eq!(found[2], CollapseAlarm::OneLine { share: 0.25, real: 0.0 });
        assert_eq!(found[1].to_string(), "collapsed: 100.0 % of the poems are the same one");
        // One poem in ten.
        let mut some = poems(90, 1);
        some.extend(vec![poems(1, 4)[0].clone(); 10]);
        assert!(alarms(&some, &held_out, &training).contains(&CollapseAlarm::OnePoem(0.1)));
    }

    #[test]
    fn copies_raise_alarms() {
        let (real, held_out) = (poems(300, 0), poems(100, 2));
        let training = TrainingPoems::new(&real);
        let found = alarms(&real[..100], &held_out, &training);
        assert_eq!(found[0], CollapseAlarm::CopiedLines { share: 1.0, real: 0.0 });
        assert!(
            matches!(found[1], CollapseAlarm::LongRuns { share: 1.0, .. })
                && found.iter().all(|alarm| alarm.is_copying())
        );
        // Lines that were changed in one unit are no copied lines, but their runs are long.
        let mut changed = real[..100].to_vec();
        changed.iter_mut().flatten().for_each(|line| line[0] = 99);
        assert!(matches!(alarms(&changed, &held_out, &training)[..], [CollapseAlarm::LongRuns { .. }]));
    }
}
