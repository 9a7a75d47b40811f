//! Alarms: sets of poems that score well because they are a few poems over and over, or because they were copied.

use std::collections::BTreeMap;
use std::fmt;

use super::Verse;
use super::novelty::Training;

/// Least share of different poems, and largest shares of one poem and of one line, by which real ones are exceeded.
const FEWEST_DIFFERENT: f64 = 0.9;
const MOST_OF_ONE: f64 = 0.02;

/// Fewest occurrences that count as a habit and not as chance, whatever the share.
const HABIT: usize = 4;

/// By how much the shares of copied lines and of long runs may exceed those of real held-out poems.
const MORE_COPIED: f64 = 0.05;
const MORE_LONG_RUNS: f64 = 0.2;

/// What is wrong with a set of poems; shares are in 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Alarm {
    /// Share of different poems.
    FewDifferent(f64),
    /// Share of the most frequent poem.
    OnePoem(f64),
    /// Share of the most frequent line among all lines, and in real poems.
    OneLine { share: f64, real: f64 },
    /// Share of lines that are training lines, and in real held-out poems.
    CopiedLines { share: f64, real: f64 },
    /// Share of poems that have a longer run in common with a training poem than 95 % of real held-out poems, which is
    /// `run` units.
    LongRuns { share: f64, run: usize },
}

impl Alarm {
    /// Whether the poems were copied; else they repeat each other.
    pub fn is_copying(self) -> bool {
        matches!(self, Alarm::CopiedLines { .. } | Alarm::LongRuns { .. })
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        match *self {
            Alarm::FewDifferent(share) => write!(f, "collapsed: only {} of the poems are different", percent(share)),
            Alarm::OnePoem(share) => write!(f, "collapsed: {} of the poems are the same one", percent(share)),
            Alarm::OneLine { share, real } => {
                write!(f, "collapsed: {} of the lines are the same one (real poems: {})", percent(share), percent(real))
            }
            Alarm::CopiedLines { share, real } => {
                write!(f, "copied: {} of the lines are training lines (real poems: {})", percent(share), percent(real))
            }
            Alarm::LongRuns { share, run } => {
                write!(f, "copied: {} of the poems share more than {run} units in a row with one", percent(share))?;
                f.write_str(" of the training poems (real poems: at most 5.0 %)")
            }
        }
    }
}

/// What is wrong with `samples` beside real held-out poems; nothing is wrong with no samples. Without held-out poems
/// long runs are not judged, and other figures are judged as if real poems repeated and copied nothing.
pub fn alarms(samples: &[Verse], held_out: &[Verse], training: &Training) -> Vec<Alarm> {
    let mut alarms = repetition(samples, held_out);
    if samples.is_empty() {
        return alarms;
    }
    let (share, real) = (training.copied_line(samples), training.copied_line(held_out));
    if share > 2.0 * real + MORE_COPIED {
        alarms.push(Alarm::CopiedLines { share, real });
    }
    let mut real_runs = training.longest_runs(held_out);
    real_runs.sort_unstable();
    let run = real_runs.get(real_runs.len() * 95 / 100).copied().unwrap_or(0);
    let longer = training.longest_runs(samples).into_iter().filter(|&one| one > run).count();
    let share = longer as f64 / samples.len() as f64;
    if longer >= HABIT && !held_out.is_empty() && share > 0.05 + MORE_LONG_RUNS {
        alarms.push(Alarm::LongRuns { share, run });
    }
    alarms
}

fn repetition(samples: &[Verse], held_out: &[Verse]) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let Counts { different, most, all } = Counts::of(samples.iter());
    let share = different as f64 / all.max(1) as f64;
    if all - different >= HABIT && share < FEWEST_DIFFERENT {
        alarms.push(Alarm::FewDifferent(share));
    }
    let share = most as f64 / all.max(1) as f64;
    if most >= HABIT && share > MOST_OF_ONE {
        alarms.push(Alarm::OnePoem(share));
    }
    let lines = Counts::of(samples.iter().flatten().filter(|line| !line.is_empty()));
    let real = Counts::of(held_out.iter().flatten().filter(|line| !line.is_empty()));
    let (share, real) = (lines.share_of_one(), if real.most > 1 { real.share_of_one() } else { 0.0 });
    if lines.most >= HABIT && share > 2.0 * real + MOST_OF_ONE {
        alarms.push(Alarm::OneLine { share, real });
    }
    alarms
}

/// How often things are met.
struct Counts {
    different: usize,
    /// Occurrences of the most frequent one.
    most: usize,
    all: usize,
}

impl Counts {
    fn of<T: Ord>(things: impl Iterator<Item = T>) -> Counts {
        let mut counts = BTreeMap::<T, usize>::new();
        things.for_each(|thing| *counts.entry(thing).or_default() += 1);
        let most = counts.values().copied().max().unwrap_or(0);
        Counts { different: counts.len(), most, all: counts.values().sum() }
    }

    fn share_of_one(&self) -> f64 {
        self.most as f64 / self.all.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    /// Poems of random units, which have next to nothing in common.
    fn poems(count: usize, index: u64) -> Vec<Verse> {
        let mut rng = random::stream(3, "test", index);
        let mut line = || (0..7).map(|_| random::below(&mut rng, 50) as u32).collect::<Vec<_>>();
        (0..count).map(|_| (0..4).map(|_| line()).collect()).collect()
    }

    #[test]
    fn sound_poems_raise_no_alarm() {
        let training = Training::new(&poems(300, 0));
        assert_eq!(alarms(&poems(100, 1), &poems(100, 2), &training), []);
        assert_eq!(alarms(&[], &poems(100, 2), &training), []);
        assert_eq!(alarms(&poems(3, 1), &[], &training), []);
        assert_eq!(alarms(&poems(100, 1), &[], &Training::new(&[])), []);
    }

    #[test]
    fn one_poem_over_and_over_is_a_collapse() {
        let (training, held_out) = (Training::new(&poems(300, 0)), poems(100, 2));
        let found = alarms(&vec![poems(1, 1)[0].clone(); 100], &held_out, &training);
        assert_eq!(found[..2], [Alarm::FewDifferent(0.01), Alarm::OnePoem(1.0)]);
        assert_eq!(found[2], Alarm::OneLine { share: 0.25, real: 0.0 });
        assert_eq!(found[1].to_string(), "collapsed: 100.0 % of the poems are the same one");
        // One poem in ten.
        let mut some = poems(90, 1);
        some.extend(vec![poems(1, 4)[0].clone(); 10]);
        assert!(alarms(&some, &held_out, &training).contains(&Alarm::OnePoem(0.1)));
    }

    #[test]
    fn copies_are_told() {
        let (real, held_out) = (poems(300, 0), poems(100, 2));
        let training = Training::new(&real);
        let found = alarms(&real[..100], &held_out, &training);
        assert_eq!(found[0], Alarm::CopiedLines { share: 1.0, real: 0.0 });
        assert!(matches!(found[1], Alarm::LongRuns { share: 1.0, .. }) && found.iter().all(|alarm| alarm.is_copying()));
        // Lines that were changed in one unit are no copied lines, but their runs are long.
        let mut changed = real[..100].to_vec();
        changed.iter_mut().flatten().for_each(|line| line[0] = 99);
        assert!(matches!(alarms(&changed, &held_out, &training)[..], [Alarm::LongRuns { .. }]));
    }
}
