//! Coherence: whether the parts of a poem belong together. The fit of two segments of a poem is the pointwise mutual
//! information (Church and Hanks 1990) of their words, counted over other segments of the same poem in the training
//! poems. Segments are the couplets of fixed forms, and the lines of other verse.

use rayon::prelude::*;

use super::Units;
use crate::corpus::Form;

/// Words that are counted, the commonest of the training poems; the matrix of their pairs takes 64 MB.
const WORDS: usize = 4_000;
/// Lines more than this apart are no pair.
const FARTHEST: usize = 3;
/// Pairs are taken from the first lines of a poem of no fixed form.
const LINES: usize = 8;
/// At most this many poems are compared with each other.
const POEMS: usize = 1_000;
/// Added to the observed and to the expected count of a pair.
const SMOOTHING: f32 = 1.0;

/// Pairs of segments of a poem, by index from 0.
type SegmentPairs = Vec<(usize, usize)>;

/// The words of each segment of a poem, sorted and without repetitions: indices into the commonest words.
pub type Segments = Vec<Vec<u16>>;

/// Counts of words in different segments of the same poem, as pointwise mutual information.
pub struct CoherenceStatistics {
    units: Units,
    /// Index among the commonest words, for each unit.
    indices: Vec<Option<u16>>,
    pmi: PmiMatrix,
}

/// Pointwise mutual information in nats, [words, words]; symmetric, with a zero diagonal.
struct PmiMatrix {
    values: Vec<f32>,
    words: usize,
}

impl CoherenceStatistics {
    /// Counts training poems, given as form and lines.
    pub fn new<'a, S: AsRef<str> + 'a>(poems: impl Iterator<Item = (Form, &'a [S])> + Clone) -> CoherenceStatistics {
        let mut units = Units::for_poems(poems.clone().map(|(_, lines)| lines));
        let mut counts: Vec<u32> = Vec::new();
        for unit in poems.clone().flat_map(|(_, lines)| units.verse(lines)).flatten() {
            counts.resize(counts.len().max(unit as usize + 1), 0);
            counts[unit as usize] += 1;
        }
        let mut common: Vec<usize> = (0..counts.len()).collect();
        common.sort_by_key(|&unit| std::cmp::Reverse(counts[unit]));
        common.truncate(WORDS);
        let mut indices = vec![None; counts.len()];
        (0..).zip(&common).for_each(|(index, &unit)| indices[unit] = Some(index));
        let pmi = PmiMatrix { values: Vec::new(), words: common.len() };
        let mut statistics = CoherenceStatistics { units, indices, pmi };
        let segmented = poems.map(|(form, lines)| (form, statistics.segments(form, lines)));
        statistics.pmi = PmiMatrix::count(common.len(), segmented);
        statistics
    }

    /// The segments of a poem: each without its last word, which the rhyme determines, and without uncommon words.
    pub fn segments<S: AsRef<str>>(&self, form: Form, lines: &[S]) -> Segments {
        let of_segment = |lines: &[S]| {
            let mut units: Vec<Option<u32>> = lines.iter().flat_map(|line| self.units.known(line.as_ref())).collect();
            units.pop();
            let common = |unit: Option<u32>| self.indices.get(unit? as usize).copied().flatten();
            let mut words: Vec<u16> = units.into_iter().filter_map(common).collect();
            words.sort_unstable();
            words.dedup();
            words
        };
        lines.chunks(lines_per_segment(form)).map(of_segment).collect()
    }

    /// For each poem, the share of the other poems whose second segment fits its first segment less well than its own
    /// does; chance is 0.5. Ties count one half. It is the mean over `pairs` of segments; poems without the words for any
    /// are left out. The fit is a sum, less the mean of each second segment's column, so that neither long segments nor
    /// frequent words win.
    pub fn wins(&self, poems: &[Segments], pairs: &[(usize, usize)]) -> Vec<f64> {
        let poems = &poems[..poems.len().min(POEMS)];
        let mut found: Vec<(f64, usize)> = vec![(0.0, 0); poems.len()];
        for &(i, j) in pairs {
            let own = |poem: usize| words_of(&poems[poem], i).zip(words_of(&poems[poem], j)).map(|own| (poem, own));
            let (indices, own): (Vec<usize>, Vec<_>) = (0..poems.len()).filter_map(own).unzip();
            if own.len() > 1 {
                indices.into_iter().zip(self.pmi.wins(&own)).for_each(|(poem, win)| {
                    found[poem].0 += win;
                    found[poem].1 += 1;
                });
            }
        }
        found.into_iter().filter(|(_, pairs)| *pairs > 0).map(|(sum, pairs)| sum / pairs as f64).collect()
    }

    /// The fit of the segments of each poem: mean pointwise mutual information of two different words of a pair, in nats.
    /// Poems without such words are left out.
    pub fn fits(&self, poems: &[Segments], pairs: &[(usize, usize)]) -> Vec<f64> {
        let fit = |poem: &Segments| {
            let each = |&(i, j): &(usize, usize)| self.pmi.mean(words_of(poem, i)?, words_of(poem, j)?);
            let fits: Vec<f64> = pairs.iter().filter_map(each).collect();
            (!fits.is_empty()).then(|| fits.iter().sum::<f64>() / fits.len() as f64)
        };
        poems.iter().filter_map(fit).collect()
    }

    /// Mutual information of two words, in nats; `None` for uncommon ones.
    pub fn pmi(&self, a: &str, b: &str) -> Option<f32> {
        let index = |word: &str| {
            let unit = self.units.known(word).first().copied().flatten()?;
            self.indices.get(unit as usize).copied().flatten()
        };
        Some(self.pmi.row(index(a)?)[usize::from(index(b)?)])
    }
}

/// For each of `fits`, the share of `real` ones above it; ties count one half. Their mean is the area under the ROC curve.
pub fn below(real: &[f64], fits: &[f64]) -> Vec<f64> {
    let mut real = real.to_vec();
    real.sort_unstable_by(f64::total_cmp);
    let share = |fit: &f64| {
        let (less, not_more) = (real.partition_point(|x| x < fit), real.partition_point(|x| x <= fit));
        1.0 - (less + not_more) as f64 / (2 * real.len().max(1)) as f64
    };
    fits.iter().map(share).collect()
}

/// The pairs of segments that `coherence` compares: the first two couplets of fixed forms; for other verse all pairs of
/// the first lines. Empty for fixed forms of one couplet.
pub fn pairs(form: Form) -> SegmentPairs {
    match form {
        Form::Fixed { lines, .. } if lines < 4 => Vec::new(),
        Form::Fixed { .. } => vec![(0, 1)],
        Form::Lines(lines) => near(lines.min(LINES), FARTHEST),
        Form::Free => near(LINES, FARTHEST),
    }
}

/// The first and the last couplet of eight lines; empty for other forms.
pub fn outer_pairs(form: Form) -> SegmentPairs {
    if matches!(form, Form::Fixed { lines: 8, .. }) { vec![(0, 3)] } else { Vec::new() }
}

/// All pairs of `segments` that are at most `farthest` apart.
fn near(segments: usize, farthest: usize) -> SegmentPairs {
    (0..segments).flat_map(|i| (i + 1..segments.min(i + farthest + 1)).map(move |j| (i, j))).collect()
}

fn lines_per_segment(form: Form) -> usize {
    if matches!(form, Form::Fixed { .. }) { 2 } else { 1 }
}

/// The words of a segment, if there are any.
fn words_of(poem: &Segments, index: usize) -> Option<&[u16]> {
    poem.get(index).map(Vec::as_slice).filter(|words| !words.is_empty())
}

impl PmiMatrix {
    /// M[a, b] is the number of pairs of segments of a poem with a in one and b in the other, r its row sums, and
    /// E = r r' / sum(M); the value is ln((M + 1) / (E + 1)). All couplets of a poem are pairs, and lines at most
    /// `FARTHEST` apart.
    fn count(words: usize, poems: impl Iterator<Item = (Form, Segments)>) -> PmiMatrix {
        let mut values = vec![0.0; words * words];
        for (form, segments) in poems {
            let farthest = if lines_per_segment(form) == 1 { FARTHEST } else { segments.len() };
            for (i, j) in near(segments.len(), farthest) {
                for (a, b) in different(&segments[i], &segments[j]) {
                    values[a * words + b] += 1.0;
                    values[b * words + a] += 1.0;
                }
            }
        }
        let sums: Vec<f32> =
            values.chunks(words.max(1)).map(|row| row.iter().map(|&x| f64::from(x)).sum::<f64>() as f32).collect();
        let total = sums.iter().map(|&sum| f64::from(sum)).sum::<f64>().max(1.0) as f32;
        values.par_chunks_mut(words.max(1)).enumerate().for_each(|(a, row)| {
            for (b, value) in row.iter_mut().enumerate() {
                let expected = sums[a] * (sums[b] / total);
                *value = if a == b { 0.0 } else { ((*value + SMOOTHING) / (expected + SMOOTHING)).ln() };
            }
        });
        PmiMatrix { values, words }
    }

    fn row(&self, word: u16) -> &[f32] {
        &self.values[usize::from(word) * self.words..][..self.words]
    }

    /// Mean over the pairs of different words.
    fn mean(&self, first: &[u16], second: &[u16]) -> Option<f64> {
        let values: Vec<f64> =
            different(first, second).map(|(a, b)| f64::from(self.values[a * self.words + b])).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// For each pair of segments, the share of the second segments of the others that fit its first one less well than
    /// its own. Subtracting the means of the rows would change nothing, since only values of one row are compared.
    fn wins(&self, own: &[(&[u16], &[u16])]) -> Vec<f64> {
        let scores_of = |(first, _): &(&[u16], &[u16])| -> Vec<f32> {
            let mut sums = vec![0.0; self.words];
            for &word in *first {
                sums.iter_mut().zip(self.row(word)).for_each(|(sum, value)| *sum += value);
            }
            own.iter().map(|(_, second)| second.iter().map(|&word| sums[usize::from(word)]).sum()).collect()
        };
        let scores: Vec<Vec<f32>> = own.par_iter().map(scores_of).collect();
        let mean = |column: usize| scores.iter().map(|row| row[column]).sum::<f32>() / scores.len() as f32;
        let means: Vec<f32> = (0..own.len()).map(mean).collect();
        let share = |(k, row): (usize, &Vec<f32>)| {
            let own = row[k] - means[k];
            let point = |(l, other): (usize, f32)| match own.total_cmp(&other) {
                _ if l == k => 0.0,
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
            let points: f64 = row.iter().zip(&means).map(|(score, mean)| score - mean).enumerate().map(point).sum();
            points / (row.len() - 1) as f64
        };
        scores.iter().enumerate().map(share).collect()
    }
}

/// All pairs of different words of two segments.
fn different<'a>(first: &'a [u16], second: &'a [u16]) -> impl Iterator<Item = (usize, usize)> + 'a {
    let pairs = first.iter().flat_map(|&a| second.iter().map(move |&b| (usize::from(a), usize::from(b))));
    pairs.filter(|(a, b)| a != b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    const QUATRAIN: Form = Form::Fixed { width: 3, lines: 4 };

    fn poem(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| line.to_string()).collect()
    }

    fn statistics(form: Form, poems: &[Vec<String>]) -> CoherenceStatistics {
        CoherenceStatistics::new(poems.iter().map(|lines| (form, lines.as_slice())))
    }

    #[test]
    fn values_are_those_computed_by_hand() {
        // Two couplets of two words each, beside the line ends: 云 and 鹤 are the last words of the segments.
        let poems = [poem(&["日", "月云", "山", "水鹤"]), poem(&["日", "月云", "山", "月鹤"])];
        let found = statistics(Form::Fixed { width: 1, lines: 4 }, &poems);
        // M: 日山 2, 日水 1, 日月 1, 月山 2, 月水 1; the pair of 月 and itself is left out.
        // r: 日 4, 月 4, 山 4, 水 2; sum 14.
        let pmi = |m: f32, e: f32| ((m + 1.0) / (e + 1.0)).ln();
        for (a, b, m, e) in
            [("日", "山", 2.0, 16.0), ("水", "日", 1.0, 8.0), ("月", "日", 1.0, 16.0), ("山", "水", 0.0, 8.0)]
        {
            let value = found.pmi(a, b).unwrap();
            assert!((value - pmi(m, e / 14.0)).abs() < 1e-6, "{a} {b}: {value}");
        }
        assert_eq!((found.pmi("月", "月"), found.pmi("月", "龙")), (Some(0.0), None));
        // Line ends have a zero count: E = 0.
        assert_eq!(found.pmi("云", "山"), Some(0.0));
        let segments = found.segments(Form::Fixed { width: 1, lines: 4 }, &poems[1]);
        let fit = found.fits(&[segments], &[(0, 1)])[0];
        // 日山, 日月, 月山; 月 with itself is skipped.
        let expected = (2.0 * pmi(2.0, 16.0 / 14.0) + pmi(1.0, 16.0 / 14.0)) / 3.0;
        assert!((fit - f64::from(expected)).abs() < 1e-6, "{fit} {expected}");
    }

    /// Quatrains whose couplets are of one of two topics of twelve characters. With a probability of `noise` a couplet
    /// has the other topic.
    fn topics(count: usize, noise: f32, index: u64) -> Vec<Vec<String>> {
        let mut rng = random::stream(4, "topics", index);
        let words: [Vec<char>; 2] =
            ["春花风柳燕桃雨草莺溪杏蝶", "战马关兵胡沙鼓旗剑弓塞烽"].map(|words| words.chars().collect());
        let mut quatrain = || {
            let topic = random::below(&mut rng, 2);
            let mut line = |topic: usize| (0..3).map(|_| words[topic][random::below(&mut rng, 12)]).collect::<String>();
            let first = [line(topic), line(topic)];
            let second = [line(topic), line(topic)];
            let flipped = [line(1 - topic), line(1 - topic)];
            let second = if random::uniform(&mut rng) < noise { flipped } else { second };
            [first, second].concat()
        };
        (0..count).map(|_| quatrain()).collect()
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    #[test]
    fn a_synthetic_corpus_has_its_known_value_and_mixed_couplets_have_chance() {
        let found = statistics(QUATRAIN, &topics(2_000, 0.0, 0));
        let of = |poems: &[Vec<String>]| -> Vec<Segments> {
            poems.iter().map(|lines| found.segments(QUATRAIN, lines)).collect()
        };
        // Half of the others have the topic of the poem, with an even chance; all with the other topic fit less well.
        let value = |noise: f32| mean(&found.wins(&of(&topics(600, noise, 1)), &pairs(QUATRAIN)));
        assert!((value(0.0) - 0.75).abs() < 0.02, "{}", value(0.0));
        // A third of the poems lose to all those: 2/3 of 0.75 and 1/3 of 0.25.
        assert!((value(1.0 / 3.0) - 0.583).abs() < 0.03, "{}", value(1.0 / 3.0));
        let poems = topics(600, 0.0, 1);
        let mixed: Vec<_> = (0..600).map(|i| [&poems[i][..2], &poems[(i + 7) % 600][2..]].concat()).collect();
        let chance = mean(&found.wins(&of(&mixed), &pairs(QUATRAIN)));
        assert!((chance - 0.5).abs() < 0.02, "{chance}");
        let fits = [&poems, &mixed].map(|poems| found.fits(&of(poems), &pairs(QUATRAIN)));
        // A real poem has a higher fit than the half of the mixed ones with two topics, and an even chance otherwise.
        let auc = mean(&below(&fits[0], &fits[1]));
        assert!((auc - 0.75).abs() < 0.03, "{auc}");
    }

    fn deviation(values: &[f64]) -> f64 {
        let centre = mean(values);
        mean(&values.iter().map(|value| (value - centre).powi(2)).collect::<Vec<_>>()).sqrt()
    }

    /// A poem is also one of the others; that hardly widens the distribution of the mean.
    #[test]
    fn the_deviation_over_poems_gives_that_of_the_mean() {
        let found = statistics(QUATRAIN, &topics(2_000, 0.0, 0));
        let estimate = |index: u64| {
            let poems = topics(100, 0.3, index);
            let segments: Vec<Segments> = poems.iter().map(|lines| found.segments(QUATRAIN, lines)).collect();
            let wins = found.wins(&segments, &pairs(QUATRAIN));
            (mean(&wins), deviation(&wins) / 10.0)
        };
        let (estimates, errors): (Vec<f64>, Vec<f64>) = (2..102).map(estimate).unzip();
        let ratio = mean(&errors) / deviation(&estimates);
        assert!((0.75..1.35).contains(&ratio), "{ratio}");
    }

    #[test]
    fn repeated_poems_are_at_chance() {
        let poems = topics(40, 0.0, 0);
        let found = statistics(QUATRAIN, &poems);
        let same = vec![found.segments(QUATRAIN, &poems[0]); 30];
        assert_eq!(found.wins(&same, &pairs(QUATRAIN)), vec![0.5; 30]);
    }

    #[test]
    fn odd_poems_are_no_error() {
        let found = statistics(Form::Free, &[poem(&["a b c", "b c d", "e f g"]), poem(&[]), poem(&[""])]);
        let odd = [poem(&[]), poem(&["", ""]), poem(&["a"]), poem(&["a b c", "d e f"]), poem(&["x y", "b z", "c d"])];
        let segments: Vec<Segments> = odd.iter().map(|lines| found.segments(Form::Free, lines)).collect();
        assert!(found.wins(&segments, &pairs(Form::Free)).len() <= 2);
        assert_eq!((pairs(Form::Free).len(), pairs(Form::Lines(3))), (18, vec![(0, 1), (0, 2), (1, 2)]));
        let empty = statistics(Form::Free, &[]);
        assert_eq!(empty.wins(&segments, &pairs(Form::Free)), Vec::<f64>::new());
        assert_eq!(below(&[], &[1.0]), [1.0]);
    }
}
