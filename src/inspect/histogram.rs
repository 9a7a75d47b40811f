//! A distribution of numbers as bars of text.

use std::collections::BTreeMap;

/// Most bars, and columns of the longest.
const BARS: usize = 12;
const COLUMNS: usize = 48;

/// A bar of a histogram.
pub struct Bar {
    /// The number, or the range of numbers.
    pub label: String,
    pub count: usize,
    pub columns: usize,
}

/// One bar per number, or per range of numbers where there are many. What is above 99 in 100 is in the last bar.
pub fn bars(counts: &BTreeMap<usize, usize>) -> Vec<Bar> {
    let total: usize = counts.values().sum();
    let (Some(&first), Some(&last)) = (counts.keys().next(), counts.keys().last()) else { return Vec::new() };
    let mut passed = 0;
    let usual = counts.iter().find_map(|(&number, count)| {
        passed += count;
        (passed * 100 >= total * 99).then_some(number)
    });
    let usual = usual.unwrap_or(last);
    let width = (usual - first + 1).div_ceil(BARS);
    let mut bars: Vec<Bar> = Vec::new();
    let mut start = first;
    while start <= usual {
        let end = if start + width > usual { last } else { start + width - 1 };
        let count = counts.range(start..=end).map(|(_, count)| count).sum();
        let label = if start == end { start.to_string() } else { format!("{start}-{end}") };
        bars.push(Bar { label, count, columns: 0 });
        start += width;
    }
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1).max(1);
    for bar in &mut bars {
        bar.columns = (bar.count * COLUMNS).div_ceil(most);
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_in_a_bar() {
        for step in [1, 3, 50] {
            let counts: BTreeMap<usize, usize> = (0..200).map(|i| (4 + i * step % 900, 1 + i % 7)).collect();
            let bars = bars(&counts);
            assert!(bars.len() <= BARS, "{}", bars.len());
            assert_eq!(bars.iter().map(|bar| bar.count).sum::<usize>(), counts.values().sum::<usize>());
            assert!(bars.iter().all(|bar| bar.columns <= COLUMNS));
        }
        let one = bars(&[(14, 3)].into());
        assert_eq!((one[0].label.as_str(), one[0].columns), ("14", COLUMNS));
        assert!(bars(&BTreeMap::new()).is_empty());
    }
}
