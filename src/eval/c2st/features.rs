//! Hand-made features of a poem for the boosted trees. Every feature is a mean, an extreme or a deviation, so that poems
//! of any shape have the same number of features.

use std::collections::BTreeSet;

use super::background::{Background, UnitInContext, couplets, neighbours, units_in_context};
use crate::metrics::Verse;
use crate::metrics::ngram::BackOff;

/// Units seen less often than each of these in the background are counted as rare.
const RARE: [u32; 4] = [1, 5, 20, 100];

/// The context keys of a unit for one model, the most general first.
type Contexts = fn(&UnitInContext) -> Vec<u64>;

/// The features of a poem; the same number for every poem of one background.
pub fn features(background: &Background, verse: &Verse) -> Vec<f64> {
    let in_context: Vec<UnitInContext> = units_in_context(verse).collect();
    let mut features = Vec::new();
    let models: [(Contexts, &BackOff); 5] = [
        (|unit| unit.trigram().to_vec(), &background.trigrams),
        (|unit| unit.trigram()[..2].to_vec(), &background.trigrams),
        (|unit| unit.skip().to_vec(), &background.skips),
        (|unit| unit.position().to_vec(), &background.positions),
        (|unit| unit.line_end().to_vec(), &background.line_ends),
    ];
    for (contexts, model) in models {
        let logs = |unit: &UnitInContext| (unit.line, model.probability(&contexts(unit), unit.unit).ln());
        by_line(&mut features, verse.len(), &in_context.iter().map(logs).collect::<Vec<_>>());
    }
    for depth in 1..=3 {
        let is_new = |unit: &&UnitInContext| background.trigrams.depth(&unit.trigram(), unit.unit) < depth;
        features.push(share(in_context.iter().filter(is_new).count(), in_context.len()));
    }
    associations(&mut features, background, verse);
    units(&mut features, background, verse);
    shape(&mut features, verse);
    features
}

/// From the values of a poem, given as (line, value): their mean, minimum and deviation, the same of the means of its
/// lines, the mean of the minima of its lines, and the means of its first and last line.
fn by_line(features: &mut Vec<f64>, lines: usize, values: &[(usize, f64)]) {
    let of_line = |line| values.iter().filter(move |(of, _)| *of == line).map(|(_, value)| *value);
    let lines: Vec<Vec<f64>> = (0..lines).map(|line| of_line(line).collect()).collect();
    let (means, leasts): (Vec<f64>, Vec<f64>) =
        lines.iter().filter(|line| !line.is_empty()).map(|line| (mean(line), least(line))).unzip();
    let all: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
    features.extend([mean(&all), least(&all), deviation(&all)]);
    features.extend([least(&means), greatest(&means), deviation(&means), mean(&leasts)]);
    features.extend([means.first(), means.last()].map(|mean| mean.copied().unwrap_or(f64::NAN)));
}

/// Associations between lines: in couplets, in adjacent lines, and of rhymes.
fn associations(features: &mut Vec<f64>, background: &Background, verse: &Verse) {
    let parallel: Vec<f64> = couplets(verse).map(|(a, b)| background.couplets.association(a, b)).collect();
    let near: Vec<f64> = neighbours(verse).map(|(a, b)| background.neighbours.association(a, b)).collect();
    let ends = background.rhyming_ends(verse);
    let seen: Vec<f64> = ends.iter().map(|&(a, b)| background.rhymes.association(a, b)).collect();
    let cosines: Vec<f64> = ends.iter().map(|&(a, b)| background.rhyme_cosine(a, b)).collect();
    for values in [&parallel, &near, &seen, &cosines] {
        features.extend([mean(values), least(values), greatest(values), deviation(values)]);
    }
    let end = |line: usize| verse.get(line).and_then(|line| line.last()).copied();
    for (a, b) in [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)] {
        let cosine = end(a).zip(end(b)).map(|(a, b)| background.rhyme_cosine(a, b));
        features.push(cosine.unwrap_or(f64::NAN));
    }
}

/// Rare units, and repetitions within lines and within the poem.
fn units(features: &mut Vec<f64>, background: &Background, verse: &Verse) {
    let all: Vec<u32> = verse.iter().flatten().copied().collect();
    let count = |unit: u32| background.counts.get(unit as usize).copied().unwrap_or(0);
    for bound in RARE {
        features.push(all.iter().filter(|&&unit| count(unit) < bound).count() as f64);
    }
    let logs: Vec<f64> = all.iter().map(|&unit| f64::from(count(unit) + 1).ln()).collect();
    features.extend([mean(&logs), least(&logs), deviation(&logs)]);
    let repeated = |units: &[u32]| units.len() - units.iter().collect::<BTreeSet<_>>().len();
    let in_lines: usize = verse.iter().map(|line| repeated(line)).sum();
    let doubled = verse.iter().flat_map(|line| line.windows(2)).filter(|pair| pair[0] == pair[1]).count();
    let pairs: Vec<&[u32]> = verse.iter().flat_map(|line| line.windows(2)).collect();
    let again = pairs.len() - pairs.iter().collect::<BTreeSet<_>>().len();
    features.extend([repeated(&all), in_lines, doubled, again].map(|count| count as f64));
}

/// The number of lines and their lengths.
fn shape(features: &mut Vec<f64>, verse: &Verse) {
    let lengths: Vec<f64> = verse.iter().map(|line| line.len() as f64).collect();
    features.extend([lengths.len() as f64, mean(&lengths), least(&lengths), greatest(&lengths), deviation(&lengths)]);
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all.max(1) as f64
}

/// NaN without values, here and below; the trees treat it as a missing value.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::min)
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::max)
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poem(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| line.to_string()).collect()
    }

    #[test]
    fn every_poem_has_the_same_number_of_features() {
        let poems = [poem(&["床前明月光", "疑是地上霜"]), poem(&["举头望明月", "低头思故乡"])];
        let background = Background::new(&poems, 0).unwrap();
        let odd = [poem(&[]), poem(&[""]), poem(&["", "春"]), poem(&["春眠", "", "不觉晓处处闻啼鸟"])];
        let width = features(&background, &background.verses(&poems)[0]).len();
        for verse in background.verses(&odd) {
            assert_eq!(features(&background, &verse).len(), width);
        }
        assert_eq!(features(&Background::new(&[], 0).unwrap(), &vec![]).len(), width);
    }

    #[test]
    fn repetitions_and_rare_units_are_counted() {
        let background = Background::new(&[poem(&["一二三", "四五六"])], 0).unwrap();
        let mut counted = Vec::new();
        units(&mut counted, &background, &background.verses(&[poem(&["一一三", "一一九"])])[0]);
        assert_eq!(counted[..2], [1.0, 6.0]);
        assert_eq!(counted[7..], [3.0, 2.0, 2.0, 1.0]);
    }
}
