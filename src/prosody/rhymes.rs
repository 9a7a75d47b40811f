//! How varied the rhymes of a collection are.

use std::collections::HashMap;

use super::table::{Tone, groups};

/// Entropy in nats of the level rhyme groups that the even lines of all poems end in; a character with several level groups
/// counts in equal parts for each, and one without any not at all. 3.4 = ln 30 if all level groups were equally common.
pub fn rhyme_entropy(poems: &[Vec<String>]) -> f64 {
    let mut counts = HashMap::<&str, f64>::new();
    for end in poems.iter().flat_map(|lines| lines.iter().skip(1).step_by(2)).filter_map(|line| line.chars().last()) {
        let level: Vec<&str> =
            groups(end).iter().filter(|group| group.tone == Tone::Level).map(|group| group.name).collect();
        level.iter().for_each(|name| *counts.entry(name).or_default() += 1.0 / level.len() as f64);
    }
    let mut counts: Vec<f64> = counts.into_values().collect();
    counts.sort_by(f64::total_cmp); // so that the sum has one order
    let total: f64 = counts.iter().sum();
    counts.iter().map(|count| -count / total * (count / total).ln()).sum::<f64>() + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poem(ends: [&str; 2]) -> Vec<String> {
        ["山", ends[0], "水", ends[1]].map(String::from).to_vec()
    }

    #[test]
    fn equally_common_groups_have_the_logarithm_of_their_number() {
        assert_eq!(rhyme_entropy(&[poem(["东", "红"]), poem(["风", "空"])]), 0.0);
        let four = [poem(["东", "红"]), poem(["阳", "香"]), poem(["人", "新"]), poem(["秋", "流"])];
        assert!((rhyme_entropy(&four) - 4f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn ends_without_a_level_group_do_not_count() {
        assert_eq!(rhyme_entropy(&[poem(["月", "x"])]), 0.0);
        assert_eq!(rhyme_entropy(&[]), 0.0);
        assert_eq!(rhyme_entropy(&[poem(["月", "红"]), poem(["雪", "空"])]), 0.0);
    }
}
