//! Standard Gumbel noise as a pure function of a [`Key`] and the index of the element, so that the noise of a sample is
//! recomputed instead of stored.

use crate::random;
use crate::random::chacha::{ChaCha8, GROUP};

use super::simd::{self, Arch};

/// Elements that [`gumbel_max`] bounds together.
const BLOCK: usize = 16;

/// Names the Gumbel noise of one row of logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Seed of the poem.
    pub seed: u64,
    /// Index of the token in the poem.
    pub position: usize,
}

impl Key {
    /// The random words of the row; element i takes word i.
    fn words(self) -> ChaCha8 {
        random::groups(self.seed, "gumbel", self.position as u64)
    }
}

/// Adds standard Gumbel noise to `logits` ([vocab]): g = -ln(-ln u), u uniform on (0, 1). The arg max of the result is
/// then a draw from softmax(logits) (Gumbel 1954; Maddison et al. 2014, "A* sampling").
pub fn add_gumbel(logits: &mut [f32], key: Key) {
    let stream = key.words();
    simd::vectorised(
        #[inline(always)]
        || {
            let mut words = [0; GROUP];
            for (index, logits) in logits.chunks_mut(GROUP).enumerate() {
                stream.group(index as u64, &mut words);
                for (logit, &word) in logits.iter_mut().zip(&words) {
                    *logit += gumbel(word);
                }
            }
        },
    );
}

/// Index and value of the largest of `scale * logits` ([vocab]) after [`add_gumbel`] (the Gumbel-max trick), among the
/// elements `from..` and `special`; ties go to the lowest index. If no candidate exceeds negative infinity, also where logits
/// are not numbers, the index is that of the first candidate. Logarithms are computed only in blocks whose upper bound exceeds the largest value so far.
pub fn gumbel_max(logits: &[f32], key: Key, special: &[usize], from: usize, scale: f32, arch: Arch) -> (usize, f32) {
    let stream = key.words();
    let first = if from < logits.len() { from } else { special.first().copied().unwrap_or(from) };
    let mut top = Top { index: first, value: f32::NEG_INFINITY, scale };
    simd::vectorised_for(
        arch,
        #[inline(always)]
        || {
            let mut words = [0; GROUP];
            for (index, logits) in logits.chunks(GROUP).enumerate() {
                let start = index * GROUP;
                stream.group(index as u64, &mut words);
                for token in special.iter().filter(|&&token| token < from && token / GROUP == index) {
                    let token = token - start;
                    top.look(start + token, &logits[token..token + 1], &words[token..]);
                }
                let first = from.saturating_sub(start).min(logits.len());
                top.search(start + first, &logits[first..], &words[first..]);
            }
        },
    );
    (top.index, top.value)
}

/// The largest perturbed logit so far.
struct Top {
    index: usize,
    value: f32,
    scale: f32,
}

impl Top {
    /// Scans at most a group of elements, of which the first is element `start` of the row.
    #[inline(always)]
    fn search(&mut self, start: usize, logits: &[f32], words: &[u32]) {
        if !self.may_hold_more(logits, words) {
            return;
        }
        for (block, (logits, words)) in logits.chunks(BLOCK).zip(words.chunks(BLOCK)).enumerate() {
            if self.may_hold_more(logits, words) {
                self.look(start + block * BLOCK, logits, words);
            }
        }
    }

    /// False if no element can exceed the largest value so far. Rounding is monotonic: `bound` >= `gumbel` also holds for
    /// their rounded sums with a logit, so no further slack is needed.
    #[inline(always)]
    fn may_hold_more(&self, logits: &[f32], words: &[u32]) -> bool {
        let (scale, value) = (self.scale, self.value);
        let exceeds = |(&logit, &word): (&f32, &u32)| u32::from(logit * scale + bound(word) > value);
        // Integers and no early exit, so that the loop is vectorised.
        logits.iter().zip(words).map(exceeds).fold(0, |any, one| any | one) != 0
    }

    /// Computes the values of at most a block of elements.
    #[inline(always)]
    fn look(&mut self, start: usize, logits: &[f32], words: &[u32]) {
        let mut values = [0f32; BLOCK];
        for (value, (&logit, &word)) in values.iter_mut().zip(logits.iter().zip(words)) {
            *value = logit * self.scale + gumbel(word);
        }
        for (i, &value) in values.iter().enumerate().take(logits.len()) {
            if value > self.value {
                (self.index, self.value) = (start + i, value);
            }
        }
    }
}

/// Standard Gumbel noise of a word, with an error below 3e-7 (relative where |g| > 1).
#[inline(always)]
fn gumbel(word: u32) -> f32 {
    -simd::ln(exponential(word))
}

/// A draw from Exp(1): -ln(1 - v), v uniform, with a relative error below 3e-7, also near 0, where the largest Gumbel
/// noise comes from.
#[inline(always)]
fn exponential(word: u32) -> f32 {
    // v = (n + 1/2) / 2^31 for the upper 31 bits n; the complement of the word gives 1 - v with bits of its own.
    -simd::ln_below_one(uniform(!word), uniform(word))
}

#[inline(always)]
fn uniform(word: u32) -> f32 {
    // Halving first keeps the conversion a signed one, which every vector unit has.
    ((word >> 1) as i32 as f32).mul_add(1.0 / 2_147_483_648.0, 0.5 / 2_147_483_648.0)
}

/// An upper bound of `gumbel(word)`, tight where g is large. -ln(1 - v) >= v, so g <= -ln v; and for v >= (1 + f) 2^e,
/// -log2 v <= -(e + f), which is linear in the bits of the float and at most 0.0861 too large. The slack of 2e-5 covers
/// the rounding of the bound and of g.
#[inline(always)]
fn bound(word: u32) -> f32 {
    const LN_2: f32 = std::f32::consts::LN_2;
    let bits = ((word >> 1) as i32 as f32).to_bits() as i32 as f32;
    // 158 = 127 + 31: the bias of the exponent, and v = n / 2^31.
    bits.mul_add(-LN_2 / 8_388_608.0, 158.0 * LN_2 + 2e-5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_the_gumbel_distribution() {
        // Kolmogorov-Smirnov distance to exp(-exp(-x)); 1.95 / sqrt(n) is exceeded once in a thousand.
        let n = 200_000;
        let mut draws = vec![0f32; n];
        add_gumbel(&mut draws, Key { seed: 7, position: 3 });
        draws.sort_by(f32::total_cmp);
        let distance =
            draws.iter().enumerate().map(|(i, &x)| ((-(-f64::from(x)).exp()).exp() - i as f64 / n as f64).abs());
        let distance = distance.fold(0.0, f64::max);
        assert!(distance < 1.95 / (n as f64).sqrt(), "{distance}");
        assert!(draws.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn errors_are_bounded() {
        let ends = [0, 1, 2, 1000, u32::MAX / 2, u32::MAX - 1000, u32::MAX - 1, u32::MAX];
        for word in (0..u32::MAX).step_by(9_973).chain(ends) {
            let v = (f64::from(word >> 1) + 0.5) / 2_147_483_648.0;
            let exact = -(-v).ln_1p();
            let error = (f64::from(exponential(word)) - exact).abs() / exact;
            assert!(error < 3e-7, "{word} {error}");
            let exact = -exact.ln();
            let error = (f64::from(gumbel(word)) - exact).abs() / exact.abs().max(1.0);
            assert!(error < 3e-7, "{word} {error}");
        }
    }

    /// Least value of bound - g, and the largest where g > 6, over `count` words that lie `stride` apart. The largest
    /// leaves out the smallest words, where the half in (n + 1/2) / 2^31 counts, which the bound does not use.
    fn margins(count: u32, stride: u32) -> (f32, f32) {
        let (mut least, mut largest) = ([f32::INFINITY; BLOCK], [f32::NEG_INFINITY; BLOCK]);
        simd::vectorised(
            #[inline(always)]
            || {
                for start in (0..count).step_by(BLOCK) {
                    for i in 0..BLOCK {
                        let word = (start + i as u32).wrapping_mul(stride);
                        let (g, bound) = (gumbel(word), bound(word));
                        // A bound that is not a number counts as the worst.
                        least[i] = if bound - g >= least[i] { least[i] } else { bound - g };
                        largest[i] = if g > 6.0 && word > 10_000 { largest[i].max(bound - g) } else { largest[i] };
                    }
                }
            },
        );
        (least.into_iter().fold(f32::INFINITY, f32::min), largest.into_iter().fold(f32::NEG_INFINITY, f32::max))
    }

    #[test]
    fn no_draw_exceeds_its_bound() {
        for (count, stride) in [(1 << 20, 1), (1 << 20, u32::MAX), (1 << 21, 2_047)] {
            let (least, largest) = margins(count, stride);
            assert!(least >= 0.0 && largest < 0.062, "{least} {largest}");
        }
    }

    /// The proof of the bound. `cargo test --release bound -- --ignored`
    #[test]
    #[ignore = "goes through all words"]
    fn no_draw_of_any_word_exceeds_its_bound() {
        let (least, largest) = margins(1 << 31, 2);
        assert!(least >= 0.0 && largest < 0.062, "{least} {largest}");
        println!("bound - g: {least} to {largest}");
    }

    /// The maximum after `add_gumbel`, in the order of the row.
    fn plain_gumbel_max(logits: &[f32], key: Key, special: &[usize], from: usize, scale: f32) -> (usize, f32) {
        let mut perturbed: Vec<f32> = logits.iter().map(|x| x * scale).collect();
        add_gumbel(&mut perturbed, key);
        let candidates = perturbed.into_iter().enumerate().filter(|(i, _)| *i >= from || special.contains(i));
        let first = if from < logits.len() { from } else { *special.first().unwrap_or(&from) };
        candidates.fold((first, f32::NEG_INFINITY), |best, one| if one.1 > best.1 { one } else { best })
    }

    /// Rows with every shape of logits: flat, steep, rising, masked, infinite, and so large that most sums tie.
    fn row(kind: usize, len: usize, rng: &mut impl rand::RngCore) -> Vec<f32> {
        let mut row = random::normal(rng, len);
        for (i, x) in row.iter_mut().enumerate() {
            *x = match kind {
                0 => 0.0,
                1 => *x,
                2 => *x * 20.0,
                3 => i as f32 * 0.01 + *x * 0.1,
                4 if *x < 1.0 => f32::NEG_INFINITY,
                5 if *x > 2.5 => f32::INFINITY,
                6 => f32::NEG_INFINITY,
                7 => 1e8,
                _ => *x,
            };
        }
        row
    }

    #[test]
    fn the_bounded_search_finds_the_arg_max() {
        let mut rng = random::stream(3, "test", 0);
        for seed in 0..4_000 {
            let kind = seed as usize % 8;
            let edges = [0, 1, 15, 16, 17, 255, 256, 257, 271, 272, 511, 513];
            let len = match seed / 8 % 3 {
                0 => edges[random::below(&mut rng, edges.len())],
                1 => random::below(&mut rng, 1_000),
                _ => 4_500 + random::below(&mut rng, 500),
            };
            let logits = row(kind, len, &mut rng);
            let from = [0, 1, 4, 5, 16, 300, len][random::below(&mut rng, 7)];
            let special: &[usize] = [&[][..], &[1], &[1, 2], &[2, 3, 299]][random::below(&mut rng, 4)];
            let special: Vec<usize> = special.iter().copied().filter(|&token| token < len).collect();
            let scale = [1.0, 1.0, 1.0 / 0.7, 1.0 / 1.5][random::below(&mut rng, 4)];
            let key = Key { seed, position: random::below(&mut rng, 100) };
            let expected = plain_gumbel_max(&logits, key, &special, from, scale);
            for (set, arch) in simd::instruction_sets() {
                let found = gumbel_max(&logits, key, &special, from, scale, arch);
                assert_eq!(
                    found, expected,
                    "{set} kind {kind} len {len} from {from} special {special:?} scale {scale}"
                );
            }
        }
    }

    #[test]
    fn logits_that_are_not_numbers_give_a_candidate() {
        let key = Key { seed: 1, position: 0 };
        for (_, arch) in simd::instruction_sets() {
            let draw = |special: &[usize], from| gumbel_max(&[f32::NAN; 40], key, special, from, 1.0, arch).0;
            assert_eq!((draw(&[1, 2], 40), draw(&[1, 2], 7), draw(&[], 7)), (1, 7, 7));
        }
    }

    #[test]
    fn extreme_words_rank_as_their_draws() {
        let extremes = [0, 1, 2, 3, 255, 256, 65_536, 1 << 30, 1 << 31, u32::MAX - 2, u32::MAX - 1, u32::MAX];
        let mut rng = random::stream(4, "test", 0);
        for case in 0..2_000 {
            let len = 1 + random::below(&mut rng, GROUP);
            let words: Vec<u32> = (0..len).map(|_| extremes[random::below(&mut rng, extremes.len())]).collect();
            let logits = row(case % 8, len, &mut rng);
            let mut top = Top { index: 0, value: f32::NEG_INFINITY, scale: 1.0 };
            top.search(0, &logits, &words);
            let values = logits.iter().zip(&words).map(|(logit, &word)| logit + gumbel(word)).enumerate();
            let expected = values.fold((0, f32::NEG_INFINITY), |best, one| if one.1 > best.1 { one } else { best });
            assert_eq!((top.index, top.value), expected, "case {case}");
        }
    }

    #[test]
    fn the_arg_max_is_a_draw_from_the_softmax() {
        let logits = [1.0f32, 0.0, -1.0, 2.0, 0.5];
        let total: f32 = logits.iter().map(|x| x.exp()).sum();
        let mut counts = [0f32; 5];
        let n = 40_000;
        for seed in 0..n {
            let mut perturbed = logits;
            add_gumbel(&mut perturbed, Key { seed, position: 0 });
            let best = (0..5).max_by(|&a, &b| perturbed[a].total_cmp(&perturbed[b])).unwrap();
            counts[best] += 1.0;
        }
        // Chi-square with 4 degrees of freedom: 18.5 is exceeded once in a thousand.
        let chi: f32 =
            (0..5).map(|i| (logits[i].exp() / total * n as f32, counts[i])).map(|(e, c)| (c - e).powi(2) / e).sum();
        assert!(chi < 18.5, "{chi} {counts:?}");
    }
}
