//! Divided work: `--shard K/N` computes one of N parts of what a command does, and `poetgan merge` joins the parts. The parts
//! share nothing while they are computed, so they may be computed at once and on several machines.

mod divided;
mod options;
mod part;
mod set;

pub use divided::DividedWork;
pub use options::PartOptions;
pub use part::Identity;
pub use set::PartSet;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// From 1 to `of`.
    number: u64,
    of: u64,
}

impl Shard {
    /// The items of this part, of `n` in all. The ranges of all parts follow each other, and their sizes differ by one at most.
    pub fn range(self, n: u64) -> Range<u64> {
        self.number_th_range(self.number, n)
    }

    /// The range of this part in a task. In each task another part has the first range, since that of a task with few items
    /// is the smallest: else the last parts would have the most work.
    fn range_in_task(self, task: u64, n: u64) -> Range<u64> {
        let turned = (u128::from(self.number - 1) + u128::from(task)) % u128::from(self.of);
        self.number_th_range(turned as u64 + 1, n)
    }

    fn number_th_range(self, number: u64, n: u64) -> Range<u64> {
        // At most n.
        let start = |number: u64| (u128::from(number) * u128::from(n) / u128::from(self.of)) as u64;
        start(number - 1)..start(number)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers = text.split_once('/').map(|(number, of)| (number.parse::<u64>(), of.parse::<u64>()));
        match numbers {
            Some((Ok(number), Ok(of))) if (1..=of).contains(&number) => Ok(Shard { number, of }),
            _ => Err(format!("'{text}' is not K/N with K from 1 to N, such as 3/16")),
        }
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Shard, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> String {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_every_item_once_and_in_order() {
        for (n, of) in [(0, 3), (1, 3), (7, 3), (16, 16), (5, 16), (1000, 7), (u64::MAX, 3)] {
            let shards = || (1..=of).map(|number| Shard { number, of });
            let ranges: Vec<Range<u64>> = shards().map(|shard| shard.range(n)).collect();
            assert_eq!((ranges[0].start, ranges.last().unwrap().end), (0, n));
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "{ranges:?}");
            let sizes = || ranges.iter().map(|range| range.end - range.start);
            assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 1, "{ranges:?}");
            for task in [0, 1, 5, u64::MAX] {
                let mut turned: Vec<Range<u64>> = shards().map(|shard| shard.range_in_task(task, n)).collect();
                turned.sort_by_key(|range| (range.start, range.end));
                assert_eq!(turned, ranges);
            }
        }
    }

    #[test]
    fn few_items_of_many_tasks_are_spread() {
        let of = 8;
        let items = |number| (0..16).map(|task| Shard { number, of }.range_in_task(task, 3).count()).sum::<usize>();
        assert!((1..=of).all(|number| items(number) == 6));
    }

    #[test]
    fn only_parts_that_exist_are_taken() {
        assert_eq!("3/16".parse(), Ok(Shard { number: 3, of: 16 }));
        assert_eq!("3/16".parse::<Shard>().unwrap().to_string(), "3/16");
        for text in ["0/4", "5/4", "a/b", "3", "/", "", "1/0", "-1/4", "1/4/2", "99999999999999999999/1"] {
            assert!(text.parse::<Shard>().unwrap_err().starts_with(&format!("'{text}' is not K/N")));
        }
    }
}
